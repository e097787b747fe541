"""Members: an account as a community shows it, with what its owner tells about themselves.

What only the community's dialect shows stands in one JSON column (`details`), what it counts in
columns. Nothing here is secret: an e-mail address or a setting never gets into a `MemberView`. A
position is rounded on its way in, to about a kilometre, so that no copy of it says more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, LabelId
from stonechat.domain.names import fold
from stonechat.domain.places import LATITUDE_MAX, LONGITUDE_MAX
from stonechat.domain.viewers import STAFF
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import InvalidInput

GENDERS: Final = ("Male", "Female", "Unspecified")
SETTINGS: Final[Mapping[str, tuple[int, tuple[int, ...]]]] = MappingProxyType(
    {
        "qa_frequency": (-1, (-1, 0, 1)),
        "email_notification_not_qa": (1, (0, 1)),
        "mobile_notifications_scmty": (1, (0, 1)),
        "show_toast_notifications": (1, (0, 1)),
        "toast_notifications_emit_sound": (0, (0, 1)),
    }
)
"""What somebody may set for themselves: each with its default and the values that it may have."""
_YEAR_MIN: Final = 1900
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEB: Final = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", re.IGNORECASE)
_NO_METADATA: Final[Mapping[str, str]] = MappingProxyType({})


class Window(NamedTuple):
    """Which part of a list is wanted."""

    limit: int
    offset: int


class Spot(NamedTuple):
    """A point on the map, as coarse as it is kept."""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Details:
    """What somebody tells about themselves besides their name and their note."""

    location: str = ""
    home: Spot | None = None
    """Where their `location` is."""
    position: Spot | None = None
    """Where they were when their client last said so."""
    born_on: date | None = None
    description: str = ""
    gender: str = "Unspecified"
    website: str = ""
    company_name: str = ""
    company_role: str = ""
    metadata: Mapping[str, str] = field(default_factory=lambda: _NO_METADATA)
    """What a client keeps here under names of its own."""


NO_DETAILS: Final = Details()


class MemberLabel(NamedTuple):
    """A label that somebody carries and everybody may see."""

    id: LabelId
    type: str
    name: str
    description: str
    color: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """An account with all that a community shows of it."""

    account: AccountView
    details: Details = NO_DETAILS
    said: int = 0
    posts: int = 0
    discussions: int = 0
    polls: int = 0
    labels: tuple[MemberLabel, ...] = ()

    @property
    def id(self) -> AccountId:
        """Its account's id."""
        return self.account.id

    @property
    def version(self) -> int:
        """Rises with whatever is shown here; rendered copies are checked by it."""
        return self.account.version


class AvatarView(NamedTuple):
    """A picture that a member may choose to be shown."""

    id: int
    file: str
    is_chosen: bool
    kept_ms: int
    """When it came; of one that another dialect put there, when the account came."""


class KeptView(NamedTuple):
    """One thing that a client keeps for a member. `value` is JSON."""

    id: int
    account_id: AccountId
    name: str
    value: str
    changed_ms: int


def check_spot(lat: float, lng: float, field: str) -> Spot:
    """A point as it is kept, or InvalidInput; what is no number fails every comparison."""
    if not (abs(lat) <= LATITUDE_MAX and abs(lng) <= LONGITUDE_MAX):
        raise refuse_detail(field, "is not a place on earth")
    decimals = limits.MEMBER_PLACE_DECIMALS
    return Spot(round(lat, decimals) + 0.0, round(lng, decimals) + 0.0)


def check_birthday(text: str, today: date) -> date:
    """A day as `2000-12-31`, or InvalidInput: nobody was born tomorrow."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year < _YEAR_MIN or day > today:
        raise refuse_detail("date_of_birth", "is not a day on which somebody may have been born")
    return day


def check_website(url: str) -> str:
    """An address of a web page, or InvalidInput; none at all is fine."""
    if url and not _WEB.fullmatch(url):
        raise refuse_detail("website", "is not the address of a web page")
    return url


def check_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """What is to be kept under names of a client's own, or InvalidInput where it is too much."""
    if len(metadata) > limits.MEMBER_METADATA_MAX:
        raise refuse_detail(
            "non_field_errors",
            f"has too many fields of its own (maximum is {limits.MEMBER_METADATA_MAX})",
            rule="too_long",
        )
    return metadata


def refuse_detail(field: str, words: str, *, rule: str = "invalid") -> InvalidInput:
    """The complaint about one detail."""
    name = field.replace("_", " ").capitalize()
    return InvalidInput(
        f"Validation failed: {name} {words}", field=field, rule=rule, description=words
    )


AGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"-30": (0, 30), "30-45": (30, 45), "45+": (45, 1000)}
)
"""Ranges of age by the vendor's names: from the first on, below the second."""
ORDERINGS: Final = ("id", "username", "real_name", "location", "date_joined")
"""By what a list of members can be ordered; with `-` in front, the other way round."""


@dataclass(frozen=True, slots=True)
class MemberSearch:
    """Whom somebody looks for. What is empty does not narrow anything.

    One of the names finds candidates; everything else is compared with what the candidates show.
    Where somebody is can be compared as they wrote it, never as a distance: distances from three
    points would tell a position more exactly than its owner wanted to.
    """

    name: str = ""
    username: str = ""
    real_name: str = ""
    gender: str = ""
    location: str = ""
    description: str = ""
    age: str = ""
    only_staff: bool = False
    label_id: int | None = None
    category_id: int | None = None
    excluded: frozenset[int] = frozenset()
    ordering: str = ""

    @property
    def words(self) -> str:
        """The name by which candidates are found."""
        return self.name or self.username or self.real_name

    @property
    def sources(self) -> list[tuple[str, int | None]]:
        """Out of which lists candidates are taken, besides those whom a name finds."""
        found: list[tuple[str, int | None]] = []
        if self.label_id is not None:
            found.append(("label", self.label_id))
        if self.category_id is not None:
            found.append(("category", self.category_id))
        if found or self.words:
            return found
        return [("staff" if self.only_staff else "everybody", None)]

    @property
    def compares(self) -> bool:
        """Whether candidates have to be looked at before they are counted."""
        return self != MemberSearch()

    def fits(self, member: MemberView, today: date) -> bool:
        """Whether somebody is one of those who are looked for."""
        account, details = member.account, member.details
        return (
            account.id not in self.excluded
            and _holds(account.username, self.username)
            and _holds(account.display_name, self.real_name)
            and (not self.gender or details.gender == self.gender)
            and _holds(details.location, self.location)
            and _holds(details.description, self.description)
            and (not self.age or _is_aged(details.born_on, AGES[self.age], today))
            and (not self.only_staff or account.role in STAFF)
        )

    def put_in_order(self, found: Sequence[MemberView]) -> list[MemberView]:
        """Those who were found, in the order that is wanted; as they came where none is."""
        name = self.ordering.removeprefix("-")
        if not name:
            return list(found)
        return sorted(found, key=_KEYS[name], reverse=self.ordering.startswith("-"))


_KEYS: Final[Mapping[str, Callable[[MemberView], tuple[str, int]]]] = MappingProxyType(
    {
        "id": lambda member: ("", member.id),
        "date_joined": lambda member: ("", member.account.created_ms),
        "username": lambda member: (member.account.username.lower(), member.id),
        "real_name": lambda member: (fold(member.account.display_name), member.id),
        "location": lambda member: (fold(member.details.location), member.id),
    }
)


def _holds(text: str, wanted: str) -> bool:
    return not wanted or fold(wanted) in fold(text)


def _is_aged(born_on: date | None, between: tuple[int, int], today: date) -> bool:
    if born_on is None:
        return False
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    years = today.year - born_on.year - (not had_birthday)
    return between[0] <= years < between[1]
