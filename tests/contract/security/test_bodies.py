"""Requests that are larger than anybody means, or say one thing in two ways.

S085: lists of ten thousand, names that repeat. S087: a list where one value belongs. S092, S095:
documents without end. How much an answer may cost is told in statements and in bytes that were
read, not in seconds, which a busy machine would make untrue.
"""

import json
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlencode

import falcon.testing
import pytest

from stonechat.dialects.mastodon.dialect import OPERATIONS
from stonechat.dialects.stativate.routes.values import VALUE_BODY_BYTES_MAX
from stonechat.http.operations import BODY_BYTES_MAX, UPLOAD_BYTES_MAX
from stonechat.http.parameters.fields import ITEMS_MAX
from tests.contract.api import Api, Person, Reply
from tests.contract.security.doors import EVERY, make_world

REFUSED = {400, 401, 403, 404, 405, 410, 413, 415, 422}
LISTS = ("id", "account_ids", "types", "any", "context", "fields_attributes")
STATEMENTS_MAX = 20
ENDLESS = 10**12
CHUNK = 65_536


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_s085_long_lists_cost_no_more_than_short_ones(sqlite_api: Api) -> None:
    """So many items pass the reader of parameters: each operation itself must bound them."""
    world = await make_world(sqlite_api)
    items = [str(number) for number in range(ITEMS_MAX)]
    document = json.dumps(dict.fromkeys(LISTS, items)).encode()
    wrong: list[str] = []
    for each in OPERATIONS:
        sqlite_api.recorder.forget()
        path = world.path(each).partition("?")[0]
        reply = await sqlite_api.call(each.method, path, world.anna, body=document, headers=JSON)
        is_fine = reply.status in REFUSED | {200} and len(reply.body) < 100_000
        if not is_fine or sqlite_api.recorder.count > STATEMENTS_MAX:
            wrong.append(f"{each.method} {each.path}: {reply.status}")
    assert not wrong


async def test_s085_ten_thousand_items_are_refused_everywhere(sqlite_api: Api) -> None:
    world = await make_world(sqlite_api)
    items = [str(number) for number in range(10_000)]
    document = json.dumps({"id": items}).encode()
    for each in OPERATIONS:
        sqlite_api.recorder.forget()
        path = world.path(each).partition("?")[0]
        reply = await sqlite_api.call(each.method, path, world.anna, body=document, headers=JSON)
        assert (reply.status, sqlite_api.recorder.count) == (422, 0), each
    form = {"id[]": items}
    assert (await sqlite_api.post("/api/v1/statuses", world.anna, form=form)).status == 422


async def test_s085_lists_at_their_bound_and_over(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    for path, most in (
        ("/api/v1/statuses", 20),
        ("/api/v1/accounts", 40),
        ("/api/v1/accounts/relationships", 100),
    ):
        for count, status in ((most, 200), (most + 1, 422), (10_000, 422)):
            query = urlencode({"id[]": range(1, count + 1)}, doseq=True)
            reply = await sqlite_api.get(f"{path}?{query}", anna)
            assert reply.status == status, (path, count, reply.body)


async def test_s085_names_that_repeat_and_odd_brackets(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    ids = [(await sqlite_api.say(anna, str(number)))["id"] for number in range(3)]
    twice = f"/api/v1/statuses?id={ids[0]}&id={ids[1]}"
    assert (await sqlite_api.get(twice, anna)).status in (200, 422)
    seen = {each["id"] for each in (await sqlite_api.get(twice, anna)).json}
    assert seen <= {ids[1]}  # The last one counts, as in Rails; never both.
    for query in (
        "id[0][b]=1",
        "id[999999999]=1",
        "id[][]=1",
        "id[=1",
        "id[]=",
        "id[][a]=1&id[][a]=2",
    ):
        reply = await sqlite_api.get(f"/api/v1/statuses?{query}", anna)
        assert reply.status in (200, 400, 422), query
        assert reply.status != 200 or reply.json == [], query


@pytest.mark.parametrize("how", ["json", "form"])
async def test_s087_mine_and_theirs_in_one_list_is_neither(sqlite_api: Api, how: str) -> None:
    anna, bert = await sqlite_api.person("anna"), await sqlite_api.person("bert")
    mine = await sqlite_api.say(bert, "mine")
    theirs = await sqlite_api.say(anna, "theirs")
    made = await sqlite_api.post("/api/v1/lists", bert, json={"title": "Friends"})
    pair = [mine["id"], theirs["id"]]

    async def send(method: str, path: str, **fields: object) -> Reply:
        if how == "json":
            return await sqlite_api.call(method, path, bert, json=fields)
        named = {f"{key}[]" if isinstance(v, list) else key: v for key, v in fields.items()}
        return await sqlite_api.call(method, path, bert, form=named)

    replies = [
        await send("POST", "/api/v1/statuses", status="x", in_reply_to_id=pair),
        await send("POST", "/api/v1/statuses", status=["x", "y"]),
        await send("POST", "/api/v1/statuses", status="x", visibility=["private", "public"]),
        await send("PUT", f"/api/v1/statuses/{mine['id']}", status=["x", "y"]),
        await send("POST", "/api/v1/lists", title=["x", "y"]),
        await send("PUT", f"/api/v1/lists/{made.json['id']}", title=["x", "y"]),
        await send("POST", "/api/v2/filters", title=["x"], context=["home"]),
        await send("POST", f"/api/v1/accounts/{anna.id}/note", comment=["x", "y"]),
        await send("POST", "/api/v1/featured_tags", name=["soup", "tea"]),
        await send("GET", f"/api/v1/timelines/home?max_id[]={pair[0]}&max_id[]={pair[1]}"),
    ]
    assert [reply.status for reply in replies] == [422] * len(replies)
    seen = await sqlite_api.get(f"/api/v1/accounts/{bert.id}/statuses", bert)
    assert [each["content"] for each in seen.json] == ["<p>mine</p>"]
    assert [each["title"] for each in (await sqlite_api.get("/api/v1/lists", bert)).json] == [
        "Friends"
    ]


MEANT_BY_NOBODY = [
    b'{"status": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b"[" * 200_000,
    b"{" + b",".join(b'"k%d":1' % number for number in range(20_000)) + b"}",
    b'{"status": "a", "status": "b"}',
    b'{"status": "a" /* comment */}',
    b'{"status": "a"} // comment',
    b'{"status": "a",}',
    b'{"status": 1e999}',
    b'{"status": -Infinity}',
    b'{"status": ' + b"1" * 5_000 + b"}",
    b'{"\\u0000": 1, "status": "\\u0000"}',
    b"{'status': 'a'}",
    b"\x00",
    b"null",
]


async def test_s092_json_that_nobody_means(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    for body in MEANT_BY_NOBODY:
        reply = await sqlite_api.post("/api/v1/statuses", anna, body=body, headers=JSON)
        assert reply.status in (400, 422), body[:50]
        assert "error" in reply.json
    assert (await sqlite_api.get("/api/v1/timelines/home", anna)).json == []


async def test_s092_s095_an_empty_body_is_no_body(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": kind, "Content-Length": "0"}
        reply = await sqlite_api.post("/api/v1/statuses", anna, body=b"", headers=headers)
        assert (reply.status, reply.json) == (
            422,
            {"error": "Validation failed: Text can't be blank"},
        )


FORMS_OF_NOBODY = [
    b"&".join(b"f%d=1" % number for number in range(25_000)),
    b"a;" * (BODY_BYTES_MAX // 2),
    b"&" * BODY_BYTES_MAX,
    b"=" * BODY_BYTES_MAX,
    b"%" * BODY_BYTES_MAX,
    b"a[" * (BODY_BYTES_MAX // 2),
    b"a[b]" * (BODY_BYTES_MAX // 4) + b"=1",
    b"&".join(b"a[%d][b]=1" % number for number in range(15_000)),
]


async def test_s095_forms_that_nobody_means(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    for form in FORMS_OF_NOBODY:
        sqlite_api.recorder.forget()
        body = form[:BODY_BYTES_MAX]
        reply = await sqlite_api.post("/api/v1/statuses", anna, body=body, headers=FORM)
        assert reply.status in (400, 413, 422), body[:50]
        assert sqlite_api.recorder.count <= 2
        assert "error" in reply.json


class Endless:
    """A sender who never comes to an end; how much of it was taken."""

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += len(self._chunk)
        return {"type": "http.request", "body": self._chunk, "more_body": True}


async def send_endless(
    api: Api, path: str, who: Person, *, method: str = "POST", **headers: str
) -> tuple[int, bytes, int]:
    """Status and body of the answer, and how many bytes of the body were read for it."""
    sent = {"Authorization": f"Bearer {who.token}", "Content-Type": "application/json", **headers}
    scope = falcon.testing.create_scope(path=path, method=method, headers=sent)
    body, told = Endless(b" " * CHUNK), []

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    await api.app(scope, body.receive, send)
    answer = b"".join(message.get("body", b"") for message in told)
    return told[0]["status"], answer, body.taken


async def test_s095_a_huge_length_is_refused_unread(sqlite_api: Api) -> None:
    world = await make_world(sqlite_api)
    for each in OPERATIONS:
        path = world.path(each).partition("?")[0]
        status, told, taken = await send_endless(
            sqlite_api, path, world.anna, method=each.method, **{"Content-Length": str(ENDLESS)}
        )
        # The framework itself looks at the first piece, before anybody is asked.
        assert (status, taken) == (413, CHUNK), each
        assert b'{"error":' in told


async def test_s095_a_body_without_length_is_read_to_its_bound_and_no_further(
    sqlite_api: Api,
) -> None:
    world = await make_world(sqlite_api)
    for each in EVERY:
        if each.method == "GET":
            continue
        maximum = each.body_bytes_max
        assert maximum in (VALUE_BODY_BYTES_MAX, BODY_BYTES_MAX, UPLOAD_BYTES_MAX)
        path = world.path(each).partition("?")[0]
        status, _, taken = await send_endless(
            sqlite_api, path, world.anna, method=each.method, **{"Transfer-Encoding": "chunked"}
        )
        # Who reads it late may have found before that nothing here takes one.
        assert status == 413 or each.reads_itself, each
        assert taken <= maximum + 2 * CHUNK, each
