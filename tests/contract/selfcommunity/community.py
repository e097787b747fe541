"""What tests say in a community, over the wire of SelfCommunity's dialect."""

from typing import Any

from tests.contract.api import Api, Person, Reply

ROOT = "/api/v2"
# The author in the seed's example, in its order.
USER = [
    "id",
    "username",
    "real_name",
    "date_joined",
    "bio",
    "location",
    "location_lat_lng",
    "position_lat_lng",
    "date_of_birth",
    "description",
    "gender",
    "website",
    "avatar",
    "cover",
    "ext_id",
    "tags",
    "reputation",
    "followings_counter",
    "followers_counter",
    "posts_counter",
    "discussions_counter",
    "statuses_counter",
    "polls_counter",
]


async def ask(api: Api, method: str, path: str, who: Person | None = None, **body: Any) -> Reply:
    """One request; `body` is sent as JSON. The clock moves on first, so ids follow the order."""
    api.clock.move(milliseconds=1)
    return await api.call(method, f"{ROOT}{path}", who, json=body or None)


async def category(api: Api, admin: Person, name: str, **fields: Any) -> dict[str, Any]:
    """A new category."""
    reply = await ask(api, "POST", "/category/", admin, name=name, slug="_GENERATE_", **fields)
    assert reply.status == 201, reply.body
    return reply.json


async def label(api: Api, admin: Person, name: str, *holders: Person) -> int:
    """A new label of people, given to some."""
    reply = await ask(api, "POST", "/tag/", admin, name=name)
    assert reply.status == 201, reply.body
    for holder in holders:
        given = await ask(api, "POST", f"/tag/{reply.json['id']}/add/", admin, user=int(holder.id))
        assert given.status == 204, given.body
    return reply.json["id"]


async def contribute(
    api: Api, who: Person, text: str, kind: str = "status", **fields: Any
) -> dict[str, Any]:
    """Say something; the object as its author gets it."""
    body = {"text": text, "categories": [], **fields}
    reply = await ask(api, "POST", f"/{kind}/", who, **body)
    assert reply.status == 201, reply.body
    return reply.json


async def see(api: Api, who: Person | None, said: dict[str, Any]) -> Reply:
    """The same as somebody sees it."""
    return await ask(api, "GET", f"/{said['type']}/{said['id']}/", who)
