"""Marks on statuses: favourites, bookmarks, pins, muted threads, and the lists of them.

Each verb takes an Idempotency-Key: a retry is answered with the status as it is by then, and
marks or takes back nothing. Without a key it does what it says, twice is once, and a key costs
nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import BOOKMARKED, FAVOURITED, Glance
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.once import make_once
from stonechat.storage import (
    accounts,
    glances,
    marks,
    notifications,
    relationships,
    statuses,
    votes,
)
from stonechat.storage.database import Reader, Transaction

Work = Callable[[Transaction], Awaitable[Glance]]


async def _mark_once(env: Env, viewer: Viewer, kind: str, key: str | None, work: Work) -> Glance:
    """What `work` gives; for a retry the status as the viewer meets it now."""
    made = await _do_once(env, viewer, kind, key, work)
    if isinstance(made, Glance):
        return made
    return await views.get_glance(env.db, viewer.account_id, made)


async def _take_back_once(
    env: Env, viewer: Viewer, kind: str, key: str | None, work: Work
) -> Glance:
    """Like `_mark_once`, also where the author has blocked the viewer by the time of a retry."""
    made = await _do_once(env, viewer, kind, key, work)
    found = made if isinstance(made, Glance) else await _find_marked(env.db, viewer, made)
    if found is None:
        raise NotFound
    return found


async def _do_once(
    env: Env, viewer: Viewer, kind: str, key: str | None, work: Work
) -> Glance | StatusId:
    """What `work` gives; for a retry the id of the status."""

    async def make(tx: Transaction) -> tuple[int, Glance]:
        glance = await work(tx)
        return glance.id, glance

    kept_id, made = await make_once(env, viewer, key, kind, make)
    return StatusId(kept_id) if made is None else made


async def favourite_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Mark a status as liked; its author hears of it. Twice is once."""

    async def work(tx: Transaction) -> Glance:
        target = await views.get_original(tx, viewer, status_id)
        await _hold(env, tx, target.id)
        mark_id = env.ids.next_id()
        if not await marks.insert(tx, "favourites", target.id, viewer.account_id, mark_id):
            return target
        version = await votes.count_favourite(tx, target.id, viewer.account_id, 1)
        told = notifications.telling(
            mark_id, target.account_id, "favourite", viewer.account_id, target.id
        )
        await tx.run_all(told)
        return target._replace(version=version, flags=target.flags | FAVOURITED)

    return await _mark_once(env, viewer, "favourite", key, work)


async def unfavourite_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Take a favourite back, and the notice of it."""

    async def work(tx: Transaction) -> Glance:
        target = await _find_marked(tx, viewer, status_id)
        if target is not None:
            await _hold(env, tx, target.id)
        if target is None or not await marks.delete(tx, "favourites", target.id, viewer.account_id):
            return await views.get_original(tx, viewer, status_id)
        version = await votes.count_favourite(tx, target.id, viewer.account_id, -1)
        told = notifications.forgetting(
            target.account_id, "favourite", viewer.account_id, target.id
        )
        await tx.run_all(told)
        return target._replace(version=version, flags=target.flags & ~FAVOURITED)

    return await _take_back_once(env, viewer, "unfavourite", key, work)


async def _hold(env: Env, tx: Transaction, status_id: StatusId) -> None:
    """Hold a status before its marks, as votes do; where one writes at a time, all is held."""
    if env.db.engine != "sqlite":
        await statuses.lock(tx, status_id)


async def bookmark_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Keep a status for oneself; nobody hears of it."""

    async def work(tx: Transaction) -> Glance:
        target = await views.get_original(tx, viewer, status_id)
        mark_id = env.ids.next_id()
        await marks.insert(tx, "bookmarks", target.id, viewer.account_id, mark_id)
        return target._replace(flags=target.flags | BOOKMARKED)

    return await _mark_once(env, viewer, "bookmark", key, work)


async def unbookmark_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Take a bookmark away."""

    async def work(tx: Transaction) -> Glance:
        target = await _find_marked(tx, viewer, status_id)
        if target is None or not await marks.delete(tx, "bookmarks", target.id, viewer.account_id):
            return await views.get_original(tx, viewer, status_id)
        return target._replace(flags=target.flags & ~BOOKMARKED)

    return await _take_back_once(env, viewer, "unbookmark", key, work)


async def _find_marked(tx: Reader, viewer: Viewer, status_id: StatusId) -> Glance | None:
    """The status with the viewer's marks on it, seen or not: a mark can be taken back anyway."""
    glance = await views.find_unguarded(tx, viewer.account_id, status_id)
    return None if glance is None else glance.boost_of or glance


async def mute_thread(
    env: Env, viewer: Viewer, status_id: StatusId, *, is_muted: bool, key: str | None = None
) -> Glance:
    """Stop hearing of a thread, or hear of it again."""

    async def work(tx: Transaction) -> Glance:
        target = await views.get_original(tx, viewer, status_id)
        status = await statuses.find(tx, target.id)
        assert status is not None
        await marks.update_thread_mute(tx, viewer.account_id, status.thread_id, is_muted=is_muted)
        return await views.get_glance(tx, viewer.account_id, target.id)

    kind = "mute" if is_muted else "unmute"
    return await _mark_once(env, viewer, kind, key, work)


async def pin_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Show one of one's statuses at the top of one's profile."""

    async def work(tx: Transaction) -> Glance:
        await accounts.lock(tx, viewer.account_id)
        glance = await views.get_glance(tx, viewer.account_id, status_id)
        if glance.boost_of is not None:
            raise _no_pin("A boost cannot be pinned")
        if glance.account_id != viewer.account_id:
            raise _no_pin("Someone else's post cannot be pinned")
        status = await statuses.get_own(tx, status_id, viewer.account_id)
        if status.visibility == Visibility.DIRECT:
            raise _no_pin("Posts that are only visible to mentioned users cannot be pinned")
        if status.pinned_ms is not None:
            raise InvalidInput("Duplicate record", rule="taken")
        if await statuses.count_pins(tx, viewer.account_id) >= limits.PINNED_STATUSES_MAX:
            raise _no_pin("You have already pinned the maximum number of posts")
        await statuses.update_pin(tx, status_id, env.clock.now_ms())
        return await views.get_glance(tx, viewer.account_id, status_id)

    return await _mark_once(env, viewer, "pin", key, work)


def _no_pin(reason: str) -> InvalidInput:
    return InvalidInput(f"Validation failed: {reason}")


async def unpin_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Take a pin out; also where there was none."""

    async def work(tx: Transaction) -> Glance:
        glance = await views.get_glance(tx, viewer.account_id, status_id)
        if glance.account_id != viewer.account_id:
            raise _no_pin("Someone else's post cannot be pinned")
        await statuses.update_pin(tx, status_id, None)
        return await views.get_glance(tx, viewer.account_id, status_id)

    return await _mark_once(env, viewer, "unpin", key, work)


async def list_marked(env: Env, viewer: Viewer, kind: str, cursor: Cursor) -> Page[Glance]:
    """The viewer's favourites or bookmarks that they may still see, newest mark first."""
    rows = await marks.list_of_account(env.db, kind, viewer.account_id, cursor)
    ids = [status_id for _, status_id in rows]
    found = await views.glance_statuses(env.db, viewer.account_id, ids)
    if not rows:
        return Page(found)
    return Page(found, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def _page_of_people(
    env: Env,
    viewer: Viewer,
    rows: Sequence[tuple[int, AccountId]],
    cursor: Cursor,
    *,
    hidden: Collection[AccountId] = (),
) -> Page[AccountId]:
    ids = [account_id for _, account_id in rows]
    blocked = await relationships.load_blocked_either_way(env.db, viewer.account_id, ids)
    found = [each for each in ids if each not in blocked and each not in hidden]
    if not rows:
        return Page(found)
    return Page(found, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def list_favouriters(
    env: Env, viewer: Viewer, status_id: StatusId, cursor: Cursor
) -> Page[AccountId]:
    """Who favourited a status, without those between whom and the viewer is a block."""
    target = await views.get_original(env.db, viewer, status_id)
    rows = await marks.list_favouriters(env.db, target.id, cursor)
    return await _page_of_people(env, viewer, rows, cursor)


async def list_boosters(
    env: Env, viewer: Viewer, status_id: StatusId, cursor: Cursor
) -> Page[AccountId]:
    """Who boosted a status for everybody, without those between whom and the viewer is a block."""
    target = await views.get_original(env.db, viewer, status_id)
    rows = await marks.list_boosters(env.db, target.id, cursor)
    boosts = await glances.load_rows(env.db, [StatusId(boost_id) for boost_id, _ in rows])
    # Who passed it on to their followers alone does not want to be named here.
    quiet = {row.account_id for row in boosts.values() if row.visibility > Visibility.UNLISTED}
    return await _page_of_people(env, viewer, rows, cursor, hidden=quiet)
