"""Statuses, posts and discussions over the wire: the seed's PUT, and what goes with it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.api import Api, Person
from tests.contract.selfcommunity.community import USER, ask, category, contribute, label, see

# The response of the seed's example, in its order.
STATUS = [
    "id",
    "type",
    "action",
    "categories",
    "medias",
    "location",
    "last_activity_at",
    "last_edited_at",
    "author",
    "added_at",
    "html",
    "summary",
    "deleted",
    "collapsed",
    "comment_count",
    "vote_count",
    "flag_count",
    "share_count",
    "addressing",
]
CATEGORY = [
    "id",
    "tags",
    "followed",
    "order",
    "name",
    "name_synonyms",
    "slug",
    "slogan",
    "html_info",
    "seo_title",
    "seo_description",
    "auto_follow",
    "active",
    "image_original",
    "image_bigger",
    "image_big",
    "image_medium",
    "image_small",
    "emotional_image_original",
    "emotional_image_position",
    "lastmod_datetime",
    "stream_order_by",
    "followers_counter",
]


async def put(api: Api, who: Person | None, said: dict[str, Any], **body: Any) -> Any:
    return await ask(api, "PUT", f"/{said['type']}/{said['id']}/", who, **body)


def in_order(names: list[str], found: dict[str, Any]) -> bool:
    return [name for name in found if name in names] == names


async def test_the_seeds_put(api: Api) -> None:
    """000 (PUT /api/v2/status/{id}/): its body is taken, and every field of its answer is there."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Bread")
    said = await contribute(api, bert, "first")
    reply = await put(
        api,
        bert,
        said,
        action="string",
        text="string",
        categories=[room["id"]],
        medias=[],
        location={"location": "string", "lat": 0, "lng": 0},
        addressing=[],
    )
    assert reply.status == 200
    found = reply.json
    assert in_order(STATUS, found)
    assert {"followed", "suspended"} <= found.keys()
    assert in_order(CATEGORY, found["categories"][0])
    assert in_order(USER, found["author"])
    assert (found["type"], found["action"], found["html"]) == ("status", "string", "<p>string</p>")
    assert found["location"] == {"location": "string", "lat": 0, "lng": 0}
    assert found["last_edited_at"] is not None
    assert found["added_at"] == said["added_at"]
    assert reply.headers["content-type"].startswith("application/json")


async def test_a_put_replaces_the_whole(api: Api) -> None:
    """4.2: what a body does not name is cleared, and each success is an edit."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Bread")
    place = {"location": "Bern", "lat": 46.94, "lng": 7.44}
    said = await contribute(
        api, bert, "first", action="bakes", categories=[room["id"]], location=place
    )
    first = (await put(api, bert, said, text="first", categories=[])).json
    assert (first["action"], first["location"], first["categories"]) == (None, None, [])
    again = (await put(api, bert, said, text="first", categories=[])).json
    assert again["last_edited_at"] > first["last_edited_at"]
    assert (await put(api, bert, said, categories=[])).json["html"] == ""
    there = (await api.get(f"/api/v1/statuses/{said['id']}/history", bert)).json
    assert len(there) == 4


async def test_only_its_author_and_all_others_alike(api: Api) -> None:
    """Issue: PUT of another's status, of an invisible one and of an absent one answer alike."""
    bert, cara = await api.person("bert"), await api.person("cara")
    open_one = await contribute(api, bert, "open")
    hidden = await api.say(bert, "hidden", visibility="direct")
    body = {"text": "mine", "categories": []}
    replies = [
        await ask(api, "PUT", f"/status/{which}/", cara, **body)
        for which in (open_one["id"], hidden["id"], 5, 2**53 - 1)
    ]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}
    assert (await put(api, None, open_one, **body)).status == 401
    assert (await see(api, bert, open_one)).json["html"] == "<p>open</p>"


async def test_each_kind_has_its_path(api: Api) -> None:
    """2.1: one family of routes; ids are shared, and a path finds its own kind alone."""
    bert = await api.person("bert")
    made = {
        kind: await contribute(api, bert, "text", kind=kind, title="A title")
        for kind in ("status", "post", "discussion")
    }
    assert "title" not in made["status"]
    assert made["post"]["title"] == made["discussion"]["title"] == "A title"
    assert made["discussion"]["slug"] == "a-title"
    for kind, said in made.items():
        for other in made:
            reply = await ask(api, "GET", f"/{other}/{said['id']}/")
            assert reply.status == (200 if kind == other else 404)
            wrong = await ask(api, "DELETE", f"/{other}/{said['id']}/", bert)
            assert wrong.status == (404 if kind != other else 204)
            await ask(api, "POST", f"/{kind}/{said['id']}/restore/", bert)
    author = (await see(api, None, made["post"])).json["author"]
    counters = [author[f"{kind}_counter"] for kind in ("statuses", "posts", "discussions")]
    assert counters == [1, 1, 1]


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no categories": ({"text": "x"}, "categories", "required"),
    "null categories": ({"text": "x", "categories": None}, "categories", "required"),
    "unknown category": ({"text": "x", "categories": [5]}, "categories", "does_not_exist"),
    "no id": ({"text": "x", "categories": ["x"]}, "categories", "does_not_exist"),
    "unknown medium": ({"categories": [], "medias": [5]}, "medias", ""),
    "unknown tag": ({"categories": [], "addressing": [5]}, "addressing", "does_not_exist"),
    "recipients": ({"categories": [], "recipients": ["cara"]}, "recipients", "does_not_exist"),
    "group": ({"categories": [], "group": 3}, "group", "does_not_exist"),
    "half a place": ({"categories": [], "location": {"lat": 1}}, "location", ""),
    "long action": ({"categories": [], "action": "x" * 256}, "action", "max_length"),
    "long text": ({"categories": [], "text": "x" * 20_001}, "", "max_length"),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_s086_what_is_wrong_is_named(api: Api, case: str) -> None:
    """S086 and 1.2: the field, the vendor's code, and nothing was done."""
    body, field, code = FAULTS[case]
    bert = await api.person("bert")
    said = await contribute(api, bert, "kept")
    for reply in (
        await ask(api, "POST", "/status/", bert, **body),
        await ask(api, "PUT", f"/status/{said['id']}/", bert, **body),
    ):
        assert reply.status == 400, reply.body
        fault = reply.json["errors"][0]
        assert fault.get("field", "") == field or not field
        assert code in str(fault)
    seen = (await see(api, bert, said)).json
    assert (seen["html"], seen["last_edited_at"]) == ("<p>kept</p>", None)
    assert seen["author"]["statuses_counter"] == 1


async def test_a_discussion_has_a_title(api: Api) -> None:
    """3.1: Discussion = Post and a title, which is required."""
    bert = await api.person("bert")
    for title in ("", "   ", None):
        reply = await ask(api, "POST", "/discussion/", bert, title=title, categories=[], text="x")
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "title")


async def test_ancestors_come_along_and_ids_may_be_text(api: Api) -> None:
    """4.2, 4.5: categories bring their ancestors; the composer sends some ids as text."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    food = await category(api, admin, "Food")
    bread = await category(api, admin, "Bread", parents=[food["id"]])
    said = await contribute(api, bert, "rye", categories=[str(bread["id"]), bread["id"]])
    assert [each["id"] for each in said["categories"]] == [bread["id"], food["id"]]
    followed = await ask(api, "POST", f"/category/{food['id']}/follow/", bert)
    assert followed.status == 204
    seen = (await see(api, bert, said)).json["categories"]
    assert [each["followed"] for each in seen] == [False, True]
    assert [each["followed"] for each in (await see(api, None, said)).json["categories"]] == [
        False,
        False,
    ]


async def test_s074_a_category_for_staff_is_closed_to_others(api: Api) -> None:
    """S074: neither said there nor moved there; and one that closes later is found no more."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    closed = await category(api, admin, "News", content_only_staff=True)
    refused = await ask(api, "POST", "/status/", bert, text="x", categories=[closed["id"]])
    assert (refused.status, refused.json["errors"][0]["code"]) == (403, "permission_denied")
    said = await contribute(api, bert, "x")
    moved = await put(api, bert, said, text="x", categories=[closed["id"]])
    assert moved.status == 403
    assert (await see(api, bert, said)).json["categories"] == []
    assert await contribute(api, admin, "x", categories=[closed["id"]])
    shut = await ask(api, "PATCH", f"/category/{closed['id']}/", admin, active=False)
    assert shut.status == 200, shut.body
    gone = await ask(api, "POST", "/status/", bert, text="x", categories=[closed["id"]])
    assert (gone.status, gone.json["errors"][0]["field"]) == (400, "categories")
    for path in ("", "feed/"):
        assert (await ask(api, "GET", f"/category/{closed['id']}/{path}", bert)).status == 404


async def test_words_are_cleaned_and_name_people(api: Api) -> None:
    """4.4, 4.5: HTML is cleaned, mentions are the vendor's element, the summary is plain."""
    bert, cara = await api.person("bert"), await api.person("cara")
    text = 'Hi <mention id="1" ext-id="9">@cara</mention> <script>x()</script><b onclick="y">B</b>'
    said = await contribute(api, bert, text)
    mention = f'<mention id="{cara.id}" ext-id="{cara.id}">@cara</mention>'
    assert said["html"] == f"<p>Hi {mention} <b>B</b></p>"
    assert said["summary"] == "Hi @cara B"
    told = (await api.get("/api/v1/notifications", cara)).json
    assert [each["type"] for each in told] == ["mention"]
    plain = await contribute(api, bert, "a < b && c")
    assert plain["summary"] == "a < b && c"
    assert (await put(api, bert, plain, text="1 < 2", categories=[])).json["summary"] == "1 < 2"


async def test_a_deleted_one_is_its_authors_to_bring_back(api: Api) -> None:
    """4.6: soft; its author and staff see it still, all others find nothing."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/"
    assert (await ask(api, "DELETE", path, cara)).status == 404
    assert (await ask(api, "DELETE", path, bert)).body == b""
    assert (await see(api, cara, said)).status == 404
    assert (await see(api, None, said)).status == 404
    for who in (bert, admin):
        assert (await see(api, who, said)).json["deleted"] is True
    assert (await ask(api, "POST", f"{path}restore/", cara)).status == 404
    assert (await put(api, bert, said, text="x", categories=[])).status == 404
    for _ in range(2):
        assert (await ask(api, "POST", f"{path}restore/", bert)).status == 204
    assert (await see(api, cara, said)).json["author"]["statuses_counter"] == 1
    await ask(api, "DELETE", path, bert)
    api.clock.move(days=31)
    assert (await ask(api, "POST", f"{path}restore/", bert)).status == 404


async def test_a_retry_makes_no_second_one(api: Api) -> None:
    """Exactly once, with an Idempotency-Key, as in every dialect."""
    bert = await api.person("bert")
    body = {"text": "once", "categories": []}
    replies = await asyncio.gather(
        *(
            api.post("/api/v2/post/", bert, json=body, headers={"Idempotency-Key": "k"})
            for _ in range(16)
        )
    )
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["id"] for reply in replies}) == 1


async def test_64_edits_at_once_are_64_edits(api: Api) -> None:
    """Nothing is lost or doubled: the history has every wording, and the last one stands."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "0")
    replies = await asyncio.gather(
        *(put(api, bert, said, text=str(number), categories=[]) for number in range(1, 65))
    )
    assert {reply.status for reply in replies} == {200}
    history = (await api.get(f"/api/v1/statuses/{said['id']}/history", bert)).json
    assert len(history) == 65
    assert history[-1]["content"] == (await see(api, bert, said)).json["html"]


async def test_reading_costs_two_statements(api: Api) -> None:
    """One for the token, the status and who may see it; one for the viewer's marks."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Bread")
    said = await contribute(api, bert, "text", categories=[room["id"]])
    await see(api, bert, said)
    before = api.recorder.count
    assert (await see(api, bert, said)).status == 200
    assert api.recorder.count - before == 2


async def test_what_was_addressed_can_be_shared_again_when_it_is_open(api: Api) -> None:
    """4.3, 4.10: while it is addressed nobody shares it; open again, its author's policy holds."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    cara = await api.person("cara")
    some = await label(api, admin, "bakers", bert)
    said = await contribute(api, bert, "Bread")
    await put(api, bert, said, text="Bread", categories=[], addressing=[some])
    refused = await ask(api, "POST", "/media/", cara, type="share", shared_object=said["id"])
    assert refused.status in (400, 404)
    await put(api, bert, said, text="Bread", categories=[], addressing=[])
    medium = await ask(api, "POST", "/media/", cara, type="share", shared_object=said["id"])
    assert medium.status == 201, medium.body
    await contribute(api, cara, "Look", medias=[medium.json["id"]])
    assert (await see(api, None, said)).json["share_count"] == 1


@pytest.mark.parametrize("name", ["addressing", "categories", "medias"])
async def test_s086_null_is_no_id_and_opens_nothing(api: Api, name: str) -> None:
    """S086: an interface that looks for objects sends nulls; they are never passed over."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    some = await label(api, admin, "bakers", bert)
    said = await contribute(api, bert, "For bakers", addressing=[some])
    body: dict[str, Any] = {"text": "x", "categories": [], "addressing": [some], name: [None]}
    reply = await put(api, bert, said, **body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, name)
    assert (await see(api, None, said)).status == 404


async def test_whom_it_is_for_may_be_told_by_tags(api: Api) -> None:
    """8: ids are the document's, objects what the vendor's interface edits; a setting chooses."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    some = await label(api, admin, "bakers", bert)
    said = await contribute(api, bert, "For bakers", addressing=[some])
    assert said["addressing"] == [some]
    api.env = replace(api.env, settings=replace(api.env.settings, community_addressing="tags"))
    api.renderer_forget()
    shown = (await see(api, bert, said)).json["addressing"]
    assert [(each["id"], each["type"], each["name"]) for each in shown] == [
        (some, "user", "bakers")
    ]
    assert (await contribute(api, bert, "open"))["addressing"] == []


async def test_strangers_read_only_where_the_community_is_open(api: Api) -> None:
    """1.1: otherwise every read asks for a token."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    assert (await see(api, None, said)).status == 200
    api.env = replace(api.env, settings=replace(api.env.settings, community_is_open=False))
    api.renderer_forget()
    assert (await see(api, None, said)).status == 401
    assert (await ask(api, "GET", "/status/5/")).status == 401
    assert (await see(api, bert, said)).status == 200
