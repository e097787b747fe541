"""Registering an app, and asking with a token whose it is."""

from dataclasses import replace

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.contract.oauth.browser import OUT_OF_BAND, look, register, signed_in

FIELDS = {
    "client_name": "Test App",
    "redirect_uris": "https://app.example/cb\nmyapp://cb",
    "scopes": "read write",
    "website": "https://app.example/",
}


async def test_oa1_a_registration(api: Api) -> None:
    reply = await api.post("/api/v1/apps", form=FIELDS)
    assert reply.status == 200
    assert len(reply.json.pop("client_id")) == 43
    assert len(reply.json.pop("client_secret")) == 43
    assert int(reply.json.pop("id")) > 0
    assert reply.json == {
        "name": "Test App",
        "website": "https://app.example/",
        "scopes": ["read", "write"],
        "redirect_uris": ["https://app.example/cb", "myapp://cb"],
        "redirect_uri": "https://app.example/cb\nmyapp://cb",
        "client_secret_expires_at": 0,
        "vapid_key": "",
    }


async def test_oa1_every_way_of_sending_is_fine(sqlite_api: Api) -> None:
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="client_name"\r\n\r\nTest App\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="redirect_uris"\r\n\r\n'
        b"urn:ietf:wg:oauth:2.0:oob\r\n--edge--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    query = "client_name=Test+App&redirect_uris=urn:ietf:wg:oauth:2.0:oob"
    for reply in (
        await sqlite_api.post("/api/v1/apps", json=FIELDS),
        await sqlite_api.post("/api/v1/apps", body=body, headers=headers),
        await sqlite_api.post(f"/api/v1/apps?{query}"),
        await sqlite_api.post("/api/v1/apps", "a-stale-token", form=FIELDS),
    ):
        assert (reply.status, reply.json["name"]) == (200, "Test App")


SCOPES = [
    (None, ["read"]),
    ("", ["read"]),
    ("write read write", ["write", "read"]),
    (["read", "write"], ["read", "write"]),
    ("admin:read admin:write crypto", ["admin:read", "admin:write", "crypto"]),
]


async def test_oa2_oa3_scopes(sqlite_api: Api) -> None:
    for scopes, kept in SCOPES:
        reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, "scopes": scopes})
        assert reply.json["scopes"] == kept


REFUSED = [
    {"scopes": "read nonsense"},
    {"client_name": "x" * 61},
    {"client_name": "x" * 5000},
    {"client_name": ""},
    {"client_name": None},
    {"client_name": "  \u200b\u202e "},
    {"client_name": "a\0b"},
    {"website": "https://x.example/" + "x" * 2000},
    {"website": "javascript:alert(1)"},
    {"website": "nonsense"},
    {"redirect_uris": "https://x.example/" + "x" * 2000},
    {"redirect_uris": [f"https://x.example/{n}" for n in range(300)]},
    {"redirect_uris": ""},
    {"redirect_uris": []},
    {"redirect_uris": "\n"},
    {"redirect_uris": None},
    {"redirect_uris": {"a": "b"}},
]


async def test_oa2_oa4_what_is_refused(sqlite_api: Api) -> None:
    for changes in REFUSED:
        reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, **changes})
        assert reply.status == 422
        assert reply.json["error"].startswith("Validation failed: ")
        assert (await look(sqlite_api, "SELECT id FROM apps")) == []


async def test_oa2_the_words_for_an_unknown_scope(sqlite_api: Api) -> None:
    reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, "scopes": "nonsense"})
    words = "Validation failed: Scopes doesn't match configured on the server."
    assert reply.json == {"error": words}


async def test_oa5_lines_and_lists_are_the_same(sqlite_api: Api) -> None:
    uris = ["https://app.example/cb", "myapp://cb", OUT_OF_BAND]
    for sent in (uris, "\n".join(uris), "\r\n".join(uris), [*uris, uris[0], ""]):
        reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, "redirect_uris": sent})
        assert reply.json["redirect_uris"] == uris
    reply = await sqlite_api.post("/api/v1/apps", form={**FIELDS, "redirect_uris[]": uris})
    assert reply.status in (200, 400, 422)


FINE_URIS = [
    OUT_OF_BAND,
    "icecubesapp://",
    "com.tapbots.Ivory.10217:/request_token",
    "myapp:callback",
    "http://127.0.0.1:49152/",
    "http://[::1]:49152/",
    "http://localhost/cb",
    "https://elk.example/api/oauth/https%3A%2F%2Felk.zone?origin=https://a",
]


async def test_s002_oa6_redirects_that_are_fine(sqlite_api: Api) -> None:
    for uri in FINE_URIS:
        reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, "redirect_uris": uri})
        assert reply.json["redirect_uris"] == [uri]


REFUSED_URIS = [
    ("/callback", "must be an absolute URI."),
    ("//app.example/callback", "must be an absolute URI."),
    ("app.example", "must be an absolute URI."),
    ("myapp:", "must be an absolute URI."),
    ("https://", "must be an absolute URI."),
    ("https:///callback", "must be an absolute URI."),
    ("https://real.example@evil.example/", "must be an absolute URI."),
    ("https://evil.example\\@real.example/", "must be an absolute URI."),
    ("https://ex\u00e4mple.example/", "must be an absolute URI."),
    ("https://a.example/ b", "must be an absolute URI."),
    ("https://a.example:port/", "must be an absolute URI."),
    ("https://a.example;script-src/", "must be an absolute URI."),
    ("https://a.example/#part", "cannot contain a fragment."),
    ("javascript:alert(1)", "is forbidden by the server."),
    ("JavaScript:alert(1)", "is forbidden by the server."),
    ("data:text/html,x", "is forbidden by the server."),
    ("vbscript:x", "is forbidden by the server."),
    ("file:///etc/passwd", "is forbidden by the server."),
    ("blob:https://a.example/x", "is forbidden by the server."),
]


async def test_s002_oa6_redirects_that_are_refused(sqlite_api: Api) -> None:
    for uri, words in REFUSED_URIS:
        for sent in (uri, ["https://good.example/", uri]):
            reply = await sqlite_api.post("/api/v1/apps", json={**FIELDS, "redirect_uris": sent})
            assert (reply.status, reply.json) == (
                422,
                {"error": f"Validation failed: Redirect URI {words}"},
            )


async def test_oa7_the_app_behind_a_token(api: Api) -> None:
    anna, browser = await signed_in(api)
    flow = await register(api, website="https://app.example/")
    for token in (await flow.token(browser), await flow.app_token(), await flow.app_token("push")):
        reply = await api.get("/api/v1/apps/verify_credentials", token)
        assert reply.status == 200
        hidden = {"client_id", "client_secret", "client_secret_expires_at"}
        shown = {name: value for name, value in flow.app.items() if name not in hidden}
        assert reply.json == shown
    for token in (None, "garbage"):
        reply = await api.get("/api/v1/apps/verify_credentials", token)
        assert (reply.status, reply.json) == (401, {"error": "The access token is invalid"})
    # The operator made this one by hand: it belongs to no app.
    assert (await api.get("/api/v1/apps/verify_credentials", anna.token)).status == 404


async def test_apps_are_limited_to_five_in_ten_minutes(
    database: Database, settings: Settings
) -> None:
    api = Api(database, replace(settings, rate_limits=True))
    statuses = [(await api.post("/api/v1/apps", json=FIELDS)).status for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    api.clock.move(minutes=10)
    assert (await api.post("/api/v1/apps", json=FIELDS)).status == 200
