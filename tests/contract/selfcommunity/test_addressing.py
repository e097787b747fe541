"""Contributions that are addressed to Tags: reference 4.3, one-core "addressing tags", S075.

Who carries one of the Tags sees the whole thread, and so does its author; to everybody else, staff
included, it is absent. In Mastodon's dialect it reads `private`.
"""

from typing import Any, NamedTuple

from stonechat.domain import limits
from stonechat.services.cleaning import clean_up
from tests.contract.api import Api, Person, Reply
from tests.contract.people import home, notices, run_jobs, verb
from tests.contract.schedules import ahead, scheduled
from tests.contract.selfcommunity.community import ask, contribute, label, see

ABSENT = "1"


class World(NamedTuple):
    """Ann and bob carry the Tag; cyd and the moderator do not. All of them follow ann."""

    admin: Person
    ann: Person
    bob: Person
    cyd: Person
    staff: Person
    tag: int


async def build(api: Api) -> World:
    admin = await api.person("admin", role="admin")
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    staff = await api.person("staff", role="moderator")
    for who in (bob, cyd, staff):
        await verb(api, who, "follow", ann, notify=True)
    return World(admin, ann, bob, cyd, staff, await label(api, admin, "V", ann, bob))


async def give(api: Api, world: World, verb: str, who: Person, tag: int | None = None) -> None:
    path = f"/tag/{tag or world.tag}/{verb}/"
    assert (await ask(api, "POST", path, world.admin, user=int(who.id))).status == 204


async def change(api: Api, world: World, **fields: Any) -> None:
    reply = await ask(api, "PATCH", f"/tag/{world.tag}/", world.admin, **fields)
    assert reply.status == 200, reply.body


async def status_of(api: Api, who: Person | None, status_id: str | int) -> Reply:
    return await api.get(f"/api/v1/statuses/{status_id}", who)


async def assert_hidden(api: Api, who: Person | None, said: dict[str, Any]) -> None:
    """In every dialect and by every verb, exactly as what is not there."""
    paths = [f"/api/v1/statuses/{{}}{tail}" for tail in ("", "/context", "/history", "/source")]
    for path in (*paths, "/api/v2/status/{}/"):
        hidden = await api.get(path.format(said["id"]), who)
        absent = await api.get(path.format(ABSENT), who)
        assert (hidden.status, hidden.body) == (absent.status, absent.body), path
        assert hidden.status in (404, 401), path
    for name in ("favourite", "reblog", "bookmark", "mute", "pin") if who else ():
        hidden = await api.post(f"/api/v1/statuses/{said['id']}/{name}", who)
        absent = await api.post(f"/api/v1/statuses/{ABSENT}/{name}", who)
        assert (hidden.status, hidden.body) == (absent.status, absent.body), name
    if who is not None:
        for field in ("in_reply_to_id", "quoted_status_id"):
            texts = [
                (await api.post("/api/v1/statuses", who, json={"status": "x", field: key})).body
                for key in (str(said["id"]), ABSENT)
            ]
            assert texts[0] == texts[1], field
    profile = await api.get(f"/api/v1/accounts/{said['author']['id']}/statuses", who)
    assert str(said["id"]) not in [each["id"] for each in profile.json]
    shown = (await api.get(f"/@{said['author']['username']}/{said['id']}", who)).status
    assert shown == 404


async def test_s075_labels_that_are_not_the_authors(api: Api) -> None:
    """S075, 4.3: only active Tags of people that the author carries; staff may use every one."""
    world = await build(api)
    topic = await ask(api, "POST", "/tag/", world.admin, name="T", type="contribution")
    idle, gone = [await label(api, world.admin, name, world.ann) for name in ("Idle", "Gone")]
    await ask(api, "PATCH", f"/tag/{idle}/", world.admin, active=False)
    await ask(api, "PATCH", f"/tag/{gone}/", world.admin, deleted=True)
    for who, wanted in (
        (world.cyd, [world.tag]),
        (world.ann, [world.tag, topic.json["id"]]),
        (world.ann, [idle]),
        (world.ann, [gone]),
        (world.ann, [int(ABSENT)]),
        (world.staff, [topic.json["id"]]),
        (world.staff, [idle]),
    ):
        body = {"text": "x", "categories": [], "addressing": wanted}
        reply = await ask(api, "POST", "/status/", who, **body)
        (error,) = reply.json["errors"]
        assert (reply.status, error["field"]) == (400, "addressing"), (who.name, reply.body)
        assert error["messages"][-1]["code"] == "does_not_exist"
    assert (await contribute(api, world.staff, "x", addressing=[world.tag]))["addressing"]


async def test_s075_who_sees_it(api: Api) -> None:
    """4.3: those who carry a Tag and the author; no follow, no mention, no office opens it."""
    world = await build(api)
    said = await contribute(api, world.ann, "Hello @cyd @bob #tea", addressing=[world.tag])
    for who in (world.cyd, world.staff, world.admin, None):
        await assert_hidden(api, who, said)
    for who in (world.ann, world.bob):
        assert (await see(api, who, said)).status == 200
        assert (await status_of(api, who, said["id"])).json["visibility"] == "private"
    # Homes and notices follow; the moderator follows ann, too, and asked to hear of everything.
    assert await home(api, world.bob) == [str(said["id"])]
    assert set(await notices(api, world.bob)) == {("mention", "ann"), ("status", "ann")}
    for who in (world.cyd, world.staff):
        assert (await home(api, who), await notices(api, who)) == ([], [])
    profile = await api.get(f"/api/v1/accounts/{world.ann.id}/statuses", world.bob)
    assert [each["id"] for each in profile.json] == [str(said["id"])]
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/tag/tea"):
        assert (await api.get(path, world.bob)).json == []
    # It was not only hidden: nothing of it was written for those who may see it from now on.
    for who in (world.cyd, world.staff):
        await give(api, world, "add", who)
        assert (await home(api, who), await notices(api, who)) == ([], [])


async def test_s075_nobody_passes_it_on(api: Api) -> None:
    """4.3: neither those who see it nor its author boost or quote it."""
    world = await build(api)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag])
    for who in (world.ann, world.bob):
        assert (await api.post(f"/api/v1/statuses/{said['id']}/reblog", who)).status == 404
        body = {"status": "so", "quoted_status_id": str(said["id"])}
        assert (await api.post("/api/v1/statuses", who, json=body)).status in (404, 422)
    body = {"status": "x", "visibility": "addressed"}
    assert (await api.post("/api/v1/statuses", world.ann, json=body)).status == 422
    seen = (await status_of(api, world.bob, said["id"])).json
    assert seen["reblogs_count"] == seen["quotes_count"] == 0
    # Whom it is quoted in what is addressed hears of it only as one of those it is for.
    for who, told in ((world.cyd, []), (world.bob, ["quote"])):
        theirs = await api.say(who, "mine")
        url = f"http://stonechat.test/@{who.name}/{theirs['id']}"
        made = await api.post(
            "/api/v1/statuses",
            world.ann,
            json={
                "status": url,
                "quoted_status_id": theirs["id"],
                "in_reply_to_id": str(said["id"]),
            },
        )
        assert made.json["visibility"] == "private", made.body
        assert [kind for kind, _ in await notices(api, who) if kind == "quote"] == told


async def test_s075_answers_are_for_the_same(api: Api) -> None:
    """one-core: an answer of a Mastodon client is for those whom the thread is addressed to."""
    world = await build(api)
    await verb(api, world.cyd, "follow", world.bob)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag])
    answer = await api.say(world.bob, "@ann @cyd yes", in_reply_to_id=str(said["id"]))
    assert answer["visibility"] == "private"
    for who in (world.cyd, world.staff, None):
        assert (await status_of(api, who, answer["id"])).status == 404
    assert await home(api, world.cyd) == []
    assert await notices(api, world.cyd) == []
    assert (await status_of(api, world.ann, answer["id"])).status == 200
    assert ("mention", "bob") in await notices(api, world.ann)
    context = (await api.get(f"/api/v1/statuses/{said['id']}/context", world.ann)).json
    assert [each["id"] for each in context["descendants"]] == [answer["id"]]


async def test_s075_visibility_follows_the_label(api: Api) -> None:
    """S075: user loses the Tag, Tag switched off, Tag deleted: at once, and back again."""
    world = await build(api)
    said = await contribute(api, world.ann, "Hello @bob", addressing=[world.tag])
    answer = await api.say(world.bob, "@ann yes", in_reply_to_id=str(said["id"]))
    assert (await api.post(f"/api/v1/statuses/{said['id']}/bookmark", world.bob)).status == 200

    async def assert_open(*, is_open: bool) -> None:
        if not is_open:
            await assert_hidden(api, world.bob, said)
        assert ((await see(api, world.bob, said)).status == 200) is is_open
        assert (str(said["id"]) in await home(api, world.bob)) is is_open
        assert (("mention", "ann") in await notices(api, world.bob)) is is_open
        bookmarks = (await api.get("/api/v1/bookmarks", world.bob)).json
        assert bool(bookmarks) is is_open
        # What one said oneself one always sees, and so does the author of the thread theirs.
        assert (await status_of(api, world.bob, answer["id"])).status == 200
        assert (await see(api, world.ann, said)).status == 200

    await assert_open(is_open=True)
    await give(api, world, "remove", world.bob)
    await assert_open(is_open=False)
    await give(api, world, "assign", world.bob)
    await assert_open(is_open=True)
    await change(api, world, active=False)
    await assert_open(is_open=False)
    await change(api, world, active=True)
    await assert_open(is_open=True)
    await change(api, world, deleted=True)
    await assert_open(is_open=False)
    await change(api, world, deleted=False)
    await assert_open(is_open=True)
    # Whoever gets the Tag later sees what was said before.
    await give(api, world, "add", world.cyd)
    assert (await see(api, world.cyd, said)).status == 200
    # 4.3: blocks hold as always.
    await verb(api, world.ann, "block", world.bob)
    await assert_hidden(api, world.bob, said)


async def test_s075_one_of_several_labels_is_enough(api: Api) -> None:
    """4.3: visible to those who carry at least one of the Tags."""
    world = await build(api)
    other = await label(api, world.admin, "W", world.ann, world.cyd)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag, other])
    for who in (world.bob, world.cyd):
        assert (await see(api, who, said)).status == 200
    assert (await see(api, world.staff, said)).status == 404


async def test_s075_what_was_open_is_addressed_later(api: Api) -> None:
    """S075: with an edit the whole thread closes at once, boosts included, and opens again."""
    world = await build(api)
    said = await contribute(api, world.ann, "Hello")
    boost = await api.post(f"/api/v1/statuses/{said['id']}/reblog", world.cyd)
    answer = await api.say(world.bob, "yes", in_reply_to_id=str(said["id"]))
    assert await home(api, world.cyd) == [boost.json["id"], str(said["id"])]
    path, words = f"/status/{said['id']}/", {"text": "Hello", "categories": []}
    edited = await ask(api, "PUT", path, world.ann, **words, addressing=[world.tag])
    assert edited.status == 200, edited.body
    await assert_hidden(api, world.cyd, said)
    for status_id in (boost.json["id"], answer["id"]):
        assert (await status_of(api, None, status_id)).status == 404
    assert await home(api, world.cyd) == []
    assert (await status_of(api, world.bob, answer["id"])).json["visibility"] == "private"
    assert (await ask(api, "PUT", path, world.ann, **words)).status == 200
    for status_id in (said["id"], boost.json["id"], answer["id"]):
        assert (await status_of(api, None, status_id)).status == 200


async def test_s075_homes_without_mentions_and_of_new_followers(api: Api) -> None:
    """Followers old and new find in their homes what is addressed to them, and nothing else."""
    world = await build(api)
    dan, eve = await api.person("dan"), await api.person("eve")
    await give(api, world, "add", dan)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag])
    for who in (dan, eve):
        await verb(api, who, "follow", world.ann)
    for who in (world.bob, dan):
        assert await home(api, who) == [str(said["id"])]
    assert await notices(api, world.bob) == [("status", "ann")]
    # What was not written does not turn up with the Tag.
    for who in (eve, world.staff):
        await give(api, world, "add", who)
        assert (await home(api, who), await notices(api, who)) == ([], [])


async def test_s075_an_answer_that_waits_stays_for_the_same(api: Api) -> None:
    """S075: whoever loses the Tag meanwhile does not say to everybody what was meant for few."""
    world = await build(api)
    await verb(api, world.cyd, "follow", world.bob)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag])
    fields = {"in_reply_to_id": str(said["id"]), "visibility": "public"}
    for text, at in (("kept", ahead(api, minutes=6)), ("lost", ahead(api, minutes=12))):
        await scheduled(api, world.bob, text, at, **fields)
    api.clock.move(minutes=7)
    await run_jobs(api)
    await give(api, world, "remove", world.bob)
    api.clock.move(minutes=6)
    await run_jobs(api)
    profile = await api.get(f"/api/v1/accounts/{world.bob.id}/statuses", world.bob)
    lost, kept = profile.json
    assert [lost["visibility"], kept["visibility"]] == ["private"] * 2
    for each, who, status in (
        (kept, world.ann, 200),
        (kept, world.cyd, 404),
        (lost, world.ann, 404),
        (lost, world.cyd, 404),
        (lost, None, 404),
    ):
        assert (await status_of(api, who, each["id"])).status == status
    # It opens with the thread, to those who follow its author.
    body = {"text": "Hello", "categories": []}
    edited = await ask(api, "PUT", f"/status/{said['id']}/", world.ann, **body)
    assert edited.status == 200, edited.body
    assert (await status_of(api, world.cyd, kept["id"])).status == 200
    assert (await status_of(api, None, kept["id"])).status == 404


async def test_s075_answers_outlive_what_they_answer(api: Api) -> None:
    """S075: when the first status of a thread is gone for good, the rest is for the same people."""
    world = await build(api)
    said = await contribute(api, world.ann, "Hello", addressing=[world.tag])
    answer = await api.say(world.bob, "yes", in_reply_to_id=str(said["id"]))
    assert (await ask(api, "DELETE", f"/status/{said['id']}/", world.ann)).status == 204
    api.clock.move(days=limits.DELETED_STATUS_DAYS + 1)
    await clean_up(api.env, {})
    later = await api.say(world.bob, "still", in_reply_to_id=answer["id"])
    for each in (answer, later):
        for who, status in ((world.bob, 200), (world.ann, 200), (world.cyd, 404), (None, 404)):
            assert (await status_of(api, who, each["id"])).status == status
