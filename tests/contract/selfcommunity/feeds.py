"""What stands in feeds and lists, as tests read them."""

from typing import Any

from tests.contract.api import Api, Person
from tests.contract.selfcommunity.community import ask


async def units(api: Api, path: str, who: Person | None = None) -> list[dict[str, Any]]:
    """The units of a feed."""
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    return reply.json["results"]


def told(unit: dict[str, Any]) -> dict[str, Any]:
    """What a unit is about."""
    return unit[unit["type"]]


async def ids(api: Api, path: str, who: Person | None = None) -> list[int]:
    """The ids of what stands in a feed."""
    return [told(each)["id"] for each in await units(api, path, who)]


async def listed(api: Api, path: str, who: Person | None = None) -> list[int]:
    """The ids of a list of contributions as they are."""
    return [each["id"] for each in await units(api, path, who)]


async def comment(api: Api, who: Person, said: dict[str, Any], text: str = "so") -> dict[str, Any]:
    """An answer of another dialect's client."""
    return await api.say(who, text, in_reply_to_id=str(said["id"]))
