"""What is to be said later: drafts, and contributions with a time."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from stonechat.domain.ids import AccountId, ScheduledId
from stonechat.storage import scheduling as rows
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.community import ask, category, contribute, label, see
from tests.contract.uploads import picture

BODY = {"text": "Later", "categories": []}


def ahead(api: Api, **distance: float) -> str:
    """A moment in the future, as the vendor writes it."""
    at = (api.clock.now() + timedelta(**distance)).replace(microsecond=0)
    return at.isoformat(timespec="microseconds")


async def put_off(
    api: Api, who: Person, text: str, kind: str = "post", **fields: Any
) -> dict[str, Any]:
    """Something that waits for an hour, or that is a draft."""
    if "draft" not in fields:
        fields = {"scheduled_at": ahead(api, hours=1), **fields}
    return await contribute(api, who, text, kind=kind, **fields)


async def listed(api: Api, who: Person, path: str) -> list[str]:
    """The words of a list."""
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    assert reply.json["count"] >= len(reply.json["results"])
    return [each["summary"] for each in reply.json["results"]]


async def come(api: Api, **distance: float) -> None:
    """Time goes by, and what is due is done."""
    api.clock.move(**distance)
    await run_jobs(api)


async def test_it_waits_and_is_said_once_when_it_is_due(api: Api) -> None:
    """Row 28: as it will be, with its time, for its author alone; then it is said, in order."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    baking = await category(api, admin, "Baking", only_staff_can_create_posts=False)
    at = ahead(api, hours=1)
    poll = {"title": "Which?", "choices": [{"choice": "Rye"}, {"choice": "Oats"}]}
    place = {"location": "Ghent", "lat": 51.05, "lng": 3.72}
    fields = {"categories": [baking["id"]], "location": place, "poll": poll, "scheduled_at": at}
    html = "<p>Bread, @cara: <b>rye</b></p>"
    made = await contribute(api, bert, html, "discussion", title="Bread", **fields)
    assert (made["draft"], made["scheduled_at"], made["title"]) == (True, at, "Bread")
    assert "<b>rye</b>" in made["html"]
    assert "cara" in made["html"]
    assert [each["name"] for each in made["categories"]] == ["Baking"]
    assert (made["location"], made["author"]["username"]) == (place, "bert")
    assert [each["choice"] for each in made["poll"]["choices"]] == ["Rye", "Oats"]
    assert (await see(api, bert, made)).json == made
    again = await put_off(api, bert, "Second", "discussion", title="Two")
    absent = (await ask(api, "GET", "/discussion/99/", cara)).body
    for who in (cara, None, admin):
        assert ((await see(api, who, made)).body, (await see(api, who, made)).status) == (
            absent,
            404,
        )
    assert await listed(api, bert, "/discussion/scheduled/") == [made["summary"], "Second"]
    first = (await ask(api, "GET", "/discussion/scheduled/?limit=1", bert)).json
    assert (first["count"], "?limit=1&offset=1" in first["next"]) == (2, True)
    published = "/discussion/scheduled/?only_published=true"
    for path in ("/post/scheduled/", "/discussion/drafted/", "/discussion/", published):
        assert await listed(api, bert, path) == []
    assert await listed(api, cara, "/discussion/scheduled/") == []
    await come(api, minutes=61)
    assert await listed(api, cara, "/discussion/") == ["Second", made["summary"]]
    assert await listed(api, bert, "/discussion/scheduled/") == []
    assert (await see(api, bert, made)).status == (await see(api, bert, again)).status == 404
    said = (await ask(api, "GET", "/discussion/", bert)).json["results"][1]
    same = ("title", "html", "summary", "location", "slug", "type", "medias")
    assert [said[name] for name in same] == [made[name] for name in same]
    assert (said["draft"], said["scheduled_at"]) == (False, None)
    assert said["poll"]["title"] == "Which?"
    assert [each["name"] for each in said["categories"]] == ["Baking"]


@pytest.mark.parametrize("when", ["2020-01-01T00:00:00Z", "soon", 5, [1], "2031-13-01"])
async def test_s086_a_time_that_is_none(sqlite_api: Api, when: object) -> None:
    api = sqlite_api
    bert = await api.person("bert")
    reply = await ask(api, "POST", "/post/", bert, **BODY, scheduled_at=when)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "scheduled_at")
    near = ahead(api, minutes=4)
    assert (await ask(api, "POST", "/post/", bert, **BODY, scheduled_at=near)).status == 400
    poll = {"title": "Which?", "choices": [{"choice": "Rye"}, {"choice": "Oats"}]}
    poll |= {"expiration_at": ahead(api, minutes=30)}
    fields = {"poll": poll, "scheduled_at": ahead(api, hours=1)}
    over = await ask(api, "POST", "/post/", bert, **BODY, **fields)
    assert (over.status, over.json["errors"][0]["field"]) == (400, "poll")
    assert (await ask(api, "POST", "/discussion/", bert, **BODY, draft=True)).status == 400
    assert await listed(api, bert, "/post/scheduled/") == []


async def test_a_draft_waits_until_it_is_said(api: Api) -> None:
    """Rows 29 and 30: kept without a time; publishing gives the object as it then is."""
    bert, cara = await api.person("bert"), await api.person("cara")
    made = await put_off(api, bert, "Sketch", draft=True)
    await put_off(api, bert, "Timed")
    newer = await put_off(api, bert, "Newer", draft=True)
    assert (made["draft"], made["scheduled_at"]) == (True, None)
    assert await listed(api, bert, "/post/drafted/") == ["Newer", "Sketch"]
    assert await listed(api, bert, "/post/scheduled/") == ["Timed"]
    await come(api, days=900)
    bert = Person(bert.id, bert.name, await api.token("bert"))
    cara = Person(cara.id, cara.name, await api.token("cara"))
    assert await listed(api, bert, "/post/drafted/") == ["Newer", "Sketch"]
    path = f"/post/{made['id']}/publish/"
    assert (await ask(api, "POST", path, cara)).status == 404
    assert (await ask(api, "POST", path.replace("post", "status", 1), bert)).status == 404
    said = await ask(api, "POST", path, bert)
    assert (said.status, said.json["draft"], said.json["summary"]) == (200, False, "Sketch")
    assert (await see(api, cara, said.json)).json["summary"] == "Sketch"
    assert said.json["added_at"] > made["added_at"]
    assert (await ask(api, "POST", path, bert)).status == 404
    assert (await ask(api, "DELETE", f"/post/{newer['id']}/", cara)).status == 404
    assert (await ask(api, "DELETE", f"/post/{newer['id']}/", bert)).status == 204
    assert await listed(api, bert, "/post/drafted/") == []


async def test_s073_many_who_publish_at_once(api: Api) -> None:
    """S073: it is said once, whoever else says it in that moment."""
    bert = await api.person("bert")
    made = await put_off(api, bert, "Once", draft=True)
    path = f"/post/{made['id']}/publish/"
    replies = await asyncio.gather(*(ask(api, "POST", path, bert) for _ in range(16)))
    assert sorted({reply.status for reply in replies} - {404, 409}) == [200]
    assert [reply.status for reply in replies].count(200) == 1
    assert await listed(api, bert, "/post/") == ["Once"]


async def test_what_waits_is_put_in_other_words(api: Api) -> None:
    """Row 8 and 4.2: the whole is replaced; a time that is not named is taken away."""
    bert, cara = await api.person("bert"), await api.person("cara")
    medium = int(await picture(api, bert))
    other = int(await picture(api, bert))
    made = await put_off(api, bert, "One", medias=[medium])
    path, at = f"/post/{made['id']}/", ahead(api, hours=2)

    async def put(who: Person = bert, **fields: Any) -> Reply:
        return await ask(api, "PUT", path, who, **{**BODY, **fields})

    changed = (await put(text="Two", medias=[other], scheduled_at=at)).json
    assert (changed["id"], changed["summary"], changed["scheduled_at"]) == (made["id"], "Two", at)
    assert [each["id"] for each in changed["medias"]] == [other]
    # What it held is free again.
    assert (await contribute(api, bert, "Now", medias=[medium]))["medias"][0]["id"] == medium
    assert (await put(cara)).status == 404
    assert (await put(medias=[medium], scheduled_at=at)).status == 400
    assert (await put(scheduled_at=ahead(api, minutes=1))).status == 400
    assert (await see(api, bert, made)).json | {"author": changed["author"]} == changed
    # The object as it was read may be sent again.
    body = {"text": changed["html"], "categories": [], "medias": [other]}
    same = await ask(api, "PUT", path, bert, **body, draft=True, scheduled_at=at)
    assert same.json["scheduled_at"] == at
    assert (await put(text="Three")).json["scheduled_at"] is None
    assert await listed(api, bert, "/post/drafted/") == ["Three"]
    assert (await put(text="Four", scheduled_at=at)).json["scheduled_at"] == at
    await come(api, hours=3)
    assert await listed(api, bert, "/post/") == ["Four"]


async def test_nobody_says_what_was_put_in_other_words(api: Api) -> None:
    """Whoever read an order before it was changed cannot carry it out, be its time the same."""
    bert = await api.person("bert")
    made = await put_off(api, bert, "Old")
    me = AccountId(int(bert.id))
    read = await rows.find(api.env.db, me, ScheduledId(made["id"]))
    assert read is not None
    body = {**BODY, "text": "New", "scheduled_at": made["scheduled_at"]}
    assert (await ask(api, "PUT", f"/post/{made['id']}/", bert, **body)).status == 200
    for verb in (partial(rows.take, engine=api.env.db.engine), rows.put_away):
        is_done = await api.env.db.write(partial(verb, account_id=me, scheduled=read))
        assert is_done is False
    await come(api, minutes=61)
    assert await listed(api, bert, "/post/") == ["New"]


async def test_whom_it_is_for_is_asked_when_it_is_said(api: Api) -> None:
    """4.3: addressed to labels it stays so; one who may not use them any more keeps a draft."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    some = await label(api, admin, "bakers", bert)
    staff = await category(api, admin, "House", only_staff_can_create_posts=True)
    await put_off(api, admin, "Rules", categories=[staff["id"]])
    await put_off(api, bert, "For bakers", addressing=[some])
    await put_off(api, bert, "Late", addressing=[some], scheduled_at=ahead(api, hours=2))
    await come(api, minutes=61)
    assert sorted(await listed(api, bert, "/post/")) == ["For bakers", "Rules"]
    assert await listed(api, cara, "/post/") == ["Rules"]
    said = next(
        each
        for each in (await ask(api, "GET", "/post/", bert)).json["results"]
        if each["summary"] == "For bakers"
    )
    opened = await ask(api, "PUT", f"/post/{said['id']}/", bert, text="All", categories=[])
    assert opened.status == 200, opened.body
    assert sorted(await listed(api, cara, "/post/")) == ["All", "Rules"]
    gone = await ask(api, "POST", f"/tag/{some}/remove/", admin, user=int(bert.id))
    assert gone.status == 204, gone.body
    await come(api, hours=2)
    assert "Late" not in await listed(api, bert, "/post/")
    assert await listed(api, bert, "/post/drafted/") == ["Late"]


async def test_one_core_holds_what_waits(api: Api) -> None:
    """Mastodon's list of scheduled statuses has it, too; there it can be moved and called off."""
    bert = await api.person("bert")
    made = await put_off(api, bert, "Post")
    there = "/api/v1/scheduled_statuses"
    shown = (await api.get(there, bert)).json
    assert [(each["id"], each["params"]["text"]) for each in shown] == [(str(made["id"]), "Post")]
    body = {"status": "Status", "scheduled_at": ahead(api, hours=1)}
    poll = {"options": ["tea", "coffee"], "expires_in": 600}
    assert (await api.post("/api/v1/statuses", bert, json=body | {"poll": poll})).status == 200
    [waiting] = (await ask(api, "GET", "/status/scheduled/", bert)).json["results"]
    assert (waiting["type"], waiting["poll"]["choices"][1]["choice"]) == ("status", "coffee")
    put = await ask(
        api, "PUT", f"/status/{waiting['id']}/", bert, **BODY, scheduled_at=waiting["scheduled_at"]
    )
    assert (put.status, len(put.json["poll"]["choices"])) == (200, 2)
    assert (await api.call("DELETE", f"{there}/{made['id']}", bert)).status == 200
    assert (await see(api, bert, made)).status == 404
    await come(api, minutes=61)
    assert await listed(api, bert, "/status/") == ["Later"]
    assert await listed(api, bert, "/post/") == []


async def test_s094_there_is_an_end_to_drafts(api: Api) -> None:
    """S094: as many as SCHEDULED_STATUSES_MAX, and no day has too many; a retry adds none."""
    bert = await api.person("bert")
    most = api.env.settings.scheduled_statuses_per_day_max
    for number in range(most + 1):
        await put_off(api, bert, str(number), draft=True)
    headers = {"Idempotency-Key": "once"}
    body = {**BODY, "draft": True}
    made = [
        await api.call("POST", "/api/v2/post/", bert, json=body, headers=headers) for _ in range(2)
    ]
    assert [reply.status for reply in made] == [201, 201]
    assert made[0].json["id"] == made[1].json["id"]
    count = (await ask(api, "GET", "/post/drafted/?limit=1", bert)).json["count"]
    assert count == most + 2
    for number in range(api.env.settings.scheduled_statuses_max - count):
        await put_off(api, bert, str(number), draft=True)
    full = await ask(api, "POST", "/post/", bert, **body)
    assert (full.status, full.json["errors"][0]["field"]) == (400, "scheduled_at")
