"""Whatever an author orders, moves and calls off: each order is said once, in time, in order.

A model in a few lines says what waits. Jobs run only now and then, so some of it is missed and
some of it is not; the limits are small, so that they are met.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import LiteralString

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.ids import AccountId, ScheduledId
from stonechat.domain.scheduling import ScheduledView
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.jobs.runner import Runner
from stonechat.kernel.errors import InvalidInput
from stonechat.services import scheduling
from stonechat.services.consequences import HANDLERS
from stonechat.services.env import Env
from stonechat.storage import accounts
from tests.clocks import HeldClock

MINUTE_MS = 60_000
DAY_MS = 86_400_000
WAITING_MAX = 4
PER_DAY_MAX = 2
SAID: LiteralString = "SELECT text FROM statuses WHERE account_id = $1 ORDER BY id"
_names = count(1)

minutes = st.one_of(st.integers(-10, 60), st.integers(0, 3 * 24 * 60))
acts = st.one_of(
    st.tuples(st.just("order"), st.integers(4, 90), st.just(0)),
    st.tuples(st.just("order"), minutes, st.just(0)),
    st.tuples(st.just("move"), minutes, st.integers(0, 4)),
    st.tuples(st.just("cancel"), st.just(0), st.integers(0, 4)),
    st.tuples(st.just("wait"), st.integers(1, 2000), st.just(0)),
    st.tuples(st.just("run"), st.just(0), st.just(0)),
)


@dataclass
class Model:
    """What waits, by id: when it is due and what it says. And what was said, in order."""

    waiting: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    said: list[str] = field(default_factory=list[str])

    def may_wait(self, due_ms: int, now_ms: int, without: int = 0) -> bool:
        others = [due for key, (due, _) in self.waiting.items() if key != without]
        that_day = [due for due in others if due // DAY_MS == due_ms // DAY_MS]
        is_room = len(others) < WAITING_MAX and len(that_day) < PER_DAY_MAX
        return is_room and due_ms >= now_ms + 5 * MINUTE_MS

    def run(self, now_ms: int) -> None:
        for due_ms, key in sorted((due, key) for key, (due, _) in self.waiting.items()):
            if due_ms <= now_ms:
                self.said.append(self.waiting.pop(key)[1])


class Author:
    """Somebody who schedules, and the model of what must come of it."""

    def __init__(self, env: Env, account_id: AccountId) -> None:
        quotas = {
            "scheduled_statuses_max": WAITING_MAX,
            "scheduled_statuses_per_day_max": PER_DAY_MAX,
        }
        self.env = replace(env, settings=replace(env.settings, **quotas))
        self.viewer = Viewer(account_id)
        self.model = Model()
        self.numbers = count()

    async def act(self, verb: str, step: int, index: int) -> None:
        clock = self.env.clock
        assert isinstance(clock, HeldClock)
        clock.move(milliseconds=1)
        match verb:
            case "order":
                await self.order(clock.now_ms() + step * MINUTE_MS)
            case "wait":
                clock.move(minutes=step)
            case "run":
                await self.run()
            case _ if self.model.waiting:
                keys = sorted(self.model.waiting)
                key = keys[index % len(keys)]
                if verb == "move":
                    await self.move(key, clock.now_ms() + step * MINUTE_MS)
                else:
                    await scheduling.cancel_scheduled(self.env, self.viewer, ScheduledId(key))
                    del self.model.waiting[key]
            case _:
                pass

    async def order(self, due_ms: int) -> None:
        is_allowed = self.model.may_wait(due_ms, self.env.clock.now_ms())
        made = None
        text = f"number {next(self.numbers)}"
        with suppress(InvalidInput):
            made = await scheduling.schedule_status(self.env, self.viewer, PostStatus(text), due_ms)
        assert (made is not None) == is_allowed
        if isinstance(made, ScheduledView):
            self.model.waiting[made.scheduled.id] = (due_ms, text)

    async def move(self, key: int, due_ms: int) -> None:
        is_allowed = self.model.may_wait(due_ms, self.env.clock.now_ms(), key)
        moved = None
        with suppress(InvalidInput):
            moved = await scheduling.move_scheduled(self.env, self.viewer, ScheduledId(key), due_ms)
        assert (moved is not None) == is_allowed
        if moved is not None:
            self.model.waiting[key] = (due_ms, self.model.waiting[key][1])

    async def run(self) -> None:
        while await Runner(self.env, HANDLERS).run_due():
            pass
        self.model.run(self.env.clock.now_ms())
        rows = await self.env.db.all(SAID, self.viewer.account_id)
        assert [row[0] for row in rows] == self.model.said


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(acts, max_size=30))
async def test_each_order_is_said_once_in_time_and_in_order(
    env: Env, what: list[tuple[str, int, int]]
) -> None:
    name = f"author{next(_names)}"
    made = Account(AccountId(env.ids.next_id()), name, 0)
    login = Login(f"{name}@example.org", "")
    await env.db.write(lambda tx: accounts.insert(tx, made, login))
    author = Author(env, made.id)
    for each in what:
        await author.act(*each)
    clock = env.clock
    assert isinstance(clock, HeldClock)
    clock.move(days=9)
    await author.run()
    assert author.model.waiting == {}
