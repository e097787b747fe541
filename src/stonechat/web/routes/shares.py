"""Shares: the page of a beacon at `/s/{address}`, for whoever has the address.

The address is the short share id, or a private link. What somebody may not see is not there, and
neither is what never was: one page says both. Where somebody is signed in their role counts too,
so the page of a private beacon is there for whoever has one.
"""

from collections.abc import AsyncIterator, Callable
from typing import Final
from urllib.parse import quote

from stonechat.domain import limits
from stonechat.domain.beacons import OWNER, Address, BeaconChange, BeaconView, read_address
from stonechat.domain.ids import NOBODY
from stonechat.domain.viewers import Viewer
from stonechat.http.cookies import ensure_own_form
from stonechat.http.operations import JSON, PRIVATE, Answer, EventStream
from stonechat.http.pages import redirect
from stonechat.kernel.errors import NotFound
from stonechat.services import beacon_exports, beacon_roles, beacons
from stonechat.services.env import Env
from stonechat.web.calls import WebCall
from stonechat.web.entities.beacons import present_beacon, present_changes
from stonechat.web.entities.codes import draw_code_png, draw_code_svg
from stonechat.web.readings import PICTURE_HEADERS, PREFIX, SVG
from stonechat.web.visits import (
    LINK_HEADERS,
    Visit,
    answer_visit,
    find_visit,
    looking,
    sending,
)

CHANGES_SHOWN: Final = limits.BEACON_CHANGES_PAGE[0]
CODE_KEPT: Final = "public, max-age=300"
SEE_OTHER: Final = 303
_SIGN_IN: Final = "/auth/sign_in?next="
_OWN_PAGE: Final = "/beacons"


async def _see(call: WebCall) -> tuple[Visit, BeaconView, Address]:
    address = read_address(call.path["address"])
    visit = await find_visit(call)
    return visit, await beacons.see_shared(call.env, visit.account_id, address), address


async def show(call: WebCall) -> Answer:
    """The page. Two statements, or three for somebody who is signed in."""
    before = call.parameters.integer("before")
    visit, view, address = await _see(call)
    given, now_ms = call.path["address"], call.env.clock.now_ms()
    changes = await _list_changes(call, view, before)
    is_more = len(changes) == CHANGES_SHOWN and changes[-1].number > 1
    values = {
        "beacon": present_beacon(view, given, call.room.site, now_ms),
        "has_history": view.may(view.beacon.history_access),
        "history": present_changes(changes),
        "older": f"?before={changes[-1].number}#history" if is_more else None,
        "is_top": before is None,
        "form_token": visit.form_token,
        "may_leave": view.role is not None and view.role != OWNER,
        "sign_in": _SIGN_IN + quote(PREFIX + given, safe=""),
    }
    is_secret = address.secret is not None or not view.beacon.is_public
    has_form = visit.secret is not None
    return answer_visit(call, "beacon.html", values, is_secret=is_secret, has_form=has_form)


async def _list_changes(call: WebCall, view: BeaconView, before: int | None) -> list[BeaconChange]:
    if not view.may(view.beacon.history_access):
        return []
    below = None if before is None or before < 1 else before
    return await beacons.list_changes(call.env, view, below=below, limit=CHANGES_SHOWN)


async def follow(call: WebCall) -> Answer:
    """Have the beacon among one's own, and be told of its changes."""
    address = read_address(call.path["address"])
    visit = await find_visit(call)
    if visit.secret is None:
        return _to_sign_in(call)
    ensure_own_form(call, visit.secret)
    await beacon_roles.follow(call.env, Viewer(visit.account_id), address)
    return redirect(PREFIX + call.path["address"], status=SEE_OTHER)


async def unfollow(call: WebCall) -> Answer:
    """Have no role on it any more; back to its page, where that is still to be seen."""
    address = read_address(call.path["address"])
    visit = await find_visit(call)
    if visit.secret is None:
        return _to_sign_in(call)
    ensure_own_form(call, visit.secret)
    # By a private link it is found too; whether that is good shows afterwards.
    await beacon_roles.leave(call.env, Viewer(visit.account_id), address.id)
    try:
        await beacons.see_shared(call.env, NOBODY, address)
    except NotFound:
        return redirect(_OWN_PAGE, status=SEE_OTHER)
    return redirect(PREFIX + call.path["address"], status=SEE_OTHER)


def _to_sign_in(call: WebCall) -> Answer:
    return redirect(_SIGN_IN + quote(PREFIX + call.path["address"], safe=""), status=SEE_OTHER)


async def show_code_svg(call: WebCall) -> Answer:
    """The address of the page as a QR code, which stays sharp however large it is printed."""
    return await _show_code(call, draw_code_svg, SVG)


async def show_code_png(call: WebCall) -> Answer:
    """The same in dots."""
    return await _show_code(call, draw_code_png, "image/png")


async def _show_code(call: WebCall, draw: Callable[[str], bytes], content_type: str) -> Answer:
    _, view, address = await _see(call)
    headers = dict(PICTURE_HEADERS)
    if view.beacon.is_public and address.secret is None:
        headers["cache-control"] = CODE_KEPT
    else:
        headers |= {"cache-control": PRIVATE, **LINK_HEADERS}
    url = call.room.site.base_url + PREFIX + call.path["address"]
    return Answer(draw(url), headers=headers, content_type=content_type)


async def export_csv(call: WebCall) -> Answer:
    """The whole history for a spreadsheet."""
    return await _export(call, beacon_exports.export_csv, "text/csv; charset=utf-8", "csv")


async def export_json(call: WebCall) -> Answer:
    """The whole history for a program."""
    return await _export(call, beacon_exports.export_json, JSON, "json")


async def _export(
    call: WebCall,
    export: Callable[[Env, BeaconView], AsyncIterator[bytes]],
    content_type: str,
    suffix: str,
) -> Answer:
    _, view, _ = await _see(call)
    if not view.may(view.beacon.history_access):
        raise NotFound
    name = f"history-{view.beacon.id}.{suffix}"
    headers = {
        "cache-control": PRIVATE,
        "content-disposition": f'attachment; filename="{name}"',
        **LINK_HEADERS,
    }
    pieces = EventStream(export(call.env, view))
    return Answer(pieces, headers=headers, content_type=content_type)


OPERATIONS: Final = (
    looking("/s/{address}", show),
    looking("/s/{address}/history.csv", export_csv, "history"),
    looking("/s/{address}/history.json", export_json, "history"),
    looking("/s/{address}/qr.svg", show_code_svg, "code"),
    looking("/s/{address}/qr.png", show_code_png, "code"),
    sending("/s/{address}/follow", follow),
    sending("/s/{address}/unfollow", unfollow),
)
