"""Status: what Stativate calls a beacon. Only who may read it by its id gets one."""

from collections.abc import Iterable

import msgspec

from stonechat.dialects.stativate.entities.times import instant
from stonechat.domain.beacons import OWNER, TYPE, Beacon, BeaconView
from stonechat.domain.beacons import Preset as Suggestion


class Preset(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A value that is set with one tap."""

    value: str
    color_no: int | None = None


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """Stativate's Status, as it is documented."""

    id: str
    share_id: str
    name: str
    value: str
    type: str
    access_type: str
    description: str
    color_no: int
    access_type_user_list: str
    access_type_history: str


class DetailedStatus(Status, frozen=True, rename="camel"):
    """The same with what we add to it, for whoever asks for details."""

    status_key: str | None
    role: str
    is_stale: bool
    changes: int
    subscribers: int
    created_at: str
    changed_at: str
    presets: tuple[Preset, ...]
    stale_after: int
    announce: str
    hears_answers: bool


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """What the list of one's own says of each: how it is called."""

    status_id: str
    status_key: str | None
    share_id: str
    name: str


class Confirmation(msgspec.Struct, frozen=True, rename="camel"):
    """What whoever sets a value learns of it: nothing that they did not say themselves."""

    share_id: str
    value: str
    changed_at: str


def present_status(view: BeaconView) -> Status:
    """A beacon as its owner and its updaters read it."""
    return Status(*_documented(view.beacon))


def _documented(beacon: Beacon) -> tuple[str, str, str, str, str, str, str, int, str, str]:
    return (
        beacon.status_id,
        beacon.id,
        beacon.name,
        beacon.value,
        TYPE,
        beacon.access,
        beacon.description,
        beacon.color_no,
        beacon.users_access,
        beacon.history_access,
    )


def present_details(view: BeaconView, now_ms: int) -> DetailedStatus:
    """A beacon with everything that its owner can say of it."""
    beacon = view.beacon
    return DetailedStatus(
        *_documented(beacon),
        # A key is the owner's own name for it, and nobody else's business.
        status_key=beacon.key if view.role == OWNER else None,
        role=view.role or "",
        is_stale=beacon.is_stale(now_ms),
        changes=beacon.changes,
        subscribers=beacon.subscribers,
        created_at=instant(beacon.created_ms),
        changed_at=instant(beacon.changed_ms),
        presets=_presets(beacon.presets),
        stale_after=beacon.stale_after_s or 0,
        announce=beacon.announces or "off",
        hears_answers=beacon.hears_answers,
    )


def _presets(presets: Iterable[Suggestion]) -> tuple[Preset, ...]:
    return tuple(Preset(each.value, each.color_no) for each in presets)


def present_list(beacons: Iterable[Beacon]) -> list[Listed]:
    """What somebody owns."""
    return [Listed(each.status_id, each.key, each.id, each.name) for each in beacons]


def present_confirmation(beacon: Beacon) -> Confirmation:
    """A beacon whose value was set just now."""
    return Confirmation(beacon.id, beacon.value, instant(beacon.changed_ms))
