"""What tests of webhooks share: beacons and people without a door, and a receiver that has moods.

A receiver takes a message only where it answers 2xx, and then remembers what it said. It looks at
each signature by itself, with nothing of ours.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from stonechat.domain.beacons import BeaconForm, BeaconView
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.jobs.runner import Runner
from stonechat.kernel.ids import IdSource
from stonechat.services import beacons
from stonechat.services.beacons import Name
from stonechat.services.consequences import HANDLERS, LANES
from stonechat.services.env import Env
from tests.contract.api import Api
from tests.outside import Site, answer

HOST = "hooks.example"
URL = f"http://{HOST}/hook"

Mood = Callable[[asyncio.StreamWriter], Awaitable[bool]]
"""Answers one message; whether it was taken."""


def saying(status: str, *headers: str) -> Mood:
    """A receiver that answers so."""

    async def mood(writer: asyncio.StreamWriter) -> bool:
        body = "" if status.startswith("204") else "noted" * 1000
        writer.write(answer(body, *headers, status=status))
        return status.startswith("2")

    return mood


async def hang_up(writer: asyncio.StreamWriter) -> bool:
    """A receiver that says nothing and goes."""
    writer.close()
    return False


async def stall(writer: asyncio.StreamWriter) -> bool:
    """A receiver that never answers."""
    del writer
    await asyncio.sleep(60)
    return False


fine = saying("204 No Content")


@dataclass
class Receiver:
    """What listens at URL."""

    site: Site
    secret: str = ""
    mood: Mood = fine
    taken: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    at_once: int = 0
    at_once_max: int = 0

    def __post_init__(self) -> None:
        self.site.pages["/hook"] = self._hear

    async def _hear(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        # What was asked was written down just before, in the same breath.
        body = self.site.requests[-1].removeprefix(head)
        self.at_once += 1
        self.at_once_max = max(self.at_once_max, self.at_once)
        try:
            message = self._check(head, body)
            if await self.mood(writer):
                self.taken.append(message)
        finally:
            self.at_once -= 1

    def _check(self, head: bytes, body: bytes) -> dict[str, Any]:
        lines = head.decode().split("\r\n")[1:]
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"), validate=True)
        mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
        assert headers["content-type"] == "application/json"
        message = json.loads(body)
        assert message["id"] == headers["webhook-id"]
        return message

    @property
    def values(self) -> list[str]:
        """The values that were taken, in that order."""
        return [each["value"] for each in self.taken if each["type"] == "value.changed"]

    @property
    def types(self) -> list[str]:
        return [each["type"] for each in self.taken]


async def viewer(api: Api, name: str) -> Viewer:
    """Somebody new, as services know them."""
    return Viewer(AccountId(int((await api.person(name)).id)))


async def beacon(api: Api, owner: Viewer, name: str = "Bakery", **form: Any) -> BeaconView:
    """A new beacon, which says NEW."""
    return await beacons.create_beacon(api.env, owner, BeaconForm(name=name, value="NEW", **form))


async def set_value(env: Env, who: Viewer, view: BeaconView, value: str) -> None:
    """A change, a millisecond after whatever was before."""
    env.clock.move(milliseconds=1)  # pyright: ignore[reportAttributeAccessIssue]
    await beacons.change_beacon(env, who, Name(view.beacon.id), BeaconForm(value=value))


async def run(env: Env) -> None:
    """Run what is due, to the end."""
    while await Runner(env, HANDLERS, LANES).run_due():
        pass


def another_process(api: Api, number: int = 1, **changed: Any) -> Env:
    """A second process on the same database."""
    clock = changed.pop("clock", api.clock)
    ids = IdSource(clock, number)
    web = api.outside.web(api.env.settings.base_url)
    return replace(api.env, clock=clock, ids=ids, web=web, **changed)
