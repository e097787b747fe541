"""Circles: who follows a member and whom they follow, as far as a visitor may know.

A member who hides that, or blocks the visitor, shows nobody. Whom the visitor follows as well
comes first.
"""

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.members import Window
from stonechat.domain.profiles import Circle
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound
from stonechat.services.env import Env
from stonechat.services.members import Found, load_members
from stonechat.storage import circles

_NONE = Found((), 0, has_more=False)


async def may_see(env: Env, viewer: Viewer, host_id: AccountId) -> bool:
    """Whether a visitor may know whom or what a member follows; NotFound where there is none."""
    threshold = await circles.find_threshold(env.db, host_id, viewer.account_id)
    if threshold is None or threshold.state not in PRESENT_STATES:
        raise NotFound
    is_owner = viewer.account_id == host_id
    return is_owner or not (threshold.is_blocked_by or threshold.hides_collections)


async def list_circle(
    env: Env,
    viewer: Viewer,
    host_id: AccountId,
    circle: Circle,
    window: Window,
    *,
    only_shared: bool = False,
) -> Found:
    """A part of the people around a member."""
    if not await may_see(env, viewer, host_id):
        return _NONE
    ids, count = await _read(env, viewer, host_id, circle, window, only_shared=only_shared)
    found = await load_members(env, ids[: window.limit])
    shown = [found[each] for each in ids[: window.limit] if each in found]
    return Found(shown, count, len(ids) > window.limit)


async def _read(
    env: Env,
    viewer: Viewer,
    host_id: AccountId,
    circle: Circle,
    window: Window,
    *,
    only_shared: bool,
) -> tuple[list[AccountId], int]:
    """One more than wanted, where there is one, and how many there are in all."""
    is_owner = viewer.account_id == host_id
    hider_id = NOBODY if is_owner else viewer.account_id

    async def half(*, shared: bool, part: Window) -> tuple[list[AccountId], int]:
        return await circles.list_half(
            env.db,
            circle,
            host_id=host_id,
            viewer_id=viewer.account_id,
            hider_id=hider_id,
            now_ms=env.clock.now_ms(),
            shared=shared,
            window=part,
        )

    wanted = window.limit + 1
    ids: list[AccountId] = []
    first = 0
    if viewer.is_person:
        ids, first = await half(shared=True, part=Window(wanted, window.offset))
    if only_shared:
        return ids, first
    rest = Window(wanted - len(ids), max(0, window.offset - first))
    others, second = await half(shared=False, part=rest)
    return ids + others, first + second
