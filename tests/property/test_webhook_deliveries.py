"""Whatever two processes say, and however a receiver fares: it hears each change once, in order.

The processes' clocks differ by some seconds. The receiver is down for minutes or hours, but never
for a whole day, so that nothing is given up.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.beacons import BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.ids import IdSource
from stonechat.services import beacons, webhooks
from stonechat.services.beacons import Name
from stonechat.services.env import Env
from stonechat.storage import accounts
from tests.clocks import HeldClock
from tests.contract.receivers import HOST, URL, Receiver, fine, hang_up, run, saying, set_value
from tests.outside import Outside

ACTS_MAX = 20
STEP_MINUTES_MAX = 60
assert ACTS_MAX * STEP_MINUTES_MAX < 24 * 60
MOODS = (fine, hang_up, saying("500 Oops"), saying("301 Moved", "Location: http://a.example/"))
_names = count(1)

acts = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 1)),
    st.tuples(st.just("run"), st.integers(0, 2)),
    st.tuples(st.just("mood"), st.integers(0, len(MOODS) - 1)),
    st.tuples(st.just("wait"), st.integers(0, STEP_MINUTES_MAX)),
)


def _processes(env: Env, outside: Outside, skew_s: int) -> tuple[Env, Env]:
    web = outside.web(env.settings.base_url)
    clock = HeldClock(env.clock.now() + timedelta(seconds=skew_s))
    return replace(env, web=web), replace(env, web=web, clock=clock, ids=IdSource(clock, 1))


async def _act(processes: tuple[Env, Env], receiver: Receiver, verb: str, number: int) -> None:
    match verb:
        case "run" if number == len(processes):
            await asyncio.gather(*map(run, processes))
        case "run":
            await run(processes[number])
        case "mood":
            receiver.mood = MOODS[number]
        case _:
            for each in processes:
                assert isinstance(each.clock, HeldClock)
                each.clock.move(minutes=number)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(acts, max_size=ACTS_MAX), st.integers(-3, 3))
async def test_each_change_is_heard_once_and_in_order(
    env: Env, what: list[tuple[str, int]], skew_s: int
) -> None:
    name = f"owner{next(_names)}"
    made = Account(AccountId(env.ids.next_id()), name, 0)
    login = Login(f"{name}@example.org", "")
    await env.db.write(lambda tx: accounts.insert(tx, made, login))
    owner, outside, said = Viewer(made.id), Outside(), list[str]()
    processes = _processes(env, outside, skew_s)
    view = await beacons.create_beacon(env, owner, BeaconForm(name="Bakery", value="NEW"))
    async with outside.site(HOST) as site:
        receiver = Receiver(site)
        hook = await webhooks.create_webhook(processes[0], owner, Name(view.beacon.id), URL)
        receiver.secret = hook.secret
        for verb, number in what:
            if verb == "say":
                said.append(str(len(said)))
                await set_value(processes[number], owner, view, said[-1])
            else:
                await _act(processes, receiver, verb, number)
            assert receiver.values == said[: len(receiver.taken)]
        receiver.mood = fine
        await _act(processes, receiver, "wait", 2 * STEP_MINUTES_MAX)
        await _act(processes, receiver, "run", len(processes))
        assert receiver.values == said
        assert receiver.at_once_max <= 1
