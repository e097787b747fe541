"""What is counted over the whole server, in SQL, and the facts in which counts are kept.

These statements read much, so they go to a reader thread and only services/instance, which
keeps their answers, may ask for them.
"""

import json
from typing import Any, Final

from stonechat.domain.instance import Statistics
from stonechat.kernel.ids import id_at
from stonechat.storage.database import Database, Reader, Transaction

_READY: Final = "SELECT 1 FROM facts WHERE name = 'ready'"
_FIND_FACT: Final = "SELECT value FROM facts WHERE name = $1"
_KEEP_FACT: Final = (
    "INSERT INTO facts (name, value) VALUES ($1, $2)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_INSERT_FACT: Final = (
    "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
)
# `> 0` names the whole range of an index, on purpose: every local account is looked at.
_COUNT_PEOPLE: Final = (
    "SELECT COUNT(*), CAST(COALESCE(SUM(c.statuses), 0) AS BIGINT),"
    " COUNT(CASE WHEN c.last_status_ms >= $1 OR l.signed_in_ms >= $1 THEN 1 END),"
    " COUNT(CASE WHEN c.last_status_ms >= $2 OR l.signed_in_ms >= $2 THEN 1 END)"
    " FROM accounts a JOIN account_counters c ON c.account_id = a.id AND c.account_id > 0"
    " LEFT JOIN logins l ON l.account_id = a.id AND l.account_id > 0"
    " WHERE a.id > 0 AND a.domain IS NULL AND a.state = 'active'"
)
_COUNT_SPAN: Final = (
    "SELECT (SELECT COUNT(*) FROM statuses s WHERE s.id >= $1 AND s.id < $2"
    " AND s.deleted_ms IS NULL AND s.uri IS NULL),"
    " (SELECT COUNT(*) FROM (SELECT s.account_id FROM statuses s"
    " WHERE s.id >= $1 AND s.id < $2 AND s.uri IS NULL"
    " UNION SELECT t.account_id FROM tokens t WHERE t.id >= $1 AND t.id < $2"
    " AND t.kind = 'person') present),"
    " (SELECT COUNT(*) FROM accounts a WHERE a.id >= $1 AND a.id < $2 AND a.domain IS NULL)"
)


async def count_people(db: Database, month_ms: int, half_year_ms: int) -> Statistics:
    """Local accounts and their statuses, and who was active since each of two instants."""
    rows = await db.all_slow(_COUNT_PEOPLE, month_ms, half_year_ms)
    return Statistics(*rows[0])


async def count_span(db: Database, begins_ms: int, ends_ms: int) -> tuple[int, int, int]:
    """Statuses, people who spoke or signed in with an app, and new accounts in a span of time."""
    rows = await db.all_slow(_COUNT_SPAN, id_at(begins_ms), id_at(ends_ms))
    statuses, present, registered = rows[0]
    return statuses, present, registered


async def find_fact(tx: Reader, name: str) -> Any:
    """A kept fact as JSON had it, or None."""
    row = await tx.one(_FIND_FACT, name)
    return None if row is None else json.loads(row[0])


async def update_fact(tx: Transaction, name: str, value: object) -> None:
    """Keep a fact, in place of what was kept under its name."""
    await tx.run(_KEEP_FACT, name, json.dumps(value))


async def insert_fact(tx: Transaction, name: str, value: object) -> None:
    """Keep a fact, unless one is kept under its name already."""
    await tx.run(_INSERT_FACT, name, json.dumps(value))


async def find_readiness(tx: Reader) -> None:
    """Read something, whatever it is: who cannot is not ready."""
    await tx.one(_READY)
