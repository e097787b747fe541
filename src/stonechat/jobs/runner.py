"""The runner: claims due jobs under a lease, runs them, and puts back what failed.

Any number of runners may work on one database, in one process or in several. A job is leased to
one of them at a time; when that one dies its lease ends and another takes over. So a job may be
begun twice, and every handler must stand that: it does its work in one transaction that also
strikes the job off (`finish`), or work that does no harm when it is done again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from stonechat.kernel.errors import StonechatError
from stonechat.kernel.secrets import new_secret
from stonechat.services.env import Env
from stonechat.storage import jobs
from stonechat.storage.jobs import Job

LEASE_MS: Final = 60_000
BATCH: Final = 50
IDLE_S: Final = 30.0
RETRY_FIRST_MS: Final = 5_000
RETRY_MAX_MS: Final = 3_600_000
ATTEMPTS_MAX: Final = 20

Handler = Callable[[Env, Mapping[str, object]], Awaitable[None]]
_log: Final = structlog.get_logger("jobs")


class Runner:
    """Works through the jobs table until it is stopped."""

    def __init__(self, env: Env, handlers: Mapping[str, Handler]) -> None:
        self._env = env
        self._handlers = handlers
        self._lease = new_secret()
        self._woken = asyncio.Event()
        self._is_stopping = False

    def wake(self) -> None:
        """Look for work now instead of at the next due time."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the job in hand, and no other."""
        self._is_stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until stopped."""
        while not self._is_stopping:
            self._woken.clear()
            try:
                busy = await self.run_due()
                if not busy and not self._is_stopping:
                    await self._wait()
            except StonechatError as error:
                _log.warning("jobs.delayed", code=error.code)
                await asyncio.sleep(1)

    async def run_due(self) -> bool:
        """Run what is due, one batch; whether there was anything."""
        env, now_ms = self._env, self._env.clock.now_ms()
        # Every post wakes the runner, and few leave work behind: a look costs less than a claim.
        next_ms = await jobs.find_next_ms(env.db)
        if next_ms is None or next_ms > now_ms:
            return False
        batch = await env.db.write(
            lambda tx: jobs.claim(
                tx,
                env.db.engine,
                self._lease,
                now_ms=now_ms,
                until_ms=now_ms + LEASE_MS,
                limit=BATCH,
            )
        )
        for job in batch:
            if self._is_stopping:
                break
            await self._run_one(job)
        return bool(batch)

    async def _wait(self) -> None:
        next_ms = await jobs.find_next_ms(self._env.db)
        pause_s = IDLE_S
        if next_ms is not None:
            pause_s = min(max((next_ms - self._env.clock.now_ms()) / 1000, 0.05), IDLE_S)
        try:
            await asyncio.wait_for(self._woken.wait(), pause_s)
        except TimeoutError:
            return

    async def _run_one(self, job: Job) -> None:
        try:
            # A kind without a handler was left by a newer release: it waits for one, too.
            await self._handlers[job.kind](self._env, job.payload)
        except Exception as fault:  # noqa: BLE001 - one job's fault must not stop the others
            await self._put_back(job, type(fault).__name__)
            return
        await self._env.db.write(lambda tx: jobs.finish(tx, job.id, self._lease))

    async def _put_back(self, job: Job, error: str) -> None:
        _log.warning("job.failed", kind=job.kind, attempts=job.attempts, error=error)
        delay_ms = min(RETRY_FIRST_MS * 2 ** min(job.attempts - 1, ATTEMPTS_MAX), RETRY_MAX_MS)
        run_ms = self._env.clock.now_ms() + delay_ms
        await self._env.db.write(lambda tx: jobs.retry(tx, job.id, self._lease, run_ms, error))
