"""What lies between the viewer and another user: following, hiding, and asking about either.

Hiding a user is a mute, and the other does not notice that: `is_hidden_by` tells of a block alone.
The community is one of followers; whatever belongs to its other mode, friendship, is refused.
"""

from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, CommunityOperation, offer
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.views import RelationshipView
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotAllowed
from stonechat.services import blocks, members, relationships

FOLLOWED: Final = "followed"


def _status(pair: RelationshipView) -> str | None:
    return FOLLOWED if pair.is_following else None


async def follow(call: CommunityCall) -> Answer:
    """Follow a user, or no longer; one who is locked is asked first."""
    await relationships.toggle_follow(call.env, call.viewer, await _other(call))
    return Answer(b"", 204)


async def hide(call: CommunityCall) -> Answer:
    """See nothing more of a user, or see them again."""
    await blocks.toggle_mute(call.env, call.viewer, await _other(call))
    return Answer(b"", 204)


async def _other(call: CommunityCall) -> AccountId:
    # What is suspended is absent here, though elsewhere its shell can be seen.
    return (await members.see_pair(call.env, call.viewer, AccountId(call.path_id()))).id


async def tell(call: CommunityCall, key: str) -> Answer:
    """One fact about the viewer and a user."""
    pair = await members.see_pair(call.env, call.viewer, AccountId(call.path_id()))
    facts: dict[str, object] = {
        "is_followed": pair.is_following,
        "is_follower": pair.is_followed_by,
        "is_connection": False,
        "is_hidden": pair.is_muting,
        "is_hidden_by": pair.is_blocked_by,
        "connection_status": _status(pair),
    }
    return Answer({key: facts[key]})


async def tell_many(call: CommunityCall) -> Answer:
    """What lies between the viewer and each of several users."""
    ids = call.parameters.identifiers("users", items_max=limits.MEMBER_STATUSES_MAX)
    pairs = await relationships.load_relationships(
        call.env, call.viewer, [AccountId(each) for each in ids]
    )
    return Answer({"connection_statuses": {str(pair.id): _status(pair) for pair in pairs}})


async def refuse(call: CommunityCall) -> Answer:
    """Friendships are not made here."""
    del call
    raise NotAllowed("This community has followers, not friends")


def _telling(key: str) -> CommunityOperation:
    return offer(f"GET /api/v2/user/{{id}}/{key}/", partial(tell, key=key), "Relation")


def _refusing(line: str) -> CommunityOperation:
    return offer(line, refuse, "none")


OPERATIONS: Final = (
    offer("POST /api/v2/user/{id}/follow/", follow, "none"),
    offer("POST /api/v2/user/{id}/hide/", hide, "none"),
    _telling("is_followed"),
    _telling("is_follower"),
    _telling("is_connection"),
    _telling("is_hidden"),
    _telling("is_hidden_by"),
    _telling("connection_status"),
    offer("POST /api/v2/user/connection/statuses/", tell_many, "Relations"),
    _refusing("POST /api/v2/user/{id}/connection/request/"),
    _refusing("POST /api/v2/user/{id}/connection/accept/"),
    _refusing("POST /api/v2/user/{id}/connection/reject/"),
    _refusing("POST /api/v2/user/{id}/connection/remove/"),
    _refusing("POST /api/v2/user/{id}/connection/cancel_request/"),
    _refusing("POST /api/v2/user/{id}/connection/cancel_reject/"),
    _refusing("POST /api/v2/user/{id}/connection_requests/mark_seen/"),
    _refusing("GET /api/v2/user/connection/requests/"),
    _refusing("GET /api/v2/user/connection/requests_sent/"),
)
