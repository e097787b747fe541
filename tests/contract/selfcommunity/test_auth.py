"""Who may do what by which token; how accounts, passwords and addresses come to be and change."""

import base64
import json
from dataclasses import replace

import pytest

from stonechat.kernel.settings import Settings
from stonechat.services import tokens
from stonechat.storage.database import Database
from tests.contract.api import Api, Person
from tests.contract.oauth.browser import Browser, register
from tests.contract.selfcommunity.community import ask, label
from tests.contract.selfcommunity.tokens import SECRET, claims_of, grant, sign, who_is
from tests.pictures import plain

NEW = "Aa3-long enough"
NO_PICTURE = {"avatar_base64": "bm8gcGljdHVyZQ=="}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, community_jwt_secret=SECRET, community_password_grant=True)


async def statuses(
    api: Api, token: str, who: Person, *, header: str = "authorization"
) -> tuple[int, ...]:
    """What a token gets from reading and from writing in each of the three dialects."""
    bare, own = {"authorization": f"Bearer {token}"}, f"/api/v2/user/{who.id}/change_email/"
    program = bare if header == "authorization" else {header: token}
    code = {"new_email": "next@example.org", "confirm": True}
    beacon = {"name": "Bakery", "value": "open"}
    replies = (
        await api.get("/api/v1/accounts/verify_credentials", headers=bare),
        await api.post("/api/v1/statuses", headers=bare, json={"status": "hello"}),
        await api.post("/api/v2/sso/signin/", headers=bare),
        await api.call("PATCH", own, headers=bare, json=code),
        await api.post("/api/v2/account/create/", headers=bare, json={}),
        await api.get("/v1/user/status", headers=program),
        await api.post("/v1/status", headers=program, json=beacon),
    )
    return tuple(reply.status for reply in replies)


async def test_s029_every_kind_of_token_in_every_dialect(api: Api) -> None:
    """S029: mapped scopes only, the same rights, never more."""
    anna = await api.person("anna")
    owner = await api.person("owner", role="owner")
    flow = await register(api)
    raw = sign(claims_of(api, anna))
    assert (await who_is(api, raw)).status == 200

    async def made(scopes: str, kind: str = "person") -> str:
        return await tokens.create_for_name(api.env, "anna", kind=kind, scopes=scopes)

    found = {
        "person": await statuses(api, anna.token, anna),
        "jwt": await statuses(api, raw, anna),
        "reader": await statuses(api, await made("read"), anna),
        "narrow reader": await statuses(api, await made("read:statuses"), anna),
        "writer": await statuses(api, await made("write"), anna),
        "narrow writer": await statuses(api, await made("write:statuses"), anna),
        "admin's scopes": await statuses(api, await made("admin:write admin:read"), anna),
        "app": await statuses(api, await flow.app_token("read write"), anna),
        "key": await statuses(api, await made("", "key"), anna, header="stativate-api-key"),
        "write token": await statuses(api, await made("", "write"), anna),
        "nobody's": await statuses(api, "nobody issued this", anna),
        "owner": await statuses(api, owner.token, anna),
    }
    expected = {
        "person": (200, 200, 200, 200, 403, 200, 201),
        "jwt": (200, 200, 200, 200, 403, 200, 201),
        "reader": (200, 403, 200, 403, 403, 200, 403),
        "narrow reader": (403, 403, 403, 403, 403, 403, 403),
        "writer": (403, 200, 403, 403, 403, 403, 201),
        "narrow writer": (403, 200, 403, 403, 403, 403, 403),
        "admin's scopes": (403, 403, 403, 403, 403, 403, 403),
        "app": (422, 422, 403, 403, 403, 403, 403),
        "key": (401, 401, 401, 401, 401, 200, 201),
        "write token": (404, 404, 404, 404, 404, 404, 404),
        "nobody's": (401, 401, 401, 401, 401, 401, 401),
        "owner": (200, 200, 200, 403, 400, 200, 201),
    }
    assert found == expected


GOOD = {"username": "good_one", "email": "good@example.org", "new_email": "next@example.org"}
RUBBISH: tuple[object, ...] = (
    None,
    True,
    -1.5,
    2**64,
    [],
    {},
    [["x"]],
    {"a": {"b": "c"}},
    "",
    "\0",
    "\ud800",
    "\u202e",
    "x" * 5000,
    "a@b" * 200,
    "1" * 400,
)


async def test_s081_rubbish_in_any_field_is_refused_in_the_dialects_words(sqlite_api: Api) -> None:
    """S081 to S096: whatever a field holds, the answer is the caller's fault and has a shape."""
    admin = await sqlite_api.person("admin", role="admin")
    own = f"/api/v2/user/{admin.id}"
    for method, path, fields in (
        ("POST", "/api/v2/account/create/", "username email password"),
        ("POST", "/api/v2/sso/signup/", "username email password real_name role tags"),
        ("POST", "/api/v2/jwt/token/", "username password"),
        ("POST", "/api/v2/jwt/verify_token/", "token"),
        ("POST", "/api/v2/jwt/token/refresh/", "refresh"),
        ("PATCH", f"{own}/change_password/", "password new_password"),
        ("PATCH", f"{own}/change_email/", "new_email confirm"),
        ("POST", f"{own}/confirm_email/", "new_email validation_code"),
        ("POST", "/oauth/token/", "client_id username password scope refresh_token code"),
        ("POST", "/oauth/revoke_token/", "client_id token"),
    ):
        names = fields.split()
        good: dict[str, object] = {**dict.fromkeys(names, "Aa3-good one"), **GOOD}
        kinds = ("password", "refresh_token", "authorization_code") if "oauth/t" in path else ("",)
        for name, value in ((name, value) for name in names for value in RUBBISH):
            for kind in kinds:
                body = json.dumps({"grant_type": kind, **good, name: value}).encode()
                headers = {"content-type": "application/json"}
                reply = await sqlite_api.call(method, path, admin, body=body, headers=headers)
                assert 200 <= reply.status < 500, (path, name, value, reply.body)
                assert reply.status < 300 or "errors" in reply.json or "error" in reply.json


async def test_strangers_read_only_where_the_community_is_open(
    sqlite: Database, settings: Settings
) -> None:
    """1.1: otherwise reads need a token, too."""
    open_api = Api(sqlite, settings)
    anna = await open_api.person("anna")
    closed = Api(sqlite, replace(settings, community_is_open=False))
    assert (await open_api.get("/api/v2/category/")).status == 200
    assert (await closed.get("/api/v2/category/")).status == 401
    assert (await closed.get("/api/v2/category/", anna)).status == 200


async def test_an_administrator_makes_and_finds_accounts(api: Api) -> None:
    """2.9: POST /account/create/ gives a User with its email, GET /account/search/ finds it."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    form = {"username": "new_one", "email": "New@Example.org", "password": NEW}
    made = await ask(api, "POST", "/account/create/", admin, **form)
    assert made.status == 201
    assert (made.json["username"], made.json["email"]) == ("new_one", "New@Example.org")
    assert (await ask(api, "POST", "/account/create/", anna, **form)).status == 403
    for query in (
        "username=NEW_ONE",
        "email=new@example.ORG",
        f"ext_id={made.json['id']}&provider=x",
    ):
        found = await api.get(f"/api/v2/account/search/?{query}", admin)
        assert (found.status, found.json) == (200, made.json), query
        assert (await api.get(f"/api/v2/account/search/?{query}", anna)).status == 403
    for query, status in (
        ("", 400),
        ("username=a&email=b", 400),
        ("ext_id=1", 400),
        ("provider=x", 400),
        ("username=nobody", 404),
        ("email=nobody@example.org", 404),
        ("email=nobody", 404),
        ("ext_id=1&provider=x", 404),
        ("ext_id=x&provider=x", 404),
    ):
        assert (await api.get(f"/api/v2/account/search/?{query}", admin)).status == status, query
    signed_in = await grant(
        api, "password", **{**form, "client_id": (await register(api)).client["client_id"]}
    )
    assert (await who_is(api, signed_in.json["access_token"])).json["id"] == made.json["id"]


async def test_what_is_wrong_with_an_account_is_told_with_its_field(sqlite_api: Api) -> None:
    """S081: 2.9's password rule is 8 to 128 characters of three of four kinds."""
    admin = await sqlite_api.person("admin", role="admin")
    good = {"username": "new_one", "email": "new@example.org", "password": NEW}
    for field, value, code in (
        ("username", None, "null"),
        ("username", "", "blank"),
        ("username", "x" * 256, "max_length"),
        ("username", "ADMIN", "unique"),
        ("username", "a b", "invalid"),
        ("email", "nonsense", "invalid"),
        ("email", "ADMIN@example.org", "unique"),
        ("password", None, "null"),
        ("password", "", "blank"),
        ("password", "Aa3-abc", "min_length"),
        ("password", "Aa3-" + "x" * 125, "max_length"),
        ("password", "abcdefg1", "invalid"),
        ("password", ["x"], "invalid"),
    ):
        reply = await ask(sqlite_api, "POST", "/account/create/", admin, **{**good, field: value})
        assert reply.status == 400, (field, value)
        (error,) = reply.json["errors"]
        assert (error["field"], error["messages"][0]["code"]) == (field, code)
    for field in good:
        rest = {name: value for name, value in good.items() if name != field}
        (error,) = (await ask(sqlite_api, "POST", "/account/create/", admin, **rest)).json["errors"]
        assert (error["field"], error["messages"][0]["code"]) == (field, "required")


async def test_another_system_signs_people_up(api: Api) -> None:
    """2.9: POST /sso/signup/ needs a username alone; the owner alone makes administrators."""
    admin, owner = await api.person("admin", role="admin"), await api.person("owner", role="owner")
    tag = await label(api, admin, "Guests")
    face = base64.b64encode(plain()).decode()
    body = {"username": "guest", "real_name": "A Guest", "tags": [tag], "avatar_base64": face}
    made = await ask(api, "POST", "/sso/signup/", admin, **body)
    assert (made.status, list(made.json)) == (
        201,
        ["id", "ext_id", "username", "email", "role", "tags", "avatar"],
    )
    assert (made.json["email"], made.json["role"], made.json["tags"]) == (None, None, [tag])
    assert "/pictures/" in made.json["avatar"]
    guest = Person(str(made.json["id"]), "guest", "")
    told = await who_is(api, sign(claims_of(api, guest)))
    assert told.json == {
        "id": made.json["id"],
        "ext_id": str(made.json["id"]),
        "username": "guest",
        "role": None,
        "tags": [tag],
    }
    chief = {"username": "chief", "role": "admin"}
    assert (await ask(api, "POST", "/sso/signup/", admin, **chief)).status == 403
    assert (await ask(api, "POST", "/sso/signup/", owner, **chief)).json["role"] == "admin"
    for wrong in (
        {"role": "owner"},
        {"tags": [1]},
        {"password": "short"},
        {"username": "guest"},
        NO_PICTURE,
    ):
        refused = await ask(api, "POST", "/sso/signup/", admin, **{"username": "other", **wrong})
        assert refused.status == 400, wrong
    assert (await api.get("/api/v2/account/search/?username=other", admin)).status == 404


async def test_what_needs_a_mail_says_so_of_every_address(sqlite_api: Api) -> None:
    """2.9: recover does not tell whether an address is anybody's."""
    await sqlite_api.person("anna")
    bodies: set[bytes] = set()
    for path in ("recover", "verify", "reset"):
        for email in ("anna@example.org", "nobody@example.org", None):
            reply = await ask(sqlite_api, "POST", f"/account/{path}/", email=email)
            assert reply.status == 400
            bodies.add(reply.body)
            assert reply.json["errors"][0]["code"] == "no_mail"
    assert len(bodies) == 1


async def test_another_password_ends_everything_but_the_token_that_asked(api: Api) -> None:
    """2.8: PATCH change_password answers 204, to the same password as well."""
    anna, ben = await api.person("anna"), await api.person("ben")
    other, key = await api.token("anna"), await tokens.create_for_name(api.env, "anna", kind="key")
    browser = Browser(api)
    await browser.sign_in("anna")
    client_id = (await register(api)).client["client_id"]
    sent = {"client_id": client_id, "username": "anna", "password": "long enough"}
    pair = (await grant(api, "password", **sent)).json
    path = f"/user/{anna.id}/change_password/"
    for who, password, new, status in (
        (ben, "long enough", NEW, 403),
        (anna, "wrong", NEW, 400),
        (anna, "x" * 5000, NEW, 400),
        (anna, "long enough", "weak", 400),
    ):
        reply = await ask(api, "PATCH", path, who, password=password, new_password=new)
        assert reply.status == status, (who.name, password)
    assert (await who_is(api, other)).status == 200
    changed = await ask(api, "PATCH", path, anna, password="long enough", new_password=NEW)
    assert (changed.status, changed.body) == (204, b"")
    assert (await who_is(api, anna.token)).status == 200
    for token in (other, pair["access_token"]):
        assert (await who_is(api, token)).status == 401
    assert (await api.get("/v1/user/status", headers={"stativate-api-key": key})).status == 401
    renewal = {"client_id": client_id, "refresh_token": pair["refresh_token"]}
    assert (await grant(api, "refresh_token", **renewal)).status == 400
    assert (await browser.get("/auth/sign_in")).status == 200
    assert (await grant(api, "password", **sent)).status == 400
    same = await ask(api, "PATCH", path, anna, password=NEW, new_password=NEW)
    assert same.status == 204
    assert (await grant(api, "password", **{**sent, "password": NEW})).status == 200


async def test_a_found_token_does_not_find_out_the_password(
    sqlite: Database, settings: Settings
) -> None:
    """The limit is that of the sign-in page."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    anna = await api.person("anna")
    path = f"/user/{anna.id}/change_password/"
    for _ in range(25):
        reply = await ask(api, "PATCH", path, anna, password="guess", new_password=NEW)
        assert reply.status == 400
    reply = await ask(api, "PATCH", path, anna, password="long enough", new_password=NEW)
    assert (reply.status, reply.json["errors"][0]["code"]) == (429, "throttled")


async def test_another_address_at_once_or_by_a_code(api: Api) -> None:
    """2.8: with `confirm` 200 {validation_code}, without it 204; confirm_email needs no token."""
    anna, ben = await api.person("anna"), await api.person("ben")
    path, confirm = f"/user/{anna.id}/change_email/", f"/user/{anna.id}/confirm_email/"
    admin = await api.person("admin", role="admin")

    async def email() -> str:
        return (await api.get("/api/v2/account/search/?username=anna", admin)).json["email"]

    assert (await ask(api, "PATCH", path, ben, new_email="a@example.org")).status == 403
    for wrong, code in (("BEN@example.org", "unique"), ("x", "invalid"), (None, "null")):
        # Whether an address is taken is told when it is to be changed, not by giving no code.
        for more in ({}, {"confirm": True})[: 1 if code == "unique" else 2]:
            (error,) = (await ask(api, "PATCH", path, anna, new_email=wrong, **more)).json["errors"]
            assert (error["field"], error["messages"][0]["code"]) == ("new_email", code)
    direct = await ask(api, "PATCH", path, anna, new_email="one@example.org", confirm=0)
    assert (direct.status, direct.body, await email()) == (204, b"", "one@example.org")
    told = await ask(api, "PATCH", path, anna, new_email="two@example.org", confirm=1)
    assert (told.status, list(told.json)) == (200, ["validation_code"])
    assert await email() == "one@example.org"
    good = {"new_email": "Two@example.org", **told.json}
    for wrong in (
        {"new_email": "three@example.org"},
        {"validation_code": "1.x"},
        {"validation_code": good["validation_code"][:-1] + "!"},
    ):
        refused = await ask(api, "POST", confirm, None, **{**good, **wrong})
        assert refused.status == 400
    elsewhere = await ask(api, "POST", f"/user/{ben.id}/confirm_email/", None, **good)
    absent = await ask(api, "POST", "/user/1/confirm_email/", None, **good)
    assert (elsewhere.status, elsewhere.body) == (absent.status, absent.body)
    done = await ask(api, "POST", confirm, None, **good)
    assert (done.status, await email()) == (204, "Two@example.org")
    # The code was for a change from another address, so it is good for nothing now.
    await ask(api, "PATCH", path, anna, new_email="one@example.com")
    assert (await ask(api, "POST", confirm, None, **good)).status == 400
    late = await ask(api, "PATCH", path, anna, new_email="four@example.org", confirm=True)
    api.clock.move(hours=25)
    sent = {"new_email": "four@example.org", **late.json}
    assert (await ask(api, "POST", confirm, None, **sent)).status == 400
    checked = await api.get(f"/api/v2/user/{anna.id}/check_email_token/?email_token=x")
    assert (checked.status, checked.json) == (200, {"is_valid": False})
