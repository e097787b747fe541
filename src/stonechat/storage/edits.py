"""Edits in SQL: new words for a status, and what it said before.

The newest wording stands in the status itself; here are the ones that it replaced, each from when
it began to hold.
"""

from typing import Final

from stonechat.domain.ids import StatusId
from stonechat.domain.media import shown_attachments
from stonechat.domain.statuses import Draft, Status
from stonechat.domain.views import EditView, PollView
from stonechat.kernel.ids import ms_of_id
from stonechat.storage import category_entries, documents
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement, mentioning, tagging

_UPDATE_WORDING: Final = (
    "UPDATE statuses SET spoiler = $2, text = $3, content = $4, is_sensitive = $5, language = $6,"
    " mentions = $7, tags = $8, media = $9, has_media = $10, poll = $11, card = $12,"
    " edited_ms = $13, facets = $14, categories = $15, version = version + 1 WHERE id = $1"
)
_INSERT_EDIT: Final = (
    "INSERT INTO status_edits (status_id, edited_ms, spoiler, text, content, is_sensitive, media,"
    " poll) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (status_id, edited_ms) DO NOTHING"
)
_SILENCE: Final = "UPDATE status_mentions SET is_silent = 1 WHERE status_id = $1"
_UNTAG: Final = "DELETE FROM status_tags WHERE status_id = $1"


_FORGET_EDITS: Final = (
    "DELETE FROM status_edits WHERE status_id IN"
    " (SELECT s.id FROM statuses s WHERE s.thread_id = $1 AND s.visibility = 4)"
)
# What only the history showed is nobody's to meet any more: its owner's again, and swept soon.
_LET_GO: Final = (
    "UPDATE media SET status_id = NULL WHERE status_id IN"
    " (SELECT s.id FROM statuses s WHERE s.thread_id = $1 AND s.visibility = 4)"
    " AND NOT EXISTS (SELECT 1 FROM statuses t WHERE t.id = media.status_id"
    """ AND t.media LIKE '%{"id":' || CAST(media.id AS TEXT) || ',%')"""
)
_FORGET_EDITS_OF_ONE: Final = "DELETE FROM status_edits WHERE status_id = $1"
_LET_GO_OF_ONE: Final = (
    "UPDATE media SET status_id = NULL WHERE status_id = $1"
    " AND NOT EXISTS (SELECT 1 FROM statuses t WHERE t.id = media.status_id"
    """ AND t.media LIKE '%{"id":' || CAST(media.id AS TEXT) || ',%')"""
)


async def forget_addressed(tx: Transaction, thread_id: int) -> None:
    """Forget what was said before the words that stand, of all that is addressed in a thread."""
    await tx.run(_FORGET_EDITS, thread_id)
    await tx.run(_LET_GO, thread_id)


async def forget(tx: Transaction, status_id: StatusId) -> None:
    """Forget every past wording of a status."""
    await tx.run(_FORGET_EDITS_OF_ONE, status_id)
    await tx.run(_LET_GO_OF_ONE, status_id)


def _clearing(before: Status, draft: Draft) -> list[Statement]:
    """The statements that make room for other mentions and tags, where there were some."""
    clearing: list[Statement] = []
    if before.mentions:
        clearing.append((_SILENCE, (before.id,)))
    if before.tags != draft.tags:
        clearing.append((_UNTAG, (before.id,)))
    return clearing


async def update_wording(tx: Transaction, before: Status, draft: Draft, edited_ms: int) -> None:
    """Give a status new words, media and poll; the old ones become an entry of its history."""
    since_ms = before.edited_ms or ms_of_id(before.id)
    # The card belongs to a link in the text; the job that follows an edit looks for it anew.
    card = before.card if draft.text == before.text and not draft.media else None
    await tx.run_all(
        (
            _INSERT_EDIT,
            (
                before.id,
                since_ms,
                before.spoiler,
                before.text,
                before.content,
                int(before.is_sensitive),
                documents.media_text(before.media),
                documents.poll_text(before.poll),
            ),
        ),
        (
            _UPDATE_WORDING,
            (
                before.id,
                draft.spoiler,
                draft.text,
                draft.content,
                int(draft.is_sensitive),
                draft.language,
                documents.mentions_text(draft.mentions),
                documents.tags_text(draft.tags),
                documents.media_text(draft.media),
                int(bool(shown_attachments(draft.media))),
                documents.poll_text(draft.poll),
                documents.card_text(card),
                edited_ms,
                documents.facets_text(draft.facets),
                documents.categories_text(draft.categories),
            ),
        ),
        *_clearing(before, draft),
    )
    after = before.reworded(draft)
    named = mentioning(before.id, [mention.id for mention in draft.mentions])
    for sql, parameters in (*named, *(tagging(after) if before.tags != draft.tags else ())):
        await tx.run(sql, *parameters)
    if before.categories != after.categories:
        await tx.run_all(category_entries.leaving(before.id))
        await tx.run_all(*category_entries.entering(after, after.categories))


_LIST_EDITS: Final = (
    "SELECT content, spoiler, is_sensitive, edited_ms, media, poll FROM status_edits"
    " WHERE status_id = $1 ORDER BY edited_ms"
)
_COUNT_EDITS: Final = "SELECT COUNT(*) FROM status_edits WHERE status_id = $1"


def _options(poll: PollView | None) -> tuple[str, ...] | None:
    return None if poll is None else poll.options


async def list_edits(tx: Reader, status: Status) -> list[EditView]:
    """Every wording of a status, oldest first; one that was never edited has one."""
    rows = await tx.all(_LIST_EDITS, status.id)
    edits = [
        EditView(
            row[0],
            row[1],
            bool(row[2]),
            row[3],
            status.account_id,
            documents.media_of(row[4]),
            _options(documents.poll_of(row[5])),
        )
        for row in rows
    ]
    now = EditView(
        status.content,
        status.spoiler,
        status.is_sensitive,
        status.edited_ms or ms_of_id(status.id),
        status.account_id,
        status.media,
        _options(status.poll),
    )
    return [*edits, now]


async def count_edits(tx: Reader, status_id: StatusId) -> int:
    """How many past wordings are kept."""
    row = await tx.one(_COUNT_EDITS, status_id)
    assert row is not None
    return int(row[0])
