"""The vendor's own documents: the examples of the page on PATCH, and the tables of the others."""

import json

import pytest

from tests.contract.api import Api
from tests.contract.stativate.programs import DETAILS, ORDER, Program, is_bad, program

# As they stand on the page; the first is no JSON, for its comma.
VALUE_ALONE = b'{\n    "value": "TODAY",\n}'
WHOLE = b"""{
    "name": "Delivery Order #1234",
    "type": "text",
    "value": "TODAY",
    "accessType": "private",
    "description": "We will keep you updated about your order #1234 here.",
    "colorNo": 3
}"""
ANSWER = """{
    "id": "SPbi7aNV4s0w0BExample",
    "shareId": "7v7x3e",
    "name": "Delivery Order #1234",
    "value": "TODAY",
    "type": "text",
    "accessType": "private",
    "description": "We will keep you updated about your order #1234 here.",
    "colorNo": 3,
    "accessTypeUserList": "owners",
    "accessTypeHistory": "private"
}"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def anna(api: Api) -> Program:
    return await program(api, "anna")


async def test_d5_the_page_on_patch(anna: Program) -> None:
    """D5: its examples to the letter; 3.2: `owner` where the page's answer has a slip."""
    path = f"/v1/status/{(await anna.make())['id']}"
    broken = await anna.patch(path, body=VALUE_ALONE, headers=JSON)
    assert is_bad(broken, "body")
    assert (await anna.get(path)).json["value"] == "PACKED"
    mended = await anna.patch(path, body=VALUE_ALONE.replace(b",", b""), headers=JSON)
    assert (mended.status, mended.json["value"]) == (200, "TODAY")

    changed = await anna.patch(path, body=WHOLE, headers=JSON)
    assert changed.status == 200
    assert changed.headers["content-type"].startswith("application/json")
    documented = json.loads(ANSWER) | {"accessTypeUserList": "owner"}
    for name in ("id", "shareId"):
        assert isinstance(changed.json[name], str)
        documented[name] = changed.json[name]
    # In the page's order, and nothing else.
    assert list(changed.json.items()) == list(documented.items())
    assert (len(changed.json["id"]), changed.json["id"].isalnum()) == (21, True)
    assert (len(changed.json["shareId"]), changed.json["shareId"].isalnum()) == (6, True)
    assert "shareID" not in changed.json  # 3.1
    detailed = (await anna.get(f"{path}?include=details")).json
    assert list(detailed.items())[: len(documented)] == list(documented.items())
    assert (detailed["statusKey"], detailed["role"], detailed["changes"]) == (None, "owner", 3)


async def test_d8_d7_d9_keys(anna: Program) -> None:
    """D8: POST makes or changes; 3.9: 201 and 200; 3.8: DELETE answers with what was."""
    path = "/v1/status-keys/parcel-8812"
    assert (await anna.get(path)).status == 404
    made = await anna.post(f"{path}{DETAILS}", json={"name": "Parcel 8812", "value": "packed"})
    assert (made.status, made.json["statusKey"]) == (201, "parcel-8812")
    defaults = {
        "type": "text",
        "accessType": "private",
        "description": "",
        "colorNo": 1,
        "accessTypeUserList": "owner",
        "accessTypeHistory": "private",
    }
    assert {name: made.json[name] for name in defaults} == defaults
    again = await anna.post(path, json={"value": "on its way", "colorNo": 4})
    assert (again.status, again.json["id"]) == (200, made.json["id"])
    assert (again.json["value"], again.json["name"]) == ("ON ITS WAY", "Parcel 8812")
    put = await anna.put(path, json={"value": "here"})  # 3.10
    assert (put.status, put.json["value"]) == (200, "HERE")
    read = await anna.get(path)
    assert (read.status, read.json) == (200, put.json)
    gone = await anna.delete(path)
    assert (gone.status, gone.json) == (200, put.json)
    second = await anna.delete(path)
    assert (second.status, second.body) == (404, b"")
    # The key is free, and what it names from now on is another one.
    new = await anna.post(path, json={"name": "Parcel 8812", "value": "packed"})
    assert new.status == 201
    assert new.json["id"] != made.json["id"]
    assert new.json["shareId"] != made.json["shareId"]


async def test_d13_the_list_of_what_one_owns(api: Api, anna: Program) -> None:
    """D13: a bare array of names, whatever the element is called elsewhere (3.4, 3.5)."""
    assert (await anna.get("/v1/user/status")).json == []
    first = await anna.make(name="Front door")
    api.clock.move(milliseconds=1)
    path = f"/v1/status-keys/a:b~c.d_e-1{DETAILS}"
    second = await anna.post(path, json={"name": ORDER, "value": "1"})
    bert = await program(api, "bert")
    await bert.make(name="Not hers", accessType="public")
    listed = await anna.get("/v1/user/status")
    assert listed.json == [
        {
            "statusId": each["id"],
            "statusKey": each["statusKey"],
            "shareId": each["shareId"],
            "name": each["name"],
        }
        for each in (second.json, first)
    ]
    assert [each["statusKey"] for each in listed.json] == ["a:b~c.d_e-1", None]


async def test_d11_d12_keys_and_errors(api: Api, anna: Program) -> None:
    """D11: the header, in any case; D12: the two documented bodies; 3.14: the empty ones."""
    status = await anna.make()
    path = f"/v1/status/{status['id']}"
    for headers in ({"STATIVATE-API-KEY": anna.key}, {"Authorization": f"Bearer {anna.key}"}):
        assert (await api.get(path, headers=headers)).status == 200
    unknown = await api.get(path, headers={"stativate-api-key": "made-up"})
    nothing = await api.get(path)
    in_query = await api.get(f"{path}?stativate-api-key={anna.key}&access_token={anna.key}")
    for refused in (unknown, nothing, in_query):
        assert (refused.status, refused.json) == (401, {"message": "Unauthorized"})
    empty = await anna.patch(path, json={})
    assert is_bad(empty, "body")
    absent = await anna.get("/v1/status/SPbi7aNV4s0w0BExample")
    stray = await anna.get("/v1/no/such/thing")
    for missing in (absent, stray):
        assert (missing.status, missing.body) == (404, b"")
    wrong = await anna.put(path, json={"value": "x"})
    assert (wrong.status, wrong.json["errorCode"]) == (405, "methodNotAllowed")
    assert set(wrong.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}


async def test_d11_check_auth(api: Api, anna: Program) -> None:
    """D11: three levels; 3.16: who is not verified learns here why all else is refused."""
    checked = (await anna.get("/v1/checkAuth")).json
    assert (checked["authLevel"], checked["name"]) == ("Verified", "anna")
    assert checked["plan"]["api"] is True
    assert (await api.get("/v1/checkAuth")).json == {"message": "Unauthorized"}
    account_id = int(checked["userId"])
    for state, levels in (
        ("unconfirmed", (200, 403)),
        ("pending", (200, 403)),
        ("disabled", (403, 403)),
        ("active", (200, 200)),
    ):
        await api.env.db.write(
            lambda tx, state=state: tx.run(
                "UPDATE accounts SET state = $2 WHERE id = $1", account_id, state
            )
        )
        answers = [await anna.get(path) for path in ("/v1/checkAuth", "/v1/user/status")]
        assert tuple(each.status for each in answers) == levels, state
        if levels == (200, 403):
            assert answers[0].json["authLevel"] == "Authenticated"
            assert answers[0].json["userId"] == checked["userId"]


async def test_d1_the_same_value_again_is_a_change(api: Api, anna: Program) -> None:
    """D1: a confirmation is news: it counts, moves the time, and stands in the history."""
    status = await anna.make()
    api.clock.move(seconds=60)
    again = (await anna.set(status, "packed")).json
    assert (again["value"], again["changes"]) == ("PACKED", 2)
    assert again["changedAt"] > status["changedAt"]
    api.clock.move(seconds=60)
    path = f"/v1/status/{status['id']}"
    renamed = await anna.patch(path + DETAILS, json={"name": "Another"})
    kept = {name: renamed.json[name] for name in ("changes", "changedAt")}
    assert kept == {name: again[name] for name in ("changes", "changedAt")}
    history = (await anna.get(f"{path}/history")).json
    assert [(each["number"], each["value"]) for each in history] == [(2, "PACKED"), (1, "PACKED")]


async def test_3_2_owners_is_understood_and_never_said(anna: Program) -> None:
    made = await anna.make(accessTypeUserList="owners", accessTypeHistory="owners")
    assert (made["accessTypeUserList"], made["accessTypeHistory"]) == ("owner", "owner")
