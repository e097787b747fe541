"""Beacons for programs: JSON, text, badges and codes at `/s/{address}` with an ending.

Nobody is signed in here: an answer that anybody may keep must not depend on a cookie. What is
private is reached by a private link alone, and then nobody may keep it. Programs are told of errors
in JSON; frames are for people, so they are a door of their own that tells of errors in a page.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from stonechat.domain import limits
from stonechat.domain.beacons import ID_CHARACTERS, Address, BeaconView, read_address
from stonechat.domain.boards import read_board_id
from stonechat.domain.ids import NOBODY
from stonechat.domain.text.cleaning import clean_name
from stonechat.domain.viewers import Caller
from stonechat.http.operations import JSON, PRIVATE, Answer, Call, Dialect, Handler, Operation
from stonechat.http.pages import HTML, Pages, content_policy, problem_for_programs
from stonechat.http.parameters import Parameters
from stonechat.http.rates import SHARES
from stonechat.http.shortcuts import Shortcut
from stonechat.kernel.errors import InvalidInput, StonechatError
from stonechat.services import beacons, boards
from stonechat.services.env import Env
from stonechat.web.calls import TEMPLATES
from stonechat.web.entities.addresses import Site
from stonechat.web.entities.badges import STYLES, draw_badge
from stonechat.web.entities.beacons import present_beacon, present_endpoint, present_reading
from stonechat.web.entities.boards import present_board_reading
from stonechat.web.entities.palette import PALETTE, find_hue
from stonechat.web.readings import (
    FORMAT_HEADERS,
    KEPT,
    PICTURE_HEADERS,
    PREFIX,
    SVG,
    TEXT,
    Readings,
    encode_json,
    is_known,
    make_etag,
)
from stonechat.web.visits import LINK_HEADERS

THEMES: Final = ("auto", "light", "dark")
_FRAME_POLICY: Final = content_policy(is_live=True, frames="*")
_COLOR_CHARACTERS_MAX: Final = 20
_STYLE_CHARACTERS_MAX: Final = 20
_COLORS: Final = {hue.name: hue.day for hue in PALETTE} | {
    str(number): hue.day for number, hue in enumerate(PALETTE, 1)
}
_is_color: Final = re.compile(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})").fullmatch


class FormatRoom:
    """What every handler finds at `call.room`."""

    def __init__(self, env: Env) -> None:
        settings = env.settings
        self.pages = Pages(settings, TEMPLATES)
        self.site = Site(settings.base_url, settings.title, settings.domain, settings.is_https)
        self.readings = Readings(env)


FormatCall: TypeAlias = Call[FormatRoom]


async def _see(call: FormatCall) -> tuple[BeaconView, Address]:
    address = read_address(call.path["address"])
    return await beacons.see_shared(call.env, NOBODY, address), address


def _answer(
    call: FormatCall,
    body: bytes,
    content_type: str,
    *,
    address: Address | None = None,
    kept: str = KEPT,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An answer, or 304 for who has it; kept by nobody where a private link led to it."""
    etag = make_etag(body)
    told = {"cache-control": kept, "etag": etag}
    if address is not None and address.secret is not None:
        told |= {"cache-control": PRIVATE, **LINK_HEADERS}
    known = call.header("if-none-match")
    if known is not None and is_known(etag, known.encode("latin-1", "replace")):
        return Answer(b"", 304, told, content_type)
    return Answer(body, headers={**told, **(headers or {})}, content_type=content_type)


async def show_json(call: FormatCall) -> Answer:
    """What is so, for scripts."""
    view, address = await _see(call)
    body = encode_json(present_reading(view.beacon, call.env.clock.now_ms()))
    return _answer(call, body, JSON, address=address)


async def show_text(call: FormatCall) -> Answer:
    """The value alone, for shells."""
    view, address = await _see(call)
    body = f"{view.beacon.shown_value(call.env.clock.now_ms())}\n".encode()
    return _answer(call, body, TEXT, address=address)


async def show_badge(call: FormatCall) -> Answer:
    """A badge, with the label, colour and style that its address asks for."""
    given = call.parameters
    label, style, color = _read_label(given), _read_style(given), _read_color(given)
    view, address = await _see(call)
    beacon, now_ms = view.beacon, call.env.clock.now_ms()
    body = draw_badge(
        beacon.name if label is None else label,
        beacon.shown_value(now_ms),
        color or find_hue(beacon.color_no).day,
        style or STYLES[0],
    )
    return _answer(call, body, SVG, address=address, headers=PICTURE_HEADERS)


def _read_label(given: Parameters) -> str | None:
    label = given.text("label", characters_max=limits.BEACON_NAME_CODE_POINTS_MAX)
    return None if label is None else clean_name(label, field="label")


def _read_style(given: Parameters) -> str | None:
    style = given.text("style", characters_max=_STYLE_CHARACTERS_MAX)
    if style and style not in STYLES:
        raise InvalidInput(f"The style has to be one of {', '.join(STYLES)}", field="style")
    return style


def _read_color(given: Parameters) -> str | None:
    """A colour by its name, its number, or its parts in hexadecimal; as `#rrggbb`."""
    color = given.text("color", characters_max=_COLOR_CHARACTERS_MAX)
    if not color:
        return None
    if color.lower() in _COLORS:
        return _COLORS[color.lower()]
    if not _is_color(color):
        raise InvalidInput("The color has to be a name, a number or #rrggbb", field="color")
    digits = color.removeprefix("#").lower()
    return "#" + (digits if len(digits) == len("rrggbb") else "".join(each * 2 for each in digits))


async def show_endpoint(call: FormatCall) -> Answer:
    """What shields.io draws a badge of."""
    view, address = await _see(call)
    body = encode_json(present_endpoint(view.beacon, call.env.clock.now_ms()))
    return _answer(call, body, JSON, address=address)


async def embed(call: FormatCall) -> Answer:
    """The beacon in a frame of somebody else's page."""
    theme = call.parameters.text("theme", characters_max=_STYLE_CHARACTERS_MAX) or THEMES[0]
    if theme not in THEMES:
        raise InvalidInput(f"The theme has to be one of {', '.join(THEMES)}", field="theme")
    view, address = await _see(call)
    room = call.room
    shown = present_beacon(view, call.path["address"], room.site, call.env.clock.now_ms())
    body = room.pages.render("beacon_embed.html", {"beacon": shown, "theme": theme})
    headers = {"content-security-policy": _FRAME_POLICY, "referrer-policy": "no-referrer"}
    return _answer(call, body, HTML, address=address, kept="no-cache", headers=headers)


async def show_board_json(call: FormatCall) -> Answer:
    """A board, for scripts."""
    view = await boards.see_board(call.env, NOBODY, read_board_id(call.path["board"]))
    body = encode_json(present_board_reading(view, call.env.clock.now_ms()))
    return _answer(call, body, JSON)


def _reading(
    path: str, handler: Handler[FormatRoom], entity: str, *, cache: str = KEPT
) -> Operation[FormatRoom]:
    return Operation(
        "GET", path, handler, entity, Caller.ANYONE, rides=True, limit=SHARES, cache=cache
    )


_PLAIN: Final = {
    ".json": _reading("/s/{address}.json", show_json, "reading"),
    ".txt": _reading("/s/{address}.txt", show_text, "value"),
    ".svg": _reading("/s/{address}.svg", show_badge, "badge"),
}
OPERATIONS: Final = (
    *_PLAIN.values(),
    _reading("/s/{address}/badge.json", show_endpoint, "endpoint badge"),
    _reading("/b/{board}.json", show_board_json, "board"),
)
FRAME_OPERATIONS: Final = (_reading("/s/{address}/embed", embed, "page", cache="no-cache"),)


async def _present_error(error: StonechatError, room: FormatRoom) -> Answer:
    del room
    return problem_for_programs(error)


async def _present_frame_error(error: StonechatError, room: FormatRoom) -> Answer:
    page = room.pages.problem(error)
    page.headers = {**page.headers, "content-security-policy": _FRAME_POLICY}
    return page


def make_share_formats(env: Env) -> Dialect[FormatRoom]:
    """The beacons for programs, as a door that scripts of any site may use."""
    return Dialect("share formats", OPERATIONS, FormatRoom(env), _present_error, FORMAT_HEADERS)


def make_share_frames(formats: Dialect[FormatRoom]) -> Dialect[FormatRoom]:
    """The frames for pages of other sites."""
    headers = {"x-content-type-options": "nosniff"}
    return Dialect("share frames", FRAME_OPERATIONS, formats.room, _present_frame_error, headers)


def make_shortcut(formats: Dialect[FormatRoom]) -> Shortcut:
    """The short way to what programs ask for all day."""
    return Shortcut(formats, PREFIX, _find_plain, formats.room.readings.read)


def _find_plain(path: str) -> Operation[FormatRoom] | None:
    # Private links are longer: they go the usual way.
    return _PLAIN.get(path[len(PREFIX) + ID_CHARACTERS :])
