"""The fields of the desk's forms in, forms of the domain out.

An empty field says something: no description, never stale. Texts are taken exactly as they were
typed, because the domain says what is wrong with them.
"""

from typing import Final, TypeVar

from stonechat.domain import limits
from stonechat.domain.beacons import OWNER, Beacon, BeaconForm, BeaconView, Preset
from stonechat.http.operations import BODY_BYTES_MAX
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.web.desk.calls import DeskCall, read
from stonechat.web.desk.entities.beacons import UNITS

T = TypeVar("T")

ENDS: Final = {"1": "1 day", "7": "1 week", "30": "30 days", "90": "90 days", "365": "1 year"}
"""Lengths of life that links and keys are offered, by their days; empty is no end."""
_NUMBER_CHARACTERS_MAX: Final = 6


def read_parts(call: DeskCall, beacon: Beacon) -> BeaconForm:
    """What is to be another one among the parts of a beacon.

    The form shows every part and sends them all back. What nobody touched is no wish: it might be
    one that the plan does not have, or undo what somebody else changed meanwhile.
    """
    announces = read(call, "announces")
    stale_after_s = _read_stale_after(call)
    return BeaconForm(
        name=_new(read(call, "name"), beacon.name),
        description=_new(_read_text(call, "description"), beacon.description),
        color_no=_new(_read_color(call.parameters) or 1, beacon.color_no),
        access=_new(read(call, "access"), beacon.access),
        users_access=_new(_read_list_access(call, "users_access"), beacon.users_access),
        history_access=_new(_read_list_access(call, "history_access"), beacon.history_access),
        presets=_new(_read_presets(call), beacon.presets),
        stale_after_s=_new(stale_after_s, beacon.stale_after_s or 0),
        announces=_new(announces, beacon.announces or "off"),
        hears_answers=_new(bool(call.parameters.flag("hears_answers")), beacon.hears_answers),
    )


def _new(asked: T | None, kept: T) -> T | None:
    return None if asked == kept else asked


def _read_list_access(call: DeskCall, name: str) -> str | None:
    """Who may see a list; None where the plan has no such choice, so the form neither."""
    return call.parameters.exact(name, BODY_BYTES_MAX)


def _read_text(call: DeskCall, name: str) -> str:
    """A text of several lines, whose ends browsers send as two characters."""
    return read(call, name).replace("\r\n", "\n")


def read_new(call: DeskCall) -> BeaconForm:
    """A beacon that is to be made: what cannot be left for later."""
    return BeaconForm(
        name=read(call, "name"),
        value=read(call, "value"),
        description=_read_text(call, "description"),
        # Who chose none leaves it to the button of the value.
        color_no=_read_color(call.parameters),
        access=read(call, "access"),
        presets=_read_presets(call),
    )


def read_value(call: DeskCall, view: BeaconView) -> BeaconForm:
    """A value to set: typed, or by one tap, which gives an owner's beacon its colour as well."""
    tapped = read(call, "tap")
    if not tapped:
        return BeaconForm(value=read(call, "value"))
    colors = {each.value: each.color_no for each in view.beacon.presets}
    return BeaconForm(value=tapped, color_no=colors.get(tapped) if view.role == OWNER else None)


def _read_color(parameters: Parameters, name: str = "color_no") -> int | None:
    return parameters.integer(name) or None


def _read_presets(call: DeskCall) -> tuple[Preset, ...]:
    rows = call.parameters.records("presets")
    values = ((row.exact("value", limits.BEACON_VALUE_CODE_POINTS_MAX), row) for row in rows)
    return tuple(Preset(value, _read_color(row)) for value, row in values if value)


def _read_stale_after(call: DeskCall) -> int:
    text = read(call, "stale_number", _NUMBER_CHARACTERS_MAX).strip()
    if not text:
        return 0
    size = UNITS.get(read(call, "stale_unit"))
    if size is None:
        raise NotFound
    if not (text.isascii() and text.isdigit()) or text == "0" * len(text):
        raise InvalidInput("Say after how long, in whole numbers, or nothing", field="stale_number")
    return int(text) * size


def read_days(call: DeskCall) -> int | None:
    """For how many days something is to be good; None for without end."""
    return call.parameters.integer("days") or None


def read_filters(call: DeskCall) -> list[tuple[str, str]]:
    """Which changes somebody wants to hear of: pairs of `to` or `from` and a value."""
    rows = call.parameters.records("filters")
    pairs = ((row.exact("kind", 8) or "", row.exact("value", 64) or "") for row in rows)
    return [(kind, value) for kind, value in pairs if value.strip()]
