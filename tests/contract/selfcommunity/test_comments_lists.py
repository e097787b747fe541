"""Lists of comments: which ones, in which order, for whom, and how much they cost."""

from typing import Any

import pytest

from stonechat.storage.database import Transaction
from tests.contract.api import Api, Person
from tests.contract.people import change, verb
from tests.contract.selfcommunity.community import ask, contribute, see
from tests.contract.uploads import picture

DEPTH = 10_000
ABSENT = 987654321


async def comment(
    api: Api, who: Person, said: dict[str, Any], text: str, **fields: Any
) -> dict[str, Any]:
    """A comment that is made."""
    body = {said["type"]: said["id"], "text": text, **fields}
    reply = await ask(api, "POST", "/comment/", who, **body)
    assert reply.status == 201, reply.body
    return reply.json


async def words(api: Api, who: Person | None, query: str) -> list[str]:
    """What the comments of a page say."""
    reply = await ask(api, "GET", f"/comment/?{query}", who)
    assert reply.status == 200, reply.body
    return [each["summary"] for each in reply.json["results"]]


async def test_lists_are_ordered_by_time_and_by_connection(api: Api) -> None:
    """2.2: `added_at`, `connection`, each with `-`, and lists of both; the first weighs most."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    await verb(api, bert, "follow", cara)
    said = await contribute(api, bert, "Bread")
    for who, text in ((dora, "1"), (cara, "2"), (dora, "3"), (cara, "4")):
        await comment(api, who, said, text)
    orders = {
        "": "1234",
        "added_at": "1234",
        "-added_at": "4321",
        "-connection": "2413",
        "connection": "1324",
        "-connection,-added_at": "4231",
        "connection,-added_at": "3142",
        "-added_at,-connection": "4321",
    }
    for ordering, expected in orders.items():
        query = f"status={said['id']}&ordering={ordering}"
        assert "".join(await words(api, bert, query)) == expected, ordering
        paged = [await words(api, bert, f"{query}&limit=1&offset={n}") for n in range(4)]
        assert "".join(text for page in paged for text in page) == expected, ordering
    assert await words(api, None, f"status={said['id']}&ordering=-connection") == [*"1234"]
    top = await comment(api, bert, said, "top")
    for who in (dora, cara):
        await comment(api, who, said, who.name, parent=top["id"])
    below = f"status={said['id']}&parent={top['id']}&ordering=-connection"
    assert await words(api, bert, below) == ["cara", "dora"]


async def test_the_comments_of_somebody(api: Api) -> None:
    """2.2: by `user`, at any level; none on what the viewer may not see."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    await verb(api, cara, "follow", bert)
    said = await contribute(api, bert, "Bread", kind="discussion", title="On bread")
    close = await api.say(bert, "Among us", visibility="private")
    top = await comment(api, bert, said, "bert")
    await comment(api, cara, said, "nested", parent=top["id"])
    await api.say(cara, "open answer", in_reply_to_id=close["id"])
    mine = await comment(api, cara, said, "first-level")
    await comment(api, dora, said, "dora", parent=mine["id"])
    query = f"user={cara.id}"
    reply = await ask(api, "GET", f"/comment/?{query}&ordering=-added_at", dora)
    shown = [(each["summary"], each["discussion"]["slug"]) for each in reply.json["results"]]
    assert shown == [("first-level", "on-bread"), ("nested", "on-bread")]
    assert (reply.json["count"], reply.json["next"]) == (2, None)
    [brief] = reply.json["results"][0]["latest_comments"]
    assert (brief["summary"], brief["discussion"]) == ("dora", said["id"])
    assert await words(api, cara, query) == ["nested", "open answer", "first-level"]
    page = (await ask(api, "GET", f"/comment/?{query}&limit=1", dora)).json
    assert (page["count"], len(page["results"])) == (2, 1)
    assert (await ask(api, "GET", f"/comment/?user={ABSENT}", dora)).status == 404


async def test_the_latest_comments_are_those_that_the_viewer_may_see(api: Api) -> None:
    """3.3: the last three beneath a first-level comment, oldest first, without what is hidden."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    top, other = await comment(api, bert, said, "top"), await comment(api, bert, said, "other")
    for number in range(3):
        await comment(api, bert, said, f"open {number}", parent=top["id"])
    await change(api, cara, source={"privacy": "private"})
    for number in range(2):
        await comment(api, cara, said, f"close {number}", parent=top["id"])
    await comment(api, dora, said, "last", parent=top["id"])
    await comment(api, dora, said, "elsewhere", parent=other["id"])

    async def latest(who: Person | None) -> list[list[str]]:
        reply = await ask(api, "GET", f"/comment/?status={said['id']}", who)
        return [
            [below["summary"] for below in each["latest_comments"]]
            for each in reply.json["results"]
        ]

    assert await latest(dora) == [["open 1", "open 2", "last"], ["elsewhere"]]
    assert await latest(None) == [["open 1", "open 2", "last"], ["elsewhere"]]
    assert await latest(bert) == [["close 0", "close 1", "last"], ["elsewhere"]]
    seen = (await ask(api, "GET", f"/comment/{top['id']}/", bert)).json
    assert (seen["comment_count"], len(seen["latest_comments"])) == (4, 3)


async def test_votes_and_what_moderators_hid(api: Api) -> None:
    """3.3, 4.6, 4.9: votes in whole and brief; hidden is for its author and for staff to read."""
    bert, cara = await api.person("bert"), await api.person("cara")
    staff = await api.person("staff", role="moderator")
    said = await contribute(api, bert, "Bread")
    top = await comment(api, bert, said, "top secret")
    nested = await comment(api, bert, said, "nested secret", parent=top["id"])
    for key, reaction in ((top["id"], 1), (nested["id"], 3)):
        reply = await ask(api, "POST", f"/comment/{key}/vote/?reaction={reaction}", cara)
        assert reply.status == 204
    [seen] = (await ask(api, "GET", f"/comment/?status={said['id']}", cara)).json["results"]
    [brief] = seen["latest_comments"]
    for each, reaction in ((seen, 1), (brief, 3)):
        assert (each["vote_count"], each["voted"], each["reaction"]["id"]) == (1, True, reaction)
        assert [pair["count"] for pair in each["reactions_count"]] == [1]
    [seen] = (await ask(api, "GET", f"/comment/?status={said['id']}", bert)).json["results"]
    assert (seen["vote_count"], seen["voted"], seen["reaction"]) == (1, False, None)
    path = f"/moderation/contribution/{top['id']}/"
    body = {"action": "hide", "contribution_type": "comment", "moderation_type": 0}
    reply = await ask(api, "PATCH", path, staff, **body)
    assert reply.status == 204, reply.body
    for who, summary in ((bert, "top secret"), (staff, "top secret"), (cara, ""), (None, "")):
        reply = await ask(api, "GET", f"/comment/{top['id']}/", who)
        assert (reply.json["collapsed"], reply.json["summary"]) == (True, summary)
        assert (b"top secret" in reply.body) is bool(summary)


async def test_a_picture_of_an_answer_ends_its_words(api: Api) -> None:
    """One core: an answer that only shows something is no empty comment; an edit keeps it."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    media_id = await picture(api, cara, description='a "loaf"')
    answer = await api.say(cara, "Look", in_reply_to_id=str(said["id"]), media_ids=[media_id])
    found = (await ask(api, "GET", f"/comment/{answer['id']}/", bert)).json
    assert f"/media/{cara.id}/{media_id}/" in found["html"]
    assert 'alt="a &quot;loaf&quot;"' in found["html"]
    edited = await ask(
        api, "PUT", f"/comment/{answer['id']}/", cara, text="<p>Look <b>here</b></p>"
    )
    assert f"/media/{cara.id}/{media_id}/" in edited.json["html"]
    there = (await api.get(f"/api/v1/statuses/{answer['id']}")).json
    assert [each["id"] for each in there["media_attachments"]] == [media_id]


CHAIN = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)"
    " INSERT INTO statuses (id, account_id, in_reply_to_id, in_reply_to_account_id, thread_id,"
    " visibility, text, content, top_id) SELECT s.id + n.i, s.account_id, s.id + n.i - 1,"
    " s.account_id, s.thread_id, s.visibility, s.text, s.content, s.id FROM n"
    " JOIN statuses s ON s.id = $1"
)


async def test_s076_comments_ten_thousand_deep(api: Api) -> None:
    """S076: any depth is kept and shown as two levels; no page, count or verb walks all of it."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    top = await comment(api, cara, said, "top")

    async def dig(tx: Transaction) -> None:
        await tx.run(CHAIN, top["id"], DEPTH)

    await api.env.db.write(dig)
    deepest = top["id"] + DEPTH
    api.clock.move(minutes=1)
    last = await comment(api, bert, said, "last", parent=top["id"], in_reply_to=deepest)
    assert (last["parent"], last["in_reply_to"]) == (top["id"], deepest)
    below = f"status={said['id']}&parent={top['id']}"
    for ordering, texts in (("-added_at", "last"), ("-connection,-added_at", "last")):
        reply = await ask(api, "GET", f"/comment/?{below}&limit=100&ordering={ordering}", cara)
        assert len(reply.json["results"]) == 100
        assert reply.json["results"][0]["summary"] == texts
        assert (reply.json["count"], len(reply.body) < 500_000) == (1000, True)
    reply = await ask(api, "GET", f"/comment/?{below}&offset=9990&limit=100", cara)
    assert (len(reply.json["results"]), reply.json["count"]) == (11, DEPTH + 1)
    found = (await ask(api, "GET", f"/comment/{top['id']}/", cara)).json
    assert [each["id"] for each in found["latest_comments"]] == [
        deepest - 1,
        deepest,
        last["id"],
    ]
    elsewhere = await api.say(cara, "from elsewhere", in_reply_to_id=str(last["id"]))
    assert elsewhere["in_reply_to_id"] == str(last["id"])
    assert (await ask(api, "DELETE", f"/comment/{last['id']}/", bert)).status == 204
    assert (await ask(api, "POST", f"/comment/{last['id']}/restore/", bert)).status == 204
    context = await api.get(f"/api/v1/statuses/{said['id']}/context", cara)
    assert len(context.json["descendants"]) <= 4096
    assert (await see(api, None, said)).json["comment_count"] == 3


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "status"),
        ("status={id}&user={id}", 400, "user"),
        ("status={id}&post={id}", 400, "post"),
        ("user={id}&parent={id}", 400, "parent"),
        ("status={id}&ordering=votes", 400, "ordering"),
        ("status={id}&ordering=added_at%20DESC;", 400, "ordering"),
        (f"status={{id}}&ordering={'-connection,' * 9}", 400, "ordering"),
        ("status={id}&ordering[]=added_at", 400, "ordering"),
        ("status={id}&offset=-1", 400, "offset"),
        ("status={id}&offset=10001", 400, "offset"),
        ("status={id}&limit=NaN", 200, ""),
        ("status={id}&limit=1000000000", 200, ""),
        ("status[]={id}", 400, "status"),
        ("status=1e3", 404, ""),
        ("status=9007199254740993", 404, ""),
        ("post={id}", 404, ""),
        ("status={id}&parent={id}", 404, ""),
        ("status={id}&parent=-1", 404, ""),
        ("status={id}&parent=0", 404, ""),
    ],
)
async def test_s081_s088_what_may_not_be_asked(
    api: Api, query: str, status: int, field: str
) -> None:
    """2.2: exactly one of four names; ids, orders and pages that are none."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    await comment(api, bert, said, "x")
    reply = await ask(api, "GET", f"/comment/?{query.format(id=said['id'])}", bert)
    assert reply.status == status, reply.body
    if status == 400:
        assert reply.json["errors"][0]["field"] == field


@pytest.mark.parametrize("length", [1, 20])
async def test_a_page_costs_the_same_however_much_is_on_it(api: Api, length: int) -> None:
    """The token, the contribution, the page, its latest, who sees what, votes, and the count."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    top: dict[str, Any] = {}
    for number in range(length):
        top = await comment(api, bert, said, f"top {number}")
        await comment(api, bert, said, f"nested {number}", parent=top["id"])
    path = f"/comment/?status={said['id']}&limit={length}"
    await ask(api, "GET", path, bert)
    api.recorder.forget()
    await ask(api, "GET", path, bert)
    assert api.recorder.count <= 6
    api.recorder.forget()
    await ask(api, "GET", f"/comment/{top['id']}/", bert)
    assert api.recorder.count <= 5
