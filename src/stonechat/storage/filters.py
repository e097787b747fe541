"""Filters in SQL: each with its keywords and the statuses that it names.

A filter is read whole, in one statement of three branches: `_whole` makes it for all filters
of an account or for one. It is written as the difference of two views (`changing`).
"""

from typing import Final, LiteralString

from stonechat.domain.filters import FilteredStatusView, FilterView, KeywordView
from stonechat.domain.ids import AccountId, StatusId
from stonechat.kernel.errors import NotFound
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.statuses import Statement

_FILTER, _KEYWORD, _STATUS = range(3)


def _whole(which: LiteralString = "") -> LiteralString:
    """Reads filters of the account `$1`; `which` is an expression for the id of a single one."""
    of_filter: LiteralString = " AND id = " + which if which else ""
    of_parts: LiteralString = " AND filter_id = " + which if which else ""
    return (
        "SELECT 0, id, id, title, contexts, action, expires_ms FROM filters"
        " WHERE account_id = $1" + of_filter + ""
        " UNION ALL SELECT 1, id, filter_id, keyword, '', '', is_whole_word FROM filter_keywords"
        " WHERE account_id = $1" + of_parts + ""
        " UNION ALL SELECT 2, id, filter_id, '', '', '', status_id FROM filter_statuses"
        " WHERE account_id = $1" + of_parts
    )


_LIST_ALL: Final = _whole()
_GET: Final = _whole("$2")
_GET_BY_KEYWORD: Final = _whole(
    "(SELECT w.filter_id FROM filter_keywords w WHERE w.account_id = $1 AND w.id = $2)"
)
_GET_BY_STATUS: Final = _whole(
    "(SELECT w.filter_id FROM filter_statuses w WHERE w.account_id = $1 AND w.id = $2)"
)


def _views(rows: list[Row]) -> list[FilterView]:
    """The filters, oldest first, each with its parts, oldest first."""
    keywords: dict[int, list[KeywordView]] = {}
    statuses: dict[int, list[FilteredStatusView]] = {}
    own: list[Row] = []
    for row in sorted(rows, key=lambda row: row[1]):
        if row[0] == _FILTER:
            own.append(row)
        elif row[0] == _KEYWORD:
            keywords.setdefault(row[2], []).append(KeywordView(row[1], row[3], bool(row[6])))
        else:
            statuses.setdefault(row[2], []).append(FilteredStatusView(row[1], row[6]))
    return [
        FilterView(
            row[1],
            row[3],
            tuple(row[4].split()),
            row[5],
            row[6],
            tuple(keywords.get(row[1], ())),
            tuple(statuses.get(row[1], ())),
        )
        for row in own
    ]


async def list_all(tx: Reader, account_id: AccountId) -> list[FilterView]:
    """Every filter of an account, oldest first, whole."""
    return _views(await tx.all(_LIST_ALL, account_id))


async def get(tx: Reader, account_id: AccountId, filter_id: int) -> FilterView:
    """One filter of an account; anybody else's is NotFound."""
    return _one(await tx.all(_GET, account_id, filter_id))


async def get_by_keyword(tx: Reader, account_id: AccountId, keyword_id: int) -> FilterView:
    """The filter that a keyword of an account belongs to, or NotFound."""
    return _one(await tx.all(_GET_BY_KEYWORD, account_id, keyword_id))


async def get_by_status(tx: Reader, account_id: AccountId, filtered_id: int) -> FilterView:
    """The filter that an entry for a status belongs to, or NotFound."""
    return _one(await tx.all(_GET_BY_STATUS, account_id, filtered_id))


def _one(rows: list[Row]) -> FilterView:
    found = _views(rows)
    if not found:
        raise NotFound
    return found[0]


_COUNT: Final = (
    "SELECT (SELECT COUNT(*) FROM filters WHERE account_id = $1),"
    " (SELECT COUNT(*) FROM filter_keywords WHERE account_id = $1)"
    " + (SELECT COUNT(*) FROM filter_statuses WHERE account_id = $1)"
)


async def count(tx: Reader, account_id: AccountId) -> tuple[int, int]:
    """How many filters an account has, and how many keywords and statuses all of them name."""
    row = await tx.one(_COUNT, account_id)
    assert row is not None
    return row[0], row[1]


_INSERT: Final = (
    "INSERT INTO filters (account_id, id, title, contexts, action, expires_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
)
_UPDATE: Final = (
    "UPDATE filters SET title = $3, contexts = $4, action = $5, expires_ms = $6"
    " WHERE account_id = $1 AND id = $2"
)
_INSERT_KEYWORD: Final = (
    "INSERT INTO filter_keywords (account_id, id, filter_id, keyword, is_whole_word)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_UPDATE_KEYWORD: Final = (
    "UPDATE filter_keywords SET keyword = $3, is_whole_word = $4 WHERE account_id = $1 AND id = $2"
)
_DELETE_KEYWORD: Final = "DELETE FROM filter_keywords WHERE account_id = $1 AND id = $2"


def inserting(account_id: AccountId, view: FilterView) -> list[Statement]:
    """The statements that write a new filter with its keywords."""
    return [
        (_INSERT, _values(account_id, view)),
        *(_inserting_keyword(account_id, view.id, each) for each in view.keywords),
    ]


def changing(account_id: AccountId, before: FilterView, after: FilterView) -> list[Statement]:
    """The statements that make a filter and its keywords what they are to be."""
    statements: list[Statement] = []
    if _values(account_id, before) != _values(account_id, after):
        statements.append((_UPDATE, _values(account_id, after)))
    known = {each.id: each for each in before.keywords}
    for each in after.keywords:
        kept = known.pop(each.id, None)
        if kept is None:
            statements.append(_inserting_keyword(account_id, after.id, each))
        elif kept != each:
            words = (account_id, each.id, each.keyword, int(each.is_whole_word))
            statements.append((_UPDATE_KEYWORD, words))
    return [*statements, *((_DELETE_KEYWORD, (account_id, gone_id)) for gone_id in known)]


def _values(account_id: AccountId, view: FilterView) -> tuple[object, ...]:
    contexts = " ".join(view.contexts)
    return account_id, view.id, view.title, contexts, view.action, view.expires_ms


def _inserting_keyword(account_id: AccountId, filter_id: int, keyword: KeywordView) -> Statement:
    is_whole_word = int(keyword.is_whole_word)
    return _INSERT_KEYWORD, (account_id, keyword.id, filter_id, keyword.keyword, is_whole_word)


_DELETE: Final = (
    "DELETE FROM filters WHERE account_id = $1 AND id = $2",
    "DELETE FROM filter_keywords WHERE account_id = $1 AND filter_id = $2",
    "DELETE FROM filter_statuses WHERE account_id = $1 AND filter_id = $2",
)
_INSERT_STATUS: Final = (
    "INSERT INTO filter_statuses (account_id, id, filter_id, status_id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT DO NOTHING"
)
_DELETE_STATUS: Final = "DELETE FROM filter_statuses WHERE account_id = $1 AND id = $2"


def deleting(account_id: AccountId, filter_id: int) -> list[Statement]:
    """The statements that take a filter away, with all that it looks for."""
    return [(sql, (account_id, filter_id)) for sql in _DELETE]


async def insert_status(
    tx: Transaction, account_id: AccountId, filter_id: int, entry: FilteredStatusView
) -> bool:
    """Let a filter name a status; False when it names it already."""
    status_id: StatusId = entry.status_id
    return bool(await tx.run(_INSERT_STATUS, account_id, entry.id, filter_id, status_id))


async def delete_status(tx: Transaction, account_id: AccountId, filtered_id: int) -> None:
    """Let a filter no longer name a status."""
    await tx.run(_DELETE_STATUS, account_id, filtered_id)
