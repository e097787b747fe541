"""The runner: claims due jobs under a lease, runs a bounded number at once, puts back what failed.

Any number of runners may work on one database, in one process or in several. A job is leased to
one of them at a time. The lease is short and renewed while the job runs, so that work may take
as long as it likes and is still taken up soon after its holder died or froze. Whoever lost a
lease changes nothing in the table any more, and what it was doing is broken off.

So a job may be begun twice, and for a moment be at work in two places. What is to happen once is
the handler's affair, within one transaction: it writes under a unique key, or first deletes a
row and goes on only where there was one to delete. A handler that looks and then writes has it
wrong, however short the moment between. It may also be cancelled, and must leave nothing running.

Ended jobs are struck off and new ones claimed in one transaction: while it is committed more
jobs end, which the next one strikes off together.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

from stonechat.kernel.errors import StonechatError
from stonechat.kernel.secrets import new_secret
from stonechat.services.env import Env
from stonechat.services.lanes import PROMPT, Lane
from stonechat.storage import jobs
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import Hold, Job

LEASE_MS: Final = 15_000
RENEW_S: Final = 5.0
POLL_S: Final = 1.0
"""What other processes leave is found within this time; what our own leave, at once."""
GATHER_S: Final = 0.02
"""Hints that come so close together are followed by one look."""
TROUBLE_S: Final = 1.0
RETRY_FIRST_MS: Final = 1_000
RETRY_MAX_MS: Final = 3_600_000
ATTEMPTS_MAX: Final = 20
DRAIN_S: Final = 10.0
CANCEL_S: Final = 1.0
LEAVE_S: Final = 2.0
DIED: Final = "Died"

Handler = Callable[[Env, Mapping[str, object]], Awaitable[None]]
_log: Final = structlog.get_logger("jobs")


class _InHand:
    """A job that this runner holds: it runs, or it has ended and is still to be struck off."""

    __slots__ = ("error", "job", "lane", "task")

    def __init__(self, job: Job, lane: Lane) -> None:
        self.job = job
        self.lane = lane
        self.task: asyncio.Task[None] | None = None
        self.error: str | None = None


class Runner:
    """Works through the jobs table until it is stopped."""

    def __init__(
        self,
        env: Env,
        handlers: Mapping[str, Handler],
        lanes: Mapping[str, Lane] | None = None,
        *,
        drain_s: float = DRAIN_S,
    ) -> None:
        """A kind that has no lane of its own is prompt; `drain_s` bounds a stop."""
        self._env = env
        self._handlers = handlers
        self._kinds = sorted(handlers)
        self._lanes = {kind: (lanes or {}).get(kind, PROMPT) for kind in self._kinds}
        self._drain_s = drain_s
        self._lease = new_secret()
        self._in_hand: dict[int, _InHand] = {}
        self._ended: list[_InHand] = []
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for work now instead of at the next due time."""
        self._woken.set()

    def stop(self) -> None:
        """Let the jobs in hand end, and begin no other."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Work until stopped; what has not ended by then is given back for others to do."""
        renewing = asyncio.create_task(self._renew_for_ever())
        try:
            while not self._stopping.is_set():
                await self._turn()
            await self._drain()
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def run_due(self) -> int:
        """Run what is due, until nothing is; how many jobs that were."""
        total = 0
        while True:
            wanted, _ = await self._look()
            claimed = await self._settle(wanted) if wanted or self._ended else 0
            if not claimed:
                return total
            total += claimed
            await asyncio.gather(*self._tasks())

    # Turns: look, settle, rest -----------------------------------------------------------------

    async def _turn(self) -> None:
        self._woken.clear()
        try:
            wanted, pause_s = await self._look()
            claimed = await self._settle(wanted) if wanted or self._ended else 0
        except Exception as fault:  # noqa: BLE001 - a runner that ends leaves everything undone
            code = fault.code if isinstance(fault, StonechatError) else type(fault).__name__
            _log.warning("jobs.delayed", code=code)
            await _wait(self._stopping, TROUBLE_S)
            return
        if not claimed:
            # What is due and could not be claimed is being claimed by somebody else.
            await self._rest(GATHER_S if wanted else pause_s)

    async def _look(self) -> tuple[dict[Lane, list[str]], float]:
        """Which kinds are due in lanes that have a place, and how long there is nothing else."""
        now_ms = self._env.clock.now_ms()
        free = self._free()
        if not any(free.values()):
            return {}, POLL_S
        next_ms = await jobs.find_next_ms(self._env.db, self._kinds)
        due: dict[Lane, list[str]] = {}
        pause_s = POLL_S
        for kind in sorted(next_ms, key=next_ms.__getitem__):
            if not free[self._lanes[kind]]:
                continue
            if next_ms[kind] <= now_ms:
                due.setdefault(self._lanes[kind], []).append(kind)
            else:
                pause_s = min(pause_s, (next_ms[kind] - now_ms) / 1000)
        return due, pause_s

    def _free(self) -> dict[Lane, int]:
        """The free places of each lane. Who has ended leaves their place in the next settling."""
        free = {lane: lane.places for lane in self._lanes.values()}
        for each in self._in_hand.values():
            free[each.lane] -= each not in self._ended
        return free

    async def _settle(self, wanted: Mapping[Lane, Sequence[str]]) -> int:
        """Strike off what has ended, claim what is wanted, and begin it; how many were claimed."""
        ended, free = tuple(self._ended), self._free()

        async def work(tx: Transaction) -> list[Job]:
            await self._strike_off(tx, ended)
            claimed: list[Job] = []
            for lane, kinds in wanted.items():
                claimed += await self._claim(tx, kinds, free[lane])
            return claimed

        claimed = await self._env.db.write(work)
        for each in ended:
            self._forget(each)
        for job in claimed:
            self._begin(job)
        return len(claimed)

    async def _claim(self, tx: Transaction, kinds: Sequence[str], free: int) -> list[Job]:
        """Fill a lane; each kind gets its share of it, and what the kinds before left over."""
        env, now_ms = self._env, self._env.clock.now_ms()
        hold = Hold(self._lease, now_ms, now_ms + LEASE_MS)
        claimed: list[Job] = []
        for place, kind in enumerate(kinds):
            share = -(-(free - len(claimed)) // (len(kinds) - place))
            if share > 0:
                claimed += await jobs.claim(tx, env.db.engine, hold, kind, share)
        return claimed

    async def _strike_off(self, tx: Transaction, ended: Sequence[_InHand]) -> None:
        """Finish, retry or give up; of what is not ours any more nothing is changed."""
        done = [each.job.id for each in ended if each.error is None]
        if done:
            await jobs.finish(tx, done, self._lease)
        for each in ended:
            if each.error is not None:
                await self._put_back(tx, each.job, each.error)

    async def _put_back(self, tx: Transaction, job: Job, error: str) -> None:
        now_ms = self._env.clock.now_ms()
        if job.attempts >= ATTEMPTS_MAX:
            await jobs.give_up(tx, job.id, self._lease, now_ms, error)
            return
        delay_ms = min(RETRY_FIRST_MS * 2 ** (job.attempts - 1), RETRY_MAX_MS)
        await jobs.retry(tx, job.id, self._lease, now_ms + delay_ms, error)

    async def _rest(self, pause_s: float) -> None:
        await _wait(self._woken, pause_s)
        if self._woken.is_set() and not self._ended:
            await _wait(self._stopping, GATHER_S)

    # Jobs in hand ------------------------------------------------------------------------------

    def _begin(self, job: Job) -> None:
        before = self._in_hand.get(job.id)
        if before is not None:
            # Its lease had ended, or somebody moved the job to now: what is under way began with
            # what was so then, and counts no more.
            self._forget(before)
            if before.task is not None:
                before.task.cancel()
        each = self._in_hand[job.id] = _InHand(job, self._lanes[job.kind])
        if job.attempts > ATTEMPTS_MAX:
            # Nobody told of what went wrong so often: this job ends whoever runs it.
            _log.error("job.given_up", job=job.id, kind=job.kind, error=DIED)
            self._end(each, DIED)
        else:
            each.task = asyncio.create_task(self._carry_out(each))

    def _forget(self, each: _InHand) -> None:
        del self._in_hand[each.job.id]
        if each in self._ended:
            self._ended.remove(each)

    async def _carry_out(self, each: _InHand) -> None:
        job = each.job
        try:
            await self._handlers[job.kind](self._env, job.payload)
        except asyncio.CancelledError:
            self._end(each, "Cancelled")
        except Exception as fault:  # noqa: BLE001 - one job's fault must not stop the others
            _tell(job, fault)
            self._end(each, type(fault).__name__)
        else:
            self._end(each, None)

    def _end(self, each: _InHand, error: str | None) -> None:
        if self._in_hand.get(each.job.id) is not each:
            return
        each.error = error
        self._ended.append(each)
        self._woken.set()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [each.task for each in self._in_hand.values() if each.task is not None]

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._renew()
            except StonechatError as error:
                # Nobody else can take them either while nothing can be written.
                _log.warning("jobs.lease_delayed", code=error.code)

    async def _renew(self) -> None:
        held = [each for each in self._in_hand.values() if each not in self._ended]
        if not held:
            return
        ids = [each.job.id for each in held]
        until_ms = self._env.clock.now_ms() + LEASE_MS
        lost = await self._env.db.write(lambda tx: jobs.renew(tx, ids, self._lease, until_ms))
        for each in held:
            if each.job.id in lost and each.task is not None and not each.task.done():
                _log.info("job.lost", job=each.job.id, kind=each.job.kind)
                each.task.cancel()

    async def _drain(self) -> None:
        """Wait for the jobs in hand, then give back those that do not end."""
        tasks = self._tasks()
        if tasks:
            await asyncio.wait(tasks, timeout=self._drain_s)
        left = [each for each in self._in_hand.values() if each not in self._ended]
        for each in left:
            assert each.task is not None
            each.task.cancel()
        if left:
            await asyncio.wait(self._tasks(), timeout=CANCEL_S)
        ended = [each for each in self._ended if each.error is None or each not in left]
        ids = [each.job.id for each in left if each not in ended]

        async def leave(tx: Transaction) -> None:
            await self._strike_off(tx, ended)
            if ids:
                await jobs.release(tx, ids, self._lease, self._env.clock.now_ms())

        # Where that fails their leases end by themselves.
        with suppress(StonechatError, TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await self._env.db.write(leave)


async def _wait(event: asyncio.Event, pause_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await event.wait()


def _tell(job: Job, fault: Exception) -> None:
    error = type(fault).__name__
    if job.attempts >= ATTEMPTS_MAX:
        _log.error("job.given_up", job=job.id, kind=job.kind, error=error, exc_info=fault)
        return
    # What our own errors say is enough; of a fault of ours we want the place.
    told = {} if isinstance(fault, StonechatError) else {"exc_info": fault}
    _log.warning(
        "job.failed", job=job.id, kind=job.kind, attempts=job.attempts, error=error, **told
    )
