"""The community's dialect: what a look, a page of a feed and an edit cost; and a large category.

The large one is written by SQL, as posting and voting would have left it: posting it would take
longer than everything else here.
"""

import asyncio
import http.client
import json
import random
import time
from contextlib import closing
from typing import Final

from bench.loads import Load
from bench.seeds import NAMES
from bench.servers import Server, Site, serving
from stonechat.config import read_settings
from stonechat.domain.heat import heat_of
from stonechat.domain.ids import StatusId
from stonechat.kernel.ids import id_at
from stonechat.services.rooms import open_rooms
from stonechat.storage.database import Transaction

SAID: Final = 60
HOT: Final = 200
EDITED: Final = 2_000
STATUSES: Final = 100_000
VOTES: Final = 1_000_000
WRITTEN_AT_ONCE: Final = 10_000
DAYS: Final = 90
REQUESTS: Final = 400
OFFSET_MAX: Final = 400
LIMIT: Final = 20
SEED: Final = 5
_DAY_MS: Final = 86_400_000
# Every tenth has eleven times the votes of the others, so that the order is not that of time.
_TENTH: Final = 10
_FEW: Final = VOTES // (2 * STATUSES)
_MANY: Final = _FEW * (1 + _TENTH)
assert STATUSES // _TENTH * (_MANY + (_TENTH - 1) * _FEW) == VOTES


# Figures --------------------------------------------------------------------------------------


def community_cases(site: Site, tokens: list[str], said: list[int], seconds: int) -> list[Load]:
    """Looks at one and at pages, and edits, of whom `said` in turn with two others."""
    category_id = _make_category(site)
    for number in range(SAID):
        body = {"text": f"<p>Number {number} of what people say</p>", "categories": [category_id]}
        site.call("POST", "/api/v2/status/", tokens[number % len(tokens)], **body)
    token = tokens[0]
    hot = [("GET", f"/api/v2/status/{each}/", "") for each in said[-HOT:]]
    text = {"text": "Back at half past twelve, says {n}", "categories": [category_id]}
    edits = [
        ("PUT", f"/api/v2/status/{each}/", json.dumps(text))
        for each in said[:: len(NAMES)][:EDITED]
    ]
    feeds = [
        Load(f"GET {name} of 20 cached", token, [("GET", path, "")], seconds=seconds)
        for name, path in (
            ("community feed", "/api/v2/feed/"),
            ("community explore", "/api/v2/feed/explore/"),
            ("category feed", f"/api/v2/category/{category_id}/feed/?ordering=relevance"),
        )
    ]
    return [
        Load("GET community status cached", token, hot, seconds=seconds),
        *feeds,
        Load("PUT community status", token, edits, seconds=seconds),
    ]


def _make_category(site: Site) -> int:
    words = ("--email", "dora@example.org", "--password", "long enough", "--role", "admin")
    site.command("account", "create", "dora", *words)
    scopes = "read write admin:read admin:write"
    token = site.command("token", "create", "dora", "--scopes", scopes)
    made = site.call("POST", "/api/v2/category/", token, name="Tea", slug="_GENERATE_")
    category_id: int = made["id"]
    return category_id


# The large category ---------------------------------------------------------------------------

_NUMBERS: Final = (
    "WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n"
    " WHERE i + 1 < $2) "
)
_SAY: Final = (
    "INSERT INTO statuses (id, account_id, thread_id, visibility, rack, text, content,"
    " categories, favourites) " + _NUMBERS + "SELECT $3 + i * $4, CAST($5 AS BIGINT),"
    " $3 + i * $4, 0, 1, 'Said long ago', '<p>Said long ago</p>', CAST($6 AS TEXT),"
    " CASE WHEN i % 10 = 0 THEN CAST($7 AS BIGINT) ELSE $8 END FROM n"
)
_FILE: Final = (
    "INSERT INTO category_entries (category_id, status_id, is_open, heat_ms, activity_ms) "
    + _NUMBERS
    + "SELECT CAST($5 AS BIGINT), $3 + i * $4, 1, ($3 + i * $4) / 4096 + 1262304000000"
    " + CASE WHEN i % 10 = 0 THEN CAST($6 AS BIGINT) ELSE $7 END,"
    " ($3 + i * $4) / 4096 + 1262304000000 FROM n"
)
_VOTE: Final = (
    "INSERT INTO favourites (status_id, account_id, id) "
    + _NUMBERS
    + "SELECT $3 + n.i * $4, v.i + (n.i * 7) % 900, $3 + n.i * $4 + v.i + 1 FROM n"
    " JOIN (WITH RECURSIVE w (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM w"
    " WHERE i + 1 < 100) SELECT i FROM w) v"
    " ON v.i < CASE WHEN n.i % 10 = 0 THEN CAST($5 AS BIGINT) ELSE $6 END"
)


def category_figure(site: Site) -> str:
    """How long pages of the large category take, in the order of its votes."""
    with serving(site):
        account_id, token = site.account(NAMES[0])
        category_id = _make_category(site)
    began = time.monotonic()
    asyncio.run(_fill(site, int(account_id), category_id))
    filled_s = time.monotonic() - began
    with serving(site) as server:
        return f"{_ask(server, token, category_id)}; written in {filled_s:.0f} s"


async def _fill(site: Site, account_id: int, category_id: int) -> None:
    async with open_rooms(read_settings(site.environment)) as rooms:
        first_id = id_at(rooms.env.clock.now_ms() - DAYS * _DAY_MS)
        step = (DAYS * _DAY_MS // STATUSES) << 12
        heats = [heat_of(StatusId(0), each) - heat_of(StatusId(0), 0) for each in (_MANY, _FEW)]
        for start in range(0, STATUSES, WRITTEN_AT_ONCE):
            reach = (start, start + WRITTEN_AT_ONCE, first_id, step)

            async def work(tx: Transaction, reach: tuple[int, ...] = reach) -> None:
                await tx.run(_SAY, *reach, account_id, f"[{category_id}]", _MANY, _FEW)
                await tx.run(_FILE, *reach, category_id, *heats)
                await tx.run(_VOTE, *reach, _MANY, _FEW)

            await rooms.env.db.write(work)


def _ask(server: Server, token: str, category_id: int) -> str:
    choose = random.Random(SEED)  # noqa: S311
    taken: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", server.site.port, timeout=30)
    with closing(connection):
        before = server.cpu_s()
        for _ in range(REQUESTS):
            offset = choose.randrange(OFFSET_MAX)
            path = f"/api/v2/category/{category_id}/feed/?limit={LIMIT}&offset={offset}"
            began = time.monotonic()
            connection.request(
                "GET", f"{path}&ordering=relevance", headers={"Authorization": f"Bearer {token}"}
            )
            answer = connection.getresponse()
            found = json.loads(answer.read())
            taken.append((time.monotonic() - began) * 1000)
            assert len(found["results"]) == LIMIT, found
        cpu_us = (server.cpu_s() - before) / REQUESTS * 1e6
    taken.sort()
    return (
        f"GET category feed by votes, {STATUSES:,} statuses and {VOTES:,} votes,"
        f" p50 {taken[REQUESTS // 2]:.2f} ms, p95 {taken[REQUESTS * 95 // 100]:.2f} ms,"
        f" {cpu_us:.0f} server CPU µs/request"
    )
