"""What is not for everybody: neither shown nor hinted at, by whichever way one comes."""

import pytest

from tests.contract.api import Api
from tests.contract.people import raw_verb
from tests.contract.selfcommunity.community import ask, category, contribute, label, see


async def test_staff_do_not_read_what_was_not_for_them_when_it_is_deleted(api: Api) -> None:
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    some = await label(api, admin, "bakers", bert)
    direct = await api.say(bert, "@cara secret", visibility="direct")
    closed = await contribute(api, bert, "secret", addressing=[some])
    for status_id in (direct["id"], closed["id"]):
        path = f"/status/{status_id}/"
        assert (await ask(api, "GET", path, admin)).status == 404
        await api.call("DELETE", f"/api/v1/statuses/{status_id}", bert)
        assert (await ask(api, "GET", path, admin)).status == 404
        assert (await ask(api, "GET", path, cara)).status == 404
        assert (await ask(api, "GET", path, bert)).json["deleted"] is True


async def test_s075_an_answer_to_a_direct_one_in_an_addressed_thread_is_for_the_same(
    api: Api,
) -> None:
    """S075: the thread says for whom its answers are, whatever stands between."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    dave = await api.person("dave")
    some = await label(api, admin, "bakers", bert, cara)
    root = await contribute(api, bert, "For bakers", addressing=[some])
    aside = await api.say(cara, "@bert psst", in_reply_to_id=str(root["id"]), visibility="direct")
    answer = await api.say(bert, "louder", in_reply_to_id=aside["id"])
    assert answer["visibility"] == "private"
    assert (await api.get(f"/api/v1/statuses/{answer['id']}", dave)).status == 404
    assert (await api.get(f"/api/v1/statuses/{answer['id']}", cara)).status == 200


async def test_what_a_moderator_hid_says_nothing(api: Api) -> None:
    """4.6: hidden from everyone except its author and staff, with its title and its action."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "awful", kind="discussion", title="awful", action="awful")
    body = {"contribution_type": "discussion", "action": "hide", "moderation_type": 1}
    reply = await ask(api, "PATCH", f"/moderation/contribution/{said['id']}/", admin, **body)
    assert reply.status == 204, reply.body
    hidden = await see(api, cara, said)
    assert hidden.json["collapsed"] is True
    assert b"awful" not in hidden.body
    for who in (bert, admin):
        assert b"awful" in (await see(api, who, said)).body


async def test_labels_that_are_not_shown_are_not_named(api: Api) -> None:
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    said = await contribute(api, bert, "Bread")
    for name, visible in (("open", True), ("secret", False)):
        made = await ask(
            api, "POST", "/tag/", admin, name=name, type="contribution", visible=visible
        )
        given = await ask(
            api, "POST", f"/tag/{made.json['id']}/add/", admin, contribution=said["id"]
        )
        assert given.status == 204, given.body
    assert len((await see(api, bert, said)).json["tags"]) == 1


@pytest.mark.parametrize("visibility", ["unlisted", "private", "direct"])
async def test_a_hashtag_files_only_what_is_public(api: Api, visibility: str) -> None:
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Books")
    quiet = await api.say(bert, "quiet #books", visibility=visibility)
    loud = await api.say(bert, "loud #books")
    page = (await ask(api, "GET", f"/category/{room['id']}/feed/", bert)).json
    assert [each["status"]["id"] for each in page["results"]] == [int(loud["id"])]
    assert page["count"] == 1
    seen = await ask(api, "GET", f"/status/{quiet['id']}/", bert)
    assert seen.json["categories"] == []


async def test_votes_leave_out_whom_one_does_not_meet(api: Api) -> None:
    """As the list of who favourited does elsewhere."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, admin, "Bread")
    path = f"/status/{said['id']}/vote/"
    for suffix in ("", "?reaction=3"):
        await ask(api, "POST", f"{path}{suffix}", bert)
        assert len((await ask(api, "GET", path, cara)).json["results"]) == 1
        await raw_verb(api, bert, "block", cara)
        assert (await ask(api, "GET", path, cara)).json["results"] == []
        assert len((await ask(api, "GET", path, admin)).json["results"]) == 1
        await raw_verb(api, bert, "unblock", cara)


async def test_what_becomes_addressed_is_listed_for_whom_it_is(api: Api) -> None:
    """Whatever it was before: unlisted ones, too."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    some = await label(api, admin, "bakers", bert)
    quiet = await api.say(bert, "quiet", visibility="unlisted")
    body = {"text": "quiet", "categories": [], "addressing": [some]}
    assert (await ask(api, "PUT", f"/status/{quiet['id']}/", bert, **body)).status == 200
    listed = (await ask(api, "GET", "/status/", bert)).json["results"]
    assert [each["id"] for each in listed] == [int(quiet["id"])]
    assert (await ask(api, "GET", "/status/", admin)).json["results"] == []


async def test_moderators_are_not_told_of_what_stands_above_a_flagged_answer(api: Api) -> None:
    """Nobody flagged the direct status that is answered; its words are not in the list."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    root = await api.say(bert, "@cara TOPSECRET", visibility="direct")
    answer = await api.say(cara, "@bert no", in_reply_to_id=root["id"], visibility="direct")
    flagged = await ask(api, "POST", f"/comment/{answer['id']}/flag/", bert, flag_type=1)
    assert flagged.status == 204, flagged.body
    page = await ask(api, "GET", "/moderation/contribution/", admin)
    assert [each["contribution"]["id"] for each in page.json["results"]] == [int(answer["id"])]
    assert b"topsecret" not in page.body.lower()


async def test_s073_comments_are_marked_by_whom_their_contribution_is_for(api: Api) -> None:
    """S073: a public answer to what one may not see is not there, in whichever way."""
    bert, cara, dave = [await api.person(name) for name in ("bert", "cara", "dave")]
    await raw_verb(api, cara, "follow", bert)
    root = await api.say(bert, "for followers", visibility="private")
    answer = await api.say(cara, "open answer", in_reply_to_id=root["id"])
    path = f"/comment/{answer['id']}/"
    assert (await ask(api, "GET", path, dave)).status == 404
    for verb in ("vote", "flag"):
        reply = await ask(api, "POST", f"{path}{verb}/", dave, flag_type=1)
        assert reply.status == 404, verb
    assert (await ask(api, "GET", f"{path}vote/", dave)).status == 404
    assert (await ask(api, "POST", f"{path}vote/", bert)).status == 204


async def test_s047_who_sees_a_thread_no_more_hears_of_it_no_more(api: Api) -> None:
    """S047: a followed thread tells those who may see what was followed, not only the answer."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    for each in (cara, dora):
        await raw_verb(api, each, "follow", bert)
    root = await api.say(bert, "for followers", visibility="private")
    assert (await ask(api, "POST", f"/status/{root['id']}/follow/", dora)).status == 204
    await api.say(cara, "first", in_reply_to_id=root["id"])
    assert len((await api.get("/api/v1/notifications", dora)).json) == 1
    await raw_verb(api, dora, "unfollow", bert)
    await api.say(cara, "second", in_reply_to_id=root["id"])
    assert len((await api.get("/api/v1/notifications", dora)).json) <= 1
    assert b"second" not in (await api.get("/api/v1/notifications", dora)).body
