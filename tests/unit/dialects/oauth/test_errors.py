"""Every error of the core has its OAuth words, and its page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from stonechat.dialects.oauth.errors import REFUSALS, present_error
from stonechat.dialects.oauth.wording import describe_scopes
from stonechat.domain.viewers import SCOPES
from stonechat.http.pages import PROBLEMS, Pages
from stonechat.kernel import errors
from stonechat.kernel.errors import (
    InvalidInput,
    MissingParameter,
    NotAllowed,
    NotAuthenticated,
    RateLimited,
    StonechatError,
)
from stonechat.kernel.settings import Settings


def every_kind(kind: type[StonechatError] = StonechatError) -> Iterator[type[StonechatError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_kind(child)


def make(kind: type[StonechatError]) -> StonechatError:
    if issubclass(kind, RateLimited):
        return kind(limit=1, resets_at=datetime(2030, 1, 1, tzinfo=UTC))
    if issubclass(kind, MissingParameter):
        return kind("field")
    return kind("a <b> message")


@pytest.mark.parametrize("kind", list(every_kind()), ids=lambda kind: kind.__name__)
async def test_every_error_has_a_status_and_a_code(kind: type[StonechatError]) -> None:
    answer = await present_error(make(kind), None)
    assert 400 <= answer.status < 600
    body = msgspec.json.decode(answer.encoded())
    assert body.keys() == {"error", "error_description"}
    assert body["error_description"]
    closest = next(each for each in kind.__mro__ if each in REFUSALS)
    assert answer.status == REFUSALS[closest].status
    # Only the root may fall through to a fault of ours.
    assert (closest is StonechatError) == (kind is StonechatError)


@pytest.mark.parametrize("kind", list(every_kind()), ids=lambda kind: kind.__name__)
def test_every_error_has_a_page(kind: type[StonechatError], tmp_path: Path) -> None:
    page = Pages(Settings(tmp_path, "")).problem(make(kind))
    assert 400 <= page.status < 600
    assert page.content_type == "text/html; charset=utf-8"
    assert b"<b>" not in page.encoded()
    closest = next(each for each in kind.__mro__ if each in PROBLEMS)
    assert (closest is StonechatError) == (kind is StonechatError)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAuthenticated(), 401, "invalid_token"),
        (NotAuthenticated("x", subject="client"), 401, "invalid_client"),
        (NotAllowed(), 403, "insufficient_scope"),
        (NotAllowed("x", subject="client"), 403, "unauthorized_client"),
        (InvalidInput("x", rule="invalid_scope"), 400, "invalid_scope"),
        (InvalidInput("x", rule="unsupported_grant_type"), 400, "unsupported_grant_type"),
        (InvalidInput("x", rule="server_error"), 400, "invalid_request"),
    ],
)
async def test_oauths_finer_words(error: StonechatError, status: int, code: str) -> None:
    answer = await present_error(error, None)
    assert answer.status == status
    assert msgspec.json.decode(answer.encoded())["error"] == code


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "crypto"])
def test_every_scope_can_be_said_in_words(scope: str) -> None:
    (line,) = describe_scopes(scope)
    assert line[0].isupper()
    assert "{" not in line


def test_a_family_says_it_for_its_members() -> None:
    assert len(describe_scopes("read read:statuses read:lists")) == 1
    assert len(describe_scopes("write read:statuses read:lists crypto")) == 3
    assert len({line for scope in SCOPES for line in describe_scopes(scope)}) == len(SCOPES) - 1
