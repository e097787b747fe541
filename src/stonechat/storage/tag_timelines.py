"""Timelines of tags in SQL, and how a tag's statuses come into the homes of its followers.

A timeline of several tags is a union of one short walk per tag, each of them ended by its own
LIMIT: asking one index for all tags at once would sort everything that was ever said under
them. Hidden accounts are left out inside the walks, so every page is full while there is more.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.statuses import Status
from stonechat.domain.tags import TagChoice
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import TokenFacts
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Database, Reader
from stonechat.storage.glances import GlanceRow
from stonechat.storage.idioms import parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.tags import padded_names
from stonechat.storage.timelines import ME, origin_conditions, page_of, split
from stonechat.storage.visibility import hidden_accounts

_FIRST_TAG: Final = 5


@cache
def _tagged(
    also: int, every: int, none: int, origin: Origin, *, is_anonymous: bool
) -> tuple[LiteralString, LiteralString]:
    """The two statements for so many tags of each kind.

    Behind the four parameters of a page come the tags in the order of TagChoice, then the time.
    """
    tags = 1 + also
    narrow: LiteralString = ""
    for number in range(every):
        narrow = narrow + _carries("EXISTS", _FIRST_TAG + tags + number, 1)
    if none:
        narrow = narrow + _carries("NOT EXISTS", _FIRST_TAG + tags + every, none)
    narrow = narrow + origin_conditions(origin)
    if not is_anonymous:
        now = parameters(_FIRST_TAG + tags + every + none, 1)
        narrow = narrow + " AND x.account_id NOT IN (" + hidden_accounts(ME, now) + ")"
    # Only where the status itself is asked about must it be read.
    join: LiteralString = "" if origin == Origin() else " JOIN statuses p ON p.id = x.status_id"
    if tags == 1:
        return page_of(_walk(join, _FIRST_TAG, narrow))
    down = _union(join, tags, narrow + " ORDER BY id DESC LIMIT $4")
    up = _union(join, tags, narrow + " ORDER BY id LIMIT $4")
    return page_of(down)[0], page_of(up)[1]


def _walk(join: LiteralString, number: int, narrow: LiteralString) -> LiteralString:
    tag = parameters(number, 1)
    return (
        "SELECT x.status_id AS id FROM status_tags x" + join + " WHERE x.tag = " + tag + ""
        " AND x.is_public = 1 AND x.status_id < $2 AND x.status_id > $3" + narrow
    )


def _carries(word: LiteralString, first: int, count: int) -> LiteralString:
    return (
        " AND " + word + " (SELECT 1 FROM status_tags y WHERE y.status_id = x.status_id"
        " AND y.tag IN (" + parameters(first, count) + "))"
    )


def _union(join: LiteralString, tags: int, narrow: LiteralString) -> LiteralString:
    sql: LiteralString = ""
    for number in range(tags):
        walk = _walk(join, _FIRST_TAG + number, narrow)
        sql = sql + (" UNION " if number else "") + "SELECT id FROM (" + walk + ") w"
    return sql


async def list_tagged(
    db: Database,
    token_hash: bytes,
    cursor: Cursor,
    choice: TagChoice,
    origin: Origin,
    *,
    now_ms: int,
) -> tuple[TokenFacts | None, list[GlanceRow]]:
    """A page of public statuses under tags, answers included, newest first."""
    sql = _tagged(
        len(choice.also),
        len(choice.every),
        len(choice.none),
        origin,
        is_anonymous=not token_hash,
    )[cursor.upwards]
    tags = (choice.name, *choice.also, *choice.every, *choice.none)
    bounds = (token_hash, cursor.below, cursor.above, cursor.limit)
    # A walk along one tag ends soon; one that passes over statuses may be long.
    is_narrowed = bool(choice.every or choice.none) or origin != Origin()
    read = db.all_slow if is_narrowed else db.all
    return split(await read(sql, *bounds, *tags, *((now_ms,) if token_hash else ())))


@cache
def _count_followers_sql(count: int) -> LiteralString:
    return (
        "SELECT COUNT(*) FROM (SELECT 1 FROM tag_follows WHERE tag IN ("
        "" + parameters(2, count) + ") LIMIT $1) f"
    )


async def count_followers(tx: Reader, tags: Sequence[str], at_most: int) -> int:
    """How many follow tags, each tag counted for itself; no further than `at_most`."""
    every = padded_names(tags)
    row = await tx.one(_count_followers_sql(len(every)), at_most, *every)
    assert row is not None
    return int(row[0])


# Whoever follows several of the tags gets the status once, and whoever has it already through
# its author keeps it. Between reader and author there is no block, nor does the reader mute
# the author, or block or mute somebody who is mentioned.
_FAN_OUT_HEAD: Final[LiteralString] = (
    "INSERT INTO home_entries (account_id, status_id, author_id)"
    " SELECT DISTINCT f.account_id, CAST($2 AS BIGINT), CAST($1 AS BIGINT) FROM tag_follows f"
    " WHERE f.account_id <> $1 AND f.tag IN ("
)
_FAN_OUT_TAIL: Final[LiteralString] = (
    ") AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = $1"
    " AND b.target_id = f.account_id)"
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = f.account_id"
    " AND (b.target_id = $1 OR b.target_id IN (SELECT m.account_id FROM status_mentions m"
    " WHERE m.status_id = $2)))"
    " AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = f.account_id"
    " AND (u.expires_ms IS NULL OR u.expires_ms > $3)"
    " AND (u.target_id = $1 OR u.target_id IN (SELECT m.account_id FROM status_mentions m"
    " WHERE m.status_id = $2)))"
    " ON CONFLICT (account_id, status_id) DO NOTHING"
)


@cache
def _fan_out_sql(count: int) -> LiteralString:
    return _FAN_OUT_HEAD + parameters(4, count) + _FAN_OUT_TAIL


def fanning_out_tags(status: Status) -> Statement:
    """The statement that puts a public status into the homes of its tags' followers.

    It looks at the status's mentions, so those are written before.
    """
    every = padded_names(status.tags)
    sql = _fan_out_sql(len(every))
    return sql, (status.account_id, status.id, ms_of_id(status.id), *every)
