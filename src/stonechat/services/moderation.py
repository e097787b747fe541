"""Moderation: what those who run the community do about what others said.

Whoever calls has made sure that the viewer is one of them. They find what they see, and whatever
was flagged, also where it was said to few. What a moderator deleted is taken away as if its author
had, and is brought back everywhere; its author cannot do that (services/restoring).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.moderation import (
    DELETED,
    HIDDEN,
    WARN_AUTHOR,
    WARN_FLAGGER,
    ModerationOrder,
    Ruling,
    RulingSearch,
    notice_of,
)
from stonechat.domain.names import fold
from stonechat.domain.notifications import KINDLY_NOTICE_FLAG, KINDLY_NOTICES
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import StatusView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services import restoring, views
from stonechat.services import statuses as status_service
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.storage import flags, moderation, notifications, statuses
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.moderation import FoundRuling

SPAM: Final = 0
"""The reason for what nobody flagged and no reason was given for."""

_log: Final = structlog.stdlib.get_logger()


async def find_for_staff(tx: Reader, viewer: Viewer, target: Target) -> tuple[Status, Ruling]:
    """What a path names, with what was decided about it; NotFound for everything else."""
    status = await statuses.find(tx, target.id)
    if status is None or not target.fits(status):
        raise NotFound
    ruling = await moderation.find(tx, target.id)
    if ruling is None:
        if await views.glance_status(tx, viewer.account_id, target.id) is None:
            raise NotFound
        ruling = Ruling(status.id, status.account_id)
    return status, ruling


async def see_ruling(env: Env, viewer: Viewer, target: Target) -> Ruling:
    """What was decided about something."""
    _, ruling = await find_for_staff(env.db, viewer, target)
    return ruling


async def moderate(env: Env, viewer: Viewer, target: Target, order: ModerationOrder) -> None:
    """Warn somebody, or decide about something; the same decision again takes it back."""

    async def work(tx: Transaction) -> str:
        await statuses.lock_in_thread(tx, target.id)
        status, ruling = await find_for_staff(tx, viewer, target)
        reason = await _reason(tx, status.id, order)
        if order.action == WARN_AUTHOR:
            await tell(env, tx, status.account_id, KINDLY_NOTICES[reason], status.id)
            return ruling.state
        if order.action == WARN_FLAGGER:
            await _warn_flagger(env, tx, status, order.flagger_id)
            return ruling.state
        now_ms, me = env.clock.now_ms(), viewer.account_id
        after = ruling.decided(order.action, reason, moderator_id=me, now_ms=now_ms)
        await _carry_out(env, tx, status, ruling, after)
        notice = notice_of(ruling.state, after.state, reason)
        if notice is not None:
            await tell(env, tx, status.account_id, notice, status.id)
        return after.state

    state = await env.db.write(work)
    env.wake_jobs()
    _log.info(
        "status.moderated",
        status_id=target.id,
        account_id=viewer.account_id,
        action=order.action,
        state=state,
    )


async def _reason(tx: Reader, status_id: StatusId, order: ModerationOrder) -> int:
    if order.reason is not None:
        return order.reason
    counts = (await flags.load_counts(tx, [status_id])).get(status_id, {})
    return max(sorted(counts), key=counts.__getitem__, default=SPAM)


async def _warn_flagger(
    env: Env, tx: Transaction, status: Status, flagger_id: AccountId | None
) -> None:
    found = None if flagger_id is None else await flags.find(tx, status.id, flagger_id)
    if found is None:
        words = "Validation failed: The user did not flag this"
        raise InvalidInput(words, field="user", rule="does_not_exist")
    await tell(env, tx, found.account_id, KINDLY_NOTICE_FLAG, status.id)


async def _carry_out(
    env: Env, tx: Transaction, status: Status, before: Ruling, after: Ruling
) -> None:
    if before.state == DELETED:
        await _bring_back(env, tx, status, before)
    elif after.state == DELETED and status.deleted_ms is None:
        await status_service.remove(tx, status, after.moderated_ms)
    await moderation.mark(
        tx,
        status.id,
        is_collapsed=after.state == HIDDEN,
        is_removed=after.state == DELETED,
    )
    await moderation.decide(tx, after)


async def _bring_back(env: Env, tx: Transaction, status: Status, before: Ruling) -> None:
    """Undo a deletion, unless it is too late, or the author deleted it first or has departed."""
    deleted_ms = status.deleted_ms
    if deleted_ms is None or deleted_ms != before.moderated_ms:
        return
    if restoring.is_held(env, deleted_ms) and not await restoring.is_author_gone(tx, status):
        await restoring.bring_back(env, tx, status)


async def tell(env: Env, tx: Transaction, to_id: AccountId, kind: str, status_id: StatusId) -> None:
    """Tell somebody what became of what they said or flagged; said again, it is new again."""
    await tx.run_all(notifications.forgetting(to_id, kind, to_id, status_id))
    await tx.run_all(notifications.telling_of_moderation(env.ids.next_id(), to_id, kind, status_id))


@dataclass(frozen=True, slots=True)
class FoundRulings:
    """A part of the rulings that are looked for, with what they are about.

    `statuses` has the contributions of comments, too.
    """

    rulings: Sequence[Ruling]
    count: int
    has_more: bool
    statuses: Mapping[StatusId, StatusView]
    flags: Mapping[StatusId, Mapping[int, int]]


async def list_rulings(env: Env, search: RulingSearch, *, limit: int, offset: int) -> FoundRulings:
    """What was flagged or decided about, but for what departed people said.

    Of the contribution that a comment belongs to only what everybody may see is told: nobody
    flagged that. Five statements, six for comments.
    """
    if search.words:
        found, count = await _list_with_words(env, search)
        found = found[offset : offset + limit + 1]
    else:
        found = await moderation.list_page(env.db, search, limit=limit + 1, offset=offset)
        count = await moderation.count(env.db, search)
    rulings = [each.ruling for each in found[:limit]]
    ids = [each.status_id for each in rulings]
    loaded = await views.load_statuses(env, ids)
    roots = {StatusId(each.thread_id) for each in loaded.values()} - set(loaded)
    if roots:
        above = await views.load_statuses(env, roots)
        is_open = {key: each.visibility <= Visibility.UNLISTED for key, each in above.items()}
        loaded = {**{key: each for key, each in above.items() if is_open[key]}, **loaded}
    authors = await views.load_accounts(env, {each.account_id for each in loaded.values()})
    loaded = {
        key: each for key, each in loaded.items() if authors[each.account_id].state != "deleted"
    }
    counts = await flags.load_counts(env.db, ids)
    return FoundRulings(rulings, count, len(found) > limit, loaded, counts)


async def _list_with_words(env: Env, search: RulingSearch) -> tuple[list[FoundRuling], int]:
    considered = await moderation.list_page(
        env.db, search, limit=limits.FLAGGED_CONSIDERED_MAX, offset=0
    )
    wanted = fold(search.words)
    found = [each for each in considered if wanted in fold(each.text)]
    return found, len(found)
