"""Edits: putting a status in other words, and what it said before."""

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.statuses import EditStatus, Status, check_words, draft_words
from stonechat.domain.text.mentions import without_local_domain
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import EditView, Glance
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.statuses import load_mentioned
from stonechat.storage import notifications, statuses
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

    return await env.db.write(work)


async def _reword(env: Env, tx: Transaction, before: Status, command: EditStatus) -> None:
    given = before.text if command.text is None else command.text
    warning = before.spoiler if command.spoiler is None else command.spoiler
    text, spoiler = check_words(without_local_domain(given, env.settings.domain), warning)
    sensitive = before.is_sensitive if command.is_sensitive is None else command.is_sensitive
    draft = draft_words(
        text=text,
        spoiler=spoiler,
        is_sensitive=sensitive,
        language=command.language or before.language,
        mentioned=await load_mentioned(env, tx, before.account_id, text),
        base_url=env.settings.base_url,
    )
    if before.reworded(draft) == before:
        return
    if await statuses.count_edits(tx, before.id) >= limits.EDITS_PER_STATUS_MAX:
        raise InvalidInput("This post was edited too often to be edited again")
    since_ms = before.edited_ms or ms_of_id(before.id)
    # History is keyed by time, so an edit is always later than what it replaces.
    edited_ms = max(env.clock.now_ms(), since_ms + 1)
    await statuses.update_wording(tx, before, draft, edited_ms)
    author_id = before.account_id
    await tx.run_all(
        notifications.telling_mentioned(env.ids.next_id(), author_id, before.id),
        notifications.telling_boosters(env.ids.next_id(), author_id, before.id),
    )


async def _see(tx: Reader, viewer: Viewer, status_id: StatusId) -> Status:
    target = await views.get_original(tx, viewer, status_id)
    status = await statuses.find(tx, target.id)
    if status is None:
        raise NotFound
    return status


async def see_history(env: Env, viewer: Viewer, status_id: StatusId) -> list[EditView]:
    """Every wording of a status that the viewer may see, oldest first."""
    return await statuses.list_edits(env.db, await _see(env.db, viewer, status_id))


async def see_source(env: Env, viewer: Viewer, status_id: StatusId) -> Status:
    """A status with the text that its author typed."""
    return await _see(env.db, viewer, status_id)
