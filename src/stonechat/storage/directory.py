"""The directory in SQL: pages of discoverable accounts by offset, as its clients ask for them.

Both orders walk down the index of discoverable accounts (`id > 0` names its whole range) and
stop: after the page, or after as many accounts as are sorted by their last status.
"""

from functools import cache
from typing import Final, LiteralString

from stonechat.domain.directory import ACCOUNTS_CONSIDERED_MAX, Listing
from stonechat.domain.ids import AccountId
from stonechat.storage.database import Database
from stonechat.storage.visibility import hidden_accounts

_LISTED: Final[LiteralString] = (
    "SELECT a.id FROM accounts a WHERE a.is_discoverable = 1 AND a.id > 0 AND a.state = 'active'"
)
_LOCAL: Final[LiteralString] = " AND a.domain IS NULL"
_UNHIDDEN: Final[LiteralString] = " AND a.id NOT IN (" + hidden_accounts("$1", "$2") + ")"
_BY_AGE: Final[LiteralString] = " ORDER BY a.id DESC LIMIT $3 OFFSET $4"


@cache
def _page_sql(*, is_by_age: bool, only_local: bool) -> LiteralString:
    listed = _LISTED + (_LOCAL if only_local else "") + _UNHIDDEN
    if is_by_age:
        return listed + _BY_AGE
    return (
        "SELECT c.account_id FROM (" + listed + " ORDER BY a.id DESC LIMIT $5) d"
        " JOIN account_counters c ON c.account_id = d.id"
        " ORDER BY COALESCE(c.last_status_ms, 0) DESC, c.account_id DESC LIMIT $3 OFFSET $4"
    )


async def list_page(
    db: Database, viewer_id: AccountId, now_ms: int, listing: Listing
) -> list[AccountId]:
    """A page of the directory without those whom the viewer blocks or mutes, or who block them."""
    sql = _page_sql(is_by_age=listing.is_by_age, only_local=listing.only_local)
    bounds: tuple[int, ...] = (listing.limit, listing.offset)
    if not listing.is_by_age:
        bounds = (*bounds, ACCOUNTS_CONSIDERED_MAX)
    return [AccountId(row[0]) for row in await db.all_slow(sql, viewer_id, now_ms, *bounds)]
