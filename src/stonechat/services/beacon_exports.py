"""Exports: the whole history of a beacon as CSV or JSON, for whoever may see it.

It is read and handed out page by page, the newest change first, so that no history is ever whole
in memory. What is changed meanwhile is not in it. A cell that a spreadsheet would take for a
formula gets an apostrophe before it.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Final

from stonechat.domain.beacons import BeaconChange, BeaconView
from stonechat.kernel.clock import from_ms
from stonechat.kernel.errors import NotAllowed
from stonechat.services.beacons import list_changes
from stonechat.services.env import Env

CSV_HEADER: Final = ("number", "value", "colorNo", "changedAt", "source", "changedBy")
_CHANGES_AT_ONCE: Final = 500
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin, also with the wide signs that some spreadsheets take for the narrow."""


def export_csv(env: Env, view: BeaconView) -> AsyncIterator[bytes]:
    """The history as CSV (RFC 4180, UTF-8) with a header; NotAllowed at once, not midway."""
    _ensure_may_see(view)
    return _stream_csv(env, view)


def export_json(env: Env, view: BeaconView) -> AsyncIterator[bytes]:
    """The history as an array of objects, one a line; NotAllowed at once, not midway."""
    _ensure_may_see(view)
    return _stream_json(env, view)


def _ensure_may_see(view: BeaconView) -> None:
    if not view.may(view.beacon.history_access):
        raise NotAllowed


async def _stream_csv(env: Env, view: BeaconView) -> AsyncIterator[bytes]:
    yield _lines([CSV_HEADER])
    async for page in _pages(env, view):
        yield _lines([_row(each) for each in page])


async def _stream_json(env: Env, view: BeaconView) -> AsyncIterator[bytes]:
    before = "[\n"
    async for page in _pages(env, view):
        yield (before + ",\n".join(map(_item, page))).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


async def _pages(env: Env, view: BeaconView) -> AsyncIterator[list[BeaconChange]]:
    below: int | None = None
    while page := await list_changes(env, view, below=below, limit=_CHANGES_AT_ONCE):
        yield page
        below = page[-1].number


def _row(change: BeaconChange) -> tuple[str, ...]:
    return (
        str(change.number),
        guard_cell(change.value),
        str(change.color_no),
        _moment(change.made_ms),
        change.source,
        guard_cell(change.changer or ""),
    )


def guard_cell(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULAS) else text


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _item(change: BeaconChange) -> str:
    item = {
        "number": change.number,
        "value": change.value,
        "colorNo": change.color_no,
        "changedAt": _moment(change.made_ms),
        "source": change.source,
        "changedBy": change.changer,
    }
    return json.dumps(item, ensure_ascii=False)


def _moment(milliseconds: int) -> str:
    return from_ms(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
