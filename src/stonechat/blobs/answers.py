"""What a decoder answers: numbers and words from short lists, and not one sentence of its own.

A decoder whose memory a stranger's file has taken over says whatever that file wants. So the
answer is typed and bounded, the server builds every sentence and every shape that people see from
it, and looks at the files that were made once more (blobs/workshop).
"""

from typing import Annotated, Final, Literal

import msgspec

from stonechat.domain import limits

ANSWER_BYTES_MAX: Final = 4096
"""Fits into a pipe whole, so whoever answers never has to wait for a reader."""
CONFINED: Final = b"+"
"""Said before the first byte of a file is read: every wall of the sandbox stands."""
LIMITED: Final = b"-"
"""The same, where the system has no filter of system calls."""

SIDE_PIXELS_MAX: Final = 65_535

Side = Annotated[int, msgspec.Meta(ge=1, le=SIDE_PIXELS_MAX)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=2 * limits.MEDIA_FILM_SECONDS_MAX)]
Blurhash = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,100}$")]

Refusal = Literal[
    "animation",  # too many frames, or too many pixels in all of them
    "animation_size",
    "broken",  # its own decoder makes nothing of it
    "gif_size",
    "image_size",
    "length",
    "memory",
    "rate",
    "size",  # what was made of it is too large
    "unknown",  # it holds nothing that can be shown or heard, or nothing that we decode
    "video_size",
    "work",
]


class Still(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that was written: the suffix of its file, and how large it is."""

    suffix: Literal["jpg", "png", "webp"]
    width: Side
    height: Side


class Motion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The moving part of a film that was written, as it is to be shown."""

    width: Side
    height: Side
    rate: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    rate_per: Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sound of a film that was written."""

    codec: Literal["aac", "mp3"]
    hertz: Annotated[int, msgspec.Meta(ge=1, le=768_000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=64)]


class Film(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A film that was written: moving, sounding, or both."""

    suffix: Literal["mp4", "mp3", "m4a"]
    duration_s: Seconds
    motion: Motion | None = None
    sound: Sound | None = None
    loops: bool = False


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Either a refusal, with the size that it is about, or what was made."""

    refusal: Refusal | None = None
    width: Count = 0
    height: Count = 0
    still: Still | None = None
    film: Film | None = None
    preview: Still | None = None
    blurhash: Blurhash | None = None


class Refused(Exception):
    """A decoder will not go on with a file; never leaves the decoder's process."""

    def __init__(self, reason: Refusal, width: int = 0, height: int = 0) -> None:
        super().__init__(reason)
        self.answer: Answer = Answer(refusal=reason, width=width, height=height)
