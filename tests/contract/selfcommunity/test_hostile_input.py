"""Hostile input against every operation of the community: errors of this dialect, no fault of ours.

S081 to S087, S089 to S092 and S095 as sweeps over the table of operations, each with a sample that
is drawn from a seed: what a single field does with a wrong value is tested with its noun. Here no
answer is a 5xx, every refusal is `{"errors": [...]}` and says something of each fault, and whoever
asks is an administrator, so that no right stands before the parser.
"""

from random import Random
from typing import Any

import pytest

from stonechat.dialects.selfcommunity.calls import CommunityOperation
from stonechat.dialects.selfcommunity.dialect import OPERATIONS
from tests.contract.api import Api, Reply
from tests.contract.security.doors import World, make_world

FINE = {200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410, 413, 415}
QUERIES_EACH = 5
BODIES_EACH = 5
RUBBISH_IDS = [
    "0",
    "-1",
    "1e3",
    "%201",
    "%EF%BC%91",
    "0x1",
    "9" * 400,
    "%00",
    "9223372036854775808",
]
RUBBISH_WORDS = [
    "",
    "0",
    "-1",
    "1000000000",
    "18446744073709551616",
    "NaN",
    "1e999",
    "٣",
    "\x00",
    "'; DROP TABLE statuses; --",
    '" OR ""="',
    "%_\\",
    "{{7*7}}",
    "NEAR(",
    "\x1b[31m\nfake=line",
    "\u202eabc",
    "\ufffe\U000e0041",
    "a" * 70_000,
    "<script>" * 2_000,
    "@a@" * 5_000,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 600,
]
RUBBISH_VALUES: list[Any] = [
    *RUBBISH_WORDS,
    None,
    True,
    -1,
    2**63,
    2**64,
    1e300,
    [],
    [[]],
    {},
    {"a": {"b": 1}},
    ["x"] * 500,
    [None],
    list(range(10_000)),
    [{"choice": "a" * 70_000}] * 3,
]
_NAMES = """
    limit offset page_size ordering order_by search q id user status post discussion comment
    category categories tag tags tag_id tag_name type contribution_type reaction flag_type parent
    in_reply_to text title action medias addressing recipients location lat lng poll choices choice
    draft scheduled_at name slug description color visible active parents auto_follow order
    embed_type embed_id url metadata feed_object_id image upload_id filename md5 value key username
    email password token code settings account_ids ids objects moderation_type min_flags users
    date_of_birth website ext_id language real_name event group object
"""
NAMES = _NAMES.split()
BODIES = [
    ("application/json", b"{"),
    ("application/json", b"[1]"),
    ("application/json", b'"text"'),
    ("application/json", b'{"a": NaN}'),
    ("application/json", b'{"a": 1} trailing'),
    ("application/json", b'{"text": "\\ud800"}'),
    ("application/json", b'{"text": "\xff\xfe"}'),
    ("application/json", b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    ("application/json", b'{"a": ' + b"9" * 5_000 + b"}"),
    ("application/x-www-form-urlencoded", b"text=%ff%fe"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5_000))),
    ("application/x-www-form-urlencoded", b"categories[999999999]=1"),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n"),
    ("text/plain", b'{"text": "x"}'),
    ("application/json; charset=utf-16", b"{}"),
]


def _said(reply: Reply) -> bool:
    """Whether a refusal says what is wrong, in the shape that the vendor's client reads."""
    if reply.status < 400:
        return True
    errors = (reply.json or {}).get("errors")
    return bool(errors) and all(_told(each) for each in errors)


def _told(error: dict[str, Any]) -> bool:
    if "field" in error:
        return bool(error["field"]) and all(_told(each) for each in error["messages"])
    return bool(error["message"]) and bool(error["code"])


class Sweep:
    """Sends, and remembers what was not answered as it must be."""

    def __init__(self, api: Api, world: World) -> None:
        self.api = api
        self.world = world
        self.random = Random(20_07)
        self.wrong: list[tuple[str, int, bytes]] = []

    def path(self, operation: CommunityOperation) -> str:
        return self.world.path(operation).partition("?")[0]

    async def send(self, operation: CommunityOperation, path: str, **how: Any) -> None:
        reply = await self.api.call(operation.method, path, self.world.anna, **how)
        is_json = not reply.body or reply.json is not None
        if reply.status not in FINE or not is_json or not _said(reply):
            what = f"{operation.method} {path[:200]} {str(how)[:200]}"
            self.wrong.append((what, reply.status, reply.body[:200]))


@pytest.fixture
async def sweep(sqlite_api: Api) -> Sweep:
    return Sweep(sqlite_api, await make_world(sqlite_api))


async def test_s081_rubbish_ids_in_paths(sweep: Sweep) -> None:
    """S081: not found, whatever is asked for."""
    for operation in OPERATIONS:
        before, brace, after = operation.path.partition("{id}")
        if brace:
            tail = after.replace("{pid}", "1")
            for identifier in sweep.random.sample(RUBBISH_IDS, 4):
                await sweep.send(operation, f"{before}{identifier}{tail}")
    assert not sweep.wrong


async def test_s082_s083_s085_s086_queries(sweep: Sweep) -> None:
    """S082, S083, S085, S086: literal, clamped or refused with a word."""
    for operation in OPERATIONS:
        if operation.method != "GET":
            continue
        for _ in range(QUERIES_EACH):
            names = sweep.random.sample(NAMES, 3)
            asked = [(name, sweep.random.choice(RUBBISH_WORDS)[:3_000]) for name in names]
            asked[0] = (sweep.random.choice(("limit", "offset", names[0])), asked[0][1])
            query = "&".join(f"{name}={_quoted(value)}" for name, value in asked)
            suffix = sweep.random.choice(("", "", "&limit=1&limit=2", "&id[]=1&id[0][b]=2"))
            await sweep.send(operation, f"{sweep.path(operation)}?{query}{suffix}")
    assert not sweep.wrong


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())


async def test_s084_s087_s089_s091_bodies_of_the_wrong_kind(sweep: Sweep) -> None:
    """S084 to S087, S089, S091: too long, of another type, unknown: refused or bounded."""
    # What takes something of the world away comes when nobody needs it any more.
    for operation in sorted(OPERATIONS, key=lambda each: each.method == "DELETE"):
        if operation.method == "GET":
            continue
        for _ in range(BODIES_EACH):
            names = sweep.random.sample(NAMES, 12)
            body = {name: sweep.random.choice(RUBBISH_VALUES) for name in names}
            await sweep.send(operation, sweep.path(operation), json=body)
    assert not sweep.wrong


async def test_s090_s092_s095_bodies_that_cannot_be_read(sweep: Sweep) -> None:
    """S090, S092, S095: 400, 413 or 415; nothing half-read is taken."""
    for operation in OPERATIONS:
        if operation.method in ("POST", "PUT", "PATCH"):
            for content_type, body in sweep.random.sample(BODIES, 4):
                headers = {"Content-Type": content_type}
                await sweep.send(operation, sweep.path(operation), body=body, headers=headers)
    assert not sweep.wrong
