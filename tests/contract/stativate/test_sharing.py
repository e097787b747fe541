"""Roles, links, subscriptions, histories, webhooks and notices through this dialect."""

import csv
import io

import pytest

from tests.contract.api import Api
from tests.contract.stativate.programs import Program, is_bad, program


@pytest.fixture
async def anna(api: Api) -> Program:
    return await program(api, "anna")


async def test_d2_users_are_listed_given_and_taken(api: Api, anna: Program) -> None:
    """3.6: whoever may see the list; D2: the owner gives and takes."""
    bert, cleo = await program(api, "bert"), await program(api, "cleo")
    status = await anna.make(accessType="public", accessTypeUserList="private")
    path = f"/v1/status/{status['id']}/users"
    for role in ("subscriber", "updater"):
        api.clock.move(seconds=1)
        given = await anna.put(f"{path}/bert", json={"role": role})
        assert (given.status, given.json["role"]) == (200, role)
    for who in (anna, bert):
        listed = (await who.get(path)).json
        assert [(each["name"], each["role"]) for each in listed] == [
            ("anna", "owner"),
            ("bert", "updater"),
        ]
        assert set(listed[0]) == {"name", "displayName", "role", "since"}
    stranger = await cleo.get(path)
    assert (stranger.status, stranger.json["errorCode"]) == (403, "notAllowed")
    assert (await cleo.get(f"/v1/status/{status['shareId']}/users")).status == 403
    first = await anna.get(f"{path}?limit=1")
    assert [each["name"] for each in first.json] == ["anna"]
    following = first.headers["link"].split(";")[0].strip("<>")
    second = await anna.get(following.removeprefix("http://stonechat.test"))
    assert [each["name"] for each in second.json] == ["bert"]
    for body, field in (
        ({}, "role"),
        ({"role": "owner"}, "role"),
        ({"role": None}, "role"),
        ({"role": "updater", "since": "x"}, "since"),
    ):
        assert is_bad(await anna.put(f"{path}/cleo", json=body), field)
    assert is_bad(await anna.put(f"{path}/nobody", json={"role": "updater"}), "username")
    taken = await anna.delete(f"{path}/bert")
    assert (taken.status, taken.json["name"]) == (200, "bert")
    assert (await anna.delete(f"{path}/bert")).status == 404
    assert (await anna.delete(f"{path}/anna")).status == 403


async def test_s066_s067_links_and_what_came_by_them(api: Api, anna: Program) -> None:
    """S067: a role that came by a link outlives it; S066: a link that is over is none."""
    bert, cleo = await program(api, "bert"), await program(api, "cleo")
    status = await anna.make(accessTypeHistory="public")
    path = f"/v1/status/{status['id']}/links"
    made = await anna.post(path, json={"label": "Neighbours", "days": 3})
    assert (made.status, made.json["label"]) == (201, "Neighbours")
    link = made.json["id"]
    assert made.json["url"] == f"http://stonechat.test/s/{link}"
    assert (await anna.get(path)).json == [made.json]
    assert [each["value"] for each in (await bert.get(f"/v1/status/{link}/history")).json] == [
        "PACKED"
    ]
    joined = await bert.post(f"/v1/status/{link}/subscription", json={"notifies": False})
    assert (joined.status, joined.json["role"], joined.json["notifies"]) == (
        201,
        "subscriber",
        False,
    )
    rotated = await anna.post(f"{path}/{link}")
    assert (rotated.status, rotated.json["expiresAt"]) == (200, made.json["expiresAt"])
    new = rotated.json["id"]
    absent = f"{status['shareId']}-{'a' * 22}"
    for address in (link, absent):
        reply = await cleo.post(f"/v1/status/{address}/subscription")
        assert (reply.status, reply.body) == (404, b"")
    assert (await cleo.post(f"/v1/status/{new}/subscription")).status == 201
    assert (await anna.delete(f"{path}/{new}")).status == 204
    assert (await anna.delete(f"{path}/{new}")).status == 404
    assert (await anna.get(path)).json == []
    for who in (bert, cleo):
        assert (await who.get(f"/v1/status/{status['shareId']}/history")).status == 200
    other = await anna.make()
    theirs = (await anna.post(f"/v1/status/{other['id']}/links", json={})).json
    assert theirs["expiresAt"] is None
    assert (await anna.delete(f"{path}/{theirs['id']}")).status == 404
    for body, field in (
        ({"days": 0}, "days"),
        ({"days": "3"}, "days"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2099-01-01T00:00:00"}, "expiresAt"),
        ({"expiresAt": "0001-01-01T00:00:00+23:59"}, "expiresAt"),
        ({"days": 1, "expiresAt": "2030-01-01T00:00:00Z"}, "expiresAt"),
        ({"label": "x" * 61}, "label"),
        ({"secret": "x"}, "secret"),
    ):
        assert is_bad(await anna.post(path, json=body), field), body


async def test_d4_subscriptions_and_their_filters(api: Api, anna: Program) -> None:
    """D4: with all changes off, those are told that a filter lets through."""
    bert = await program(api, "bert")
    status = await anna.make(accessType="public")
    path = f"/v1/status/{status['shareId']}/subscription"
    filters = [{"kind": "to", "value": "open"}, {"kind": "from", "value": "OPEN"}]
    made = await bert.post(path, json={"notifies": False, "filters": filters})
    assert made.status == 201
    assert made.json["filters"] == [
        {"kind": "from", "value": "OPEN"},
        {"kind": "to", "value": "OPEN"},
    ] or made.json["filters"] == [
        {"kind": "to", "value": "OPEN"},
        {"kind": "from", "value": "OPEN"},
    ]
    assert (await bert.get(path)).json == made.json
    for value in ("shut", "open", "open", "late", "shut"):
        assert (await anna.set(status, value)).status == 200
    told = (await bert.get("/v1/user/notices")).json
    assert [(each["oldValue"], each["value"]) for each in told["notices"]] == [
        ("OPEN", "LATE"),
        ("OPEN", "OPEN"),
        ("SHUT", "OPEN"),
    ]
    assert (told["unread"], told["notices"][0]["shareId"]) == (3, status["shareId"])
    seen = await bert.post("/v1/user/notices/seen", json={"upTo": told["notices"][1]["id"]})
    assert seen.status == 204
    page = await bert.get("/v1/user/notices?limit=1")
    assert (page.json["unread"], len(page.json["notices"])) == (1, 1)
    following = page.headers["link"].split(";")[0].strip("<>")
    rest = (await bert.get(following.removeprefix("http://stonechat.test"))).json
    assert rest["notices"][0]["id"] == told["notices"][1]["id"]
    again = await bert.post(path, json={"notifies": True})
    assert (again.status, again.json["notifies"], again.json["filters"]) == (
        200,
        True,
        made.json["filters"],
    )
    for body, field in (
        ({"filters": [{"kind": "near", "value": "x"}]}, "filters"),
        ({"filters": [{"kind": "to", "value": "x" * 11}]}, "filters"),
        ({"filters": [{"kind": "to"}]}, "filters"),
        ({"filters": [{"kind": "to", "value": "x"}] * 21}, "filters"),
        ({"filters": {"kind": "to", "value": "x"}}, "filters"),
        ({"notifies": "yes"}, "notifies"),
        ({"role": "updater"}, "role"),
    ):
        assert is_bad(await bert.post(path, json=body), field), body
    assert (await bert.delete(path)).status == 204
    assert (await bert.get(path)).status == 403
    # What is wrong leaves nobody half subscribed.
    assert is_bad(await bert.post(path, json={"notifies": 1}), "notifies")
    assert (await bert.get(path)).status == 403
    assert (await anna.delete(path)).status == 403


async def test_histories_are_paged_and_exported(api: Api, anna: Program) -> None:
    """S071, S127: a cell that a spreadsheet would run is none; names only for who may see them."""
    status = await anna.make(accessType="public", accessTypeHistory="public")
    path = f"/v1/status/{status['id']}/history"
    for value in ("=cmd()", "-5°", '"a", b', "@x", "+1"):
        await anna.set(status, value)
    numbers: list[int] = []
    where = f"{path}?limit=4"
    while where:
        page = await anna.get(where)
        numbers += [each["number"] for each in page.json]
        where = page.headers.get("link", "").partition(">")[0].strip("<")
        where = where.removeprefix("http://stonechat.test")
    assert numbers == [6, 5, 4, 3, 2, 1]
    exported = await anna.get(f"{path}?format=csv")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(exported.body.decode())))
    assert [each["value"] for each in rows[:-1]] == [
        "'+1",
        "'@X",
        '"A", B',
        "'-5°",
        "'=CMD()",
    ]
    assert {each["changedBy"] for each in rows} == {"anna"}
    told = (await anna.get(f"{path}?format=json")).json
    assert [each["value"] for each in told] == ["+1", "@X", '"A", B', "-5°", "=CMD()", "PACKED"]
    bert = await program(api, "bert")
    strangers = await bert.get(f"/v1/status/{status['shareId']}/history")
    assert [each["number"] for each in strangers.json] == [6, 5, 4, 3, 2, 1]
    assert not any("changedBy" in each for each in strangers.json)
    assert b"anna" not in (await bert.get(f"{path}?format=csv")).body
    await anna.patch(f"/v1/status/{status['id']}", json={"accessTypeHistory": "private"})
    for ending in ("", "?format=csv", "?format=json"):
        refused = await bert.get(path + ending)
        assert (refused.status, refused.json["errorCode"]) == (403, "notAllowed")
    for wrong in ("?format=xml", "?format=", "?format[]=csv"):
        assert is_bad(await anna.get(path + wrong), "format")
    assert is_bad(await anna.get(f"{path}?cursor=x"), "cursor")


async def test_webhooks_are_made_tried_and_taken_away(api: Api, anna: Program) -> None:
    status = await anna.make()
    other = await anna.make()
    for path in (f"/v1/status/{status['id']}/webhooks", "/v1/user/webhooks"):
        made = await anna.post(path, json={"url": "https://hooks.example.org/x"})
        assert (made.status, made.json["isEnabled"]) == (201, True)
        assert made.json["secret"].startswith("whsec_")
        listed = (await anna.get(path)).json
        assert [each["id"] for each in listed] == [made.json["id"]]
        assert "secret" not in listed[0]
        one = f"{path}/{made.json['id']}"
        tried = await anna.post(f"{one}/test")
        assert (tried.status, tried.json["event"]) == (201, "webhook.test")
        assert (await anna.get(f"{one}/messages")).json == [tried.json]
        assert (await anna.post(f"{one}/enable")).json["id"] == made.json["id"]
        elsewhere = f"/v1/status/{other['id']}/webhooks/{made.json['id']}"
        bert = await program(api, f"bert{len(path)}")
        for reply in (
            await anna.delete(elsewhere),
            await anna.post(f"{elsewhere}/test"),
            await bert.post(f"{one}/test"),
            await bert.delete(one),
        ):
            assert (reply.status, reply.body) == (404, b"")
        for url in ("http://127.0.0.1/", "ftp://example.org", "x", "http://stonechat.test/x"):
            assert is_bad(await anna.post(path, json={"url": url}), "url"), url
        assert is_bad(await anna.post(path, json={}), "url")
        assert (await anna.delete(one)).status == 204
        assert (await anna.get(path)).json == []
