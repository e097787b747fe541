"""Beacons and their links, made by the services that every door leads to."""

from typing import Any

from stonechat.domain.beacons import Beacon, BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services import beacon_links, beacons
from stonechat.services.beacons import Name
from tests.contract.api import Api, Person


def viewer_of(who: Person) -> Viewer:
    """Somebody as services know them."""
    return Viewer(AccountId(int(who.id)))


async def light(api: Api, who: Person, **fields: Any) -> Beacon:
    """A new beacon, public unless it is said otherwise."""
    form = BeaconForm(**{"name": "Bakery", "value": "open", "access": "public", **fields})
    return (await beacons.create_beacon(api.env, viewer_of(who), form)).beacon


async def change(api: Api, who: Person, beacon: Beacon, **fields: Any) -> Beacon:
    """The beacon after a change, a second later."""
    api.clock.move(seconds=1)
    form = BeaconForm(**fields)
    view = await beacons.change_beacon(api.env, viewer_of(who), Name(beacon.id), form)
    return view.beacon


async def link(api: Api, who: Person, beacon: Beacon, **more: Any) -> str:
    """The path of a new private link."""
    made = await beacon_links.create_link(api.env, viewer_of(who), Name(beacon.id), **more)
    return f"/s/{beacon.id}-{made.secret}"
