"""Boards as pages and scripts are told of them: their beacons, and how bad it is at worst."""

from dataclasses import dataclass

from stonechat.domain.beacons import BeaconView
from stonechat.domain.boards import BoardView
from stonechat.web.entities.addresses import Site
from stonechat.web.entities.beacons import ShownBeacon, present_beacon, present_reading
from stonechat.web.entities.palette import CALM, SEVERITY_WORDS, find_severity


@dataclass(frozen=True, slots=True)
class Sum:
    """The worst of several beacons, and how many are so."""

    severity: int
    count: int
    total: int

    @property
    def words(self) -> str:
        """`Alarm: 1 of 5`; where nothing is wrong, that alone."""
        if not self.total:
            return "Nothing here yet"
        word = SEVERITY_WORDS[self.severity]
        return word if self.severity == CALM else f"{word}: {self.count} of {self.total}"


@dataclass(frozen=True, slots=True)
class ShownBoard:
    """A board on a page."""

    id: str
    path: str
    url: str
    name: str
    owner: str
    sum: Sum
    beacons: list[ShownBeacon]
    is_own: bool


def present_board(view: BoardView, site: Site, now_ms: int) -> ShownBoard:
    """A board with what its viewer may see."""
    path = f"/b/{view.board.id}"
    return ShownBoard(
        id=view.board.id,
        path=path,
        url=site.base_url + path,
        name=view.board.name,
        owner=view.owner_name,
        sum=add_up(view.beacons, now_ms),
        beacons=[present_beacon(each, each.beacon.id, site, now_ms) for each in view.beacons],
        is_own=view.is_own,
    )


def present_board_reading(view: BoardView, now_ms: int) -> dict[str, object]:
    """What a script is told of a board."""
    worst = add_up(view.beacons, now_ms)
    return {
        "boardId": view.board.id,
        "name": view.board.name,
        "severity": worst.severity,
        "summary": worst.words,
        "beacons": [present_reading(each.beacon, now_ms) for each in view.beacons],
    }


def add_up(views: tuple[BeaconView, ...], now_ms: int) -> Sum:
    """The worst of these."""
    found = [
        find_severity(each.beacon.color_no, is_stale=each.beacon.is_stale(now_ms)) for each in views
    ]
    worst = max(found, default=CALM)
    return Sum(worst, found.count(worst), len(found))
