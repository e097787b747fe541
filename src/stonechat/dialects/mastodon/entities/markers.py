"""Marker."""

from collections.abc import Iterable

import msgspec

from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain.markers import MarkerView


class Marker(msgspec.Struct, frozen=True):
    """Mastodon's Marker."""

    last_read_id: str
    version: int
    updated_at: str


def present_markers(views: Iterable[MarkerView]) -> dict[str, Marker]:
    """Markers on the wire, by timeline."""
    return {
        each.timeline: Marker(str(each.last_read_id), each.version, instant(each.updated_ms))
        for each in views
    }
