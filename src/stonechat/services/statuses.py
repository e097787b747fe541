"""Saying something, reading it, taking it back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.categories import CategoryFacts
from stonechat.domain.composing import (
    check_post,
    choose_visibility,
    compose,
    draft_words,
    unexpected_mentions,
)
from stonechat.domain.contributions import NO_FACETS, facets_of
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.media import Holder
from stonechat.domain.media_links import find_share
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import check_end, open_poll
from stonechat.domain.quotes import QuotePolicy, ensure_mentioned
from stonechat.domain.statuses import Author, Draft, PostStatus, Status, view_status
from stonechat.domain.text.mentions import (
    Handle,
    hashtags,
    mentioned_handles,
    without_local_domain,
)
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Byline, Glance, MediaView, MentionView, StatusView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import attachments, filing, places, quotes, views
from stonechat.services.boosts import withdraw
from stonechat.services.env import Env
from stonechat.services.once import Kept, unless_kept
from stonechat.services.publishing import Prepared, public_place, publish
from stonechat.storage import (
    accounts,
    category_entries,
    glances,
    notifications,
    relationships,
    statuses,
    timelines,
)
from stonechat.storage import conversations as conversation_rows
from stonechat.storage.database import Reader, Row, Transaction

STATUS: Final = "status"
"""The kind under which the key of a status is kept."""
NO_HOLDER: Final = Holder()
_REPLY_NOT_FOUND: Final = "The post you are trying to reply to does not appear to exist."


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


async def post_status(env: Env, viewer: Viewer, command: PostStatus) -> Posted | Kept:
    """Say something. A repeated idempotency key gives what the first request made.

    The key decides even where the request has become wrong since, because what it answered was
    deleted or its body is another one: the answer to a retry is what was made. It is Kept where
    that is a scheduled status.
    """
    key = command.idempotency_key

    async def attempt() -> StatusView:
        checked = check_post(command)
        check_end(checked.poll, env.clock.now_ms())
        return await env.db.write(lambda tx: post_now(env, tx, viewer, checked, key=key))

    made = await unless_kept(env, viewer, key, attempt)
    if not isinstance(made, Kept):
        env.wake_jobs()
        return Posted(await views.glance_new(env.db, made), made)
    if made.kind != STATUS:
        return made
    return Posted(await views.get_glance(env.db, viewer.account_id, StatusId(made.id)), None)


async def post_now(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    command: PostStatus,
    *,
    held: Holder = NO_HOLDER,
    key: str | None = None,
) -> StatusView:
    """The whole of posting a checked order within a transaction; `held` has its media so far."""
    status_id = StatusId(env.ids.next_id())
    holder = Holder(status_id=status_id)
    prepared = await prepare(
        env, tx, viewer, command, status_id=status_id, holder=holder, held=held
    )
    await publish(env, tx, prepared, key=key)
    return view_status(prepared.status, prepared.byline)


async def prepare(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    command: PostStatus,
    *,
    status_id: StatusId,
    holder: Holder,
    held: Holder = NO_HOLDER,
) -> Prepared:
    """Compose a status of a checked order, or say why it may not be; its media go to `holder`."""
    me = viewer.account_id
    row = await accounts.get_author_row(tx, me, viewer.app_id)
    author = _author(env, me, row)
    parent = await _find_parent(tx, me, command.in_reply_to_id)
    media: tuple[MediaView, ...] = ()
    if command.media_ids or command.about is not None:
        media = await attachments.take(
            tx,
            me,
            command.media_ids,
            holder=holder,
            held=held,
            is_contribution=command.about is not None,
            html=None if command.about is None else command.about.html,
        )
    quoted = await _find_quoted(tx, viewer, command, media)
    text = without_local_domain(command.text, env.settings.domain)
    now_ms = ms_of_id(status_id)
    tags = hashtags(text)
    filed: list[CategoryFacts] = []
    is_public = choose_visibility(command, author, quoted) == Visibility.PUBLIC
    if parent is None and (command.about is not None or (tags and is_public)):
        filed = await filing.choose_categories(env, tx, viewer, command.about, tags)
    draft = draft_words(
        text=text,
        spoiler=command.spoiler,
        is_sensitive=(
            author.default_sensitive if command.is_sensitive is None else command.is_sensitive
        ),
        language=command.language or author.default_language,
        mentioned=await load_mentioned(env, tx, me, text),
        base_url=env.settings.base_url,
        media=media,
        poll=None if command.poll is None else open_poll(command.poll, now_ms),
        quoted_url=None if quoted is None else await load_url(env, tx, quoted),
        tags=tags,
        facets=NO_FACETS if command.about is None else facets_of(command.about),
        filed=filed,
    )
    if command.names_answered and parent is not None:
        draft = await _name_answered(tx, me, draft, parent.account_id)
    unexpected = unexpected_mentions(draft.mentions, command.allowed_mentions)
    if unexpected:
        raise InvalidInput("Post would be sent to unexpected accounts", accounts=unexpected)
    status = compose(
        status_id=status_id,
        command=command,
        author=author,
        draft=draft,
        parent=parent,
        quoted=quoted,
        app_id=viewer.app_id,
        is_thread_addressed=parent is not None and await _is_thread_addressed(tx, parent),
    )
    if quoted is not None:
        ensure_mentioned(quoted, status)
    is_comment = command.about is not None and command.about.is_comment
    return Prepared(status, quoted, row[4], Byline._make(row[6:]), parent, is_comment)


async def _find_quoted(
    tx: Transaction, viewer: Viewer, command: PostStatus, media: Sequence[MediaView]
) -> Status | None:
    """What is quoted; to pass something on by a medium is to quote it, with or without a word."""
    if command.quoted_id is not None:
        return await quotes.find_quoted(tx, viewer, command.quoted_id)
    shared_id = find_share(media)
    return None if shared_id is None else await quotes.find_shared(tx, viewer, shared_id)


async def _name_answered(
    tx: Reader, author_id: AccountId, draft: Draft, answered_id: AccountId
) -> Draft:
    """The draft with whom it answers among those whom it mentions, unless a block forbids it."""
    if answered_id == author_id or any(each.id == answered_id for each in draft.mentions):
        return draft
    blocked = await relationships.load_blocked_either_way(tx, author_id, [answered_id])
    found = await accounts.load_views(tx, [answered_id])
    if blocked or answered_id not in found:
        return draft
    mention = MentionView(answered_id, found[answered_id].username, found[answered_id].domain)
    return replace(draft, mentions=(*draft.mentions, mention))


async def load_url(env: Env, tx: Reader, status: Status) -> str:
    """The address of a status's page."""
    author = (await accounts.load_views(tx, [status.account_id]))[status.account_id]
    return f"{env.settings.base_url}/@{author.acct}/{status.id}"


def _author(env: Env, account_id: AccountId, row: Row) -> Author:
    visibility = None if row[1] is None else Visibility[str(row[1]).upper()]
    return Author(
        id=account_id,
        is_locked=bool(row[0]),
        default_visibility=visibility,
        default_sensitive=bool(row[2]),
        default_language=row[3] or env.settings.default_language,
        default_quote_policy=QuotePolicy(row[5]),
    )


async def _find_parent(
    tx: Transaction, viewer_id: AccountId, parent_id: StatusId | None
) -> Status | None:
    """The status that is answered; the original, where a boost of it was meant."""
    if parent_id is None:
        return None
    glance = await views.glance_status(tx, viewer_id, parent_id)
    if glance is None:
        raise NotFound(_REPLY_NOT_FOUND)
    original = glance.boost_of or glance
    await statuses.lock_in_thread(tx, original.id)
    parent = await statuses.find(tx, original.id)
    if parent is None or parent.deleted_ms is not None:
        raise NotFound(_REPLY_NOT_FOUND)
    if parent.visibility == Visibility.ADDRESSED:
        # Perhaps only since somebody else held it.
        await views.get_glance(tx, viewer_id, parent.id)
    return parent


async def _is_thread_addressed(tx: Transaction, parent: Status) -> bool:
    """Whether a thread is for some only; of a direct answer in it, its root tells."""
    if parent.thread_id == parent.id or parent.visibility == Visibility.ADDRESSED:
        return parent.visibility == Visibility.ADDRESSED
    root = await statuses.find(tx, StatusId(parent.thread_id))
    return root is not None and root.visibility == Visibility.ADDRESSED


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


async def delete_status(
    env: Env, viewer: Viewer, status_id: StatusId, *, with_media: bool = False
) -> Status:
    """Take back what the viewer said, with every boost of it; the status as it was.

    Its media can be used again, for delete and redraft, unless they are to go `with_media`.
    """

    async def work(tx: Transaction) -> Status:
        named = await statuses.get_own(tx, status_id, viewer.account_id)
        if named.boost_of_id is not None:
            await statuses.lock(tx, named.boost_of_id)
        await statuses.lock_in_thread(tx, status_id)
        status = await statuses.get_own(tx, status_id, viewer.account_id)
        if status.boost_of_id is not None:
            await withdraw(tx, status, env.clock.now_ms())
            return status
        await remove(tx, status, env.clock.now_ms())
        if with_media:
            await attachments.forget(env, tx, status_id)
        return status

    return await env.db.write(work)


async def remove(tx: Transaction, status: Status, now_ms: int) -> None:
    """Take a status that is held out of everybody's sight, with every boost of it."""
    if status.quote_of_id is not None and status.counts_as_quote:
        # First of all: who posts holds the quoted status, too, before any account's counters.
        await tx.run_all(quotes.counting(status.quote_of_id, -1))
    if status.boosts:
        await tx.run_all(*statuses.withdrawing_boosts(status.id))
    follows = statuses.deleting(status.id, now_ms)
    if status.categories:
        follows.append(category_entries.leaving(status.id))
    follows += places.noting(status.id, public_place(status), None)
    if status.visibility != Visibility.DIRECT:
        follows.append(accounts.counting_status(status, -1))
    if status.counts_as_reply:
        follows += statuses.counting_reply(status, -1)
    await tx.run_all(*follows, timelines.leaving_homes(status.id))
    await notifications.delete_of_status(tx, status.id)
    await conversation_rows.remove_status(tx, status.id)
