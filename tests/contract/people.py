"""What tests say that people do to each other, over the wire; and jobs that run meanwhile."""

from typing import Any

from stonechat.jobs.runner import Runner
from stonechat.services.consequences import HANDLERS, LANES
from tests.contract.api import Api, Person, Reply


async def raw_verb(api: Api, who: Person, name: str, whom: Person | str, **fields: Any) -> Reply:
    """One account's verb on another. The clock moves on first, so rows follow the order."""
    api.clock.move(milliseconds=1)
    target = whom if isinstance(whom, str) else whom.id
    return await api.post(f"/api/v1/accounts/{target}/{name}", who, json=fields)


async def verb(api: Api, who: Person, name: str, whom: Person, **fields: Any) -> dict[str, Any]:
    """A verb that succeeds; the relationship afterwards."""
    reply = await raw_verb(api, who, name, whom, **fields)
    assert reply.status == 200, reply.body
    return reply.json


async def relation(api: Api, who: Person, whom: Person) -> dict[str, Any]:
    """What lies between two people."""
    reply = await api.get(f"/api/v1/accounts/relationships?id[]={whom.id}", who)
    assert reply.status == 200, reply.body
    return reply.json[0]


async def counts(api: Api, whom: Person) -> tuple[int, int]:
    """Followers and followings as the profile tells them."""
    profile = (await api.get(f"/api/v1/accounts/{whom.id}")).json
    return profile["followers_count"], profile["following_count"]


async def change(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    """Change one's profile; the profile afterwards."""
    path = "/api/v1/accounts/update_credentials"
    reply = await api.call("PATCH", path, who, json=fields)
    assert reply.status == 200, reply.body
    return reply.json


async def notices(api: Api, who: Person) -> list[tuple[str, str]]:
    """Kind and cause of what somebody is told, newest first."""
    reply = await api.get("/api/v1/notifications", who)
    assert reply.status == 200, reply.body
    return [(each["type"], each["account"]["username"]) for each in reply.json]


async def home(api: Api, who: Person) -> list[str]:
    """The ids of what stands in somebody's home, newest first."""
    reply = await api.get("/api/v1/timelines/home?limit=40", who)
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.json]


async def boost(api: Api, who: Person, status_id: str) -> str:
    """Pass a status on; the id of the boost."""
    api.clock.move(milliseconds=1)
    reply = await api.post(f"/api/v1/statuses/{status_id}/reblog", who)
    assert reply.status == 200, reply.body
    return reply.json["id"]


async def names(api: Api, path: str, who: Person | None = None) -> list[str]:
    """The user names of a list of accounts."""
    reply = await api.get(path, who)
    assert reply.status == 200, reply.body
    return [each["username"] for each in reply.json]


def page_link(headers: dict[str, str], relation: str) -> str:
    """The path and query of one link of a page."""
    for link in headers.get("link", "").split(", "):
        url, _, rel = link.partition("; ")
        if rel == f'rel="{relation}"':
            return url.strip("<>").removeprefix("http://stonechat.test")
    return ""


async def run_jobs(api: Api) -> int:
    """Run what is due, until nothing is; how many jobs there were."""
    return await Runner(api.env, HANDLERS, LANES).run_due()
