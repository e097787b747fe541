"""Polls: what may be asked, what an edit does to the votes, and who may vote how."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain import polls
from stonechat.domain.polls import PollDraft, check_poll, check_vote, edit_poll, open_poll
from stonechat.domain.views import PollView
from stonechat.kernel.errors import InvalidInput

NOW_MS = 1_800_000_000_000
DAY_S = 86_400
FAMILY = "👨‍👩‍👧‍👦"


def draft(*options: str, seconds: int | None = DAY_S, **more: bool) -> PollDraft:
    return PollDraft(options or ("tea", "coffee"), seconds, **more)


def refusal_of(asked: PollDraft) -> str:
    with pytest.raises(InvalidInput) as refused:
        check_poll(asked)
    assert refused.value.field == "poll"
    return refused.value.message


def test_po1_a_new_poll_has_no_votes() -> None:
    """[PO1] The end is counted from now."""
    poll = open_poll(draft("tea", "coffee", "milk", is_multiple=True, hides_totals=True), NOW_MS)
    expires_ms = NOW_MS + DAY_S * 1000
    assert poll == PollView(
        options=("tea", "coffee", "milk"),
        votes=(0, 0, 0),
        voters=0,
        is_multiple=True,
        hides_totals=True,
        expires_ms=expires_ms,
    )
    assert not poll.is_over(expires_ms - 1)
    assert poll.is_over(expires_ms)


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        (("tea",), "Choices must have more than one item"),
        (("tea", " ", "\t"), "Choices must have more than one item"),
        (("a", "b", "c", "d", "e"), "Choices can't contain more than 4 items"),
        (("tea", "x" * 51), "Choices cannot be longer than 50 characters each"),
        (("tea", FAMILY * 51), "Choices cannot be longer than 50 characters each"),
        (("tea", "x" + "\u0301" * 2000), "Choices cannot be longer than 50 characters each"),
        (("tea", " tea "), "Choices contain duplicate items"),
        (
            ("a", "a", "b", "x" * 51, "c"),
            (
                "Choices can't contain more than 4 items, Choices cannot be longer than 50"
                " characters each, Choices contain duplicate items"
            ),
        ),
    ],
)
def test_po2_options_that_are_refused(options: tuple[str, ...], faults: str) -> None:
    """[PO2]"""
    assert refusal_of(draft(*options)) == f"Validation failed: {faults}"


def test_po2_options_are_stripped_and_counted_as_a_reader_counts() -> None:
    """[PO2] Fifty families are fifty characters; a blank option is none at all."""
    kept = check_poll(draft(" tea ", "", FAMILY * 50, "  ", "x" * 50))
    assert kept.options == ("tea", FAMILY * 50, "x" * 50)


@pytest.mark.parametrize(
    ("seconds", "fault"),
    [
        (None, "Deadline can't be blank"),
        (-1, "Deadline is too soon"),
        (299, "Deadline is too soon"),
        (2_629_747, "Deadline is too far into the future"),
        (2**53 - 1, "Deadline is too far into the future"),
    ],
)
def test_po3_durations_that_are_refused(seconds: int | None, fault: str) -> None:
    """[PO3]"""
    assert refusal_of(draft(seconds=seconds)) == f"Validation failed: {fault}"


@pytest.mark.parametrize("seconds", [300, 2_629_746])
def test_po3_the_shortest_and_the_longest(seconds: int) -> None:
    """[PO3]"""
    assert open_poll(draft(seconds=seconds), NOW_MS).expires_ms == NOW_MS + seconds * 1000


def test_several_faults_are_told_together() -> None:
    assert refusal_of(draft("tea", seconds=None)) == (
        "Validation failed: Choices must have more than one item, Deadline can't be blank"
    )


def test_sr12_an_edit_of_the_question_begins_anew() -> None:
    """[SR12] Options, their order, and whether several may be chosen, are the question."""
    before = polls.cast(open_poll(draft(), NOW_MS), [1])
    for asked in (
        draft("tea", "cocoa"),
        draft("coffee", "tea"),
        draft("tea", "coffee", "milk"),
        draft(is_multiple=True),
    ):
        after = edit_poll(before, asked, NOW_MS)
        assert after == open_poll(asked, NOW_MS)
        assert not polls.asks_the_same(before, after)


def test_sr12_an_edit_beside_the_question_keeps_the_votes() -> None:
    """[SR12] Said again in the same moment it is the same poll; later only its end has moved."""
    before = polls.cast(open_poll(draft(), NOW_MS), [1])
    assert edit_poll(before, draft(" tea", "coffee "), NOW_MS) == before
    later = edit_poll(before, draft(seconds=600, hides_totals=True), NOW_MS + 5)
    assert later == replace(before, hides_totals=True, expires_ms=NOW_MS + 5 + 600_000)
    assert polls.asks_the_same(before, later)


def test_an_edit_brings_a_poll_or_takes_it_away() -> None:
    poll = open_poll(draft(), NOW_MS)
    assert edit_poll(None, draft(), NOW_MS) == poll
    assert edit_poll(poll, None, NOW_MS) is None
    assert edit_poll(None, None, NOW_MS) is None
    assert polls.asks_the_same(None, None)
    assert not polls.asks_the_same(None, poll)
    assert not polls.asks_the_same(poll, None)
    with pytest.raises(InvalidInput):
        edit_poll(poll, draft("tea"), NOW_MS)


ENDED = "The poll has already ended"
OWN = "You cannot vote in your own polls"
ABSENT = "The chosen vote option does not exist"
TWICE = "You have already voted on this poll"


@pytest.mark.parametrize(
    ("choices", "how", "fault"),
    [
        ([2], {}, ABSENT),
        ([-1], {}, ABSENT),
        ([0, 1], {}, TWICE),
        ([1], {"has_voted": True}, TWICE),
        ([0], {"is_own": True}, OWN),
        ([0], {"now_ms": NOW_MS + DAY_S * 1000}, ENDED),
        # The first of several faults, by how final they are.
        ([9], {"is_own": True, "has_voted": True}, OWN),
        ([9], {"is_own": True, "now_ms": NOW_MS + DAY_S * 1000}, ENDED),
    ],
)
def test_po7_po8_votes_that_are_refused(
    choices: list[int], how: dict[str, int], fault: str
) -> None:
    """[PO7] [PO8]"""
    facts = {"now_ms": NOW_MS, "is_own": False, "has_voted": False} | how
    with pytest.raises(InvalidInput) as refused:
        check_vote(open_poll(draft(), NOW_MS), choices, **facts)  # pyright: ignore[reportArgumentType]
    assert refused.value.message == f"Validation failed: {fault}"


def test_po7_several_choices_where_several_may_be_chosen() -> None:
    """[PO7] Each of them once."""
    poll = open_poll(draft(is_multiple=True), NOW_MS)
    check_vote(poll, [0, 1], now_ms=NOW_MS, is_own=False, has_voted=False)
    with pytest.raises(InvalidInput, match=TWICE):
        check_vote(poll, [1, 1], now_ms=NOW_MS, is_own=False, has_voted=False)


@given(
    st.integers(2, 4).flatmap(
        lambda options: st.tuples(
            st.just(options),
            st.lists(st.sets(st.integers(0, options - 1), min_size=1), max_size=20),
        )
    )
)
def test_po10_counts_are_what_one_counts(world: tuple[int, list[set[int]]]) -> None:
    """[PO10] voters are people, votes are choices; taking every vote back leaves nothing."""
    options, ballots = world
    empty = poll = open_poll(draft(*"abcd"[:options], is_multiple=True), NOW_MS)
    for ballot in ballots:
        poll = polls.cast(poll, sorted(ballot))
    counts = tuple(sum(index in ballot for ballot in ballots) for index in range(options))
    assert (poll.votes, poll.voters) == (counts, len(ballots))
    assert polls.recount(empty, dict(enumerate(counts)), len(ballots)) == poll
    for ballot in ballots:
        poll = polls.withdraw(poll, sorted(ballot))
    assert poll == empty


# Of a community -------------------------------------------------------------------------------


@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=30),
)
def test_taps_leave_what_an_even_number_of_them_leaves(
    is_multiple: bool,  # noqa: FBT001
    taps: list[tuple[int, int]],
) -> None:
    """Counts are those of a model that keeps for each person what they have chosen."""
    asked = PollDraft(("a", "b", "c"), None, is_multiple=is_multiple, is_titled=True)
    poll = open_poll(asked, NOW_MS)
    chosen: dict[int, tuple[int, ...]] = {}
    for person, choice in taps:
        before = chosen.get(person, ())
        after = polls.tap(poll, before, choice, now_ms=NOW_MS, is_own=False)
        assert (choice in after) is (choice not in before)
        assert is_multiple or len(after) <= 1
        poll = polls.choose(poll, before, after)
        chosen[person] = after
    given_votes = [choice for each in chosen.values() for choice in each]
    assert poll.votes == tuple(given_votes.count(choice) for choice in range(3))
    assert poll.voters == sum(bool(each) for each in chosen.values())
    assert not poll.is_over(NOW_MS * 1000)


def test_what_was_voted_on_is_left_alone() -> None:
    asked = PollDraft(("a", "b"), None, is_titled=True, expires_ms=NOW_MS + 1)
    before = open_poll(asked, NOW_MS)
    polls.ensure_untouched(before, None)
    polls.ensure_untouched(None, before)
    voted = polls.cast(before, [1])
    again = edit_poll(voted, asked, NOW_MS + 5)
    assert again == voted
    polls.ensure_untouched(voted, again)
    for after in (None, before, replace(voted, expires_ms=None), replace(voted, is_multiple=True)):
        with pytest.raises(InvalidInput):
            polls.ensure_untouched(voted, after)
