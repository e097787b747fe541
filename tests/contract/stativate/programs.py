"""What tests say that programs do with beacons, over the wire."""

from dataclasses import dataclass
from typing import Any

from stonechat.services import tokens
from tests.contract.api import Api, Person, Reply

BAD_REQUEST = {"message": "Bad Request", "errorCode": "validationError"}
ORDER = "Delivery Order #1234"
DETAILS = "?include=details"


@dataclass(frozen=True)
class Program:
    """Something that speaks for an account by a key of its own."""

    api: Api
    key: str

    async def call(self, method: str, path: str, **how: Any) -> Reply:
        """One request, with the key where the vendor's programs put it."""
        headers = {"stativate-api-key": self.key, **how.pop("headers", {})}
        return await self.api.call(method, path, headers=headers, **how)

    async def get(self, path: str, **how: Any) -> Reply:
        return await self.call("GET", path, **how)

    async def post(self, path: str, **how: Any) -> Reply:
        return await self.call("POST", path, **how)

    async def put(self, path: str, **how: Any) -> Reply:
        return await self.call("PUT", path, **how)

    async def patch(self, path: str, **how: Any) -> Reply:
        return await self.call("PATCH", path, **how)

    async def delete(self, path: str, **how: Any) -> Reply:
        return await self.call("DELETE", path, **how)

    async def make(self, **properties: Any) -> dict[str, Any]:
        """A new beacon. The clock moves on, so that lists have an order."""
        self.api.clock.move(milliseconds=1)
        asked = {"name": ORDER, "value": "packed", **properties}
        made = await self.post(f"/v1/status{DETAILS}", json=asked)
        assert made.status == 201, made.body
        return made.json

    async def set(self, status: dict[str, Any], value: str, **how: Any) -> Reply:
        """Set the value."""
        self.api.clock.move(milliseconds=1)
        path = f"/v1/status/{status['id']}{DETAILS}"
        return await self.patch(path, json={"value": value}, **how)


async def program(api: Api, name: str) -> Program:
    """A new account, and a program that speaks for it."""
    await api.person(name)
    return await program_of(api, name)


async def program_of(api: Api, who: Person | str) -> Program:
    """A program of an account that is there."""
    name = who if isinstance(who, str) else who.name
    return Program(api, await tokens.create_for_name(api.env, name, kind="key"))


def is_bad(reply: Reply, field: str) -> bool:
    """Whether a request was refused for the fault of this field, in the vendor's words."""
    told = reply.json or {}
    return (
        reply.status == 400
        and {name: told.get(name) for name in BAD_REQUEST} == BAD_REQUEST
        and [fault["field"] for fault in told["errors"]] == [field]
    )


def same(one: Reply, other: Reply) -> bool:
    """Whether two answers are the same to the byte."""
    return (one.status, one.body, _told(one)) == (other.status, other.body, _told(other))


def _told(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "x-request-id"}
