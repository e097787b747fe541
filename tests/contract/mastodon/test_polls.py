"""Polls: asking, seeing, voting, and who may not. How they end is in test_polls_end.py."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from stonechat.dialects.mastodon.entities.times import instant
from tests.contract.api import Api
from tests.contract.ballots import REFUSED, ask, counts_of, poll_of, vote
from tests.contract.people import boost, notices, raw_verb, verb

# Asking -------------------------------------------------------------------------------------

AS_FORM = urlencode(
    [
        ("status", "what shall it be?"),
        ("poll[options][]", " tea "),
        ("poll[options][]", "coffee"),
        ("poll[options][]", ""),
        ("poll[expires_in]", "600"),
        ("poll[multiple]", "true"),
        ("poll[hide_totals]", "false"),
    ]
).encode()
AS_PARTS = b"".join(
    b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
    for pair in (
        (b"status", b"what shall it be?"),
        (b"poll[options][]", b"tea"),
        (b"poll[options][]", b"coffee"),
        (b"poll[expires_in]", b"600"),
        (b"poll[multiple]", b"1"),
    )
)
AS_JSON = (
    b'{"status": "what shall it be?", "poll": {"options": ["tea", "coffee"],'
    b' "expires_in": "600", "multiple": true, "hide_totals": null}}'
)
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, AS_FORM),
        ("multipart/form-data; boundary=cut", AS_PARTS + b"--cut--\r\n"),
        ("application/json", AS_JSON),
    ],
)
async def test_po1_a_poll_as_apps_ask_it(api: Api, kind: str, body: bytes) -> None:
    """[PO1] [PO12] [GEN21] The author reads it as one who has voted, for nothing."""
    anna = await api.person("anna")
    api.clock.move(seconds=1)
    said = await api.post("/api/v1/statuses", anna, body=body, headers={"Content-Type": kind})
    assert said.status == 200, said.body
    seen = said.json["poll"]
    assert seen.pop("expires_at") == instant(api.clock.now_ms() + 600_000)
    assert seen == {
        "id": said.json["id"],
        "expired": False,
        "multiple": True,
        "votes_count": 0,
        "voters_count": 0,
        "options": [{"title": "tea", "votes_count": 0}, {"title": "coffee", "votes_count": 0}],
        "emojis": [],
        "voted": True,
        "own_votes": [],
    }


@pytest.mark.parametrize(
    ("poll", "faults"),
    [
        ({"options": ["tea"], "expires_in": 600}, "Choices must have more than one item"),
        ({"options": ["tea", " "], "expires_in": 600}, "Choices must have more than one item"),
        ({"expires_in": 600}, "Choices must have more than one item"),
        (
            {"options": list("abcde"), "expires_in": 600},
            "Choices can't contain more than 4 items",
        ),
        (
            {"options": ["tea", "x" * 51], "expires_in": 600},
            "Choices cannot be longer than 50 characters each",
        ),
        (
            {"options": ["tea", "x" * 50_000], "expires_in": 600},
            "Choices cannot be longer than 50 characters each",
        ),
        (
            {"options": ["tea", "te\u200ba\n"], "expires_in": 600},
            "Choices contain duplicate items",
        ),
        ({"options": ["tea", "coffee"], "expires_in": 299}, "Deadline is too soon"),
        (
            {"options": ["tea", "coffee"], "expires_in": 2_629_747},
            "Deadline is too far into the future",
        ),
        ({"options": ["tea", "coffee"]}, "Deadline can't be blank"),
        (
            {"options": ["tea"], "expires_in": ""},
            "Choices must have more than one item, Deadline can't be blank",
        ),
    ],
)
async def test_po2_po3_what_may_not_be_asked(
    sqlite_api: Api, poll: dict[str, Any], faults: str
) -> None:
    """[PO2] [PO3] Nothing is said, and the texts are Mastodon's."""
    anna = await sqlite_api.person("anna")
    asked = await sqlite_api.post("/api/v1/statuses", anna, json={"status": "?", "poll": poll})
    assert (asked.status, asked.json) == (422, {"error": REFUSED + faults})
    assert (await sqlite_api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json == []


@pytest.mark.parametrize(
    "poll",
    [
        "tea or coffee",
        ["tea", "coffee"],
        {"options": "tea", "expires_in": 600},
        {"options": {"a": "tea", "b": "coffee"}, "expires_in": 600},
        {"options": [["tea"], ["coffee"]], "expires_in": 600},
        {"options": ["tea", True], "expires_in": 600},
        {"options": ["tea", "cof\0fee"], "expires_in": 600},
        {"options": ["tea", "coffee"], "expires_in": "soon"},
        {"options": ["tea", "coffee"], "expires_in": 1e300},
        {"options": ["tea", "coffee"], "expires_in": [600]},
        {"options": ["tea", "coffee"], "expires_in": 600, "multiple": ["yes"]},
        {"options": ["tea"] * 1001, "expires_in": 600},
    ],
)
async def test_polls_of_the_wrong_shape(sqlite_api: Api, poll: Any) -> None:
    anna = await sqlite_api.person("anna")
    asked = await sqlite_api.post("/api/v1/statuses", anna, json={"status": "?", "poll": poll})
    assert asked.status == 422, asked.body


@pytest.mark.parametrize("poll", [None, {}, "", {"options": None, "expires_in": None}])
async def test_a_poll_that_is_not_there(sqlite_api: Api, poll: Any) -> None:
    anna = await sqlite_api.person("anna")
    said = await sqlite_api.say(anna, "no question", poll=poll)
    assert said["poll"] is None


async def test_po4_a_poll_is_a_question_without_pictures(api: Api) -> None:
    """[PO4] Also when the one media id leads nowhere: which of it is wrong is plain."""
    anna = await api.person("anna")
    poll = {"options": ["tea", "coffee"], "expires_in": 600}
    blank = await api.post("/api/v1/statuses", anna, json={"status": " ", "poll": poll})
    assert (blank.status, blank.json) == (422, {"error": REFUSED + "Text can't be blank"})
    both = {"status": "look", "poll": poll, "media_ids": ["1"]}
    assert (await api.post("/api/v1/statuses", anna, json=both)).status == 422
    assert (await api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json == []


async def test_po14_polls_wherever_a_status_can_be(api: Api) -> None:
    """[PO14] On answers, unlisted, private and direct ones; direct ones for those in them."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    await verb(api, bert, "follow", anna)
    root = await api.say(bert, "hungry")
    for how, may_vote in (
        ({"in_reply_to_id": root["id"]}, {bert, cleo}),
        ({"visibility": "unlisted"}, {bert, cleo}),
        ({"visibility": "private"}, {bert}),
        ({"visibility": "direct", "text": "@bert which?"}, {bert}),
    ):
        asked = await ask(api, anna, **how)
        for who in (bert, cleo):
            expected = 200 if who in may_vote else 404
            assert (await vote(api, who, asked, 0)).status == expected, how
        assert counts_of(await poll_of(api, anna, asked))[2] == len(may_vote)


# Seeing -------------------------------------------------------------------------------------


async def test_po5_who_may_see_a_poll(api: Api) -> None:
    """[PO5]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    seen = await poll_of(api, bert, asked)
    assert (seen["voted"], seen["own_votes"]) == (False, [])
    anonymous = await poll_of(api, None, asked)
    assert anonymous.keys() == seen.keys() - {"voted", "own_votes"}
    writer = await api.token("bert", "write")
    assert (await api.get(f"/api/v1/polls/{asked['id']}", writer)).status == 403
    hidden = await ask(api, anna, visibility="private")
    plain = await api.say(anna, "no question")
    absent = await api.get("/api/v1/polls/99", bert)
    assert (absent.status, absent.json) == (404, {"error": "Record not found"})
    for each in (hidden["id"], plain["id"], "-1", "x", "9" * 30, "%00"):
        found = await api.get(f"/api/v1/polls/{each}", bert)
        assert (found.status, found.body) == (404, absent.body), each


async def test_po5_the_id_of_a_boost_means_what_it_boosts(api: Api) -> None:
    """[PO5] As with the marks; the boost shows the poll inside of it, and none of its own."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    boost_id = await boost(api, bert, asked["id"])
    voted = await api.post(f"/api/v1/polls/{boost_id}/votes", bert, json={"choices": [1]})
    assert (voted.json["id"], voted.json["own_votes"]) == (asked["id"], [1])
    assert (await api.get(f"/api/v1/polls/{boost_id}", bert)).json == voted.json
    shown = (await api.get(f"/api/v1/statuses/{boost_id}", bert)).json
    assert (shown["poll"], shown["reblog"]["poll"]) == (None, voted.json)


async def test_po11_totals_that_are_hidden_until_the_end(api: Api) -> None:
    """[PO11] From the author as from everybody; how many voted at all is told."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna, hide_totals=True)
    voted = await vote(api, bert, asked, 0)
    assert counts_of(voted.json) == ([None, None], 1, 1)
    for who in (anna, bert, None):
        assert counts_of(await poll_of(api, who, asked)) == ([None, None], 1, 1)
    api.clock.move(days=1)
    for who in (anna, bert, None):
        assert counts_of(await poll_of(api, who, asked)) == ([1, 0], 1, 1)


async def test_fi9_filters_look_at_the_options(api: Api) -> None:
    """[FI9]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    fields = {"title": "No", "context": ["home"], "keywords_attributes": [{"keyword": "Coffee"}]}
    assert (await api.post("/api/v2/filters", bert, json=fields)).status == 200
    asked = await ask(api, anna)
    shown = (await api.get(f"/api/v1/statuses/{asked['id']}", bert)).json
    assert [each["keyword_matches"] for each in shown["filtered"]] == [["Coffee"]]


async def test_polls_of_a_page_cost_one_statement(api: Api) -> None:
    """What the viewer chose is asked for once, however many polls there are."""
    anna, bert = await api.person("anna"), await api.person("bert")
    plain = await api.say(anna, "no question")
    asked = [await ask(api, anna) for _ in range(7)]
    await vote(api, bert, asked[3], 1)
    path = f"/api/v1/accounts/{anna.id}/statuses"
    for who, more in ((bert, 1), (None, 0)):
        costs: list[int] = []
        for ids in ([plain], [plain, *asked]):
            named = "&".join(f"id[]={each['id']}" for each in ids)
            path = f"/api/v1/statuses?{named}"
            await api.get(path, who)
            api.recorder.forget()
            page = await api.get(path, who)
            assert len(page.json) == len(ids)
            costs.append(api.recorder.count)
        assert costs[1] == costs[0] + more
    own = [each["poll"]["own_votes"] for each in (await api.get(path, bert)).json[1:]]
    assert sorted(own) == [[], [], [], [], [], [], [1]]


# Voting -------------------------------------------------------------------------------------


async def test_po6_po10_votes_are_counted(api: Api) -> None:
    """[PO6] [PO10] voters_count counts people, votes_count counts choices."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna, "tea", "coffee", "milk", multiple=True)
    voted = await vote(api, bert, asked, 2, 0)
    assert voted.status == 200
    assert (voted.json["voted"], voted.json["own_votes"]) == (True, [0, 2])
    assert counts_of(voted.json) == ([1, 0, 1], 2, 1)
    assert await poll_of(api, bert, asked) == voted.json
    assert counts_of((await vote(api, cleo, asked, 0)).json) == ([2, 0, 1], 3, 2)
    seen = await poll_of(api, anna, asked)
    assert (seen["voted"], seen["own_votes"], counts_of(seen)) == (True, [], ([2, 0, 1], 3, 2))
    assert (await poll_of(api, cleo, asked))["own_votes"] == [0]
    assert await notices(api, anna) == []


async def test_po6_a_vote_for_nothing(api: Api) -> None:
    """[PO6] [GEN9] [GEN4] [GEN2]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    path = f"/api/v1/polls/{asked['id']}/votes"
    missing = {"error": "param is missing or the value is empty or invalid: choices"}
    for nothing in ({}, {"choices": []}, {"choices": None}, {"choices": ""}):
        reply = await api.post(path, bert, json=nothing)
        assert (reply.status, reply.json) == (400, missing)
    assert (await vote(api, None, asked, 0)).status == 401
    for scopes in ("read", "write:favourites"):
        assert (await vote(api, await api.token("bert", scopes), asked, 0)).status == 403
    assert (await vote(api, await api.token("bert", "write:statuses"), asked, 0)).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"form": {"choices[]": "1"}},
        {"form": {"choices": "1"}},
        {"form": {"choices[0]": "1"}},
        {"json": {"choices": ["1"]}},
        {"json": {"choices": [1]}},
        {"json": {"choices": 1}},
    ],
)
async def test_po9_choices_in_every_spelling(sqlite_api: Api, sent: dict[str, Any]) -> None:
    """[PO9]"""
    api = sqlite_api
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    voted = await api.post(f"/api/v1/polls/{asked['id']}/votes", bert, **sent)
    assert (voted.status, voted.json["own_votes"]) == (200, [1])


async def test_po7_po8_votes_that_are_refused(api: Api) -> None:
    """[PO7] [PO8] With Mastodon's texts, and without a trace."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked, several = await ask(api, anna), await ask(api, anna, multiple=True)
    absent = REFUSED + "The chosen vote option does not exist"
    twice = REFUSED + "You have already voted on this poll"
    own = REFUSED + "You cannot vote in your own polls"
    ended = REFUSED + "The poll has already ended"
    for who, poll, choices, error in (
        (bert, asked, [2], absent),
        (bert, asked, [-1], absent),
        (bert, asked, ["tea"], absent),
        (bert, asked, [0.5], absent),
        (bert, asked, [True], absent),
        (bert, several, [0, 2], absent),
        (bert, asked, [0, 1], twice),
        (bert, several, [1, 1], twice),
        (anna, asked, [0], own),
    ):
        refused = await vote(api, who, poll, *choices)
        assert (refused.status, refused.json) == (422, {"error": error}), choices
    for poll in (asked, several):
        assert counts_of(await poll_of(api, bert, poll)) == ([0, 0], 0, 0)
        assert (await vote(api, bert, poll, 1)).status == 200
        for choice in (0, 1):
            assert (await vote(api, bert, poll, choice)).json == {"error": twice}
        assert counts_of(await poll_of(api, bert, poll)) == ([0, 1], 1, 1)
    api.clock.move(days=1)
    for who in (anna, bert, cleo):
        assert (await vote(api, who, asked, 0)).json == {"error": ended}
    seen = await poll_of(api, cleo, asked)
    assert (seen["expired"], counts_of(seen)) == (True, ([0, 1], 1, 1))


@pytest.mark.parametrize(
    "choices", [{"a": 1}, [[1]], [{"a": 1}], list(range(5)), ["9" * 5000], "\0", [1e300]]
)
async def test_choices_of_the_wrong_shape(sqlite_api: Api, choices: Any) -> None:
    anna, bert = await sqlite_api.person("anna"), await sqlite_api.person("bert")
    asked = await ask(sqlite_api, anna)
    path = f"/api/v1/polls/{asked['id']}/votes"
    reply = await sqlite_api.post(path, bert, json={"choices": choices})
    assert reply.status == 422, reply.body


async def test_s042_voting_on_what_one_may_not_see(api: Api) -> None:
    """[S042] The same bytes as for what does not exist, and nobody hears of it."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    await raw_verb(api, anna, "block", cleo)
    private = await ask(api, anna, visibility="private")
    direct = await ask(api, anna, visibility="direct")
    public, gone = await ask(api, anna), await ask(api, anna)
    plain = await api.say(anna, "no question")
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    absent = await api.post("/api/v1/polls/99/votes", bert, json={"choices": [0]})
    assert (absent.status, absent.json) == (404, {"error": "Record not found"})
    for who, status in (
        (bert, private),
        (bert, direct),
        (bert, gone),
        (bert, plain),
        (cleo, public),
    ):
        path = f"/api/v1/polls/{status['id']}/votes"
        reply = await api.post(path, who, json={"choices": [0]})
        assert (reply.status, reply.body) == (404, absent.body)
        # What is wrong with the vote itself is not told either.
        worse = await api.post(path, who, json={"choices": [7]})
        assert (worse.status, worse.body) == (404, absent.body)
    for each in (private, direct, public):
        assert counts_of(await poll_of(api, anna, each)) == ([0, 0], 0, 0)
    assert await notices(api, anna) == []


async def test_s078_votes_before_there_is_a_poll(api: Api) -> None:
    """[S078] Whoever guesses the id of a coming poll has no vote in it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    before = await api.say(anna, "soon")
    coming = (int(before["id"]) >> 12) + 1 << 12
    for number in range(16):
        path = f"/api/v1/polls/{coming + number}/votes"
        assert (await api.post(path, bert, json={"choices": [0]})).status == 404
    asked = await ask(api, anna)
    assert coming <= int(asked["id"]) < coming + 16
    assert counts_of(await poll_of(api, bert, asked)) == ([0, 0], 0, 0)
    assert (await vote(api, bert, asked, 1)).json["own_votes"] == [1]


async def test_po10_votes_at_once_are_counted_exactly(api: Api) -> None:
    """[PO10] Twelve people at once, and then one of them sixteen times."""
    anna = await api.person("anna")
    people = [await api.person(f"voter{number}") for number in range(12)]
    asked = await ask(api, anna, multiple=True)
    replies = await asyncio.gather(
        *(
            vote(api, who, asked, *([0, 1] if number % 3 else [1]))
            for number, who in enumerate(people)
        )
    )
    assert {reply.status for reply in replies} == {200}
    assert counts_of(await poll_of(api, anna, asked)) == ([8, 12], 20, 12)
    again = await ask(api, anna)
    replies = await asyncio.gather(*(vote(api, people[0], again, n % 2) for n in range(16)))
    assert sorted(reply.status for reply in replies) == [200] + [422] * 15
    options, votes, voters = counts_of(await poll_of(api, anna, again))
    assert (sorted(each or 0 for each in options), votes, voters) == ([0, 1], 1, 1)
