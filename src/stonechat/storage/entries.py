"""Entries in SQL: statuses and who said them, in one statement.

Accounts stand beside every status on a distributed database too, so the join is a local one;
their counters do not, so nothing of those is asked for here.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.entries import Byline, EntryView
from stonechat.domain.ids import NOBODY, StatusId
from stonechat.domain.policies import Sight, may_see
from stonechat.domain.quotes import ACCEPTED
from stonechat.storage import documents
from stonechat.storage.database import Reader, Row
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.visibility import HIDING_STATES

_AUTHOR: Final = "a.id, a.username, a.domain, a.display_name, a.avatar, a.is_indexable"
_AUTHOR_WIDTH: Final = 6
_SIGHT: Final[LiteralString] = (
    "s.deleted_ms, CASE WHEN a.state IN " + HIDING_STATES + " THEN 1 ELSE 0 END"
)
_COLUMNS: Final[LiteralString] = (
    _AUTHOR + ", s.id, s.in_reply_to_id, s.in_reply_to_account_id, s.is_parent_gone, s.visibility,"
    " s.spoiler, s.text, s.content, s.language, p.name, s.mentions, s.tags, s.edited_ms,"
    " s.replies, s.boosts, s.favourites, s.quotes, s.is_sensitive, s.media, s.poll, s.card,"
    " s.quote_of_id, s.quote_state, s.facets, s.reactions, s.is_collapsed, " + _SIGHT
)


@cache
def _load_sql(count: int) -> LiteralString:
    return (
        "SELECT " + _COLUMNS + " FROM statuses s JOIN accounts a ON a.id = s.account_id"
        " LEFT JOIN apps p ON p.id = s.app_id WHERE s.id IN (" + parameters(1, count) + ")"
    )


async def load_views(tx: Reader, status_ids: Sequence[StatusId]) -> dict[StatusId, EntryView]:
    """Statuses and boosts by id, boosts as their own; who may see them was asked before."""
    return {row[_AUTHOR_WIDTH]: _view(row) for row in await _load(tx, status_ids)}


async def load_public(tx: Reader, status_ids: Sequence[StatusId]) -> dict[StatusId, EntryView]:
    """Those of some statuses that everybody may see, whoever they are."""
    views = ((_view(row), row) for row in await _load(tx, status_ids))
    return {view.id: view for view, row in views if may_see(_sight(view, row))}


async def _load(tx: Reader, status_ids: Sequence[StatusId]) -> list[Row]:
    found: list[Row] = []
    for start in range(0, len(status_ids), IN_MAX):
        ids = padded(status_ids[start : start + IN_MAX])
        found += await tx.all(_load_sql(len(ids)), *ids)
    return found


def _sight(view: EntryView, row: Row) -> Sight:
    *_, deleted_ms, is_author_hidden = row
    return Sight(
        visibility=view.visibility,
        author_id=view.author.id,
        viewer_id=NOBODY,
        is_deleted=deleted_ms is not None,
        is_author_active=not is_author_hidden,
    )


def _view(row: Row) -> EntryView:
    account_id, username, domain, display_name, avatar, is_indexable = row[:_AUTHOR_WIDTH]
    (found, parent_id, parent_account_id, is_orphan, *wording) = row[_AUTHOR_WIDTH:]
    (visibility, spoiler, text, content, language, app_name, mentions, tags, *counts) = wording
    edited_ms, replies, boosts, favourites, quotes, is_sensitive, *shown = counts
    media, poll, card, quote_of_id, quote_state, facets, reactions, is_collapsed, *_ = shown
    return EntryView(
        id=found,
        author=Byline(
            account_id, username, domain, display_name, avatar, is_indexable=bool(is_indexable)
        ),
        in_reply_to_id=None if is_orphan else parent_id,
        in_reply_to_account_id=None if is_orphan else parent_account_id,
        visibility=visibility,
        spoiler=spoiler,
        text=text,
        content=content,
        language=language,
        app_name=app_name,
        mentions=documents.mentions_of(mentions),
        tags=documents.tags_of(tags),
        edited_ms=edited_ms,
        replies=replies,
        boosts=boosts,
        favourites=favourites,
        quotes=quotes,
        is_sensitive=bool(is_sensitive),
        media=documents.media_of(media),
        poll=documents.poll_of(poll),
        card=documents.card_of(card),
        quoted_id=quote_of_id if quote_state == ACCEPTED else None,
        facets=documents.facets_of(facets),
        reactions=documents.reactions_of(reactions),
        is_collapsed=bool(is_collapsed),
    )
