"""Bans in SQL, and the accounts that moderators look through.

A ban says for how long an account is disabled and who did it; that it is disabled stands in the
account. Whoever writes here holds the account.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.bans import LIFT_BAN_JOB, Ban, BanSearch, Candidate, Standing
from stonechat.domain.ids import AccountId
from stonechat.domain.names import end_of_prefix
from stonechat.storage.database import Database, Reader
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.jobs import dropping, moving
from stonechat.storage.statuses import Statement

_COLUMNS: Final = "b.account_id, b.moderator_id, b.began_ms, b.days, b.ends_ms"
_FIND: Final = "SELECT " + _COLUMNS + " FROM account_bans b WHERE b.account_id = $1"
_KEEP: Final = (
    "INSERT INTO account_bans (account_id, moderator_id, began_ms, days, ends_ms)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id) DO UPDATE SET"
    " moderator_id = excluded.moderator_id, began_ms = excluded.began_ms, days = excluded.days,"
    " ends_ms = excluded.ends_ms"
)
_DELETE: Final = "DELETE FROM account_bans WHERE account_id = $1"


def _job_key(account_id: AccountId) -> str:
    return f"{LIFT_BAN_JOB}:{account_id}"


async def find(tx: Reader, account_id: AccountId) -> Ban | None:
    """The ban of an account."""
    row = await tx.one(_FIND, account_id)
    return None if row is None else Ban._make(row)


def keeping(ban: Ban, job_id: int) -> list[Statement]:
    """The statements that keep a ban, and leave the job that lifts it at its end."""
    key = _job_key(ban.account_id)
    if ban.ends_ms is None:
        lifting = dropping(key)
    else:
        lifting = moving(job_id, LIFT_BAN_JOB, {"account_id": ban.account_id}, ban.ends_ms, key)
    return [(_KEEP, tuple(ban)), lifting]


def deleting(account_id: AccountId) -> Statement:
    """The statement that forgets a ban whose job is done."""
    return _DELETE, (account_id,)


def lifting(account_id: AccountId) -> list[Statement]:
    """The statements that forget a ban and the job that would lift it."""
    return [deleting(account_id), dropping(_job_key(account_id))]


@cache
def _standings_sql(count: int) -> LiteralString:
    ids = parameters(1, count)
    return (
        "SELECT 0, b.account_id, b.moderator_id, b.began_ms, b.days, b.ends_ms FROM account_bans b"
        " WHERE b.account_id IN (" + ids + ")"
        " UNION ALL SELECT 1, account_id, COUNT(*), 0, 0, 0 FROM flags"
        " WHERE account_id IN (" + ids + ") GROUP BY account_id"
        " UNION ALL SELECT 2, account_id, SUM(flags), 0, 0, 0 FROM moderations"
        " WHERE account_id IN (" + ids + ") GROUP BY account_id"
    )


async def load_standings(tx: Reader, account_ids: Sequence[AccountId]) -> dict[AccountId, Standing]:
    """What moderators want to know of some accounts. One statement."""
    found = dict.fromkeys(account_ids, Standing())
    for start in range(0, len(account_ids), IN_MAX):
        ids = padded(account_ids[start : start + IN_MAX])
        for kind, account_id, value, *more in await tx.all(_standings_sql(len(ids)), *ids):
            before = found[account_id]
            found[account_id] = (
                before._replace(ban=Ban(account_id, value, *more)),
                before._replace(flags_given=int(value)),
                before._replace(flags_received=int(value)),
            )[kind]
    return found


_STATES: Final[dict[str | None, LiteralString]] = {
    None: "",
    "active": " AND a.state = 'active'",
    # As the index says it: SQLite does not conclude the one from the other.
    "disabled": " AND a.state = 'disabled' AND a.state <> 'active'",
    "suspended": " AND a.state = 'suspended' AND a.state <> 'active'",
    "deleted": " AND a.state = 'deleted' AND a.state <> 'active'",
}
_JOIN_BANS: Final[LiteralString] = " LEFT JOIN account_bans b ON b.account_id = a.id"
# $1 limit, $2 offset; then the ends of a word's range.
_EVERYBODY: Final[LiteralString] = " FROM accounts a" + _JOIN_BANS + " WHERE a.id > 0"
_NAMED: Final[LiteralString] = (
    " FROM (SELECT w.account_id AS id FROM account_words w WHERE w.word >= $3 AND w.word < $4"
    " GROUP BY w.account_id LIMIT $1) n JOIN accounts a ON a.id = n.id"
    + _JOIN_BANS
    + " WHERE a.id > 0"
)


@cache
def _candidates_sql(state: str | None, *, by_word: bool, by_days: bool) -> LiteralString:
    sql = (_NAMED if by_word else _EVERYBODY) + _STATES[state]
    if by_days:
        sql = sql + " AND b.days = " + parameters(5 if by_word else 3, 1)
    return sql + " ORDER BY a.id DESC LIMIT $1 OFFSET $2"


_SHOWN: Final[LiteralString] = (
    "SELECT a.id, a.username, a.display_name, a.created_ms, b.days, COALESCE(b.began_ms, 0),"
    " COALESCE(b.ends_ms, 0)"
)


async def list_candidates(
    db: Database, search: BanSearch, word: str, *, limit: int, offset: int = 0
) -> list[Candidate]:
    """Accounts of a state and a ban, the newest first; `word` begins one of their names."""
    values = (*((word, end_of_prefix(word)) if word else ()),)
    if search.days is not None:
        values = (*values, search.days)
    sql = _candidates_sql(search.state, by_word=bool(word), by_days=search.days is not None)
    rows = await db.all_slow(_SHOWN + sql, limit, offset, *values)
    return [Candidate._make(row) for row in rows]


async def count(db: Database, state: str | None) -> int:
    """How many accounts there are of a state, up to a bound."""
    sql = "SELECT COUNT(*) FROM (SELECT 1" + _candidates_sql(state, by_word=False, by_days=False)
    rows = await db.all_slow(sql + ") n", limits.MEMBERS_COUNTED_MAX, 0)
    return int(rows[0][0])
