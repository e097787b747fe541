"""Deliveries to webhooks: each once and in order, whatever the receiver and our processes do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import LiteralString

import pytest

from stonechat.domain import limits
from stonechat.domain.beacons import BeaconForm, BeaconView
from stonechat.domain.viewers import Viewer
from stonechat.domain.webhooks import TOO_MANY, Webhook
from stonechat.kernel.paging import Cursor
from stonechat.outgoing.client import Web
from stonechat.outgoing.guard import Guard
from stonechat.outgoing.messages import Bounds
from stonechat.services import beacons, webhook_deliveries, webhooks
from stonechat.services.administration import change_state
from stonechat.services.beacons import Name
from stonechat.services.webhook_deliveries import HOLD_MS, LOOK_EVERY_MS
from stonechat.storage import webhooks as rows
from stonechat.storage.webhooks import Hold
from tests.clocks import HeldClock
from tests.contract.api import Api
from tests.contract.operate.towns import count
from tests.contract.receivers import (
    HOST,
    URL,
    Mood,
    Receiver,
    another_process,
    beacon,
    fine,
    hang_up,
    run,
    saying,
    set_value,
    stall,
    viewer,
)

WAITING: LiteralString = (
    "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1 AND delivered_ms IS NULL"
)
KEPT: LiteralString = "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1"
JOBS: LiteralString = (
    "SELECT COUNT(*) FROM jobs WHERE failed_ms IS NULL AND kind = 'deliver_webhook'"
)
ENDED_MS = HOLD_MS + LOOK_EVERY_MS


class Scene:
    """Ada's bakery, and a webhook on it."""

    def __init__(self, api: Api, ada: Viewer, view: BeaconView) -> None:
        self.api = api
        self.env = api.env
        self.ada = ada
        self.view = view
        self.name = Name(view.beacon.id)

    async def make_webhook(self, receiver: Receiver) -> Webhook:
        made = await webhooks.create_webhook(self.env, self.ada, self.name, URL)
        receiver.secret = made.secret
        return made.webhook

    async def say(self, *values: str) -> None:
        for value in values:
            await set_value(self.env, self.ada, self.view, value)

    async def see(self, webhook: Webhook) -> Webhook:
        return await webhooks.see_webhook(self.env, self.ada, webhook.id)

    async def come(self, **step: float) -> None:
        self.api.clock.move(**step)
        await run(self.env)


@pytest.fixture
async def scene(api: Api) -> Scene:
    ada = await viewer(api, "ada")
    return Scene(api, ada, await beacon(api, ada))


@asynccontextmanager
async def receiving(api: Api) -> AsyncIterator[Receiver]:
    async with api.outside.site(HOST) as site:
        yield Receiver(site)


async def test_a_receiver_that_is_down_for_a_while_gets_each_change_once_and_in_order(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard Webhooks: signed, the same id at every try; backoff, and nothing overtakes."""
    monkeypatch.setattr(webhook_deliveries, "BOUNDS", Bounds(0.2, 1024, is_cut=True))
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        number = 0
        troubles = (
            saying("500 Oops"),
            hang_up,
            fine,
            saying("302 Found", "Location: http://hooks.example/hook"),
            stall,
            saying("429 Slow down"),
            fine,
        )
        for mood in troubles:
            receiver.mood = mood
            await scene.say(f"A{number}", f"B{number}")
            number += 1
            await scene.come(minutes=20)
        assert (await scene.see(hook)).failing_ms is None
    await scene.say("REFUSED")
    await scene.come(minutes=20)
    gone = await scene.see(hook)
    assert gone.failing_ms is not None
    assert (gone.last_status, gone.last_error) == (None, "it cannot be reached")
    async with receiving(scene.api) as again:
        again.secret = receiver.secret
        await scene.come(hours=1)
        history = [f"{letter}{each}" for each in range(number) for letter in "AB"]
        assert receiver.values + again.values == [*history, "REFUSED"]
    numbers = [each["number"] for each in receiver.taken + again.taken]
    assert numbers == list(range(2, len(history) + 3))
    log = await webhooks.list_deliveries(scene.env, scene.ada, hook.id, Cursor(40))
    assert [each.event for each in log.items] == ["value.changed"] * len(numbers)
    assert all(each.delivered_ms is not None for each in log.items)
    # While it failed each try was a request for one and the same message.
    assert len(receiver.site.requests) < 3 * len(history)


async def test_what_is_sent_is_the_event_as_its_owner_may_know_it(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        await scene.make_webhook(receiver)
        form = BeaconForm(value="ß 🔴", color_no=3)
        await beacons.change_beacon(scene.env, scene.ada, scene.name, form)
        await run(scene.env)
        after = await beacons.see_own(scene.env, scene.ada, scene.name)
        (message,) = receiver.taken
        assert message.pop("id").startswith("msg_")
        moment = scene.api.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert message == {
            "type": "value.changed",
            "createdAt": moment,
            "beacon": {
                "shareId": after.beacon.id,
                "name": "Bakery",
                "accessType": "private",
                "url": f"http://stonechat.test/s/{after.beacon.id}",
                "id": after.beacon.status_id,
                "statusKey": None,
            },
            "oldValue": "NEW",
            "value": "SS 🔴",
            "colorNo": 3,
            "number": 2,
            "changedAt": moment,
            "source": "api",
        }


async def test_two_processes_that_deliver_at_once_do_not_double(scene: Scene) -> None:
    other = another_process(scene.api)
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        for number in range(30):
            env = (scene.env, other)[number % 2]
            await set_value(env, scene.ada, scene.view, str(number))
        await asyncio.gather(run(scene.env), run(other))
        # One of them may have ended while the other one was at it.
        await asyncio.gather(run(scene.env), run(other))
        assert receiver.values == [str(number) for number in range(30)]
        assert receiver.at_once_max == 1
        assert await count(scene.env.db, WAITING, hook.id) == 0
        # Those that found it held look again once, and find nothing.
        await scene.come(milliseconds=ENDED_MS)
        assert len(receiver.taken) == 30
    assert await count(scene.env.db, JOBS) == 0


@pytest.mark.parametrize("late", [fine, saying("500 Oops")])
async def test_a_holder_that_froze_is_succeeded_and_marks_nothing(scene: Scene, late: Mood) -> None:
    other = another_process(scene.api)
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def frozen(writer: asyncio.StreamWriter) -> bool:
            receiver.mood = fine
            begun.set()
            await goes_on.wait()
            await late(writer)
            return False

        receiver.mood = frozen
        await scene.say("ONE", "TWO")
        first = asyncio.create_task(
            webhook_deliveries.deliver_webhook(scene.env, {"webhook_id": hook.id})
        )
        await begun.wait()
        await run(other)
        assert receiver.taken == []
        scene.api.clock.move(milliseconds=ENDED_MS)
        await run(other)
        assert receiver.values == ["ONE", "TWO"]
        settled = await scene.see(hook)
        scene.api.clock.move(seconds=1)
        goes_on.set()
        await first
        assert await scene.see(hook) == settled
        await run(scene.env)
        assert receiver.values == ["ONE", "TWO"]


async def test_what_is_left_while_the_holder_ends_is_not_stranded(scene: Scene) -> None:
    """Whose job finds the webhook held ends; then the holder looks once more."""
    other = another_process(scene.api)
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        left = 3

        async def busy(writer: asyncio.StreamWriter) -> bool:
            nonlocal left
            if left:
                left -= 1
                await set_value(other, scene.ada, scene.view, f"LATE{left}")
                await run(other)
            return await fine(writer)

        receiver.mood = busy
        await scene.say("FIRST")
        await run(scene.env)
        assert receiver.values == ["FIRST", "LATE2", "LATE1", "LATE0"]
        assert await count(scene.env.db, WAITING, hook.id) == 0


async def test_what_is_left_after_the_last_look_is_not_stranded(postgres_api: Api) -> None:
    ada = await viewer(postgres_api, "ada")
    scene = Scene(postgres_api, ada, await beacon(postgres_api, ada))
    other = another_process(postgres_api)

    async def come_late() -> None:
        await set_value(other, ada, scene.view, "LATE")
        await run(other)

    async with receiving(scene.api) as receiver:
        await scene.make_webhook(receiver)
        await scene.say("FIRST")
        # The holder found nothing more, and is about to let go.
        postgres_api.recorder.before("DELETE FROM webhooks WHERE id", come_late)
        await run(scene.env)
        assert receiver.values == ["FIRST", "LATE"]


async def test_a_dead_holder_is_succeeded_after_its_time(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        now_ms = scene.api.clock.now_ms()
        hold = Hold("somebody dead", now_ms + HOLD_MS)
        assert await scene.env.db.write(lambda tx: rows.take(tx, hook.id, hold, now_ms))
        await scene.say("ONE", "TWO")
        await run(scene.env)
        assert receiver.taken == []
        await scene.come(milliseconds=ENDED_MS)
        assert receiver.values == ["ONE", "TWO"]


async def test_clocks_that_differ_do_not_turn_the_order_round(scene: Scene) -> None:
    slow = HeldClock(scene.api.clock.now() - timedelta(seconds=5))
    other = another_process(scene.api, clock=slow)
    async with receiving(scene.api) as receiver:
        await scene.make_webhook(receiver)
        for value in ("1", "2", "3", "4"):
            await set_value((scene.env, other)[int(value) % 2], scene.ada, scene.view, value)
        await run(scene.env)
        assert receiver.values == ["1", "2", "3", "4"]


async def test_one_that_fails_for_a_day_is_given_up_and_shown_and_can_be_enabled(
    scene: Scene,
) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        receiver.mood = saying("503 Closed")
        await scene.say("ONE", "TWO")
        await run(scene.env)
        failing = await scene.see(hook)
        began_ms, waits = scene.api.clock.now_ms(), list[int]()
        assert (failing.failing_ms, failing.last_status) == (began_ms, 503)
        while not failing.is_disabled:
            waits.append(failing.try_ms - scene.api.clock.now_ms())
            tried = len(receiver.site.requests)
            # Not a millisecond too early, whoever has a job.
            await scene.come(milliseconds=waits[-1] - 1)
            assert len(receiver.site.requests) == tried
            await scene.come(milliseconds=1)
            assert len(receiver.site.requests) == tried + 1
            failing = await scene.see(hook)
        assert failing.disabled_ms == began_ms + limits.WEBHOOK_TRYING_HOURS * 3_600_000
        assert failing.last_error == "answered 503"
        assert waits[:9] == sorted(waits[:9])
        assert 4000 <= waits[0] <= 5000
        assert 2_880_000 <= max(waits) <= 3_600_000
        # What happens now is lost; what waited stays, and comes in order.
        await scene.say("LOST")
        await scene.come(hours=2)
        receiver.mood = fine
        assert receiver.taken == []
        assert (await webhooks.enable_webhook(scene.env, scene.ada, hook.id)).disabled_ms is None
        await scene.say("FOUR")
        await run(scene.env)
        assert receiver.values == ["ONE", "TWO", "FOUR"]
        assert (await scene.see(hook)).last_error is None


async def test_a_receiver_that_is_gone_is_given_up_at_once(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        receiver.mood = saying("410 Gone")
        await scene.say("ONE")
        await run(scene.env)
        assert (await scene.see(hook)).disabled_ms == scene.api.clock.now_ms()
        await scene.come(days=2)
        assert len(receiver.site.requests) == 1


async def test_a_new_failure_after_a_success_has_a_day_of_its_own(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        receiver.mood = saying("500 Oops")
        await scene.say("ONE", "TWO")
        await run(scene.env)
        scene.api.clock.move(hours=30)

        async def once(writer: asyncio.StreamWriter) -> bool:
            receiver.mood = saying("500 Oops")
            return await fine(writer)

        receiver.mood = once
        await run(scene.env)
        seen = await scene.see(hook)
        assert receiver.values == ["ONE"]
        assert (seen.disabled_ms, seen.failing_ms) == (None, scene.api.clock.now_ms())


async def test_a_deleted_beacon_says_so_last_and_leaves_nothing(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say("ONE")
        await beacons.delete_beacon(scene.env, scene.ada, scene.name)
        receiver.mood = saying("500 Oops")
        await run(scene.env)
        assert await count(scene.env.db, WAITING, hook.id) == 2
        receiver.mood = fine
        await scene.come(minutes=1)
        assert receiver.types == ["value.changed", "beacon.deleted"]
        assert receiver.taken[-1]["value"] == "ONE"
    assert await count(scene.env.db, KEPT, hook.id) == 0
    assert await rows.find(scene.env.db, scene.ada.account_id, hook.id) is None


async def test_the_webhooks_of_a_deleted_beacon_go_when_they_are_given_up(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        failing = await scene.make_webhook(receiver)
        given_up = await scene.make_webhook(receiver)
        await scene.env.db.write(lambda tx: rows.disable(tx, given_up.id, 1, "as a test wants it"))
        await beacons.delete_beacon(scene.env, scene.ada, scene.name)
        receiver.secret = ""
        receiver.mood = saying("410 Gone")
        assert await rows.find(scene.env.db, scene.ada.account_id, given_up.id) is None
        await run(scene.env)
    assert await rows.find(scene.env.db, scene.ada.account_id, failing.id) is not None
    await scene.come(hours=25)
    assert await rows.find(scene.env.db, scene.ada.account_id, failing.id) is None
    assert await count(scene.env.db, KEPT, failing.id) == 0


async def test_a_test_message_waits_for_its_turn_which_is_now(scene: Scene) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        receiver.mood = saying("500 Oops")
        await scene.say("ONE")
        await run(scene.env)
        receiver.mood = fine
        made = await webhooks.test_webhook(scene.env, scene.ada, hook.id)
        await run(scene.env)
        assert receiver.types == ["value.changed", "webhook.test"]
        assert receiver.taken[-1]["id"] == made.message_id


async def test_too_many_that_wait_give_a_webhook_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_WAITING_MAX", 3)
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say("1", "2", "3", "4", "5")
        seen = await scene.see(hook)
        assert (seen.is_disabled, seen.last_error) == (True, TOO_MANY)
        await run(scene.env)
        assert receiver.taken == []
        await webhooks.enable_webhook(scene.env, scene.ada, hook.id)
        await run(scene.env)
        assert receiver.values == ["1", "2", "3"]


async def test_a_long_queue_lets_others_have_their_turn(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_deliveries, "SENT_AT_ONCE_MAX", 3)
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say(*"ABCDEFGH")
        await webhook_deliveries.deliver_webhook(scene.env, {"webhook_id": hook.id})
        assert receiver.values == [*"ABC"]
        await run(scene.env)
        assert receiver.values == [*"ABCDEFGH"]


async def test_a_slow_receiver_lets_others_have_their_turn(scene: Scene) -> None:
    """A turn ends by its time, too: a receiver that takes ten seconds would hold us for long."""
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say(*"ABCDEFGH")

        async def slow(writer: asyncio.StreamWriter) -> bool:
            scene.api.clock.move(milliseconds=webhook_deliveries.TURN_MS * 0.4)
            return await fine(writer)

        receiver.mood = slow
        await webhook_deliveries.deliver_webhook(scene.env, {"webhook_id": hook.id})
        assert receiver.values == [*"ABC"]
        receiver.mood = fine
        # Nobody holds it, and a job goes on.
        await run(scene.env)
        assert receiver.values == [*"ABCDEFGH"]


async def test_nothing_leaves_for_who_was_suspended_until_they_are_back(
    scene: Scene,
) -> None:
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say("ONE")
        await change_state(scene.env, "ada", "suspend")
        await scene.come(hours=1)
        assert receiver.taken == []
        assert await count(scene.env.db, WAITING, hook.id) == 1
        await change_state(scene.env, "ada", "enable")
        await run(scene.env)
        assert receiver.values == ["ONE"]
        await scene.say("TWO")
        await run(scene.env)
        assert receiver.values == ["ONE", "TWO"]


async def test_s108_no_webhook_leads_inside(scene: Scene) -> None:
    """A name that leads to an inner address is found out at the try, and nothing is sent."""
    guard = Guard("stonechat.test", look_up=scene.api.outside.look_up)
    other = replace(scene.env, web=Web(guard, "http://stonechat.test"))
    async with receiving(scene.api) as receiver:
        hook = await scene.make_webhook(receiver)
        await scene.say("ONE")
        await run(other)
        assert receiver.site.requests == []
        seen = await scene.see(hook)
        assert (seen.last_status, seen.last_error) == (None, "an address that may not be gone to")
