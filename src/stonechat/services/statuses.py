"""Saying something, reading it, taking it back."""

from collections.abc import Sequence
from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import (
    Author,
    PostStatus,
    Status,
    check_words,
    compose,
    draft_words,
    unexpected_mentions,
    view_status,
)
from stonechat.domain.text.mentions import Handle, mentioned_handles, without_local_domain
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Byline, Glance, MentionView, StatusView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import conversations, tags, views
from stonechat.services.boosts import withdraw
from stonechat.services.env import Env
from stonechat.storage import (
    accounts,
    glances,
    idempotency,
    notifications,
    relationships,
    statuses,
    timelines,
)
from stonechat.storage import conversations as conversation_rows
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.jobs import enqueueing

_REPLY_NOT_FOUND = "The post you are trying to reply to does not appear to exist."


async def see_status(env: Env, bearer: Bearer, status_id: StatusId) -> tuple[Viewer, Glance]:
    """One status as its reader meets it. One statement, two more when it is a boost."""
    facts, glance, boost_of_id = await glances.find_one(env.db, bearer.hash, status_id)
    viewer = admit(bearer, facts)
    if glance is not None and boost_of_id is not None:
        glance = await views.glance_status(env.db, viewer.account_id, status_id)
    if glance is None:
        raise NotFound
    return viewer, glance


async def see_statuses(env: Env, viewer: Viewer, ids: Sequence[StatusId]) -> list[Glance]:
    """Those of several statuses that the viewer may see."""
    if len(ids) > limits.STATUSES_BY_ID_MAX:
        raise InvalidInput(f"At most {limits.STATUSES_BY_ID_MAX} posts can be asked for at once")
    return await views.glance_statuses(env.db, viewer.account_id, list(dict.fromkeys(ids)))


class Posted(NamedTuple):
    """What posting made; `view` is None for a retry, whose status was made before."""

    glance: Glance
    view: StatusView | None


async def post_status(env: Env, viewer: Viewer, command: PostStatus) -> Posted:
    """Say something. A repeated idempotency key gives what the first request made."""
    words: tuple[str, str] | InvalidInput
    try:
        words = check_words(command.text, command.spoiler)
    except InvalidInput as refusal:
        # Whether a retry is one is known only inside the transaction, and a retry is
        # answered with what was made, whatever its body says now.
        if command.idempotency_key is None:
            raise
        words = refusal

    async def work(tx: Transaction) -> StatusView | StatusId:
        status_id = StatusId(env.ids.next_id())
        if command.idempotency_key is not None:
            kept = await idempotency.keep(
                tx,
                viewer.account_id,
                command.idempotency_key,
                kind="status",
                result_id=status_id,
                now_ms=env.clock.now_ms(),
            )
            if kept is not None:
                return StatusId(kept[1])
        if isinstance(words, InvalidInput):
            raise words
        return await _write(env, tx, viewer, command, words=words, status_id=status_id)

    made = await env.db.write(work)
    if isinstance(made, int):
        return Posted(await views.get_glance(env.db, viewer.account_id, made), None)
    env.wake_jobs()
    return Posted(await views.glance_new(env.db, made), made)


async def _write(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    command: PostStatus,
    *,
    words: tuple[str, str],
    status_id: StatusId,
) -> StatusView:
    row = await accounts.get_author_row(tx, viewer.account_id, viewer.app_id)
    author = _author(env, viewer.account_id, row)
    parent = await _find_parent(tx, viewer.account_id, command.in_reply_to_id)
    text = without_local_domain(words[0], env.settings.domain)
    draft = draft_words(
        text=text,
        spoiler=words[1],
        is_sensitive=(
            author.default_sensitive if command.is_sensitive is None else command.is_sensitive
        ),
        language=command.language or author.default_language,
        mentioned=await load_mentioned(env, tx, viewer.account_id, text),
        base_url=env.settings.base_url,
    )
    unexpected = unexpected_mentions(draft.mentions, command.allowed_mentions)
    if unexpected:
        raise InvalidInput("Post would be sent to unexpected accounts", accounts=unexpected)
    status = compose(
        status_id=status_id,
        command=command,
        author=author,
        draft=draft,
        parent=parent,
        app_id=viewer.app_id,
    )
    await publish(env, tx, status, parent, followers=row[4])
    return view_status(status, Byline._make(row[5:]))


async def publish(
    env: Env, tx: Transaction, status: Status, parent: Status | None, *, followers: int
) -> None:
    """Write a new status and all that goes with it: homes, counters, notices, conversations."""
    now_ms = ms_of_id(status.id)
    first = statuses.inserting(status)
    then = [timelines.entering_own_home(status)]
    if status.visibility != Visibility.DIRECT:
        then.append(accounts.counting_status(status.account_id, 1, now_ms))
    if parent is not None and status.counts_as_reply:
        then.append(statuses.counting_reply(parent.id, 1))
    if followers > limits.FANOUT_IN_TRANSACTION_FOLLOWERS_MAX:
        then.append(enqueueing(env.ids.next_id(), "fan_out", {"status_id": status.id}, now_ms))
    elif followers:
        then.append(timelines.fanning_out(status))
    if followers and status.visibility != Visibility.DIRECT and status.in_reply_to_id is None:
        then.append(notifications.telling_watchers(env.ids.next_id(), status.account_id, status.id))
    then += await tags.delivering(env, tx, status)
    if status.mentions:
        then.append(
            notifications.telling_mentioned(env.ids.next_id(), status.account_id, status.id)
        )
        # The second write set looks at the mentions that the first one wrote.
        await tx.run_all(*first)
        await tx.run_all(*then)
    else:
        await tx.run_all(*first, *then)
    if status.visibility == Visibility.DIRECT:
        await conversations.add_status(env, tx, status)


def _author(env: Env, account_id: AccountId, row: Row) -> Author:
    visibility = None if row[1] is None else Visibility[str(row[1]).upper()]
    return Author(
        id=account_id,
        is_locked=bool(row[0]),
        default_visibility=visibility,
        default_sensitive=bool(row[2]),
        default_language=row[3] or env.settings.default_language,
    )


async def _find_parent(
    tx: Reader, viewer_id: AccountId, parent_id: StatusId | None
) -> Status | None:
    """The status that is answered; the original, where a boost of it was meant."""
    if parent_id is None:
        return None
    glance = await views.glance_status(tx, viewer_id, parent_id)
    if glance is None:
        raise NotFound(_REPLY_NOT_FOUND)
    original = glance.boost_of or glance
    parent = await statuses.find(tx, original.id)
    if parent is None:
        raise NotFound(_REPLY_NOT_FOUND)
    return parent


async def load_mentioned(
    env: Env, tx: Reader, author_id: AccountId, text: str
) -> dict[Handle, MentionView]:
    """Whom a text mentions: those who are here, and between whom and the author is no block."""
    if "@" not in text:
        return {}
    handles = mentioned_handles(text, env.settings.domain)
    local = [handle for handle in handles if handle.domain is None]
    found = await accounts.load_local_ids(tx, [handle.username for handle in local])
    ids = [account_id for account_id, _, _ in found.values()]
    blocked = await relationships.load_blocked_either_way(tx, author_id, ids)
    mentioned: dict[Handle, MentionView] = {}
    for handle in local:
        account_id, username, state = found.get(handle.username, (None, "", ""))
        if account_id is not None and state == "active" and account_id not in blocked:
            mentioned[handle] = MentionView(account_id, username, None)
    return mentioned


async def see_own_status(env: Env, viewer: Viewer, status_id: StatusId) -> Glance:
    """A status of the viewer's own; anybody else's is not found."""
    glance = await views.glance_status(env.db, viewer.account_id, status_id)
    if glance is None or glance.account_id != viewer.account_id:
        raise NotFound
    return glance


async def delete_status(env: Env, viewer: Viewer, status_id: StatusId) -> Status:
    """Take back what the viewer said, with every boost of it; the status as it was."""

    async def work(tx: Transaction) -> Status:
        status = await statuses.get_own(tx, status_id, viewer.account_id)
        if status.boost_of_id is not None:
            await withdraw(tx, status, env.clock.now_ms())
        else:
            await _remove(tx, status, env.clock.now_ms())
        return status

    return await env.db.write(work)


async def _remove(tx: Transaction, status: Status, now_ms: int) -> None:
    if status.boosts:
        await tx.run_all(*statuses.withdrawing_boosts(status.id))
    follows = statuses.deleting(status.id, now_ms)
    if status.visibility != Visibility.DIRECT:
        follows.append(accounts.counting_status(status.account_id, -1))
    if status.in_reply_to_id is not None and status.counts_as_reply:
        follows.append(statuses.counting_reply(status.in_reply_to_id, -1))
    await tx.run_all(*follows, timelines.leaving_homes(status.id))
    await notifications.delete_of_status(tx, status.id)
    await conversation_rows.remove_status(tx, status.id)
