"""The schedule drill: 10,000 statuses for one moment, two workers, one of them killed half-way.

The orders are given through the services in this process, by a clock that is an hour slow: so a
time that is far enough ahead for an order comes within a minute, and nobody waits for it.
Afterwards everything is counted over the API, author by author: each status is there once, and
each author's statuses are in the order in which they were given.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bench.servers import Server, Site
from bench.workers import working
from stonechat.config import read_settings
from stonechat.domain.ids import AccountId
from stonechat.domain.scheduling import ScheduledView
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.jobs.runner import LEASE_MS
from stonechat.kernel.clock import Clock, to_ms
from stonechat.kernel.ids import ms_of_id
from stonechat.services import accounts, scheduling
from stonechat.services.env import Env
from stonechat.services.rooms import open_rooms

AUTHORS: Final = 40
STATUSES: Final = 10_000
AT_ONCE: Final = 200
SLOW: Final = timedelta(hours=1)
LEAD_S: Final = 60.0
"""How long after the first order everything is due. Most machines have all orders by then."""
LATE_S_MAX: Final = 60.0
"""What comes later than this after the end of the dead worker's lease has come too late."""
WAIT_S_MAX: Final = 300.0
PAGE: Final = 40
_NUMBER: Final = re.compile(r"Number (\d+)")


class SlowClock:
    """A clock that goes after the right time by SLOW."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The right time, too late."""
        return self._clock.now() - SLOW

    def now_ms(self) -> int:
        """The right time, too late."""
        return to_ms(self.now())


@dataclass
class Run:
    """What was ordered, and what was done while it was published."""

    statuses: int
    due_ms: int
    authors: list[AccountId] = field(default_factory=list[AccountId])
    orders: dict[int, int] = field(default_factory=dict[int, int])
    """The id of each order, by the number in its text."""
    left: int = 0
    """How many were left when the worker was killed."""
    lease_ends_ms: int = 0
    """When whatever it held was free at the latest."""


@dataclass
class Count:
    """What was found on the server."""

    published: int = 0
    doubled: int = 0
    out_of_order: int = 0
    latest_ms: int = 0
    numbers: set[int] = field(default_factory=set[int])


def schedule_drill(site: Site, statuses: int = STATUSES) -> str:
    """Run the drill and give its counts as one line; AssertionError when a promise broke."""
    room = str(statuses)
    site.more = {
        **(site.more or {}),
        "STONECHAT_JOBS": "off",
        "STONECHAT_SCHEDULED_STATUSES_MAX": room,
        "STONECHAT_SCHEDULED_STATUSES_PER_DAY_MAX": room,
    }
    server = Server(site)
    try:
        run = asyncio.run(_publish(site, statuses))
        count = Count()
        for author_id in run.authors:
            _count(site, author_id, run, count)
    finally:
        server.stop()
    return _judge(run, count)


async def _publish(site: Site, statuses: int) -> Run:
    async with open_rooms(read_settings(site.environment)) as rooms:
        env = rooms.env
        authors = [await _make_author(env, number) for number in range(AUTHORS)]
        run = Run(statuses, env.clock.now_ms() + int(LEAD_S * 1000), authors)
        await _order(env, run)
        with working(site, 2) as workers:
            # On a slow machine nobody could have begun before.
            run.due_ms = max(run.due_ms, env.clock.now_ms())
            run.left = await _wait(env, statuses // 2)
            workers[0].kill()
            run.lease_ends_ms = env.clock.now_ms() + LEASE_MS
            await _wait(env, 0)
        return run


async def _make_author(env: Env, number: int) -> AccountId:
    name = f"author{number}"
    made = await accounts.create_account(
        env, username=name, email=f"{name}@example.org", password="long enough"
    )
    return made.id


async def _order(env: Env, run: Run) -> None:
    """Give the orders, the authors in turn."""
    slow = replace(env, clock=SlowClock(env.clock))

    async def order(number: int) -> None:
        viewer = Viewer(run.authors[number % len(run.authors)])
        command = PostStatus(f"Number {number}, as it was planned", idempotency_key=str(number))
        made = await scheduling.schedule_status(slow, viewer, command, run.due_ms)
        assert isinstance(made, ScheduledView)
        run.orders[number] = made.scheduled.id

    for start in range(0, run.statuses, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, run.statuses))
        await asyncio.gather(*(order(number) for number in numbers))


_LEFT: Final = "SELECT COUNT(*) FROM scheduled_statuses"


async def _wait(env: Env, most: int) -> int:
    """Wait until so many are left at most; how many there are then."""
    ends = time.monotonic() + WAIT_S_MAX
    while True:
        row = await env.db.one(_LEFT)
        assert row is not None
        if row[0] <= most:
            return int(row[0])
        assert time.monotonic() < ends, f"{row[0]} are still not published"
        await asyncio.sleep(0.02)


def _count(site: Site, author_id: AccountId, run: Run, count: Count) -> None:
    """Walk everything that an author has said, newest first."""
    path, below = f"/api/v1/accounts/{author_id}/statuses?limit={PAGE}", ""
    after = 0
    while page := site.call("GET", path + below):
        for status in page:
            found = _NUMBER.search(status["content"])
            assert found is not None, status["content"]
            number = int(found[1])
            count.published += 1
            count.doubled += number in count.numbers
            count.numbers.add(number)
            # All are due at once, so they go by their ids.
            count.out_of_order += 0 < after < run.orders[number]
            after = run.orders[number]
            count.latest_ms = max(count.latest_ms, ms_of_id(int(status["id"])))
        below = f"&max_id={page[-1]['id']}"


def _judge(run: Run, count: Count) -> str:
    late_s = (count.latest_ms - run.due_ms) / 1000
    after_lease_s = (count.latest_ms - run.lease_ends_ms) / 1000
    line = (
        f"{run.statuses:,} scheduled for one moment, 2 workers, one killed with {run.left:,} left:"
        f" published {count.published:,}, doubled {count.doubled}, out of order"
        f" {count.out_of_order}, latest {late_s:.1f} s after its time ({after_lease_s:+.1f} s from"
        " the end of the killed one's lease)"
    )
    is_kept = (count.published, count.doubled, count.out_of_order) == (run.statuses, 0, 0)
    if not is_kept or after_lease_s > LATE_S_MAX:
        raise AssertionError(line)
    return line
