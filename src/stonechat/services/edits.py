"""Edits: putting a status in other words, and what it said before."""

from collections.abc import Sequence
from dataclasses import replace

from stonechat.domain import limits
from stonechat.domain.categories import CategoryFacts
from stonechat.domain.composing import check_edit, draft_words
from stonechat.domain.contributions import STATUS, Facets, facets_of
from stonechat.domain.ids import MediaId, StatusId
from stonechat.domain.inline_media import find_inline
from stonechat.domain.media import INLINE, Holder
from stonechat.domain.media_links import find_share
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import asks_the_same, edit_poll, ensure_untouched
from stonechat.domain.quotes import (
    ACCEPTED,
    effective_policy,
    ensure_mentioned,
    without_quote_line,
)
from stonechat.domain.statuses import Draft, EditStatus, Status
from stonechat.domain.text.mentions import (
    Handle,
    hashtags,
    mentioned_handles,
    without_local_domain,
)
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import EditView, Glance, MediaView, PollView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import attachments, cards, filing, places, polls, quotes, views
from stonechat.services.env import Env
from stonechat.services.publishing import public_place
from stonechat.services.statuses import load_mentioned, load_url
from stonechat.storage import (
    accounts,
    categories,
    category_entries,
    edits,
    labels,
    notifications,
    statuses,
)
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement


async def edit_status(env: Env, viewer: Viewer, command: EditStatus) -> Glance:
    """Change what one said. Without an effective change there is no edit and no notice.

    A community's order replaces the whole, and is an edit whether or not it changes anything.
    """

    async def work(tx: Transaction) -> Glance:
        await statuses.lock(tx, command.status_id)
        before = await statuses.get_own(tx, command.status_id, viewer.account_id)
        if before.boost_of_id is not None or not _is_meant(before, command):
            raise NotFound
        await _reword(env, tx, viewer, before, command)
        return await views.get_glance(tx, viewer.account_id, before.id)

    glance = await env.db.write(work)
    env.wake_jobs()
    return glance


def _is_meant(before: Status, command: EditStatus) -> bool:
    """Whether a status is of the kind that a community's order speaks of."""
    about = command.about
    if about is None:
        return True
    return before.kind == about.kind and before.is_contribution is not about.is_comment


async def _reword(
    env: Env, tx: Transaction, viewer: Viewer, before: Status, command: EditStatus
) -> None:
    if command.quote_policy is not None:
        # Who may quote is no part of what is said: changing it is no edit.
        policy = effective_policy(command.quote_policy, before.visibility)
        await quotes.change_policy(tx, before, policy)
    command = check_edit(command, before)
    media = await _media(tx, before, command)
    after = await _pass_on(tx, viewer, before, media)
    draft = await _draft(env, tx, viewer, after, command, media=media)
    if (
        command.about is None
        and asks_the_same(before.poll, draft.poll)
        and before.reworded(replace(draft, poll=before.poll)) == before
    ):
        if draft.poll is not None:
            await polls.change_quietly(env, tx, before, draft.poll)
        return
    if await edits.count_edits(tx, before.id) >= limits.EDITS_PER_STATUS_MAX:
        raise InvalidInput("This post was edited too often to be edited again")
    after = await _write(env, tx, before, after, draft)
    await polls.follow_edit(env, tx, before, draft.poll)
    await tx.run_all(
        *_telling(env, before, draft),
        *quotes.telling_quoters(env, before),
        *await _telling_quoted(env, tx, before, after.reworded(draft)),
        *cards.enqueueing_card(env, before.reworded(draft), before),
        *places.noting(before.id, public_place(before), public_place(after.reworded(draft))),
        *_counting_poll(before, draft),
    )


async def _write(env: Env, tx: Transaction, before: Status, after: Status, draft: Draft) -> Status:
    """Keep the new words, what they quote and for whom they are; the status but for its words."""
    since_ms = before.edited_ms or ms_of_id(before.id)
    # History is keyed by time, so an edit is always later than what it replaces.
    edited_ms = max(env.clock.now_ms(), since_ms + 1)
    if after != before:
        await quotes.requote(tx, before, after)
    is_for_others = _is_for_others(before, draft)
    if is_for_others:
        await edits.forget_addressed(tx, before.thread_id)
    if draft.facets.addressing != before.facets.addressing:
        after = await _readdress(tx, after, draft)
    await edits.update_wording(tx, after, draft, edited_ms)
    if is_for_others:
        await edits.forget(tx, before.id)
    return after


def _is_for_others(before: Status, draft: Draft) -> bool:
    """Whether people may see an addressed thread from now on for whom its old words were not."""
    wanted, were = draft.facets.addressing, before.facets.addressing
    is_open = not wanted or not set(wanted) <= set(were)
    return before.visibility == Visibility.ADDRESSED and wanted != were and is_open


async def _pass_on(
    tx: Transaction, viewer: Viewer, before: Status, media: Sequence[MediaView]
) -> Status:
    """The status with what it quotes from now on: a share among its media is a quote.

    A quote that was made without such a medium is none of an edit's business.
    """
    was_shared, shared = find_share(before.media), find_share(media)
    if shared == was_shared or before.quote_of_id not in (None, was_shared):
        return before
    if shared is None:
        return replace(before, quote_of_id=None, quote_state=None)
    quoted = await quotes.find_shared(tx, viewer, shared)
    if quoted.id == before.id:
        raise quotes.refuse_share()
    return replace(before, quote_of_id=quoted.id, quote_state=ACCEPTED)


async def _telling_quoted(
    env: Env, tx: Transaction, before: Status, after: Status
) -> list[Statement]:
    """The statements that tell somebody that an edit quotes them, which it did not before."""
    if after.quote_of_id is None or after.quote_of_id == before.quote_of_id:
        return []
    quoted = await statuses.find(tx, after.quote_of_id)
    assert quoted is not None
    ensure_mentioned(quoted, after)
    return quotes.telling_quoted(env, after, quoted.account_id)


def _telling(env: Env, before: Status, draft: Draft) -> list[Statement]:
    """Tell whom it mentions by now, and who passed it on, where there is anybody."""
    author_id, told = before.account_id, list[Statement]()
    if draft.mentions:
        told.append(notifications.telling_mentioned(env.ids.next_id(), author_id, before.id))
    if before.boosts:
        told.append(notifications.telling_boosters(env.ids.next_id(), author_id, before.id))
    return told


def _counting_poll(before: Status, draft: Draft) -> list[Statement]:
    change = (draft.poll is not None) - (before.poll is not None)
    if not change or before.visibility == Visibility.DIRECT:
        return []
    return [accounts.counting_poll(before.account_id, change)]


async def _readdress(tx: Transaction, before: Status, draft: Draft) -> Status:
    """Show a thread to whom it is addressed from now on; the status with its new visibility."""
    wanted = draft.facets.addressing
    await tx.run_all(labels.unaddressing(before.thread_id))
    await tx.run_all(*labels.addressing(before.thread_id, wanted))
    if wanted and not before.facets.addressing:
        await statuses.address_thread(tx, before)
    elif not wanted:
        await statuses.open_thread(tx, before)
    found = await statuses.find(tx, before.id)
    assert found is not None
    await tx.run_all(category_entries.leaving(before.id))
    await tx.run_all(*category_entries.entering(found, before.categories))
    return found


async def _draft(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    before: Status,
    command: EditStatus,
    *,
    media: tuple[MediaView, ...],
) -> Draft:
    text = without_local_domain(command.text or "", env.settings.domain)
    sensitive = before.is_sensitive if command.is_sensitive is None else command.is_sensitive
    quoted = None
    if before.quote_of_id is not None:
        quoted = await statuses.find(tx, before.quote_of_id)
    draft = draft_words(
        text=text,
        spoiler=command.spoiler or "",
        is_sensitive=sensitive,
        language=command.language or before.language,
        mentioned=await load_mentioned(env, tx, before.account_id, text),
        base_url=env.settings.base_url,
        media=media,
        poll=_poll(env, before, command),
        quoted_url=None if quoted is None else await load_url(env, tx, quoted),
        tags=hashtags(text),
        facets=_facets(before, command, text),
        filed=await _filed(env, tx, viewer, before, command),
    )
    if quoted is None and before.quote_of_id is not None:
        # What is quoted was erased; the line that leads to it is no matter of this edit.
        line = before.content.removesuffix(without_quote_line(before.content))
        draft = replace(draft, content=line + draft.content)
    return _keep_answered(before, draft, env.settings.domain)


def _keep_answered(before: Status, draft: Draft, domain: str) -> Draft:
    """Whom an answer names without naming them in its text is named by it still."""
    answered = before.in_reply_to_account_id
    named = [each for each in before.mentions if each.id == answered]
    if not named or named[0] in draft.mentions:
        return draft
    handle = Handle(named[0].username.lower(), named[0].domain)
    if handle in mentioned_handles(before.text, domain):
        return draft
    return replace(draft, mentions=(*draft.mentions, named[0]))


def _facets(before: Status, command: EditStatus, text: str) -> Facets:
    """What is kept besides the words; an order that knows of none of it leaves it."""
    if command.about is None:
        html = before.facets.html if text == before.text else None
        title = before.facets.poll_title if _asks_the_same(before, command) else ""
        return replace(before.facets, html=html, poll_title=title)
    if before.in_reply_to_id is not None:
        return replace(before.facets, html=command.about.html)
    return facets_of(command.about)


def _asks_the_same(before: Status, command: EditStatus) -> bool:
    """Whether another dialect's order leaves the question, with which its title goes."""
    if before.poll is None or command.poll is None:
        return False
    asked = before.poll.options, before.poll.is_multiple
    return (command.poll.options, command.poll.is_multiple) == asked


async def _filed(
    env: Env, tx: Transaction, viewer: Viewer, before: Status, command: EditStatus
) -> list[CategoryFacts]:
    """The categories from now on. An edit that knows of none changes those of its hashtags."""
    tags = hashtags(command.text or "")
    if before.in_reply_to_id is not None:
        return []
    if command.about is not None:
        # What it is addressed to already may stay so, whatever its author carries by now.
        kept = before.facets.addressing
        added = tuple(each for each in command.about.addressing if each not in kept)
        about = replace(command.about, addressing=added)
        return await filing.choose_categories(env, tx, viewer, about, tags)
    by_tags = await filing.choose_categories(env, tx, viewer, None, tags)
    if not before.categories:
        return by_tags
    gone = await filing.choose_categories(env, tx, viewer, None, hashtags(before.text))
    kept = [each for each in before.categories if each not in {other.id for other in gone}]
    found = await categories.load_lineage(tx, kept) if kept else []
    every = {each.id: each for each in (*found, *by_tags)}
    # As they stood, so that the same words are no edit; new ones behind.
    stood = [each for each in before.categories if each in every]
    return [every[each] for each in dict.fromkeys((*stood, *every))]


async def _media(tx: Transaction, before: Status, command: EditStatus) -> tuple[MediaView, ...]:
    """What the status shows from now on. What it showed before stays its own, for the history."""
    holder = Holder(status_id=before.id)
    if command.media_changes:
        await attachments.reword(tx, before.account_id, holder, command.media_changes)
    is_contribution = command.about is not None
    is_comment = command.about is not None and command.about.is_comment
    taken: tuple[MediaView, ...] = ()
    if command.media_ids or command.about is not None:
        taken = await attachments.take(
            tx,
            before.account_id,
            _kept_media(before) if is_comment else command.media_ids,
            holder=holder,
            is_contribution=is_contribution,
            html=None if command.about is None else command.about.html,
        )
    # An order that cannot name links takes none away.
    return taken if is_contribution else attachments.keep_links(before.media, taken)


def _kept_media(before: Status) -> list[MediaId]:
    """What a comment shows beside its words: a community's order names none of it."""
    inside = find_inline(before.facets.html, before.account_id)
    return [each.id for each in before.media if each.type != INLINE and each.id not in inside]


def _poll(env: Env, before: Status, command: EditStatus) -> PollView | None:
    """The poll from now on. What a community calls a status or a comment cannot name one there."""
    about = command.about
    if about is not None and (about.is_comment or about.kind == STATUS):
        return before.poll
    after = edit_poll(before.poll, command.poll, env.clock.now_ms())
    if about is not None:
        is_same_title = about.poll_title == before.facets.poll_title
        ensure_untouched(before.poll, after if is_same_title else None)
    return after


async def _see(tx: Reader, viewer: Viewer, status_id: StatusId) -> Status:
    target = await views.get_original(tx, viewer, status_id)
    status = await statuses.find(tx, target.id)
    if status is None:
        raise NotFound
    return status


async def see_history(
    env: Env, viewer: Viewer, status_id: StatusId
) -> tuple[Status, list[EditView]]:
    """A status that the viewer may see, and every wording of it, oldest first."""
    status = await _see(env.db, viewer, status_id)
    return status, await edits.list_edits(env.db, status)


async def see_source(env: Env, viewer: Viewer, status_id: StatusId) -> Status:
    """A status with the text that its author typed."""
    return await _see(env.db, viewer, status_id)
