"""The doctor's SQL: what is counted anew, and how a wrong count is mended.

A fault is found by one statement, which sees both the counter and what it counts in one moment.
It is mended in two: the first one holds the counter's rows, so that what is counted after it can
only change together with them. Whatever is mended raises the version that rendered copies are
checked by. What stands in documents, which no SQL looks into, is storage/checkups.py.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple, TypeAlias

from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import padded, parameters


class Count(NamedTuple):
    """A kind of row with counters, and how each counter follows from other rows."""

    table: LiteralString
    key: LiteralString
    counters: tuple[tuple[LiteralString, LiteralString], ...]
    condition: LiteralString
    """Which rows count at all: a deleted status is nobody's business."""
    first: "Key" = 0
    """What comes before every key."""


Key: TypeAlias = int | str


# Whose number may be known, as Status.counts_as_reply says it.
_COUNTING: Final = (
    " AND s.boost_of_id IS NULL AND s.deleted_ms IS NULL"
    " AND COALESCE(s.open_visibility, s.visibility) <= 1"
)


def _contributions(kind: LiteralString) -> LiteralString:
    return (
        "(SELECT COUNT(*) FROM statuses s WHERE s.account_id = r.account_id"
        " AND s.in_reply_to_id IS NULL AND s.boost_of_id IS NULL AND s.deleted_ms IS NULL"
        " AND s.visibility <> 3 AND s.kind = '" + kind + "')"
    )


_POLLS: Final = (
    "(SELECT COUNT(*) FROM statuses s WHERE s.account_id = r.account_id"
    " AND s.poll IS NOT NULL AND s.deleted_ms IS NULL AND s.visibility <> 3)"
)
# `r` is the row with the counter. These are the rules of services/statuses.publish and of
# services/relationships: a direct status and a private answer are counted nowhere.
_STATUSES: Final = (
    "(SELECT COUNT(*) FROM statuses s WHERE s.account_id = r.account_id"
    " AND s.deleted_ms IS NULL AND (s.visibility <> 3 OR s.boost_of_id IS NOT NULL))"
)
_FOLLOWERS: Final = "(SELECT COUNT(*) FROM followers f WHERE f.target_id = r.account_id)"
_FOLLOWINGS: Final = "(SELECT COUNT(*) FROM followings f WHERE f.account_id = r.account_id)"
_REPLIES: Final = "(SELECT COUNT(*) FROM statuses s WHERE s.in_reply_to_id = r.id" + _COUNTING + ")"
# All of them beneath a root; beneath a direct answer those that are shown there.
_COMMENTS: Final = (
    "(CASE WHEN r.in_reply_to_id IS NULL THEN (SELECT COUNT(*) FROM statuses s"
    " WHERE s.thread_id = r.id AND s.in_reply_to_id IS NOT NULL" + _COUNTING + ")"
    " WHEN r.in_reply_to_id = r.thread_id THEN (SELECT COUNT(*) FROM statuses s"
    " WHERE s.top_id = r.id" + _COUNTING + ") ELSE 0 END)"
)
# The newest comment may have been taken back, and has been heard of even so. An id says when.
_ACTIVITY: Final = (
    "(CASE WHEN r.in_reply_to_id IS NULL THEN (SELECT MAX(times.ms) FROM"
    " (SELECT r.activity_ms AS ms UNION ALL SELECT MAX(s.id) / 4096 + 1262304000000"
    " FROM statuses s WHERE s.thread_id = r.id AND s.in_reply_to_id IS NOT NULL" + _COUNTING + ""
    ") times) END)"
)
_THREAD_FOLLOWERS: Final = "(SELECT COUNT(*) FROM thread_follows f WHERE f.status_id = r.id)"
_FLAGS: Final = "(SELECT COUNT(*) FROM flags f WHERE f.status_id = r.id)"
# Who saw it long ago, or left since, is counted and named no more.
_VIEWS: Final = (
    "(SELECT CASE WHEN COUNT(*) > r.views THEN COUNT(*) ELSE r.views END"
    " FROM feed_reads f WHERE f.status_id = r.id AND f.account_id <> r.account_id)"
)
_RACK: Final = (
    "(CASE WHEN r.in_reply_to_id IS NOT NULL OR r.visibility NOT IN (0, 4) THEN 0 ELSE"
    " CASE r.kind WHEN 'post' THEN 2 WHEN 'discussion' THEN 3 ELSE 1 END"
    " + CASE r.visibility WHEN 4 THEN 10 ELSE 0 END END)"
)
_BOOSTS: Final = "(SELECT COUNT(*) FROM boosts b WHERE b.of_id = r.id)"
_FAVOURITES: Final = "(SELECT COUNT(*) FROM favourites f WHERE f.status_id = r.id)"
_QUOTES: Final = (
    "(SELECT COUNT(*) FROM statuses s WHERE s.quote_of_id = r.id"
    " AND s.quote_state = 'accepted' AND s.visibility <= 1 AND s.deleted_ms IS NULL)"
)
_SUBSCRIBERS: Final = (
    "(SELECT COUNT(*) FROM beacon_roles p WHERE p.beacon_id = r.id AND p.role <> 'owner')"
)
# A category is followed by its hashtag.
_TAG_FOLLOWERS: Final = "(SELECT COUNT(*) FROM tag_follows f WHERE f.tag = r.tag)"
# The oldest changes may be gone by now, the newest one never is.
_CHANGES: Final = (
    "COALESCE((SELECT MAX(h.number) FROM beacon_changes h WHERE h.beacon_id = r.id), r.changes)"
)
COUNTS: Final = {
    "accounts": Count(
        "account_counters",
        "account_id",
        (
            ("statuses", _STATUSES),
            ("followers", _FOLLOWERS),
            ("followings", _FOLLOWINGS),
            ("said", _contributions("status")),
            ("posts", _contributions("post")),
            ("discussions", _contributions("discussion")),
            ("polls", _POLLS),
        ),
        "",
    ),
    "statuses": Count(
        "statuses",
        "id",
        (
            ("replies", _REPLIES),
            ("boosts", _BOOSTS),
            ("favourites", _FAVOURITES),
            ("quotes", _QUOTES),
            ("comments", _COMMENTS),
            ("activity_ms", _ACTIVITY),
            ("followers", _THREAD_FOLLOWERS),
            ("flags", _FLAGS),
            ("views", _VIEWS),
            ("rack", _RACK),
        ),
        " AND r.deleted_ms IS NULL AND r.boost_of_id IS NULL",
    ),
    "categories": Count(
        "categories", "id", (("followers", _TAG_FOLLOWERS),), " AND r.deleted_ms IS NULL"
    ),
    "beacons": Count(
        "beacons", "id", (("subscribers", _SUBSCRIBERS), ("changes", _CHANGES)), "", ""
    ),
}


# Some of them are NULL as long as there is nothing to tell.
_IS_NOT: Final = " IS DISTINCT FROM "


@cache
def _page_sql(count: Count) -> LiteralString:
    """A page of keys, each with whether its counters are right."""
    faults: LiteralString = ""
    for column, truth in count.counters:
        faults = faults + (" OR " if faults else "") + "r." + column + _IS_NOT + truth
    return (
        "SELECT r." + count.key + ", CASE WHEN " + faults + " THEN 1 ELSE 0 END FROM "
        "" + count.table + " r WHERE r." + count.key + " > $1" + count.condition + ""
        " ORDER BY r." + count.key + " LIMIT $2"
    )


async def list_counted(
    tx: Reader, count: Count, after: Key, limit: int
) -> tuple[list[Key], Key | None]:
    """The wrong ones of a page of rows, and the last key of the page; None after the last page."""
    rows = await tx.all(_page_sql(count), after, limit)
    return [row[0] for row in rows if row[1]], rows[-1][0] if rows else None


async def count_rows(tx: Reader, count: Count) -> int:
    """How many rows a walk over the counters takes, about."""
    row = await tx.one("SELECT COUNT(*) FROM " + count.table)
    assert row is not None
    return int(row[0])


@cache
def _hold_sql(count: Count, size: int) -> LiteralString:
    keys = parameters(1, size)
    return (
        "UPDATE " + count.table + " SET version = version WHERE " + count.key + " IN (" + keys + ")"
    )


@cache
def _mend_sql(count: Count, size: int) -> LiteralString:
    sql: LiteralString = "UPDATE " + count.table + " SET version = version + 1"
    for column, truth in count.counters:
        sql = sql + ", " + column + " = " + truth.replace("r.", count.table + ".")
    return sql + " WHERE " + count.key + " IN (" + parameters(1, size) + ")"


async def update_counts(tx: Transaction, count: Count, keys: Sequence[Key]) -> None:
    """Count some rows anew."""
    held = padded(keys)
    await tx.run(_hold_sql(count, len(held)), *held)
    await tx.run(_mend_sql(count, len(held)), *held)


# A follow stands in `followings` and, mirrored, in `followers`. The first is what is believed.
_UNMIRRORED: Final = (
    "SELECT g.account_id, g.target_id FROM followings g WHERE NOT EXISTS ("
    "SELECT 1 FROM followers f WHERE f.target_id = g.target_id AND f.account_id = g.account_id)"
    " LIMIT $1"
)
_UNFOUNDED: Final = (
    "SELECT f.account_id, f.target_id FROM followers f WHERE NOT EXISTS ("
    "SELECT 1 FROM followings g WHERE g.account_id = f.account_id AND g.target_id = f.target_id)"
    " LIMIT $1"
)
_MIRROR: Final = (
    "INSERT INTO followers (target_id, account_id, id, shows_boosts, notifies, languages)"
    " SELECT target_id, account_id, id, shows_boosts, notifies, languages FROM followings"
    " WHERE account_id = $1 AND target_id = $2 ON CONFLICT (target_id, account_id) DO NOTHING"
)
_UNMIRROR: Final = (
    "DELETE FROM followers WHERE account_id = $1 AND target_id = $2 AND NOT EXISTS ("
    "SELECT 1 FROM followings g WHERE g.account_id = $1 AND g.target_id = $2)"
)


async def list_unmirrored(tx: Reader, limit: int) -> list[tuple[int, int]]:
    """Follows whose other half is missing: who follows, and whom."""
    pairs = [*await tx.all(_UNMIRRORED, limit), *await tx.all(_UNFOUNDED, limit)]
    return [(row[0], row[1]) for row in pairs]


async def update_mirror(tx: Transaction, account_id: int, target_id: int) -> None:
    """Make both halves of a follow say the same; the caller holds the pair."""
    await tx.run(_MIRROR, account_id, target_id)
    await tx.run(_UNMIRROR, account_id, target_id)


_COUNT_JOBS: Final = (
    "SELECT COUNT(CASE WHEN failed_ms IS NULL THEN 1 END),"
    " COUNT(CASE WHEN failed_ms IS NULL AND run_ms < $1 THEN 1 END),"
    " COUNT(CASE WHEN failed_ms IS NULL AND attempts > $2 THEN 1 END),"
    " COUNT(failed_ms) FROM jobs"
)
# A number that was given back has no owner.
_COUNT_PROCESSES: Final = (
    "SELECT COUNT(*) FROM processes WHERE owner <> '' AND leased_until_ms > $1"
)
_NEWEST: Final = "SELECT MAX(id) FROM statuses"
_POSTGRES: Final = (
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT),"
    " current_setting('fsync'), current_setting('synchronous_commit'),"
    " current_setting('server_encoding'), current_setting('server_version_num')"
)


class Jobs(NamedTuple):
    """How many jobs wait, how many of them too long, how many keep failing, and were given up."""

    waiting: int
    overdue: int
    failing: int
    given_up: int


class Postgres(NamedTuple):
    """What the server says of itself."""

    now_ms: int
    fsync: str
    synchronous_commit: str
    encoding: str
    version: str


async def count_jobs(tx: Reader, before_ms: int, attempts: int) -> Jobs:
    """The jobs: overdue since `before_ms`, failing after more than so many attempts."""
    row = await tx.one(_COUNT_JOBS, before_ms, attempts)
    assert row is not None
    return Jobs._make(row)


async def count_processes(tx: Reader, now_ms: int) -> int:
    """How many processes hold a number."""
    row = await tx.one(_COUNT_PROCESSES, now_ms)
    assert row is not None
    return int(row[0])


async def find_newest_id(tx: Reader) -> int | None:
    """The greatest id of a status."""
    row = await tx.one(_NEWEST)
    return None if row is None else row[0]


async def get_postgres(tx: Reader) -> Postgres:
    """What a PostgreSQL server says of itself."""
    row = await tx.one(_POSTGRES)
    assert row is not None
    return Postgres._make(row)
