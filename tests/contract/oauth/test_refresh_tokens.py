"""Tokens that end, and what renews them: the paths of communities, with a slash at their end."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from stonechat.domain import limits
from stonechat.kernel.settings import Settings
from stonechat.services import administration
from stonechat.services.cleaning import clean_up
from stonechat.storage.database import Database
from tests.contract.api import Api, Reply
from tests.contract.oauth.browser import (
    CALLBACK,
    OUT_OF_BAND,
    Flow,
    look,
    register,
    signed_in,
)

FIELDS = {"access_token", "expires_in", "token_type", "scope", "refresh_token"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, community_password_grant=True)


async def ask(api: Api, **form: Any) -> Reply:
    return await api.post("/oauth/token/", form=form)


async def by_password(api: Api, flow: Flow, **form: Any) -> dict[str, Any]:
    """A pair for Anna's password, got by an app that keeps no secret."""
    sent = {"username": "anna", "password": "long enough", "client_id": flow.client["client_id"]}
    reply = await ask(api, grant_type="password", **{**sent, **form})
    assert reply.status == 200, reply.body
    return reply.json


async def renew(api: Api, flow: Flow, secret: str, **form: Any) -> Reply:
    sent = {"client_id": flow.client["client_id"], "refresh_token": secret, **form}
    return await ask(api, grant_type="refresh_token", **sent)


async def is_good(api: Api, token: str) -> bool:
    return (await api.get("/api/v1/accounts/verify_credentials", token)).status == 200


async def test_a_code_buys_a_pair_where_the_path_has_a_slash(api: Api) -> None:
    """1.1: expires_in 36000 and refresh_token with the slash; Mastodon's four keys without it."""
    _, browser = await signed_in(api)
    flow = await register(api)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **flow.client}
    pair = await ask(api, code=await flow.code(browser), **form)
    assert pair.status == 200
    assert pair.headers["cache-control"] == "private, no-store"
    assert pair.json.keys() == FIELDS
    assert pair.json["expires_in"] == limits.TOKEN_SECONDS == 36_000
    assert (pair.json["token_type"], pair.json["scope"]) == ("Bearer", "read write")
    plain = await flow.exchange(await flow.code(browser))
    assert plain.json.keys() == {"access_token", "token_type", "scope", "created_at"}
    api.clock.move(seconds=36_001)
    assert not await is_good(api, pair.json["access_token"])
    assert await is_good(api, plain.json["access_token"])
    # This one was got with a secret, so it is renewed with it.
    refresh = pair.json["refresh_token"]
    assert (await renew(api, flow, refresh)).json["error"] == "invalid_client"
    renewed = await renew(api, flow, refresh, **flow.client)
    assert renewed.status == 200
    assert await is_good(api, renewed.json["access_token"])


async def test_a_code_used_twice_ends_the_pair_and_what_renewed_it(api: Api) -> None:
    """S003, for tokens that are renewed."""
    _, browser = await signed_in(api)
    flow = await register(api)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **flow.client}
    code = await flow.code(browser)
    pair = (await ask(api, code=code, **form)).json
    following = (await renew(api, flow, pair["refresh_token"], **flow.client)).json
    assert (await ask(api, code=code, **form)).json["error"] == "invalid_grant"
    for each in (pair, following):
        assert not await is_good(api, each["access_token"])
        again = await renew(api, flow, each["refresh_token"], **flow.client)
        assert (again.status, again.json["error"]) == (400, "invalid_grant")


async def test_a_password_buys_a_pair_where_the_operator_says_so(
    api: Api, settings: Settings
) -> None:
    """S014: off by default; a public client gives its id, and a secret that is given is right."""
    await api.person("anna")
    flow = await register(api)
    pair = await by_password(api, flow)
    assert (pair.keys(), pair["scope"]) == (FIELDS, "read write")
    assert await is_good(api, pair["access_token"])
    assert (await by_password(api, flow, scope="read", **flow.client))["scope"] == "read"
    sent = {"grant_type": "password", "username": "anna", "password": "long enough"}
    client = {"client_id": flow.client["client_id"]}
    for wrong, status, error in (
        ({**client, "password": "wrong"}, 400, "invalid_grant"),
        ({**client, "username": "nobody"}, 400, "invalid_grant"),
        ({**client, "password": ""}, 400, "invalid_request"),
        ({**client, "username": "x" * 300}, 400, "invalid_request"),
        ({**client, "client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({**client, "scope": "admin:write"}, 400, "invalid_scope"),
    ):
        reply = await ask(api, **{**sent, **wrong})
        assert (reply.status, reply.json["error"]) == (status, error), wrong
    await administration.change_state(api.env, "anna", "suspend")
    assert (await ask(api, **sent, **client)).json["error"] == "invalid_grant"
    usual = Api(api.recorder, replace(settings, community_password_grant=False))
    reply = await ask(usual, **sent, **client)
    assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


async def test_too_many_wrong_passwords_stop_the_trying(
    sqlite: Database, settings: Settings
) -> None:
    """The limits are those of the sign-in page."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    await api.person("anna")
    flow = await register(api)
    sent = {"username": "anna", "client_id": flow.client["client_id"], "password": "wrong"}
    for _ in range(25):
        assert (await ask(api, grant_type="password", **sent)).status == 400
    right = {**sent, "password": "long enough"}
    reply = await ask(api, grant_type="password", **right)
    assert (reply.status, reply.json["error"]) == (429, "slow_down")


async def test_a_pair_is_renewed_once_and_a_retry_gets_the_same(api: Api) -> None:
    """A lost answer is given again for a minute; 16 at once get one pair between them."""
    await api.person("anna")
    flow = await register(api)
    first = await by_password(api, flow)
    replies = await asyncio.gather(*(renew(api, flow, first["refresh_token"]) for _ in range(16)))
    assert {reply.status for reply in replies} == {200}
    assert (
        len({(reply.json["access_token"], reply.json["refresh_token"]) for reply in replies}) == 1
    )
    second = replies[0].json
    assert second["access_token"] != first["access_token"]
    assert len(await look(api, "SELECT id FROM tokens WHERE expires_ms IS NOT NULL")) == 2
    api.clock.move(seconds=limits.REFRESH_RETRY_SECONDS)
    late = await renew(api, flow, first["refresh_token"])
    assert late.json["expires_in"] == limits.TOKEN_SECONDS - limits.REFRESH_RETRY_SECONDS
    third = (await renew(api, flow, second["refresh_token"])).json
    assert await is_good(api, third["access_token"])
    # What comes next was used by now, so even within the minute this is no retry.
    again = await renew(api, flow, first["refresh_token"])
    assert (again.status, again.json["error"]) == (400, "invalid_grant")
    for each in (first, second, third):
        assert not await is_good(api, each["access_token"])
        assert (await renew(api, flow, each["refresh_token"])).status == 400


async def test_a_refresh_token_is_for_one_app_one_month_and_an_open_account(api: Api) -> None:
    """What ends a token, or its account, ends what renews it."""
    await api.person("anna")
    flow, other = await register(api), await register(api)
    pair = await by_password(api, flow)
    assert (await renew(api, other, pair["refresh_token"])).json["error"] == "invalid_grant"
    wrong = await renew(api, flow, pair["refresh_token"], client_secret="wrong")
    assert wrong.json["error"] == "invalid_client"
    assert (await renew(api, flow, "nonsense")).json["error"] == "invalid_grant"
    assert (await ask(api, grant_type="refresh_token", **flow.client)).status == 400
    # It is no token itself.
    assert not await is_good(api, pair["refresh_token"])
    old = await by_password(api, flow)
    await administration.change_password(api.env, "anna", "another long one")
    assert (await renew(api, flow, old["refresh_token"])).json["error"] == "invalid_grant"
    last = await by_password(api, flow, password="another long one")
    api.clock.move(days=limits.REFRESH_TOKEN_DAYS, seconds=1)
    assert (await renew(api, flow, last["refresh_token"])).json["error"] == "invalid_grant"
    await clean_up(api.env, {})
    assert await look(api, "SELECT hash FROM refresh_tokens") == []


async def test_revoking_either_of_a_pair(api: Api) -> None:
    """1.1: POST /oauth/revoke_token/ with client_id and token answers 200 and nothing."""
    await api.person("anna")
    flow, other = await register(api), await register(api)
    for name in ("access_token", "refresh_token"):
        pair = await by_password(api, flow)
        for client, status, error in (
            (other.client, 403, "unauthorized_client"),
            ({**flow.client, "client_secret": "wrong"}, 403, "unauthorized_client"),
        ):
            form = {**client, "token": pair[name]}
            reply = await api.post("/oauth/revoke_token/", form=form)
            assert (reply.status, reply.json["error"]) == (status, error)
        assert await is_good(api, pair["access_token"])
        form = {"client_id": flow.client["client_id"], "token": pair[name]}
        for _ in range(2):
            reply = await api.post("/oauth/revoke_token/", form=form)
            assert (reply.status, reply.body) == (200, b"")
        assert not await is_good(api, pair["access_token"])
        assert (await renew(api, flow, pair["refresh_token"])).status == 400


async def test_a_token_in_the_address_only_where_the_operator_says_so(
    api: Api, settings: Settings
) -> None:
    """1.1: response_type=token answers in a fragment, without a refresh token; off by default."""
    _, browser = await signed_in(api)
    flow = await register(api)
    url = flow.url(response_type="token", state="a b&c", scope=None)
    url = url.replace("/oauth/authorize?", "/oauth/authorize/?")
    assert (await browser.get(url)).status == 400
    browser.api = Api(api.recorder, replace(settings, community_implicit_grant=True))
    answer: dict[str, str] = {}
    for _ in range(2):
        # Who is sent a token proves nothing, so the person is asked each time.
        page = await browser.get(url)
        assert page.status == 200
        target = urlsplit((await browser.send(page.form("allow"))).location)
        assert (target._replace(fragment="").geturl(), target.query) == (CALLBACK, "")
        answer = dict(parse_qsl(target.fragment))
        assert answer.keys() == {"access_token", "expires_in", "token_type", "scope", "state"}
        assert (answer["state"], answer["scope"]) == ("a b&c", "read write")
        assert await is_good(api, answer["access_token"])
    oob = flow.url(response_type="token", redirect_uri=OUT_OF_BAND)
    assert (await browser.get(oob)).status == 400
    api.clock.move(seconds=36_001)
    assert not await is_good(api, answer["access_token"])


async def test_whoever_names_no_scope_means_more_with_the_slash(sqlite_api: Api) -> None:
    """Clients of communities have no word for scopes; Mastodon's mean `read` by none."""
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **flow.client}
    for path, scope in (("/oauth/authorize/?", "read write"), ("/oauth/authorize?", "read")):
        url = flow.url(scope=None, force_login="true").replace("/oauth/authorize?", path)
        page = await browser.get(url)
        code = (await browser.send(page.form("allow"))).answer["code"]
        assert (await ask(sqlite_api, code=code, **form)).json["scope"] == scope
