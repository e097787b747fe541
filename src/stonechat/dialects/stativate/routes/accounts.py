"""Accounts: what a key is good for, and what its account owns."""

from typing import Final

from stonechat.dialects.stativate.calls import READ, StativateCall, offer
from stonechat.dialects.stativate.entities.standings import present_standing
from stonechat.dialects.stativate.entities.statuses import present_list
from stonechat.domain.viewers import Viewer
from stonechat.http.operations import Answer
from stonechat.services import beacons, standings


async def admit_unverified(call: StativateCall) -> Viewer:
    """Who asks, also where all other operations turn them away."""
    return await standings.admit_unverified(call.env, call.bearer)


async def check(call: StativateCall) -> Answer:
    """Say whose key it is, how far the account is, and what the plan allows."""
    standing = await standings.find_standing(call.env, call.viewer)
    return Answer(present_standing(standing, call.env.settings))


async def index(call: StativateCall) -> Answer:
    """What the caller owns, the newest first."""
    return Answer(present_list(await beacons.list_own(call.env, call.viewer)))


OPERATIONS: Final = (
    offer("GET /v1/checkAuth", check, "Check", READ, admits=admit_unverified),
    offer("GET /v1/user/status", index, "[Listed]", READ),
)
