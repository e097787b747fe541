"""Polls after they were asked: retries of a vote, edits, the end, and what is left of votes."""

import asyncio
from collections.abc import Mapping
from typing import Any, LiteralString

import pytest

from stonechat.domain import limits
from stonechat.jobs.runner import Runner
from stonechat.services import departures, polls
from stonechat.services.cleaning import clean_up
from stonechat.services.env import Env
from tests.contract.api import Api, Person, Reply
from tests.contract.ballots import REFUSED, ask, counts_of, poll_of, vote
from tests.contract.operate.towns import count
from tests.contract.people import boost, notices, raw_verb, run_jobs

ROWS: LiteralString = "SELECT COUNT(*) FROM poll_votes WHERE status_id = $1"
JOBS: LiteralString = "SELECT COUNT(*) FROM jobs WHERE once_key = $1"


async def waiting(api: Api, asked: dict[str, Any]) -> int:
    """How many jobs wait for the end of a poll."""
    return await count(api.env.db, JOBS, f"close_poll:{asked['id']}")


async def edit(api: Api, who: Person, asked: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An edit that succeeds. It takes everything away that it does not name."""
    api.clock.move(milliseconds=1)
    path = f"/api/v1/statuses/{asked['id']}"
    reply = await api.call("PUT", path, who, json={"status": "what shall it be?", **fields})
    assert reply.status == 200, reply.body
    return reply.json


def poll(*options: str, expires_in: int = 86_400, **more: Any) -> dict[str, Any]:
    return {"options": options or ("tea", "coffee"), "expires_in": expires_in, **more}


async def history(api: Api, status: dict[str, Any]) -> list[dict[str, Any]]:
    return (await api.get(f"/api/v1/statuses/{status['id']}/history")).json


# Retries ------------------------------------------------------------------------------------


async def _vote_under(
    api: Api, who: Person, key: str, asked: dict[str, Any], *choices: int
) -> Reply:
    path = f"/api/v1/polls/{asked['id']}/votes"
    fields = {"choices": list(choices)}
    return await api.post(path, who, json=fields, headers={"Idempotency-Key": key})


async def test_a_vote_that_is_sent_again_is_counted_once(api: Api) -> None:
    """[PO7] With the key of the first one it is a retry, however late it comes."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna)
    voted = await _vote_under(api, bert, "k", asked, 1)
    again = await _vote_under(api, bert, "k", asked, 1)
    assert (voted.status, again.status, again.json) == (200, 200, voted.json)
    # A key is its owner's alone, and another one is no retry.
    assert (await _vote_under(api, cleo, "k", asked, 0)).status == 200
    assert (await _vote_under(api, bert, "another", asked, 1)).status == 422
    api.clock.move(hours=23, minutes=59)
    assert counts_of((await _vote_under(api, bert, "k", asked, 1)).json) == ([1, 1], 2, 2)
    api.clock.move(minutes=1)
    late = await _vote_under(api, bert, "k", asked, 1)
    assert (late.status, late.json["expired"]) == (200, True)
    too_long = await _vote_under(api, bert, "k" * 256, asked, 1)
    assert too_long.status == 422


async def test_a_vote_that_was_refused_leaves_its_key_free(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    assert (await _vote_under(api, bert, "k", asked, 7)).status == 422
    assert (await _vote_under(api, bert, "k", asked, 1)).status == 200
    assert counts_of(await poll_of(api, bert, asked)) == ([0, 1], 1, 1)


async def test_one_vote_sent_sixty_four_times_at_once(api: Api) -> None:
    """[PO6] One key: only 200s, and one voter."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna, multiple=True)
    replies = await asyncio.gather(*(_vote_under(api, bert, "k", asked, 0, 1) for _ in range(64)))
    assert {reply.status for reply in replies} == {200}
    assert {tuple(reply.json["own_votes"]) for reply in replies} == {(0, 1)}
    assert counts_of(await poll_of(api, anna, asked)) == ([1, 1], 2, 1)
    assert await count(api.env.db, ROWS, int(asked["id"])) == 2


# Edits --------------------------------------------------------------------------------------


async def test_sr12_an_edit_of_the_question_takes_every_vote_away(api: Api) -> None:
    """[SR12] [SR11] Whoever had voted may vote again; the history keeps what was asked before."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna)
    for changed in (
        poll("tea", "cocoa"),
        poll("tea", "cocoa", multiple=True),
        poll("cocoa", "tea"),
    ):
        assert (await vote(api, bert, asked, 1)).status == 200
        assert (await vote(api, cleo, asked, 0)).status == 200
        after = await edit(api, anna, asked, poll=changed)
        assert counts_of(after["poll"]) == ([0, 0], 0, 0)
        assert [each["title"] for each in after["poll"]["options"]] == list(changed["options"])
        seen = await poll_of(api, bert, asked)
        assert (seen["voted"], seen["own_votes"]) == (False, [])
        assert await count(api.env.db, ROWS, int(asked["id"])) == 0
    entries = [each["poll"]["options"] for each in await history(api, asked)]
    assert entries[0] == [{"title": "tea"}, {"title": "coffee"}]
    assert entries[-1] == [{"title": "cocoa"}, {"title": "tea"}]


async def test_sr12_an_edit_beside_the_question_keeps_every_vote(api: Api) -> None:
    """[SR12] Another text, another end, other secrecy."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await vote(api, bert, asked, 1)
    for fields in (
        {"status": "tell me", "poll": poll()},
        {"status": "tell me", "poll": poll(expires_in=600)},
        {"status": "tell me", "poll": poll(" tea", "coffee ", hide_totals=True)},
        {"status": "tell me all", "poll": poll()},
    ):
        after = await edit(api, anna, asked, **fields)
        assert (after["poll"]["votes_count"], after["poll"]["voters_count"]) == (1, 1)
        assert (await poll_of(api, bert, asked))["own_votes"] == [1]
    assert counts_of(await poll_of(api, bert, asked)) == ([0, 1], 1, 1)
    refused = await vote(api, bert, asked, 0)
    assert refused.json == {"error": REFUSED + "You have already voted on this poll"}


async def test_sr9_a_poll_that_is_only_moved_is_no_edit(api: Api) -> None:
    """[SR9] Nothing is said otherwise, so there is no history and nobody hears of it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await boost(api, bert, asked["id"])
    for changed in (poll(), poll(expires_in=600), poll(hide_totals=True)):
        after = await edit(api, anna, asked, poll=changed)
        assert (after["edited_at"], len(await history(api, asked))) == (None, 1)
    assert after["poll"]["options"][0]["votes_count"] is None
    assert await notices(api, bert) == []


async def test_sr11_an_edit_takes_a_poll_away_and_brings_another(api: Api) -> None:
    """[SR11] An edit that does not name the poll takes it away; what it names must be right."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await vote(api, bert, asked, 1)
    path = f"/api/v1/statuses/{asked['id']}"
    refused = await api.call("PUT", path, anna, json={"status": "x", "poll": poll("tea")})
    assert refused.json == {"error": REFUSED + "Choices must have more than one item"}
    assert counts_of(await poll_of(api, bert, asked)) == ([0, 1], 1, 1)
    assert (await edit(api, anna, asked))["poll"] is None
    assert (await vote(api, bert, asked, 1)).status == 404
    assert await waiting(api, asked) == 0
    again = await edit(api, anna, asked, poll=poll())
    assert counts_of(again["poll"]) == ([0, 0], 0, 0)
    assert (await vote(api, bert, asked, 0)).json["own_votes"] == [0]
    assert await waiting(api, asked) == 1
    polls_then = [("poll" in each) for each in await history(api, asked)]
    assert polls_then == [True, False, True]


async def test_sr12_votes_and_edits_at_once(api: Api) -> None:
    """[SR12] However they fall together, the counts are those of the votes that are kept."""
    anna = await api.person("anna")
    people = [await api.person(f"voter{number}") for number in range(8)]
    asked = await ask(api, anna)
    path = f"/api/v1/statuses/{asked['id']}"
    edits = [
        api.call("PUT", path, anna, json={"status": "?", "poll": poll("tea", str(number))})
        for number in range(3)
    ]
    replies = await asyncio.gather(*(vote(api, who, asked, 1) for who in people), *edits)
    assert {reply.status for reply in replies} == {200}
    options, votes, voters = counts_of(await poll_of(api, anna, asked))
    kept = await count(api.env.db, ROWS, int(asked["id"]))
    assert (options[1], votes, voters) == (kept, kept, kept)


# The end ------------------------------------------------------------------------------------


async def test_po13_the_end_is_told_to_author_and_voters(api: Api) -> None:
    """[PO13] [PO8] Once, though the job be run twice; from the author, with the poll."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked = await ask(api, anna, multiple=True)
    await vote(api, bert, asked, 0, 1)
    api.clock.move(hours=23)
    await run_jobs(api)
    assert await notices(api, anna) == await notices(api, bert) == []
    api.clock.move(hours=1)
    assert (await poll_of(api, bert, asked))["expired"] is True
    await run_jobs(api)
    await polls.close_poll(api.env, {"status_id": int(asked["id"])})
    assert await notices(api, anna) == await notices(api, bert) == [("poll", "anna")]
    assert await notices(api, cleo) == []
    (told,) = (await api.get("/api/v1/notifications?types[]=poll", bert)).json
    assert told["status"]["poll"] == await poll_of(api, bert, asked)
    assert await waiting(api, asked) == 0


async def test_po13_whoever_does_not_want_to_hear_of_it(api: Api) -> None:
    """[PO13] Blocks, mutes and muted threads hold for the end of a poll, too."""
    anna = await api.person("anna")
    blocking, muting, deaf, bert = [
        await api.person(name) for name in ("blocking", "muting", "deaf", "bert")
    ]
    asked = await ask(api, anna)
    for who in (blocking, muting, deaf, bert):
        assert (await vote(api, who, asked, 0)).status == 200
    await raw_verb(api, blocking, "block", anna)
    await raw_verb(api, muting, "mute", anna)
    for who in (deaf, anna):
        await api.post(f"/api/v1/statuses/{asked['id']}/mute", who)
    api.clock.move(days=1)
    await run_jobs(api)
    for who in (blocking, muting, deaf, anna):
        assert await notices(api, who) == [], who.name
    assert await notices(api, bert) == [("poll", "anna")]


async def test_po13_many_voters_are_told_in_turns(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[PO13] Nobody is left out between two turns, and nobody is told twice."""
    monkeypatch.setattr(polls, "VOTERS_AT_ONCE", 2)
    anna = await api.person("anna")
    people = [await api.person(f"voter{number}") for number in range(5)]
    asked = await ask(api, anna, multiple=True)
    for who in people:
        await vote(api, who, asked, 0, 1)
    api.clock.move(days=1)
    await run_jobs(api)
    for who in (anna, *people):
        assert await notices(api, who) == [("poll", "anna")]


async def test_po13_an_end_that_is_moved_comes_when_it_is_due(api: Api) -> None:
    """[PO13] Earlier or later."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await vote(api, bert, asked, 0)
    await edit(api, anna, asked, poll=poll(expires_in=600))
    await edit(api, anna, asked, poll=poll(expires_in=1200))
    api.clock.move(seconds=600)
    await run_jobs(api)
    assert await notices(api, bert) == []
    assert await waiting(api, asked) == 1
    # Run before its time, as by a machine whose clock is ahead, it goes on waiting.
    await polls.close_poll(api.env, {"status_id": int(asked["id"])})
    assert (await notices(api, bert), await waiting(api, asked)) == ([], 1)
    api.clock.move(seconds=600)
    await run_jobs(api)
    assert await notices(api, bert) == await notices(api, anna) == [("poll", "anna")]


async def test_po13_an_end_that_is_moved_while_its_job_is_run(api: Api) -> None:
    """[PO13] The job is not struck off by whoever had it in hand; it comes again when it is due."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await vote(api, bert, asked, 0)

    async def moved_meanwhile(env: Env, payload: Mapping[str, object]) -> None:
        await edit(api, anna, asked, poll=poll(expires_in=600))
        await polls.close_poll(env, payload)

    api.clock.move(days=1)
    await Runner(api.env, {polls.CLOSE_POLL_JOB: moved_meanwhile}).run_due()
    assert (await notices(api, bert), await waiting(api, asked)) == ([], 1)
    api.clock.move(seconds=601)
    await run_jobs(api)
    assert (await notices(api, bert), await waiting(api, asked)) == ([("poll", "anna")], 0)


async def test_po13_the_end_of_what_is_gone(api: Api) -> None:
    """[PO13] A deleted status, one without its poll, and one that never was: nothing to tell."""
    anna, bert = await api.person("anna"), await api.person("bert")
    gone, emptied = await ask(api, anna), await ask(api, anna)
    for asked in (gone, emptied):
        await vote(api, bert, asked, 0)
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    await edit(api, anna, emptied)
    api.clock.move(days=1)
    await run_jobs(api)
    for status_id in (int(gone["id"]), int(emptied["id"]), 99):
        await polls.close_poll(api.env, {"status_id": status_id})
    assert await notices(api, anna) == await notices(api, bert) == []
    assert await waiting(api, gone) == await waiting(api, emptied) == 0


# What is left -------------------------------------------------------------------------------


async def test_sr5_a_deleted_poll_is_handed_back_and_swept(api: Api) -> None:
    """[SR5] [PO7] For redrafting; its votes go with the row of the status, thirty days later."""
    anna, bert = await api.person("anna"), await api.person("bert")
    asked = await ask(api, anna)
    await vote(api, bert, asked, 1)
    deleted = await api.call("DELETE", f"/api/v1/statuses/{asked['id']}", anna)
    assert [each["title"] for each in deleted.json["poll"]["options"]] == ["tea", "coffee"]
    assert (await api.get(f"/api/v1/polls/{asked['id']}", bert)).status == 404
    assert await count(api.env.db, ROWS, int(asked["id"])) == 1
    api.clock.move(days=limits.DELETED_STATUS_DAYS, hours=1)
    await clean_up(api.env, {})
    assert await count(api.env.db, ROWS, int(asked["id"])) == 0


async def test_votes_of_somebody_who_leaves_are_taken_back(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    asked, over = await ask(api, anna, multiple=True), await ask(api, anna, expires_in=300)
    for each in (asked, over):
        await vote(api, bert, each, 1)
    await vote(api, cleo, asked, 0, 1)
    await vote(api, cleo, over, 1)
    api.clock.move(seconds=300)
    await departures.delete_account(api.env, "cleo", lambda *_: None)
    for each in (asked, over):
        assert counts_of(await poll_of(api, bert, each)) == ([0, 1], 1, 1)
        assert await count(api.env.db, ROWS, int(each["id"])) == 1
