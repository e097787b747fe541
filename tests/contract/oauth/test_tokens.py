"""Tokens: what buys one, what does not, and how one ends."""

import asyncio
import base64
import re
from typing import Any

import pytest

from stonechat.kernel.secrets import hash_secret
from tests.contract.api import Api
from tests.contract.oauth.browser import (
    CALLBACK,
    OUT_OF_BAND,
    Browser,
    Flow,
    look,
    register,
    signed_in,
)

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
WRONG_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection"
    " URI used in the authorization request, or was issued to another client."
)
WRONG_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication included, or"
    " unsupported authentication method."
)


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def is_good(api: Api, token: str) -> bool:
    return (await api.get("/api/v1/apps/verify_credentials", token)).status == 200


def multipart(fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = ("".join(parts) + "--edge--\r\n").encode()
    return body, {"Content-Type": "multipart/form-data; boundary=edge"}


async def test_oa12_the_answer_has_all_that_clients_read(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    reply = await flow.exchange(await flow.code(browser))
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers["cache-control"] == "private, no-store"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.json.keys() == {"access_token", "token_type", "scope", "created_at"}
    assert reply.json["token_type"] == "Bearer"
    assert reply.json["scope"] == "read write"
    assert reply.json["created_at"] == api.clock.now_ms() // 1000


@pytest.mark.parametrize("shape", ["form", "json", "multipart", "query"])
@pytest.mark.parametrize("proof", ["basic", "body"])
async def test_oa12_every_way_of_sending_is_fine(sqlite_api: Api, shape: str, proof: str) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    sent = {
        "grant_type": "authorization_code",
        "code": await flow.code(browser),
        "redirect_uri": CALLBACK,
        **({} if proof == "basic" else flow.client),
    }
    headers = basic(*flow.client.values()) if proof == "basic" else {}
    more: dict[str, Any] = {"headers": headers}
    path = "/oauth/token"
    if shape == "multipart":
        more["body"], content_type = multipart(sent)
        headers.update(content_type)
    elif shape == "query":
        path += "?" + "&".join(f"{name}={value}" for name, value in sent.items())
    else:
        more[shape] = sent
    reply = await sqlite_api.post(path, **more)
    assert reply.status == 200, reply.body


OTHER_SCOPES = [None, "read", "write:statuses", "nonsense", "admin:write"]


async def test_oa9_the_code_decides_about_the_scopes(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for scope in OTHER_SCOPES:
        reply = await flow.exchange(await flow.code(browser), scope=scope)
        assert reply.json["scope"] == "read write"


OWN_TOKENS = [
    ("read write", None, "read"),
    ("read write", "write read", "write read"),
    ("read write", "write:media", "write:media"),
    ("read", "write", None),
    ("write", None, None),
    ("read", "nonsense", None),
]


async def test_oa10_an_apps_own_token(sqlite_api: Api) -> None:
    for registered, asked, given in OWN_TOKENS:
        flow = await register(sqlite_api, scopes=registered)
        form = {"grant_type": "client_credentials", **flow.client}
        if asked is not None:
            form["scope"] = asked
        reply = await sqlite_api.post("/oauth/token", form=form)
        if given is None:
            assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
        else:
            assert (reply.status, reply.json["scope"]) == (200, given)
            assert await is_good(sqlite_api, reply.json["access_token"])


@pytest.mark.parametrize("grant_type", ["authorization_code", "client_credentials"])
@pytest.mark.parametrize(
    "client",
    [
        {},
        {"client_id": "nobody", "client_secret": "nothing"},
        {"client_secret": ""},
        {"client_secret": "wrong"},
        {"client_id": ""},
        {"client_id": "\ud7ff", "client_secret": "\x01"},
    ],
)
async def test_oa11_a_client_that_is_not_who_it_says(
    sqlite_api: Api, grant_type: str, client: dict[str, str]
) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    sent = {
        "grant_type": grant_type,
        "code": await flow.code(browser),
        "redirect_uri": CALLBACK,
        **({**flow.client, **client} if client else {}),
    }
    reply = await sqlite_api.post("/oauth/token", form=sent)
    assert reply.status == 401
    assert reply.json == {"error": "invalid_client", "error_description": WRONG_CLIENT}
    assert reply.headers["www-authenticate"].endswith('error="invalid_client"')


BROKEN_BASIC = ["Basic", "Basic %%%", "Basic /w==", "Basic bm9jb2xvbg=="]


async def test_broken_basic_credentials_do_not_fall_back_to_the_body(sqlite_api: Api) -> None:
    flow = await register(sqlite_api)
    form = {"grant_type": "client_credentials", **flow.client}
    for value in BROKEN_BASIC:
        reply = await sqlite_api.post(
            "/oauth/token", form=form, headers={"Authorization": f"{value} "}
        )
        assert (reply.status, reply.json["error"]) == (401, "invalid_client")


REQUIRED = ["grant_type", "code", "redirect_uri"]


async def test_a_missing_parameter_is_named(sqlite_api: Api) -> None:
    flow = await register(sqlite_api)
    for missing in REQUIRED:
        sent = {
            "grant_type": "authorization_code",
            "code": "x" * 43,
            "redirect_uri": CALLBACK,
            **flow.client,
        }
        del sent[missing]
        reply = await sqlite_api.post("/oauth/token", form=sent)
        assert reply.status == 400
        assert reply.json == {
            "error": "invalid_request",
            "error_description": f"Missing required parameter: {missing}.",
        }


OTHER_GRANTS = ["password", "refresh_token", "implicit", "x"]


async def test_s014_oa18_other_grants_are_not_offered(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    flow = await register(sqlite_api)
    for grant_type in OTHER_GRANTS:
        sent = {"grant_type": grant_type, "username": "anna@example.org", "password": "long enough"}
        reply = await sqlite_api.post("/oauth/token", form={**sent, **flow.client})
        assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


RUBBISH = [b"{", b"[]", b'{"grant_type": {"a": "b"}}', b"\xff"]


async def test_rubbish_gets_oauths_own_error(sqlite_api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    for body in RUBBISH:
        reply = await sqlite_api.post("/oauth/token", body=body, headers=headers)
        assert (reply.status, reply.json["error"]) == (400, "invalid_request")


async def test_s003_a_second_use_ends_what_the_first_one_bought(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    code = await flow.code(browser)
    token = (await flow.exchange(code)).json["access_token"]
    other = await flow.token(browser)
    assert await is_good(api, token)

    second = await flow.exchange(code)
    assert second.status == 400
    assert second.json == {"error": "invalid_grant", "error_description": WRONG_GRANT}
    gone = await api.get("/api/v1/apps/verify_credentials", token)
    assert (gone.status, gone.json) == (401, {"error": "The access token was revoked"})
    assert await is_good(api, other)


async def test_s003_a_stranger_who_has_a_used_code_ends_nothing(api: Api) -> None:
    _, browser = await signed_in(api)
    flow, other = await register(api), await register(api)
    code = await flow.code(browser)
    token = (await flow.exchange(code)).json["access_token"]
    assert (await other.exchange(code)).status == 400
    assert (await flow.exchange(code, client_secret="wrong")).status == 401
    assert await is_good(api, token)


async def test_s003_of_many_at_the_same_time_none_keeps_a_token(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    code = await flow.code(browser)
    replies = await asyncio.gather(*(flow.exchange(code) for _ in range(8)))
    given = [reply.json["access_token"] for reply in replies if reply.status == 200]
    assert len(given) == 1
    assert sorted(reply.status for reply in replies) == [200] + [400] * 7
    assert not await is_good(api, given[0])


async def test_s004_a_code_is_for_one_client_and_one_redirect(api: Api) -> None:
    _, browser = await signed_in(api)
    flow, other = await register(api), await register(api)
    code = await flow.code(browser)
    for reply in (
        await other.exchange(code),
        await flow.exchange(code, client_id=other.app["client_id"], client_secret="x"),
        await flow.exchange(code, redirect_uri=OUT_OF_BAND),
        await flow.exchange(code, redirect_uri=CALLBACK + "/"),
    ):
        assert reply.status in (400, 401)
        assert "access_token" not in reply.json
    # None of these was a use of the code.
    assert (await flow.exchange(code)).status == 200


AGES = [(599, 200), (600, 400), (86_400, 400)]


async def test_s005_a_code_lives_ten_minutes(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for seconds, status in AGES:
        code = await flow.code(browser)
        sqlite_api.clock.move(seconds=seconds)
        reply = await flow.exchange(code)
        assert reply.status == status


async def test_s011_secrets_are_long_and_never_repeat(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    found: set[str] = set()
    for turn in range(40):
        page = await browser.get(flow.url(force_login="true"))
        code = (await browser.send(page.form("allow"))).answer["code"]
        token = (await flow.exchange(code)).json["access_token"]
        app = (await register(sqlite_api)).app
        made = {code, token, app["client_id"], app["client_secret"], await flow.app_token()}
        assert all(SECRET.fullmatch(each) for each in made)
        found |= made
        assert len(found) == 5 * (turn + 1)


async def test_s012_the_database_holds_no_secret(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    code = await flow.code(browser)
    token = (await flow.exchange(code)).json["access_token"]
    own = await flow.app_token()
    dump = [
        value
        for rows in (
            await look(api, "SELECT * FROM tokens"),
            await look(api, "SELECT * FROM codes"),
            await look(api, "SELECT * FROM apps"),
            await look(api, "SELECT * FROM sessions"),
        )
        for row in rows
        for value in row
    ]
    texts = " ".join(str(value) for value in dump)
    for secret in (code, token, own, flow.app["client_secret"], *browser.cookies.values()):
        assert secret not in texts
        assert hash_secret(secret) in dump


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/timelines/home"),
        ("POST", "/api/v1/statuses"),
        ("GET", "/api/v1/notifications"),
        ("GET", "/api/v1/preferences"),
        ("GET", "/oauth/userinfo"),
    ],
)
async def test_s014_s030_an_apps_own_token_opens_nothing_of_people(
    sqlite_api: Api, method: str, path: str
) -> None:
    """Mastodon's answer is 422 here, not 401 or 403 [GEN5]; OAuth's own endpoint says 403."""
    flow = await register(sqlite_api)
    token = await flow.app_token("read write profile")
    reply = await sqlite_api.call(
        method, path, token, json={"status": "x"} if method == "POST" else None
    )
    assert reply.status == (403 if path.startswith("/oauth") else 422)
    assert "link" not in reply.headers
    assert reply.json["error"] in (
        "This method requires an authenticated user",
        "insufficient_scope",
    )


async def test_oa15_an_app_takes_its_token_back(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    token = await flow.token(browser)
    other = await flow.token(browser)
    for _ in range(2):
        # Some clients send the token that they end as their bearer token too.
        reply = await api.post("/oauth/revoke", token, form={**flow.client, "token": token})
        assert (reply.status, reply.json) == (200, {})
        assert reply.headers["access-control-allow-origin"] == "*"
    gone = await api.get("/api/v1/apps/verify_credentials", token)
    assert (gone.status, gone.json) == (401, {"error": "The access token was revoked"})
    assert await is_good(api, other)
    unknown = await api.post("/oauth/revoke", form={**flow.client, "token": "nobody's"})
    assert (unknown.status, unknown.json) == (200, {})


async def test_oa15_nobody_takes_back_what_is_not_theirs(api: Api) -> None:
    anna, browser = await signed_in(api)
    flow, other = await register(api), await register(api)
    token = await flow.token(browser)
    refusal = {
        "error": "unauthorized_client",
        "error_description": "You are not authorized to revoke this token",
    }
    for client in ({}, other.client, {**flow.client, "client_secret": "wrong"}):
        reply = await api.post("/oauth/revoke", form={**client, "token": token})
        assert (reply.status, reply.json) == (403, refusal)
    assert await is_good(api, token)
    # A token that the operator made belongs to no app.
    reply = await api.post("/oauth/revoke", form={**flow.client, "token": anna.token})
    assert reply.status == 403
    missing = await api.post("/oauth/revoke", form=flow.client)
    assert (missing.status, missing.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_oa16_who_is_behind_a_token(api: Api, method: str) -> None:
    await api.person("Anna")
    for scopes in ("profile", "read", "read:accounts"):
        token = await api.token("anna", scopes)
        reply = await api.call(method, "/oauth/userinfo", token)
        assert reply.status == 200
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.json == {
            "iss": "http://stonechat.test/",
            "sub": "http://stonechat.test/users/Anna",
            "name": "Anna",
            "preferred_username": "Anna",
            "profile": "http://stonechat.test/@Anna",
            "picture": "http://stonechat.test/static/avatar.png",
        }
    wrong = await api.call(method, "/oauth/userinfo", await api.token("anna", "write push"))
    assert (wrong.status, wrong.json["error"]) == (403, "insufficient_scope")
    nobody = await api.call(method, "/oauth/userinfo")
    assert (nobody.status, nobody.json["error"]) == (401, "invalid_token")
    assert "invalid_token" in nobody.headers["www-authenticate"]


async def test_oa17_the_metadata_tells_the_truth(sqlite_api: Api) -> None:
    reply = await sqlite_api.get("/.well-known/oauth-authorization-server")
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "*"
    found = reply.json
    assert found["issuer"] == "http://stonechat.test/"
    assert found["response_types_supported"] == ["code"]
    assert found["response_modes_supported"] == ["query"]
    assert found["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
    ]
    assert {"read", "write:statuses", "profile", "admin:read"} <= set(found["scopes_supported"])
    for name in ("token", "revocation", "app_registration"):
        path = found[f"{name}_endpoint"].removeprefix("http://stonechat.test")
        assert (await sqlite_api.post(path, form={})).status in (400, 422)
    assert found["userinfo_endpoint"] == "http://stonechat.test/oauth/userinfo"
    assert found["authorization_endpoint"] == "http://stonechat.test/oauth/authorize"
    # Every scope that is announced can be registered.
    await register(sqlite_api, scopes=" ".join(found["scopes_supported"]))


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/userinfo"])
async def test_s140_a_script_on_another_site_may_ask_but_brings_no_cookies(
    sqlite_api: Api, path: str
) -> None:
    reply = await sqlite_api.call("OPTIONS", path, headers={"Origin": "https://elk.example"})
    assert reply.status in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in reply.headers


async def test_a_code_in_a_browser_is_worth_nothing_without_the_secret(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    code = await flow.code(browser)
    bare = Flow(api, {**flow.app, "client_secret": ""})
    assert (await bare.exchange(code)).status == 401
    assert (await Browser(api).get(f"/oauth/token?code={code}")).status == 405
