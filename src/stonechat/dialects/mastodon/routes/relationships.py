"""Relationships: what lies between the viewer and others, and every verb that changes it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.relationships import (
    present_familiar_followers,
    present_relationship,
)
from stonechat.dialects.mastodon.forms.accounts import read_ids
from stonechat.dialects.mastodon.forms.relationships import read_follow, read_mute, read_note
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import RelationshipView
from stonechat.http.operations import Answer
from stonechat.services import blocks, profiles, relationships
from stonechat.services.env import Env

Verb = Callable[[Env, Viewer, AccountId], Awaitable[RelationshipView]]


async def index(call: MastodonCall) -> Answer:
    """What lies between the viewer and each account, in the order asked."""
    found = await relationships.load_relationships(
        call.env,
        call.viewer,
        read_ids(call.parameters, limits.RELATIONSHIPS_MAX),
        with_suspended=bool(call.parameters.flag("with_suspended")),
    )
    return Answer([present_relationship(view) for view in found])


async def familiar_followers(call: MastodonCall) -> Answer:
    """For each account, who of those whom the viewer follows follows it."""
    ids = read_ids(call.parameters, limits.ACCOUNTS_BY_ID_MAX)
    found = await profiles.load_familiar_followers(call.env, call.viewer, ids)
    everybody = sorted({account_id for _, people in found for account_id in people})
    rendered = await call.room.accounts(everybody)
    return Answer(
        [
            present_familiar_followers(
                host_id, b"[" + b",".join(rendered[account_id] for account_id in people) + b"]"
            )
            for host_id, people in found
        ]
    )


async def follow(call: MastodonCall) -> Answer:
    """Follow an account, or ask it; or choose anew what a follow shows."""
    view = await relationships.follow_account(
        call.env, call.viewer, AccountId(call.path_id()), read_follow(call.parameters)
    )
    return Answer(present_relationship(view))


async def mute(call: MastodonCall) -> Answer:
    """Mute an account, for a while or until further notice."""
    command = read_mute(call.parameters, AccountId(call.path_id()))
    return Answer(present_relationship(await blocks.mute_account(call.env, call.viewer, command)))


async def note(call: MastodonCall) -> Answer:
    """Keep a private note on an account."""
    view = await blocks.note_account(
        call.env, call.viewer, AccountId(call.path_id()), read_note(call.parameters)
    )
    return Answer(present_relationship(view))


async def _change(call: MastodonCall, verb: Verb) -> Answer:
    view = await verb(call.env, call.viewer, AccountId(call.path_id()))
    return Answer(present_relationship(view))


def _post(
    name: str, handler: Callable[[MastodonCall], Awaitable[Answer]], scope: str, limit: str = "api"
) -> MastodonOperation:
    path = f"/api/v1/accounts/{{id}}/{name}"
    return MastodonOperation("POST", path, handler, "Relationship", scope=scope, limit=limit)


def _verb(name: str, verb: Verb, scope: str) -> MastodonOperation:
    return _post(name, partial(_change, verb=verb), scope)


_endorse: Final = partial(blocks.endorse_account, is_endorsed=True)
_unendorse: Final = partial(blocks.endorse_account, is_endorsed=False)

OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/accounts/relationships", index, "[Relationship]", scope="read:follows"
    ),
    MastodonOperation(
        "GET",
        "/api/v1/accounts/familiar_followers",
        familiar_followers,
        "[FamiliarFollowers]",
        scope="read:follows",
    ),
    _post("follow", follow, "write:follows", "follow"),
    _verb("unfollow", relationships.unfollow_account, "write:follows"),
    _verb("remove_from_followers", relationships.remove_follower, "write:follows"),
    _verb("block", blocks.block_account, "write:blocks"),
    _verb("unblock", blocks.unblock_account, "write:blocks"),
    _post("mute", mute, "write:mutes"),
    _verb("unmute", blocks.unmute_account, "write:mutes"),
    _post("note", note, "write:accounts"),
    _verb("endorse", _endorse, "write:accounts"),
    _verb("unendorse", _unendorse, "write:accounts"),
    # What the two were called before Mastodon 4.4.
    _verb("pin", _endorse, "write:accounts"),
    _verb("unpin", _unendorse, "write:accounts"),
)
