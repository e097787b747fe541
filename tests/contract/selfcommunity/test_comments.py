"""Comments: reference 2.2, 3.3, 4.4-4.6, 4.8, the wire table of 5.2 and steps 14-16 of 5.4.

An answer in Mastodon's dialect is a comment here, and a comment here is an answer there.
"""

import asyncio
from typing import Any

import pytest

from tests.contract.api import Api, Person, Reply
from tests.contract.people import change, notices, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label, see

ABSENT = 987654321
FIELDS = [
    *("id", "type", "author", "added_at", "last_edited_at", "html", "summary", "summary_html"),
    *("summary_truncated", "deleted", "collapsed", "parent", "in_reply_to", "comment_count"),
    *("vote_count", "reactions_count", "voted", "reaction", "flag_count", "latest_comments"),
]


async def attempt(
    api: Api, who: Person | None, said: dict[str, Any], text: Any = "x", **fields: Any
) -> Reply:
    """A comment that may be refused."""
    body = {said["type"]: said["id"], "text": text, **fields}
    return await ask(api, "POST", "/comment/", who, **body)


async def comment(
    api: Api, who: Person, said: dict[str, Any], text: str, **fields: Any
) -> dict[str, Any]:
    """A comment that is made; the object as its author gets it."""
    reply = await attempt(api, who, said, text, **fields)
    assert reply.status == 201, reply.body
    return reply.json


async def listed(api: Api, who: Person | None, query: str) -> list[dict[str, Any]]:
    """The comments of a page."""
    reply = await ask(api, "GET", f"/comment/?{query}", who)
    assert reply.status == 200, reply.body
    return reply.json["results"]


def fault(reply: Reply) -> tuple[int, str, str]:
    """Status, field and code of a refusal."""
    error = reply.json["errors"][0]
    return reply.status, error["field"], error["messages"][-1]["code"]


async def test_comments_and_answers_to_them(api: Api) -> None:
    """5.4, 14 to 16: two levels, a third by `in_reply_to`; counters, latest, last activity."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Fresh Bread!", kind="post")
    first = await comment(api, cara, said, "first")
    assert list(first) == [*FIELDS, "post"]
    assert first["post"] == {"id": said["id"], "slug": "fresh-bread"}
    assert (first["summary"], first["html"]) == ("first", "<p>first</p>")
    assert (first["parent"], first["in_reply_to"], first["latest_comments"]) == (None, None, [])
    assert (first["type"], first["author"]["username"]) == ("comment", "cara")
    reply = await comment(api, bert, said, "re", parent=first["id"])
    deep = await comment(api, cara, said, "rere", parent=first["id"], in_reply_to=reply["id"])
    assert (reply["parent"], reply["in_reply_to"]) == (first["id"], None)
    assert (deep["parent"], deep["in_reply_to"]) == (first["id"], reply["id"])
    found = (await ask(api, "GET", f"/comment/{first['id']}/", bert)).json
    assert (found["comment_count"], len(found["latest_comments"])) == (2, 2)
    brief = found["latest_comments"][-1]
    assert (brief["id"], brief["post"], brief["parent"]) == (deep["id"], said["id"], first["id"])
    assert {*FIELDS, "post"} - {*brief} == {"type", "latest_comments"}
    page = await ask(api, "GET", f"/comment/?post={said['id']}&ordering=-added_at&limit=1", cara)
    assert [each["id"] for each in page.json["results"]] == [first["id"]]
    assert (page.json["count"], page.json["next"]) == (1, None)
    page = await ask(api, "GET", f"/comment/?post={said['id']}&parent={first['id']}&limit=1", cara)
    assert [each["id"] for each in page.json["results"]] == [reply["id"]]
    assert page.json["count"] == 2
    assert "?limit=1&offset=1&" in page.json["next"]
    seen = (await see(api, None, said)).json
    assert (seen["comment_count"], seen["last_activity_at"]) == (3, deep["added_at"])
    assert seen["last_activity_at"] > seen["added_at"]


async def test_a_comment_is_an_answer_elsewhere_and_an_answer_a_comment_here(api: Api) -> None:
    """One core: any depth; a deep answer lies beneath the first-level one it hangs on."""
    bert, cara = await api.person("bert"), await api.person("cara")
    root = await api.say(bert, "Who bakes?")
    one = await api.say(cara, "@bert I do", in_reply_to_id=root["id"])
    two = await api.say(bert, "Rye?", in_reply_to_id=one["id"])
    three = await api.say(cara, "Rye.", in_reply_to_id=two["id"])
    [top] = await listed(api, bert, f"status={root['id']}")
    assert (str(top["id"]), top["status"]["slug"]) == (one["id"], "who-bakes")
    assert f'<mention id="{bert.id}"' in top["html"]
    assert top["summary"] == "@bert I do"
    nested = await listed(api, bert, f"status={root['id']}&parent={top['id']}")
    assert [each["summary"] for each in nested] == ["Rye?", "Rye."]
    assert [each["in_reply_to"] for each in nested] == [None, int(two["id"])]
    assert {each["parent"] for each in nested} == {top["id"]}
    said = {"type": "status", "id": int(root["id"])}
    deep = await comment(
        api,
        bert,
        said,
        "<p>Good, <b>thanks</b></p>",
        parent=top["id"],
        in_reply_to=int(three["id"]),
    )
    there = (await api.get(f"/api/v1/statuses/{deep['id']}", cara)).json
    assert (there["in_reply_to_id"], there["visibility"]) == (three["id"], "public")
    assert [each["username"] for each in there["mentions"]] == ["cara"]
    assert "thanks" in there["content"]
    assert ("mention", "bert") in await notices(api, cara)
    below = (await api.get(f"/api/v1/statuses/{root['id']}/context", cara)).json["descendants"]
    assert str(deep["id"]) in {each["id"] for each in below}
    assert (await see(api, None, said)).json["comment_count"] == 4


async def test_an_edit_shows_everywhere_and_keeps_what_a_comment_cannot_name(api: Api) -> None:
    """4.6: only the creator edits; elsewhere it is an edit with a history. A poll of it stays."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    first = await comment(api, cara, said, "frist")
    path = f"/comment/{first['id']}/"
    edited = (await ask(api, "PUT", path, cara, text="first")).json
    assert (edited["summary"], edited["id"]) == ("first", first["id"])
    assert edited["last_edited_at"] > edited["added_at"]
    there = (await api.get(f"/api/v1/statuses/{first['id']}")).json
    assert there["edited_at"]
    assert [each["username"] for each in there["mentions"]] == ["bert"]
    history = (await api.get(f"/api/v1/statuses/{first['id']}/history")).json
    assert [each["content"] for each in history] == ["<p>frist</p>", "<p>first</p>"]
    absent = await ask(api, "PUT", f"/comment/{ABSENT}/", bert, text="mine")
    for who, key in ((bert, first["id"]), (bert, said["id"]), (cara, said["id"])):
        reply = await ask(api, "PUT", f"/comment/{key}/", who, text="mine")
        assert (reply.status, reply.body) == (404, absent.body)
    asked = await api.say(
        cara,
        "Which?",
        in_reply_to_id=str(said["id"]),
        poll={"options": ["rye", "oat"], "expires_in": 600},
        spoiler_text="bread",
    )
    assert (
        await ask(api, "PUT", f"/comment/{asked['id']}/", cara, text="Which one?")
    ).status == 200
    there = (await api.get(f"/api/v1/statuses/{asked['id']}")).json
    assert [each["title"] for each in there["poll"]["options"]] == ["rye", "oat"]
    assert (there["spoiler_text"], "Which one?" in there["content"]) == ("bread", True)


async def test_deleting_and_restoring_in_both_dialects(api: Api) -> None:
    """4.6: gone for others, `deleted` for its author and for staff, back everywhere with counts."""
    bert, cara = await api.person("bert"), await api.person("cara")
    staff = await api.person("staff", role="moderator")
    said = await contribute(api, bert, "Bread")
    first = await comment(api, cara, said, "first")
    deep = await comment(api, cara, said, "deep", parent=first["id"])
    path = f"/comment/{deep['id']}/"
    absent = (await ask(api, "GET", f"/comment/{ABSENT}/", bert)).body

    async def counts() -> tuple[int, int]:
        top = (await ask(api, "GET", f"/comment/{first['id']}/")).json
        assert top["comment_count"] == len(top["latest_comments"])
        return (await see(api, None, said)).json["comment_count"], top["comment_count"]

    for other in (bert, staff):
        assert (await ask(api, "DELETE", path, other)).body == absent
    assert (await ask(api, "DELETE", path, cara)).status == 204
    assert await counts() == (1, 0)
    assert (await api.get(f"/api/v1/statuses/{deep['id']}", cara)).status == 404
    for who in (None, bert):
        reply = await ask(api, "GET", path, who)
        assert (reply.status, reply.body) == (404, absent)
    for who in (cara, staff):
        seen = (await ask(api, "GET", path, who)).json
        assert (seen["deleted"], seen["summary"], seen["parent"]) == (True, "deep", first["id"])
    assert await listed(api, cara, f"status={said['id']}&parent={first['id']}") == []
    assert (await ask(api, "POST", f"{path}restore/", bert)).status == 404
    for _ in range(2):
        reply = await ask(api, "POST", f"{path}restore/", cara)
        assert (reply.status, reply.body) == (204, b"")
    assert await counts() == (2, 1)
    assert (await api.get(f"/api/v1/statuses/{deep['id']}")).json["in_reply_to_id"]
    assert (await api.call("DELETE", f"/api/v1/statuses/{first['id']}", cara)).status == 200
    assert (await see(api, None, said)).json["comment_count"] == 1
    assert await listed(api, bert, f"status={said['id']}") == []
    orphan = (await ask(api, "GET", path, bert)).json
    assert (orphan["parent"], orphan["in_reply_to"]) == (first["id"], None)
    assert (await ask(api, "GET", f"/status/{deep['id']}/", bert)).status == 404
    assert (await ask(api, "POST", f"/comment/{first['id']}/restore/", cara)).status == 204
    assert await counts() == (2, 1)


async def test_s086_what_does_not_fit_together_is_refused(api: Api) -> None:
    """2.2: exactly one contribution of that kind; `parent` of it; `in_reply_to` beneath that."""
    bert = await api.person("bert")
    said, other = await contribute(api, bert, "Bread"), await contribute(api, bert, "Oat", "post")
    top, foreign = await comment(api, bert, said, "top"), await comment(api, bert, other, "o")
    twin = await comment(api, bert, said, "twin")
    nested = await comment(api, bert, said, "nested", parent=top["id"])
    missing = (400, "does_not_exist")
    tries: list[tuple[dict[str, Any], tuple[int, str], str]] = [
        ({"status": ABSENT}, missing, "status"),
        ({"status": other["id"]}, missing, "status"),
        ({"status": top["id"]}, missing, "status"),
        ({"status": "1e3"}, missing, "status"),
        ({"status": [said["id"]]}, (400, "invalid"), "status"),
        ({}, (400, "required"), "status"),
        ({"status": None}, (400, "required"), "status"),
        ({"status": said["id"], "post": other["id"]}, (400, "invalid"), "post"),
        ({"status": said["id"], "parent": ABSENT}, missing, "parent"),
        ({"status": said["id"], "parent": said["id"]}, missing, "parent"),
        ({"status": said["id"], "parent": 0}, missing, "parent"),
        ({"status": said["id"], "parent": foreign["id"]}, missing, "parent"),
        ({"status": said["id"], "parent": nested["id"]}, missing, "parent"),
        ({"status": said["id"], "in_reply_to": nested["id"]}, (400, "required"), "parent"),
        (
            {"status": said["id"], "parent": top["id"], "in_reply_to": top["id"]},
            missing,
            "in_reply_to",
        ),
        (
            {"status": said["id"], "parent": twin["id"], "in_reply_to": nested["id"]},
            missing,
            "in_reply_to",
        ),
    ]
    for body, (status, code), field in tries:
        reply = await ask(api, "POST", "/comment/", bert, text="x", **body)
        assert fault(reply) == (status, field, code), body
    assert (await see(api, bert, said)).json["comment_count"] == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "required"),
        ({"text": None}, "null"),
        ({"text": ""}, "blank"),
        ({"text": " \n "}, "blank"),
        ({"text": "<p> </p>"}, "blank"),
        ({"text": "x" * 20_001}, "max_length"),
        ({"text": "\N{WOMAN}" * 20_000}, "max_length"),
        ({"text": ["x"]}, "invalid"),
    ],
)
async def test_s084_s086_a_comment_has_to_say_something(
    api: Api, fields: dict[str, Any], code: str
) -> None:
    """2.2: `text` is required, and named in the refusal; also where it is put in other words."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    first = await comment(api, bert, said, "x" * 20_000)
    for method, path in (("POST", "/comment/"), ("PUT", f"/comment/{first['id']}/")):
        reply = await ask(api, method, path, bert, status=said["id"], **fields)
        assert fault(reply) == (400, "text", code)


async def test_s076_what_is_deleted_or_not_for_one_takes_no_comment(api: Api) -> None:
    """S076: the same words as for what is not there; its comments are not there either."""
    admin, bert = await api.person("admin", role="admin"), await api.person("bert")
    cara, dora = await api.person("cara"), await api.person("dora")
    tag = await label(api, admin, "bakers", bert, cara)
    said = await contribute(api, bert, "For bakers", addressing=[tag])
    first = await comment(api, cara, said, "first")
    assert (await api.get(f"/api/v1/statuses/{first['id']}", bert)).json["visibility"] == "private"
    gone = await contribute(api, bert, "Gone")
    left = await comment(api, cara, gone, "left")
    await ask(api, "DELETE", f"/status/{gone['id']}/", bert)
    nothing = {"type": "status", "id": ABSENT}
    absent = [
        (await attempt(api, dora, nothing)).body,
        (await ask(api, "GET", f"/comment/?status={ABSENT}", dora)).body,
        (await ask(api, "GET", f"/comment/{ABSENT}/", dora)).body,
    ]
    for hidden, beneath in ((said, first), (gone, left)):
        for who in (dora, admin) if hidden is said else (dora, bert, cara):
            replies = [
                await attempt(api, who, hidden),
                await ask(api, "GET", f"/comment/?status={hidden['id']}", who),
                await ask(api, "GET", f"/comment/{beneath['id']}/", who),
            ]
            assert [reply.body for reply in replies] == absent
            assert [reply.status for reply in replies] == [400, 404, 404]
            reply = await attempt(api, who, hidden, parent=beneath["id"])
            assert reply.body == absent[0]
    deleted = await comment(api, cara, said, "deleted")
    await ask(api, "DELETE", f"/comment/{deleted['id']}/", cara)
    assert fault(await attempt(api, bert, said, parent=deleted["id"]))[1:] == (
        "parent",
        "does_not_exist",
    )
    assert (
        await ask(api, "GET", f"/comment/?status={said['id']}&parent={deleted['id']}", bert)
    ).status == 404
    assert (await ask(api, "PUT", f"/comment/{left['id']}/", cara, text="y")).status == 404
    assert (await ask(api, "DELETE", f"/comment/{left['id']}/", cara)).status == 204


async def test_a_comment_is_for_no_more_than_what_it_answers(api: Api) -> None:
    """One core: the author's default as elsewhere, and never wider than what is answered."""
    bert, cara = await api.person("bert"), await api.person("cara")
    dora, emil = await api.person("dora"), await api.person("emil")
    await verb(api, cara, "follow", bert)
    await verb(api, dora, "follow", bert)
    close = await api.say(bert, "Among us", visibility="private")
    said = {"type": "status", "id": int(close["id"])}
    first = await comment(api, cara, said, "first")
    there = await api.get(f"/api/v1/statuses/{first['id']}", cara)
    assert there.json["visibility"] == "private"
    assert (await api.get(f"/api/v1/statuses/{first['id']}", bert)).status == 200
    assert (await ask(api, "GET", f"/comment/{first['id']}/", emil)).status == 404
    assert await listed(api, dora, f"status={close['id']}") == []
    assert (await see(api, bert, said)).json["comment_count"] == 0
    await change(api, cara, source={"privacy": "private"})
    said = await contribute(api, bert, "For all")
    shy = await comment(api, cara, said, "shy")
    assert [each["id"] for each in await listed(api, bert, f"status={said['id']}")] == [shy["id"]]
    assert await listed(api, emil, f"status={said['id']}") == []
    assert (await see(api, bert, said)).json["comment_count"] == 0
    page = (await ask(api, "GET", f"/comment/?status={said['id']}", emil)).json
    assert (page["count"], page["results"]) == (0, [])


async def test_blocks_and_mutes_hold_for_comments(api: Api) -> None:
    """Every right is the same everywhere: whom one blocks or mutes is left out of a thread."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    first = await comment(api, cara, said, "first")
    await comment(api, dora, said, "below", parent=first["id"])
    await verb(api, bert, "mute", dora)
    [top] = await listed(api, bert, f"status={said['id']}")
    assert top["latest_comments"] == []
    await verb(api, bert, "block", cara)
    assert await listed(api, bert, f"status={said['id']}") == []
    assert (await ask(api, "GET", f"/comment/?status={said['id']}", bert)).json["count"] == 0
    assert fault(await attempt(api, cara, said))[2] == "does_not_exist"
    assert len(await listed(api, None, f"status={said['id']}")) == 1


async def test_s073_s076_64_comments_at_once_are_counted_exactly(api: Api) -> None:
    """64 at once on one contribution and beneath one comment, with deletes and restores."""
    admin = await api.person("anna", role="admin")
    people = [await api.person(f"p{number}") for number in range(4)]
    news = await category(api, admin, "News")
    said = await contribute(api, people[0], "Bread", categories=[news["id"]])
    top = await comment(api, people[1], said, "top")
    replies = await asyncio.gather(
        *(
            attempt(api, people[n % 4], said, f"c{n}", **({"parent": top["id"]} if n % 2 else {}))
            for n in range(64)
        )
    )
    assert {reply.status for reply in replies} == {201}
    made = [reply.json["id"] for reply in replies]

    async def counts() -> tuple[int, int]:
        root = (await see(api, None, said)).json["comment_count"]
        return root, (await ask(api, "GET", f"/comment/{top['id']}/")).json["comment_count"]

    assert await counts() == (65, 32)
    for method, tail, expected in (("DELETE", "", (33, 16)), ("POST", "restore/", (65, 32))):
        await asyncio.gather(
            *(
                ask(api, method, f"/comment/{key}/{tail}", people[n % 4])
                for _ in range(2)
                for n, key in enumerate(made)
                if n % 4 < 2
            )
        )
        assert await counts() == expected


async def test_s076_64_retries_with_one_key_are_one_comment(api: Api) -> None:
    """A repeated Idempotency-Key gives what the first request made."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    body = {"status": said["id"], "text": "once"}
    key = {"Idempotency-Key": "k"}
    replies = await asyncio.gather(
        *(api.post("/api/v2/comment/", bert, json=body, headers=key) for _ in range(64))
    )
    assert {(reply.status, reply.json["id"]) for reply in replies} == {(201, replies[0].json["id"])}
    assert (await see(api, bert, said)).json["comment_count"] == 1


async def test_what_is_passed_on_has_the_comments_of_what_it_passes_on(api: Api) -> None:
    """One core: feeds show a boost as a share, and to answer it is to answer its original."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread", kind="post")
    boosted = await api.post(f"/api/v1/statuses/{said['id']}/reblog", cara)
    share = {"type": "status", "id": int(boosted.json["id"])}
    first = await comment(api, dora, share, "first")
    assert first["post"]["id"] == said["id"]
    nested = await comment(api, dora, share, "nested", parent=first["id"])
    for query in (f"status={share['id']}", f"post={said['id']}"):
        assert [each["id"] for each in await listed(api, cara, query)] == [first["id"]]
        below = await listed(api, cara, f"{query}&parent={first['id']}")
        assert [each["id"] for each in below] == [nested["id"]]
    await ask(api, "DELETE", f"/post/{said['id']}/", bert)
    assert fault(await attempt(api, dora, share))[1:] == ("status", "does_not_exist")
    assert (await ask(api, "GET", f"/comment/?status={share['id']}", cara)).status == 404
