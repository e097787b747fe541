"""Pulses of beacons, for whoever has no account and asks often. What is not public is absent."""

from stonechat.domain.beacon_pulses import Pulse
from stonechat.domain.ids import BeaconId
from stonechat.kernel.errors import NotFound
from stonechat.services.env import Env
from stonechat.storage import beacon_pulses


async def see_pulse(env: Env, beacon_id: BeaconId) -> Pulse:
    """The pulse of a public beacon, or NotFound. One statement."""
    found = await beacon_pulses.find(env.db, beacon_id)
    if found is None or not found.is_public:
        raise NotFound
    return found
