"""Beacons through this dialect: who may do what, in which order they are refused, and retries."""

import asyncio
from dataclasses import replace

import pytest

from stonechat.kernel.settings import Settings
from tests.contract.api import Api
from tests.contract.stativate.programs import DETAILS, Program, is_bad, program, program_of, same

ABSENT = "/v1/status/7v7x3eabcdefghijkmnpq"
CHANGE = 5


@pytest.fixture
async def anna(api: Api) -> Program:
    return await program(api, "anna")


async def give(owner: Program, status: dict[str, str], name: str, role: str) -> None:
    given = await owner.put(f"/v1/status/{status['id']}/users/{name}", json={"role": role})
    assert (given.status, given.json["name"], given.json["role"]) == (200, name, role)


async def test_d2_the_owner_an_updater_a_subscriber_and_strangers(api: Api, anna: Program) -> None:
    """3.11: an updater reads, and sets the value and nothing else. S069: all else is refused."""
    bert, cleo = await program(api, "bert"), await program(api, "cleo")
    status = await anna.make(accessType="public")
    path = f"/v1/status/{status['id']}"
    await give(anna, status, "bert", "updater")
    read = await bert.get(path + DETAILS)
    assert (read.status, read.json["statusKey"], read.json["role"]) == (200, None, "updater")
    assert (await bert.set(status, "late")).json["value"] == "LATE"
    refused: list[tuple[Program, str, str, dict[str, object]]] = [
        (bert, "PATCH", path, {"json": {"value": "x", "name": "Mine now"}}),
        # Rights come before bounds.
        (bert, "PATCH", path, {"json": {"colorNo": 99}}),
        (bert, "DELETE", path, {}),
        (bert, "PUT", f"{path}/users/cleo", {"json": {"role": "updater"}}),
        (bert, "DELETE", f"{path}/users/anna", {}),
        (bert, "POST", f"{path}/links", {"json": {}}),
        (bert, "GET", f"{path}/tokens", {}),
        (bert, "GET", f"{path}/webhooks", {}),
        (cleo, "GET", path, {}),
        (cleo, "PATCH", path, {"json": {"value": "x"}}),
        (cleo, "DELETE", path, {}),
    ]
    for who, method, where, how in refused:
        reply = await who.call(method, where, **how)
        assert (reply.status, reply.json["errorCode"]) == (403, "notAllowed"), (method, where)
    assert (await anna.get(path)).json["name"] == status["name"]
    # Somebody who follows it is a stranger to all of this.
    followed = await cleo.post(f"/v1/status/{status['shareId']}/subscription")
    assert (followed.status, followed.json["role"]) == (201, "subscriber")
    assert (await cleo.get(path)).status == 403
    assert (await cleo.set(status, "mine")).status == 403
    taken = await anna.delete(f"{path}/users/bert")
    assert (taken.status, taken.json["role"]) == (200, "updater")
    assert (await bert.set(status, "again")).status == 403


async def test_s065_what_is_private_is_absent(api: Api, anna: Program) -> None:
    """S065, 3.12: without a role a private status is not there, whatever it is asked for by."""
    bert = await program(api, "bert")
    hidden = await anna.make()
    shown = await anna.make(accessType="public")
    # The head of its id is the public one; the tail is guessed.
    guessed = shown["shareId"] + hidden["id"][6:]
    for identifier in (hidden["id"], hidden["shareId"], guessed, "1", "é"):
        for ending in ("", "/history", "/users", "/subscription", "/links", "/tokens", "/webhooks"):
            absent = await bert.get(ABSENT + ending)
            reply = await bert.get(f"/v1/status/{identifier}{ending}")
            assert (reply.status, reply.body) == (404, b""), (identifier, ending)
            assert same(reply, absent)
    for method, ending in (
        ("PATCH", ""),
        ("DELETE", ""),
        ("PUT", "/users/bert"),
        ("POST", "/subscription"),
        ("POST", "/links"),
        ("POST", "/tokens"),
        ("POST", "/webhooks"),
    ):
        # Not even that the request is wrong is told.
        how = {"json": {"nonsense": 1}}
        reply = await bert.call(method, f"/v1/status/{hidden['id']}{ending}", **how)
        assert same(reply, await bert.call(method, ABSENT + ending, **how)), (method, ending)
        assert (reply.status, reply.body) == (404, b"")
    written = await bert.put(f"/s/{hidden['shareId']}/value", json={"nonsense": 1})
    assert same(written, await bert.put("/s/7v7x3e/value", json={"nonsense": 1}))
    assert written.status == 404
    assert (await anna.post("/v1/status-keys/k", json={"name": "Mine", "value": "1"})).status == 201
    assert (await bert.get("/v1/status-keys/k")).status == 404
    assert (await bert.post("/v1/status-keys/k", json={"name": "His", "value": "2"})).status == 201
    assert (await anna.get("/v1/status-keys/k")).json["name"] == "Mine"


async def test_s070_whoever_knows_an_old_version_changes_nothing(api: Api, anna: Program) -> None:
    """S070: of two that say which version they know one gets 412; the history is whole."""
    status = await anna.make()
    path = f"/v1/status/{status['id']}"
    bert = await program(api, "bert")
    await give(anna, status, "bert", "updater")
    etag = (await anna.get(path)).headers["etag"]
    answers = await asyncio.gather(
        *(who.set(status, "mine", headers={"If-Match": etag}) for who in (anna, bert, anna, bert))
    )
    assert sorted(each.status for each in answers) == [200, 412, 412, 412]
    lost = next(each for each in answers if each.status == 412)
    assert lost.json["errorCode"] == "outdated"
    won = next(each for each in answers if each.status == 200)
    assert (await anna.get(path)).headers["etag"] == won.headers["etag"] != etag
    history = (await anna.get(f"{path}/history")).json
    assert [each["number"] for each in history] == [2, 1]
    for wrong in ('"0"', "0", 'W/"2"', '"1", "2"', '"' + "9" * 400 + '"'):
        assert (await anna.set(status, "x", headers={"If-Match": wrong})).status == 412, wrong
    assert (await anna.set(status, "x", headers={"If-Match": "*"})).status == 200
    # Of a key, and of what is to go, it is the same.
    made = await anna.post("/v1/status-keys/k", json={"name": "Mine", "value": "1"})
    old = {"If-Match": made.headers["etag"]}
    changed = await anna.put("/v1/status-keys/k", json={"value": "2"}, headers=old)
    assert changed.status == 200
    for reply in (
        await anna.put("/v1/status-keys/k", json={"value": "3"}, headers=old),
        await anna.delete("/v1/status-keys/k", headers=old),
        await anna.delete(f"/v1/status/{made.json['id']}", headers=old),
        await anna.put("/v1/status-keys/new", json={"name": "New", "value": "1"}, headers=old),
    ):
        assert reply.status == 412
    new = {"If-Match": changed.headers["etag"]}
    assert (await anna.delete("/v1/status-keys/k", headers=new)).status == 200
    # Whoever may not change it does not learn its version either.
    cleo = await program(api, "cleo")
    assert (await cleo.set(status, "x", headers={"If-Match": '"0"'})).status == 404


async def test_a_request_that_is_sent_again_is_done_once(anna: Program) -> None:
    key = {"Idempotency-Key": "once"}
    how = {"json": {"name": "Front door", "value": "open"}, "headers": key}
    made, again = [await anna.post("/v1/status", **how) for _ in range(2)]
    assert (made.status, again.status, again.json["id"]) == (201, 201, made.json["id"])
    assert len((await anna.get("/v1/user/status")).json) == 1
    answers = [await anna.set(made.json, "shut", headers=key) for _ in range(3)]
    assert [each.json["changes"] for each in answers] == [2, 2, 2]
    path = f"/s/{made.json['shareId']}/value"
    for _ in range(2):
        assert (
            await anna.put(path, body=b"ajar", headers={"Idempotency-Key": "two"})
        ).status == 200
    assert (await anna.get(f"/v1/status/{made.json['id']}{DETAILS}")).json["changes"] == 3
    for number, status in ((1, 201), (1, 200), (2, 200), (2, 200)):
        put = {"json": {"name": "Keyed", "value": "x"}, "headers": {"Idempotency-Key": f"{number}"}}
        keyed = await anna.post(f"/v1/status-keys/k{DETAILS}", **put)
        assert (keyed.status, keyed.json["changes"]) == (status, number)
    long = {"Idempotency-Key": "x" * 300}
    assert is_bad(await anna.set(made.json, "x", headers=long), "body")


async def test_many_first_requests_for_one_key_make_one(anna: Program) -> None:
    answers = await asyncio.gather(
        *(
            anna.post("/v1/status-keys/same", json={"name": "Same", "value": str(number)})
            for number in range(8)
        )
    )
    assert sorted(each.status for each in answers) == [200] * 7 + [201]
    assert len({each.json["id"] for each in answers}) == 1
    assert len((await anna.get("/v1/user/status")).json) == 1


async def test_scopes_of_a_persons_token(api: Api, anna: Program) -> None:
    """A token of a Mastodon app works here too, as far as its scopes go; a key needs none."""
    status = await anna.make()
    path = f"/v1/status/{status['id']}"
    for scopes, answers in {"read": (200, 403), "write": (403, 200), "follow": (403, 403)}.items():
        token = await api.token("anna", scopes)
        got = await api.get(path, token)
        put = await api.call("PATCH", path, token, json={"value": "x"})
        assert (got.status, put.status) == answers, scopes
    # And a key opens nothing else.
    assert (await api.get("/api/v1/timelines/home", anna.key)).status == 401


class TestPlans:
    """3.13: what the operator's plan lacks is 402, and its quota 429, in this order."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(
            settings,
            rate_limits=True,
            beacons_max=2,
            beacon_links=False,
            beacon_lists=False,
            beacon_requests_per_hour=12,
        )

    async def test_3_13_features_come_last(self, sqlite_api: Api) -> None:
        anna = await program(sqlite_api, "anna")
        status = await anna.make()
        path = f"/v1/status/{status['id']}"
        for properties in (
            {"description": "See https://example.org"},
            {"accessTypeHistory": "public"},
            {"accessTypeUserList": "owner", "value": "x"},
        ):
            refused = await anna.patch(path, json=properties)
            assert (refused.status, refused.json["errorCode"]) == (402, "notInPlan")
            absent = await anna.patch(ABSENT, json=properties)
            assert absent.status == 404
        assert is_bad(await anna.patch(path, json={"accessTypeHistory": "x"}), "accessTypeHistory")
        assert (await anna.get(path)).json["value"] == "PACKED"
        await anna.make()
        third = await anna.post("/v1/status", json={"name": "Third", "value": "1"})
        assert (third.status, third.json["errorCode"]) == (402, "notInPlan")
        assert "2" in third.json["message"]

    async def test_3_13_a_quota_of_requests(self, sqlite_api: Api) -> None:
        """It is an account's, whatever its keys; and is told of before anything else is."""
        await sqlite_api.person("anna")
        keys = [await program_of(sqlite_api, "anna") for _ in range(2)]
        left = [(await keys[number % 2].get("/v1/user/status")) for number in range(12)]
        assert [each.headers["x-ratelimit-remaining"] for each in left] == [
            str(number) for number in range(11, -1, -1)
        ]
        over = await keys[0].patch(ABSENT, json={"nonsense": 1})
        assert (over.status, over.json["errorCode"]) == (429, "tooManyRequests")
        assert 0 < int(over.headers["retry-after"]) <= 3601
        assert over.headers["x-ratelimit-limit"] == "12"
        assert (await sqlite_api.get("/v1/user/status")).status == 401
        bert = await program(sqlite_api, "bert")
        assert (await bert.get("/v1/user/status")).status == 200
        sqlite_api.clock.move(hours=1)
        assert (await keys[0].get("/v1/user/status")).status == 200


class TestWithoutApi:
    """3.13: where the plan has no API, all of it is 402, and `checkAuth` says so."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, beacon_api=False)

    async def test_3_13_no_api_in_the_plan(self, sqlite_api: Api) -> None:
        anna = await program(sqlite_api, "anna")
        for reply in (
            await anna.get("/v1/user/status"),
            await anna.patch(ABSENT, json={"nonsense": 1}),
            await anna.put("/s/7v7x3e/value", body=b"x"),
        ):
            assert (reply.status, reply.json["errorCode"]) == (402, "notInPlan")
        assert (await sqlite_api.get("/v1/user/status")).status == 401
        checked = await anna.get("/v1/checkAuth")
        assert (checked.status, checked.json["plan"]["api"]) == (200, False)


async def test_browsers_may_ask_from_other_sites(sqlite_api: Api) -> None:
    reply = await sqlite_api.call("OPTIONS", ABSENT)
    assert reply.status == 204
    allowed = {
        name.strip().lower() for name in reply.headers["access-control-allow-headers"].split(",")
    }
    assert {"stativate-api-key", "if-match", "idempotency-key", "content-type"} <= allowed
    assert reply.headers["access-control-allow-methods"] == "DELETE, GET, PATCH"
    assert (await sqlite_api.get(ABSENT)).headers["access-control-allow-origin"] == "*"


async def test_s142_a_fault_of_ours_has_no_body(api: Api, anna: Program) -> None:
    """3.14: 500 is empty."""
    await api.env.db.write(lambda tx: tx.run("ALTER TABLE beacons RENAME TO gone"))
    fault = await anna.get(ABSENT)
    assert (fault.status, fault.body) == (500, b"")
    await api.env.db.write(lambda tx: tx.run("ALTER TABLE gone RENAME TO beacons"))


async def test_statements(api: Api, anna: Program) -> None:
    """One for the key, one for what is read, and a change is one transaction of a few trips."""
    status = await anna.make()
    path = f"/v1/status/{status['id']}"

    async def count(method: str, where: str, **how: object) -> int:
        api.recorder.forget()
        assert (await anna.call(method, where, **how)).status == 200
        return api.recorder.count

    assert await count("GET", path) == 2
    assert await count("GET", f"{path}/history") == 3
    assert await count("GET", "/v1/user/status") == 2
    assert await count("PATCH", path, json={"value": "x"}) <= CHANGE
    assert await count("PUT", f"/s/{status['shareId']}/value", body=b"x") <= CHANGE + 1


async def test_a_hundred_at_once_lose_nothing(api: Api, anna: Program) -> None:
    """Every change that was acknowledged has its number, and the last one is what is shown."""
    status = await anna.make()
    writers = [anna]
    for number in range(4):
        writers.append(await program(api, f"updater{number}"))
        await give(anna, status, f"updater{number}", "updater")
    path = f"/v1/status/{status['id']}"
    answers = await asyncio.gather(
        *(writers[each % 5].set(status, f"v{each}") for each in range(100))
    )
    assert {each.status for each in answers} == {200}
    history = (await anna.get(f"{path}/history?limit=200")).json
    assert [each["number"] for each in history] == list(range(101, 0, -1))
    told = {each.json["changes"]: each.json["value"] for each in answers}
    assert {each["number"]: each["value"] for each in history[:-1]} == told
    assert (await anna.get(path)).json["value"] == history[0]["value"]


async def test_an_idempotency_key_counts_for_one_status(anna: Program) -> None:
    """Sensors of one owner number their changes alike: none of them is taken for another one."""
    doors = [await anna.make(name=f"Door {number}") for number in range(2)]
    how = {"headers": {"Idempotency-Key": "1"}}
    for door in doors:
        for _ in range(2):
            assert (await anna.set(door, "open", **how)).json["changes"] == 2
    for key in ("one", "two"):
        path = f"/v1/status-keys/{key}{DETAILS}"
        made = await anna.post(path, json={"name": "Keyed", "value": key}, **how)
        assert (made.json["statusKey"], made.json["value"]) == (key, key.upper())


async def test_a_key_that_is_deleted_while_it_is_set_is_made_anew(anna: Program) -> None:
    """POST on a key makes or changes, whatever happens to it at the same moment."""
    path, body = "/v1/status-keys/race", {"name": "Raced", "value": "x"}
    for _ in range(8):
        await anna.post(path, json=body)
        answers = await asyncio.gather(
            anna.delete(path), *(anna.post(path, json=body) for _ in range(3))
        )
        assert {each.status for each in answers[1:]} <= {200, 201}


async def test_s081_s085_odd_paths_and_queries(anna: Program) -> None:
    """A name that stands twice is refused; below /v1 what is not there has no body."""
    path = f"/v1/status/{(await anna.make())['id']}/history"
    assert is_bad(await anna.get(f"{path}?cursor=1&cursor=2"), "query")
