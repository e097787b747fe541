"""History: every change of a value, for programs and for tables."""

from collections.abc import Iterable

import msgspec

from stonechat.dialects.stativate.entities.times import instant
from stonechat.domain.beacons import BeaconChange


class Change(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One change. `changedBy` is there for those who may see the list of users."""

    number: int
    value: str
    color_no: int
    changed_at: str
    source: str
    changed_by: str | None = None


def present_history(changes: Iterable[BeaconChange]) -> list[Change]:
    """A page of a history."""
    return [
        Change(
            each.number,
            each.value,
            each.color_no,
            instant(each.made_ms),
            each.source,
            each.changer,
        )
        for each in changes
    ]
