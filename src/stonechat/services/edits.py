"""Edits: putting a status in other words, and what it said before."""

from dataclasses import replace

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.media import Holder
from stonechat.domain.polls import asks_the_same, edit_poll
from stonechat.domain.quotes import effective_policy, without_quote_line
from stonechat.domain.statuses import Draft, EditStatus, Status, check_edit, draft_words
from stonechat.domain.text.mentions import without_local_domain
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import EditView, Glance, MediaView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import attachments, cards, polls, quotes, views
from stonechat.services.env import Env
from stonechat.services.statuses import load_mentioned, load_url
from stonechat.storage import edits, notifications, statuses
from stonechat.storage.database import Reader, Transaction


async def edit_status(env: Env, viewer: Viewer, command: EditStatus) -> Glance:
    """Change what one said. Without an effective change there is no edit and no notice."""

    async def work(tx: Transaction) -> Glance:
        await statuses.lock(tx, command.status_id)
        before = await statuses.get_own(tx, command.status_id, viewer.account_id)
        if before.boost_of_id is not None:
            raise NotFound
        await _reword(env, tx, before, command)
        return await views.get_glance(tx, viewer.account_id, before.id)

    glance = await env.db.write(work)
    env.wake_jobs()
    return glance


async def _reword(env: Env, tx: Transaction, before: Status, command: EditStatus) -> None:
    if command.quote_policy is not None:
        # Who may quote is no part of what is said: changing it is no edit.
        policy = effective_policy(command.quote_policy, before.visibility)
        await quotes.change_policy(tx, before, policy)
    draft = await _draft(env, tx, before, check_edit(command, before))
    if (
        asks_the_same(before.poll, draft.poll)
        and before.reworded(replace(draft, poll=before.poll)) == before
    ):
        if draft.poll is not None:
            await polls.change_quietly(env, tx, before, draft.poll)
        return
    if await edits.count_edits(tx, before.id) >= limits.EDITS_PER_STATUS_MAX:
        raise InvalidInput("This post was edited too often to be edited again")
    since_ms = before.edited_ms or ms_of_id(before.id)
    # History is keyed by time, so an edit is always later than what it replaces.
    edited_ms = max(env.clock.now_ms(), since_ms + 1)
    await edits.update_wording(tx, before, draft, edited_ms)
    await polls.follow_edit(env, tx, before, draft.poll)
    author_id = before.account_id
    await tx.run_all(
        notifications.telling_mentioned(env.ids.next_id(), author_id, before.id),
        notifications.telling_boosters(env.ids.next_id(), author_id, before.id),
        *quotes.telling_quoters(env, before),
        *cards.enqueueing_card(env, before.reworded(draft), before),
    )


async def _draft(env: Env, tx: Transaction, before: Status, command: EditStatus) -> Draft:
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
        media=await _media(tx, before, command),
        poll=edit_poll(before.poll, command.poll, env.clock.now_ms()),
        quoted_url=None if quoted is None else await load_url(env, tx, quoted),
    )
    if quoted is None and before.quote_of_id is not None:
        # What is quoted was erased; the line that leads to it is no matter of this edit.
        line = before.content.removesuffix(without_quote_line(before.content))
        draft = replace(draft, content=line + draft.content)
    return draft


async def _media(tx: Transaction, before: Status, command: EditStatus) -> tuple[MediaView, ...]:
    """What the status shows from now on. What it showed before stays its own, for the history."""
    holder = Holder(status_id=before.id)
    if command.media_changes:
        await attachments.reword(tx, before.account_id, holder, command.media_changes)
    if not command.media_ids:
        return ()
    return await attachments.take(tx, before.account_id, command.media_ids, holder=holder)


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
