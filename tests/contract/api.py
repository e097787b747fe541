"""A client for contract tests: calls the ASGI application in the process, on either engine.

Tests say what goes over the wire and what comes back; they never reach past it, except to
make accounts and tokens, which is what the command line does.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import falcon.testing

from stonechat.app import make_app
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import Store
from stonechat.domain.viewers import ADMINISTRATORS
from stonechat.http.logs import Sink, configure_logging
from stonechat.kernel.ids import IdSource
from stonechat.kernel.seals import Seals
from stonechat.kernel.settings import Settings
from stonechat.services import accounts, tokens
from stonechat.services.env import Env
from stonechat.storage.database import Database
from tests.clocks import HeldClock
from tests.outside import Outside
from tests.recording import RecordingDatabase

_SINK = Sink()
EVERYTHING = "read write follow push profile community"
"""All that a member's token may do, as a community's own way of signing in makes it."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    json: Any


@dataclass(frozen=True)
class Person:
    """An account of the test, with a token that may do everything."""

    id: str
    name: str
    token: str


def _read(result: falcon.testing.Result) -> Reply:
    is_json = result.headers.get("content-type", "").startswith("application/json")
    return Reply(
        result.status_code,
        {name.lower(): value for name, value in result.headers.items()},
        result.content,
        result.json if is_json and result.content else None,
    )


class Api:
    """The server under test and the people on it."""

    def __init__(
        self, database: Database, settings: Settings, *, blobs: Store | None = None
    ) -> None:
        self.clock = HeldClock()
        self.recorder = RecordingDatabase(database)
        self.outside = Outside()
        self.env = Env(
            self.recorder,
            self.clock,
            IdSource(self.clock, 0),
            settings,
            lambda: None,
            lambda _kind, _key: None,
            blobs=blobs or DiskStore(settings.data_dir),
            seals=Seals(b"a key for tests that nobody guesses"),
            web=self.outside.web(settings.base_url),
        )
        self.app = make_app(self.env, configure_logging(settings, _SINK, self.clock))
        self.client = falcon.testing.TestClient(self.app)

    async def person(self, name: str, *, role: str = "user", scopes: str = EVERYTHING) -> Person:
        """A new account with a token; an administrator's may do what they may."""
        if scopes == EVERYTHING and role in ADMINISTRATORS:
            scopes = f"{EVERYTHING} admin:read admin:write"
        made = await accounts.create_account(
            self.env, username=name, email=f"{name}@example.org", password="long enough", role=role
        )
        return Person(str(made.id), name, await self.token(name, scopes))

    async def token(self, name: str, scopes: str = EVERYTHING) -> str:
        """A new token for an account."""
        return await tokens.create_for_name(self.env, name, scopes=scopes)

    async def call(
        self,
        method: str,
        path: str,
        who: Person | str | None = None,
        *,
        json: Any = None,
        form: Any = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """One request. `who` is a person or a bare token; `form` is sent urlencoded."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {who if isinstance(who, str) else who.token}"
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        path, _, query = path.partition("?")
        async with falcon.testing.ASGIConductor(self.app) as conductor:
            result = await conductor.simulate_request(
                method, path, query_string=query, json=json, body=body, headers=sent
            )
            return _read(result)
        raise AssertionError("the conductor swallows nothing")

    def renderer_forget(self) -> None:
        """A server whose caches are empty, over the same data."""
        self.app = make_app(self.env, _SINK)

    async def get(self, path: str, who: Person | str | None = None, **more: Any) -> Reply:
        return await self.call("GET", path, who, **more)

    async def post(self, path: str, who: Person | str | None = None, **more: Any) -> Reply:
        return await self.call("POST", path, who, **more)

    async def say(self, who: Person, text: str, **fields: Any) -> dict[str, Any]:
        """Post a status and give its JSON. The clock moves on, so ids follow the order."""
        self.clock.move(milliseconds=1)
        reply = await self.post("/api/v1/statuses", who, json={"status": text, **fields})
        assert reply.status == 200, reply.body
        return reply.json
