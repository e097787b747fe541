"""Beacons: what a change and a look cost, and two drills on changes.

In the first, writers set one beacon while the server is killed with -9 and started again: every
value that was acknowledged stands in the history once, its numbers have no gap, and the beacon
says what its last change says. In the second, a hundred updaters set one beacon at once: its
history is as long as what was acknowledged, and what each was told is what became of it.
"""

import asyncio
import http.client
import json
import random
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

from bench.loads import Load
from bench.servers import Server, Site, serving
from stonechat.config import read_settings
from stonechat.domain.beacons import UPDATER, BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services import accounts, beacon_roles, beacons, tokens
from stonechat.services.beacons import Name
from stonechat.services.env import Env
from stonechat.services.rooms import open_rooms

BEACONS: Final = 100
WRITERS: Final = 8
UPDATERS: Final = 100
CHANGES_EACH: Final = 5
ALIVE_S: Final = (0.2, 1.2)
RETRY_S: Final = 0.02
PAGE: Final = 200
FORMATS: Final = ("json", "txt", "svg")
SCOPES: Final = "read write"
_NEW: Final = {"name": "The oven", "value": "COLD", "accessType": "public"}
_FIRST: Final = "COLD"


# Figures --------------------------------------------------------------------------------------


def beacon_cases(site: Site, token: str, seconds: int) -> list[Load]:
    """Changes of many beacons in turn, and looks at one by somebody who knows how it is."""
    made = [site.call("POST", "/v1/status", token, **_NEW) for _ in range(BEACONS)]
    paths = [f"/v1/status/{each['id']}" for each in made]
    values = ("OPEN", "CLOSED", "12:30")
    lines = [
        ("PATCH", path, json.dumps({"value": values[number % len(values)]}))
        for number, path in enumerate(paths)
    ]
    cases = [Load("PATCH beacon", token, lines, seconds=seconds)]
    # Not one of those: what is known of it stays true.
    looked_at = site.call("POST", "/v1/status", token, **_NEW)["shareId"]
    for ending in FORMATS:
        path = f"/s/{looked_at}.{ending}"
        cases.append(Load(f"GET .{ending} unknown", "", [("GET", path, "")], seconds=seconds))
        known = _find_version(site, path)
        look = Load(f"GET .{ending} by ETag", "", [("GET", path, "")], seconds=seconds, known=known)
        cases.append(look)
    return cases


def _find_version(site: Site, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}{path}", timeout=30) as answer:
        return answer.headers["ETag"]


# Drills ---------------------------------------------------------------------------------------


@dataclass
class Notes:
    """What the writers were told: of each value, how many changes there were with it."""

    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    late: set[str] = field(default_factory=set[str])
    """Values that were acknowledged at a second try: others may have set another one since."""
    retries: int = 0
    is_over: bool = False


class Writer:
    """Somebody who sets a beacon to values that nobody else sets it to."""

    def __init__(self, site: Site, token: str, path: str, number: int) -> None:
        self._site = site
        self._token = token
        self._path = path
        self._number = number
        self._connection: http.client.HTTPConnection | None = None

    def put(self, count: int, notes: Notes) -> None:
        """Set the next value, and try it until that was acknowledged."""
        value = f"W{self._number}.{count}"
        while (told := self._try(value)) is None:
            notes.retries += 1
            notes.late.add(value)
            time.sleep(RETRY_S)
        notes.acknowledged[value] = told["changes"]

    def _try(self, value: str) -> dict[str, Any] | None:
        """One attempt: what was told, or None when the server was not there."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"set {value}",
        }
        try:
            self._connection.request(
                "PATCH", f"{self._path}?include=details", json.dumps({"value": value}), headers
            )
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        if answer.status == 200:  # noqa: PLR2004
            return json.loads(content)
        assert answer.status == 503, (answer.status, content)  # noqa: PLR2004
        return None

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def change_drill(site: Site, rounds: int) -> str:
    """Kill the server under its writers; the counts as one line, AssertionError where it failed."""
    path, (token, *_) = asyncio.run(_make_oven(site, 0))
    server = Server(site)
    notes = Notes()
    writers = [Writer(site, token, path, number) for number in range(WRITERS)]
    threads = [threading.Thread(target=_write_on, args=(each, notes)) for each in writers]
    for thread in threads:
        thread.start()
    for _ in range(rounds):
        time.sleep(random.uniform(*ALIVE_S))  # noqa: S311 - no secret
        server.kill()
        server = Server(site)
    notes.is_over = True
    for thread in threads:
        thread.join()
    try:
        counts = _judge(site, token, path, notes)
    finally:
        server.stop()
    return f"{rounds} kills, {counts}"


def _write_on(writer: Writer, notes: Notes) -> None:
    count = 0
    while not notes.is_over:
        count += 1
        writer.put(count, notes)
    writer.close()


def updater_drill(site: Site, updaters: int = UPDATERS, each: int = CHANGES_EACH) -> str:
    """Let so many people set one beacon at once, each so many times; the counts as one line."""
    path, (token, *others) = asyncio.run(_make_oven(site, updaters))
    notes, begins = Notes(), threading.Barrier(updaters)
    writers = [Writer(site, of, path, number) for number, of in enumerate(others, 1)]
    threads = [
        threading.Thread(target=_write, args=(writer, each, begins, notes)) for writer in writers
    ]
    with serving(site):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = _judge(site, token, path, notes)
    assert len(notes.acknowledged) == updaters * each, counts
    return f"{updaters} updaters at once, {counts}"


def _write(writer: Writer, times: int, begins: threading.Barrier, notes: Notes) -> None:
    begins.wait()
    for count in range(times):
        writer.put(count, notes)
    writer.close()


async def _make_oven(site: Site, updaters: int) -> tuple[str, list[str]]:
    """A beacon with so many updaters, by its path, and the tokens of its owner and of each."""
    async with open_rooms(read_settings(site.environment)) as rooms:
        env = rooms.env
        names = [f"person{number}" for number in range(updaters + 1)]
        ids = [await _make_person(env, name) for name in names]
        owner = Viewer(ids[0])
        form = BeaconForm(name="The oven", value=_FIRST)
        made = (await beacons.create_beacon(env, owner, form)).beacon
        for name in names[1:]:
            await beacon_roles.give_role(env, owner, Name(made.id), name, UPDATER)
        made_tokens = [await tokens.create_for_name(env, each, scopes=SCOPES) for each in names]
        return f"/v1/status/{made.status_id}", made_tokens


async def _make_person(env: Env, name: str) -> AccountId:
    made = await accounts.create_account(
        env, username=name, email=f"{name}@example.org", password="long enough"
    )
    return made.id


def _judge(site: Site, token: str, path: str, notes: Notes) -> str:
    history = _read_history(site, token, path)
    numbers = {each["value"]: each["number"] for each in history}
    told = notes.acknowledged
    seen = site.call("GET", f"{path}?include=details", token)
    expected = list(range(len(history), 0, -1))
    missing = sum(value not in numbers for value in told)
    misled = sum(
        numbers.get(value, 0) > number if value in notes.late else numbers.get(value, 0) != number
        for value, number in told.items()
    )
    doubled = len(history) - len(numbers)
    gaps = sum(a["number"] != b for a, b in zip(history, expected, strict=True))
    # Every writer tried until they heard of it, so there is nothing that nobody was told of.
    strange = len(numbers.keys() - told.keys() - {_FIRST})
    apart = [seen["value"] != history[0]["value"], seen["changes"] != len(history)]
    counts = (
        f"{len(told)} acknowledged, {notes.retries} retries: missing {missing}, doubled {doubled},"
        f" told another number {misled}, gaps {gaps}, strange {strange}, history {len(history)},"
        f" value and count apart from it {sum(apart)}"
    )
    if missing or doubled or misled or gaps or strange or any(apart):
        raise AssertionError(counts)
    return counts


def _read_history(site: Site, token: str, path: str) -> list[dict[str, Any]]:
    """The whole history, the newest change first."""
    found: list[dict[str, Any]] = []
    page, below = site.call("GET", f"{path}/history?limit={PAGE}", token), ""
    while page:
        found += page
        below = f"&cursor={page[-1]['number']}"
        page = site.call("GET", f"{path}/history?limit={PAGE}{below}", token)
    return found
