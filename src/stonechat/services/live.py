"""Live: what open pages may show, and by which versions they are known to be out of date.

Each kind is a name for `env.wake_live` and a way to read the versions of many things in one
statement. A version is another one whenever somebody may see something else; it is never sent, as
it also counts what the viewer of a page may not know of.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from stonechat.domain.beacon_notices import DESK
from stonechat.domain.ids import AccountId, BeaconId, BoardId
from stonechat.services import boards, desks
from stonechat.services.beacons import LIVE as BEACON
from stonechat.services.boards import LIVE as BOARD
from stonechat.services.env import Env
from stonechat.storage import beacons

FindVersions = Callable[[Sequence[str]], Awaitable[Mapping[str, object]]]


def make_sources(env: Env) -> dict[str, FindVersions]:
    """How to find the versions of at most IN_MAX things of each kind, by their keys."""

    async def find_beacons(keys: Sequence[str]) -> Mapping[str, object]:
        return {**await beacons.find_versions(env.db, [BeaconId(key) for key in keys])}

    async def find_boards(keys: Sequence[str]) -> Mapping[str, object]:
        return {**await boards.find_board_versions(env, [BoardId(key) for key in keys])}

    async def find_desks(keys: Sequence[str]) -> Mapping[str, object]:
        ids = [AccountId(int(key)) for key in keys]
        found = await desks.find_desk_versions(env, ids)
        return {str(account_id): state for account_id, state in found.items()}

    return {
        BEACON: find_beacons,
        BOARD: find_boards,
        DESK: find_desks,
    }
