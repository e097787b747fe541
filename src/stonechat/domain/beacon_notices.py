"""Notices of beacons: what is told of an event, and what somebody finds in their list.

`News` is an event as it stood in its moment, small enough to travel in a job's payload: whoever is
told a little later is told the same. A notice keeps what was so then, whatever the beacon is called
by now; whether its reader may still know it is asked when it is listed (storage/beacon_notices).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from stonechat.domain.beacons import BeaconEvent
from stonechat.domain.ids import NOBODY, AccountId, BeaconId

VALUE: Final = "value"
STALE: Final = "stale"
DELETED: Final = "deleted"
ROLE: Final = "role"

TELL_JOB: Final = "tell_beacon"
"""Tells the watchers of a beacon that has very many: the payload is a Telling."""
DESK: Final = "desk"
"""The kind of live page that shows all that an account has; the key is its id."""


class News(NamedTuple):
    """What happened to a beacon, in an order that holds for that beacon: by `id`."""

    id: int
    kind: str
    beacon_id: BeaconId
    name: str
    access: str
    value: str
    old_value: str | None
    color_no: int
    number: int
    changed_ms: int
    made_ms: int
    source: str

    def payload(self) -> dict[str, object]:
        """The same for a job to carry."""
        return self._asdict()


def news_of(event: BeaconEvent, news_id: int) -> News:
    """What is told of an event."""
    beacon = event.beacon
    return News(
        news_id,
        event.kind,
        beacon.id,
        beacon.name,
        beacon.access,
        beacon.value,
        event.old_value,
        beacon.color_no,
        beacon.changes,
        beacon.changed_ms,
        event.made_ms,
        event.source,
    )


def read_news(payload: Mapping[str, object]) -> News:
    """What `News.payload` gave."""
    return News(**cast("Mapping[str, Any]", payload))


class Telling(NamedTuple):
    """A job that tells very many: what, and up to which account it has come."""

    job_id: int
    news: News
    above: AccountId = NOBODY

    def payload(self) -> dict[str, object]:
        """The same for a job to carry."""
        return {**self._asdict(), "news": self.news.payload()}


def read_telling(payload: Mapping[str, object]) -> Telling:
    """What `Telling.payload` gave."""
    fields = cast("Mapping[str, Any]", payload)
    return Telling(fields["job_id"], read_news(fields["news"]), fields["above"])


@dataclass(frozen=True, slots=True)
class BeaconNotice:
    """One line of somebody's list."""

    id: int
    beacon_id: BeaconId
    kind: str
    """`value`, `stale`, `deleted`, or `role`: the reader was given a role."""
    name: str
    old_value: str | None
    value: str
    """Empty where a role was given."""
    made_ms: int
    is_there: bool
    """Whether there still is a page to lead to."""
    is_unread: bool


class InboxVersion(NamedTuple):
    """What an open page with notices goes by: another one means something else to show."""

    newest_id: int = 0
    seen_id: int = 0
