"""The doctor: looks at the whole of a site and says what is wrong and what to do about it.

It changes nothing unless it is asked to mend, and then counters alone, in small transactions
beside a running server. What it finds is handed over as it is found, for some of it takes long.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from stonechat.domain.findings import FAULT, HINT, OK, Finding, judge_settings
from stonechat.domain.ids import AccountId, StatusId
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import StonechatError
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.settings import Settings
from stonechat.services.rooms import connect, sqlite_path
from stonechat.services.surroundings import examine_store, examine_surroundings
from stonechat.storage import checkups, doctor, relationships
from stonechat.storage.checkups import Checkup
from stonechat.storage.database import Database, Transaction, WholeDatabase
from stonechat.storage.doctor import Count, Key
from stonechat.storage.migrations.runner import MigrationRefused, current_version, list_missing

ROWS_AT_ONCE: Final = 2000
MENDED_AT_ONCE: Final = 100
MIRRORS_LISTED_MAX: Final = 10_000
CLOCK_AHEAD_MS_MAX: Final = 60_000
CLOCK_APART_MS_MAX: Final = 2_000
OVERDUE_MS: Final = 600_000
ATTEMPTS_WORTH_A_WORD: Final = 5
POSTGRES_VERSION_MIN: Final = 140_000

Progress = Callable[[str, int, int], None]
"""Told what is being looked at, how much of it is done, and how much it is, about."""


async def examine(
    settings: Settings,
    clock: Clock,
    *,
    secrets: tuple[Path, ...],
    mends: bool,
    progress: Progress,
) -> AsyncIterator[Finding]:
    """Everything that can be found out; `mends` says to correct counters as well."""
    for finding in (*judge_settings(settings), *examine_surroundings(settings, secrets)):
        yield finding
    probed = await examine_store(settings)
    if probed is not None:
        yield probed
    path = sqlite_path(settings)
    if path is not None and not path.exists():
        yield Finding(OK, "database", f"{path} is not there yet; the first start makes it.")
        return
    try:
        database = await connect(settings, is_patient=True)
    except StonechatError as error:
        yield Finding(FAULT, "database", error.message)
        return
    try:
        async for finding in examine_database(database, clock, mends=mends, progress=progress):
            yield finding
    finally:
        await database.close()


def examine_database(
    database: WholeDatabase, clock: Clock, *, mends: bool, progress: Progress
) -> AsyncIterator[Finding]:
    """What can be found out about a database that can be reached."""
    return _Patient(database, clock, progress, mends=mends).examine()


async def _examine_schema(database: Database) -> Finding:
    try:
        missing = await list_missing(database)
    except MigrationRefused as refusal:
        return Finding(FAULT, "schema", str(refusal))
    version = (await current_version(database)).version
    if missing and version == 0:
        return Finding(HINT, "schema", "There is none yet; the first start makes it.")
    if missing:
        return Finding(FAULT, "schema", f"It lacks {', '.join(missing)}: run `stonechat migrate`.")
    return Finding(OK, "schema", f"It is at {version}, which is the newest.")


async def _examine_clock(database: Database, clock: Clock) -> Finding:
    newest = await doctor.find_newest_id(database)
    ahead_ms = 0 if newest is None else ms_of_id(newest) - clock.now_ms()
    if ahead_ms > CLOCK_AHEAD_MS_MAX:
        sentence = (
            f"The newest status is {ahead_ms // 1000} seconds in the future: this machine's clock"
            " is behind, or was ahead once. Let NTP set it."
        )
        return Finding(FAULT, "clock", sentence)
    return Finding(OK, "clock", "Nothing in the database is newer than now.")


async def _examine_jobs(database: Database, clock: Clock) -> Finding:
    now_ms = clock.now_ms()
    jobs = await doctor.count_jobs(database, now_ms - OVERDUE_MS, ATTEMPTS_WORTH_A_WORD)
    running = await doctor.count_processes(database, now_ms)
    if jobs.given_up:
        sentence = (
            f"{jobs.given_up} were given up after many attempts; the log says `job.given_up`."
            " `stonechat jobs list` shows them, and `stonechat jobs retry` tries them again."
        )
        return Finding(HINT, "jobs", sentence)
    if jobs.failing:
        return Finding(
            HINT, "jobs", f"{jobs.failing} fail again and again; the log says `job.failed`."
        )
    if jobs.overdue and running:
        return Finding(
            HINT,
            "jobs",
            f"{jobs.overdue} are overdue by ten minutes: whoever runs them is too busy, or"
            " STONECHAT_JOBS is off and no `stonechat worker` runs.",
        )
    return Finding(OK, "jobs", f"{jobs.waiting} are waiting; {running} processes are at work.")


def _judge_postgres(server: doctor.Postgres, clock: Clock) -> Iterator[Finding]:
    apart_ms = abs(server.now_ms - clock.now_ms())
    if apart_ms > CLOCK_APART_MS_MAX:
        sentence = (
            f"PostgreSQL's clock and ours are {apart_ms / 1000:.0f} s apart: let NTP set both."
        )
        yield Finding(HINT, "clock", sentence)
    if server.fsync != "on" or server.synchronous_commit == "off":
        sentence = (
            "PostgreSQL does not wait for the disk (fsync or synchronous_commit is off): a power"
            " cut loses what was acknowledged."
        )
        yield Finding(HINT, "postgresql", sentence)
    if server.encoding != "UTF8":
        sentence = (
            f"The database's encoding is {server.encoding}: make one with --encoding UTF8, and"
            " bring a backup into it."
        )
        yield Finding(FAULT, "postgresql", sentence)
    if int(server.version) < POSTGRES_VERSION_MIN:
        yield Finding(FAULT, "postgresql", "PostgreSQL is older than 14: update it.")


class _Patient:
    """A database, and what is done to it."""

    def __init__(
        self, database: WholeDatabase, clock: Clock, progress: Progress, *, mends: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._progress = progress
        self._mends = mends

    async def examine(self) -> AsyncIterator[Finding]:
        damages = await self._database.integrity()
        for damage in damages:
            yield Finding(FAULT, "database", f"{damage}. Stop the server and restore a backup.")
        if not damages:
            yield Finding(OK, "database", "It can be read, and its indexes are sound.")
        schema = await _examine_schema(self._database)
        yield schema
        if schema.level != OK:
            return
        yield await _examine_clock(self._database, self._clock)
        yield await _examine_jobs(self._database, self._clock)
        if self._database.engine == "postgres":
            for finding in _judge_postgres(await doctor.get_postgres(self._database), self._clock):
                yield finding
        yield await self._examine_mirrors()
        for noun, count in doctor.COUNTS.items():
            yield await self._examine_counts(noun, count)
        for noun, checkup in checkups.CHECKUPS.items():
            yield await self._examine_documents(noun, checkup)

    async def _examine_mirrors(self) -> Finding:
        pairs = await doctor.list_unmirrored(self._database, MIRRORS_LISTED_MAX)
        if not pairs:
            return Finding(OK, "follows", "Both halves of each say the same.")
        if not self._mends:
            sentence = f"{len(pairs)} follows have lost a half: run `stonechat doctor --fix`."
            return Finding(FAULT, "follows", sentence)
        for done, (account_id, target_id) in enumerate(pairs, 1):
            await self._database.write(partial(_mend_mirror, account_id, target_id))
            self._progress("mending follows", done, len(pairs))
        return Finding(OK, "follows", f"{len(pairs)} follows had lost a half; they are mended.")

    async def _examine_counts(self, noun: str, count: Count) -> Finding:
        wrong = await self._find_wrong(noun, count)
        if not wrong or not self._mends:
            return _judge_counts(noun, wrong)
        for start in range(0, len(wrong), MENDED_AT_ONCE):
            keys = wrong[start : start + MENDED_AT_ONCE]
            await self._database.write(partial(_mend_counts, count, keys))
            self._progress(f"mending {noun}", start + len(keys), len(wrong))
        return Finding(OK, "counters", f"{len(wrong)} {noun} had wrong counters; they are mended.")

    async def _examine_documents(self, noun: str, checkup: Checkup) -> Finding:
        wrong: list[StatusId] = []
        after: int | None = 0
        while after is not None:
            found, after = await checkups.list_wrong(self._database, checkup, after, ROWS_AT_ONCE)
            wrong += found
        if not wrong or not self._mends:
            return _judge_counts(noun, wrong)
        for done, status_id in enumerate(wrong, 1):
            await self._database.write(partial(_mend_document, checkup, status_id))
            self._progress(f"mending {noun}", done, len(wrong))
        return Finding(OK, "counters", f"{len(wrong)} {noun} had wrong counters; they are mended.")

    async def _find_wrong(self, noun: str, count: Count) -> list[Key]:
        wrong: list[Key] = []
        looked_at, total = 0, await doctor.count_rows(self._database, count)
        after: Key | None = count.first
        while after is not None:
            found, after = await doctor.list_counted(self._database, count, after, ROWS_AT_ONCE)
            wrong += found
            looked_at = min(looked_at + ROWS_AT_ONCE, total)
            self._progress(f"counters of {noun}", looked_at, total)
        return wrong


async def _mend_mirror(account_id: int, target_id: int, tx: Transaction) -> None:
    await relationships.lock_pair(tx, AccountId(account_id), AccountId(target_id))
    await doctor.update_mirror(tx, account_id, target_id)
    await doctor.update_counts(tx, doctor.COUNTS["accounts"], [account_id, target_id])


def _judge_counts(noun: str, wrong: Sequence[Key]) -> Finding:
    if not wrong:
        return Finding(OK, "counters", f"Those of {noun} are exact.")
    sentence = f"{len(wrong)} {noun} have wrong counters: run `stonechat doctor --fix`."
    return Finding(FAULT, "counters", sentence)


async def _mend_document(checkup: Checkup, status_id: StatusId, tx: Transaction) -> None:
    await checkup.mend(tx, status_id)


async def _mend_counts(count: Count, keys: Sequence[Key], tx: Transaction) -> None:
    await doctor.update_counts(tx, count, keys)
