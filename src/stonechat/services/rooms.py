"""Rooms: opening the database and the store that the settings name, and the environment.

The server and every command come in through here. A process that makes ids holds a number of
its own for as long as its rooms are open, and renews the lease: `open_database` alone is for
those who make none. Opening brings the schema up to date, so that each command may be the very
first one; only `connect` leaves a database as it found it.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog

from stonechat.blobs import spool
from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import Store
from stonechat.kernel.clock import SystemClock
from stonechat.kernel.errors import Unavailable
from stonechat.kernel.ids import IdSource, id_at
from stonechat.kernel.secrets import new_secret
from stonechat.kernel.settings import Settings
from stonechat.outgoing.client import Web
from stonechat.outgoing.guard import Guard
from stonechat.services.env import Env
from stonechat.services.seals import open_seals
from stonechat.storage import processes
from stonechat.storage.database import WholeDatabase
from stonechat.storage.migrations.runner import (
    MIGRATION_TIMEOUT_S,
    MigrationRefused,
    Progress,
    migrate,
)

PROCESS_LEASE_MS: Final = 60_000
PROCESS_RENEW_S: Final = 20.0
PROCESS_RETRY_S: Final = 1.0
PROCESS_LAST_WORD_S: Final = 0.3
SQLITE_SCHEME: Final = "sqlite://"

_log: Final = structlog.stdlib.get_logger()


class Runner(Protocol):
    """Somebody who can be told that there is work."""

    def wake(self) -> None:
        """Look for work now."""
        ...


class Hub(Protocol):
    """Somebody who can be told that open pages show something old."""

    def wake(self, kind: str, key: str) -> None:
        """Look at this now."""
        ...


class Hint:
    """Breaks the circle between the environment, which wakes the runner, and the runner."""

    def __init__(self) -> None:
        self.runner: Runner | None = None

    def __call__(self) -> None:
        """Tell the runner, if there is one in this process."""
        if self.runner is not None:
            self.runner.wake()


class LiveHint:
    """The same between the environment and the hub of open pages."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    def __call__(self, kind: str, key: str) -> None:
        """Tell the hub, if there is one in this process."""
        if self.hub is not None:
            self.hub.wake(kind, key)


@dataclass(frozen=True, slots=True)
class Rooms:
    """An environment, and what hands work to its runner and news to its open pages."""

    env: Env
    hint: Hint
    live: LiveHint


def sqlite_path(settings: Settings) -> Path | None:
    """The file of the database; None where it is PostgreSQL's."""
    url = settings.database_url
    return Path(url.removeprefix(SQLITE_SCHEME)) if url.startswith(SQLITE_SCHEME) else None


async def connect(settings: Settings, *, is_patient: bool = False) -> WholeDatabase:
    """The database that the settings name, as it is.

    `is_patient` is for work on the whole of it, whose statements may take an hour.
    """
    # Each server needs one of the two drivers: the other one costs start time and memory.
    path = sqlite_path(settings)
    if path is not None:
        from stonechat.storage.engines.sqlite import open_sqlite  # noqa: PLC0415

        return await open_sqlite(path)
    from stonechat.storage.engines.postgres import (  # noqa: PLC0415
        COMMAND_TIMEOUT_S,
        open_postgres,
    )

    return await open_postgres(
        settings.database_url,
        pool_size=settings.database_pool_size,
        command_timeout_s=MIGRATION_TIMEOUT_S if is_patient else COMMAND_TIMEOUT_S,
    )


@asynccontextmanager
async def open_database(
    settings: Settings, *, is_patient: bool = False
) -> AsyncGenerator[WholeDatabase]:
    """The database with its schema up to date, closed at the end."""
    database = await connect(settings, is_patient=is_patient)
    try:
        await _bring_up_to_date(database)
        yield database
    finally:
        await database.close()


async def _bring_up_to_date(database: WholeDatabase, progress: Progress | None = None) -> list[str]:
    try:
        return await migrate(database, progress=progress)
    except MigrationRefused as refusal:
        raise Unavailable(str(refusal)) from refusal


async def migrate_database(settings: Settings, progress: Progress) -> list[str]:
    """Bring the schema up to date, however long that takes; the names of what was applied."""
    database = await connect(settings, is_patient=True)
    try:
        return await _bring_up_to_date(database, progress)
    finally:
        await database.close()


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncGenerator[Store]:
    """The store of files that the settings name, closed at the end."""
    store = _make_store(settings)
    try:
        if isinstance(store, DiskStore):
            await store.tidy(SystemClock().now_ms())
        yield store
    finally:
        await store.close()


def _make_store(settings: Settings) -> Store:
    if not settings.media_store:
        return DiskStore(settings.data_dir)
    # As with drivers: who keeps files on a disk does not pay for what speaks to buckets.
    from stonechat.blobs.s3 import BucketStore  # noqa: PLC0415

    bucket = read_bucket(settings.media_store)
    return BucketStore(bucket, settings.media_store_key, settings.media_store_secret)


@asynccontextmanager
async def open_rooms(settings: Settings, *, is_patient: bool = False) -> AsyncGenerator[Rooms]:
    """An environment over an open database, with a process number that is kept leased."""
    async with (
        open_database(settings, is_patient=is_patient) as database,
        open_store(settings) as blobs,
    ):
        clock, hint, live = SystemClock(), Hint(), LiveHint()
        lease = _Lease(database, clock)
        await lease.take()
        renewing = asyncio.create_task(lease.keep())
        try:
            await spool.sweep(settings.data_dir)
            seals = await open_seals(database)
            web = Web(Guard(settings.domain), settings.base_url)
            env = Env(
                database,
                clock,
                lease.ids,
                settings,
                hint,
                live,
                blobs=blobs,
                seals=seals,
                web=web,
            )
            yield Rooms(env, hint, live)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            with suppress(Unavailable):
                # Of a database that is not there the lease ends by itself.
                await lease.end()


class _Lease:
    """This process's number, and the ids that are made with it."""

    def __init__(self, database: WholeDatabase, clock: SystemClock) -> None:
        self._database = database
        self._clock = clock
        self._owner = new_secret()
        self._number = -1
        # None can be made before a number is taken.
        self.ids = IdSource(clock, 0, until_ms=0)

    async def take(self) -> None:
        """Lease a number, whose ids are newer than all that are there."""
        now_ms = self._clock.now_ms()
        taken = await self._database.write(
            lambda tx: processes.claim(tx, self._owner, now_ms, PROCESS_LEASE_MS)
        )
        newest = await processes.find_newest_id(self._database)
        after_id = max(newest, id_at(taken.after_ms) - 1)
        self._number = taken.number
        self.ids = IdSource(self._clock, taken.number, after_id=after_id, until_ms=taken.until_ms)

    async def keep(self) -> None:
        """Renew the lease for ever."""
        pause_s = PROCESS_RENEW_S
        while True:
            await asyncio.sleep(pause_s)
            # Ids may run ahead of the clock, and the lease with them.
            until_ms = max(self._clock.now_ms(), self.ids.last_ms) + PROCESS_LEASE_MS
            try:
                is_ours = await self._renew(until_ms)
            except Unavailable:
                # Somebody restores a backup, or PostgreSQL starts anew. While nothing can be
                # written no id can be used twice; whose the number is shows right afterwards.
                _log.warning("process.lease_delayed", number=self._number)
                pause_s = PROCESS_RETRY_S
                continue
            pause_s = PROCESS_RENEW_S
            if is_ours:
                self.ids.extend(until_ms)
                continue
            # Somebody else makes ids with our number by now. We make none, as our lease has
            # ended, so there is time for a line in the log.
            _log.error("process.number_lost", number=self._number)
            await asyncio.sleep(PROCESS_LAST_WORD_S)
            os._exit(1)

    async def end(self) -> None:
        """Give the number back."""
        after_ms = self.ids.end()
        await self._database.write(
            lambda tx: processes.release(tx, self._number, self._owner, after_ms)
        )

    async def _renew(self, until_ms: int) -> bool:
        return await self._database.write(
            lambda tx: processes.renew(tx, self._number, self._owner, until_ms)
        )
