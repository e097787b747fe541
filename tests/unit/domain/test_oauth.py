"""OAuth's rules: scopes, challenges, codes, and the redirect that carries the answer."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain.apps import App
from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.oauth import (
    AuthorizationRequest,
    Code,
    ExchangeCode,
    answer_url,
    check_code,
    check_request,
    grantable_scopes,
    has_equal,
    narrow_scopes,
)
from stonechat.domain.sessions import is_own_form, make_form_token
from stonechat.domain.viewers import SCOPES, Bearer, Caller, TokenFacts, admit
from stonechat.kernel.errors import (
    InvalidInput,
    MissingParameter,
    NotAllowed,
    NotAuthenticated,
    NotFound,
)

URI = "https://app.example/cb"
APP = App(AppId(7), "client", "App", None, (URI,), "read write", 0)
REQUEST = AuthorizationRequest("code", "client", URI, "read")
CODE = Code(b"", AppId(7), AccountId(1), URI, "read", None, 1_000)
ORDER = ExchangeCode("secret", URI)
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


def test_a_right_request_gives_its_scopes_once_each() -> None:
    assert check_request(replace(REQUEST, scope=" read  write read "), APP) == "read write"
    assert check_request(replace(REQUEST, scope=""), APP) == "read"
    challenged = replace(REQUEST, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert check_request(challenged, APP) == "read"


def test_what_is_wrong_with_a_request_has_its_own_error() -> None:
    with pytest.raises(NotAuthenticated) as unknown:
        check_request(REQUEST, None)
    assert unknown.value.details["subject"] == "client"
    for changes in ({"redirect_uri": ""}, {"response_type": ""}):
        with pytest.raises(MissingParameter):
            check_request(replace(REQUEST, **changes), APP)
    with pytest.raises(InvalidInput) as wrong:
        check_request(replace(REQUEST, scope="push"), APP)
    assert wrong.value.rule == "invalid_scope"


@given(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=6))
def test_an_app_gets_what_it_registered_and_what_that_covers(scopes: list[str]) -> None:
    everything = replace(APP, scopes=" ".join(SCOPES))
    assert set(narrow_scopes(" ".join(scopes), everything).split()) == set(scopes)
    for scope in scopes:
        narrow = replace(APP, scopes=scope)
        parent = scope.rpartition(":")[0]
        if parent in SCOPES:
            with pytest.raises(InvalidInput):
                narrow_scopes(parent, narrow)


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_s026_only_an_administrator_grants_an_administrators_scopes(role: str) -> None:
    assert grantable_scopes("admin:read read admin:write:reports", role) == "read"
    with pytest.raises(InvalidInput):
        grantable_scopes("admin:read", role)
    for administrator in ("admin", "owner"):
        assert grantable_scopes("admin:read read", administrator) == "admin:read read"


@pytest.mark.parametrize(
    ("role", "is_admitted"),
    [("user", False), ("moderator", False), (None, False), ("admin", True), ("owner", True)],
)
def test_s026_an_administrators_scope_in_other_hands_opens_nothing(
    role: str | None, *, is_admitted: bool
) -> None:
    facts = TokenFacts(
        TokenId(1), "person", AccountId(1), None, "admin:read read", None, "active", role, 0
    )
    bearer = Bearer(b"x", Caller.PERSON, "admin:read:accounts")
    if is_admitted:
        assert admit(bearer, facts).account_id == 1
    else:
        with pytest.raises(NotAllowed, match="outside the authorized scopes"):
            admit(bearer, facts)
    assert admit(bearer._replace(scope="read:accounts"), facts).account_id == 1


def test_scopes_are_equal_in_any_order() -> None:
    assert has_equal("read write", ["push", "write read"])
    assert not has_equal("read write", ["read", "write", "read write push"])
    assert not has_equal("read", [])


@pytest.mark.parametrize(
    ("code", "order", "now_ms"),
    [
        (None, ORDER, 1_000),
        (replace(CODE, app_id=AppId(8)), ORDER, 1_000),
        (CODE, ORDER, 601_000),
        (CODE, replace(ORDER, redirect_uri=URI + "/"), 1_000),
        (CODE, replace(ORDER, verifier=VERIFIER), 1_000),
        (replace(CODE, challenge=CHALLENGE), replace(ORDER, verifier="w" * 43), 1_000),
        (replace(CODE, challenge=CHALLENGE), replace(ORDER, verifier=CHALLENGE), 1_000),
    ],
)
def test_a_code_that_is_worth_nothing(code: Code | None, order: ExchangeCode, now_ms: int) -> None:
    with pytest.raises(NotFound):
        check_code(code, APP, order, now_ms)


def test_a_code_that_is_good() -> None:
    assert check_code(CODE, APP, ORDER, 600_999) is CODE
    challenged = replace(CODE, challenge=CHALLENGE)
    assert check_code(challenged, APP, replace(ORDER, verifier=VERIFIER), 1_000) is challenged
    with pytest.raises(MissingParameter):
        check_code(challenged, APP, ORDER, 1_000)


@given(st.text(max_size=200).filter(lambda text: text.isprintable() or "\ud800" not in text))
def test_s007_any_state_survives_the_redirect(state: str) -> None:
    for uri in (URI, URI + "?a=b&c", "myapp://cb", "myapp:/cb?x"):
        url = answer_url(uri, {"code": "c"}, state)
        assert url.startswith(uri)
        assert url.isascii()
        assert url.isprintable()
        found = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        assert found[-2:] == [("code", "c"), ("state", state)]


def test_a_form_belongs_to_one_session() -> None:
    token = make_form_token("secret")
    assert is_own_form("secret", token)
    assert not is_own_form("another", token)
    assert not is_own_form(None, token)
    assert not is_own_form("secret", "")
    assert "secret" not in token
