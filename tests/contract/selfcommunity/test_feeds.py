"""Feeds: reference 2.3, 3.2, 4.12, 1.3; who finds what in them, in which order, page by page."""

import asyncio
from typing import Any

from stonechat.domain import limits
from tests.contract.api import Api
from tests.contract.people import boost, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label
from tests.contract.selfcommunity.feeds import comment, ids, listed, told, units

ABSENT = "1"


async def test_units_as_the_vendor_shows_them(api: Api) -> None:
    """3.2: the object stands under the name of its type; `seen` and `seen_by_id` say the same."""
    ann, bob = await api.person("ann"), await api.person("bob")
    made = [await contribute(api, ann, "x", kind) for kind in ("status", "post")]
    made.append(await contribute(api, ann, "x", "discussion", title="T"))
    found = await units(api, "/feed/explore/", bob)
    assert [each["type"] for each in found] == ["discussion", "post", "status"]
    assert [told(each)["id"] for each in found] == [each["id"] for each in reversed(made)]
    for each in found:
        assert {"seen_by_id", "seen", "has_boost", "activities"} < set(each)
        assert (each["seen_by_id"], each["seen"], each["activities"]) == ([], False, [])
        assert len(set(each) & {"status", "post", "discussion"}) == 1
    for kind, said in zip(("status", "post", "discussion"), made, strict=True):
        assert await listed(api, f"/{kind}/") == [said["id"]]


async def test_home(api: Api) -> None:
    """4.12: of whom and what one follows, one's own, and what they pass on; no answers."""
    admin = await api.person("admin", role="admin")
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    tea = await category(api, admin, "Tea")
    await verb(api, bob, "follow", ann)
    assert (await ask(api, "POST", f"/category/{tea['id']}/follow/", bob)).status == 204
    first = await contribute(api, ann, "one")
    filed = await contribute(api, cyd, "two", "post", categories=[tea["id"]])
    other = await contribute(api, cyd, "three")
    own = await contribute(api, bob, "four")
    await comment(api, ann, first)
    answer = await comment(api, bob, own)
    await boost(api, ann, answer["id"])
    passed = int(await boost(api, ann, str(other["id"])))
    assert await ids(api, "/feed/", bob) == [passed, own["id"], filed["id"], first["id"]]
    shared = told((await units(api, "/feed/", bob))[0])
    (medium,) = shared["medias"]
    assert medium["embed"]["metadata"]["id"] == other["id"]
    await comment(api, ann, filed)
    lively = await ids(api, "/feed/?ordering=last_activity", bob)
    assert lively == [filed["id"], passed, own["id"], first["id"]]
    assert (await ask(api, "GET", "/feed/")).status == 401
    reply = await ask(api, "GET", "/feed/?ordering=relevance", bob)
    assert reply.json["errors"][0]["field"] == "ordering"


async def test_orders_of_lists(api: Api) -> None:
    """2.1 row 1: by creation and by last activity, both ways; a page ends in absolute addresses."""
    ann = await api.person("ann")
    made = [await contribute(api, ann, str(number)) for number in range(4)]
    a, b, c, d = [each["id"] for each in made]
    for said in (made[2], made[0]):
        await comment(api, ann, said)
    orders = {
        "": [d, c, b, a],
        "-added_at": [d, c, b, a],
        "added_at": [a, b, c, d],
        "-last_activity_at": [a, c, d, b],
        "last_activity_at": [b, d, c, a],
    }
    for name, expected in orders.items():
        assert await listed(api, f"/status/?ordering={name}") == expected, name
    assert await ids(api, "/feed/explore/?ordering=last_activity") == [a, c, d, b]
    page = (await ask(api, "GET", "/status/?limit=2&offset=1")).json
    assert [each["id"] for each in page["results"]] == [c, b]
    assert page["count"] == 4
    root = "http://stonechat.test/api/v2/status/"
    assert page["next"] == f"{root}?limit=2&offset=3"
    assert page["previous"] == f"{root}?limit=2&offset=0"
    reply = await ask(api, "GET", "/status/?ordering=votes")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "ordering")


async def test_whom_and_what_one_hides(api: Api) -> None:
    """4.12: hidden users and hidden objects drop out, and so does what moderators hid."""
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    said = [await contribute(api, who, "x") for who in (ann, cyd, ann)]
    await verb(api, bob, "mute", cyd)
    words = {"title": "Hidden posts", "context": ["home"], "filter_action": "hide"}
    made = await api.post("/api/v2/filters", bob, json=words)
    body = {"status_id": str(said[2]["id"])}
    await api.post(f"/api/v2/filters/{made.json['id']}/statuses", bob, json=body)
    for path in ("/feed/explore/?limit=1", "/feed/explore/?limit=1&ordering=last_activity"):
        page = (await ask(api, "GET", path, bob)).json
        assert [told(each)["id"] for each in page["results"]] == [said[0]["id"]], path
        assert (page["count"], page["next"]) == (1, None)
    assert await ids(api, f"/user/{ann.id}/feed/", bob) == [said[0]["id"]]
    # Who looks at a member whom they muted sees what that one said.
    assert await ids(api, f"/user/{cyd.id}/feed/", bob) == [said[1]["id"]]
    assert len(await listed(api, "/status/", cyd)) == 3
    await verb(api, ann, "block", cyd)
    assert await listed(api, "/status/", cyd) == [said[1]["id"]]
    assert await ids(api, f"/user/{ann.id}/feed/", cyd) == []
    assert (await ask(api, "GET", f"/user/{ABSENT}/feed/", cyd)).status == 404


async def test_what_moderators_hid(api: Api) -> None:
    """4.6: collapsed ones are for their author and for staff, in every list and every count."""
    admin = await api.person("admin", role="admin")
    ann, bob = await api.person("ann"), await api.person("bob")
    tea = await category(api, admin, "Tea")
    await verb(api, bob, "follow", ann)
    said = await contribute(api, ann, "x", categories=[tea["id"]])

    order = {"contribution_type": "status", "action": "hide", "moderation_type": 0}
    path = f"/moderation/contribution/{said['id']}/"
    assert (await ask(api, "PATCH", path, admin, **order)).status == 204
    paths = ["/feed/explore/", f"/category/{tea['id']}/feed/", f"/user/{ann.id}/feed/"]
    for who, count in ((ann, 1), (admin, 1), (bob, 0), (None, 0)):
        for path in ("/status/", "/status/search/?search=x", *paths):
            page = (await ask(api, "GET", path, who)).json
            assert (page["count"], len(page["results"])) == (count, count), (path, who)
    assert await ids(api, "/feed/", bob) == []
    assert (await ask(api, "GET", "/feed/unseen/count/", bob)).json["total"] == 0


async def test_s075_feeds_of_what_is_addressed(api: Api) -> None:
    """S075, 4.3: those whom it is for find it in its place; for others not even the count knows."""
    admin = await api.person("admin", role="admin")
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    tag = await label(api, admin, "V", ann, bob)
    # Whoever carries another one finds no more, and no greater number, than who carries none.
    await label(api, admin, "W", cyd)
    tea = await category(api, admin, "Tea")
    where: dict[str, Any] = {"categories": [tea["id"]]}
    first = await contribute(api, ann, "one", **where)
    secret = await contribute(api, ann, "two", addressing=[tag], **where)
    last = await contribute(api, cyd, "three", **where)
    await comment(api, bob, secret)
    every = [last["id"], secret["id"], first["id"]]
    feeds = ("/feed/explore/", f"/category/{tea['id']}/feed/")
    for who in (ann, bob, cyd, admin, None):
        expected = [each for each in every if who in (ann, bob) or each != secret["id"]]
        for path in feeds:
            page = (await ask(api, "GET", path, who)).json
            found = [told(each)["id"] for each in page["results"]]
            assert (found, page["count"]) == (expected, len(expected)), (path, who)
            page = (await ask(api, "GET", f"{path}?ordering=last_activity", who)).json
            lively = [told(each)["id"] for each in page["results"]]
            assert sorted(lively) == sorted(expected)
            assert (lively[0] == secret["id"]) is (who in (ann, bob))
        assert await listed(api, "/status/", who) == expected
        assert await ids(api, f"/user/{ann.id}/feed/", who) == [
            each for each in expected if each != last["id"]
        ]
    given = await ask(api, "POST", f"/tag/{tag}/remove/", admin, user=int(ann.id))
    assert given.status == 204
    # It stays the author's own, without any label.
    assert secret["id"] in await listed(api, "/status/", ann)
    assert secret["id"] in await ids(api, f"/category/{tea['id']}/feed/", ann)


async def test_category_by_votes(api: Api) -> None:
    """Issue 5.7: by votes with decay; ties by id; the category says which order is its own."""
    admin = await api.person("admin", role="admin")
    people = [await api.person(name) for name in ("ann", "bob", "cyd")]
    tea = await category(api, admin, "Tea", stream_order_by="relevance")
    path = f"/category/{tea['id']}/feed/"
    made = [
        (await contribute(api, people[0], str(number), categories=[tea["id"]]))["id"]
        for number in range(4)
    ]
    assert await ids(api, path) == made[::-1]
    for who in people:
        await api.post(f"/api/v1/statuses/{made[0]}/favourite", who)
    for who in people[:2]:
        assert (await ask(api, "POST", f"/status/{made[2]}/vote/?reaction=3", who)).status == 204
    ranked = [made[0], made[2], made[3], made[1]]
    assert await ids(api, path) == ranked
    assert await ids(api, f"{path}?ordering=relevance") == ranked
    assert await ids(api, f"{path}?ordering=recent") == made[::-1]
    assert await ids(api, f"{path}trending/") == ranked
    # Half a day and an hour later no ten votes are worth as much.
    api.clock.move(hours=13)
    young = (await contribute(api, people[0], "young", categories=[tea["id"]]))["id"]
    assert await ids(api, path) == [young, *ranked]
    api.clock.move(days=29, hours=12)
    assert await ids(api, f"{path}trending/") == [young]
    closed = await ask(api, "PATCH", f"/category/{tea['id']}/", admin, active=False)
    assert closed.status == 200
    for who, status in ((people[0], 404), (None, 404), (admin, 200)):
        assert (await ask(api, "GET", path, who)).status == status
    assert (await ask(api, "GET", f"/category/{ABSENT}/feed/")).status == 404


async def test_read_and_unseen(api: Api) -> None:
    """2.3, T: unknown ids are passed over; a first read is a view, a second one is none."""
    admin = await api.person("admin", role="admin")
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    tea = await category(api, admin, "Tea")
    await verb(api, bob, "follow", ann)
    await contribute(api, bob, "own")
    made = [await contribute(api, ann, str(each), categories=[tea["id"]]) for each in range(2)]
    made.append(await contribute(api, ann, "two"))
    secret = await contribute(
        api, ann, "for nobody else", addressing=[await label(api, admin, "V", ann)]
    )
    unseen = (await ask(api, "GET", "/feed/unseen/count/", bob)).json
    assert unseen == {"total": 3, "count_by_category": [{"id": tea["id"], "count": 2}]}
    wanted = [made[0]["id"], made[0]["id"], secret["id"], int(ABSENT)]
    # Eight requests at once are one view: the row that is inserted decides.
    reading = [ask(api, "POST", "/feed/read/", bob, object=wanted) for _ in range(8)]
    for reply in await asyncio.gather(*reading):
        assert (reply.status, reply.body) == (204, b"")
    await ask(api, "POST", "/feed/read/", ann, object=[made[0]["id"], secret["id"]])
    unseen = (await ask(api, "GET", "/feed/unseen/count/", bob)).json
    assert unseen == {"total": 2, "count_by_category": [{"id": tea["id"], "count": 1}]}
    shown = {told(each)["id"]: each for each in await units(api, "/feed/", bob)}
    assert shown[made[0]["id"]]["seen"] is True
    assert shown[made[0]["id"]]["seen_by_id"] == [int(bob.id)]
    assert told(shown[made[0]["id"]])["view_count"] == 1
    assert told(shown[made[1]["id"]])["view_count"] == 0
    mine = {told(each)["id"]: told(each) for each in await units(api, "/feed/", ann)}
    assert mine[secret["id"]]["view_count"] == 0
    for body in ({}, {"object": {"id": 1}}, {"object": list(range(101))}):
        reply = await ask(api, "POST", "/feed/read/", cyd, **body)
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "object")
    assert (await ask(api, "POST", "/feed/read/", object=[1])).status == 401


async def test_what_pages_cost(api: Api) -> None:
    """A page costs as much for 1 as for 20, and its count is exact up to a bound."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tea = await category(api, admin, "Tea")
    for number in range(limits.FEED_COUNTED_MAX + 5):
        await contribute(api, ann, str(number), categories=[tea["id"]])
    costs = {
        "/feed/?": 4,
        "/feed/?ordering=last_activity&": 4,
        "/feed/explore/?": 4,
        "/status/?": 4,
        f"/category/{tea['id']}/feed/?": 6,
        f"/user/{ann.id}/feed/?": 6,
    }
    for path, cost in costs.items():
        for limit in (1, 20):
            await units(api, f"{path}limit={limit}", ann)
            api.recorder.forget()
            page = (await ask(api, "GET", f"{path}limit={limit}", ann)).json
            assert api.recorder.count == cost, path
            assert (len(page["results"]), page["count"]) == (limit, limits.FEED_COUNTED_MAX)
        page = (await ask(api, "GET", f"{path}limit=20&offset=40", ann)).json
        assert (len(page["results"]), page["count"], page["next"]) == (15, 55, None)
        page = (await ask(api, "GET", f"{path}offset=60", ann)).json
        assert (page["results"], page["next"]) == ([], None)


async def test_s082_s091_rubbish_in_queries(api: Api) -> None:
    """S082, S091: no answer is a fault of ours; a wrong order or offset names its field."""
    ann = await api.person("ann")
    said = await contribute(api, ann, "x")
    paths = [
        "/feed/",
        "/feed/explore/",
        "/status/",
        "/post/uncommented/",
        "/discussion/search/",
        f"/status/{said['id']}/related/",
        f"/status/{said['id']}/contributors/",
        f"/user/{ann.id}/feed/",
        "/embed/feed/",
    ]
    for path in paths:
        for value in ("0", "-1", "1e9", "NaN", "%00", "9" * 400, "'; --", "%EF%BC%91"):
            for name in ("limit", "offset", "ordering", "search"):
                reply = await ask(api, "GET", f"{path}?{name}={value}", ann)
                assert reply.status in (200, 400), (path, name, value, reply.body)
                if reply.status == 400:
                    assert reply.json["errors"][0]["field"] == name
        reply = await ask(api, "GET", f"{path}?offset=10001", ann)
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "offset")
    for value in ("0", "-1", str(2**64), "%00", "null", "x" * 300):
        for path in (
            "/status/{}/shares/",
            "/category/{}/feed/",
            "/embed/{}/feed/",
            "/user/{}/feed/",
        ):
            assert (await ask(api, "GET", path.format(value), ann)).status in (404, 400)
