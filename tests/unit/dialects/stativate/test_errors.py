"""Every error of the core in Stativate's words: which status, which code, and when to come back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stonechat.dialects.stativate.errors import REFUSALS, present_error
from stonechat.kernel import errors
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    MissingParameter,
    NotAuthenticated,
    NotFound,
    Outdated,
    RateLimited,
    StonechatError,
    Unavailable,
)

NOW = datetime(2026, 8, 7, 12, 0, tzinfo=UTC)


def every_kind(kind: type[StonechatError] = StonechatError) -> Iterator[type[StonechatError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_kind(child)


def make(kind: type[StonechatError]) -> StonechatError:
    if issubclass(kind, RateLimited):
        return kind(limit=1, resets_at=NOW + timedelta(seconds=59.5))
    if issubclass(kind, MissingParameter):
        return kind("field")
    return kind("a message")


@pytest.mark.parametrize("kind", list(every_kind()), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_its_words(kind: type[StonechatError]) -> None:
    answer = present_error(make(kind), NOW)
    closest = next(each for each in kind.__mro__ if each in REFUSALS)
    assert answer.status == REFUSALS[closest].status
    # Only the root may fall through to a fault of ours.
    assert (closest is StonechatError) == (kind is StonechatError)
    if answer.status in (404, 500):
        assert answer.body == b""
        return
    told = msgspec.json.decode(answer.encoded())
    assert told["message"]
    assert told.keys() <= {"message", "errorCode", "errors"}
    assert ("errorCode" in told) == (kind is not NotAuthenticated)
    # What is wrong with a request is told in detail, and nothing else is.
    assert ("errors" in told) == (answer.status in (400, 405, 413))


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Conflict(), "1"),
        (Unavailable(), "5"),
        (RateLimited(limit=3, resets_at=NOW + timedelta(seconds=59.5)), "60"),
        (RateLimited(limit=3, resets_at=NOW - timedelta(seconds=5)), "1"),
        (Outdated(), None),
        (NotFound(), None),
    ],
)
def test_who_may_come_again_is_told_when(error: StonechatError, seconds: str | None) -> None:
    assert present_error(error, NOW).headers.get("retry-after") == seconds


def test_a_fault_of_ours_is_told_apart_from_one_that_passes() -> None:
    assert present_error(Unavailable(is_fault=True), NOW).body == b""
    assert b"temporary" in present_error(Unavailable(), NOW).encoded()


def test_a_fault_names_its_field() -> None:
    told = present_error(InvalidInput("Too long", field="name"), NOW).encoded()
    assert msgspec.json.decode(told)["errors"] == [{"field": "name", "reason": "Too long"}]
