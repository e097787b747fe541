"""Why a file is refused, in words for the person who sent it.

The decoder says a word from a short list (blobs/answers); the sentences are here. They keep to
Mastodon's where it has one.
"""

from collections.abc import Mapping
from typing import Final

from stonechat.blobs.answers import Answer, Refusal
from stonechat.domain import limits
from stonechat.kernel.errors import InvalidInput

UNVERIFIED: Final = "File type of uploaded media could not be verified"
BROKEN: Final = "Validation failed: File is damaged or incomplete"
COSTLY: Final = "Validation failed: File takes too much time or memory to process"

_SENTENCES: Final[Mapping[Refusal, str]] = {
    "animation": (
        "Validation failed: File has too many frames:"
        f" at most {limits.MEDIA_ANIMATION_FRAMES_MAX} are supported,"
        f" and {limits.MEDIA_ANIMATION_PIXELS_MAX} pixels in all of them"
    ),
    "animation_size": (
        "Validation failed: File has {size} pixels:"
        f" pictures that move have at most {limits.MEDIA_GIF_PIXELS_MAX}"
    ),
    "broken": BROKEN,
    "gif_size": "{size} GIF files are not supported",
    "image_size": (
        "Validation failed: File has {size} pixels:"
        f" images have at most {limits.MEDIA_IMAGE_PIXELS_MAX}"
    ),
    "length": (
        f"Validation failed: File is longer than {limits.MEDIA_FILM_SECONDS_MAX // 60} minutes"
    ),
    "memory": COSTLY,
    "rate": (
        "Validation failed: File has more than"
        f" {limits.MEDIA_FRAMES_PER_SECOND_MAX} frames per second"
    ),
    "size": "Validation failed: File becomes too large when it is processed",
    "unknown": "Validation failed: File has no video or audio in a supported format",
    "video_size": (
        "Validation failed: File has {size} pixels:"
        f" videos have at most {limits.MEDIA_VIDEO_PIXELS_MAX}"
    ),
    "work": "Validation failed: File is too long to be converted: send it as H.264 and AAC",
}


def refuse(sentence: str, field: str = "file") -> InvalidInput:
    """What is raised over a file."""
    return InvalidInput(sentence, field=field)


def ensure_taken(answer: Answer) -> None:
    """Raise what a decoder's refusal means."""
    if answer.refusal is not None:
        size = f"{answer.width}x{answer.height}"
        raise refuse(_SENTENCES[answer.refusal].format(size=size))


def ensure_size(size_bytes: int, bytes_max: int) -> None:
    """Refuse a file that is larger than its kind may be."""
    if size_bytes > bytes_max:
        raise refuse(f"Validation failed: File must be less than {bytes_max >> 20} MB")
