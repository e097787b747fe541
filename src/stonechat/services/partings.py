"""Partings: what lay between an account and beacons ends, by a block or because it leaves.

Roles end one beacon at a time, each while its beacon is held: so the count of subscribers is
exact, and whoever lost a role is told of nothing that comes afterwards. Accounts are held before
beacons, never the other way round.
"""

from collections.abc import Callable, Sequence
from typing import Final

from stonechat.domain.ids import AccountId, BeaconId
from stonechat.services.beacon_notices import wake as tell_inboxes
from stonechat.services.beacons import LIVE, take_away
from stonechat.services.env import Env
from stonechat.storage import beacon_notices, beacon_roles, beacons, partings
from stonechat.storage.database import Transaction

ROWS_AT_ONCE: Final = 200

Progress = Callable[[str, int, int], None]
"""Told what is being taken away, how much is done, and how much it will be, about."""

_FIRST: Final = BeaconId("")


async def part(tx: Transaction, one_id: AccountId, other_id: AccountId) -> list[BeaconId]:
    """End the roles of two accounts on each other's beacons; on which ones there were any.

    For a transaction that holds the pair. Open pages are woken after its commit (`wake`).
    """
    ended = sorted(await partings.list_between(tx, one_id, other_id))
    for beacon_id, account_id in ended:
        await _end_role(tx, beacon_id, account_id)
    return [beacon_id for beacon_id, _ in ended]


def wake(env: Env, beacon_ids: list[BeaconId]) -> None:
    """Let the open pages of some beacons look again."""
    for beacon_id in beacon_ids:
        env.wake_live(LIVE, beacon_id)


async def _end_role(tx: Transaction, beacon_id: BeaconId, account_id: AccountId) -> None:
    # First of all, or a change of this very moment would still tell them.
    if await partings.hold(tx, beacon_id) and await beacon_roles.remove(tx, beacon_id, account_id):
        await beacon_notices.forget(tx, beacon_id, account_id)


async def leave_beacons(env: Env, account_id: AccountId, progress: Progress) -> None:
    """Take away the beacons of an account that is closed, and its roles on those of others."""
    await _delete_own(env, account_id, progress)
    last, done = _FIRST, 0
    while page := await partings.list_roles(env.db, account_id, last, ROWS_AT_ONCE):
        for beacon_id in page:
            await env.db.write(lambda tx, each=beacon_id: _end_role(tx, each, account_id))
        wake(env, page)
        last, done = page[-1], done + len(page)
        progress("roles", done, done)


async def _delete_own(env: Env, account_id: AccountId, progress: Progress) -> None:
    done = 0

    async def delete(beacon_id: BeaconId) -> None:
        async def work(tx: Transaction) -> Sequence[AccountId]:
            await partings.hold(tx, beacon_id)
            beacon = await beacons.find_own(tx, beacon_id, account_id)
            return () if beacon is None else await take_away(env, tx, beacon)

        tell_inboxes(env, await env.db.write(work))

    while page := await beacons.list_own(env.db, account_id, ROWS_AT_ONCE):
        for beacon in page:
            await delete(beacon.id)
        wake(env, [beacon.id for beacon in page])
        done += len(page)
        progress("beacons", done, done)
    env.wake_jobs()
