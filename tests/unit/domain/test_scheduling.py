"""When something is due, how many may be, and what is left of an order whose parts are gone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain.ids import MediaId, StatusId
from stonechat.domain.scheduling import (
    DUE_MS_MAX,
    Quota,
    Waiting,
    check_due,
    check_room,
    day_of,
    lessened,
    read_due,
)
from stonechat.domain.statuses import PostStatus
from stonechat.kernel.clock import from_ms, to_ms
from stonechat.kernel.errors import InvalidInput

NOON = to_ms(datetime(2026, 3, 15, 12, tzinfo=UTC))
DAY_MS = 86_400_000
# A minute short of a day: the most that ISO 8601 and Python's time zones know.
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.integers(to_ms(datetime(1970, 1, 2, tzinfo=UTC)), DUE_MS_MAX - DAY_MS)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-15T12:00:00Z",
        "2026-03-15T12:00:00.000Z",
        "2026-03-15t12:00:00z",
        "2026-03-15T12:00:00.000999999Z",
        "2026-03-15T14:00:00+02:00",
        "2026-03-15T14:00:00+0200",
        "2026-03-15T14:00+02",
        "2026-03-14T22:00:00-14:00",
        "2026-03-15T17:45:00+05:45",
        "2026-03-15T12:00:00",
        "2026-03-15 12:00:00",
        "20260315T120000Z",
        "2026-W11-7T12:00:00Z",
        " 2026-03-15T12:00Z ",
    ],
)
def test_sch5_any_spelling_of_iso_8601_is_read(text: str) -> None:
    assert read_due(text) == NOON


def test_a_date_alone_is_its_beginning_in_utc() -> None:
    assert read_due("2026-03-15") == NOON - DAY_MS // 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "12:00",
        "2026-02-29T12:00:00Z",
        "2026-03-15T25:00:00Z",
        "2026-03-15T12:00:00+25:00",
        "2026-03-15T12:00:00 02:00",
        "2026-03-15T12:00:00Europe/Vienna",
        "15.03.2026",
        "03/15/2026",
        "+12026-03-15T12:00:00Z",
        "-2026-03-15T12:00:00Z",
        # Seconds and milliseconds since 1970, by which some apps mean a time to come.
        "1773576000",
        "1773576000000",
        "２０２６-０３-１５T12:00:00Z",  # noqa: RUF001 - digits that are not ASCII
        "2026-03-15T12:00:00Z\0",
        "\ud800",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_sch4_what_is_no_time_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Record invalid$"):
        read_due(text)


@given(moments, offsets)
def test_a_moment_is_the_same_with_every_offset(moment_ms: int, zone: timezone) -> None:
    moment = from_ms(moment_ms).astimezone(zone)
    assert read_due(moment.isoformat()) == moment_ms
    assert read_due(moment.isoformat(timespec="milliseconds")) == moment_ms


@given(st.text(max_size=64) | st.from_regex(r"[0-9TWZ:.+ -]{1,40}", fullmatch=True))
def test_whatever_is_sent_is_a_time_or_invalid(text: str) -> None:
    try:
        due_ms = read_due(text)
    except InvalidInput:
        return
    assert due_ms <= DUE_MS_MAX


def test_seed_at_least_five_minutes_ahead() -> None:
    check_due(NOON + 300_000, NOON)
    with pytest.raises(InvalidInput) as refusal:
        check_due(NOON + 299_999, NOON)
    assert refusal.value.message == "Validation failed: Scheduled at date must be in the future"


@given(moments)
def test_a_day_is_the_day_of_utc(moment_ms: int) -> None:
    first_ms, after_ms = day_of(moment_ms)
    assert first_ms <= moment_ms < after_ms
    day = from_ms(moment_ms).date()
    assert (from_ms(first_ms).date(), from_ms(after_ms - 1).date()) == (day, day)
    assert first_ms == to_ms(datetime.combine(day, datetime.min.time(), UTC))


@given(moments, moments, offsets)
def test_two_moments_share_a_day_wherever_they_were_written(
    one_ms: int, other_ms: int, zone: timezone
) -> None:
    def utc_day(moment_ms: int) -> date:
        return from_ms(read_due(from_ms(moment_ms).astimezone(zone).isoformat())).date()

    is_same = day_of(one_ms) == day_of(other_ms)
    assert is_same == (utc_day(one_ms) == utc_day(other_ms))


def test_sch6_room_ends_where_the_limits_say() -> None:
    quota = Quota(300, 50)
    check_room(Waiting(299, 49), quota)
    total = "You have exceeded the limit of 300 scheduled posts"
    daily = "You have exceeded the limit of 50 scheduled posts for today"
    for waiting, words in (
        (Waiting(300, 49), total),
        (Waiting(299, 50), daily),
        (Waiting(300, 50), f"{total}, {daily}"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            check_room(waiting, quota)
        assert refusal.value.message == f"Validation failed: {words}"


def test_an_order_without_parts_can_only_be_said_whole() -> None:
    order = PostStatus("hello")
    assert list(lessened(order)) == [order]


def test_an_order_loses_as_little_as_can_be() -> None:
    order = PostStatus(
        "hello", in_reply_to_id=StatusId(1), quoted_id=StatusId(2), media_ids=(MediaId(3),)
    )
    left = [
        (bool(each.in_reply_to_id), bool(each.quoted_id), bool(each.media_ids))
        for each in lessened(order)
    ]
    assert left[0] == (True, True, True)
    assert left[-1] == (False, False, False)
    counts = [sum(parts) for parts in left]
    assert counts == sorted(counts, reverse=True)
    assert len(set(left)) == 8
    assert {each.text for each in lessened(order)} == {"hello"}
