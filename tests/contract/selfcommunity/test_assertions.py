"""JWTs that a community's back end signs: which are taken, which are not, and what ends them."""

import asyncio
import hashlib
import hmac
from dataclasses import replace

import pytest

from stonechat.domain.limits import COMMUNITY_JWT_DAYS_MAX, TOKEN_CHARACTERS_MAX
from stonechat.kernel.settings import Settings
from stonechat.services import administration
from stonechat.services.cleaning import clean_up
from tests.contract.api import Api
from tests.contract.oauth.browser import look
from tests.contract.selfcommunity.tokens import HEADER, SECRET, claims_of, encode, sign, who_is


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, community_jwt_secret=SECRET, community_password_grant=True)


async def rows(api: Api) -> int:
    return (await look(api, "SELECT COUNT(*) FROM tokens WHERE app_id IS NULL"))[0][0]


async def test_a_jwt_is_taken_up_once_and_then_is_a_token(api: Api) -> None:
    """1.1: HS256 with the community's secret; `Bearer`, and `Token` from some clients."""
    anna = await api.person("anna")
    raw = sign(claims_of(api, anna, ext_id="301"))
    before = await rows(api)
    # The other dialects know it as soon as it has been seen here.
    assert (await api.get("/api/v1/accounts/verify_credentials", raw)).status == 401
    for scheme in ("Bearer", "Token", "bearer"):
        reply = await who_is(api, raw, scheme)
        assert (reply.status, reply.json["username"]) == (200, "anna")
    assert await rows(api) == before + 1
    seen = await api.get("/api/v1/accounts/verify_credentials", raw)
    assert (seen.status, seen.json["id"]) == (200, anna.id)
    assert (await api.get("/api/v1/admin/accounts", raw)).status in (403, 404)


async def test_a_jwt_that_comes_many_times_at_once_is_one_token(api: Api) -> None:
    """Pages ask for all of their parts at the same time, with a JWT that is new."""
    anna = await api.person("anna")
    raw, before = sign(claims_of(api, anna)), await rows(api)
    replies = await asyncio.gather(*(who_is(api, raw) for _ in range(16)))
    assert {reply.status for reply in replies} == {200}
    assert await rows(api) == before + 1


async def test_a_jwt_is_seen_where_no_token_is_needed(api: Api) -> None:
    """A reader with a JWT is somebody from the first request on, and a bad one is told so."""
    anna = await api.person("anna")
    before = await rows(api)
    good = await api.get("/api/v2/category/", sign(claims_of(api, anna)))
    assert (good.status, await rows(api)) == (200, before + 1)
    for bad in ("x.y.z", "nothing", sign(claims_of(api, anna, exp=1))):
        reply = await api.get("/api/v2/category/", bad)
        assert (reply.status, reply.json["errors"][0]["code"]) == (401, "not_authenticated")


async def test_a_jwt_that_is_wrong_in_any_way_opens_nothing(sqlite_api: Api) -> None:
    """1.1: all claims but `ext_id` are required, `alg` is HS256; nothing is told apart."""
    api = sqlite_api
    anna = await api.person("anna")
    now_s = api.clock.now_ms() // 1000
    days = COMMUNITY_JWT_DAYS_MAX * 86_400
    good = claims_of(api, anna)
    signed, told = sign(good), f"{encode({**HEADER, 'alg': 'HS512'})}.{encode(good)}"
    mac = hmac.digest(SECRET.encode(), told.encode(), hashlib.sha512)
    none = {**HEADER, "alg": "none"}
    wrong = [
        *(sign(claims_of(api, anna, **{name: None})) for name in good),
        *(sign(claims_of(api, anna, exp=value)) for value in (now_s, now_s - 1, "x", 1e308, True)),
        *(sign(claims_of(api, anna, iat=value)) for value in (now_s + 120, -1, now_s + 9000)),
        *(sign(claims_of(api, anna, user_id=value)) for value in (0, -1, 2**60, "1", 10**40, 1.5)),
        sign(claims_of(api, anna, exp=now_s + days + 60)),
        sign(claims_of(api, anna, nbf=now_s + 600)),
        sign(claims_of(api, anna, token_type="refresh")),
        sign(claims_of(api, anna, jti="")),
        sign(claims_of(api, anna, pad="x" * TOKEN_CHARACTERS_MAX)),
        *(sign(good, header) for header in (none, {}, [], {"alg": "HS256"}, {**HEADER, "b64": 0})),
        sign(good, {**HEADER, "crit": ["exp"]}),
        sign(good, {**HEADER, "alg": "hs256"}),
        sign(good, secret=SECRET + "x"),
        *(sign(claims) for claims in ([], "x", 1, b"{", b"\xff", b"[" * 700)),
        sign(good, b"[" * 700),
        f"{told}.{encode(mac)}",
        f"{encode(none)}.{encode(good)}.",
        f"{encode(none)}.{encode(good)}." + "A" * 43,
        signed[:-2],
        signed + "x",
        signed.replace(".", ".."),
    ]
    before = await rows(api)
    for raw in wrong:
        reply = await who_is(api, raw)
        assert (reply.status, reply.json["errors"][0]["code"]) == (401, "not_authenticated"), raw
        checked = await api.post("/api/v2/jwt/verify_token/", json={"token": raw})
        assert checked.status in (401, 400), raw
    nobody = sign(claims_of(api, anna, user_id=int(anna.id) + 1))
    assert (await who_is(api, nobody)).status == 401
    assert (await api.post("/api/v2/jwt/verify_token/", json={"token": nobody})).status == 200
    assert await rows(api) == before
    assert (await who_is(api, signed)).status == 200


async def test_a_jwt_ends_with_its_time_its_password_and_its_account(api: Api) -> None:
    """S029: what ends tokens ends these, in every dialect, and their rows go after a day."""
    anna, ben = await api.person("anna"), await api.person("ben")
    raw, other = sign(claims_of(api, anna)), sign(claims_of(api, ben))
    assert [(await who_is(api, each)).status for each in (raw, other)] == [200, 200]
    await administration.change_password(api.env, "ben", "another long one")
    assert (await who_is(api, other)).status == 401
    await administration.change_state(api.env, "ben", "suspend")
    assert (await who_is(api, sign(claims_of(api, ben, jti="next")))).status == 401
    timeline = f"/api/v1/timelines/public?access_token={raw}"
    assert (await api.get(timeline)).status == 200
    api.clock.move(seconds=7201)
    for path in (timeline, f"/api/v1/accounts/verify_credentials?access_token={raw}"):
        reply = await api.get(path)
        assert (reply.status, reply.json["error"]) == (401, "The access token expired")
    assert (await who_is(api, raw)).status == 401
    count = "SELECT COUNT(*) FROM tokens WHERE expires_ms IS NOT NULL AND revoked_ms IS NULL"
    await clean_up(api.env, {})
    assert (await look(api, count))[0][0] == 1
    api.clock.move(days=1)
    await clean_up(api.env, {})
    assert (await look(api, count))[0][0] == 0


async def test_without_a_secret_there_are_none(api: Api) -> None:
    """An empty secret is no secret: nobody signs with it."""
    anna = await api.person("anna")
    bare = Api(api.recorder, replace(api.env.settings, community_jwt_secret=""))
    for secret in ("", SECRET):
        raw = sign(claims_of(api, anna), secret=secret)
        assert (await who_is(bare, raw)).status == 401
        assert (await bare.post("/api/v2/jwt/verify_token/", json={"token": raw})).status == 401
    form = {"username": "anna", "password": "long enough"}
    assert (await bare.post("/api/v2/jwt/token/", form=form)).status == 404


async def test_verifying_needs_no_token(sqlite_api: Api) -> None:
    """1.1: POST /jwt/verify_token/ answers 200 or 401, whatever the caller's own token is."""
    anna = await sqlite_api.person("anna")
    raw = sign(claims_of(sqlite_api, anna))
    for who in (None, anna, "rubbish"):
        reply = await sqlite_api.post("/api/v2/jwt/verify_token/", who, json={"token": raw})
        assert (reply.status, reply.json) == (200, {})
    missing = await sqlite_api.post("/api/v2/jwt/verify_token/", json={})
    assert missing.status == 400
    assert missing.json["errors"][0]["field"] == "token"


async def test_a_pair_for_a_password(api: Api) -> None:
    """1.1: POST /jwt/token/ gives {access, refresh}; the second buys the next pair."""
    await api.person("anna")
    form = {"username": "anna", "password": "long enough"}
    pair = (await api.post("/api/v2/jwt/token/", form=form)).json
    assert pair.keys() == {"access", "refresh"}
    assert (await who_is(api, pair["access"])).json["username"] == "anna"
    assert (await who_is(api, pair["refresh"])).status == 401
    renewed = await api.post("/api/v2/jwt/token/refresh/", json={"refresh": pair["refresh"]})
    assert (await who_is(api, renewed.json["access"])).status == 200
    for wrong in ({**form, "password": "x"}, {**form, "username": "nobody"}):
        assert (await api.post("/api/v2/jwt/token/", form=wrong)).status == 401
    await administration.change_password(api.env, "anna", "another long one")
    again = await api.post("/api/v2/jwt/token/refresh/", json={"refresh": pair["refresh"]})
    assert again.status == 401
    for each in (pair["access"], renewed.json["access"]):
        assert (await who_is(api, each)).status == 401
