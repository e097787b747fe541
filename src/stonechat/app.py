"""The composition root: the one file that knows every room.

`open_rooms` makes the environment that services run in, for the server and for the command
line alike; `create` makes the ASGI application around it.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import falcon
import falcon.asgi

from stonechat.config import read_settings
from stonechat.dialects.mastodon.dialect import make_dialect as make_mastodon
from stonechat.dialects.oauth.dialect import make_oauth, make_oauth_pages
from stonechat.http.edge import Edge
from stonechat.http.logs import Sink, configure_logging
from stonechat.http.observing import Observer
from stonechat.http.operations import mount
from stonechat.http.rates import RateLimits
from stonechat.http.statics import make_statics
from stonechat.http.strays import answer_strays
from stonechat.jobs.runner import Runner
from stonechat.kernel.clock import SystemClock
from stonechat.kernel.ids import IdSource
from stonechat.kernel.secrets import new_secret
from stonechat.kernel.settings import Settings
from stonechat.services import cleaning
from stonechat.services.consequences import HANDLERS
from stonechat.services.env import Env
from stonechat.storage import processes
from stonechat.storage.database import Database, Transaction
from stonechat.storage.engines.postgres import open_postgres
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import migrate

PROCESS_LEASE_MS: Final = 60_000
PROCESS_RENEW_S: Final = 20.0
GC_FIRST_THRESHOLD: Final = 20_000


async def open_database(settings: Settings) -> Database:
    """The database that the settings name, with its schema up to date."""
    url = settings.database_url
    if url.startswith("sqlite:///"):
        database: Database = await open_sqlite(Path(url.removeprefix("sqlite://")))
    else:
        database = await open_postgres(url, pool_size=settings.database_pool_size)
    await migrate(database)
    return database


class _Hint:
    """Breaks the circle between the environment, which wakes the runner, and the runner."""

    def __init__(self) -> None:
        self.runner: Runner | None = None

    def __call__(self) -> None:
        if self.runner is not None:
            self.runner.wake()


@dataclass(frozen=True, slots=True)
class Rooms:
    """An environment, and what hands work to its runner."""

    env: Env
    hint: _Hint


@asynccontextmanager
async def open_rooms(settings: Settings) -> AsyncIterator[Rooms]:
    """An environment over an open database, with a process number that is kept leased."""
    database = await open_database(settings)
    clock, owner, hint = SystemClock(), new_secret(), _Hint()

    async def lease() -> int:
        now_ms = clock.now_ms()
        return await database.write(
            lambda tx: processes.claim(tx, owner, now_ms, now_ms + PROCESS_LEASE_MS)
        )

    number = await lease()
    newest = await processes.find_newest_id(database)
    env = Env(database, clock, IdSource(clock, number, after_id=newest), settings, hint)

    async def renew() -> None:
        while True:
            await asyncio.sleep(PROCESS_RENEW_S)
            if not await database.write(hold):
                # Another process may already make ids with our number: stop before we do.
                os._exit(1)

    async def hold(tx: Transaction) -> bool:
        return await processes.renew(tx, number, owner, clock.now_ms() + PROCESS_LEASE_MS)

    renewing = asyncio.create_task(renew())
    try:
        yield Rooms(env, hint)
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await database.write(lambda tx: processes.release(tx, number, owner))
        await database.close()


def make_app(env: Env, sink: Sink) -> falcon.asgi.App[Any, Any]:
    """The ASGI application over an environment, which logs into `sink`."""
    app = falcon.asgi.App(media_type=falcon.MEDIA_JSON)
    app.req_options.strip_url_path_trailing_slash = True
    answer_strays(app)
    rates = RateLimits(env.clock, env.settings)
    observer = Observer(env.clock, env.settings, sink)
    mount(app, env, make_mastodon(env), rates, observer)
    mount(app, env, make_oauth(), rates, observer)
    mount(app, env, make_oauth_pages(env, rates), rates, observer)
    mount(app, env, make_statics(env), rates, observer)
    return app


def create() -> Any:
    """The whole server as one ASGI application, from the settings of this process."""
    settings = read_settings()
    return Edge(_Server(settings, configure_logging(settings)))


class _Server:
    """Opens the rooms when the server starts, and closes them when it stops."""

    def __init__(self, settings: Settings, sink: Sink) -> None:
        self._settings = settings
        self._sink = sink
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with open_rooms(self._settings) as rooms:
            runner = Runner(rooms.env, HANDLERS)
            rooms.hint.runner = runner
            await cleaning.schedule(rooms.env)
            working = asyncio.create_task(runner.run())
            self._app = make_app(rooms.env, self._sink)
            # What was made so far lives as long as the process: the collector need not look at
            # it again, and looks at the rest less often than Python does by itself.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GC_FIRST_THRESHOLD, 20, 20)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            runner.stop()
            await working
        await send({"type": "lifespan.shutdown.complete"})
