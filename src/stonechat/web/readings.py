"""Readings: what programs are told of a public beacon, rendered once for each of its versions.

A reading is found by a mark that the pulse of a beacon gives, so nothing is ever invalidated: what
changed has another mark. The mark itself goes to nobody, because it also counts what not everybody
may know of; an ETag is made of the very bytes that it stands for.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple

from stonechat.domain.beacon_pulses import make_mark
from stonechat.domain.beacons import ID_CHARACTERS, Address, Beacon, read_address
from stonechat.domain.ids import NOBODY
from stonechat.http.fragments import Fragments
from stonechat.http.operations import JSON
from stonechat.http.shortcuts import Headers, Ready, encode_headers
from stonechat.services import beacon_pulses, beacons
from stonechat.services.env import Env
from stonechat.web.entities.badges import draw_badge
from stonechat.web.entities.beacons import present_reading
from stonechat.web.entities.palette import find_hue

PREFIX: Final = "/s/"
KEPT: Final = "public, max-age=5"
"""So long a proxy may answer in our place: who changes a value sees it everywhere soon."""
TEXT: Final = "text/plain; charset=utf-8"
SVG: Final = "image/svg+xml"
READINGS_MB: Final = 2
"""Of the memory for rendered fragments, if there is any."""
FORMAT_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag",
    "x-content-type-options": "nosniff",
}
PICTURE_HEADERS: Final = {
    # A picture is looked at, also in pages that let nothing in unasked, and does nothing.
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "sandbox; default-src 'none'",
}
_ETAGS_CHARACTERS_MAX: Final = 4_000


_ETAG_DIGITS: Final = 24


class Reading(NamedTuple):
    """One format of one version of a beacon, and the headers that it goes out with."""

    etag: bytes
    body: bytes
    headers: Headers
    headers_unchanged: Headers
    """The same for a reader who has the body already."""


class _Format(NamedTuple):
    content_type: str
    render: Callable[[Beacon, int], bytes]
    headers: dict[str, str]


def _render_json(beacon: Beacon, now_ms: int) -> bytes:
    return encode_json(present_reading(beacon, now_ms))


def _render_text(beacon: Beacon, now_ms: int) -> bytes:
    return f"{beacon.shown_value(now_ms)}\n".encode()


def _render_badge(beacon: Beacon, now_ms: int) -> bytes:
    return draw_badge(beacon.name, beacon.shown_value(now_ms), find_hue(beacon.color_no).day)


FORMATS: Final = {
    ".json": _Format(JSON, _render_json, {}),
    ".txt": _Format(TEXT, _render_text, {}),
    ".svg": _Format(SVG, _render_badge, PICTURE_HEADERS),
}


def encode_json(value: object) -> bytes:
    """JSON for people and shells: one line that ends, with letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Readings:
    """The readings of one process."""

    def __init__(self, env: Env) -> None:
        self._env = env
        size_mb = min(READINGS_MB, env.settings.fragment_cache_mb)
        self.kept: Fragments[Reading] = Fragments(size_mb, lambda each: len(each.body))

    async def read(self, path: str, known: bytes) -> Ready:
        """The answer for `/s/7v7x3e.json` and the like; NotFound for what is not public.

        One statement, or two where no reading is kept. Its headers are whole.
        """
        end = len(PREFIX) + ID_CHARACTERS
        # Checked before it is looked for: whatever else stands there is no id.
        address = read_address(path[len(PREFIX) : end])
        pulse = await beacon_pulses.see_pulse(self._env, address.id)
        mark = pulse.mark(self._env.clock.now_ms())
        key = int.from_bytes(path.encode())
        found, missing = self.kept.find_all(((key, mark),))
        reading = await self._render(address, path[end:], key) if missing else found[key]
        if known and (known == reading.etag or is_known(reading.etag.decode(), known)):
            return Ready(304, reading.headers_unchanged, b"")
        return Ready(200, reading.headers, reading.body)

    async def _render(self, address: Address, suffix: str, key: int) -> Reading:
        view = await beacons.see_shared(self._env, NOBODY, address)
        beacon, now_ms, shape = view.beacon, self._env.clock.now_ms(), FORMATS[suffix]
        body = shape.render(beacon, now_ms)
        etag = make_etag(body)
        unchanged = {"cache-control": KEPT, "etag": etag, **FORMAT_HEADERS}
        headers = {
            "content-type": shape.content_type,
            "content-length": str(len(body)),
            **unchanged,
            **shape.headers,
        }
        reading = Reading(etag.encode(), body, encode_headers(headers), encode_headers(unchanged))
        # By the row that was rendered: it may be a newer one than the pulse was of.
        mark = make_mark(beacon.version, is_stale=beacon.is_stale(now_ms))
        self.kept.put(key, mark, reading)
        return reading


def make_etag(body: bytes) -> str:
    """The ETag of what goes out."""
    return f'"{sha256(body).hexdigest()[:_ETAG_DIGITS]}"'


def is_known(etag: str, known: bytes) -> bool:
    """Whether an If-None-Match names this version."""
    if len(known) > _ETAGS_CHARACTERS_MAX:
        return False
    # A proxy that compresses what it passes on calls our mark a weak one.
    held = [each.strip().removeprefix("W/") for each in known.decode("latin-1").split(",")]
    return etag in held or held == ["*"]
