"""Polls of posts and discussions: asked, shown, voted in by taps, and over at their end."""

import asyncio
from typing import Any

import pytest

from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.community import ask, contribute, label, see

END = "2031-05-05T12:00:00.000000+00:00"


def question(*choices: str, **fields: Any) -> dict[str, Any]:
    """A poll as the vendor's interface sends it."""
    named = [{"choice": each} for each in choices or ("Rye", "Wheat")]
    return {"title": "Which bread?", "multiple_choices": False, "choices": named, **fields}


async def tap(api: Api, who: Person | None, said: dict[str, Any], choice: object) -> Reply:
    """One tap on a choice."""
    return await ask(api, "POST", f"/{said['type']}/{said['id']}/poll/vote/", who, choice=choice)


async def seen(api: Api, who: Person | None, said: dict[str, Any]) -> tuple[list[int], list[bool]]:
    """The numbers of a poll, and what one voted for."""
    poll = (await see(api, who, said)).json["poll"]
    choices = poll["choices"]
    return [each["vote_count"] for each in choices], [each["voted"] for each in choices]


async def votes(api: Api, who: Person | None, said: dict[str, Any], query: str = "") -> Any:
    """Who voted for what, as it is told."""
    path = f"/{said['type']}/{said['id']}/poll/vote/{query}"
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    return [(each["user"]["username"], each["choice"]) for each in reply.json["results"]]


async def test_a_poll_is_asked_and_shown(api: Api) -> None:
    """3.8: the vendor's Poll, with its choices in their order; null where there is none."""
    bert, cara = await api.person("bert"), await api.person("cara")
    poll = question("Rye", "Wheat", "Oats", expiration_at=END)
    said = await contribute(api, bert, "", kind="discussion", title="Bread", poll=poll)
    shown = (await see(api, cara, said)).json["poll"]
    assert list(shown) == [
        *("id", "title", "multiple_choices", "added_at", "modified_at", "closed"),
        *("expiration_at", "hidden", "choices"),
    ]
    assert (shown["id"], shown["title"], shown["multiple_choices"]) == (
        said["id"],
        "Which bread?",
        False,
    )
    assert (shown["closed"], shown["hidden"], shown["expiration_at"]) == (False, False, END)
    assert [(each["id"], each["choice"], each["order"]) for each in shown["choices"]] == [
        (1, "Rye", 1),
        (2, "Wheat", 2),
        (3, "Oats", 3),
    ]
    assert list(shown["choices"][0].items()) == [
        *(("id", 1), ("choice", "Rye"), ("order", 1), ("added_at", said["added_at"])),
        *(("deleted", False), ("vote_count", 0), ("voted", False)),
    ]
    assert (await contribute(api, bert, "No question", kind="post"))["poll"] is None
    # 2.1: a status never has a poll.
    assert "poll" not in await contribute(api, bert, "Status", poll=question())


@pytest.mark.parametrize(
    ("poll", "path"),
    [
        (question(title=None), ("poll", "title", "null")),
        (question(title="  "), ("poll", "title", "blank")),
        (question(title="x" * 161), ("poll", "title", "max_length")),
        ({"title": "Which?"}, ("poll", "choices", "required")),
        (question("Rye"), ("poll", "choices", "min_length")),
        (question("Rye", "Rye"), ("poll", "choices", "unique")),
        (question(*(str(number) for number in range(21))), ("poll", "choices", "max_length")),
        (question("Rye", " "), ("poll", "choices", "choice", "blank")),
        (question("Rye", "x" * 256), ("poll", "choices", "1", "choice", "max_length")),
        (question(expiration_at="2020-01-01T00:00:00Z"), ("poll", "expiration_at", "invalid")),
        (question(expiration_at="soon"), ("poll", "expiration_at", "invalid")),
        (question(expiration_at=5), ("poll", "expiration_at", "invalid")),
        (question(choices=["Rye", "Wheat"]), ("poll", "choices", "invalid")),
        ([1], ("poll", "invalid")),
    ],
)
async def test_s086_a_poll_that_is_none(sqlite_api: Api, poll: Any, path: tuple[str, ...]) -> None:
    """1.2: the fault is named where it is, one level in the other."""
    api = sqlite_api
    bert = await api.person("bert")
    body = {"text": "", "categories": [], "poll": poll}
    reply = await ask(api, "POST", "/post/", bert, **body)
    assert reply.status == 400, reply.body
    found = reply.json["errors"][0]
    for name in path[:-1]:
        assert found["field"] == name
        found = found["messages"][0]
    assert found["code"] == path[-1]


async def test_taps_give_move_and_take_back_a_vote(api: Api) -> None:
    """2.10: another choice moves the vote, the same one withdraws it; several where allowed."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    single = await contribute(api, bert, "One", kind="post", poll=question("a", "b", "c"))
    assert (await tap(api, cara, single, 1)).body == b""
    assert await seen(api, cara, single) == ([1, 0, 0], [True, False, False])
    assert (await tap(api, cara, single, "3")).status == 204
    assert (await tap(api, dora, single, 3)).status == 204
    assert await seen(api, cara, single) == ([0, 0, 2], [False, False, True])
    assert await seen(api, None, single) == ([0, 0, 2], [False, False, False])
    assert (await tap(api, cara, single, 3)).status == 204
    assert await seen(api, cara, single) == ([0, 0, 1], [False, False, False])
    poll = question("a", "b", "c", multiple_choices=True)
    several = await contribute(api, bert, "Some", kind="discussion", title="Some", poll=poll)
    for choice in (1, 3, 2, 1):
        assert (await tap(api, dora, several, choice)).status == 204
    assert await seen(api, dora, several) == ([0, 1, 1], [False, True, True])
    # 7: what other dialects count is the same document: one voter, two votes.
    there = (await api.get(f"/api/v1/polls/{several['id']}", dora)).json
    assert (there["voters_count"], there["votes_count"], there["own_votes"]) == (1, 2, [1, 2])
    assert (there["expires_at"], there["expired"]) == (None, False)


async def test_votes_are_listed_and_chosen_by_choice(api: Api) -> None:
    """Row 27: who voted for what, the newest first; 404 where there is no poll."""
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "One", kind="post", poll=question())
    await tap(api, cara, said, 1)
    await tap(api, dora, said, 2)
    assert await votes(api, None, said) == [("dora", 2), ("cara", 1)]
    assert await votes(api, cara, said, "?choice=1") == [("cara", 1)]
    assert await votes(api, cara, said, "?choice=9") == []
    page = (await ask(api, "GET", f"/post/{said['id']}/poll/vote/?limit=1", cara)).json
    assert (page["count"], "?limit=1&offset=1" in page["next"]) == (2, True)
    bare = await contribute(api, bert, "No question", kind="post")
    for path in (f"/post/{bare['id']}", f"/discussion/{said['id']}", "/post/99"):
        for method in ("GET", "POST"):
            reply = await ask(api, method, f"{path}/poll/vote/", cara, choice=1)
            assert reply.status == 404, (method, path)


async def test_who_votes_elsewhere_is_not_listed(api: Api) -> None:
    """S081: Mastodon tells nobody how one voted, so no other dialect does."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "One", kind="post", poll=question())
    voted = await api.post(f"/api/v1/polls/{said['id']}/votes", cara, json={"choices": [1]})
    assert voted.status == 200, voted.body
    assert await seen(api, cara, said) == ([0, 1], [False, True])
    assert await votes(api, bert, said) == []
    assert (await tap(api, cara, said, 1)).status == 204
    assert await votes(api, bert, said) == [("cara", 1)]
    # An edit elsewhere that asks something else takes title, votes and voters with it.
    fields = {"status": "Two", "poll": {"options": ["x", "y"], "expires_in": 600}}
    path = f"/api/v1/statuses/{said['id']}"
    assert (await api.call("PUT", path, bert, json=fields)).status == 200
    shown = (await see(api, cara, said)).json["poll"]
    assert (shown["title"], [each["choice"] for each in shown["choices"]]) == ("", ["x", "y"])
    assert (await tap(api, cara, said, 2)).status == 204
    assert await votes(api, bert, said) == []


async def test_a_poll_of_mastodon_within_a_status(api: Api) -> None:
    """One core: it is shown, its numbers as secret as there, and no community edit takes it."""
    bert, cara = await api.person("bert"), await api.person("cara")
    poll = {"options": ["tea", "coffee"], "expires_in": 600, "hide_totals": True}
    made = await api.say(bert, "Which?", poll=poll)
    await api.post(f"/api/v1/polls/{made['id']}/votes", cara, json={"choices": [1]})
    said = {"type": "status", "id": int(made["id"])}
    shown = (await see(api, cara, said)).json["poll"]
    assert (shown["hidden"], shown["title"]) == (True, "")
    assert await seen(api, cara, said) == ([0, 0], [False, True])
    body = {"text": "Which then?", "categories": []}
    reply = await ask(api, "PUT", f"/status/{made['id']}/", bert, **body)
    assert (reply.status, reply.json["poll"]["choices"][1]["choice"]) == (200, "coffee")
    api.clock.move(minutes=11)
    assert await seen(api, bert, said) == ([0, 1], [False, False])
    assert (await see(api, bert, said)).json["poll"]["closed"] is True
    assert (await ask(api, "GET", f"/status/{made['id']}/poll/vote/", bert)).status == 404


async def test_s073_taps_that_are_refused(api: Api) -> None:
    """2.10: over, one's own, no choice, for others only: without a trace."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    some = await label(api, admin, "bakers", bert)
    poll = question(expiration_at="2031-01-01")
    said = await contribute(api, bert, "One", kind="post", poll=question())
    closed = await contribute(api, bert, "For", kind="post", poll=poll, addressing=[some])
    assert (await tap(api, cara, closed, 1)).status == 404
    assert (await tap(api, None, said, 1)).status == 401
    for choice, code in ((0, "does_not_exist"), (3, "does_not_exist"), (None, "required")):
        reply = await tap(api, cara, said, choice)
        fault = reply.json["errors"][0]
        assert (reply.status, fault["field"]) == (400, "choice")
        assert fault["messages"][0]["code"] == code
    own = await tap(api, bert, said, 1)
    assert (own.status, own.json["errors"][0]["code"]) == (400, "invalid")
    assert await seen(api, bert, said) == ([0, 0], [False, False])
    await label(api, admin, "more", cara)
    ending = await contribute(api, bert, "Ends", kind="post", poll=poll)
    assert (await tap(api, cara, ending, 1)).status == 204
    api.clock.move(days=365 * 30)
    token = await api.token("cara")
    late = await api.call(
        "POST", f"/api/v2/post/{ending['id']}/poll/vote/", token, json={"choice": 1}
    )
    assert (late.status, late.json["errors"][0]["code"]) == (400, "invalid")
    await run_jobs(api)
    assert (await see(api, None, ending)).json["poll"]["closed"] is True
    assert await votes(api, None, ending) == [("cara", 1)]


async def test_s073_many_taps_at_once_are_counted_exactly(api: Api) -> None:
    """S073: 64 taps at once of eight people on three choices."""
    bert = await api.person("bert")
    people = [await api.person(f"voter{number}") for number in range(8)]
    poll = question("a", "b", "c")
    said = await contribute(api, bert, "One", kind="post", poll=poll)
    taps = [tap(api, people[number % 8], said, 1 + number % 3) for number in range(64)]
    replies = await asyncio.gather(*taps)
    assert {reply.status for reply in replies} == {204}
    numbers, _ = await seen(api, bert, said)
    listed = await votes(api, bert, said, "?limit=50")
    assert numbers == [sum(choice == each for _, choice in listed) for each in (1, 2, 3)]
    assert len({name for name, _ in listed}) == len(listed)
    there = (await api.get(f"/api/v1/polls/{said['id']}", bert)).json
    assert there["voters_count"] == len(listed)


async def test_an_edit_leaves_what_was_voted_on(api: Api) -> None:
    """2.10: a poll with votes cannot be edited; the body that repeats it may be sent."""
    bert, cara = await api.person("bert"), await api.person("cara")
    poll = question(expiration_at=END)
    said = await contribute(api, bert, "One", kind="post", poll=poll)
    path, body = f"/post/{said['id']}/", {"text": "Two", "categories": []}

    async def put(**fields: Any) -> Reply:
        return await ask(api, "PUT", path, bert, **body, **fields)

    asked = question("x", "y", "z")
    assert len((await put(poll=asked)).json["poll"]["choices"]) == 3
    assert (await put(poll=poll)).json["poll"]["expiration_at"] == END
    await tap(api, cara, said, 2)
    shown = (await see(api, bert, said)).json["poll"]
    assert (await put(poll=shown)).status == 200
    for other in (asked, poll | {"title": "Why?"}, poll | {"expiration_at": None}, None):
        reply = await put(poll=other)
        assert (reply.status, reply.json["errors"][0]["code"]) == (400, "invalid"), other
        assert "field" not in reply.json["errors"][0]
    assert await seen(api, cara, said) == ([0, 1], [False, True])
    await tap(api, cara, said, 2)
    assert (await put()).json["poll"] is None
    assert (await api.get(f"/api/v1/polls/{said['id']}", cara)).status == 404


async def test_a_poll_of_a_community_on_pages_and_in_feeds(api: Api) -> None:
    """One core: elsewhere the question stands behind the words, and no end is told of."""
    bert, cara = await api.person("bert"), await api.person("cara")
    poll = question(title="Rye & <wheat>?")
    said = await contribute(api, bert, "Bread", kind="post", poll=poll)
    await tap(api, cara, said, 2)
    there = (await api.get(f"/api/v1/statuses/{said['id']}", cara)).json
    assert there["content"] == "<p>Bread</p><p>Rye &amp; &lt;wheat&gt;?</p>"
    assert there["poll"]["expires_at"] is None
    page = (await api.get(f"/@bert/{said['id']}")).body.decode()
    assert "Rye &amp; &lt;wheat&gt;?" in page
    assert "1 person voted" in page
    assert "<li>ends" not in page
    feed = (await api.get("/@bert/feed.atom")).body.decode()
    assert "Wheat" in feed
    assert "Poll until" not in feed


async def test_polls_of_a_page_cost_one_statement(api: Api) -> None:
    """Own votes are asked for once, however many polls there are, and not without one."""
    bert, cara = await api.person("bert"), await api.person("cara")
    for kind, polls in (("post", 0), ("discussion", 3)):
        for number in range(4):
            poll = question() if number < polls else None
            await contribute(api, bert, "x", kind=kind, title="x", poll=poll)
    costs: list[int] = []
    for kind in ("post", "discussion"):
        for who in (cara, None):
            await ask(api, "GET", f"/{kind}/", who)
            api.recorder.forget()
            page = (await ask(api, "GET", f"/{kind}/", who)).json["results"]
            assert len(page) == 4
            costs.append(api.recorder.count)
    bare, bare_stranger, asked, asked_stranger = costs
    assert (asked, asked_stranger) == (bare + 1, bare_stranger)
