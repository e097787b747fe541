"""Desks: by what the page of all of somebody's beacons is known to be out of date.

That page shows every beacon on which they have a role, also those of which they want to hear
nothing, so the versions of their notices alone would not do.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stonechat.domain.beacon_notices import InboxVersion
from stonechat.domain.ids import AccountId
from stonechat.services import beacon_notices
from stonechat.services.env import Env
from stonechat.storage import desks
from stonechat.storage.idioms import IN_MAX

_EMPTY: Final = (0, 0, 0)


class DeskState(NamedTuple):
    """What a desk depends on: another one is another page."""

    beacons: int
    versions: int
    joined_ms: int
    inbox: InboxVersion


async def find_desk_versions(
    env: Env, account_ids: Sequence[AccountId]
) -> dict[AccountId, DeskState]:
    """The states of the desks of these accounts, of each one. Two statements per IN_MAX."""
    inboxes = await beacon_notices.find_inbox_versions(env, account_ids)
    sums: dict[AccountId, tuple[int, int, int]] = {}
    for start in range(0, len(account_ids), IN_MAX):
        sums |= await desks.load_sums(env.db, account_ids[start : start + IN_MAX])
    return {
        each: DeskState(*sums.get(each, _EMPTY), inboxes.get(each, InboxVersion()))
        for each in account_ids
    }
