"""What a count tells, what is brought back, and what waits, at the edges: each was wrong once."""

import asyncio
from datetime import timedelta
from typing import Any

from stonechat.domain import limits
from stonechat.storage import cleaning
from tests.contract.api import Api, Person
from tests.contract.people import boost, run_jobs, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label, see

_DELETE = {"contribution_type": "comment", "action": "delete", "moderation_type": 0}


async def _totals(api: Api, reader: Person, host: Person) -> tuple[int, ...]:
    """How many the reader's home has, how many they have not seen, and how many the host said."""
    home = (await ask(api, "GET", "/feed/", reader)).json
    lively = (await ask(api, "GET", "/feed/?ordering=last_activity", reader)).json
    unseen = (await ask(api, "GET", "/feed/unseen/count/", reader)).json
    profile = (await ask(api, "GET", f"/user/{host.id}/feed/", reader)).json
    for feed in (home, lively, profile):
        assert feed["count"] == len(feed["results"])
    return home["count"], lively["count"], unseen["total"], profile["count"]


async def test_counts_tell_nothing_of_what_is_for_others(api: Api) -> None:
    """What came to be for few since, and whose label was lost, is neither shown nor counted."""
    admin = await api.person("anna", role="admin")
    people = [await api.person(name) for name in ("bert", "cara", "dora", "emil")]
    bert, cara, dora, emil = people
    await verb(api, cara, "follow", bert)
    await verb(api, emil, "follow", dora)
    hers, others = (
        await label(api, admin, "hers", bert, cara),
        await label(api, admin, "crew", bert),
    )
    room = await category(api, admin, "Ovens")
    said = await contribute(api, bert, "Bread", categories=[room["id"]])
    await boost(api, dora, str(said["id"]))
    addressed = await contribute(api, bert, "Buns", addressing=[hers])
    await run_jobs(api)
    assert await _totals(api, cara, bert) == (2, 2, 2, 2)
    assert await _totals(api, emil, dora) == (1, 1, 1, 1)
    fields = {"text": "Hush", "categories": [room["id"]], "addressing": [others]}
    assert (await ask(api, "PUT", f"/status/{said['id']}/", bert, **fields)).status == 200
    assert await _totals(api, cara, bert) == (1, 1, 1, 1)
    assert await _totals(api, emil, dora) == (0, 0, 0, 0)
    lost = await ask(api, "POST", f"/tag/{hers}/remove/", admin, user=int(cara.id))
    assert lost.status == 204, lost.body
    assert (await see(api, cara, addressed)).status == 404
    assert await _totals(api, cara, bert) == (0, 0, 0, 0)
    # Those whom it is for have it still, through whoever passed it on, too.
    assert await _totals(api, bert, dora) == (2, 2, 0, 1)


async def test_counts_tell_nothing_of_what_was_passed_on_and_is_hidden(api: Api) -> None:
    """Of an account that is closed, and of what was for its author's followers alone."""
    admin = await api.person("anna", role="admin")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    await verb(api, cara, "follow", dora)
    said = await contribute(api, bert, "Bread")
    await boost(api, dora, str(said["id"]))
    private = await api.say(dora, "for those who follow", visibility="private")
    path = f"/api/v1/statuses/{private['id']}/reblog"
    assert (await api.post(path, dora, json={"visibility": "public"})).status == 200
    await run_jobs(api)
    # Of hers and what passes it on, one stands in a home.
    assert await _totals(api, cara, dora) == (2, 2, 2, 3)
    assert (await ask(api, "GET", f"/user/{dora.id}/feed/", bert)).json["count"] == 1
    closed = await ask(api, "PATCH", f"/moderation/user/{bert.id}/", admin, status="d")
    assert closed.status == 204, closed.body
    assert await _totals(api, cara, dora) == (1, 1, 1, 2)


async def _wait(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    """A post that waits for two hours."""
    at = (api.clock.now() + timedelta(hours=2)).isoformat()
    return await contribute(api, who, "Later", kind="post", scheduled_at=at, **fields)


async def test_a_ban_makes_drafts_of_what_was_to_be_said(api: Api) -> None:
    """What is due while its author is banned or closed waits for them; the departed have none."""
    staff = await api.person("mona", role="moderator")
    admin = await api.person("anna", role="admin")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    for who in (bert, cara, dora):
        await _wait(api, who)
    banned = await ask(
        api, "PATCH", f"/moderation/user/{bert.id}/", staff, status="b", days_blocked=1
    )
    assert banned.status == 204, banned.body
    for who, fields in ((cara, {}), (dora, {"hard": True})):
        path = f"/moderation/user/{who.id}/"
        assert (await ask(api, "PATCH", path, admin, status="d", **fields)).status == 204
    api.clock.move(hours=3)
    await run_jobs(api)
    of_account = "SELECT COUNT(*) FROM scheduled_statuses WHERE account_id = $1"
    waiting = [await api.env.db.one(of_account, int(who.id)) for who in (bert, cara, dora)]
    assert [row[0] for row in waiting if row] == [1, 1, 0]
    api.clock.move(hours=30)
    await run_jobs(api)
    # Who was banned signs in anew.
    again = Person(bert.id, bert.name, await api.token("bert"))
    assert (await ask(api, "GET", "/post/scheduled/", again)).json["count"] == 0
    kept = (await ask(api, "GET", "/post/drafted/", again)).json["results"]
    assert [each["summary"] for each in kept] == ["Later"]
    assert (await ask(api, "GET", f"/user/{bert.id}/feed/", again)).json["count"] == 0


async def test_a_poll_is_not_put_off_beyond_its_end(api: Api) -> None:
    """Nor by a client of the other dialect, which knows of no such end."""
    bert = await api.person("bert")
    ends = (api.clock.now() + timedelta(hours=5)).isoformat()
    choices = [{"choice": "Rye"}, {"choice": "Oats"}]
    made = await _wait(api, bert, poll={"title": "?", "expiration_at": ends, "choices": choices})
    before = (await see(api, bert, made)).json
    path = f"/api/v1/scheduled_statuses/{made['id']}"
    for hours, status in ((48, 422), (4, 200)):
        at = (api.clock.now() + timedelta(hours=hours)).isoformat()
        assert (await api.call("PUT", path, bert, json={"scheduled_at": at})).status == status
        if status == 422:
            assert (await see(api, bert, made)).json == before
    api.clock.move(hours=4, minutes=1)
    await run_jobs(api)
    (unit,) = (await ask(api, "GET", f"/user/{bert.id}/feed/", bert)).json["results"]
    assert unit["post"]["poll"]["closed"] is False


async def _remark(api: Api, who: Person, said: dict[str, Any], staff: Person) -> int:
    """A comment that a moderator has deleted; its id."""
    made = await ask(api, "POST", "/comment/", who, status=said["id"], text="Butter")
    assert made.status == 201, made.body
    await _rule(api, staff, made.json["id"])
    return made.json["id"]


async def _rule(api: Api, staff: Person, comment_id: int) -> int:
    """Delete a comment as a moderator, or take that back; NotFound where it is gone."""
    path = f"/moderation/contribution/{comment_id}/"
    reply = await ask(api, "PATCH", path, staff, **_DELETE)
    assert reply.status in (204, 404), reply.body
    return reply.status


async def test_a_ruling_that_is_taken_back_brings_back_what_may_be(api: Api) -> None:
    """Not after the time for which it is kept, and nothing of who has departed."""
    staff = await api.person("mona", role="moderator")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    departed = await _remark(api, dora, said, staff)
    left = await ask(api, "DELETE", f"/user/{dora.id}/?hard=1", dora)
    assert left.status == 204, left.body
    await run_jobs(api)
    late = await _remark(api, cara, said, staff)
    api.clock.move(days=limits.DELETED_STATUS_DAYS - 1)
    timely = await _remark(api, cara, said, staff)
    assert await _rule(api, staff, departed) == 204
    api.clock.move(days=1)
    for comment_id in (late, timely):
        assert await _rule(api, staff, comment_id) == 204
    listed = (await ask(api, "GET", f"/comment/?status={said['id']}", bert)).json
    assert (listed["count"], [each["id"] for each in listed["results"]]) == (1, [timely])
    assert (await see(api, bert, said)).json["comment_count"] == 1
    # What was decided is undone of all of them.
    for comment_id in (departed, late, timely):
        row = await api.env.db.one("SELECT is_removed FROM statuses WHERE id = $1", comment_id)
        assert tuple(row or ()) == (0,)


async def test_what_is_brought_back_while_others_are_erased_stays(api: Api) -> None:
    """A sweep that has listed something looks again: it is there and counted, or gone."""
    staff = await api.person("mona", role="moderator")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    remarks = [await _remark(api, cara, said, staff) for _ in range(12)]
    ends = cleaning.Ends(*(0,) * len(cleaning.Ends._fields))
    ends = ends._replace(statuses_before_ms=api.clock.now_ms() + 1)
    sweep = api.env.db.write(lambda tx: cleaning.statuses(tx, ends, len(remarks)))
    undone, _ = await asyncio.gather(
        asyncio.gather(*(_rule(api, staff, each) for each in reversed(remarks))), sweep
    )
    rows = await api.env.db.all("SELECT id FROM statuses WHERE thread_id = $1", said["id"])
    left = {row[0] for row in rows} - {said["id"]}
    restored = [
        each for each, status in zip(reversed(remarks), undone, strict=True) if status == 204
    ]
    assert left == set(restored)
    assert (await see(api, bert, said)).json["comment_count"] == len(left)
