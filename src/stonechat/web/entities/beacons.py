"""Beacons as pages, scripts and badges are told of them: what whoever sees one may know.

A stale value is nowhere told as if it still held: `?` stands in its place. A newcomer passes on
the beacon itself: it has secrets in it (its status id, its owner), so what goes out is picked here,
field by field.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from stonechat.domain.beacons import (
    OWNER,
    SUBSCRIBER,
    TYPE,
    UPDATER,
    Beacon,
    BeaconChange,
    BeaconView,
)
from stonechat.domain.text.markup import render_note
from stonechat.web.entities.addresses import Site
from stonechat.web.entities.palette import find_hue
from stonechat.web.entities.times import Moment, present_exactly, present_moment, say_age

_ROLE_WORDS: Final = {
    OWNER: "This is yours",
    UPDATER: "You may set its value",
    SUBSCRIBER: "You follow it",
}


@dataclass(frozen=True, slots=True)
class ShownBeacon:
    """A beacon on a page."""

    id: str
    path: str
    """Its page by the very address that it was asked for."""
    url: str
    name: str
    value: str
    description: Markup
    summary: str
    color_no: int
    color: str
    changed: Moment
    age: str
    is_stale: bool
    changes: int
    subscribers: int
    owner: str
    role: str | None
    role_words: str | None
    is_public: bool
    is_by_link: bool

    @property
    def is_open(self) -> bool:
        """Whether programs without an account may read it at this address."""
        return self.is_public or self.is_by_link

    @property
    def snippet(self) -> str:
        """What somebody pastes into a page of their own."""
        return write_frame(self.url, self.name)

    @property
    def title(self) -> str:
        """In a tab and in a preview: what is so, first."""
        return f"{self.value} · {self.name}"


def present_beacon(view: BeaconView, address: str, site: Site, now_ms: int) -> ShownBeacon:
    """A beacon for its page, a frame, or a place on a board."""
    beacon = view.beacon
    return ShownBeacon(
        id=beacon.id,
        path=f"/s/{address}",
        url=f"{site.base_url}/s/{address}",
        name=beacon.name,
        value=beacon.shown_value(now_ms),
        description=Markup(render_note(beacon.description, {}, site.base_url)),  # noqa: S704 - made by domain/text/markup, all escaped
        summary=" ".join(beacon.description.split()),
        color_no=beacon.color_no,
        color=find_hue(beacon.color_no).name,
        changed=present_moment(beacon.changed_ms),
        age=say_age(now_ms - beacon.changed_ms),
        is_stale=beacon.is_stale(now_ms),
        changes=beacon.changes,
        subscribers=beacon.subscribers,
        owner=view.owner_name,
        role=view.role,
        role_words=None if view.role is None else _ROLE_WORDS[view.role],
        is_public=beacon.is_public,
        is_by_link=view.is_by_link,
    )


def write_frame(url: str, name: str) -> str:
    """The page at this address as a frame for other sites: markup, in which the name is text."""
    return (
        f'<iframe src="{escape(url)}/embed" title="{escape(name)}"'
        ' width="320" height="220" style="border:0" loading="lazy"></iframe>'
    )


def present_reading(beacon: Beacon, now_ms: int) -> dict[str, object]:
    """What a script is told."""
    return {
        "shareId": beacon.id,
        "name": beacon.name,
        "value": beacon.shown_value(now_ms),
        "type": TYPE,
        "colorNo": beacon.color_no,
        "color": find_hue(beacon.color_no).name,
        "description": beacon.description,
        "changedAt": present_exactly(beacon.changed_ms),
        "isStale": beacon.is_stale(now_ms),
        "changes": beacon.changes,
    }


def present_endpoint(beacon: Beacon, now_ms: int) -> dict[str, object]:
    """What shields.io asks of whoever feeds a badge of theirs."""
    return {
        "schemaVersion": 1,
        "label": beacon.name,
        "message": beacon.shown_value(now_ms),
        "color": find_hue(beacon.color_no).day,
    }


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One entry of a timeline."""

    number: int
    value: str
    color_no: int
    color: str
    made: Moment
    by: str | None


def present_changes(changes: Iterable[BeaconChange]) -> list[ShownChange]:
    """A history for a page."""
    return [
        ShownChange(
            number=each.number,
            value=each.value,
            color_no=each.color_no,
            color=find_hue(each.color_no).name,
            made=present_moment(each.made_ms),
            by=each.changer,
        )
        for each in changes
    ]
