"""People around a beacon, for tests of the verbs that every door opens."""

from stonechat.domain.beacons import BeaconForm, BeaconView
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services import beacon_roles, beacons
from stonechat.services.beacons import Name
from tests.contract.api import Api, Person


def viewer(who: Person) -> Viewer:
    """A person as services know them."""
    return Viewer(AccountId(int(who.id)))


async def light(api: Api, owner: Person, *, access: str = "private") -> Name:
    """A new beacon."""
    form = BeaconForm(name="Lab door", value="open", access=access)
    return Name((await beacons.create_beacon(api.env, viewer(owner), form)).beacon.id)


async def turn(api: Api, who: Person, name: Name, value: str) -> BeaconView:
    """Set a beacon; the clock moves on first."""
    api.clock.move(milliseconds=1)
    return await beacons.change_beacon(api.env, viewer(who), name, BeaconForm(value=value))


async def look(api: Api, owner: Person, name: Name) -> BeaconView:
    """A beacon as its owner sees it."""
    return await beacons.see_own(api.env, viewer(owner), name)


async def crew(api: Api, owner: Person, name: Name) -> dict[str, tuple[str, str]]:
    """Role of everybody with one, and how they came, as the owner sees them."""
    view = await look(api, owner, name)
    users = await beacon_roles.list_users(api.env, view)
    assert view.beacon.subscribers == len(users) - 1
    return {each.username: (each.role, each.via) for each in users}
