"""Boosts: passing a status on, and taking that back.

Both take an Idempotency-Key, and remember the original by it: a retry is answered with the boost
that is there by then or, where it was taken back, with the original.
"""

from stonechat.domain import limits
from stonechat.domain.composing import boost
from stonechat.domain.ids import StatusId
from stonechat.domain.policies import Visibility, may_boost
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.once import make_once
from stonechat.storage import accounts, notifications, statuses, timelines
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.jobs import enqueueing


async def boost_status(
    env: Env,
    viewer: Viewer,
    status_id: StatusId,
    visibility: Visibility | None,
    *,
    key: str | None = None,
) -> Glance:
    """Pass a status on; once more gives the boost that is there. The boost itself, as glance."""

    async def work(tx: Transaction) -> tuple[int, StatusId]:
        target = await views.get_original(tx, viewer, status_id)
        return target.id, await _boost(env, tx, viewer, target.id, visibility)

    of_id, boost_id = await make_once(env, viewer, key, "boost", work)
    if boost_id is None:
        boost_id = await statuses.find_boost(env.db, StatusId(of_id), viewer.account_id)
    env.wake_jobs()
    return await views.get_glance(env.db, viewer.account_id, boost_id or StatusId(of_id))


async def _boost(
    env: Env, tx: Transaction, viewer: Viewer, of_id: StatusId, visibility: Visibility | None
) -> StatusId:
    await statuses.lock(tx, of_id)
    original = await statuses.find(tx, of_id)
    if original is None or original.deleted_ms is not None:
        raise NotFound
    if not may_boost(original.visibility, original.account_id, viewer.account_id):
        if original.visibility == Visibility.DIRECT:
            raise InvalidInput("Validation failed: Visibility is reserved", field="visibility")
        raise NotFound
    boost_id = StatusId(env.ids.next_id())
    kept = await statuses.keep_boost(tx, original.id, viewer.account_id, boost_id)
    if kept is not None:
        return kept
    row = await accounts.get_author_row(tx, viewer.account_id)
    default = Visibility.PUBLIC if row[1] is None else Visibility[str(row[1]).upper()]
    wrapper = boost(
        boost_id=boost_id,
        original=original,
        booster_id=viewer.account_id,
        visibility=visibility or min(default, Visibility.PRIVATE),
    )
    await _publish(env, tx, wrapper, original, followers=row[4])
    return boost_id


async def _publish(
    env: Env, tx: Transaction, wrapper: Status, original: Status, *, followers: int
) -> None:
    author_id = original.account_id
    now_ms = ms_of_id(wrapper.id)
    follows = [
        *statuses.inserting(wrapper),
        statuses.counting_boost(original.id, 1),
        accounts.counting_status(wrapper, 1, now_ms),
        timelines.entering_own_home(wrapper, author_id),
        notifications.telling(
            env.ids.next_id(), author_id, "reblog", wrapper.account_id, original.id
        ),
    ]
    if followers > limits.FANOUT_IN_TRANSACTION_FOLLOWERS_MAX:
        job = enqueueing(env.ids.next_id(), "fan_out", {"status_id": wrapper.id}, now_ms)
        follows.append(job)
    elif followers:
        follows.append(timelines.fanning_out(wrapper, author_id))
    await tx.run_all(*follows)


async def unboost_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, key: str | None = None
) -> Glance:
    """Take a boost back; the original, whether or not it had been boosted."""

    async def work(tx: Transaction) -> tuple[int, Glance]:
        named = await statuses.find(tx, status_id)
        of_id = status_id if named is None else named.boost_of_id or named.id
        # The original first, as who boosts it does.
        await statuses.lock(tx, of_id)
        boost_id = await statuses.find_boost(tx, of_id, viewer.account_id)
        if boost_id is None:
            return of_id, await views.get_glance(tx, viewer.account_id, of_id)
        wrapper = await statuses.find(tx, boost_id)
        assert wrapper is not None
        await withdraw(tx, wrapper, env.clock.now_ms())
        return of_id, await _find_original(tx, viewer, of_id)

    of_id, original = await make_once(env, viewer, key, "unboost", work)
    return original or await _find_original(env.db, viewer, StatusId(of_id))


async def _find_original(tx: Reader, viewer: Viewer, of_id: StatusId) -> Glance:
    """What was boosted, also where its author has blocked the viewer since."""
    original = await views.find_unguarded(tx, viewer.account_id, of_id)
    if original is None:
        raise NotFound
    return original


async def withdraw(tx: Transaction, wrapper: Status, now_ms: int) -> None:
    """Undo a boost: the wrapper, its places in homes, the counts and the notice."""
    assert wrapper.boost_of_id is not None
    if not await statuses.delete_boost(tx, wrapper.boost_of_id, wrapper.account_id):
        return
    original = await statuses.find(tx, wrapper.boost_of_id)
    follows = [
        statuses.removing_boost(wrapper.id, now_ms),
        statuses.counting_boost(wrapper.boost_of_id, -1),
        accounts.counting_status(wrapper, -1),
        timelines.leaving_homes(wrapper.id),
    ]
    if original is not None:
        follows.append(
            notifications.forgetting(original.account_id, "reblog", wrapper.account_id, original.id)
        )
    await tx.run_all(*follows)
