"""Running: from a command to its verb, in the rooms that the settings name."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from stonechat.config import read_settings
from stonechat.http.logs import configure_logging
from stonechat.kernel.errors import InvalidInput
from stonechat.services.env import Env
from stonechat.services.rooms import open_rooms

T = TypeVar("T")


def run(verb: Callable[[Env], Awaitable[T]]) -> T:
    """The answer of a verb. What it logs goes to standard error, as the server's log does."""
    settings = read_settings()
    configure_logging(settings)

    async def work() -> T:
        async with open_rooms(settings) as rooms:
            return await verb(rooms.env)

    return asyncio.run(work())


def say(sentence: str) -> None:
    """Tell a person what was done. Programs read standard output or the exit code."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{sentence}\n")


def ensure_wanted(question: str, *, is_sure: bool) -> None:
    """Ask at a terminal, unless somebody has said that they are sure."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise InvalidInput("This cannot be undone: say --yes.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidInput("Nothing was done.")
