"""What is asked at fixed paths before a dialect is known, and whether the server is ready."""

from collections.abc import Awaitable, Callable
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.well_known import (
    NODEINFO_VERSIONS,
    nodeinfo_schema,
    present_host_meta,
    present_host_meta_xml,
    present_nodeinfo,
    present_nodeinfo_links,
    present_webfinger,
)
from stonechat.dialects.mastodon.forms.well_known import read_resource
from stonechat.domain.viewers import Caller
from stonechat.http.operations import PUBLIC, Answer
from stonechat.services import instance

_GONE_STATUS: Final = 410


async def nodeinfo_links(call: MastodonCall) -> Answer:
    """Where NodeInfo is found."""
    return Answer(present_nodeinfo_links(call.room.site))


def _nodeinfo(version: str) -> Callable[[MastodonCall], Awaitable[Answer]]:
    content_type = f'application/json; profile="{nodeinfo_schema(version)}#"'

    async def show(call: MastodonCall) -> Answer:
        view = await instance.see_instance(call.env)
        return Answer(present_nodeinfo(view, version), content_type=content_type)

    return show


async def host_meta(call: MastodonCall) -> Answer:
    """Where to ask about accounts: as XML, unless JSON is asked for."""
    if "json" in (call.header("accept") or ""):
        return await host_meta_json(call)
    return Answer(
        present_host_meta_xml(call.room.site), content_type="application/xrd+xml; charset=utf-8"
    )


async def host_meta_json(call: MastodonCall) -> Answer:
    """Where to ask about accounts, as JSON."""
    return Answer(present_host_meta(call.room.site))


async def webfinger(call: MastodonCall) -> Answer:
    """The account of an address; 410 for one that was deleted, so that others forget it too."""
    username = read_resource(call.parameters, call.env.settings)
    account = await instance.get_resident(call.env, username)
    if account.state == "deleted":
        return Answer({"error": "This account was deleted"}, _GONE_STATUS)
    return Answer(
        present_webfinger(account, call.room.site),
        content_type="application/jrd+json; charset=utf-8",
    )


async def health(call: MastodonCall) -> Answer:
    """Ready: the database answers."""
    await instance.check_health(call.env)
    return Answer({"status": "OK"})


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/.well-known/nodeinfo", nodeinfo_links, "Links", Caller.ANYONE, cache=PUBLIC
    ),
    *(
        MastodonOperation(
            "GET",
            f"/nodeinfo/{version}",
            _nodeinfo(version),
            "NodeInfo",
            Caller.ANYONE,
            cache=PUBLIC,
        )
        for version in NODEINFO_VERSIONS
    ),
    MastodonOperation(
        "GET", "/.well-known/host-meta", host_meta, "XRD", Caller.ANYONE, cache=PUBLIC
    ),
    MastodonOperation(
        "GET", "/.well-known/host-meta.json", host_meta_json, "JRD", Caller.ANYONE, cache=PUBLIC
    ),
    MastodonOperation(
        "GET", "/.well-known/webfinger", webfinger, "JRD", Caller.ANYONE, cache=PUBLIC
    ),
    MastodonOperation(
        "GET", "/health", health, "Health", Caller.ANYONE, limit="none", cache="no-store"
    ),
)
