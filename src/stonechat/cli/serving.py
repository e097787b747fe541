"""`stonechat serve`: prepares the database, tells a new owner their password, and serves."""

import asyncio
import os
import sys
from typing import Final

import uvicorn

from stonechat.app import open_rooms
from stonechat.config import PREFIX, read_settings
from stonechat.http.edge import EdgeProtocol
from stonechat.kernel.secrets import new_secret
from stonechat.kernel.settings import Settings
from stonechat.services.accounts import create_account
from stonechat.storage import accounts

DRAIN_S: Final = 10
BACKLOG: Final = 2048
OWNER: Final = "owner"


def serve(*, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand get DRAIN_S seconds to finish."""
    settings = _settings(host=host, port=port, workers=workers)
    asyncio.run(_prepare(settings))
    uvicorn.run(
        "stonechat.app:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http=EdgeProtocol,
        ws="none",
        interface="asgi3",
        lifespan="on",
        backlog=BACKLOG,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_S,
    )


def _settings(*, host: str | None, port: int | None, workers: int | None) -> Settings:
    """The settings with what the command line says; workers find it in their environment."""
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[PREFIX + name] = str(value)  # noqa: TID251 - what workers inherit
    settings = read_settings()
    default = Settings(settings.data_dir, "").base_url
    if settings.base_url == default and settings.port != Settings(settings.data_dir, "").port:
        os.environ[f"{PREFIX}BASE_URL"] = f"http://127.0.0.1:{settings.port}"  # noqa: TID251
        settings = read_settings()
    return settings


async def _prepare(settings: Settings) -> None:
    """Bring the schema up to date, and make the owner of a new server."""
    async with open_rooms(settings) as rooms:
        if await accounts.has_any(rooms.env.db):
            return
        password = new_secret()[:20]
        await create_account(
            rooms.env,
            username=OWNER,
            email=f"{OWNER}@localhost.localdomain",
            password=password,
            role="owner",
        )
    sys.stderr.write(
        f"\nThis is a new server. Sign in as {OWNER} with the password {password}\n"
        "It is shown this once; change it after signing in.\n\n"
    )
