"""Media: pictures, films and sounds, from the upload until a status shows them.

What is uploaded belongs to its account, and is held by at most one status or one scheduled
status. How a file is taken apart and made anew is no business of this module (blobs/workshop),
and what a status shows of a medium is `views.MediaView`. A newcomer gets wrong who is free: a
medium of a deleted status is, because its author may say the same again with it; one that an edit
took off its status is not, because the history still shows it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId, ScheduledId, StatusId
from stonechat.domain.text.counting import count_graphemes
from stonechat.domain.views import MediaView
from stonechat.kernel.errors import InvalidInput

ARRIVING: Final = "arriving"
"""Its row is there, its file is not yet where whoever processes it will look for it."""
PROCESSING: Final = "processing"
READY: Final = "ready"
FAILED: Final = "failed"

UNDER_WAY: Final = frozenset({ARRIVING, PROCESSING})

IMAGE: Final = "image"
GIFV: Final = "gifv"
VIDEO: Final = "video"
AUDIO: Final = "audio"
FILMS: Final = frozenset({GIFV, VIDEO, AUDIO})
"""What takes long to process."""
ALONE: Final = frozenset({VIDEO, AUDIO})
"""What stands alone in a status."""
INLINE: Final = "eimage"
"""A picture inside the text, which shows it itself."""
URL: Final = "url"
DOCUMENT: Final = "doc"
EMBED: Final = "embed"
SHARE: Final = "share"
ATTACHMENTS: Final = frozenset({IMAGE, GIFV, VIDEO, AUDIO})
"""What is shown as an attachment everywhere. Of all else only communities know: media_links."""


class Holder(NamedTuple):
    """Who holds a medium: a status, a scheduled one, or nobody."""

    status_id: StatusId | None = None
    scheduled_id: ScheduledId | None = None


@dataclass(frozen=True, slots=True)
class MediaChange:
    """The order to describe a medium in other words. None leaves a part as it is.

    An empty description is none at all.
    """

    media_id: MediaId
    description: str | None = None
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class UploadMedia:
    """The order to keep a file; what the file is, its content says."""

    description: str | None = None
    focus: tuple[float, float] | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium as its owner meets it."""

    view: MediaView
    """What is shown of it: without files as long as it is not ready."""
    state: str
    source: str | None
    file_name: str | None
    """How the file is called, or will be."""
    preview_name: str | None
    holder: Holder
    is_left: bool
    """Whether the status that holds it was deleted."""
    refusal: str | None = None
    """Why it could not be processed."""

    @property
    def id(self) -> MediaId:
        """Its id."""
        return self.view.id

    @property
    def account_id(self) -> AccountId:
        """Whose it is."""
        return self.view.account_id

    @property
    def is_free(self) -> bool:
        """Whether no status that anybody could meet, and no scheduled one, holds it."""
        return self.holder == Holder() or self.is_left


def check_description(text: str) -> str:
    """A description as it is kept, empty where there is none; InvalidInput if it is too long."""
    text = text.strip()
    most = limits.MEDIA_DESCRIPTION_CHARACTERS_MAX
    # One grapheme may be as long as one likes: it is bounded in bytes, too.
    if len(text.encode()) > limits.MEDIA_DESCRIPTION_BYTES_MAX or count_graphemes(text) > most:
        raise InvalidInput(
            f"Validation failed: Description is too long (maximum is {most} characters)",
            field="description",
            rule="too_long",
        )
    return text


def clamp_focus(x: float, y: float) -> tuple[float, float]:
    """A point that is to stay visible, within the picture: each part from -1 to 1."""
    return min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)


def shown_attachments(media: Iterable[MediaView]) -> list[MediaView]:
    """Those of a status's media that are pictures, films and sounds to look at by themselves."""
    return [each for each in media if each.type in ATTACHMENTS]


@dataclass(frozen=True, slots=True)
class Room:
    """What a status has room for, and how its dialect calls that."""

    field: str
    media_max: int
    types: frozenset[str]
    mixes: bool
    """Whether films and sounds may stand beside something else."""


STATUS_ROOM: Final = Room("media_ids", limits.STATUS_MEDIA_MAX, ATTACHMENTS, mixes=False)
CONTRIBUTION_ROOM: Final = Room(
    "medias",
    limits.CONTRIBUTION_MEDIA_MAX,
    ATTACHMENTS | {URL, DOCUMENT, EMBED, SHARE, INLINE},
    mixes=True,
)


def check_attachable(
    wanted: Sequence[MediaId],
    found: Iterable[Medium],
    holders: Collection[Holder],
    room: Room = STATUS_ROOM,
) -> tuple[MediaView, ...]:
    """The media in the order wanted, if a status may have them; else Mastodon's words why not.

    `holders` are those from whom they may be taken.
    """
    if len(wanted) > room.media_max:
        words = f"Cannot attach more than {room.media_max} files"
        raise InvalidInput(words, field=room.field, rule="too_long")
    usable = {
        each.id: each
        for each in found
        if each.view.type in room.types and (each.is_free or each.holder in holders)
    }
    missing = [media_id for media_id in wanted if media_id not in usable]
    if missing:
        raise refuse_missing(missing, room)
    media = [usable[media_id] for media_id in wanted]
    if not room.mixes and len(media) > 1 and any(each.view.type in ALONE for each in media):
        raise InvalidInput(
            "Cannot attach a video to a post that already contains images", field=room.field
        )
    if sum(each.view.type == SHARE for each in media) > limits.CONTRIBUTION_SHARES_MAX:
        raise InvalidInput("Only one contribution can be shared at once", field=room.field)
    if any(each.state != READY for each in media):
        raise InvalidInput(
            "Cannot attach files that have not finished processing. Try again in a moment!",
            field=room.field,
        )
    return tuple(each.view for each in media)


def refuse_missing(missing: Sequence[MediaId], room: Room = STATUS_ROOM) -> InvalidInput:
    """The complaint about media that are not there to be attached, whatever the reason."""
    # An id that could not be read has become -1; saying so would tell more than was asked.
    named = ", ".join(str(max(media_id, 0)) for media_id in missing)
    return InvalidInput(
        f"Media {named} not found or already attached to another post",
        field=room.field,
        rule="does_not_exist",
    )
