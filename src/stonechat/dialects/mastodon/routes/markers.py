"""Markers: how far the viewer has read."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.markers import present_markers
from stonechat.dialects.mastodon.forms.markers import read_moves, read_timelines
from stonechat.http.operations import Answer
from stonechat.services import markers


async def index(call: MastodonCall) -> Answer:
    """The markers asked for, by timeline."""
    wanted = read_timelines(call.parameters)
    return Answer(present_markers(await markers.see_markers(call.env, call.viewer, wanted)))


async def create(call: MastodonCall) -> Answer:
    """Move markers on; the answer is where they then stand."""
    moves = read_moves(call.parameters)
    return Answer(present_markers(await markers.move_markers(call.env, call.viewer, moves)))


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/markers", index, "{Marker}", scope="read:statuses"),
    MastodonOperation("POST", "/api/v1/markers", create, "{Marker}", scope="write:statuses"),
)
