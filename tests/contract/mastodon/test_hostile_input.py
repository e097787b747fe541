"""Hostile input against every operation: JSON errors of the dialect, never a fault of ours.

S081 to S095 as sweeps over the table of operations. What a single parameter does with a wrong
value is tested with its endpoint; here it is enough that nothing breaks and nothing half-done
stays: no answer is a 5xx, and every one is JSON.
"""

import re
from collections.abc import Iterator

import pytest

from stonechat.dialects.mastodon.dialect import OPERATIONS
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.domain.viewers import SCOPES
from stonechat.http.operations import Operation
from tests.contract.api import Api, Person, Reply

EVERY_SCOPE = " ".join(SCOPES)
FINE = {200, 202, 302, 400, 401, 403, 404, 409, 410, 413, 415, 422}

RUBBISH_IDS = [
    "0",
    "-1",
    str(2**31),
    str(2**63),
    str(2**64),
    "1e3",
    "%201",
    "%EF%BC%91",
    "0x1",
    "9" * 400,
    "%00",
    "null",
    "%27%20OR%201=1--",
]
RUBBISH_LIMITS = ["0", "-1", "1000000000", "NaN", "1e9", "", "%00", "٣"]
RUBBISH_TEXTS = [
    "'; DROP TABLE statuses; --",
    '" OR ""="',
    "%_\\",
    "{{7*7}}",
    "NEAR(",
    "*",
    "\x1b[31m\nfake=line",
    "\u202eabc",
    "\ufffe\U000e0041",
    "a" * 70_000,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 600,
]
FIELDS = [
    "status",
    "spoiler_text",
    "visibility",
    "in_reply_to_id",
    "language",
    "q",
    "title",
    "name",
    "comment",
    "acct",
    "phrase",
    "keyword",
    "display_name",
    "note",
    "domain",
    "replies_policy",
    "filter_action",
]
LISTS = ["id", "account_ids", "context", "types", "exclude_types", "any", "fields_attributes"]
PAGING = ["max_id", "min_id", "since_id"]


def _path(operation: Operation[Renderer], identifier: str = "1") -> str:
    return re.sub(r"\{[^}]+\}", identifier, operation.path)


def _ids(operation: Operation[Renderer]) -> str:
    return f"{operation.method} {operation.path}"


class Sweep:
    """Sends, and remembers what was not answered as it must be."""

    def __init__(self, api: Api, who: Person) -> None:
        self.api = api
        self.who = who
        self.wrong: list[tuple[str, int, bytes]] = []

    def judge(self, what: str, reply: Reply) -> None:
        is_readable = not reply.body or reply.headers["content-type"].startswith(
            ("application/json", "application/xrd+xml", "application/jrd+json")
        )
        if reply.status not in FINE or not is_readable or b"Traceback" in reply.body:
            self.wrong.append((what, reply.status, reply.body[:200]))

    async def send(
        self, operation: Operation[Renderer], what: str, path: str, **how: object
    ) -> None:
        reply = await self.api.call(operation.method, path, self.who, **how)  # pyright: ignore[reportArgumentType]
        self.judge(f"{_ids(operation)} {what}", reply)


@pytest.fixture
async def sweep(sqlite_api: Api) -> Sweep:
    return Sweep(sqlite_api, await sqlite_api.person("anna", scopes=EVERY_SCOPE))


def _with_path_id() -> Iterator[Operation[Renderer]]:
    return (operation for operation in OPERATIONS if "{" in operation.path)


async def test_s081_rubbish_ids_in_paths(sweep: Sweep) -> None:
    for operation in _with_path_id():
        for identifier in RUBBISH_IDS:
            await sweep.send(operation, identifier[:30], _path(operation, identifier))
    assert not sweep.wrong


async def test_s081_rubbish_ids_in_cursors_and_bodies(sweep: Sweep) -> None:
    for operation in OPERATIONS:
        for identifier in RUBBISH_IDS:
            for name in (*PAGING, "in_reply_to_id", "account_id", "status_id", "id"):
                await sweep.send(operation, name, f"{_path(operation)}?{name}={identifier}")
    assert not sweep.wrong


async def test_s082_limits(sweep: Sweep) -> None:
    for operation in OPERATIONS:
        for limit in RUBBISH_LIMITS:
            await sweep.send(operation, limit, f"{_path(operation)}?limit={limit}")
        await sweep.send(operation, "array", f"{_path(operation)}?limit[]=1&limit[]=2")
    assert not sweep.wrong


async def test_s083_s084_s089_s091_texts(sweep: Sweep) -> None:
    for operation in OPERATIONS:
        for text in RUBBISH_TEXTS:
            body = {name: text for name in FIELDS if len(text) < 1000 or name == "status"}
            await sweep.send(operation, text[:20], _path(operation), json=body)
    assert not sweep.wrong


async def test_s085_s087_wrong_types(sweep: Sweep) -> None:
    values: list[object] = [None, True, 1e300, [], [[]], {}, {"a": {"b": 1}}, ["x"] * 500, [None]]
    for operation in OPERATIONS:
        for value in values:
            for names in (FIELDS, LISTS, [*PAGING, "limit", "sensitive", "expires_in"]):
                body = dict.fromkeys(names, value)
                await sweep.send(operation, repr(value)[:20], _path(operation), json=body)
    assert not sweep.wrong


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b'"text"'),
        ("application/json", b'{"a": NaN}'),
        ("application/json", b'{"a": 1} trailing'),
        ("application/json", b'\xef\xbb\xbf{"a": 1}'),
        ("application/json", b'{"a": "\\ud800"}'),
        ("application/json", b'{"status": "\xff\xfe"}'),
        ("application/json", b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
        ("application/json", b'{"a": ' + b"9" * 5_000 + b"}"),
        ("application/x-www-form-urlencoded", b"a=%ff%fe"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5_000))),
        ("application/x-www-form-urlencoded", b"a[0][b][c][d][e][f][g][h]=1"),
        ("application/x-www-form-urlencoded", b"a[999999999]=1"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n"),
        ("text/plain", b'{"status": "x"}'),
        ("application/octet-stream", b"\x00" * 100),
        ("application/json; charset=utf-16", b"{}"),
    ],
)
async def test_s090_s092_s095_bodies(sweep: Sweep, content_type: str, body: bytes) -> None:
    for operation in OPERATIONS:
        if operation.method != "GET":
            headers = {"Content-Type": content_type}
            await sweep.send(operation, content_type, _path(operation), body=body, headers=headers)
    assert not sweep.wrong


async def test_s095_compressed_bodies_are_refused(sweep: Sweep) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = await sweep.api.post("/api/v1/statuses", sweep.who, body=b"x", headers=headers)
    assert reply.status == 415


async def test_s084_a_status_at_its_limit_and_over(api: Api) -> None:
    anna = await api.person("anna")
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    assert (await api.say(anna, family * 500))["content"].count(family) == 500
    over = await api.post("/api/v1/statuses", anna, json={"status": "a" * 501})
    assert over.status == 422
    assert over.json == {"error": "Validation failed: Text character limit of 500 exceeded"}
    megabyte = await api.post("/api/v1/statuses", anna, json={"status": "a" * 200_000})
    assert megabyte.status == 422


async def test_s086_an_unknown_visibility_never_gets_wider(api: Api) -> None:
    anna = await api.person("anna")
    reply = await api.post("/api/v1/statuses", anna, json={"status": "x", "visibility": "all"})
    assert reply.status == 422
    assert (await api.get("/api/v1/timelines/public")).json == []
