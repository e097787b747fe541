"""Notifications of a community: what is told to whom, in which groups, and what was read."""

import asyncio
from typing import Any

import pytest

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.notifications import MODERATION
from stonechat.storage import notifications
from tests.contract.api import Api, Person
from tests.contract.people import notices, raw_verb, run_jobs, verb
from tests.contract.selfcommunity.community import ask, contribute, label

LIST = "/notification/"
Group = dict[str, Any]


async def groups(api: Api, who: Person, query: str = "?limit=10&offset=0") -> list[Group]:
    """What somebody is told."""
    reply = await ask(api, "GET", LIST + query, who)
    assert reply.status == 200, reply.body
    return reply.json["results"]


def names(found: list[Group]) -> list[tuple[str, int]]:
    """The type of each group, and how many are told in it."""
    return [(group["aggregated"][0]["type"], len(group["aggregated"])) for group in found]


async def comment(
    api: Api, who: Person, said: dict[str, Any], text: str = "Well", **beneath: int
) -> dict[str, Any]:
    """Comment on a contribution."""
    body = {said["type"]: said["id"], "text": text, **beneath}
    reply = await ask(api, "POST", "/comment/", who, **body)
    assert reply.status == 201, reply.body
    return reply.json


async def follow(api: Api, who: Person, said: dict[str, Any]) -> None:
    """Follow a contribution, or no more."""
    reply = await ask(api, "POST", f"/{said['type']}/{said['id']}/follow/", who)
    assert reply.status == 204, reply.body


async def test_step_24_each_deed_has_its_type_and_payload(api: Api) -> None:
    """3.9 and 5.4.24: the author is told of comments, votes and follows; the mentioned of that."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "hello @cara", kind="post")
    answer = await comment(api, cara, said, "first")
    await ask(api, "POST", f"/post/{said['id']}/vote/", cara)
    await ask(api, "POST", f"/comment/{answer['id']}/vote/?reaction=3", bert)
    await follow(api, cara, said)
    await verb(api, cara, "follow", bert)
    await comment(api, bert, said, "second", parent=answer["id"])

    followed, thread, voted, commented = await groups(api, bert)
    assert names([followed, thread, voted, commented]) == [
        ("user_follow", 1),
        ("follow", 1),
        ("vote_up", 1),
        ("comment", 1),
    ]
    assert followed["aggregated"][0]["follower"]["username"] == "cara"
    for group in (thread, voted):
        item = group["aggregated"][0]
        assert (item["user"]["username"], item["post"]["id"]) == ("cara", said["id"])
        assert group["post"]["id"] == said["id"]
    item = commented["aggregated"][0]
    assert (item["comment"]["id"], item["comment"]["post"]["id"]) == (answer["id"], said["id"])
    assert (item["is_new"], item["sid"], commented["sid"]) == (True, item["sid"], item["sid"])
    assert isinstance(item["sid"], str)
    assert item["active_at"].endswith("+00:00")

    nested, upvoted, mentioned = await groups(api, cara)
    assert names([nested, upvoted, mentioned]) == [
        ("nested_comment", 1),
        ("vote_up", 1),
        ("mention", 1),
    ]
    assert upvoted["aggregated"][0]["comment"]["id"] == answer["id"]
    assert upvoted["post"]["id"] == said["id"]
    assert mentioned["aggregated"][0]["post"]["id"] == said["id"]
    assert nested["aggregated"][0]["comment"]["parent"] == answer["id"]


async def test_what_other_dialects_do_is_told_under_the_names_of_this_one(api: Api) -> None:
    """One core: watched authors, boosts and quotes are contributions; polls and edits no matter."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, anna, "follow", bert, notify=True)
    own = await api.say(anna, "Soup")
    for path in (f"statuses/{own['id']}/favourite", f"statuses/{own['id']}/reblog"):
        api.clock.move(milliseconds=1)
        assert (await api.post(f"/api/v1/{path}", bert)).status == 200
    said = await api.say(bert, "Bread")
    await api.say(bert, "@anna in private", visibility="direct")
    answer = await api.say(bert, "Good soup", in_reply_to_id=own["id"])
    edit = await api.call("PUT", f"/api/v1/statuses/{own['id']}", anna, json={"status": "Stew"})
    assert edit.status == 200
    found = await groups(api, anna)
    assert names(found) == [
        ("mention", 1),
        ("contribution", 1),
        ("contribution", 1),
        ("vote_up", 1),
    ]
    told = [group["aggregated"][0]["status"] for group in found]
    assert [each["author"]["username"] for each in told] == ["bert", "bert", "bert", "anna"]
    assert (told[1]["id"], told[3]["id"]) == (int(said["id"]), int(own["id"]))
    assert told[2]["medias"][0]["embed"]["metadata"]["id"] == int(own["id"])
    # An answer that does not name whom it answers tells nobody, but those who follow.
    assert str(answer["id"]) not in str(found)


async def test_followers_of_a_thread_hear_of_every_answer_once(api: Api) -> None:
    """4.11: all who follow, of answers at any depth; not its author, nor whom it names."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread", kind="discussion", title="Bread")
    for person in (cara, dora):
        await follow(api, person, said)
    first = await comment(api, cara, said)
    await api.say(bert, "@cara yes", in_reply_to_id=str(first["id"]))
    await api.say(bert, "a word", in_reply_to_id=str(said["id"]))

    found = await groups(api, dora)
    assert names(found) == [("comment", 1), ("nested_comment", 1), ("comment", 1)]
    assert {group["discussion"]["id"] for group in found} == {said["id"]}
    assert names(await groups(api, cara)) == [("comment", 1), ("nested_comment", 1)]
    assert names(await groups(api, bert)) == [("comment", 1), ("follow", 2)]
    # Elsewhere a followed thread reads like somebody whom one watches.
    assert await notices(api, dora) == [("status", "bert"), ("status", "bert"), ("status", "cara")]
    assert await notices(api, cara) == [("status", "bert"), ("mention", "bert")]
    await follow(api, dora, said)
    await comment(api, cara, said, "Nobody hears this")
    assert len(await notices(api, dora)) == 3
    await ask(api, "DELETE", f"/comment/{first['id']}/", cara)
    assert len(await notices(api, dora)) == 2


async def test_comments_are_told_to_those_who_commented_beside(api: Api) -> None:
    """3.9: comment to participants, nested comment to the parent's author and the siblings'."""
    bert, cara, dora, emil = [await api.person(name) for name in ("bert", "cara", "dora", "emil")]
    said = await contribute(api, bert, "Bread")
    first = await comment(api, cara, said, "first")
    await comment(api, dora, said, "second")
    nested = await comment(api, emil, said, "third", parent=first["id"])
    beneath = {"parent": first["id"], "in_reply_to": nested["id"]}
    await comment(api, dora, said, "fourth", **beneath)
    await comment(api, bert, said, "fifth", **beneath)
    await api.say(emil, "sixth, elsewhere", in_reply_to_id=str(said["id"]))

    def told(found: list[Group]) -> list[tuple[str, str]]:
        items = [item for group in found for item in group["aggregated"]]
        return [(item["type"], item["comment"]["summary"]) for item in items]

    assert told(await groups(api, cara)) == [
        ("nested_comment", "fifth"),
        ("nested_comment", "fourth"),
        ("nested_comment", "third"),
        ("comment", "second"),
    ]
    assert told(await groups(api, dora)) == [("nested_comment", "fifth")]
    assert told(await groups(api, emil)) == [
        ("nested_comment", "fifth"),
        ("nested_comment", "fourth"),
    ]
    assert told(await groups(api, bert)) == [("comment", "second"), ("comment", "first")]
    # Who follows besides is told once, and of all of it.
    await follow(api, dora, said)
    await comment(api, bert, said, "seventh")
    await comment(api, bert, said, "eighth", **beneath)
    found = told(await groups(api, dora))
    assert found[:2] == [("nested_comment", "eighth"), ("comment", "seventh")]
    assert len(found) == 3
    # Elsewhere only who is answered hears of it.
    assert await notices(api, cara) == [("mention", "emil")]
    assert await notices(api, dora) == [("status", "bert"), ("status", "bert")]


async def test_s043_s047_followers_hear_nothing_that_is_not_for_them(api: Api) -> None:
    """S043, S047: after blocks either way, mutes, suspending, and of answers for few: nothing.

    Nor are they later, when the block or the mute is gone, or they follow or carry the label.
    """
    admin, bert, cara = [await api.person(n, role="admin") for n in ("anna", "bert", "cara")]
    words = ("blocker", "blocked", "muter", "sleeper", "friend", "holder", "plain")
    people = {word: await api.person(word) for word in words}
    said = await contribute(api, bert, "Bread")
    for person in people.values():
        await follow(api, person, said)
    await verb(api, people["blocker"], "block", cara)
    await verb(api, cara, "block", people["blocked"])
    await verb(api, people["muter"], "mute", cara)
    await verb(api, people["friend"], "follow", cara)
    await ask(api, "POST", f"/status/{said['id']}/suspend/", people["sleeper"])
    some = await label(api, admin, "bakers", cara, people["holder"])
    answer = {"in_reply_to_id": str(said["id"])}
    await api.say(cara, "@bert alone", visibility="direct", **answer)
    await api.say(cara, "for friends", visibility="private", **answer)
    await comment(api, cara, said, "for all")
    # What is addressed afterwards is out of sight for whoever carries no label.
    closed = {"text": "Bread", "categories": [], "addressing": [some]}
    assert (await ask(api, "PUT", f"/status/{said['id']}/", bert, **closed)).status == 200
    await comment(api, cara, said, "for bakers")
    assert names(await groups(api, people["plain"])) == []
    assert names(await groups(api, people["holder"])) == [("comment", 2)]

    await verb(api, people["blocker"], "unblock", cara)
    await verb(api, cara, "unblock", people["blocked"])
    await verb(api, people["muter"], "unmute", cara)
    await ask(api, "POST", f"/status/{said['id']}/suspend/", people["sleeper"])
    for person in people.values():
        await raw_verb(api, person, "follow", cara)
        await ask(api, "POST", f"/tag/{some}/add/", admin, user=int(person.id))
    heard = {
        word: [
            item["comment"]["summary"]
            for group in await groups(api, person)
            for item in group["aggregated"]
        ]
        for word, person in people.items()
    }
    silent: dict[str, list[str]] = {key: [] for key in ("blocker", "blocked", "muter", "sleeper")}
    assert heard == {
        **silent,
        "friend": ["for all", "for friends"],
        "plain": ["for all"],
        "holder": ["for bakers", "for all"],
    }


async def test_a_suspended_contribution_tells_its_author_nothing(api: Api) -> None:
    """3.9: suspending stops comments, votes and follows; undoing it brings back what comes."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    await ask(api, "POST", f"/status/{said['id']}/suspend/", bert)
    await comment(api, cara, said)
    await ask(api, "POST", f"/status/{said['id']}/vote/?reaction=2", cara)
    await follow(api, cara, said)
    assert await groups(api, bert) == []
    await ask(api, "POST", f"/status/{said['id']}/suspend/", bert)
    await comment(api, cara, said)
    assert names(await groups(api, bert)) == [("comment", 1)]


async def test_what_is_undone_is_not_told_any_more(api: Api) -> None:
    """A vote taken back or replaced, a follow undone; a block takes everything back."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    vote = f"/status/{said['id']}/vote/"
    await ask(api, "POST", f"{vote}?reaction=3", cara)
    await ask(api, "POST", vote, cara)
    other = await contribute(api, bert, "Soup")
    await ask(api, "POST", f"/status/{other['id']}/vote/", cara)
    assert names(await groups(api, bert)) == [("vote_up", 1), ("vote_up", 1)]
    await ask(api, "POST", f"/status/{other['id']}/vote/", cara)
    await follow(api, cara, said)
    assert names(await groups(api, bert)) == [("follow", 1), ("vote_up", 1)]
    await ask(api, "POST", vote, cara)
    await follow(api, cara, said)
    assert await groups(api, bert) == []
    await ask(api, "POST", f"{vote}?reaction=3", cara)
    await follow(api, cara, said)
    await raw_verb(api, bert, "block", cara)
    await raw_verb(api, bert, "unblock", cara)
    assert await groups(api, bert) == []


async def test_votes_and_follows_have_no_word_in_the_other_dialect(api: Api) -> None:
    """Clients get no type that they do not know: in lists, in counts, by id, and to dismiss."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    await api.say(cara, "@bert hello")
    await ask(api, "POST", f"/status/{said['id']}/vote/?reaction=3", cara)
    await follow(api, cara, said)
    root = "/api/v1/notifications"
    assert await notices(api, bert) == [("mention", "cara")]
    assert (await api.get(f"{root}/unread_count", bert)).json == {"count": 1}
    assert (await ask(api, "GET", f"{LIST}unseen/count/", bert)).json == {"count": 3}
    me = (await ask(api, "GET", "/user/me/", bert)).json
    assert me["unseen_interactions_counter"] == 3
    assert (await api.get(f"{root}?types[]=reaction&types[]=thread_follow", bert)).json == []
    found = await groups(api, bert)
    for group in found[:2]:
        assert (await api.get(f"{root}/{group['sid']}", bert)).status == 404
        assert (await api.post(f"{root}/{group['sid']}/dismiss", bert)).status == 404
    assert (await api.post(f"{root}/clear", bert)).status == 200
    assert names(await groups(api, bert)) == [("follow", 1), ("vote_up", 1)]
    # By type, a followed thread goes with those whom one watches.
    await follow(api, bert, said)
    await comment(api, cara, said, "two")
    await api.say(cara, "three", in_reply_to_id=str(said["id"]))
    for query, expected in (("types[]=status", 1), ("exclude_types[]=status", 1), ("", 2)):
        assert len((await api.get(f"{root}?{query}", bert)).json) == expected, query
    assert (await api.get(f"{root}?types[]=comment", bert)).json == []


async def test_to_list_is_to_read_and_pages_lead_on(api: Api) -> None:
    """1.3: `limit` stands first; what was new on the first page is new on the second."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = [await contribute(api, bert, f"Bread {number}") for number in range(5)]
    for each in said:
        for _ in range(2):
            await comment(api, cara, each)
    first = (await ask(api, "GET", f"{LIST}?limit=2&offset=0", bert)).json
    assert names(first["results"]) == [("comment", 2), ("comment", 2)]
    assert (first["previous"], "?limit=2&next_id=" in first["next"]) == (None, True)
    assert (await ask(api, "GET", f"{LIST}unseen/count/", bert)).json == {"count": 0}
    seen, page = first["results"], first
    while page["next"]:
        page = (await api.get(page["next"].removeprefix("http://stonechat.test"), bert)).json
        seen += page["results"]
    assert [group["status"]["id"] for group in seen] == [each["id"] for each in reversed(said)]
    assert all(group["is_new"] for group in seen)
    back = (await api.get(page["previous"].removeprefix("http://stonechat.test"), bert)).json
    assert [group["sid"] for group in back["results"]] == [group["sid"] for group in seen[2:4]]
    again = await groups(api, bert, "?limit=2&offset=3")
    assert [group["sid"] for group in again] == [group["sid"] for group in seen[3:]]
    assert not any(group["is_new"] for group in again)
    marker = (await api.get("/api/v1/markers?timeline[]=notifications", bert)).json
    assert marker["notifications"]["last_read_id"] == seen[0]["sid"]
    assert await groups(api, cara) == []


async def test_reading_by_name(api: Api) -> None:
    """5.3: unknown names are fine; and nobody reads what is not there yet."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    await comment(api, cara, said)
    count, read = f"{LIST}unseen/count/", f"{LIST}read/"
    for sids in (["s"], ["9007199254740991"], [], ["1", -1]):
        assert (await ask(api, "POST", read, bert, sids=sids)).body == b""
        assert (await ask(api, "GET", count, bert)).json == {"count": 1}
    sid = (await groups(api, bert))[0]["sid"]
    await comment(api, cara, said)
    assert (await ask(api, "POST", read, cara, sids=[sid])).status == 204
    assert (await ask(api, "GET", count, bert)).json == {"count": 1}
    newest = (await ask(api, "GET", LIST, bert)).json["results"][0]["sid"]
    assert (await ask(api, "POST", read, bert, sids=[newest, sid])).status == 204
    assert (await ask(api, "GET", count, bert)).json == {"count": 0}
    reply = await ask(api, "POST", read, bert, sids=[str(number) for number in range(501)])
    assert reply.status == 400
    assert (await ask(api, "GET", f"{LIST}?offset=1001", bert)).status == 400
    assert (await ask(api, "GET", LIST)).status == 401


@pytest.mark.parametrize("type_", sorted(MODERATION))
async def test_moderators_deeds_are_told_and_come_from_nobody(api: Api, type_: str) -> None:
    """3.9: the object is with them, also when it was taken away; a block of who did it is none."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    said = await contribute(api, bert, "Bread")
    await raw_verb(api, bert, "block", admin)
    if type_.startswith("deleted"):
        await ask(api, "DELETE", f"/status/{said['id']}/", bert)
    about = None if type_.endswith("_user") else StatusId(said["id"])

    async def tell() -> None:
        notice_id = api.env.ids.next_id()
        to_id, by_id = AccountId(int(bert.id)), AccountId(int(admin.id))
        told = notifications.telling(notice_id, to_id, type_, by_id, about)
        if type_ == "blocked_user":
            told = notifications.telling_of_moderation(notice_id, to_id, type_, days=3)
        await api.env.db.write(lambda tx: tx.run_all(told))

    item: dict[str, Any] = {}
    for _ in range(2):
        await tell()
        (group,) = await groups(api, bert)
        (item,) = group["aggregated"]
        assert (group["is_new"], item["type"]) == (True, type_)
    assert ("status" in item) is (about is not None)
    if type_ == "blocked_user":
        settings = item["block_settings"]
        assert item["blocked_settings"] == settings
        assert (settings["days_blocked"], settings["reputation_delta"]) == (3, 0)
        assert settings["expire_at"] > settings["blocked_at"]
    assert await notices(api, bert) == []


async def test_administrators_tell_people_in_their_own_words(api: Api) -> None:
    """2.11: to one user, or to those who follow; with an embed; not past a mute."""
    admin = await api.person("anna", role="admin")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    for person in (bert, cara, dora):
        await verb(api, person, "follow", admin)
    await verb(api, dora, "mute", admin)
    embed = {"embed_type": "recipe", "embed_id": "7", "metadata": {"minutes": 40}}
    made = (await ask(api, "POST", "/embed/", admin, **embed)).json
    path = f"{LIST}notify/"
    body = {"title": "Oven is hot", "description": "Come in", "type": "oven", "embed": made["id"]}
    assert (await ask(api, "POST", path, admin, **body)).body == b""
    assert await groups(api, bert) == []
    assert await run_jobs(api) == 1
    only = {"recipients_type": "user", "user": int(bert.id), "title": "For you"}
    assert (await ask(api, "POST", path, admin, **only)).status == 204
    one, other = await groups(api, bert)
    assert names([one, other]) == [("custom_notification", 1)] * 2
    assert one["aggregated"][0]["custom_notification"]["title"] == "For you"
    item = other["aggregated"][0]
    assert item["user"]["username"] == "anna"
    words = item["custom_notification"]
    assert {key: words[key] for key in ("title", "description", "type")} == {
        key: body[key] for key in ("title", "description", "type")
    }
    assert words["embed"]["metadata"] == {"minutes": 40}
    assert names(await groups(api, cara)) == [("custom_notification", 1)]
    await verb(api, dora, "unmute", admin)
    assert await groups(api, dora) == []
    assert ("custom_notification", "anna") not in await notices(api, bert)
    for person, fields, status in (
        (bert, body, 403),
        (admin, {**body, "embed": 1}, 400),
        (admin, {**only, "user": 1}, 400),
        (admin, {"recipients_type": "user", "title": "x"}, 400),
        (admin, {"description": "no title"}, 400),
        (admin, {"title": "x" * 256}, 400),
        (admin, {"title": "x", "recipients_type": "all"}, 400),
    ):
        assert (await ask(api, "POST", path, person, **fields)).status == status, fields
    await raw_verb(api, bert, "block", admin)
    assert await groups(api, bert) == []


async def test_many_comments_at_once_tell_each_follower_once(api: Api) -> None:
    """64 comments at once: each follower is told of each of them, and of none twice."""
    bert = await api.person("bert")
    people = [await api.person(f"person{number}") for number in range(4)]
    said = await contribute(api, bert, "Bread")
    for person in people[:2]:
        await follow(api, person, said)
    bodies = [{"status": said["id"], "text": f"comment {number}"} for number in range(64)]
    replies = await asyncio.gather(
        *(
            api.call("POST", "/api/v2/comment/", people[2 + number % 2], json=body)
            for number, body in enumerate(bodies)
        )
    )
    assert {reply.status for reply in replies} == {201}
    made = {reply.json["id"] for reply in replies}
    for person in (*people[:2], bert):
        found = await groups(api, person, "?limit=50")
        assert names(found)[:2] == [("comment", 40), ("comment", 24)]
        told = [
            item["comment"]["id"]
            for group in found
            for item in group["aggregated"]
            if item["type"] == "comment"
        ]
        assert (len(told), set(told)) == (64, made)


async def test_a_page_costs_the_same_whatever_its_length(api: Api) -> None:
    """Statements: token, marker, rows, statuses, marks; then what is rendered, and the marker."""
    bert = await api.person("bert")
    people = [await api.person(f"person{number}") for number in range(5)]
    said = [await contribute(api, bert, f"Bread {number}") for number in range(6)]
    for number in range(30):
        await comment(api, people[number % 5], said[number % 6])
    counts: set[int] = set()
    await groups(api, bert)
    for limit in (1, 5, 30):
        api.recorder.forget()
        assert len(await groups(api, bert, f"?limit={limit}")) == limit
        counts.add(api.recorder.count)
    assert max(counts) <= 10, counts
