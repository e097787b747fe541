"""Filters in SQL: each with its keywords and the statuses that it names."""

from typing import Final

from stonechat.domain.filters import FilteredStatusView, FilterView, KeywordView
from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader

_LIST: Final = (
    "SELECT id, title, contexts, action, expires_ms FROM filters WHERE account_id = $1 ORDER BY id"
)
_LIST_KEYWORDS: Final = (
    "SELECT filter_id, id, keyword, is_whole_word FROM filter_keywords WHERE account_id = $1"
    " ORDER BY id"
)
_LIST_STATUSES: Final = (
    "SELECT filter_id, id, status_id FROM filter_statuses WHERE account_id = $1 ORDER BY id"
)


async def list_all(tx: Reader, account_id: AccountId) -> list[FilterView]:
    """Every filter of an account, oldest first, whole."""
    rows = await tx.all(_LIST, account_id)
    keywords: dict[int, list[KeywordView]] = {}
    for filter_id, *rest in await tx.all(_LIST_KEYWORDS, account_id):
        keywords.setdefault(filter_id, []).append(KeywordView(rest[0], rest[1], bool(rest[2])))
    statuses: dict[int, list[FilteredStatusView]] = {}
    for filter_id, *rest in await tx.all(_LIST_STATUSES, account_id):
        statuses.setdefault(filter_id, []).append(FilteredStatusView(*rest))
    return [
        FilterView(
            row[0],
            row[1],
            tuple(row[2].split()),
            row[3],
            row[4],
            tuple(keywords.get(row[0], ())),
            tuple(statuses.get(row[0], ())),
        )
        for row in rows
    ]
