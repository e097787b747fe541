"""Votes, following, suspending and hiding: one tap does it, the next one undoes it."""

import asyncio

import pytest

from tests.contract.api import Api
from tests.contract.selfcommunity.community import ask, category, contribute, label, see


async def test_a_vote_is_given_replaced_and_taken_back(api: Api) -> None:
    """4.9: without a reaction it is the first; the same again removes, another one replaces."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/vote/"
    assert (await ask(api, "POST", path, cara)).body == b""
    seen = (await see(api, cara, said)).json
    assert (seen["vote_count"], seen["voted"], seen["reaction"]["id"]) == (1, True, 1)
    assert (await ask(api, "POST", f"{path}?reaction=3", cara)).status == 204
    seen = (await see(api, cara, said)).json
    assert (seen["vote_count"], seen["reaction"]["id"]) == (1, 3)
    counts = [(each["reaction"]["id"], each["count"]) for each in seen["reactions_count"]]
    assert counts == [(3, 1)]
    assert (await see(api, bert, said)).json["voted"] is False
    assert (await ask(api, "POST", f"{path}?reaction=3", cara)).status == 204
    seen = (await see(api, cara, said)).json
    assert (seen["vote_count"], seen["reactions_count"], seen["reaction"]) == (0, [], None)


async def test_votes_are_listed_and_chosen_by_reaction(api: Api) -> None:
    """Row 15: who voted, the newest first, and which way."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/vote/"
    await ask(api, "POST", path, bert)
    await ask(api, "POST", f"{path}?reaction=3", cara)
    page = (await ask(api, "GET", path)).json
    assert [(each["user"]["username"], each["reaction"]["id"]) for each in page["results"]] == [
        ("cara", 3),
        ("bert", 1),
    ]
    assert (page["count"], page["next"]) == (2, None)
    assert (await ask(api, "GET", f"{path}?reaction=3")).json["count"] == 1
    assert (await ask(api, "GET", f"{path}?reaction=2")).json["results"] == []
    first = (await ask(api, "GET", f"{path}?limit=1")).json
    assert "?limit=1&offset=1" in first["next"]


async def test_the_first_reaction_is_a_favourite_elsewhere(api: Api) -> None:
    """One core: a vote here is a favourite there, and the reverse; other reactions are not."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    path, there = f"/status/{said['id']}/vote/", f"/api/v1/statuses/{said['id']}"
    await ask(api, "POST", path, cara)
    assert (await api.get(there, cara)).json["favourited"] is True
    await ask(api, "POST", f"{path}?reaction=3", cara)
    found = (await api.get(there, cara)).json
    assert (found["favourited"], found["favourites_count"]) == (False, 0)
    assert (await api.post(f"{there}/favourite", cara)).json["favourites_count"] == 1
    seen = (await see(api, cara, said)).json
    assert (seen["vote_count"], seen["reaction"]["id"], len(seen["reactions_count"])) == (1, 1, 1)
    await api.post(f"{there}/unfavourite", cara)
    assert (await see(api, cara, said)).json["vote_count"] == 0


@pytest.mark.parametrize("reaction", ["0", "99", "-1"])
async def test_s086_a_reaction_that_is_none(api: Api, reaction: str) -> None:
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    reply = await ask(api, "POST", f"/status/{said['id']}/vote/?reaction={reaction}", bert)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "reaction")


async def test_s073_many_votes_at_once_are_counted_exactly(api: Api) -> None:
    """S073: 64 votes at once of eight people leave what an even number of taps leaves."""
    bert = await api.person("bert")
    people = [await api.person(f"voter{number}") for number in range(8)]
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/vote/"
    taps = [
        ask(api, "POST", f"{path}?reaction={1 + number % 3}", people[number % 8])
        for number in range(64)
    ]
    replies = await asyncio.gather(*taps)
    assert {reply.status for reply in replies} <= {204, 409}
    seen = (await see(api, bert, said)).json
    listed = (await ask(api, "GET", f"{path}?limit=50")).json
    assert seen["vote_count"] == len(listed["results"]) == listed["count"]
    assert sum(each["count"] for each in seen["reactions_count"]) == seen["vote_count"]
    assert len({each["user"]["id"] for each in listed["results"]}) == len(listed["results"])


async def test_s073_what_is_deleted_or_not_for_one_takes_no_vote(api: Api) -> None:
    """S073: on deleted and on invisible ones, and by the path of another kind: not found."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    gone = await contribute(api, bert, "Gone")
    await ask(api, "DELETE", f"/status/{gone['id']}/", bert)
    some = await label(api, admin, "bakers", bert)
    closed = await contribute(api, bert, "For bakers", addressing=[some])
    post = await contribute(api, bert, "A post", kind="post")
    for path in (f"/status/{gone['id']}", f"/status/{closed['id']}", f"/status/{post['id']}"):
        for verb in ("vote", "follow", "suspend", "hide"):
            reply = await ask(api, "POST", f"{path}/{verb}/", cara)
            assert reply.status == 404, (path, verb)
        assert (await ask(api, "GET", f"{path}/vote/", cara)).status == 404


async def test_following_suspending_and_hiding_are_undone_by_themselves(api: Api) -> None:
    """Rows 20 to 25; suspending is the muted thread of the other dialects."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread", kind="discussion", title="Bread")
    root = f"/discussion/{said['id']}"
    for verb, question, name in (
        ("follow", "following", "following"),
        ("suspend", "suspended", "suspended"),
        ("hide", "hide/status", "hidden"),
    ):
        for expected in (True, False, True):
            assert (await ask(api, "POST", f"{root}/{verb}/", cara)).body == b""
            assert (await ask(api, "GET", f"{root}/{question}/", cara)).json == {name: expected}
    seen = (await see(api, cara, said)).json
    assert (seen["followed"], seen["suspended"], seen["follower_count"]) == (True, True, 1)
    there = (await api.get(f"/api/v1/statuses/{said['id']}", cara)).json
    assert there["muted"] is True
    assert [each["filter"]["title"] for each in there["filtered"]] == ["Hidden posts"]
    assert (await see(api, bert, said)).json["followed"] is False


async def test_votes_move_a_contribution_within_its_category(api: Api) -> None:
    """The order by score follows votes of every dialect."""
    admin, bert = await api.person("anna", role="admin"), await api.person("bert")
    room = await category(api, admin, "Bread")
    older = await contribute(api, bert, "older", categories=[room["id"]])
    newer = await contribute(api, bert, "newer", categories=[room["id"]])
    for number in range(3):
        voter = await api.person(f"voter{number}")
        await ask(api, "POST", f"/status/{older['id']}/vote/?reaction={1 + number}", voter)
    path = f"/category/{room['id']}/feed/?ordering=relevance"
    page = (await ask(api, "GET", path, bert)).json["results"]
    assert [each["status"]["id"] for each in page] == [older["id"], newer["id"]]
