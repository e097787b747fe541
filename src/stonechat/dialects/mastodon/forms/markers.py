"""The parameters of markers: `timeline[]=home`, `home[last_read_id]=1`."""

from typing import Final

from stonechat.domain.markers import TIMELINES, MoveMarker
from stonechat.http.parameters import NO_ID, Parameters
from stonechat.kernel.errors import InvalidInput

_TIMELINES_ASKED_MAX: Final = 20


def read_timelines(parameters: Parameters) -> list[str]:
    """The timelines whose markers are asked for; names that we do not know find nothing."""
    return parameters.texts("timeline", items_max=_TIMELINES_ASKED_MAX)


def read_moves(parameters: Parameters) -> list[MoveMarker]:
    """Where the markers are to stand."""
    return [_read_move(parameters, each) for each in TIMELINES if each in parameters]


def _read_move(parameters: Parameters, timeline: str) -> MoveMarker:
    given = parameters.nested(timeline)
    last_read_id = given.identifier("last_read_id")
    if last_read_id is None or last_read_id == NO_ID:
        raise InvalidInput("Validation failed: Last read is not an id", field=timeline)
    return MoveMarker(timeline, last_read_id, given.integer("version"))
