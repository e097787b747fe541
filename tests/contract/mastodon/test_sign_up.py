"""Signing up through an app."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.contract.oauth.browser import Browser, Flow, look, register

FIELDS: dict[str, Any] = {
    "username": "nora",
    "email": "nora@example.org",
    "password": "long enough",
    "agreement": True,
    "locale": "de",
}


async def app_of(api: Api, scopes: str = "read write admin:read") -> tuple[Flow, str]:
    flow = await register(api, scopes=scopes)
    return flow, await flow.app_token("read write")


@pytest.mark.parametrize("shape", ["json", "form"])
async def test_ac1_a_stranger_becomes_a_person(api: Api, shape: str) -> None:
    flow, token = await app_of(api)
    sent = FIELDS if shape == "json" else {**FIELDS, "agreement": "true"}
    reply = await api.post("/api/v1/accounts", token, **{shape: sent})
    assert reply.status == 200
    assert reply.json.keys() == {"access_token", "token_type", "scope", "created_at"}
    assert reply.json["token_type"] == "Bearer"
    # The app's scopes, without those that only an administrator may give away (S026).
    assert reply.json["scope"] == "read write"
    assert reply.json["created_at"] == api.clock.now_ms() // 1000

    posted = await api.post(
        "/api/v1/statuses", reply.json["access_token"], json={"status": "hello"}
    )
    assert posted.json["account"]["acct"] == "nora"
    mine = await api.get("/api/v1/apps/verify_credentials", reply.json["access_token"])
    assert mine.json["id"] == flow.app["id"]
    assert (await Browser(api).sign_in("nora")).status == 302
    assert (await look(api, "SELECT locale, app_id FROM logins"))[0][0] == "de"


async def test_ac2_a_persons_token_makes_no_accounts(api: Api) -> None:
    anna = await api.person("anna")
    reply = await api.post("/api/v1/accounts", anna, json=FIELDS)
    words = "This method requires an client credentials authentication"
    assert (reply.status, reply.json) == (403, {"error": words})
    assert (await api.post("/api/v1/accounts", json=FIELDS)).status == 401
    flow = await register(api)
    narrow = await api.post("/api/v1/accounts", await flow.app_token("read"), json=FIELDS)
    assert narrow.status == 403


FAULTS = [
    ({"username": None}, "username", "ERR_BLANK", "can't be blank"),
    ({"username": ""}, "username", "ERR_BLANK", "can't be blank"),
    ({"username": "a b"}, "username", "ERR_INVALID", None),
    ({"username": "näh"}, "username", "ERR_INVALID", None),
    ({"username": "a\n"}, "username", "ERR_INVALID", None),
    ({"username": "x" * 31}, "username", "ERR_TOO_LONG", None),
    ({"username": "Admin"}, "username", "ERR_RESERVED", "is reserved"),
    ({"username": "ANNA"}, "username", "ERR_TAKEN", "has already been taken"),
    ({"email": None}, "email", "ERR_BLANK", "can't be blank"),
    ({"email": "nora"}, "email", "ERR_INVALID", "is invalid"),
    ({"email": "Anna@Example.org"}, "email", "ERR_TAKEN", "has already been taken"),
    ({"password": None}, "password", "ERR_BLANK", "can't be blank"),
    ({"password": "short"}, "password", "ERR_TOO_SHORT", None),
    ({"password": "x" * 257}, "password", "ERR_TOO_LONG", None),
    ({"agreement": None}, "agreement", "ERR_ACCEPTED", "must be accepted"),
    ({"agreement": False}, "agreement", "ERR_ACCEPTED", "must be accepted"),
    ({"reason": "x" * 501}, "reason", "ERR_TOO_LONG", None),
]


async def test_ac3_ac4_what_is_wrong_is_said_beside_its_field(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    _, token = await app_of(sqlite_api)
    for changes, field, rule, words in FAULTS:
        reply = await sqlite_api.post("/api/v1/accounts", token, json={**FIELDS, **changes})
        assert reply.status == 422
        assert reply.json["error"].startswith("Validation failed: ")
        assert reply.json["details"].keys() == {field}
        (problem,) = reply.json["details"][field]
        assert problem["error"] == rule
        assert words is None or problem["description"] == words
        assert len(await look(sqlite_api, "SELECT id FROM accounts")) == 1
        assert len(await look(sqlite_api, "SELECT account_id FROM logins")) == 1


async def test_ac3_all_faults_are_told_at_once(sqlite_api: Api) -> None:
    _, token = await app_of(sqlite_api)
    reply = await sqlite_api.post("/api/v1/accounts", token, json={})
    assert reply.status == 422
    assert reply.json["details"].keys() == {"username", "email", "password", "agreement"}
    assert reply.json["error"] == (
        "Validation failed: Username can't be blank, E-mail can't be blank, "
        "Password can't be blank, Service agreement must be accepted"
    )


async def test_ac5_a_date_of_birth_is_not_looked_at(sqlite_api: Api) -> None:
    _, token = await app_of(sqlite_api)
    fields = {**FIELDS, "date_of_birth": "01.02.2030", "time_zone": "Europe/Berlin"}
    assert (await sqlite_api.post("/api/v1/accounts", token, json=fields)).status == 200


async def test_closed_means_closed(database: Database, settings: Settings) -> None:
    api = Api(database, replace(settings, registrations="closed"))
    _, token = await app_of(api)
    reply = await api.post("/api/v1/accounts", token, json=FIELDS)
    assert (reply.status, reply.json) == (403, {"error": "This action is not allowed"})
    assert (await look(api, "SELECT id FROM accounts")) == []


async def test_with_approval_an_account_waits(database: Database, settings: Settings) -> None:
    api = Api(database, replace(settings, registrations="approval"))
    _, token = await app_of(api)
    reply = await api.post("/api/v1/accounts", token, json={**FIELDS, "reason": "  I like birds "})
    assert reply.status == 200
    home = await api.get("/api/v1/timelines/home", reply.json["access_token"])
    words = "Your login is currently pending approval"
    assert (home.status, home.json) == (403, {"error": words})
    assert [tuple(row) for row in await look(api, "SELECT reason FROM logins")] == [
        ("I like birds",)
    ]
    page = await Browser(api).sign_in("nora")
    assert page.status == 422
    assert words in page.text


async def test_of_two_with_one_name_one_gets_it(api: Api) -> None:
    _, token = await app_of(api)
    replies = await asyncio.gather(
        *(
            api.post("/api/v1/accounts", token, json={**FIELDS, "email": f"n{n}@example.org"})
            for n in range(4)
        )
    )
    assert sorted(reply.status for reply in replies) == [200, 422, 422, 422]
    assert len(await look(api, "SELECT id FROM accounts")) == 1


async def test_sign_ups_are_limited_to_five_in_half_an_hour(
    database: Database, settings: Settings
) -> None:
    api = Api(database, replace(settings, rate_limits=True))
    _, token = await app_of(api)
    statuses = [(await api.post("/api/v1/accounts", token, json={})).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]
