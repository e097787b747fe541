"""The bridge: the same row answers in both dialects, whichever of them made or changed it.

One core (docs/GLOSSARY.md names its words): what a community says is a thread's root elsewhere, an
answer from elsewhere is a comment here. What one dialect has no word for is kept when the other
one changes the rest.
"""

import asyncio
from typing import Any

import pytest

from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api, Person
from tests.contract.operate.towns import faults
from tests.contract.people import boost, home, run_jobs, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label, see
from tests.contract.uploads import picture
from tests.contract.web.pages import open_page

MILL = {"location": "The mill", "lat": 51.05, "lng": 13.74}


@pytest.fixture
def whole(request: pytest.FixtureRequest, api: Api) -> WholeDatabase:
    """The database under the server, as the doctor looks at it."""
    return request.getfixturevalue(api.env.db.engine)


async def there(api: Api, who: Person | None, status_id: int | str) -> dict[str, Any]:
    """A status as Mastodon's clients get it."""
    reply = await api.get(f"/api/v1/statuses/{status_id}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def here(api: Api, who: Person | None, status_id: int | str) -> dict[str, Any]:
    """A plain status as the community's clients get it."""
    reply = await ask(api, "GET", f"/status/{status_id}/", who)
    assert reply.status == 200, reply.body
    return reply.json


def ids_of(said: dict[str, Any]) -> list[int]:
    return sorted(each["id"] for each in said["categories"])


async def test_what_a_community_says_is_a_status_elsewhere(api: Api) -> None:
    """A title is a bold first paragraph, categories are hashtags; a place is on the page alone."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Fresh bread")
    for kind in ("post", "discussion"):
        said = await contribute(
            api,
            bert,
            "<p>Bring <b>sacks</b> &amp; time</p><ul><li>one</li></ul>",
            kind,
            title="Grinding <day>",
            location=MILL,
            categories=[room["id"]],
        )
        assert (said["location"], ids_of(said)) == (MILL, [room["id"]])
        found = await there(api, None, said["id"])
        assert found["content"].startswith("<p><strong>Grinding &lt;day&gt;</strong></p>")
        assert "sacks" in found["content"]
        assert [each["name"].lower() for each in found["tags"]] == ["freshbread"]
        assert "/tags/" in found["content"]
        assert found["visibility"] == "public"
        assert "mill" not in str(found)
        source = (await api.get(f"/api/v1/statuses/{said['id']}/source", bert)).json
        assert source["text"].startswith("Bring sacks & time")
        assert "<" not in source["text"]
        timeline = (await api.get("/api/v1/timelines/tag/FreshBread")).json
        assert timeline[0]["id"] == str(said["id"])
        page = await open_page(api, f"/@bert/{said['id']}")
        assert page.one("p", "place").text.split() == ["Place:", "The", "mill"]
        assert (page.meta("og:description") or "").startswith("Grinding <day>: Bring sacks")


async def test_reactions_and_a_polls_title_are_on_the_page(api: Api) -> None:
    """Other reactions are counted in no field elsewhere, but on the page; a title is words."""
    bert, cara = await api.person("bert"), await api.person("cara")
    poll = {"title": "When?", "choices": [{"choice": "now"}, {"choice": "later"}]}
    said = await contribute(api, bert, "Bread", "discussion", title="Bread", poll=poll)
    for who, reaction in ((bert, 1), (cara, 3)):
        await ask(api, "POST", f"/discussion/{said['id']}/vote/?reaction={reaction}", who)
    assert (await there(api, cara, said["id"]))["favourites_count"] == 1
    page = await open_page(api, f"/@bert/{said['id']}")
    assert "When?" in page.one("div", "content").text
    assert [each.text for each in page.all("li")][-2:] == ["1 favourite", "1 insightful"]


async def test_an_edit_here_is_an_edit_there(api: Api) -> None:
    """`edited_at` and the history grow with a PUT; what the body leaves out is gone."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Bread")
    said = await contribute(
        api, bert, "Rye", "post", title="Today", categories=[room["id"]], location=MILL
    )
    assert (await there(api, bert, said["id"]))["edited_at"] is None
    body = {"text": "Wheat", "title": "Tomorrow", "categories": []}
    edited = await ask(api, "PUT", f"/post/{said['id']}/", bert, **body)
    assert (edited.status, edited.json["location"], edited.json["categories"]) == (200, None, [])
    found = await there(api, bert, said["id"])
    assert found["edited_at"][:19] == edited.json["last_edited_at"][:19]
    assert (found["tags"], "Tomorrow" in found["content"]) == ([], True)
    history = (await api.get(f"/api/v1/statuses/{said['id']}/history", bert)).json
    assert ["Rye" in each["content"] for each in history] == [True, False]
    assert [each["created_at"] for each in history][-1] == found["edited_at"]


async def test_an_edit_from_elsewhere_keeps_what_it_has_no_word_for(api: Api) -> None:
    """Title, place, categories and addressing stay; the HTML where the words are the same."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room, bakers = await category(api, admin, "Bread"), await label(api, admin, "bakers", bert)
    said = await contribute(
        api,
        bert,
        "<p>Two <em>rolls</em></p>",
        "post",
        title="Today",
        categories=[room["id"]],
        location=MILL,
        addressing=[bakers],
    )
    path = f"/api/v1/statuses/{said['id']}"
    source = (await api.get(f"{path}/source", bert)).json
    body = {"status": source["text"], "spoiler_text": "hungry?"}
    assert (await api.call("PUT", path, bert, json=body)).status == 200
    seen = (await see(api, bert, said)).json
    assert seen["html"] == said["html"]
    kept = ("title", "location", "addressing", "action")
    assert [seen[each] for each in kept] == [said[each] for each in kept]
    assert ids_of(seen) == [room["id"]]
    assert (await api.call("PUT", path, bert, json={"status": "Two loaves"})).status == 200
    seen = (await see(api, bert, said)).json
    assert ("em>" in seen["html"], "Two loaves" in seen["html"]) == (False, True)
    assert [seen[each] for each in kept] == [said[each] for each in kept]
    assert ids_of(seen) == [room["id"]]
    assert (await there(api, bert, said["id"]))["visibility"] == "private"


async def test_a_hashtag_files_a_status(api: Api) -> None:
    """A category's own hashtag, with the ancestors; no unknown, closed or reserved category."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    food = await category(api, admin, "Food")
    bread = await category(api, admin, "Bread", parents=[food["id"]])
    await category(api, admin, "Closed", active=False)
    await category(api, admin, "Staff", content_only_staff=True)
    said = await api.say(bert, "All #bread and #closed and #staff and #nothing")
    assert ids_of(await here(api, None, said["id"])) == [food["id"], bread["id"]]
    for each in (food, bread):
        feed = (await ask(api, "GET", f"/category/{each['id']}/feed/", bert)).json["results"]
        assert [unit["status"]["id"] for unit in feed] == [int(said["id"])]
    path = f"/api/v1/statuses/{said['id']}"
    assert (await api.call("PUT", path, bert, json={"status": "no tag"})).status == 200
    assert ids_of(await here(api, bert, said["id"])) == []
    assert (await api.call("PUT", path, bert, json={"status": "#Food again"})).status == 200
    assert ids_of(await here(api, bert, said["id"])) == [food["id"]]
    # An answer is filed nowhere, and who is shut out by visibility finds nothing.
    answer = await api.say(bert, "#bread", in_reply_to_id=said["id"])
    await api.say(bert, "#bread for few", visibility="private")
    await api.say(bert, "#bread for one", visibility="direct")
    feed = (await ask(api, "GET", f"/category/{bread['id']}/feed/", admin)).json["results"]
    assert feed == []
    assert (await ask(api, "GET", f"/status/{answer['id']}/", bert)).status == 404


async def test_answers_from_elsewhere_are_comments(api: Api) -> None:
    """A direct answer is a top comment, a deeper one stands beneath it; and the reverse."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread", "discussion", title="Bread")
    top = await api.say(cara, "Monday?", in_reply_to_id=str(said["id"]))
    deep = await api.say(bert, "Tuesday", in_reply_to_id=top["id"])
    deeper = await api.say(cara, "Fine", in_reply_to_id=deep["id"])
    seen = (await see(api, cara, said)).json
    assert (seen["comment_count"], seen["last_activity_at"] > said["added_at"]) == (3, True)
    found = {
        each: (await ask(api, "GET", f"/comment/{each}/", cara)).json
        for each in (top["id"], deep["id"], deeper["id"])
    }
    parents = [(each["parent"], each["in_reply_to"]) for each in found.values()]
    first, second = int(top["id"]), int(deep["id"])
    assert parents == [(None, None), (first, None), (first, second)]
    assert found[top["id"]]["comment_count"] == 2
    body = {"discussion": said["id"], "text": "<p>Or <b>Friday</b></p>", "parent": first}
    made = await ask(api, "POST", "/comment/", bert, **body)
    assert made.status == 201, made.body
    context = (await api.get(f"/api/v1/statuses/{said['id']}/context", cara)).json
    by_id = {each["id"]: each["in_reply_to_id"] for each in context["descendants"]}
    assert by_id[str(made.json["id"])] == top["id"]
    assert len(by_id) == 4


async def test_a_vote_here_is_a_favourite_there(api: Api) -> None:
    """And the notice of it is one; it is in the list of who favourited."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    await ask(api, "POST", f"/status/{said['id']}/vote/", cara)
    found = await there(api, cara, said["id"])
    assert (found["favourited"], found["favourites_count"]) == (True, 1)
    listed = (await api.get(f"/api/v1/statuses/{said['id']}/favourited_by", bert)).json
    assert [each["username"] for each in listed] == ["cara"]
    marks = (await api.get("/api/v1/favourites", cara)).json
    assert [each["id"] for each in marks] == [str(said["id"])]
    notices = (await api.get("/api/v1/notifications", bert)).json
    assert [each["type"] for each in notices] == ["favourite"]


async def test_boosts_and_quotes_are_shares(api: Api) -> None:
    """A boost is a status whose medium is a share; a share here is a quote there."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    boosted = await boost(api, cara, str(said["id"]))
    shown = await here(api, dora, boosted)
    assert [each["type"] for each in shown["medias"]] == ["share"]
    assert shown["author"]["username"] == "cara"
    await api.say(dora, "look", quoted_status_id=str(said["id"]))
    assert (await see(api, dora, said)).json["share_count"] == 2
    medium = await ask(api, "POST", "/media/", dora, type="share", shared_object=said["id"])
    assert medium.status == 201, medium.body
    passed = await contribute(api, dora, "", medias=[medium.json["id"]])
    found = await there(api, bert, passed["id"])
    assert found["quote"]["quoted_status"]["id"] == str(said["id"])
    assert (await see(api, dora, said)).json["share_count"] == 3
    assert (await there(api, dora, said["id"]))["reblogs_count"] == 1


async def picture_of(api: Api, who: Person, said: dict[str, Any], room: int) -> list[Any]:
    """All that others see of a contribution: both dialects, lists, homes, counters."""
    feed = (await ask(api, "GET", f"/category/{room}/feed/?ordering=relevance", who)).json
    tagged = (await api.get("/api/v1/timelines/tag/bread")).json
    context = (await api.get(f"/api/v1/statuses/{said['id']}/context", who)).json
    found: list[Any] = [
        await there(api, who, said["id"]),
        (await see(api, who, said)).json,
        [each["id"] for each in tagged],
        [next(iter(unit.values())) for unit in feed["results"]],
        await home(api, who),
        [(each["id"], each["in_reply_to_id"]) for each in context["descendants"]],
    ]
    for name in ("bert", "cara"):
        account = (await api.get(f"/api/v1/accounts/lookup?acct={name}")).json
        posts = (await api.get(f"/api/v1/accounts/{account['id']}/statuses")).json
        found += [account["statuses_count"], [each["id"] for each in posts]]
    return found


async def test_what_is_restored_is_everywhere_as_it_was(api: Api, whole: WholeDatabase) -> None:
    """Deleted, it is nowhere; restored, it is back with its boosts, answers, votes. Twice."""
    admin = await api.person("anna", role="admin")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    for target in (bert, cara):
        await verb(api, dora, "follow", target)
    room = await category(api, admin, "Bread")
    said = await contribute(
        api, bert, "Rye", "post", title="Today", categories=[room["id"]], location=MILL
    )
    await contribute(api, cara, "Other", categories=[room["id"]])
    top = await api.say(cara, "Two", in_reply_to_id=str(said["id"]))
    await api.say(dora, "Three", in_reply_to_id=top["id"])
    await boost(api, cara, str(said["id"]))
    for number, who in enumerate((bert, cara, dora), 1):
        await ask(api, "POST", f"/post/{said['id']}/vote/?reaction={number}", who)
    await ask(api, "POST", f"/post/{said['id']}/follow/", dora)
    before = await picture_of(api, dora, said, room["id"])
    assert await faults(api, whole) == []
    path = f"/post/{said['id']}"
    for _ in range(2):
        assert (await ask(api, "DELETE", f"{path}/", bert)).status == 204
        absent = await api.get("/api/v1/statuses/1", dora)
        gone = await api.get(f"/api/v1/statuses/{said['id']}", dora)
        assert (gone.status, gone.body) == (404, absent.body)
        assert (await ask(api, "GET", f"{path}/", dora)).status == 404
        assert (await api.get("/api/v1/timelines/tag/bread")).json != before[2]
        assert str(said["id"]) not in await home(api, dora)
        assert await faults(api, whole) == []
        assert (await ask(api, "POST", f"{path}/restore/", cara)).status == 404
        assert (await ask(api, "POST", f"{path}/restore/", bert)).status in (200, 204)
        await run_jobs(api)
        assert await picture_of(api, dora, said, room["id"]) == before
        assert await faults(api, whole) == []


async def test_s073_deleting_and_restoring_64_times_at_once(api: Api, whole: WholeDatabase) -> None:
    """S073: whatever comes last wins, and every counter is exact."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Rye #bread", "discussion", title="Today")
    answer = await api.say(cara, "Two", in_reply_to_id=str(said["id"]))
    await boost(api, cara, str(said["id"]))
    path = f"/discussion/{said['id']}"
    requests: list[Any] = []
    for number in range(16):
        requests += [
            ask(api, "DELETE", f"{path}/", bert),
            ask(api, "POST", f"{path}/restore/", bert),
            ask(api, "POST", f"{path}/vote/?reaction={1 + number % 3}", cara),
            api.call("DELETE", f"/api/v1/statuses/{answer['id']}", cara)
            if number == 7
            else ask(api, "POST", f"/comment/{answer['id']}/restore/", cara),
        ]
    replies = await asyncio.gather(*requests)
    assert {each.status for each in replies} <= {200, 204, 404, 409}
    assert (await ask(api, "POST", f"{path}/restore/", bert)).status in (200, 204)
    assert (await ask(api, "POST", f"/comment/{answer['id']}/restore/", cara)).status in (200, 204)
    await run_jobs(api)
    assert await faults(api, whole) == []
    seen = (await see(api, cara, said)).json
    assert (seen["comment_count"], seen["share_count"]) == (1, 1)


async def test_polls_of_what_is_for_one_alone_are_counted_nowhere(
    api: Api, whole: WholeDatabase
) -> None:
    """The number of an author's polls would tell of it; an edit brings one and takes it away."""
    bert = await api.person("bert")
    poll = {"options": ["now", "later"], "expires_in": 600}
    for visibility in ("public", "direct"):
        said = await api.say(bert, "when?", visibility=visibility)
        for fields in ({"poll": poll}, {}, {"poll": poll}):
            body = {"status": "when?", **fields}
            path = f"/api/v1/statuses/{said['id']}"
            assert (await api.call("PUT", path, bert, json=body)).status == 200
            assert await faults(api, whole) == []


async def test_delete_and_redraft_elsewhere(api: Api, whole: WholeDatabase) -> None:
    """It gives the words back to write anew; what was deleted so can be restored here."""
    bert = await api.person("bert")
    media = await picture(api, bert)
    said = await api.say(bert, "with a picture #bread", media_ids=[media])
    path = f"/api/v1/statuses/{said['id']}"
    gone = await api.call("DELETE", path, bert)
    assert (gone.json["text"], gone.json["media_attachments"][0]["id"]) == (
        "with a picture #bread",
        media,
    )
    assert (await ask(api, "GET", f"/status/{said['id']}/", None)).status == 404
    again = await api.say(bert, gone.json["text"], media_ids=[media])
    assert again["media_attachments"][0]["id"] == media
    restored = await ask(api, "POST", f"/status/{said['id']}/restore/", bert)
    assert restored.status in (200, 204)
    assert (await there(api, None, said["id"]))["content"] == again["content"]
    assert await faults(api, whole) == []


async def test_what_is_addressed_reads_private_and_is_passed_on_by_nobody(api: Api) -> None:
    """`private` there, absent to others, in nobody's boosts."""
    admin, bert, cara = (
        await api.person("anna", role="admin"),
        await api.person("bert"),
        await api.person("cara"),
    )
    bakers = await label(api, admin, "bakers", bert, cara)
    said = await contribute(api, bert, "For bakers", addressing=[bakers])
    assert (await there(api, cara, said["id"]))["visibility"] == "private"
    for who in (bert, cara):
        refused = await api.post(f"/api/v1/statuses/{said['id']}/reblog", who)
        assert refused.status in (403, 404, 422), refused.body
    absent = await api.get("/api/v1/statuses/1", admin)
    hidden = await api.get(f"/api/v1/statuses/{said['id']}", admin)
    assert (hidden.status, hidden.body) == (404, absent.body)
