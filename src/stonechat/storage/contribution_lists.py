"""Lists around contributions in SQL: followed, suspended; what shares or embeds something, and who.

Each of them begins at the rows of its noun and asks of what it finds whether the viewer may see it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.feeds import Span
from stonechat.domain.ids import AccountId, EmbedId, StatusId
from stonechat.domain.quotes import ACCEPTED
from stonechat.storage.database import Database
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.walks import (
    FOR_VIEWER,
    LIVELY_MS,
    WANTED,
    Walked,
    Walker,
    asking,
    bounded,
    page_of,
    walk,
)

_OF_KIND: Final[LiteralString] = (
    " AND p.kind = $7 AND p.in_reply_to_id IS NULL AND p.boost_of_id IS NULL"
)
_FOLLOWED: Final = page_of(
    bounded(
        "SELECT p.id AS id, t.id AS place FROM thread_follows t"
        " JOIN statuses p ON p.id = t.status_id WHERE t.account_id = $1"
        "" + _OF_KIND + WANTED + FOR_VIEWER,
        "t.id DESC",
    )
)
_SUSPENDED: Final = page_of(
    bounded(
        "SELECT p.id AS id, p.id AS place FROM thread_mutes t"
        " JOIN statuses p ON p.id = t.thread_id WHERE t.account_id = $1"
        "" + _OF_KIND + WANTED + FOR_VIEWER,
        "t.thread_id DESC",
    )
)


async def list_followed(db: Database, walker: Walker, kind: str, span: Span) -> Walked:
    """A page of the contributions of a kind that the viewer follows, the last follow first."""
    return await walk(db, _FOLLOWED, walker, span, kind, is_slow=True)


async def list_suspended(db: Database, walker: Walker, kind: str, span: Span) -> Walked:
    """A page of the contributions of a kind of which the viewer hears nothing."""
    return await walk(db, _SUSPENDED, walker, span, kind, is_slow=True)


_QUOTING: Final = (
    " FROM statuses p WHERE p.quote_of_id = $7 AND p.quote_state = '" + ACCEPTED + "'"
    " AND p.in_reply_to_id IS NULL" + WANTED + FOR_VIEWER
)
_PASSING: Final = (
    " FROM boosts t JOIN statuses p ON p.id = t.status_id WHERE t.of_id = $7" + WANTED + FOR_VIEWER
)
_SHARES: Final = page_of(
    bounded("SELECT p.id AS id, p.id AS place" + _QUOTING, "p.id DESC")
    + " UNION ALL "
    + bounded("SELECT p.id AS id, p.id AS place" + _PASSING, "t.status_id DESC")
)


async def list_shares(db: Database, walker: Walker, of_id: StatusId, span: Span) -> Walked:
    """A page of what shares a contribution, boosts among it, the newest first."""
    return await walk(db, _SHARES, walker, span, of_id)


def _people(sources: Sequence[LiteralString]) -> LiteralString:
    """The statement of the accounts of sources, each once, whoever came last first."""
    united = sources[0]
    for each in sources[1:]:
        united = united + " UNION ALL " + each
    return asking(
        "SELECT u.account_id FROM (" + united + ") u GROUP BY u.account_id"
        " ORDER BY MAX(u.id) DESC LIMIT $4"
    ).replace("$7", "$5")


def _newest(source: LiteralString, key: LiteralString) -> LiteralString:
    return (
        "SELECT account_id, id FROM (SELECT p.account_id AS account_id, p.id AS id" + source + ""
        " ORDER BY " + key + " DESC LIMIT $6) w"
    )


_SHARERS: Final = _people([_newest(_QUOTING, "p.id"), _newest(_PASSING, "t.status_id")])
_COMMENTERS: Final = _people(
    [
        _newest(
            " FROM statuses p WHERE p.thread_id = $7 AND p.in_reply_to_id IS NOT NULL"
            "" + WANTED + FOR_VIEWER,
            "p.id",
        )
    ]
)


async def list_sharers(
    db: Database, walker: Walker, of_id: StatusId, *, people: int, rows: int
) -> list[AccountId]:
    """Who shares a contribution, out of so many of its newest shares."""
    return await _list_people(db, _SHARERS, walker, of_id, people, rows)


async def list_commenters(
    db: Database, walker: Walker, thread_id: StatusId, *, people: int, rows: int
) -> list[AccountId]:
    """Who commented a contribution, out of so many of its newest comments."""
    return await _list_people(db, _COMMENTERS, walker, thread_id, people, rows)


async def _list_people(
    db: Database, sql: LiteralString, walker: Walker, of_id: StatusId, *bounds: int
) -> list[AccountId]:
    people, rows = bounds
    found = await db.all_slow(sql, *walker.whom, people, of_id, rows)
    return [row[0] for row in found]


@cache
def _embedding_sql(count: int, *, by_activity: bool) -> LiteralString:
    place: LiteralString = LIVELY_MS if by_activity else "p.id"
    order: LiteralString = "place DESC, id DESC" if by_activity else "place DESC"
    which = "IN (" + parameters(7, count) + ")" if count > 1 else "= $7"
    # Somebody may embed the same twice: DISTINCT, then.
    return page_of(
        bounded(
            "SELECT DISTINCT p.id AS id, " + place + " AS place FROM media m"
            " JOIN statuses p ON p.id = m.status_id WHERE m.embed_id " + which + ""
            " AND p.in_reply_to_id IS NULL" + WANTED + FOR_VIEWER,
            order,
        )
    )


async def list_embedding(
    db: Database, walker: Walker, embed_ids: Sequence[EmbedId], span: Span, *, by_activity: bool
) -> Walked:
    """A page of the contributions with one of at most IN_MAX embeds among their media."""
    ids = padded(embed_ids)
    sql = _embedding_sql(len(ids), by_activity=by_activity)
    return await walk(db, sql, walker, span, *ids, is_slow=len(ids) > 1 or by_activity)
