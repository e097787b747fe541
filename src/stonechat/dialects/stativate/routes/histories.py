"""Histories: what a beacon was set to, page by page or whole, for whoever may see that."""

from typing import Final

from stonechat.dialects.stativate.calls import READ, StativateCall, offer
from stonechat.dialects.stativate.entities.histories import present_history
from stonechat.dialects.stativate.names import see_addressed
from stonechat.dialects.stativate.pages import link_next, read_cursor, read_limit, read_query
from stonechat.domain import limits
from stonechat.domain.beacons import BeaconView
from stonechat.http.operations import JSON, Answer, Stream
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput
from stonechat.services import beacon_exports, beacons

_EXPORTS: Final = {
    "csv": (beacon_exports.export_csv, "text/csv; charset=utf-8"),
    "json": (beacon_exports.export_json, JSON),
}


async def index(call: StativateCall) -> Answer:
    """The history, the newest change first: a page, or the whole as a file."""
    view = await see_addressed(call)
    query = read_query(call)
    if query.says("format"):
        return _export(call, view, query)
    limit = read_limit(query, limits.BEACON_CHANGES_PAGE)
    found = await beacons.list_changes(call.env, view, below=read_cursor(query), limit=limit)
    following = found[-1].number if len(found) == limit and found[-1].number > 1 else None
    return Answer(present_history(found), headers=link_next(call, following, limit))


def _export(call: StativateCall, view: BeaconView, query: Parameters) -> Answer:
    name = query.fields["format"]
    if not isinstance(name, str) or name not in _EXPORTS:
        raise InvalidInput("The format has to be csv or json", field="format")
    export, content_type = _EXPORTS[name]
    file = f'attachment; filename="{view.beacon.id}.{name}"'
    body = Stream(export(call.env, view))
    return Answer(body, headers={"content-disposition": file}, content_type=content_type)


OPERATIONS: Final = (offer("GET /v1/status/{status_id}/history", index, "[Change]", READ),)
