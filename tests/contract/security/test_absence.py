"""Private means absent: what one may not see answers exactly as what does not exist.

S033: the same status, bytes and headers, and the same number of statements, since each of them
takes time that a stranger can measure (`python -m bench.timings` does). Every GET operation with
an id in its path either has a private thing here or stands among those that have none. S038: no
verb moves what is another's, either.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from stonechat.dialects.mastodon.dialect import OPERATIONS
from stonechat.domain.viewers import Caller
from tests.contract.api import Api, Person, Reply
from tests.contract.uploads import picture

# Of each of these, everybody's own are told by the token, or they are public by their nature.
HELD_BY_ALL = {
    "/api/v1/instance/terms_of_service/{date}",
    "/api/v1/tags/{name}",
    "/api/v1/timelines/tag/{name}",
    # A random name of 128 bits, and nothing else, is what opens a picture.
    "/cards/{name}",
    "/pictures/{name}",
}
# What stands in a path before an id, and which private thing the id is of.
KINDS = {
    "/api/v1/accounts/": "account",
    "/api/v1/filters/": "keyword",
    "/api/v1/lists/": "list",
    "/api/v1/media/": "media",
    "/api/v1/notifications/": "notice",
    "/api/v1/polls/": "poll",
    "/api/v1/scheduled_statuses/": "scheduled status",
    "/api/v1/statuses/": "status",
    "/api/v1/timelines/list/": "list",
    "/api/v2/filters/": "filter",
    "/api/v2/filters/keywords/": "keyword",
    "/api/v2/filters/statuses/": "filtered status",
}
READING = [each for each in OPERATIONS if each.method == "GET" and "{" in each.path]
CHANGING = [each for each in OPERATIONS if each.method != "GET" and "{id}" in each.path]
# These are about anybody who exists, or find their own things alone.
ABOUT_OTHERS = re.compile(r"/api/v1/(accounts|announcements|suggestions|follow_requests)/")
NOT_STATED = {"x-request-id", "date"}


def kind_of(path: str) -> str | None:
    """Which private thing the id in a path is of."""
    return KINDS.get(path.partition("{")[0])


async def make_private(api: Api, owner: Person) -> dict[str, str]:
    """One private thing of each kind: its id by the name of the kind."""
    said = await api.say(owner, "for nobody", visibility="direct")
    poll = {"options": ["yes", "no"], "expires_in": 600}
    asked = await api.say(owner, "for nobody?", visibility="direct", poll=poll)
    planned = {"status": "for nobody", "scheduled_at": "2099-01-01T00:00:00Z"}
    scheduled = await api.post("/api/v1/statuses", owner, json=planned)
    other = await api.person("cleo")
    await api.say(other, f"@{owner.name} hello")
    noticed = await api.get("/api/v1/notifications", owner)
    made = await api.post("/api/v1/lists", owner, json={"title": "Mine"})
    filtered = await api.post(
        "/api/v2/filters",
        owner,
        json={"title": "Mine", "context": ["home"], "keywords_attributes": [{"keyword": "word"}]},
    )
    filter_id = filtered.json["id"]
    on_filter = await api.post(
        f"/api/v2/filters/{filter_id}/statuses", owner, json={"status_id": said["id"]}
    )
    hidden = await api.person("waiting")
    await api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'pending' WHERE id = $1", int(hidden.id))
    )
    return {
        "account": hidden.id,
        "filter": filter_id,
        "filtered status": on_filter.json["id"],
        "keyword": filtered.json["keywords"][0]["id"],
        "list": made.json["id"],
        "media": await picture(api, owner),
        "notice": noticed.json[0]["id"],
        "poll": asked["id"],
        "scheduled status": scheduled.json["id"],
        "status": said["id"],
    }


def stated(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer that may tell one id from another."""
    told = {name: value for name, value in reply.headers.items() if name not in NOT_STATED}
    return reply.status, reply.body, told


def test_s033_every_path_with_an_id_is_looked_at() -> None:
    paths = {each.path for each in READING}
    assert {path for path in paths if kind_of(path) is None} == HELD_BY_ALL
    assert {kind_of(path) for path in paths - HELD_BY_ALL} == set(KINDS.values())


@pytest.mark.parametrize("reader", ["stranger", "blocked", "anonymous"])
async def test_s033_forbidden_and_absent_are_one_answer(api: Api, reader: str) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    private = await make_private(api, anna)
    if reader == "blocked":
        await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    who = None if reader == "anonymous" else bert
    absent = str(api.env.ids.next_id())
    wrong: list[str] = []
    for each in READING:
        kind = kind_of(each.path)
        if kind is None or (who is None and each.caller is not Caller.ANYONE):
            continue
        told: list[object] = []
        for identifier in (private[kind], absent):
            api.recorder.forget()
            reply = await api.get(each.path.replace("{id}", identifier), who)
            told.append((stated(reply), api.recorder.count))
            if reply.status != 404:
                wrong.append(f"{each.path} answers {reply.status}")
        if told[0] != told[1]:
            wrong.append(f"{each.path} tells them apart: {told}")
    assert not wrong


async def test_s033_the_owner_finds_what_the_others_do_not(api: Api) -> None:
    """The other half of the comparison: the ids are good, and only the reader is wrong."""
    anna = await api.person("anna")
    private = await make_private(api, anna)
    for each in READING:
        kind = kind_of(each.path)
        if kind is not None and kind != "account":
            reply = await api.get(each.path.replace("{id}", private[kind]), anna)
            assert reply.status == 200, each.path


async def test_s031_s033_many_at_once_and_by_address(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    private = await make_private(api, anna)
    absent = str(api.env.ids.next_id())
    url = (await api.get(f"/api/v1/statuses/{private['status']}", anna)).json["url"]
    spellings: list[Callable[[str, str], str]] = [
        lambda status, _: f"/api/v1/statuses?id[]={status}",
        lambda _, account: f"/api/v1/accounts?id[]={account}",
        lambda _, account: f"/api/v1/accounts/relationships?id[]={account}",
        lambda _, account: f"/api/v1/accounts/familiar_followers?id[]={account}",
        lambda status, _: f"/api/v2/search?resolve=true&q={url.replace(private['status'], status)}",
    ]
    for spell in spellings:
        forbidden = await api.get(spell(private["status"], private["account"]), bert)
        missing = await api.get(spell(absent, absent), bert)
        assert stated(forbidden) == stated(missing), spell(absent, absent)
    for acct in ("waiting", "nobody"):
        reply = await api.get(f"/api/v1/accounts/lookup?acct={acct}", bert)
        assert (reply.status, reply.json) == (404, {"error": "Record not found"})


async def test_s038_no_verb_moves_what_is_anothers(api: Api) -> None:
    """Each changing operation, by a stranger, on a private id and on an absent one: one answer."""
    anna, bert = await api.person("anna"), await api.person("bert")
    private = await make_private(api, anna)
    private |= await _more_private(api, anna)
    before = await _possessions(api, anna)
    absent = str(api.env.ids.next_id())
    wrong: list[str] = []
    for each in CHANGING:
        if ABOUT_OTHERS.match(each.path):
            continue
        told: list[object] = []
        for identifier in (private[_kind_changed(each.path)], absent):
            api.recorder.forget()
            path = each.path.replace("{id}", identifier)
            reply = await api.call(each.method, path, bert, json=_changes(anna))
            told.append((stated(reply), api.recorder.count))
        if told[0] != told[1]:
            wrong.append(f"{each.method} {each.path} tells them apart: {told}")
    assert not wrong
    assert await _possessions(api, anna) == before


def _kind_changed(path: str) -> str:
    for noun in ("conversations", "featured_tags"):
        if path.startswith(f"/api/v1/{noun}/"):
            return noun
    kind = kind_of(path)
    assert kind is not None, path
    return kind


async def _more_private(api: Api, owner: Person) -> dict[str, str]:
    """What has an id of its own and cannot be read by it."""
    featured = await api.post("/api/v1/featured_tags", owner, json={"name": "soup"})
    talks = (await api.get("/api/v1/conversations", owner)).json
    return {"featured_tags": featured.json["id"], "conversations": talks[0]["id"]}


def _changes(owner: Person) -> dict[str, Any]:
    """Something that each of the operations would do to what is one's own."""
    return {
        "status": "changed",
        "title": "changed",
        "keyword": "changed",
        "phrase": "changed",
        "context": ["public"],
        "status_id": "1",
        "scheduled_at": "2098-01-01T00:00:00Z",
        "account_ids": [owner.id],
        "choices": [0],
        "description": "changed",
    }


async def _possessions(api: Api, owner: Person) -> list[bytes]:
    paths = (
        "/api/v1/lists",
        "/api/v2/filters",
        "/api/v1/conversations",
        "/api/v1/featured_tags",
        "/api/v1/notifications",
        "/api/v1/scheduled_statuses",
        f"/api/v1/accounts/{owner.id}/statuses",
    )
    return [(await api.get(path, owner)).body for path in paths]
