"""Ids rise whatever the clock does, and no two processes make the same one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.kernel.errors import Unavailable
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


@given(st.integers(0, 50), STEPS)
def test_no_id_reaches_the_moment_at_which_the_lease_ends(lease_ms: int, steps: list[int]) -> None:
    """Neither by the clock nor by running ahead of it, and a refusal uses nothing up."""
    clock = HeldClock(NOW)
    until_ms = clock.now_ms() + lease_ms
    source = IdSource(clock, 7, until_ms=until_ms)
    made: list[int] = []
    for step in steps:
        clock.move(milliseconds=step)
        try:
            made += [source.next_id() for _ in range(3)]
        except Unavailable:
            continue
    assert all(ms_of_id(each) < until_ms for each in made)
    assert all(earlier < later for earlier, later in pairwise(made))


def test_a_lease_that_was_renewed_lets_ids_go_on() -> None:
    clock = HeldClock(NOW)
    source = IdSource(clock, 7, until_ms=clock.now_ms() + 60_000)
    first = source.next_id()
    clock.move(seconds=61)
    with pytest.raises(Unavailable):
        source.next_id()
    source.extend(clock.now_ms() + 60_000)
    assert source.next_id() > first


def test_who_has_ended_makes_no_id_that_the_next_one_makes() -> None:
    clock = HeldClock(NOW)
    source = IdSource(clock, 7)
    made = {source.next_id() for _ in range(40)}
    after_ms = source.end()
    following = IdSource(clock, 7, after_id=id_at(after_ms) - 1)
    made |= {following.next_id() for _ in range(40)}
    assert len(made) == 80
    clock.move(seconds=1)
    with pytest.raises(Unavailable):
        source.next_id()
