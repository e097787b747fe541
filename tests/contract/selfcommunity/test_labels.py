"""Tags over the wire: reference 2.7 and 3.8. What is addressed to them: test_addressing."""

import asyncio
from typing import Any

import pytest

from stonechat.domain import limits
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.community import category, contribute, label, see

BRIEF = {"id", "type", "name", "description", "color"}
WHOLE = [
    "id",
    "type",
    "name",
    "description",
    "color",
    "visible",
    "visibility_boost",
    "created_at",
    "active",
    "deleted",
]


async def make(api: Api, admin: Person, name: str, **fields: Any) -> dict[str, Any]:
    api.clock.move(milliseconds=1)
    reply = await api.post("/api/v2/tag/", admin, json={"name": name, **fields})
    assert reply.status == 201, reply.body
    return reply.json


async def give(
    api: Api, admin: Person, tag: dict[str, Any], verb: str = "assign", **carrier: Any
) -> Reply:
    return await api.post(f"/api/v2/tag/{tag['id']}/{verb}/", admin, json=carrier)


async def names(api: Api, path: str, who: Person | None = None) -> list[str]:
    reply = await api.get(path, who)
    assert reply.status == 200, reply.body
    found = reply.json["results"] if isinstance(reply.json, dict) else reply.json
    return [each["name"] for each in found]


def fault(reply: Reply) -> tuple[int, str | None, str]:
    """Status, field and code of a refusal."""
    (error,) = reply.json["errors"]
    told = error["messages"][-1] if "messages" in error else error
    return reply.status, error.get("field"), told["code"]


async def test_making_and_changing(api: Api) -> None:
    """2.7: POST /tag/ answers 201, PUT and PATCH 200; the type is `user` where none is said."""
    admin = await api.person("admin", role="admin")
    tag = await make(api, admin, " Tea  drinkers ", description="At four\no'clock")
    assert list(tag) == WHOLE
    assert tag == tag | {
        "type": "user",
        "name": "Tea drinkers",
        "description": "At four\no'clock",
        "color": "",
        "visible": True,
        "visibility_boost": False,
        "active": True,
        "deleted": False,
    }
    path = f"/api/v2/tag/{tag['id']}/"
    # T: PUT with only a name is fine, and leaves the rest.
    put = await api.call("PUT", path, admin, json={"name": "Tea", "color": "#AAbbCC"})
    assert put.json == tag | {"name": "Tea", "color": "#aabbcc"}
    patched = await api.call("PATCH", path, admin, json={"visible": False, "description": None})
    assert patched.json == put.json | {"visible": False, "description": ""}
    assert (await api.get(path, admin)).json == patched.json
    assert fault(await api.call("PUT", path, admin, json={})) == (400, "name", "required")


async def test_refusals(api: Api) -> None:
    """1.2, 3.8: type and name are unique together; what is wrong is told by its field."""
    admin = await api.person("admin", role="admin")
    await make(api, admin, "Ölige Tücher")
    other = await make(api, admin, "B")
    same = {"name": "olige TUCHER"}
    taken = (400, "non_field_errors", "unique")
    assert fault(await api.post("/api/v2/tag/", admin, json=same)) == taken
    path = f"/api/v2/tag/{other['id']}/"
    assert fault(await api.call("PATCH", path, admin, json=same)) == taken
    await make(api, admin, "olige TUCHER", type="category")
    for fields, field, code in (
        ({}, "name", "required"),
        ({"name": None}, "name", "null"),
        ({"name": " \u202e "}, "name", "blank"),
        ({"name": "x" * 65}, "name", "max_length"),
        ({"name": ["x"]}, "name", "invalid"),
        ({"name": "x", "description": "x" * 501}, "description", "max_length"),
        ({"name": "x", "color": "red"}, "color", "invalid"),
        ({"name": "x", "type": "beacon"}, "type", "invalid_choice"),
        ({"name": "x", "visible": {}}, "visible", "invalid"),
    ):
        assert fault(await api.post("/api/v2/tag/", admin, json=fields)) == (400, field, code)
    assert fault(await api.call("PATCH", path, admin, json={"type": "category"}))[1] == "type"
    long = await make(api, admin, "x" * 64, description="y" * 500)
    assert (len(long["name"]), len(long["description"])) == (64, 500)


async def test_who_may(api: Api) -> None:
    """2.7: only administrators change Tags or see them whole; moderators do not."""
    admin, owner = await api.person("admin", role="admin"), await api.person("own", role="owner")
    staff, ann = await api.person("staff", role="moderator"), await api.person("ann")
    seen = await make(api, owner, "Seen")
    hidden = await make(api, admin, "Hidden", visible=False)
    idle = await make(api, admin, "Idle", active=False)
    for who in (staff, ann):
        for method, path in (
            ("POST", "/api/v2/tag/"),
            ("PUT", f"/api/v2/tag/{seen['id']}/"),
            ("PATCH", f"/api/v2/tag/{seen['id']}/"),
            ("POST", f"/api/v2/tag/{seen['id']}/assign/"),
            ("POST", f"/api/v2/tag/{seen['id']}/add/"),
            ("POST", f"/api/v2/tag/{seen['id']}/remove/"),
            ("GET", "/api/v2/tag/search/"),
            ("GET", "/api/v2/tag/user/search/"),
            ("GET", f"/api/v2/tag/user/?tag_id={seen['id']}"),
            ("GET", f"/api/v2/tag/category/?tag_id={seen['id']}"),
            ("GET", f"/api/v2/tag/contribution/?tag_id={seen['id']}"),
        ):
            reply = await api.call(method, path, who)
            assert fault(reply) == (403, None, "permission_denied"), path
    for who in (ann, staff, None):
        listed = (await api.get("/api/v2/tag/", who)).json
        assert [each["name"] for each in listed["results"]] == ["Seen"]
        assert set(listed["results"][0]) == BRIEF
        assert set((await api.get(f"/api/v2/tag/{seen['id']}/", who)).json) == BRIEF
        absent = await api.get("/api/v2/tag/1/", who)
        assert absent.status == 404
        for tag in (hidden, idle):
            assert (await api.get(f"/api/v2/tag/{tag['id']}/", who)).body == absent.body


async def test_lists(api: Api) -> None:
    """2.7, 1.3: filters, order (the newest first by default), pages with `limit` in front."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    await make(api, admin, "Beta", visibility_boost=True)
    await make(api, admin, "alpha", type="contribution")
    await make(api, admin, "Gamma_%", visible=False)
    gone = await make(api, admin, "Alphabet", active=False)
    path = "/api/v2/tag/"
    for query, expected in (
        ("", ["Alphabet", "Gamma_%", "alpha", "Beta"]),
        ("?ordering=name", ["alpha", "Alphabet", "Beta", "Gamma_%"]),
        ("?ordering=created_at&type=user", ["Beta", "Gamma_%", "Alphabet"]),
        ("?search=ALPH", ["Alphabet", "alpha"]),
        ("?search=%25", ["Gamma_%"]),
        ("?active=false", ["Alphabet"]),
        ("?visible=false", ["Gamma_%"]),
        ("?visibility_boost=true", ["Beta"]),
        ("?deleted=true", []),
    ):
        assert await names(api, path + query, admin) == expected, query
        assert await names(api, "/api/v2/tag/search/" + query, admin) == expected
        assert await names(api, "/api/v2/tag/user/search/" + query, admin) == expected
    await api.call("PATCH", f"{path}{gone['id']}/", admin, json={"deleted": True})
    assert await names(api, path, admin) == ["Gamma_%", "alpha", "Beta"]
    assert await names(api, path + "?deleted=true", admin) == ["Alphabet"]
    assert await names(api, path + "?deleted=true&active=false", ann) == []
    page = (await api.get(path + "?limit=1&offset=1&ordering=name", admin)).json
    assert (page["count"], page["results"][0]["name"]) == (3, "Beta")
    assert page["next"].endswith("/api/v2/tag/?limit=1&offset=2&ordering=name")
    for query, field in (
        ("ordering=size", "ordering"),
        ("type=x", "type"),
        ("offset=-1", "offset"),
    ):
        assert fault(await api.get(f"{path}?{query}", admin))[:2] == (400, field)


async def test_giving_and_taking(api: Api) -> None:
    """2.7: assign is a toggle, add and remove are not; all answer 204 with nothing."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tag = await make(api, admin, "Tea", color="#123456")
    path = f"/api/v2/tag/user/?tag_id={tag['id']}"

    async def carriers() -> list[str]:
        return [each["username"] for each in (await api.get(path, admin)).json["results"]]

    for verb, expected in (
        ("assign", ["ann"]),
        ("add", ["ann"]),
        ("assign", []),
        ("remove", []),
        ("add", ["ann"]),
        ("remove", []),
        ("add", ["ann"]),
    ):
        reply = await give(api, admin, tag, verb, user=ann.id)
        assert (reply.status, reply.body) == (204, b"")
        assert await carriers() == expected
    by_name = (await api.get("/api/v2/tag/user/?tag_name=TEA&limit=1", admin)).json
    assert (by_name["count"], by_name["results"][0]["id"]) == (1, int(ann.id))
    # 3.7: a User shows the Tags that it carries.
    brief = {key: tag[key] for key in BRIEF}
    assert by_name["results"][0]["tags"] == [brief]
    await api.call("PATCH", f"/api/v2/tag/{tag['id']}/", admin, json={"name": "Coffee"})
    assert (await api.get(path, admin)).json["results"][0]["tags"] == [brief | {"name": "Coffee"}]
    own = f"/api/v2/user/{ann.id}/tags/"
    await api.call("PATCH", f"/api/v2/tag/{tag['id']}/", admin, json={"visible": False})
    assert await names(api, own, ann) == ["Coffee"]
    assert await names(api, own, admin) == ["Coffee"]
    bob = await api.person("bob")
    assert fault(await api.get(own, bob)) == (403, None, "permission_denied")
    assert (await api.get("/api/v2/user/1/tags/", admin)).status == 404


async def test_carriers_that_do_not_fit(api: Api) -> None:
    """2.7: one of user, category and contribution; an unknown one is a fault of its field."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tag = await make(api, admin, "Tea")
    said = await api.say(ann, "Tea")
    answer = await api.say(ann, "More", in_reply_to_id=said["id"])
    hers = await api.say(ann, "Mine", visibility="direct")
    topic = await make(api, admin, "Topic", type="contribution")
    cases: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
        (tag, {}, "user", "required"),
        (tag, {"user": "x"}, "user", "does_not_exist"),
        (tag, {"user": 1}, "user", "does_not_exist"),
        (tag, {"user": [ann.id]}, "user", "invalid"),
        (tag, {"user": ann.id, "category": 1}, "non_field_errors", "invalid"),
        (tag, {"contribution": said["id"]}, "contribution", "invalid"),
        (topic, {"user": ann.id}, "user", "invalid"),
        (topic, {"contribution": answer["id"]}, "contribution", "does_not_exist"),
        # Private means absent, for administrators, too.
        (topic, {"contribution": hers["id"]}, "contribution", "does_not_exist"),
    ]
    for one, carrier, field, code in cases:
        reply = await give(api, admin, one, **carrier)
        assert fault(reply) == (400, field, code), (carrier, reply.body)
    assert (await give(api, admin, {"id": 1}, user=ann.id)).status == 404
    await api.call("PATCH", f"/api/v2/tag/{tag['id']}/", admin, json={"deleted": True})
    assert (await give(api, admin, tag, user=ann.id)).status == 404
    for query, field, code in (
        ("", "tag_id", "required"),
        (f"?tag_id={tag['id']}", "tag_id", "does_not_exist"),
        ("?tag_name=none", "tag_name", "does_not_exist"),
    ):
        reply = await api.get(f"/api/v2/tag/user/{query}", admin)
        assert fault(reply) == (400, field, code)


async def test_contributions_carry_tags(api: Api) -> None:
    """2.7: /tag/contribution/ shows what carries a Tag, the newest first, and nothing deleted."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    topic = await make(api, admin, "Topic", type="contribution")
    first, second = await api.say(ann, "One"), await api.say(ann, "Two")
    for said in (first, second):
        assert (await give(api, admin, topic, contribution=said["id"])).status == 204
    path = f"/api/v2/tag/contribution/?tag_id={topic['id']}"

    async def carriers(query: str = "") -> list[str]:
        results = (await api.get(path + query, admin)).json["results"]
        return [str(each["id"]) for each in results]

    assert await carriers() == [second["id"], first["id"]]
    assert await carriers("&ordering=created_at&limit=1") == [first["id"]]
    found = (await api.get(path, admin)).json["results"]
    assert [each["tags"] for each in found] == [[topic["id"]]] * 2
    await api.call("PATCH", f"/api/v2/tag/{topic['id']}/", admin, json={"active": False})
    assert (await api.get(path, admin)).json["results"][0]["tags"] == []
    await api.call("DELETE", f"/api/v1/statuses/{second['id']}", ann)
    assert await carriers() == [first["id"]]


async def test_many_toggles_at_once(api: Api) -> None:
    """1.4: 64 toggles at once, an even number, leave what was there before."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tag = await make(api, admin, "Tea")
    await give(api, admin, tag, "add", user=ann.id)
    replies = await asyncio.gather(*(give(api, admin, tag, user=ann.id) for _ in range(64)))
    assert {reply.status for reply in replies} == {204}
    assert await names(api, f"/api/v2/user/{ann.id}/tags/", ann) == ["Tea"]


async def test_tags_to_address(api: Api) -> None:
    """2.7, 4.3: a bare array of the active Tags of people that one carries; staff: of every one."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    staff = await api.person("staff", role="moderator")
    path = "/api/v2/user/tag/tags_to_address_a_contribution/"
    hidden = await make(api, admin, "Hidden", visible=False)
    idle = await make(api, admin, "Idle")
    await make(api, admin, "Nobody's")
    await make(api, admin, "Topic", type="contribution")
    for tag in (hidden, idle):
        await give(api, admin, tag, user=ann.id)
    assert await names(api, path, ann) == ["Hidden", "Idle"]
    assert set((await api.get(path, ann)).json[0]) == BRIEF | {"visible"}
    assert await names(api, path, staff) == ["Hidden", "Idle", "Nobody's"]
    switch = f"/api/v2/tag/{idle['id']}/"
    await api.call("PATCH", switch, admin, json={"active": False})
    assert await names(api, path, ann) == ["Hidden"]
    assert await names(api, path, admin) == ["Hidden", "Nobody's"]
    await api.call("PATCH", switch, admin, json={"active": True})
    assert await names(api, path, ann) == ["Hidden", "Idle"]
    assert (await api.get(path)).status == 401


async def test_bounds(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything has a limit: Tags, and how many of them one carries."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tags = [await make(api, admin, name) for name in "abc"]
    monkeypatch.setattr(limits, "LABELS_MAX", 3)
    reply = await api.post("/api/v2/tag/", admin, json={"name": "d"})
    assert fault(reply) == (400, None, "invalid")
    monkeypatch.setattr(limits, "LABELS_PER_CARRIER_MAX", 2)
    for tag, status in ((tags[0], 204), (tags[1], 204), (tags[2], 400), (tags[1], 204)):
        assert (await give(api, admin, tag, "add", user=ann.id)).status == status
    assert fault(await give(api, admin, tags[2], user=ann.id)) == (400, "user", "max_length")
    assert await names(api, f"/api/v2/user/{ann.id}/tags/", ann) == ["a", "b"]


async def test_categories_carry_tags(api: Api) -> None:
    """2.7, 3.4: a category shows the ids of its Tags, and is found by them, a closed one too."""
    admin = await api.person("admin", role="admin")
    room = await category(api, admin, "Room", active=False)
    tag = await make(api, admin, "Loud", type="category")
    assert (await give(api, admin, tag, category=room["id"])).status == 204
    (found,) = (await api.get("/api/v2/tag/category/?tag_name=loud", admin)).json["results"]
    assert (found["id"], found["tags"]) == (room["id"], [tag["id"]])
    assert fault(await give(api, admin, tag, category=1)) == (400, "category", "does_not_exist")


async def test_what_shows_a_tag_hears_of_its_change(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendered authors are kept by their version: some change with the Tag, the rest by a job."""
    monkeypatch.setattr(limits, "LABEL_TOUCHED_AT_ONCE", 2)
    admin = await api.person("admin", role="admin")
    people = [await api.person(f"person{number}") for number in range(5)]
    tag_id = await label(api, admin, "Old", *people)
    said = [await contribute(api, who, "x") for who in people]

    async def shown() -> list[str]:
        replies = [await see(api, None, each) for each in said]
        return [reply.json["author"]["tags"][0]["name"] for reply in replies]

    assert await shown() == ["Old"] * 5
    await api.call("PATCH", f"/api/v2/tag/{tag_id}/", admin, json={"name": "New"})
    assert (await shown())[:2] == ["New"] * 2
    await run_jobs(api)
    assert await shown() == ["New"] * 5
