"""Beacons: short values that people watch, who may see and change them, and their bounds.

A beacon's `id` is its short share id, which whoever sees the beacon may know. Its status id, which
programs use, is that id with a secret tail, so one key finds everything that belongs to it. A
newcomer takes setting the same value again for nothing: it is a change like any other, because it
says that the value still holds.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar
from unicodedata import category

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.policies import Visibility
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.domain.text.counting import count_graphemes
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound

T = TypeVar("T")

_DIRECTIONS: Final = "\u200e\u200f"
_UNSEEN: Final = frozenset({"Cf", "Me", "Mn"})

ID_CHARACTERS: Final = 6
TAIL_CHARACTERS: Final = 15
LINK_CHARACTERS: Final = 22
BOARD_ID_CHARACTERS: Final = 12
SHARE_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without the letters and digits that look alike: people read these aloud."""
SECRET_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

ANNOUNCE_JOB: Final = "announce_beacon"
"""Says in a status what a beacon was set to: `{"beacon_id": …, "number": …, "value": …}`."""
GO_STALE_JOB: Final = "go_stale"
DELETE_HISTORY_JOB: Final = "delete_beacon_history"

PUBLIC: Final = "public"
PRIVATE: Final = "private"
OWNER: Final = "owner"
UPDATER: Final = "updater"
SUBSCRIBER: Final = "subscriber"
ROLES: Final = (OWNER, UPDATER, SUBSCRIBER)
ACCESSES: Final = (PUBLIC, PRIVATE)
LIST_ACCESSES: Final = (PUBLIC, PRIVATE, OWNER)
"""Who sees history or users: whoever sees the beacon, whoever has a role, the owner alone."""
TYPE: Final = "text"
STALE: Final = "?"
"""What is shown instead of a value that nobody has confirmed for too long."""
ANNOUNCEMENTS: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.PRIVATE,
}

_is_share_id: Final = re.compile(f"[{SHARE_ALPHABET}]{{{ID_CHARACTERS}}}").fullmatch
_is_status_id: Final = re.compile(
    f"[{SHARE_ALPHABET}]{{{ID_CHARACTERS}}}[{SECRET_ALPHABET}]{{{TAIL_CHARACTERS}}}"
).fullmatch
_is_link: Final = re.compile(
    f"[{SHARE_ALPHABET}]{{{ID_CHARACTERS}}}-[{SECRET_ALPHABET}]{{{LINK_CHARACTERS}}}"
).fullmatch
_is_key: Final = re.compile(f"[A-Za-z0-9_.:~-]{{1,{limits.BEACON_KEY_CHARACTERS_MAX}}}").fullmatch
_LINK: Final = re.compile(
    r"https?://|\bwww\.|(?<![\w.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}/",
    re.IGNORECASE,
)


class Preset(NamedTuple):
    """A value that is set with one tap, and the colour that goes with it."""

    value: str
    color_no: int | None = None


@dataclass(frozen=True, slots=True)
class Beacon:
    """A beacon as it is kept, and as its owner sees it."""

    id: BeaconId
    tail: str
    owner_id: AccountId
    key: str | None
    name: str
    value: str
    description: str
    color_no: int
    access: str
    users_access: str
    history_access: str
    presets: tuple[Preset, ...]
    stale_after_s: int | None
    announces: str | None
    hears_answers: bool
    changes: int
    subscribers: int
    created_ms: int
    changed_ms: int
    version: int

    @property
    def status_id(self) -> str:
        """What programs call it."""
        return self.id + self.tail

    @property
    def is_public(self) -> bool:
        """Whether anybody may see its value."""
        return self.access == PUBLIC

    def is_stale(self, now_ms: int) -> bool:
        """Whether nobody has confirmed the value for longer than its owner allows."""
        after_s = self.stale_after_s
        return after_s is not None and now_ms >= self.changed_ms + after_s * 1000

    def shown_value(self, now_ms: int) -> str:
        """The value, or `?` where it is stale."""
        return STALE if self.is_stale(now_ms) else self.value


@dataclass(frozen=True, slots=True)
class BeaconView:
    """A beacon as a viewer meets it: with their role, None where they have none."""

    beacon: Beacon
    role: str | None = None
    owner_name: str = ""
    """The owner's display name, or their username; shown to whoever may see the user list."""
    is_by_link: bool = False
    """Whether a private link showed it to somebody who has no role."""

    def may(self, access: str) -> bool:
        """Whether a list with this access is for the viewer."""
        if access == OWNER:
            return self.role == OWNER
        return access == PUBLIC or self.role is not None


@dataclass(frozen=True, slots=True)
class BeaconChange:
    """One entry of a history."""

    number: int
    value: str
    color_no: int
    made_ms: int
    source: str
    account_id: AccountId | None = None
    changer: str | None = None
    """The changer's username, where the viewer may know it."""


class BeaconEvent(NamedTuple):
    """Something that watchers are told: of a beacon as it is afterwards."""

    kind: str
    """`value`, `stale`, or `deleted`."""
    beacon: Beacon
    made_ms: int
    old_value: str | None = None
    source: str = ""
    """How a value was set: `api`, `page`, `token`, `answer`."""


@dataclass(frozen=True, slots=True)
class BeaconForm:
    """What somebody wants of a beacon; None says nothing about a part."""

    name: str | None = None
    value: str | None = None
    description: str | None = None
    color_no: int | None = None
    access: str | None = None
    users_access: str | None = None
    history_access: str | None = None
    type: str | None = None
    presets: tuple[Preset, ...] | None = None
    stale_after_s: int | None = None
    """0 for never."""
    announces: str | None = None
    """`off` for not at all."""
    hears_answers: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return self == _NOTHING

    @property
    def is_value_alone(self) -> bool:
        """Whether it sets the value and nothing else: that is what an updater may do."""
        return self.value is not None and replace(self, value=None, type=None) == _NOTHING


_NOTHING: Final = BeaconForm()


def apply_form(beacon: Beacon, form: BeaconForm, now_ms: int) -> Beacon:
    """A beacon after what a checked form asks for; whatever it asks for, the version goes up."""
    value = beacon.value if form.value is None else form.value
    return replace(
        beacon,
        name=_or(form.name, beacon.name),
        value=value,
        description=_or(form.description, beacon.description),
        color_no=_or(form.color_no, _color_of(beacon, form)),
        access=_or(form.access, beacon.access),
        users_access=_or(form.users_access, beacon.users_access),
        history_access=_or(form.history_access, beacon.history_access),
        presets=_or(form.presets, beacon.presets),
        stale_after_s=_or(form.stale_after_s, beacon.stale_after_s or 0) or None,
        announces=_announcing(form.announces, beacon.announces),
        hears_answers=_or(form.hears_answers, beacon.hears_answers),
        changes=beacon.changes + (form.value is not None),
        changed_ms=beacon.changed_ms if form.value is None else now_ms,
        version=beacon.version + 1,
    )


def _or(asked: T | None, kept: T) -> T:
    return kept if asked is None else asked


def _color_of(beacon: Beacon, form: BeaconForm) -> int:
    """The colour that goes with a value, where its owner said one: an updater sets no colours."""
    presets = _or(form.presets, beacon.presets)
    found = (each.color_no for each in presets if each.value == form.value and each.color_no)
    return next(found, beacon.color_no)


def _announcing(asked: str | None, kept: str | None) -> str | None:
    return kept if asked is None else None if asked == "off" else asked


class NewIds(NamedTuple):
    """What a new beacon is called."""

    id: BeaconId
    tail: str


def make_beacon(
    ids: NewIds, owner_id: AccountId, form: BeaconForm, now_ms: int, *, key: str | None = None
) -> Beacon:
    """A new beacon of a checked form, which has a name and a value at least; or InvalidInput."""
    for field in ("name", "value"):
        if getattr(form, field) is None:
            raise InvalidInput(f"The {field} is required", field=field, rule="missing")
    blank = Beacon(
        id=ids.id,
        tail=ids.tail,
        owner_id=owner_id,
        key=key,
        name="",
        value="",
        description="",
        color_no=1,
        # Whoever says nothing about it gives nothing away.
        access=PRIVATE,
        users_access=OWNER,
        history_access=PRIVATE,
        presets=(),
        stale_after_s=None,
        announces=None,
        hears_answers=False,
        changes=0,
        subscribers=0,
        created_ms=now_ms,
        changed_ms=now_ms,
        version=0,
    )
    return apply_form(blank, form, now_ms)


# Ids -----------------------------------------------------------------------------------------


def read_status_id(text: str) -> tuple[BeaconId, str]:
    """Id and tail of a status id; NotFound for what cannot be one."""
    if not _is_status_id(text):
        raise NotFound
    return BeaconId(text[:ID_CHARACTERS]), text[ID_CHARACTERS:]


def id_to_number(beacon_id: BeaconId) -> int:
    """The id as a whole number, for where only those are kept."""
    number = 0
    for character in beacon_id:
        number = number * len(SHARE_ALPHABET) + SHARE_ALPHABET.index(character)
    return number


def number_to_id(number: int) -> BeaconId:
    """The id of a number that `id_to_number` gave."""
    characters = ""
    for _ in range(ID_CHARACTERS):
        number, place = divmod(number, len(SHARE_ALPHABET))
        characters = SHARE_ALPHABET[place] + characters
    return BeaconId(characters)


class Address(NamedTuple):
    """What a page's address names: a beacon, and the secret of a private link to it."""

    id: BeaconId
    secret: str | None = None


def read_address(text: str) -> Address:
    """`7v7x3e`, or `7v7x3e-…` with the secret of a link; NotFound for anything else."""
    if _is_share_id(text):
        return Address(BeaconId(text))
    if _is_link(text):
        return Address(BeaconId(text[:ID_CHARACTERS]), text[ID_CHARACTERS + 1 :])
    raise NotFound


def check_key(key: str) -> str:
    """A key that a client may choose, or InvalidInput."""
    if not _is_key(key):
        raise InvalidInput(
            "A status key has 1 to"
            f" {limits.BEACON_KEY_CHARACTERS_MAX} letters, digits and signs of -_.:~",
            field="statusKey",
        )
    return key


# Values and bounds ---------------------------------------------------------------------------


def read_value(text: str, *, field: str = "value") -> str:
    """A value as it is kept: upper case, 1 to 10 graphemes; or InvalidInput.

    Letters are made upper case without regard to any language, and counted afterwards: `ß`
    becomes `SS`.
    """
    text = text.strip()
    if len(text) > limits.BEACON_VALUE_CODE_POINTS_MAX:
        raise _size(field, limits.BEACON_VALUE_GRAPHEMES_MIN, limits.BEACON_VALUE_GRAPHEMES_MAX)
    value = _line(text, field).upper()
    bounds = (limits.BEACON_VALUE_GRAPHEMES_MIN, limits.BEACON_VALUE_GRAPHEMES_MAX)
    return _sized(value, field, bounds, limits.BEACON_VALUE_CODE_POINTS_MAX)


def _line(text: str, field: str) -> str:
    """One line of text, as it is. What acts unseen is refused, not taken out."""
    cleaned = clean_name(text, field=field)
    is_one_line = len(text.splitlines()) <= 1 and "\t" not in text
    if not is_one_line or "".join(cleaned.split()) != "".join(text.split()):
        raise InvalidInput(f"The {field} has characters that cannot be kept", field=field)
    if not all(_can_be_seen(word) for word in text.split()):
        raise InvalidInput(f"The {field} has parts that nobody can see", field=field)
    return text


def _can_be_seen(word: str) -> bool:
    """Whether a word begins with a sign: joiners and marks alone are nothing to look at."""
    signs = word.strip(_DIRECTIONS)
    return bool(signs) and category(signs[0]) not in _UNSEEN


def _sized(text: str, field: str, bounds: tuple[int, int], code_points_max: int) -> str:
    least, most = bounds
    if len(text) > code_points_max or not least <= count_graphemes(text) <= most:
        raise _size(field, least, most)
    return text


def _size(field: str, least: int, most: int) -> InvalidInput:
    size = f"at most {most}" if least == 0 else f"{least} to {most}"
    return InvalidInput(f"The {field} has to be {size} characters long", field=field, rule="size")


def check_form(form: BeaconForm) -> BeaconForm:
    """The form with its texts as they are kept; InvalidInput names the first part that is wrong."""
    if form.is_empty:
        raise InvalidInput("At least one property is required", rule="empty")
    _ensure_among(form.type, (TYPE,), "type")
    _ensure_among(form.access, ACCESSES, "accessType")
    _ensure_among(form.users_access, LIST_ACCESSES, "accessTypeUserList")
    _ensure_among(form.history_access, LIST_ACCESSES, "accessTypeHistory")
    _ensure_among(form.announces, ("off", *ANNOUNCEMENTS), "announce")
    _ensure_number(form.color_no, (1, limits.BEACON_COLORS), "colorNo")
    _ensure_stale_after(form.stale_after_s)
    return replace(
        form,
        name=None if form.name is None else read_name(form.name),
        value=None if form.value is None else read_value(form.value),
        description=None if form.description is None else _read_description(form.description),
        presets=None if form.presets is None else _read_presets(form.presets),
    )


def read_name(text: str) -> str:
    """A name as it is kept, 3 to 42 graphemes; or InvalidInput."""
    text = text.strip()
    if len(text) > limits.BEACON_NAME_CODE_POINTS_MAX:
        raise _size("name", limits.BEACON_NAME_GRAPHEMES_MIN, limits.BEACON_NAME_GRAPHEMES_MAX)
    bounds = (limits.BEACON_NAME_GRAPHEMES_MIN, limits.BEACON_NAME_GRAPHEMES_MAX)
    return _sized(_line(text, "name"), "name", bounds, limits.BEACON_NAME_CODE_POINTS_MAX)


def _read_description(text: str) -> str:
    most, field = limits.BEACON_DESCRIPTION_GRAPHEMES_MAX, "description"
    if len(text) > limits.BEACON_DESCRIPTION_CODE_POINTS_MAX:
        raise _size(field, 0, most)
    cleaned = clean_text(text, field=field)
    return _sized(cleaned, field, (0, most), limits.BEACON_DESCRIPTION_CODE_POINTS_MAX)


def _read_presets(presets: tuple[Preset, ...]) -> tuple[Preset, ...]:
    if len(presets) > limits.BEACON_PRESETS_MAX:
        most = limits.BEACON_PRESETS_MAX
        raise InvalidInput(f"There may be {most} presets at most", field="presets", rule="size")
    for each in presets:
        _ensure_number(each.color_no, (1, limits.BEACON_COLORS), "presets")
    read = tuple(Preset(read_value(each.value, field="presets"), each.color_no) for each in presets)
    if len({each.value for each in read}) != len(read):
        raise InvalidInput("A value stands twice among the presets", field="presets")
    return read


def _ensure_among(word: str | None, words: Collection[str], field: str) -> None:
    if word is not None and word not in words:
        raise InvalidInput(f"The {field} has to be one of {', '.join(words)}", field=field)


def _ensure_number(number: int | None, bounds: tuple[int, int], field: str) -> None:
    if number is not None and not bounds[0] <= number <= bounds[1]:
        raise InvalidInput(f"The {field} has to be from {bounds[0]} to {bounds[1]}", field=field)


def _ensure_stale_after(seconds: int | None) -> None:
    if seconds:
        bounds = (limits.BEACON_STALE_SECONDS_MIN, limits.BEACON_STALE_SECONDS_MAX)
        _ensure_number(seconds, bounds, "staleAfter")


def has_link(description: str) -> bool:
    """Whether a description leads somewhere: a plan may not allow that."""
    return _LINK.search(description) is not None


# Rights --------------------------------------------------------------------------------------


def ensure_role(view: BeaconView | None, *roles: str) -> BeaconView:
    """The view of somebody with one of these roles.

    Others get NotAllowed, or NotFound where they may not even know that the beacon is there.
    """
    if view is None or (view.role is None and not view.beacon.is_public):
        raise NotFound
    if view.role not in roles:
        raise NotAllowed
    return view
