"""Jobs in SQL: work that a commit left behind, and work that is due later.

This table is the outbox: what follows from a verb is enqueued by the verb's own transaction, so
it is lost only together with its cause. Runners claim rows by lease and never by "greater than
the last id that I saw": ids commit out of order. They claim by kind, so a kind that this release
does not know stays where it is until one comes that does.

Every statement that ends a lease names it. A holder whose lease has ended and was given to
somebody else changes no row: that is how it finds out.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import SKIP_LOCKED, locked, padded, parameters
from stonechat.storage.statuses import Statement


class Job(NamedTuple):
    """One piece of claimed work; `attempts` counts this one too."""

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
    """The statement that leaves a job; of two with one `once_key` the first one stays.

    That one may be running already: who wants a look at what is so now takes no key, or `moving`.
    """
    return _ENQUEUE, (job_id, kind, json.dumps(payload), run_ms, once_key)


_MOVE: Final = (
    "INSERT INTO jobs (id, kind, payload, run_ms, once_key) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (once_key) WHERE once_key IS NOT NULL"
    " DO UPDATE SET run_ms = excluded.run_ms, lease = NULL, attempts = 0"
)
_DROP: Final = "DELETE FROM jobs WHERE once_key = $1"


def moving(
    job_id: int, kind: str, payload: Mapping[str, object], run_ms: int, once_key: str
) -> Statement:
    """The statement that leaves a job, or moves the one with this `once_key` to another time.

    A job that is being run loses its lease: whoever runs it does not strike it off then, so that
    it comes again at its new time.
    """
    return _MOVE, (job_id, kind, json.dumps(payload), run_ms, once_key)


def dropping(once_key: str) -> Statement:
    """The statement that takes away the job with this `once_key`, where there is one."""
    return _DROP, (once_key,)


_FIND_FIRST: Final = (
    "SELECT COALESCE((SELECT f.id FROM jobs f WHERE f.once_key >= $2 AND f.once_key <= $3"
    " ORDER BY f.once_key LIMIT 1), j.id) FROM jobs j WHERE j.id = $1"
)
_FIND_PAYLOAD: Final = "SELECT j.payload FROM jobs j WHERE j.id = $1"
_REWRITE: Final = "UPDATE jobs SET payload = $2 WHERE id = $1"
_STRIKE: Final = "DELETE FROM jobs WHERE id = $1"


async def find_first(tx: Reader, job_id: int, from_key: str, to_key: str) -> int | None:
    """The first job of a line of them, by their keys; None where the one of `job_id` is done.

    It is that one itself where it lost its key, because it had been given up. Keys of one line
    differ in digits alone: that order is the same in every language of a database.
    """
    row = await tx.one(_FIND_FIRST, job_id, from_key, to_key)
    return None if row is None else row[0]


async def hold(tx: Transaction, engine: str, job_id: int) -> Mapping[str, object] | None:
    """What a job carries, which nobody else changes until the commit; None where it is done."""
    row = await tx.one(locked(engine, _FIND_PAYLOAD, "j"), job_id)
    return None if row is None else json.loads(row[0])


async def rewrite(tx: Transaction, job_id: int, payload: Mapping[str, object]) -> None:
    """Note in a job how far it has come, together with what it has done."""
    await tx.run(_REWRITE, job_id, json.dumps(payload))


async def strike(tx: Transaction, job_id: int) -> None:
    """Take away a job that is done, together with the last that it did."""
    await tx.run(_STRIKE, job_id)


_FIND_WAITING: Final = (
    "SELECT once_key, payload FROM jobs WHERE failed_ms IS NULL AND once_key >= $1"
    " AND once_key <= $2 ORDER BY once_key LIMIT 1"
)


class Keyed(NamedTuple):
    """A job that waits, or is being run, by its `once_key`."""

    once_key: str
    payload: Mapping[str, object]


async def find_waiting(tx: Reader, from_key: str, to_key: str) -> Keyed | None:
    """The first job of a part of a line of them, by their keys; None where none waits there."""
    row = await tx.one(_FIND_WAITING, from_key, to_key)
    return None if row is None else Keyed(row[0], json.loads(row[1]))


# What a runner asks every second, however many jobs there are: the first entry of each kind.
_NEXT: Final = "(SELECT MIN(run_ms) FROM jobs WHERE failed_ms IS NULL AND kind = "


@cache
def _next_sql(count: int) -> LiteralString:
    each: list[LiteralString] = [
        _NEXT + parameters(place, 1) + ")" for place in range(1, count + 1)
    ]
    return "SELECT " + ", ".join(each)


async def find_next_ms(tx: Reader, kinds: Sequence[str]) -> dict[str, int]:
    """When the next job of each kind is due or its lease ends; without kinds that have none."""
    row = await tx.one(_next_sql(len(kinds)), *kinds)
    assert row is not None
    return {kind: row[place] for place, kind in enumerate(kinds) if row[place] is not None}


_DUE: Final = (
    "SELECT id, kind, payload, attempts + 1 FROM jobs"
    " WHERE failed_ms IS NULL AND kind = $1 AND run_ms <= $2 ORDER BY run_ms, id LIMIT $3"
)
_LIST_DUE: Final[dict[str, LiteralString]] = {
    engine: _DUE + skip for engine, skip in SKIP_LOCKED.items()
}


# A lease is a due time in the future: a job whose holder died is simply due again.
@cache
def _hold_sql(count: int) -> LiteralString:
    return (
        "UPDATE jobs SET run_ms = $1, lease = $2, attempts = attempts + 1"
        " WHERE id IN (" + parameters(3, count) + ")"
    )


class Hold(NamedTuple):
    """Who claims, what is due by now, and until when it is theirs."""

    lease: str
    now_ms: int
    until_ms: int


async def claim(tx: Transaction, engine: str, hold: Hold, kind: str, limit: int) -> list[Job]:
    """Due jobs of a kind that nobody holds, now leased: the longest due one first, then by id."""
    rows = await tx.all(_LIST_DUE[engine], kind, hold.now_ms, limit)
    if rows:
        ids = padded([row[0] for row in rows])
        await tx.run(_hold_sql(len(ids)), hold.until_ms, hold.lease, *ids)
    return [Job(row[0], row[1], json.loads(row[2]), row[3]) for row in rows]


@cache
def _renew_sql(count: int) -> LiteralString:
    return "UPDATE jobs SET run_ms = $2 WHERE lease = $1 AND id IN (" + parameters(3, count) + ")"


@cache
def _lost_sql(count: int) -> LiteralString:
    ids = parameters(2, count)
    return "SELECT id FROM jobs WHERE COALESCE(lease, '') <> $1 AND id IN (" + ids + ")"


async def renew(tx: Transaction, ids: Sequence[int], lease: str, until_ms: int) -> set[int]:
    """Hold on to jobs; those that were lost to somebody else, or moved to another time.

    One that is there no more is not lost: its own work may have taken it away.
    """
    named = padded(ids)
    await tx.run(_renew_sql(len(named)), lease, until_ms, *named)
    return {row[0] for row in await tx.all(_lost_sql(len(named)), lease, *named)}


@cache
def _finish_sql(count: int) -> LiteralString:
    return "DELETE FROM jobs WHERE lease = $1 AND id IN (" + parameters(2, count) + ")"


async def finish(tx: Transaction, ids: Sequence[int], lease: str) -> int:
    """Strike jobs off, but none whose lease had ended and whom somebody else took; how many."""
    named = padded(ids)
    return await tx.run(_finish_sql(len(named)), lease, *named)


_RETRY: Final = (
    "UPDATE jobs SET run_ms = $3, lease = NULL, last_error = $4 WHERE id = $1 AND lease = $2"
)
_GIVE_UP: Final = (
    "UPDATE jobs SET failed_ms = $3, lease = NULL, last_error = $4, once_key = NULL"
    " WHERE id = $1 AND lease = $2"
)


async def retry(tx: Transaction, job_id: int, lease: str, run_ms: int, error: str) -> bool:
    """Put a job back for later, with the name of what went wrong; False when it was lost."""
    return bool(await tx.run(_RETRY, job_id, lease, run_ms, error))


async def give_up(tx: Transaction, job_id: int, lease: str, now_ms: int, error: str) -> bool:
    """Set a job aside, for the operator to see; False when it was lost."""
    return bool(await tx.run(_GIVE_UP, job_id, lease, now_ms, error))


@cache
def _release_sql(count: int) -> LiteralString:
    return (
        "UPDATE jobs SET run_ms = $2, lease = NULL, attempts = attempts - 1"
        " WHERE lease = $1 AND id IN (" + parameters(3, count) + ")"
    )


async def release(tx: Transaction, ids: Sequence[int], lease: str, now_ms: int) -> None:
    """Give back jobs that were begun and broken off, as if they had not been claimed."""
    named = padded(ids)
    await tx.run(_release_sql(len(named)), lease, now_ms, *named)


class GivenUp(NamedTuple):
    """A job that was set aside."""

    id: int
    kind: str
    attempts: int
    failed_ms: int
    error: str | None


_LIST_GIVEN_UP: Final = (
    "SELECT id, kind, attempts, failed_ms, last_error FROM jobs WHERE failed_ms IS NOT NULL"
    " ORDER BY failed_ms DESC LIMIT $1"
)
_RETRY_GIVEN_UP: Final = (
    "UPDATE jobs SET failed_ms = NULL, run_ms = $1, attempts = 0 WHERE failed_ms IS NOT NULL"
)


async def list_given_up(tx: Reader, limit: int) -> list[GivenUp]:
    """What was set aside, the last one first."""
    return [GivenUp._make(row) for row in await tx.all(_LIST_GIVEN_UP, limit)]


async def retry_given_up(tx: Transaction, now_ms: int) -> int:
    """Let everything that was set aside be due now; how many jobs that were."""
    return await tx.run(_RETRY_GIVEN_UP, now_ms)
