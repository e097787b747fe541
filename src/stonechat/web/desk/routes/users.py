"""Users: who has a role on a beacon.

Its owner invites, promotes and removes; others may look, as far as the owner lets them.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.http.operations import Answer
from stonechat.services import beacon_roles
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    is_first,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.users import present_user
from stonechat.web.desk.routes.beacons import find_own, find_view, name_of, present

PATH: Final = "/beacons/{id}/users"
_PAGE: Final = limits.BEACON_USERS_PAGE[0]
_NAME_CHARACTERS_MAX: Final = 200
_ROLE_CHARACTERS_MAX: Final = 20


async def show_users(call: DeskCall, person: Person) -> Answer:
    """A page of them."""
    return await _show(call, person, NOTHING_REFUSED)


async def _show(call: DeskCall, person: Person, refused: Refused) -> Answer:
    view = await find_view(call, person)
    above = AccountId(max(0, call.parameters.identifier("above") or 0))
    users = await beacon_roles.list_users(call.env, view, above=above, limit=_PAGE)
    values = {
        "beacon": present(call, view),
        "users": [present_user(each) for each in users],
        "next": users[-1].account_id if len(users) == _PAGE else None,
        "is_first_page": above == 0,
    }
    return show(call, person, "users.html", values, refused)


async def change_users(call: DeskCall, person: Person) -> Answer:
    """Invite, promote, remove."""
    # Rights before bounds: others learn nothing of names.
    await find_own(call, person)
    return await act(call, person, {"give": _give, "take": _take}, _show)


async def _give(call: DeskCall, person: Person) -> Answer:
    username = read(call, "username", _NAME_CHARACTERS_MAX).strip()
    role = read(call, "role", _ROLE_CHARACTERS_MAX)
    name = name_of(call)
    await beacon_roles.give_role(call.env, person.viewer, name, username, role)
    return see(f"/beacons/{name.id}/users")


async def _take(call: DeskCall, person: Person) -> Answer:
    username = read(call, "username", _NAME_CHARACTERS_MAX)
    name = name_of(call)
    if await is_first(call, person):
        await beacon_roles.take_role(call.env, person.viewer, name, username)
    return see(f"/beacons/{name.id}/users")


OPERATIONS: Final = (
    desk("GET", PATH, show_users),
    desk("POST", PATH, change_users),
)
