"""What caches between us and the reader may keep.

S053: through a cache that keeps whatever it is not forbidden to, each caller gets their own
answer, in whatever order they come. S054: nothing that went wrong is kept. The cache here is
worse than any real one: it does not know that an answer to a request with an Authorization
header is not to be shared, so only our own headers protect anybody.
"""

import itertools
import re
from dataclasses import replace
from typing import Any, cast

from stonechat.app import make_app
from stonechat.http.forks import Fork
from stonechat.http.logs import Sink
from stonechat.http.operations import Operation
from stonechat.kernel.settings import Settings
from tests.contract.api import Api, Person, Reply
from tests.contract.routers import SharingRouter
from tests.contract.security.doors import ANSWERING, EVERY, is_for_people, make_world

READING = [each for each in ANSWERING if each.method == "GET"]
# Differs from one request to the next, for one caller, too.
PASSING = re.compile(rb'name="form_token" value="[^"]*"|stonechat_http_[^\n]*|process_[^\n]*')
MARKING = {"/api/v2/notification/"}
"""What marks by being read that it was: the second answer is another one."""
CHANGED = {"x-request-id", "set-cookie"}


class Cache:
    """A shared cache without manners, before the server."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kept: dict[tuple[str, ...], Reply] = {}
        self._vary: dict[str, tuple[str, ...]] = {}
        self.hits = 0

    @property
    def is_empty(self) -> bool:
        return not self._kept

    async def get(self, path: str, who: Person | None) -> Reply:
        sent = {} if who is None else {"authorization": who.token}
        varies = self._vary.get(path)
        if varies is not None:
            key = (path, *(sent.get(name, "") for name in varies))
            if key in self._kept:
                self.hits += 1
                return self._kept[key]
        reply = await self._api.get(path, who)
        told = reply.headers.get("cache-control", "")
        if not {"private", "no-store", "no-cache"} & set(re.split(r"[, ]+", told)):
            named = reply.headers.get("vary", "").lower().split(",")
            varies = tuple(name.strip() for name in named if name.strip())
            self._vary[path] = varies
            self._kept[(path, *(sent.get(name, "") for name in varies))] = reply
        return reply


def shown(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in reply.headers.items() if name not in CHANGED}
    if b"stonechat_http" in reply.body:
        headers.pop("content-length")
    return reply.status, PASSING.sub(b"", reply.body), headers


async def test_s053_through_a_cache_everybody_gets_their_own_answer(sqlite_api: Api) -> None:
    world = await make_world(sqlite_api)
    callers = (world.anna, world.bert, None)
    wrong: set[str] = set()
    hits = 0
    for each in READING:
        path = world.path(each)
        if each.path in MARKING:
            for who in callers:
                await sqlite_api.get(path, who)
        own = {who: shown(await sqlite_api.get(path, who)) for who in callers}
        for order in itertools.permutations(callers):
            cache = Cache(sqlite_api)
            for who in (*order, *order):
                if shown(await cache.get(path, who)) != own[who]:
                    wrong.add(path)
            hits += cache.hits
            if cache.is_empty:
                break  # Nothing of it is ever kept, so no other order can matter.
    assert not wrong
    assert hits  # What is public is kept indeed.


async def test_s053_what_is_for_people_says_that_it_is_private(sqlite_api: Api) -> None:
    world = await make_world(sqlite_api)
    loose: list[str] = []
    kept: set[str] = set()
    for each in READING:
        reply = await sqlite_api.get(world.path(each), world.anna)
        told = reply.headers["cache-control"]
        is_personal = shown(reply) != shown(await sqlite_api.get(world.path(each)))
        if (is_for_people(each) or is_personal) and "no-store" not in told:
            loose.append(f"{each.path}: {told}")
        elif "no-store" not in told:
            kept.add(each.path)
    assert not loose
    assert "/api/v2/instance" in kept


async def test_s053_a_world_where_every_path_leads_somewhere(sqlite_api: Api) -> None:
    """The sweeps above look at answers, not at refusals."""
    world = await make_world(sqlite_api)
    lost = {
        each.path
        for each in READING
        if (await sqlite_api.get(world.path(each), world.anna)).status not in (200, 301, 302, 303)
    }
    assert lost <= {
        "/cards/{name}",
        "/pictures/{name}",
        "/api/v1/apps/verify_credentials",
        "/api/v1/emails/check_confirmation",
        "/api/v1/instance/domain_blocks",
        "/api/v1/instance/terms_of_service",
        "/api/v1/instance/terms_of_service/{date}",
        "/api/v1/push/subscription",
        "/api/v2/user/connection/requests/",
        "/api/v2/user/connection/requests_sent/",
        "/metrics",
        "/oauth/authorize",
        "/oauth/authorize/native",
    }


def test_s054_every_door_is_known(sqlite_api: Api) -> None:
    """Whatever is mounted is swept."""
    application: Any = sqlite_api.app
    fork = application._application  # noqa: SLF001 - nobody else shows them
    assert isinstance(fork, Fork)
    paths: set[str] = set()
    for each in fork.applications:
        router = cast("Any", each)._router  # noqa: SLF001
        assert isinstance(router, SharingRouter)
        assert not paths & router.paths
        paths |= router.paths
    assert paths == {each.path for each in EVERY}


def _rubbish(operation: Operation[Any]) -> str:
    return re.sub(r"\{[^}]+\}", "~nothing", operation.path)


async def test_s054_no_refusal_is_kept(sqlite_api: Api) -> None:
    """Every operation with a bad token, a bad id, a bad body; and what is no operation."""
    world = await make_world(sqlite_api)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/api/v1/nothing", {}),
        ("GET", "/nothing", {}),
        ("PATCH", "/health", {}),
        ("PUT", "/", {}),
        ("POST", "/@anna", {}),
    ]
    broken = {"body": b"{", "headers": {"Content-Type": "application/json"}}
    for each in EVERY:
        asked += [
            (each.method, _rubbish(each), {"who": "made-up"}),
            (each.method, _rubbish(each), {"who": world.anna}),
            (each.method, _rubbish(each), {}),
            (each.method, _rubbish(each), broken),
        ]
    wrong: set[str] = set()
    statuses: set[int] = set()
    for method, path, more in asked:
        reply = await sqlite_api.call(method, path, **more)
        if reply.status >= 400:
            statuses.add(reply.status)
            if "no-store" not in reply.headers.get("cache-control", ""):
                wrong.add(f"{method} {path}: {reply.status}")
    assert not wrong
    assert {400, 401, 404, 405, 422} <= statuses


async def test_s054_neither_too_much_nor_a_fault_of_ours_is_kept(
    sqlite_api: Api, settings: Settings
) -> None:
    limited = replace(settings, rate_limits=True)
    app = make_app(replace(sqlite_api.env, settings=limited), Sink())
    sqlite_api.app = app
    replies = [await sqlite_api.post("/api/v1/apps", json={}) for _ in range(6)]
    assert replies[-1].status == 429
    await sqlite_api.env.db.write(lambda tx: tx.run("DROP TABLE status_tags"))
    replies.append(await sqlite_api.get("/api/v1/timelines/tag/soup"))
    assert replies[-1].status == 500
    for reply in replies:
        assert "no-store" in reply.headers["cache-control"]
