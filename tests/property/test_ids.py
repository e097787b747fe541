"""Ids rise whatever the clock does, and no two processes make the same one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stonechat.kernel.ids import ID_MAX, IdSource, id_at, ms_of_id
from tests.clocks import HeldClock

STEPS = st.lists(st.integers(-100_000, 100_000), max_size=200)
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@given(STEPS)
def test_ids_rise_when_the_clock_steps_back(steps: list[int]) -> None:
    clock = HeldClock(NOW)
    source = IdSource(clock, 7)
    made = [source.next_id()]
    for step in steps:
        clock.move(milliseconds=step)
        made += [source.next_id() for _ in range(3)]
    assert all(earlier < later for earlier, later in pairwise(made))
    assert made[-1] <= ID_MAX


@given(st.integers(0, 255), st.integers(0, 255), st.integers(1, 200))
def test_two_processes_never_make_the_same_id(one: int, other: int, count: int) -> None:
    clock = HeldClock(NOW)
    first, second = IdSource(clock, one), IdSource(clock, other)
    made = {first.next_id() for _ in range(count)} & {second.next_id() for _ in range(count)}
    assert (one == other) == bool(made)


@given(st.integers(0, ID_MAX >> 1))
def test_a_restart_goes_on_after_the_newest_id(newest: int) -> None:
    assert IdSource(HeldClock(NOW), 0, after_id=newest).next_id() > newest


@given(st.integers(1_262_304_000_000, 1_262_304_000_000 + (1 << 40)))
def test_an_id_tells_its_time(milliseconds: int) -> None:
    assert ms_of_id(id_at(milliseconds)) == milliseconds


def test_two_threads_never_get_the_same_id() -> None:
    source = IdSource(HeldClock(NOW), 7)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: [source.next_id() for _ in range(5_000)], range(4)))
    assert len({each for some in made for each in some}) == 20_000
