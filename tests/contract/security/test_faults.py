"""S142: what goes wrong in us is told in a sentence, and says nothing of what we are made of.

Tables are taken away under the running server, one after the other, and every door is opened:
a fault is the dialect's own 5xx, with no stack, path, statement or version in it, and what was
half done is undone.
"""

import platform
import re
from typing import Any, LiteralString, cast

import stonechat
from tests.contract.api import Api, Reply
from tests.contract.security.doors import ANSWERING, make_world

TABLES = ("accounts", "apps", "home_entries", "notifications", "statuses", "tokens")
# Words that stand in our sources, statements and libraries, and in no sentence to a caller.
TELLING = re.compile(
    rb"Traceback|File \"|\.py\b|line \d+|site-packages|src/|/home/|/tmp/|/usr/|"
    rb"SELECT |INSERT |UPDATE |DELETE FROM|WHERE |no such table|does not exist\b.*relation|"
    rb"relation|apsw|asyncpg|sqlite|postgres|falcon|uvicorn|msgspec|jinja|structlog|"
    rb"SQLError|Exception|Error\b\(|0x[0-9a-f]{6}",
    re.IGNORECASE,
)
VERSIONS = (stonechat.__version__, platform.python_version())


def is_telling(reply: Reply) -> bool:
    """Whether an answer says what it should not."""
    heads = "\n".join(f"{name}: {value}" for name, value in reply.headers.items()).encode()
    found = TELLING.search(reply.body) or TELLING.search(heads)
    return bool(found) or any(each.encode() in reply.body + heads for each in VERSIONS)


def is_discreet(path: str, reply: Reply) -> bool:
    """Whether an error is in the words of its door, kept by nobody, and tells nothing else."""
    is_kept = "no-store" not in reply.headers["cache-control"]
    return not is_telling(reply) and not is_kept and is_in_its_own_words(path, reply)


def is_in_its_own_words(path: str, reply: Reply) -> bool:
    """Programs get JSON with an error, people a page."""
    kind = reply.headers.get("content-type", "")
    if path.startswith(("/api", "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/health")):
        return kind.startswith("application/json") and bool(
            {"error", "errors"} & set(reply.json or {})
        )
    if path.startswith("/v1/") or (path.startswith("/s/") and path.endswith("/value")):
        # What is not there, and a fault of ours, say nothing at all.
        return "message" in (reply.json or {}) if reply.body else reply.status in (404, 500)
    return kind.startswith(("application/json", "text/html"))


async def rename(api: Api, table: str, name: str) -> None:
    """Take a table away under the server, or bring it back."""
    sql = cast("LiteralString", f"ALTER TABLE {table} RENAME TO {name}")
    await api.env.db.write(lambda tx: tx.run(sql))


async def test_s142_a_fault_names_nothing_of_ours(sqlite_api: Api) -> None:
    world = await make_world(sqlite_api)
    form: dict[str, Any] = {"form": {"username": "anna", "password": "long enough", "name": "x"}}
    wrong: list[str] = []
    for table in TABLES:
        await rename(sqlite_api, table, "gone")
        sqlite_api.renderer_forget()
        faults = 0
        for each in ANSWERING:
            how = form if each.method in ("POST", "PUT", "PATCH") else {}
            path = world.path(each)
            reply = await sqlite_api.call(each.method, path, world.anna, **how)
            faults += reply.status >= 500
            if reply.status >= 400 and not is_discreet(path, reply):
                wrong.append(f"{each.method} {each.path}: {reply.headers} {reply.body[:300]}")
        assert faults, table
        await rename(sqlite_api, "gone", table)
    assert not wrong


async def test_s142_on_postgresql_too(postgres_api: Api) -> None:
    """There a fault has more words: the statement, a hint, and where in it."""
    world = await make_world(postgres_api)
    await rename(postgres_api, "status_tags", "gone")
    for path in ("/api/v1/timelines/tag/soup", "/tags/soup"):
        reply = await postgres_api.get(path, world.anna)
        assert reply.status == 500
        assert is_discreet(path, reply)


async def test_s142_what_was_half_done_is_undone(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "before")
    await rename(api, "notifications", "gone")
    answer = {"status": "@anna in between", "in_reply_to_id": said["id"]}
    key = {"Idempotency-Key": "once"}
    fault = await api.post("/api/v1/statuses", bert, json=answer, headers=key)
    assert fault.status == 500
    assert (await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)).status == 500
    await rename(api, "gone", "notifications")
    assert (await api.get("/api/v1/timelines/home", bert)).json == []
    root = (await api.get(f"/api/v1/statuses/{said['id']}", anna)).json
    assert root["replies_count"] == 0
    profile = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert (profile["followers_count"], profile["statuses_count"]) == (0, 1)
    assert (await api.get("/api/v1/notifications", anna)).json == []
    # The key was given back with the rest, so a retry does what was meant.
    again = await api.post("/api/v1/statuses", bert, json=answer, headers=key)
    assert again.status == 200


async def test_s142_the_usual_answers_name_no_version_but_where_it_is_asked_for(
    sqlite_api: Api,
) -> None:
    world = await make_world(sqlite_api)
    announced = {"/about", "/api/v1/instance", "/api/v2/instance", "/nodeinfo/2.0", "/nodeinfo/2.1"}
    for each in ANSWERING:
        if each.method == "GET" and each.path not in announced | {"/metrics"}:
            reply = await sqlite_api.get(world.path(each), world.anna)
            assert "server" not in reply.headers
            assert "x-powered-by" not in reply.headers
            assert stonechat.__version__.encode() not in reply.body, each.path
