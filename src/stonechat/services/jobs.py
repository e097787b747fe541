"""Jobs that were given up, for whoever runs the server to see and to try again.

A job is set aside when it has failed so often that trying on helps nobody (jobs/runner). It is
kept for limits.GIVEN_UP_JOB_DAYS. Its payload is not told here: it is nobody's to read.
"""

from typing import Final

from stonechat.services.env import Env
from stonechat.storage import jobs
from stonechat.storage.jobs import GivenUp

LISTED_MAX: Final = 1000


async def list_given_up(env: Env) -> list[GivenUp]:
    """What was set aside, the last one first."""
    return await jobs.list_given_up(env.db, LISTED_MAX)


async def retry_given_up(env: Env) -> int:
    """Let all of it be done after all; how many jobs that are."""
    return await env.db.write(lambda tx: jobs.retry_given_up(tx, env.clock.now_ms()))
