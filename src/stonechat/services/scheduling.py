"""Scheduling: putting a status off, moving it, calling it off, and saying it when it is due.

Each scheduled status has a job of its own at its time. Whichever job of an account comes first
says everything of that account that is due by then, the oldest first and each in a transaction of
its own. So what was missed while the server was down appears in order, however many processes
set about it, and once: who deletes the row says it, and nobody goes past a row that somebody else
is deleting. A newcomer looks for a mark of who has claimed what: there is none, and no state in
which a scheduled status is neither waiting nor said.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from stonechat.domain.composing import check_post
from stonechat.domain.ids import AccountId, ScheduledId, StatusId
from stonechat.domain.media import Holder
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import check_end
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.scheduling import (
    DRAFT_MS,
    Quota,
    Scheduled,
    ScheduledView,
    check_due,
    check_room,
    day_of,
    lessened,
    rewritten,
)
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import CLOSED, Viewer
from stonechat.domain.views import MediaView, StatusView
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Unavailable,
)
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.once import Kept, find_kept, unless_kept
from stonechat.services.statuses import STATUS, Posted, post_now, prepare
from stonechat.storage import accounts, idempotency, jobs, media, scheduling
from stonechat.storage.database import Transaction
from stonechat.storage.scheduling import FIRST, Due
from stonechat.storage.statuses import Statement

SCHEDULED: Final = "scheduled"
"""The kind under which the key of a scheduled status is kept, until the status is there."""
PUBLISH_SCHEDULED_JOB: Final = "publish_scheduled"
DUE_AT_ONCE: Final = 50
"""How many orders are read ahead of the one that is being carried out."""
LOOK_AGAIN_S: Final = 0.2
"""How long to leave alone what somebody else is carrying out."""

_log: Final = structlog.stdlib.get_logger()


async def schedule_status(
    env: Env, viewer: Viewer, command: PostStatus, due_ms: int
) -> ScheduledView | Kept:
    """Say something later. A repeated idempotency key gives what the first request made.

    Everything is checked as if it were said now, and then nothing of it is kept but the order:
    nobody is told, and nothing is counted. Only the media are set aside for it.
    """

    async def attempt() -> ScheduledView:
        check_due(due_ms, env.clock.now_ms())
        checked = check_post(command)
        check_end(checked.poll, _said_ms(env, due_ms))
        return await env.db.write(lambda tx: _put_off(env, tx, viewer, (command, checked), due_ms))

    made = await unless_kept(env, viewer, command.idempotency_key, attempt)
    env.wake_jobs()
    return made


def _said_ms(env: Env, due_ms: int) -> int:
    """When an order is said, as far as anybody knows."""
    return env.clock.now_ms() if due_ms == DRAFT_MS else due_ms


async def _put_off(
    env: Env, tx: Transaction, viewer: Viewer, commands: tuple[PostStatus, PostStatus], due_ms: int
) -> ScheduledView:
    scheduled_id = ScheduledId(env.ids.next_id())
    command, media_held = await _hold(env, tx, viewer, commands, scheduled_id)
    scheduled = Scheduled(scheduled_id, due_ms, command, viewer.app_id)
    await _ensure_room(env, tx, viewer.account_id, scheduled)
    kept = [] if command.idempotency_key is None else [_keeping(env, viewer, scheduled)]
    await tx.run_all(
        scheduling.inserting(viewer.account_id, scheduled),
        _enqueueing(env, viewer.account_id, scheduled),
        *kept,
    )
    return ScheduledView(scheduled, media_held)


async def _hold(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    commands: tuple[PostStatus, PostStatus],
    scheduled_id: ScheduledId,
) -> tuple[PostStatus, tuple[MediaView, ...]]:
    """Check an order as if it were said now and hold its media; the order as it is kept."""
    command, checked = commands
    # The account is locked after what is answered, as it is when something is said.
    prepared = await prepare(
        env,
        tx,
        viewer,
        checked,
        status_id=StatusId(scheduled_id),
        holder=Holder(scheduled_id=scheduled_id),
    )
    if command.quote_policy is None:
        command = replace(command, quote_policy=QuotePolicy(prepared.status.quote_policy))
    visibility = prepared.status.visibility
    if command.in_reply_to_id is None and prepared.status.open_visibility is not None:
        # What is addressed by labels of its own says so in the order itself.
        visibility = prepared.status.open_visibility
    if prepared.quoted is not None or visibility == Visibility.ADDRESSED:
        # Who quotes something private says it to few, and who answers in an addressed thread to
        # those whom that is for; that holds even if it is gone, or closed to them, by then.
        command = replace(command, visibility=Visibility(visibility))
    return command, prepared.status.media


async def _ensure_room(
    env: Env, tx: Transaction, account_id: AccountId, scheduled: Scheduled
) -> None:
    await accounts.lock(tx, account_id)
    day = day_of(scheduled.due_ms)
    waiting = await scheduling.count(tx, account_id, day, without=scheduled.id)
    if scheduled.is_draft:
        # The end of time is no day on which they would all be said.
        waiting = waiting._replace(on_day=0)
    settings = env.settings
    quota = Quota(settings.scheduled_statuses_max, settings.scheduled_statuses_per_day_max)
    check_room(waiting, quota)


def _keeping(env: Env, viewer: Viewer, scheduled: Scheduled) -> Statement:
    return idempotency.keeping(
        viewer.account_id,
        scheduled.command.idempotency_key or "",
        kind=SCHEDULED,
        result_id=scheduled.id,
        now_ms=env.clock.now_ms(),
    )


def _enqueueing(env: Env, account_id: AccountId, scheduled: Scheduled) -> Statement:
    """The statement that leaves a job for a scheduled status, or moves it to its time."""
    return jobs.moving(
        env.ids.next_id(),
        PUBLISH_SCHEDULED_JOB,
        {"account_id": account_id, "scheduled_id": scheduled.id},
        scheduled.due_ms,
        _once_key(scheduled.id),
    )


def _once_key(scheduled_id: ScheduledId) -> str:
    return f"scheduled:{scheduled_id}"


async def see_kept(env: Env, viewer: Viewer, kept: Kept, key: str | None) -> ScheduledView | Posted:
    """What was made under a key, as it is now: still scheduled, or said by now."""
    if kept.kind == SCHEDULED:
        found = await scheduling.find(env.db, viewer.account_id, ScheduledId(kept.id))
        if found is not None:
            return (await load_views(env, viewer, [found]))[0]
        # Either it was said in this moment, and the key tells of that, or it was called off.
        kept = await find_kept(env, viewer, key) or kept
    if kept.kind != STATUS:
        raise NotFound
    return Posted(await views.get_glance(env.db, viewer.account_id, StatusId(kept.id)), None)


async def list_scheduled(env: Env, viewer: Viewer, cursor: Cursor) -> Page[ScheduledView]:
    """What the viewer has scheduled, the newest order first. Two statements at most."""
    found = await scheduling.list_page(env.db, viewer.account_id, cursor)
    if not found:
        return Page(())
    is_full = len(found) == cursor.limit
    return Page(await load_views(env, viewer, found), found[0].id, found[-1].id, is_full)


async def see_scheduled(env: Env, viewer: Viewer, scheduled_id: ScheduledId) -> ScheduledView:
    """One scheduled status of the viewer's own."""
    found = await scheduling.find(env.db, viewer.account_id, scheduled_id)
    if found is None:
        raise NotFound
    return (await load_views(env, viewer, [found]))[0]


async def load_views(env: Env, viewer: Viewer, found: Sequence[Scheduled]) -> list[ScheduledView]:
    """Orders with the media that they hold. One statement where there are any."""
    wanted = [media_id for each in found for media_id in each.command.media_ids]
    loaded = await media.load(env.db, viewer.account_id, wanted) if wanted else []
    held = {(each.holder.scheduled_id, each.id): each.view for each in loaded}
    return [
        ScheduledView(
            each,
            tuple(
                held[each.id, media_id]
                for media_id in dict.fromkeys(each.command.media_ids)
                if (each.id, media_id) in held
            ),
        )
        for each in found
    ]


async def rewrite_scheduled(
    env: Env, viewer: Viewer, before: Scheduled, command: PostStatus, due_ms: int
) -> ScheduledView:
    """Put an order of a community in other words, and to another time; or make a draft of it."""
    if due_ms != before.due_ms:
        check_due(due_ms, env.clock.now_ms())
    command = rewritten(before.command, command)
    checked = check_post(command)
    check_end(checked.poll, _said_ms(env, due_ms))

    async def work(tx: Transaction) -> ScheduledView:
        await media.let_go(tx, viewer.account_id, before.id)
        kept, media_held = await _hold(env, tx, viewer, (command, checked), before.id)
        after = replace(before, due_ms=due_ms, command=kept)
        await _ensure_room(env, tx, viewer.account_id, after)
        if not await scheduling.rewrite(tx, viewer.account_id, after):
            raise Conflict
        await tx.run_all(_enqueueing(env, viewer.account_id, after))
        return ScheduledView(after, media_held)

    made = await env.db.write(work)
    env.wake_jobs()
    return made


async def move_scheduled(
    env: Env, viewer: Viewer, scheduled_id: ScheduledId, due_ms: int
) -> ScheduledView:
    """Put one off to another time, for which the same holds as when it was made."""
    me = viewer.account_id

    async def work(tx: Transaction) -> Scheduled:
        moved = await scheduling.move(tx, me, scheduled_id, due_ms)
        if moved is None:
            raise NotFound
        check_due(due_ms, env.clock.now_ms())
        check_end(moved.command.poll, _said_ms(env, due_ms))
        await _ensure_room(env, tx, me, moved)
        await tx.run_all(_enqueueing(env, me, moved))
        return moved

    moved = await env.db.write(work)
    env.wake_jobs()
    return (await load_views(env, viewer, [moved]))[0]


async def cancel_scheduled(env: Env, viewer: Viewer, scheduled_id: ScheduledId) -> None:
    """Call one off: it is never said, and its media can be used again.

    They are as if they had never been held: those that were uploaded more than MEDIA_FREE_HOURS
    ago, the next sweep takes away.
    """

    async def work(tx: Transaction) -> None:
        if not await scheduling.delete(tx, viewer.account_id, scheduled_id):
            raise NotFound
        await _let_go(tx, viewer.account_id, scheduled_id)

    await env.db.write(work)


async def _let_go(tx: Transaction, account_id: AccountId, scheduled_id: ScheduledId) -> None:
    await media.let_go(tx, account_id, scheduled_id)
    await tx.run_all(jobs.dropping(_once_key(scheduled_id)))


async def publish_now(env: Env, viewer: Viewer, scheduled: Scheduled) -> Posted:
    """Say what waits, before its time or without one; what may not be said goes on waiting."""
    check_end(scheduled.command.poll, env.clock.now_ms())
    author = viewer._replace(app_id=scheduled.app_id)
    made = await env.db.write(partial(_say, env, author, scheduled, scheduled.command))
    if made is None:
        # Somebody else says it, or gave it other words a moment ago.
        raise Conflict
    env.wake_jobs()
    return Posted(await views.glance_new(env.db, made), made)


# When it is due -----------------------------------------------------------------------------


async def publish_scheduled(env: Env, payload: Mapping[str, object]) -> None:
    """Say everything of an account that is due by now."""
    account_id = AccountId(int(str(payload["account_id"])))
    await _publish_due(env, account_id)
    left = await scheduling.find(env.db, account_id, ScheduledId(int(str(payload["scheduled_id"]))))
    if left is not None:
        # It was moved while this job was on its way, or the clock was set back. The job is about
        # to be struck off, but not if it has got another time.
        await env.db.write(lambda tx: tx.run_all(_enqueueing(env, account_id, left)))


async def _publish_due(env: Env, account_id: AccountId) -> None:
    last = FIRST
    fault: Exception | None = None
    while due := await scheduling.list_due(
        env.db, account_id, env.clock.now_ms(), last, DUE_AT_ONCE
    ):
        for each in due:
            try:
                is_over = await _publish(env, account_id, each)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one fault must not hold up the others
                fault, is_over = error, True
            if not is_over:
                # Somebody else is at it. What is behind it has to wait for that, or for their end.
                await asyncio.sleep(LOOK_AGAIN_S)
                break
            last = each
    env.wake_jobs()
    if fault is not None:
        raise fault


async def _publish(env: Env, account_id: AccountId, due: Due) -> bool:
    """Say one, or what is left of it; False while somebody else is saying it."""
    scheduled, reason = due.read(), due.account_state
    if due.account_state not in CLOSED:
        author = Viewer(account_id, app_id=scheduled.app_id, role=due.role)
        for command in lessened(scheduled.command):
            try:
                made = await env.db.write(partial(_say, env, author, scheduled, command))
            except (InvalidInput, NotAllowed, NotFound) as refusal:
                reason = refusal.code
            else:
                is_there = made is None and await scheduling.is_there(env.db, account_id, scheduled)
                return not is_there
    # In a community its author finds it among the drafts: once a ban is over, too.
    is_kept = scheduled.command.about is not None and due.account_state != "deleted"
    end = _put_away if is_kept else _drop
    if not await env.db.write(partial(end, env, account_id, scheduled)):
        return not await scheduling.is_there(env.db, account_id, scheduled)
    _log.warning(
        "scheduled.dropped", account_id=account_id, scheduled_id=scheduled.id, reason=reason
    )
    return True


async def _say(
    env: Env, author: Viewer, scheduled: Scheduled, command: PostStatus, tx: Transaction
) -> StatusView | None:
    account_id = author.account_id
    if not await scheduling.take(tx, env.db.engine, account_id, scheduled):
        return None
    held = Holder(scheduled_id=scheduled.id)
    made = await post_now(env, tx, author, check_post(command), held=held)
    if command.media_ids != scheduled.command.media_ids:
        await media.let_go(tx, account_id, scheduled.id)
    follows = [jobs.dropping(_once_key(scheduled.id))]
    if command.idempotency_key is not None:
        key, before = command.idempotency_key, (SCHEDULED, scheduled.id)
        follows.append(idempotency.handing_on(account_id, key, (STATUS, made.id), before))
    await tx.run_all(*follows)
    return made


async def _drop(env: Env, account_id: AccountId, scheduled: Scheduled, tx: Transaction) -> bool:
    if not await scheduling.take(tx, env.db.engine, account_id, scheduled):
        return False
    await _let_go(tx, account_id, scheduled.id)
    return True


async def _put_away(env: Env, account_id: AccountId, scheduled: Scheduled, tx: Transaction) -> bool:
    if not await scheduling.put_away(tx, account_id, scheduled):
        return False
    await tx.run_all(_enqueueing(env, account_id, replace(scheduled, due_ms=DRAFT_MS)))
    return True
