"""What an edit changes besides words, and what a restore brings back: reference 4.3, 4.4, 7.

An edit by a community's order replaces the whole, so shares come and go with it; old words stay
with whom they were for. A restored contribution is what it was, as far as that is still there.
"""

from typing import Any

from stonechat.services.cleaning import clean_up
from stonechat.services.departures import delete_account
from tests.contract.api import Api, Person, Reply
from tests.contract.people import boost, home, notices, run_jobs, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label, see
from tests.contract.selfcommunity.test_addressing import World, build
from tests.contract.uploads import picture


async def put(
    api: Api, who: Person, said: dict[str, Any], text: str, kind: str = "status", **fields: Any
) -> dict[str, Any]:
    """A community's edit, which names the whole."""
    body = {"text": text, "categories": [], **fields}
    reply = await ask(api, "PUT", f"/{kind}/{said['id']}/", who, **body)
    assert reply.status == 200, reply.body
    return reply.json


async def mastodon_put(api: Api, who: Person, said: dict[str, Any], **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    return await api.call("PUT", f"/api/v1/statuses/{said['id']}", who, json=fields)


async def delete(api: Api, who: Person, said: dict[str, Any], kind: str = "status") -> None:
    assert (await ask(api, "DELETE", f"/{kind}/{said['id']}/", who)).status == 204


async def restore(api: Api, who: Person, said: dict[str, Any], kind: str = "status") -> None:
    assert (await ask(api, "POST", f"/{kind}/{said['id']}/restore/", who)).status == 204
    await run_jobs(api)


async def history(api: Api, who: Person, status_id: int | str) -> list[str]:
    reply = await api.get(f"/api/v1/statuses/{status_id}/history", who)
    assert reply.status == 200, reply.body
    return [each["content"] for each in reply.json]


async def shares(api: Api, who: Person, said: dict[str, Any]) -> int:
    return (await see(api, who, said)).json["share_count"]


async def share_of(api: Api, who: Person, said: dict[str, Any]) -> int:
    reply = await ask(api, "POST", "/media/", who, type="share", shared_object=said["id"])
    assert reply.status == 201, reply.body
    return reply.json["id"]


# Edits ------------------------------------------------------------------------------------------


async def test_s075_old_words_stay_with_whom_they_were_for(api: Api) -> None:
    """S075, 4.3: whoever joins the readers of an addressed thread gets none of its old words."""
    world = await build(api)
    other = await label(api, world.admin, "W", world.ann, world.cyd)
    for wanted in ([], [other], [world.tag, other]):
        said = await contribute(api, world.ann, "first secret", addressing=[world.tag])
        await put(api, world.ann, said, "second secret", addressing=[world.tag])
        answer = await api.say(world.bob, "third secret", in_reply_to_id=str(said["id"]))
        await mastodon_put(api, world.bob, answer, status="told to all")
        aside = await api.say(
            world.bob, "@ann one", in_reply_to_id=str(said["id"]), visibility="direct"
        )
        await mastodon_put(api, world.bob, aside, status="@ann two")
        assert len(await history(api, world.bob, said["id"])) == 2
        await put(api, world.ann, said, "for you, too", addressing=wanted)
        for status_id in (said["id"], answer["id"]):
            (words,) = await history(api, world.cyd, status_id)
            assert "secret" not in words
        # Who was spoken to by name has the same readers as before.
        assert len(await history(api, world.ann, aside["id"])) == 2
        await put(api, world.ann, said, "later", addressing=wanted)
        assert len(await history(api, world.cyd, said["id"])) == 2


async def test_s075_old_words_stay_when_readers_only_become_fewer(api: Api) -> None:
    """S075: an open thread that is addressed, or one to fewer Tags, keeps its history."""
    world = await build(api)
    other = await label(api, world.admin, "W", world.ann, world.cyd)
    said = await contribute(api, world.ann, "one")
    await put(api, world.ann, said, "two", addressing=[world.tag, other])
    await put(api, world.ann, said, "three", addressing=[world.tag])
    assert len(await history(api, world.bob, said["id"])) == 3


async def test_s075_old_pictures_stay_with_whom_they_were_for(api: Api) -> None:
    """S075: a picture that only the old words showed is nobody's who joins the readers."""
    world = await build(api)
    first, second, kept = [int(await picture(api, world.ann)) for _ in range(3)]
    said = await contribute(
        api, world.ann, "x", medias=[first, second, kept], addressing=[world.tag]
    )
    path = "/api/v2/media/{}/"
    await put(api, world.ann, said, "x", medias=[second, kept], addressing=[world.tag])
    assert (await api.get(path.format(first), world.bob)).status == 200
    await put(api, world.ann, said, "x", medias=[kept])
    found = [(await api.get(path.format(each), world.bob)).status for each in (first, second, kept)]
    assert found == [404, 404, 200]


async def test_edit_shares_and_shares_no_more(api: Api) -> None:
    """5.2: a share by an edit quotes and counts as one by a post, and goes with the medium."""
    world = await build(api)
    said = await contribute(api, world.ann, "shared one")
    other = await contribute(api, world.bob, "another one")
    media = [await share_of(api, world.cyd, each) for each in (said, other)]
    mine = await contribute(api, world.cyd, "mine")
    await put(api, world.cyd, mine, "mine", medias=media[:1])
    assert await shares(api, world.ann, said) == 1
    assert ("quote", "cyd") in await notices(api, world.ann)
    quote = (await api.get(f"/api/v1/statuses/{mine['id']}", world.cyd)).json["quote"]
    assert quote["quoted_status"]["id"] == str(said["id"])
    await put(api, world.cyd, mine, "mine still", medias=media[:1])
    await put(api, world.cyd, mine, "mine", medias=media[1:])
    assert (await shares(api, world.ann, said), await shares(api, world.ann, other)) == (0, 1)
    await put(api, world.cyd, mine, "mine")
    assert (await shares(api, world.ann, said), await shares(api, world.ann, other)) == (0, 0)
    shown = (await api.get(f"/api/v1/statuses/{mine['id']}", world.cyd)).json
    assert shown["quote"] is None
    assert "RE:" not in shown["content"]


async def test_edit_shares_only_what_may_be_quoted(api: Api) -> None:
    """5.2, QU: what its author does not let be quoted is not shared by an edit either."""
    world = await build(api)
    said = await contribute(api, world.ann, "not to be quoted")
    medium = await share_of(api, world.cyd, said)
    reply = await api.call(
        "PUT",
        f"/api/v1/statuses/{said['id']}/interaction_policy",
        world.ann,
        json={"quote_approval_policy": "nobody"},
    )
    assert reply.status == 200, reply.body
    mine = await contribute(api, world.cyd, "mine")
    itself = await share_of(api, world.cyd, mine)
    for each in (medium, itself):
        body = {"text": "mine", "categories": [], "medias": [each]}
        reply = await ask(api, "PUT", f"/status/{mine['id']}/", world.cyd, **body)
        (error,) = reply.json["errors"]
        assert (reply.status, error["field"]) == (400, "medias"), reply.body
    assert (await see(api, world.cyd, mine)).json["medias"] == []
    assert await shares(api, world.ann, said) == 0


async def test_edit_leaves_a_quote_without_a_medium(api: Api) -> None:
    """QU: what a Mastodon app quoted stays quoted, whatever a community's edit names."""
    world = await build(api)
    said = await contribute(api, world.ann, "quoted one")
    other = await contribute(api, world.bob, "another one")
    quoting = await api.say(world.cyd, "so", quoted_status_id=str(said["id"]))
    for medias in ([], [await share_of(api, world.cyd, other)], []):
        await put(api, world.cyd, quoting, "so", medias=medias)
        shown = (await api.get(f"/api/v1/statuses/{quoting['id']}", world.cyd)).json
        assert shown["quote"]["quoted_status"]["id"] == str(said["id"])
        counts = await shares(api, world.ann, said), await shares(api, world.ann, other)
        assert counts == (1, 0)


async def test_edited_share_in_a_thread_that_closes_and_opens(api: Api) -> None:
    """4.3: a share that few may see is not counted, also where one edit does both."""
    world = await build(api)
    said = await contribute(api, world.bob, "shared one")
    mine = await contribute(api, world.ann, "mine")
    medias = [await share_of(api, world.ann, said)]
    for addressing, wanted, count in (
        ([world.tag], medias, 0),
        ([], medias, 1),
        ([world.tag], [], 0),
        ([], medias, 1),
        ([world.tag], medias, 0),
        ([], [], 0),
    ):
        await put(api, world.ann, mine, "mine", addressing=addressing, medias=wanted)
        assert await shares(api, world.cyd, said) == count, (addressing, wanted)


async def test_edit_keeps_whom_a_comment_answers(api: Api) -> None:
    """PO6: whom it answers is named still; a longer name that begins alike is another's."""
    world = await build(api)
    await api.person("bobby")
    root = await contribute(api, world.bob, "r")
    body = {"status": root["id"], "text": "hi @bobby"}
    comment = (await ask(api, "POST", "/comment/", world.ann, **body)).json
    reply = await ask(api, "PUT", f"/comment/{comment['id']}/", world.ann, text="hi @bobby again")
    assert reply.status == 200, reply.body
    shown = (await api.get(f"/api/v1/statuses/{comment['id']}", world.ann)).json
    assert {each["username"] for each in shown["mentions"]} == {"bob", "bobby"}


async def test_mastodon_edit_with_the_same_words_is_none(api: Api) -> None:
    """PO5: nothing changes, in whatever order the categories stand."""
    world = await build(api)
    arts = await category(api, world.admin, "Arts")
    books = await category(api, world.admin, "Books", parents=[arts["id"]])
    cats = await category(api, world.admin, "Cats")
    for wanted in ([cats["id"], books["id"]], [books["id"], cats["id"]]):
        said = await contribute(api, world.ann, "hello #books", categories=wanted)
        reply = await mastodon_put(api, world.ann, said, status="hello #books")
        assert reply.json["edited_at"] is None
        await mastodon_put(api, world.ann, said, status="hello #books again")
        after = (await see(api, world.ann, said)).json
        assert after["categories"] == said["categories"]


async def test_edit_to_no_words(api: Api) -> None:
    """4.3: words are optional. A warning that another app gave does not take their place."""
    world = await build(api)
    warned = await api.say(world.ann, "words", spoiler_text="CW")
    assert (await put(api, world.ann, warned, ""))["html"] == ""
    shown = (await api.get(f"/api/v1/statuses/{warned['id']}", world.ann)).json
    assert shown["spoiler_text"] == "CW"
    cats = await category(api, world.admin, "Cats")
    titled = await contribute(api, world.ann, "", kind="discussion", title="Only a title")
    filed = await contribute(api, world.ann, "", categories=[cats["id"]])
    for said in (titled, filed):
        for fields in ({"status": "", "sensitive": True}, {"sensitive": False}):
            reply = await mastodon_put(api, world.ann, said, **fields)
            assert reply.status == 200, reply.body
            assert reply.json["sensitive"] is fields["sensitive"]
    reply = await mastodon_put(api, world.ann, titled, status="", spoiler_text="CW")
    assert reply.json["spoiler_text"] == "CW"
    assert "Only a title" in reply.json["content"]
    # Who took the words away has said nothing: that is as blank as with Mastodon.
    plain = await api.say(world.ann, "words")
    assert (await mastodon_put(api, world.ann, plain, status="")).status == 422


# Restores ---------------------------------------------------------------------------------------


async def test_restore_brings_back_the_boosts_that_went(api: Api) -> None:
    """7: not one that was taken back in the same millisecond; each into the homes it stood in."""
    world = await build(api)
    await verb(api, world.admin, "follow", world.staff)
    await verb(api, world.admin, "follow", world.cyd)
    said = await contribute(api, world.ann, "hello")
    for who in (world.cyd, world.bob, world.staff):
        await boost(api, who, str(said["id"]))
    before = {who.name: await home(api, who) for who in world[:5]}
    counted = (await api.get(f"/api/v1/accounts/{world.staff.id}")).json["statuses_count"]
    assert len(before["admin"]) == 1
    await api.post(f"/api/v1/statuses/{said['id']}/unreblog", world.bob)
    await api.call("DELETE", f"/api/v2/status/{said['id']}/", world.ann)
    assert not any([await home(api, who) for who in world[:5]])
    await restore(api, world.ann, said)
    assert await shares(api, world.ann, said) == 2
    for who, is_boosting in ((world.cyd, True), (world.bob, False)):
        shown = (await api.get(f"/api/v1/statuses/{said['id']}", who)).json
        assert (shown["reblogged"], shown["reblogs_count"]) == (is_boosting, 2)
    before["bob"] = [each for each in before["bob"] if each == str(said["id"])]
    assert {who.name: await home(api, who) for who in world[:5]} == before
    profile = (await api.get(f"/api/v1/accounts/{world.staff.id}")).json
    assert profile["statuses_count"] == counted


async def test_restore_without_boosts_of_who_has_gone(api: Api) -> None:
    """7: an account that was deleted meanwhile boosts nothing any more."""
    world = await build(api)
    said = await contribute(api, world.ann, "x")
    for who in (world.cyd, world.bob):
        await boost(api, who, str(said["id"]))
    await delete(api, world.ann, said)
    await delete_account(api.env, "cyd", lambda *_: None)
    await restore(api, world.ann, said)
    assert await shares(api, world.ann, said) == 1


async def shown_pictures(api: Api, who: Person, said: dict[str, Any]) -> list[int]:
    """The pictures of a contribution; every one of them can be had."""
    found = (await see(api, who, said)).json["medias"]
    for each in found:
        path = each["image"].partition("stonechat.test")[2]
        assert (await api.get(path, who)).status == 200, path
    return [each["id"] for each in found]


async def test_restore_shows_the_media_that_are_there(api: Api) -> None:
    """7: delete and redraft moves a picture, `delete_media` takes it away; the others come back."""
    world = await build(api)
    moved, kept = [int(await picture(api, world.ann)) for _ in range(2)]
    said = await contribute(api, world.ann, "x", medias=[moved, kept])
    await delete(api, world.ann, said)
    redraft = await api.say(world.ann, "y", media_ids=[str(moved)])
    await restore(api, world.ann, said)
    assert await shown_pictures(api, world.bob, said) == [kept]
    # One that the other status holds no more than in the bin is taken up again.
    await delete(api, world.ann, said)
    assert (await api.call("DELETE", f"/api/v1/statuses/{redraft['id']}", world.ann)).status == 200
    await restore(api, world.ann, said)
    assert await shown_pictures(api, world.bob, said) == [kept]
    path = f"/api/v1/statuses/{said['id']}?delete_media=true"
    assert (await api.call("DELETE", path, world.ann)).status == 200
    await run_jobs(api)
    await restore(api, world.ann, said)
    assert await shown_pictures(api, world.bob, said) == []
    only = f"/api/v1/accounts/{world.ann.id}/statuses?only_media=true"
    assert (await api.get(only, world.bob)).json == []
    # What a status that came back holds is not swept as if it were still gone.
    await restore(api, world.ann, {"id": redraft["id"]})
    api.clock.move(days=40)
    await clean_up(api.env, {})
    assert await shown_pictures(api, world.bob, {"type": "status", "id": redraft["id"]}) == [moved]


async def conversations(api: Api, who: Person) -> list[tuple[bool, str]]:
    found = (await api.get("/api/v1/conversations", who)).json
    return [(each["unread"], each["last_status"]["id"]) for each in found]


async def test_restored_direct_is_no_news(api: Api) -> None:
    """CO: a conversation that was read is read, and goes on with what was said last in it."""
    world: World = await build(api)
    first = await api.say(world.ann, "@bob one", visibility="direct")
    for each in (await api.get("/api/v1/conversations", world.bob)).json:
        await api.post(f"/api/v1/conversations/{each['id']}/read", world.bob)
    await delete(api, world.ann, first)
    await restore(api, world.ann, first)
    for who in (world.ann, world.bob):
        assert await conversations(api, who) == [(False, first["id"])]
    fields = {"visibility": "direct", "in_reply_to_id": first["id"]}
    second = await api.say(world.ann, "@bob two", **fields)
    await delete(api, world.ann, first)
    await restore(api, world.ann, first)
    assert await conversations(api, world.bob) == [(True, second["id"])]
    assert await conversations(api, world.ann) == [(False, second["id"])]
