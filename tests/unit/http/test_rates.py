"""Rates: fixed windows, whom a request counts for, and what nobody can get round."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stonechat.domain.ids import NOBODY, AccountId, AppId, TokenId
from stonechat.domain.viewers import ANONYMOUS, Viewer
from stonechat.http import rates
from stonechat.http.addresses import Scope
from stonechat.http.rates import (
    CLASSES_APART,
    CLASSES_BY_NETWORK,
    CLASSES_BY_PERSON,
    DESK,
    MISSES_PER_NETWORK,
    SHARES,
    Allowance,
    Limit,
    RateLimits,
    Tried,
)
from stonechat.kernel.clock import from_ms, to_ms
from stonechat.kernel.errors import NotAuthenticated, NotFound, RateLimited
from stonechat.kernel.settings import Settings
from tests.clocks import HeldClock

NOON = to_ms(datetime(2026, 8, 7, 12, 0, tzinfo=UTC))
MINUTE_MS = 60_000
TOKEN = b"t" * 32


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(from_ms(NOON))


@pytest.fixture
def limits(clock: HeldClock) -> RateLimits:
    return RateLimits(clock, Settings(Path(), "", base_url="https://stonechat.test"))


def ask(peer: str = "203.0.113.5", query: bytes = b"", *, bearer: bool = False) -> Scope:
    headers = [(b"authorization", b"Bearer x")] if bearer else []
    return {"client": (peer, 40_000), "headers": headers, "query_string": query}


def person(number: int = 1) -> Viewer:
    return Viewer(AccountId(number), "read write", AppId(1), TokenId(number))


def count(
    limits: RateLimits,
    limit_class: str = "api",
    token: bytes = TOKEN,
    viewer: Viewer | None = None,
    query: bytes = b"",
) -> Allowance:
    """One request as `mount` counts it."""
    allowance = limits.check(limit_class, token, ask(query=query, bearer=bool(token)))
    allowance = limits.check_person(limit_class, viewer or person(), allowance)
    assert allowance is not None
    return allowance


def test_a_token_has_300_in_five_minutes(limits: RateLimits) -> None:
    assert [count(limits).remaining for _ in range(300)] == list(range(299, -1, -1))
    with pytest.raises(RateLimited) as caught:
        count(limits)
    assert caught.value.limit == 300
    assert caught.value.resets_at == datetime(2026, 8, 7, 12, 5, tzinfo=UTC)


def test_windows_begin_at_multiples_of_the_epoch(limits: RateLimits, clock: HeldClock) -> None:
    clock.moment = from_ms(NOON + 5 * MINUTE_MS - 1)
    assert count(limits).resets_at == from_ms(NOON + 5 * MINUTE_MS)
    clock.move(milliseconds=1)
    allowance = count(limits)
    assert (allowance.remaining, allowance.resets_at) == (299, from_ms(NOON + 10 * MINUTE_MS))


def test_a_full_window_opens_again_when_it_ends(limits: RateLimits, clock: HeldClock) -> None:
    for _ in range(300):
        count(limits)
    clock.move(minutes=5, milliseconds=-1)
    with pytest.raises(RateLimited):
        count(limits)
    clock.move(milliseconds=1)
    assert count(limits).remaining == 299


def test_a_request_that_began_in_the_last_window_does_not_turn_it_back(
    limits: RateLimits, clock: HeldClock
) -> None:
    clock.moment = from_ms(NOON - 1)
    slow = limits.check("api", TOKEN, ask())
    clock.moment = from_ms(NOON)
    assert count(limits).remaining == 299
    limits.check_person("api", person(), slow)
    assert count(limits).remaining == 298


def test_a_clock_that_was_set_back_begins_an_older_window(
    limits: RateLimits, clock: HeldClock
) -> None:
    for _ in range(300):
        count(limits)
    clock.moment = from_ms(NOON - 60 * MINUTE_MS)
    assert count(limits).resets_at == from_ms(NOON - 55 * MINUTE_MS)


def test_a_person_has_1500_over_all_tokens(limits: RateLimits) -> None:
    for number in range(1500):
        count(limits, token=bytes([number % 6]) * 32)
    with pytest.raises(RateLimited) as caught:
        count(limits, token=b"\6" * 32)
    assert caught.value.limit == 1500
    assert count(limits, token=b"\7" * 32, viewer=person(2)).remaining == 299


def test_without_a_token_the_network_has_300(limits: RateLimits) -> None:
    for number in range(300):
        limits.check("api", b"", ask(f"2001:db8::{number:x}"))
    with pytest.raises(RateLimited):
        limits.check("api", b"", ask("2001:db8::ffff"))
    assert limits.check("api", b"", ask("2001:db8:0:1::1")) is not None
    assert count(limits).remaining == 299


def test_an_apps_token_counts_for_no_person(limits: RateLimits) -> None:
    app = Viewer(NOBODY, "read", AppId(1), TokenId(9))
    for _ in range(100):
        count(limits, "media", viewer=app)
    assert count(limits, "media", viewer=app).remaining == 199


def test_tokens_made_up_are_refused_like_none_where_a_token_is_needed(limits: RateLimits) -> None:
    for number in range(300):
        limits.check("api", number.to_bytes(32), ask(bearer=True))
        limits.penalise("api", NotAuthenticated(), ask(bearer=True))
    with pytest.raises(RateLimited):
        limits.check("api", b"made up once more", ask(bearer=True))
    with pytest.raises(RateLimited):
        limits.check("api", b"", ask())


def test_tokens_made_up_are_refused_like_none_where_no_token_is_needed(
    limits: RateLimits,
) -> None:
    for number in range(300):
        count(limits, token=number.to_bytes(32), viewer=ANONYMOUS)
    with pytest.raises(RateLimited):
        count(limits, token=b"made up once more", viewer=ANONYMOUS)


@pytest.mark.parametrize(("limit_class", "limit"), CLASSES_APART.items())
@pytest.mark.parametrize("token", [b"", TOKEN])
def test_a_class_apart_counts_for_the_network_and_for_nothing_else(
    limits: RateLimits, limit_class: str, limit: Limit, token: bytes
) -> None:
    for _ in range(limit.maximum):
        limits.check(limit_class, token, ask())
    with pytest.raises(RateLimited):
        limits.check(limit_class, token, ask())
    assert limits.check(limit_class, token, ask("198.51.100.9")) is not None
    assert count(limits, token=b"", viewer=ANONYMOUS).remaining == 299
    for other in set(CLASSES_APART) - {limit_class}:
        assert limits.check(other, token, ask()) is not None


def test_s064_misses_close_the_shares_and_nothing_else(limits: RateLimits) -> None:
    for _ in range(MISSES_PER_NETWORK.maximum):
        limits.check(SHARES, b"", ask())
        limits.penalise(SHARES, NotFound(), ask())
    with pytest.raises(RateLimited) as caught:
        limits.check(SHARES, b"", ask())
    assert caught.value.limit == MISSES_PER_NETWORK.maximum
    assert limits.check(DESK, b"", ask()) is not None
    assert limits.check(SHARES, b"", ask("198.51.100.9")) is not None
    assert count(limits, token=b"", viewer=ANONYMOUS).remaining == 299


def test_made_up_and_absent_tokens_share_one_counter(limits: RateLimits) -> None:
    assert count(limits, token=b"", viewer=ANONYMOUS).remaining == 299
    assert count(limits, token=b"made up", viewer=ANONYMOUS).remaining == 298


def test_who_guesses_tokens_does_not_shut_out_a_neighbour_who_is_signed_in(
    limits: RateLimits,
) -> None:
    count(limits)
    for number in range(400):
        limits.penalise("api", NotAuthenticated(), ask(bearer=True))
        limits.penalise("api", NotAuthenticated(), ask(f"198.51.100.{number % 250}", bearer=True))
    assert count(limits).remaining == 298
    with pytest.raises(RateLimited):
        limits.check("api", b"unheard of", ask(bearer=True))


def test_only_a_refused_token_is_penalised(limits: RateLimits) -> None:
    limits.penalise("api", NotAuthenticated(), ask())
    limits.penalise("api", NotFound(), ask(bearer=True))
    assert count(limits, token=b"", viewer=ANONYMOUS).remaining == 299


@pytest.mark.parametrize(("limit_class", "limit"), CLASSES_BY_PERSON.items())
def test_a_class_by_person_has_its_own_limit(
    limits: RateLimits, limit_class: str, limit: Limit
) -> None:
    for number in range(limit.maximum):
        count(limits, limit_class, token=bytes([number % 4]) * 32)
    with pytest.raises(RateLimited) as caught:
        count(limits, limit_class, token=b"\5" * 32)
    assert caught.value.limit == limit.maximum
    assert count(limits, "api", token=b"\6" * 32).remaining == 299
    assert count(limits, limit_class, token=b"\7" * 32, viewer=person(2)).remaining > 0


def test_the_limits_are_those_that_clients_know() -> None:
    minutes = {name: (limit[0], limit[1] // MINUTE_MS) for name, limit in CLASSES_BY_PERSON.items()}
    minutes |= {
        name: (limit[0], limit[1] // MINUTE_MS) for name, limit in CLASSES_BY_NETWORK.items()
    }
    assert minutes == {
        "post": (300, 180),
        "delete": (30, 30),
        "follow": (400, 1440),
        "media": (30, 30),
        "sign_up": (5, 30),
        "apps": (5, 10),
    }


@pytest.mark.parametrize("limit_class", CLASSES_BY_NETWORK)
@pytest.mark.parametrize("token", [b"", TOKEN])
def test_a_class_by_network_has_five_whatever_the_token(
    limits: RateLimits, limit_class: str, token: bytes
) -> None:
    for _ in range(5):
        limits.check(limit_class, token, ask())
    with pytest.raises(RateLimited) as caught:
        limits.check(limit_class, token, ask())
    assert caught.value.limit == 5
    assert limits.check(limit_class, token, ask("198.51.100.9")) is not None


@pytest.mark.parametrize("query", [b"max_id=1", b"limit=40&min_id=", b"since_id=1&a=b", b"page=2"])
def test_paging_has_300_in_fifteen_minutes(
    limits: RateLimits, clock: HeldClock, query: bytes
) -> None:
    for number in range(300):
        clock.moment = from_ms(NOON + number % 3 * 5 * MINUTE_MS)
        count(limits, token=bytes([number % 200]) * 32, query=query)
        limits.check("api", b"", ask(query=query))
    with pytest.raises(RateLimited) as caught:
        count(limits, token=b"other", query=query)
    assert caught.value.resets_at == from_ms(NOON + 15 * MINUTE_MS)
    with pytest.raises(RateLimited):
        limits.check("api", b"", ask(query=query))
    assert count(limits, token=b"other", query=b"limit=40&homepage=1").remaining == 298


def test_the_headers_tell_of_the_tightest_limit(limits: RateLimits) -> None:
    assert limits.headers(count(limits)) == {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "299",
        "x-ratelimit-reset": "2026-08-07T12:05:00.000000Z",
    }
    assert limits.headers(count(limits, "media")) == {
        "x-ratelimit-limit": "30",
        "x-ratelimit-remaining": "29",
        "x-ratelimit-reset": "2026-08-07T12:30:00.000000Z",
    }


def test_the_headers_of_a_new_status_tell_of_statuses(limits: RateLimits) -> None:
    for _ in range(10):
        count(limits)
    assert limits.headers(count(limits, "post")) == {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "299",
        "x-ratelimit-reset": "2026-08-07T15:00:00.000000Z",
    }


def test_switched_off_nothing_is_counted_and_no_header_is_sent(clock: HeldClock) -> None:
    limits = RateLimits(clock, Settings(Path(), "", rate_limits=False))
    for _ in range(2000):
        assert limits.check("apps", TOKEN, ask()) is None
        assert limits.check_person("post", person(), None) is None
        limits.penalise("api", NotAuthenticated(), ask(bearer=True))
        limits.fail_sign_in(Tried("owner"), ask())
    limits.check_sign_in(Tried("owner"), ask())
    assert limits.headers(None) == {}


def test_wrong_passwords_are_counted_for_the_network(limits: RateLimits) -> None:
    for number in range(25):
        limits.check_sign_in(Tried(f"name{number}"), ask())
        limits.fail_sign_in(Tried(f"name{number}"), ask())
    with pytest.raises(RateLimited):
        limits.check_sign_in(Tried("another"), ask())
    limits.check_sign_in(Tried("another"), ask("198.51.100.9"))


def test_wrong_passwords_are_counted_for_the_name_however_it_is_written(
    limits: RateLimits, clock: HeldClock
) -> None:
    names = ("Owner", "owner", " owner", "@owner", "@OWNER@stonechat.test ")
    for number in range(25):
        limits.fail_sign_in(Tried(names[number % 5]), ask(f"198.51.100.{number}"))
    with pytest.raises(RateLimited) as caught:
        limits.check_sign_in(Tried("OWNER"), ask())
    assert caught.value.resets_at == from_ms(NOON + 60 * MINUTE_MS)
    limits.check_sign_in(Tried("somebody"), ask())
    clock.move(minutes=60)
    limits.check_sign_in(Tried("owner"), ask())


def test_wrong_passwords_are_counted_for_the_account_by_whatever_name(limits: RateLimits) -> None:
    anna = AccountId(7)
    for number in range(25):
        limits.fail_sign_in(Tried(f"name{number}", anna), ask(f"198.51.100.{number}"))
    for tried in (Tried("anna@example.org", anna), Tried(None, anna)):
        with pytest.raises(RateLimited):
            limits.check_sign_in(tried, ask())
    # The number of an account is no name that anybody can give.
    limits.check_sign_in(Tried("7"), ask())


def test_right_passwords_are_not_counted(limits: RateLimits) -> None:
    for _ in range(100):
        limits.check_sign_in(Tried("owner"), ask())


def test_a_flood_of_strangers_is_bounded_and_does_not_free_who_is_asking(
    limits: RateLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "COUNTERS_MAX", 50)
    for number in range(1000):
        limits.check("api", b"", ask(f"2001:db8:0:{number:x}::1"))
        if number % 4 == 0:
            count(limits, token=b"", viewer=ANONYMOUS)
            count(limits, token=number.to_bytes(32), viewer=person(number + 1))
    assert count(limits, token=b"", viewer=ANONYMOUS).remaining == 299 - 250
    assert max(limits.sizes().values()) <= 2 * 50


def test_counters_of_a_window_that_ended_are_dropped(limits: RateLimits, clock: HeldClock) -> None:
    for number in range(100):
        limits.check("api", b"", ask(f"198.51.100.{number}"))
    assert limits.sizes()["network"] == 100
    clock.move(minutes=5)
    limits.check("api", b"", ask())
    assert limits.sizes()["network"] == 1
