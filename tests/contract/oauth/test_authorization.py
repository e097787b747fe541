"""An app asks, a person agrees: the pages, the redirects, and what is refused on the way."""

import re
from urllib.parse import quote, urlsplit

import pytest

from tests.contract.api import Api
from tests.contract.oauth.browser import (
    CALLBACK,
    CHALLENGE,
    OUT_OF_BAND,
    VERIFIER,
    Browser,
    look,
    pairs_of,
    register,
    signed_in,
)

STATE = "ü \n\r\n\t+&=%26 <b>\"'🐦" + "x" * 2048


async def test_oa8_from_the_app_through_sign_in_and_consent_to_a_token(api: Api) -> None:
    await api.person("anna")
    flow = await register(api)
    browser = Browser(api)

    # toot asks with a slash before the query.
    asked = flow.url(state="s1").replace("authorize?", "authorize/?")
    away = await browser.get(asked)
    assert away.status == 302
    assert urlsplit(away.location).path == "/auth/sign_in"
    back = await browser.send(
        (await browser.get(away.location)).form(), name="anna", password="long enough"
    )
    assert dict(pairs_of(back.location)) == dict(pairs_of(asked))

    page = await browser.get(back.location)
    assert page.status == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    granted = await browser.send(page.form("allow"))
    assert granted.location.startswith(f"{CALLBACK}?code=")
    assert granted.answer["state"] == "s1"

    reply = await flow.exchange(granted.answer["code"])
    assert reply.json["scope"] == "read write"
    me = await api.get("/api/v1/apps/verify_credentials", reply.json["access_token"])
    assert me.json["name"] == "Test App"


async def test_oa8_whoever_agreed_before_goes_straight_on(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    await flow.token(browser)

    straight = await browser.get(flow.url(scope="write read"))
    assert straight.status == 302
    assert (await flow.exchange(straight.answer["code"])).status == 200
    assert (await browser.get(flow.url(force_login="true"))).status == 200
    assert (await browser.get(flow.url(scope="read"))).status == 200
    other = await register(api)
    assert (await browser.get(other.url())).status == 200


async def test_oa8_a_token_that_was_revoked_is_no_consent(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    token = await flow.token(browser)
    await api.post("/oauth/revoke", form={**flow.client, "token": token})
    assert (await browser.get(flow.url())).status == 200


async def test_a_person_refuses(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    page = await browser.get(flow.url(state="s 1"))
    refused = await browser.send(page.form("deny"))
    description = "The resource owner or authorization server denied the request."
    assert refused.location == (
        f"{CALLBACK}?error=access_denied&error_description={quote(description)}&state=s%201"
    )
    deleted = await browser.open("DELETE", page.form("allow").action, page.form("allow").fields)
    assert deleted.answer["error"] == "access_denied"
    mumbled = await browser.send(page.form("allow"), decision="perhaps")
    assert mumbled.answer["error"] == "access_denied"
    assert (await look(api, "SELECT hash FROM codes")) == []


async def test_oa14_the_code_is_shown_where_there_is_no_redirect(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api, redirect_uris=OUT_OF_BAND)
    page = await browser.get(flow.url())
    granted = await browser.send(page.form("allow"))
    assert granted.location.startswith("/oauth/authorize/native?code=")
    shown = await browser.get(granted.location)
    found = re.search(r'<input [^>]*class="oauth-code" value="([^"]+)"', shown.text)
    assert found is not None
    assert found[1] == granted.answer["code"]
    assert (await flow.exchange(found[1])).status == 200

    refused = await browser.send(page.form("deny"))
    assert refused.location.startswith("/oauth/authorize/native?error=access_denied")
    assert "given nothing" in (await browser.get(refused.location)).text


NO_CODES = ["", "x", "<script>alert(1)</script>", "A" * 44, "A" * 42 + "%"]


async def test_the_page_for_codes_shows_nothing_else(sqlite_api: Api) -> None:
    for code in NO_CODES:
        page = await Browser(sqlite_api).get(f"/oauth/authorize/native?code={quote(code)}")
        assert page.status == 404
        assert "<script" not in page.text


REGISTERED = [
    ("icecubesapp://", "icecubesapp://?code="),
    ("com.tapbots.Ivory.10217:/request_token", "com.tapbots.Ivory.10217:/request_token?code="),
    ("https://elk.example/?origin=https%3A%2F%2Fa", "&code="),
    ("http://127.0.0.1:49152/done", "http://127.0.0.1:49152/done?code="),
    ("http://[::1]:49152/done", "http://[::1]:49152/done?code="),
    ("https://elk.example/api/oauth/https%3A%2F%2Felk.zone", "https%3A%2F%2Felk.zone?code="),
]


async def test_the_answer_is_appended_to_whatever_was_registered(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    for uri, start in REGISTERED:
        flow = await register(sqlite_api, redirect_uris=uri)
        page = await browser.get(flow.url())
        granted = await browser.send(page.form("allow"))
        assert granted.location.startswith(uri)
        assert start in granted.location
        assert (await flow.exchange(granted.location.rpartition("code=")[2])).status == 200


FOREIGN = [
    "https://app.example/callback/deeper",
    "https://app.example/callbac",
    "https://app.example/callback?more=1",
    "https://app.example/callback#fragment",
    "https://app.example:8443/callback",
    "https://app.example:443/callback",
    "http://app.example/callback",
    "https://app.example.evil.example/callback",
    "https://evil.example/callback",
    "https://app.example@evil.example/callback",
    "https://user@app.example/callback",
    "https://APP.example/callback",
    "https://app.example/callback/",
    "https://app.example/callback%01",
    "https://app.example/callback\x01",
    "https://app.example/x/../callback",
    "https://app.example/callback\nhttps://evil.example",
    "//app.example/callback",
    "javascript:alert(1)",
    "",
    None,
]


async def test_s001_a_foreign_redirect_is_never_followed(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for uri in FOREIGN:
        form = (await browser.get(flow.url())).form("allow")
        for visitor in (browser, Browser(sqlite_api)):
            page = await visitor.get(flow.url(redirect_uri=uri))
            assert (page.status, "location" in page.headers) == (400, False)
            assert page.headers["content-type"] == "text/html; charset=utf-8"
        form.action = flow.url(redirect_uri=uri)
        granted = await browser.send(form)
        assert (granted.status, "location" in granted.headers) == (400, False)


WRONG_REQUESTS = [
    ({"client_id": "nobody"}, 401),
    ({"client_id": None}, 400),
    ({"client_id": "x" * 600}, 400),
    ({"response_type": "token"}, 400),
    ({"response_type": None}, 400),
    ({"scope": "read nonsense"}, 400),
    ({"scope": "x" * 3000}, 400),
    ({"state": "x" * 9000}, 400),
]


async def test_a_wrong_request_is_a_page_without_a_redirect(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for changes, status in WRONG_REQUESTS:
        page = await browser.get(flow.url(**changes))
        assert (page.status, "location" in page.headers) == (status, False)
        assert "<h1>" in page.text


ASKED = [
    ("read", "write", 400),
    ("read", "read write", 400),
    ("read:statuses", "read", 400),
    ("read:statuses", "read:accounts", 400),
    ("read", "read:statuses", 200),
    ("read write", "read", 200),
    ("follow", "write:follows read:blocks", 200),
    ("write", None, 400),
]


async def test_s025_no_scope_beyond_the_registered_ones(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    for registered, asked, status in ASKED:
        flow = await register(sqlite_api, scopes=registered)
        page = await browser.get(flow.url(scope=asked))
        assert page.status == status
        if status == 200:
            granted = await browser.send(page.form("allow"))
            assert (await flow.exchange(granted.answer["code"])).json["scope"] == asked


async def test_scopes_joined_by_plus_are_scopes(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    page = await browser.get(flow.url(scope=None) + "&scope=read+write+read")
    granted = await browser.send(page.form("allow"))
    assert (await flow.exchange(granted.answer["code"])).json["scope"] == "read write"


async def test_s026_an_administrators_scopes_are_not_for_everybody_to_grant(api: Api) -> None:
    flow = await register(api, scopes="read admin:read admin:write")
    scope = "read admin:read admin:write:accounts"
    _, anna = await signed_in(api, "anna")
    page = await anna.get(flow.url(scope=scope))
    assert "administrator" not in page.text
    granted = await anna.send(page.form("allow"))
    assert (await flow.exchange(granted.answer["code"])).json["scope"] == "read"
    assert (await anna.get(flow.url(scope=scope))).status == 302
    assert (await anna.get(flow.url(scope="admin:read"))).status == 400

    _, olga = await signed_in(api, "olga", role="owner")
    page = await olga.get(flow.url(scope=scope))
    assert "administrator" in page.text
    granted = await olga.send(page.form("allow"))
    assert (await flow.exchange(granted.answer["code"])).json["scope"] == scope
    _, mia = await signed_in(api, "mia", role="moderator")
    assert (await mia.get(flow.url(scope="admin:read"))).status == 400


async def test_s007_the_state_comes_back_exactly_and_is_escaped(
    sqlite_api: Api,
) -> None:
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    flow = await register(sqlite_api)
    away = await browser.get(flow.url(state=STATE))
    signed = await browser.get(away.location)
    back = await browser.send(signed.form(), name="anna", password="long enough")
    page = await browser.get(back.location)
    assert STATE not in page.text
    assert "<b>" not in page.text
    for form in ("allow", "deny"):
        answer = await browser.send(page.form(form))
        assert dict(pairs_of(answer.location))["state"] == STATE
    assert (
        "state=" not in (await browser.send((await browser.get(flow.url())).form("allow"))).location
    )


async def test_s007_an_empty_state_is_a_state(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    granted = await browser.send((await browser.get(flow.url(state=""))).form("allow"))
    assert granted.location.endswith("&state=")


NO_CHALLENGES = [
    {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
    {"code_challenge": CHALLENGE},
    {"code_challenge_method": "S256"},
    {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
    {"code_challenge": "short", "code_challenge_method": "S256"},
    {"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"},
]


async def test_s006_only_s256_is_a_challenge(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for changes in NO_CHALLENGES:
        page = await browser.get(flow.url(**changes))
        assert (page.status, "location" in page.headers) == (400, False)


async def test_oa13_pkce(api: Api) -> None:
    _, browser = await signed_in(api)
    flow = await register(api)
    code = await flow.code(browser, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert (await flow.exchange(code, code_verifier=VERIFIER)).status == 200


NO_VERIFIERS = [
    (CHALLENGE, None, "invalid_request"),
    (CHALLENGE, "", "invalid_request"),
    (CHALLENGE, "wrong" + VERIFIER, "invalid_grant"),
    (CHALLENGE, CHALLENGE, "invalid_grant"),
    (None, VERIFIER, "invalid_grant"),
]


async def test_s006_the_verifier_must_match(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for challenge, verifier, error in NO_VERIFIERS:
        method = None if challenge is None else "S256"
        code = await flow.code(browser, code_challenge=challenge, code_challenge_method=method)
        reply = await flow.exchange(code, code_verifier=verifier)
        assert (reply.status, reply.json["error"]) == (400, error)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": None}, {}),
        ({"form_token": ""}, {}),
        ({"form_token": "0" * 64}, {}),
        ({"form_token": "é"}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": "https://stonechat.test.evil.example"}),
        ({}, {"Referer": "https://evil.example/"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_s008_a_forged_consent_is_refused(
    sqlite_api: Api,
    method: str,
    fields: dict[str, str | None],
    headers: dict[str, str],
) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    form = (await browser.get(flow.url())).form("allow")
    sent = {name: value for name, value in {**form.fields, **fields}.items() if value is not None}
    page = await browser.open(method, form.action, sent, headers)
    assert (page.status, "location" in page.headers) == (403, False)
    assert (await look(sqlite_api, "SELECT hash FROM codes")) == []


async def test_s008_the_form_of_another_session_is_refused(api: Api) -> None:
    _, anna = await signed_in(api, "anna")
    _, bert = await signed_in(api, "bert")
    flow = await register(api)
    form = (await bert.get(flow.url())).form("allow")
    assert (await anna.send(form)).status == 403
    # Nor does it help to have another session of the very same person.
    again = Browser(api)
    await again.sign_in("bert")
    assert (await again.send(form)).status == 403
    assert (await look(api, "SELECT hash FROM codes")) == []


async def test_consent_without_a_session_leads_to_sign_in(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    form = (await browser.get(flow.url())).form("allow")
    page = await Browser(sqlite_api).send(form)
    assert urlsplit(page.location).path == "/auth/sign_in"
    form.action = flow.url(redirect_uri="https://evil.example/")
    assert (await Browser(sqlite_api).send(form)).status == 400


@pytest.mark.parametrize("origin", ["http://stonechat.test", "http://falconframework.org"])
async def test_the_address_in_use_may_be_another_one(sqlite_api: Api, origin: str) -> None:
    """People open http://localhost where the settings say 127.0.0.1; the test host is Falcon's."""
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    page = await browser.get(flow.url())
    assert (await browser.send(page.form("allow"), headers={"Origin": origin})).status == 302


async def test_s009_what_an_app_says_of_itself_cannot_mislead(sqlite_api: Api) -> None:
    _, browser = await signed_in(sqlite_api)
    flow = await register(
        sqlite_api,
        client_name="<script>alert(1)</script>\u202eevil\u2066",
        redirect_uris="https://real.example:8443/cb?host=bank.example",
        website="https://bank.example/",
    )
    page = await browser.get(flow.url())
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;evil" in page.text
    assert "\u202e" not in page.text
    assert "\u2066" not in page.text
    assert '<strong class="target">real.example:8443</strong>' in page.text
    assert ">bank.example" not in page.text

    custom = await register(sqlite_api, redirect_uris="myapp://bank.example/")
    shown = await browser.get(custom.url())
    assert "the app on this device that opens myapp: links" in shown.text


@pytest.mark.parametrize("path", ["/auth/sign_in", "/oauth/authorize", "/oauth/authorize/native"])
async def test_s010_s140_no_page_may_be_framed_scripted_or_read_by_others(
    sqlite_api: Api, path: str
) -> None:
    for origin in ("https://evil.example", "null"):
        page = await Browser(sqlite_api).get(path, Origin=origin)
        policy = page.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert not any("unsafe" in each or each.startswith("script-src") for each in policy)
        assert page.headers["x-frame-options"] == "DENY"
        assert not [name for name in page.headers if name.startswith("access-control-")]
        preflight = await Browser(sqlite_api).open(
            "OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert not [name for name in preflight.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        (CALLBACK, "https://app.example"),
        ("http://127.0.0.1:49152/done", "http://127.0.0.1:49152"),
        ("http://[::1]:49152/done", "http:"),
        ("com.tapbots.Ivory.10217:/request_token", "com.tapbots.ivory.10217:"),
        (OUT_OF_BAND, ""),
    ],
)
async def test_the_forms_may_end_at_the_app_and_nowhere_else(
    sqlite_api: Api, uri: str, source: str
) -> None:
    await sqlite_api.person("anna")
    browser = Browser(sqlite_api)
    flow = await register(sqlite_api, redirect_uris=uri)
    expected = f"form-action 'self' {source}".strip()
    signing_in = await browser.get((await browser.get(flow.url())).location)
    assert expected in signing_in.headers["content-security-policy"].split("; ")
    await browser.send(signing_in.form(), name="anna", password="long enough")
    consent = await browser.get(flow.url())
    assert expected in consent.headers["content-security-policy"].split("; ")

    forged = flow.url(redirect_uri="https://evil.example/")
    page = await Browser(sqlite_api).get(f"/auth/sign_in?next={quote(forged, safe='')}")
    assert "form-action 'self'" in page.headers["content-security-policy"].split("; ")
