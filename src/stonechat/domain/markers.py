"""Markers: how far somebody has read a timeline, kept so that every device knows.

A marker only moves on: a device that was behind cannot take the others back. `version` rises
with every move; whoever sends the version that they know is told when somebody was faster.
"""

from dataclasses import dataclass
from typing import Final

TIMELINES: Final = ("home", "notifications")


@dataclass(frozen=True, slots=True)
class MarkerView:
    """Where the reader of one timeline stands."""

    timeline: str
    last_read_id: int
    version: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class MoveMarker:
    """Move the marker of a timeline; `version`, if given, is the one that must still stand."""

    timeline: str
    last_read_id: int
    version: int | None = None
