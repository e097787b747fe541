"""Users: who has a role on a status, given and taken by its owner; and subscriptions."""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.entities.sharing import (
    present_subscription,
    present_user,
    present_users,
)
from stonechat.dialects.stativate.forms.sharing import Choices, read_choices, read_role
from stonechat.dialects.stativate.names import ensure_owner, read_name, see_addressed
from stonechat.dialects.stativate.pages import link_next, read_cursor, read_limit, read_query
from stonechat.domain import limits
from stonechat.domain.beacons import Address, BeaconView, read_address
from stonechat.domain.ids import NOBODY, AccountId
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import beacon_roles
from stonechat.services.beacons import Name


async def index(call: StativateCall) -> Answer:
    """Who has a role, for whoever may see that."""
    view, query = await see_addressed(call), read_query(call)
    limit = read_limit(query, limits.BEACON_USERS_PAGE)
    above = AccountId(read_cursor(query) or NOBODY)
    found = await beacon_roles.list_users(call.env, view, above=above, limit=limit)
    following = found[-1].account_id if len(found) == limit else None
    return Answer(present_users(found), headers=link_next(call, following, limit))


async def put(call: StativateCall) -> Answer:
    """Make somebody an updater or a subscriber."""
    name = await ensure_owner(call)
    role, username = read_role(await read_fields(call)), call.path["name"]
    user = await beacon_roles.give_role(call.env, call.viewer, name, username, role)
    return Answer(present_user(user))


async def destroy(call: StativateCall) -> Answer:
    """Take somebody's role; the answer is who had it."""
    name, username = read_name(call), call.path["name"]
    return Answer(present_user(await beacon_roles.take_role(call.env, call.viewer, name, username)))


async def subscribe(call: StativateCall) -> Answer:
    """Follow a status, and choose what to hear of it; whoever has a role only chooses."""
    view = await see_addressed(call)
    choices = read_choices(await read_fields(call))
    is_new = view.role is None
    if is_new:
        view = await beacon_roles.follow(call.env, call.viewer, _address(call, view))
    return await _choose(call, view, choices, 201 if is_new else 200)


def _address(call: StativateCall, view: BeaconView) -> Address:
    """What the caller follows: the link of a private status, where that is how they came."""
    try:
        return read_address(call.path["status_id"])
    except NotFound:
        return Address(view.beacon.id)


async def _choose(call: StativateCall, view: BeaconView, choices: Choices, status: int) -> Answer:
    name, filters = Name(view.beacon.id), choices.filters
    kept = await beacon_roles.set_settings(
        call.env, call.viewer, name, notifies=choices.notifies, filters=filters
    )
    return Answer(present_subscription(view, kept), status)


async def show_subscription(call: StativateCall) -> Answer:
    """What the caller hears of a status."""
    view = await see_addressed(call)
    kept = await beacon_roles.see_settings(call.env, call.viewer, Name(view.beacon.id))
    return Answer(present_subscription(view, kept))


async def unsubscribe(call: StativateCall) -> Answer:
    """Leave a status. Its owner cannot."""
    view = await see_addressed(call)
    await beacon_roles.leave(call.env, call.viewer, view.beacon.id)
    return Answer(b"", 204)


_USERS: Final = "/v1/status/{status_id}/users"
_SUBSCRIPTION: Final = "/v1/status/{status_id}/subscription"
OPERATIONS: Final = (
    offer(f"GET {_USERS}", index, "[User]", READ),
    offer(f"PUT {_USERS}/{{name}}", put, "User", WRITE),
    offer(f"DELETE {_USERS}/{{name}}", destroy, "User", WRITE),
    offer(f"GET {_SUBSCRIPTION}", show_subscription, "Subscription", READ),
    offer(f"POST {_SUBSCRIPTION}", subscribe, "Subscription", WRITE),
    offer(f"DELETE {_SUBSCRIPTION}", unsubscribe, "-", WRITE),
)
