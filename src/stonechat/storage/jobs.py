"""Jobs in SQL: work that a commit left behind, and work that is due later.

This table is the outbox: what follows from a verb is enqueued by the verb's own transaction, so
it is lost only together with its cause. Runners claim rows by lease and never by "greater than
the last id that I saw": ids commit out of order.
"""

import json
from collections.abc import Mapping
from typing import Final, LiteralString, NamedTuple

from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import SKIP_LOCKED
from stonechat.storage.statuses import Statement


class Job(NamedTuple):
    """One piece of claimed work."""

    id: int
    kind: str
    payload: Mapping[str, object]
    attempts: int


_ENQUEUE: Final = (
    "INSERT INTO jobs (id, kind, payload, run_ms, once_key) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT DO NOTHING"
)


def enqueueing(
    job_id: int,
    kind: str,
    payload: Mapping[str, object],
    run_ms: int,
    once_key: str | None = None,
) -> Statement:
    """The statement that leaves a job; of two with one `once_key` the first one stays."""
    return _ENQUEUE, (job_id, kind, json.dumps(payload), run_ms, once_key)


# A lease is a due time in the future: a job whose holder died is simply due again.
_CLAIM_HEAD: Final = (
    "UPDATE jobs SET run_ms = $2, lease = $3, attempts = attempts + 1 WHERE id IN ("
    "SELECT id FROM jobs WHERE run_ms <= $1 ORDER BY run_ms LIMIT $4"
)
_CLAIM_TAIL: Final = ") RETURNING id, kind, payload, attempts"
_CLAIM: Final[dict[str, LiteralString]] = {
    engine: _CLAIM_HEAD + skip + _CLAIM_TAIL for engine, skip in SKIP_LOCKED.items()
}
_FINISH: Final = "DELETE FROM jobs WHERE id = $1 AND lease = $2"
_RETRY: Final = (
    "UPDATE jobs SET run_ms = $3, lease = NULL, last_error = $4 WHERE id = $1 AND lease = $2"
)
_NEXT: Final = "SELECT MIN(run_ms) FROM jobs"


async def claim(
    tx: Transaction, engine: str, lease: str, *, now_ms: int, until_ms: int, limit: int
) -> list[Job]:
    """Due jobs that nobody holds, leased until `until_ms` under the name `lease`."""
    rows = await tx.all(_CLAIM[engine], now_ms, until_ms, lease, limit)
    jobs = [Job(row[0], row[1], json.loads(row[2]), row[3]) for row in rows]
    return sorted(jobs)


async def finish(tx: Transaction, job_id: int, lease: str) -> bool:
    """Strike a job off; False when the lease had ended and somebody else took it."""
    return bool(await tx.run(_FINISH, job_id, lease))


async def retry(tx: Transaction, job_id: int, lease: str, run_ms: int, error: str) -> None:
    """Put a job back for later, with the name of what went wrong."""
    await tx.run(_RETRY, job_id, lease, run_ms, error)


async def find_next_ms(tx: Reader) -> int | None:
    """When the next job is due or its lease ends; None when there is none."""
    row = await tx.one(_NEXT)
    return None if row is None else row[0]
