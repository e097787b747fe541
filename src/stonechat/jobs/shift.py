"""A shift: the runner of one process, from its start to its drained end.

A server has one beside its requests, a worker has nothing else. This is where the runner, which
knows no job by name, meets the table of them.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from stonechat.jobs.runner import Runner
from stonechat.services import cleaning
from stonechat.services.consequences import HANDLERS, LANES
from stonechat.services.rooms import Rooms


@asynccontextmanager
async def working(rooms: Rooms, *, drain_s: float) -> AsyncGenerator[asyncio.Task[None]]:
    """Jobs are run for the length of a block; the task ends by itself only where it fails.

    At the end of it jobs in hand get `drain_s` to end, and are given back if they do not.
    """
    runner = Runner(rooms.env, HANDLERS, LANES, drain_s=drain_s)
    rooms.hint.runner = runner
    await cleaning.schedule(rooms.env)
    task = asyncio.create_task(runner.run())
    try:
        yield task
    finally:
        runner.stop()
        await task
