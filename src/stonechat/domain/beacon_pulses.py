"""Pulses: the little that tells whether what somebody has of a beacon is still current.

Machines that ask again and again mostly have the answer already. A pulse is read instead of the
beacon; where its mark is the known one, nothing more is looked at.
"""

from typing import NamedTuple

from stonechat.domain.beacons import PUBLIC


class Pulse(NamedTuple):
    """Of one beacon, as it is now."""

    version: int
    access: str
    changed_ms: int
    stale_after_s: int | None

    @property
    def is_public(self) -> bool:
        """Whether anybody may see its value."""
        return self.access == PUBLIC

    def mark(self, now_ms: int) -> int:
        """A number that is another one whenever the beacon looks different from outside."""
        after_s = self.stale_after_s
        is_stale = after_s is not None and now_ms >= self.changed_ms + after_s * 1000
        return make_mark(self.version, is_stale=is_stale)


def make_mark(version: int, *, is_stale: bool) -> int:
    """The mark of a version of a beacon. It gets stale by itself, without a new version."""
    return version * 2 + is_stale
