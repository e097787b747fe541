"""The hub, with a table of versions in place of a database. It polls twice a second, really."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from stonechat.domain.limits import LISTENERS_MAX, LISTENERS_PER_NETWORK_MAX
from stonechat.kernel.errors import NotFound, RateLimited, Unavailable
from stonechat.realtime import hub as hubs
from stonechat.realtime.hub import KEYS_AT_ONCE, POLL_S, Hub
from stonechat.realtime.listeners import GONE, HEARTBEAT, Listener
from stonechat.storage.idioms import IN_MAX
from tests.clocks import HeldClock


class Town:
    """Things with versions, and what is shown of them."""

    def __init__(self) -> None:
        self.versions: dict[str, object] = {"door": 1}
        self.shown: dict[str, str] = {"door": "open"}
        self.asked: list[list[str]] = []
        self.rendered: list[str] = []
        self.revoked: set[str] = set()
        self.fault: Exception | None = None
        self.hub = Hub({"sign": self.find_versions}, HeldClock())

    async def find_versions(self, keys: Sequence[str]) -> Mapping[str, object]:
        self.asked.append(list(keys))
        if self.fault is not None:
            raise self.fault
        return {key: self.versions[key] for key in keys if key in self.versions}

    def listen(self, key: str = "door", grant: str = "all", **more: str | None) -> Listener:
        async def render() -> bytes | None:
            self.rendered.append(grant)
            await asyncio.sleep(0)
            if grant == "faulty":
                raise ZeroDivisionError
            if key not in self.shown:
                raise NotFound
            return None if grant in self.revoked else f"{grant}:{self.shown[key]}".encode()

        return self.hub.listen("sign", key, grant, render, **more)

    def set(self, shown: str, key: str = "door") -> None:
        self.versions[key] = f"version of {shown}"
        self.shown[key] = shown


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    made = Town()
    yield made
    await made.hub.close()
    assert made.hub.size == 0


async def piece(listener: Listener) -> str:
    async with asyncio.timeout(3):
        return (await anext(listener)).decode()


async def data(listener: Listener) -> str:
    """The next event's data; greetings and heartbeats are passed over."""
    while True:
        text = await piece(listener)
        if text.startswith("id: "):
            return text.partition("data: ")[2].strip()
        assert text.startswith(("retry: ", ":")), text


async def is_over(listener: Listener) -> bool:
    try:
        await piece(listener)
    except StopAsyncIteration:
        return True
    return False


async def test_all_with_one_grant_share_a_rendering_and_are_told_at_once_of_a_hint(
    town: Town,
) -> None:
    first, second, other = town.listen(), town.listen(), town.listen(grant="staff")
    assert (await piece(first)).startswith("retry: ")
    assert [await data(each) for each in (first, second, other)] == [
        "all:open",
        "all:open",
        "staff:open",
    ]
    assert sorted(town.rendered) == ["all", "staff"]
    town.set("closed")
    began = time.monotonic()
    town.hub.wake("sign", "door")
    assert [await data(each) for each in (first, other)] == ["all:closed", "staff:closed"]
    assert time.monotonic() - began < POLL_S / 2
    late = town.listen()
    assert await data(late) == "all:closed"
    assert town.rendered.count("all") == 2


async def test_a_change_that_nobody_hints_at_is_found_by_one_question_for_all(town: Town) -> None:
    town.versions["gate"], town.shown["gate"] = 1, "shut"
    door, gate = town.listen(), town.listen("gate")
    await data(door)
    await data(gate)
    town.asked.clear()
    town.set("closed")
    began = time.monotonic()
    assert await data(door) == "all:closed"
    assert time.monotonic() - began < POLL_S * 2
    assert [sorted(keys) for keys in town.asked] == [["door", "gate"]] * len(town.asked)
    assert len(town.asked) <= 2


async def test_who_is_slow_gets_the_newest_state_and_nothing_in_between(town: Town) -> None:
    slow, quick = town.listen(), town.listen()
    await data(slow)
    await data(quick)
    for number in range(5):
        town.set(str(number))
        town.hub.wake("sign", "door")
        assert await data(quick) == f"all:{number}"
    assert await data(slow) == "all:4"


async def test_s068_who_may_see_nothing_any_more_is_sent_nothing_newer(town: Town) -> None:
    """S068: the stream says so and ends; others go on."""
    kept, lost = town.listen(), town.listen(grant="guest")
    await data(kept)
    await data(lost)
    town.revoked.add("guest")
    town.set("secret")
    town.hub.wake("sign", "door")
    assert await piece(lost) == GONE.decode()
    assert await is_over(lost)
    assert await data(kept) == "all:secret"
    again = town.listen(grant="guest")
    assert (await piece(again)).startswith("retry: ")
    assert await piece(again) == GONE.decode()
    assert await is_over(again)
    # It is deleted: for everybody at once, whatever they were about to be told.
    del town.shown["door"]
    town.versions["door"] = "last"
    town.hub.wake("sign", "door")
    town.versions.clear()
    assert await piece(kept) == GONE.decode()
    assert await is_over(kept)
    assert town.hub.size == 0


async def test_what_is_known_and_what_looks_the_same_is_not_sent_again(town: Town) -> None:
    first = town.listen()
    await piece(first)
    mark = (await piece(first)).partition("\n")[0].removeprefix("id: ")
    back, stranger = town.listen(known=mark), town.listen(known="another")
    assert await data(stranger) == "all:open"
    # Something that they cannot see has changed.
    town.versions["door"] = "another version"
    town.hub.wake("sign", "door")
    await asyncio.sleep(0.1)
    town.set("closed")
    town.hub.wake("sign", "door")
    assert [await data(each) for each in (first, back)] == ["all:closed", "all:closed"]


async def test_while_nobody_listens_nothing_is_asked(town: Town) -> None:
    town.hub.wake("sign", "door")
    await asyncio.sleep(0.05)
    assert town.asked == []
    listener = town.listen()
    await data(listener)
    listener.leave()
    assert await is_over(listener)
    town.asked.clear()
    town.hub.wake("sign", "door")
    await asyncio.sleep(POLL_S + 0.2)
    assert town.asked == []
    # And it begins anew for the next one.
    assert await data(town.listen()) == "all:open"


async def test_there_are_so_many_listeners_and_no_more(town: Town) -> None:
    mine = [town.listen(network="192.0.2.1") for _ in range(LISTENERS_PER_NETWORK_MAX)]
    with pytest.raises(RateLimited):
        town.listen(network="192.0.2.1")
    town.listen(network="192.0.2.2")
    mine[0].leave()
    mine[0].leave()
    town.listen(network="192.0.2.1")
    for _ in range(LISTENERS_MAX - LISTENERS_PER_NETWORK_MAX - 1):
        town.listen()
    with pytest.raises(Unavailable):
        town.listen()
    assert town.hub.size == LISTENERS_MAX


async def test_a_database_that_is_away_and_a_fault_in_one_rendering_end_nobody_elses_stream(
    town: Town,
) -> None:
    town.fault = Unavailable()
    listener, faulty = town.listen(), town.listen(grant="faulty")
    await asyncio.sleep(0.05)
    assert len(town.asked) == 1
    town.fault = None
    assert await data(listener) == "all:open"
    assert (await piece(faulty)).startswith("retry: ")
    assert await is_over(faulty)
    town.fault = OSError()
    town.set("closed")
    town.hub.wake("sign", "door")
    await asyncio.sleep(0.05)
    town.fault = None
    assert await data(listener) == "all:closed"


async def test_there_are_signs_of_life_and_who_takes_none_is_broken_off(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "POLL_S", 0.01)
    monkeypatch.setattr(hubs, "_BEATS", 1)
    broken: list[str] = []
    dead, alive = town.listen(), town.listen()
    dead.break_off = lambda: broken.append("dead")
    alive.break_off = lambda: broken.append("alive")
    await data(dead)
    await data(alive)
    for _ in range(4):
        assert await piece(alive) == HEARTBEAT.decode()
        town.set(str(time.monotonic()))
        assert (await data(alive)).startswith("all:")
    assert broken == ["dead"]
    assert town.hub.size == 1


async def test_a_question_fits_into_one_statement(town: Town) -> None:
    keys = [f"door {number}" for number in range(KEYS_AT_ONCE + 1)]
    for key in keys:
        town.versions[key], town.shown[key] = 1, "open"
    assert {await data(each) for each in [town.listen(key) for key in keys]} == {"all:open"}
    assert [len(keys) for keys in town.asked] == [KEYS_AT_ONCE, 1]
    assert KEYS_AT_ONCE == IN_MAX
