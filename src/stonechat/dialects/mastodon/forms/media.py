"""The parameters of uploading a file, and of describing one."""

import math
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import MediaId
from stonechat.domain.media import MediaChange, UploadMedia, check_description, clamp_focus
from stonechat.domain.text.cleaning import clean_text
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput

FILE: Final = "file"
THUMBNAIL: Final = "thumbnail"
FOCUS_CHARACTERS_MAX: Final = 100
# Counting in graphemes is exact and comes later; this only bounds what is looked at.
_TEXT_MAX: Final = limits.MEDIA_DESCRIPTION_BYTES_MAX


def read_upload(parameters: Parameters, idempotency_key: str | None) -> UploadMedia:
    """The order to keep a file."""
    return UploadMedia(_description(parameters), _focus(parameters), idempotency_key)


def read_change(parameters: Parameters, media_id: MediaId) -> MediaChange:
    """The order to describe a medium anew; what is not given stays."""
    return MediaChange(media_id, _description(parameters), _focus(parameters))


def read_media_changes(parameters: Parameters) -> tuple[MediaChange, ...]:
    """What an edit of a status says about its media; what names no medium says nothing."""
    changes: list[MediaChange] = []
    for each in parameters.records("media_attributes", items_max=limits.STATUS_MEDIA_MAX):
        media_id = each.identifier("id")
        if media_id is not None:
            changes.append(read_change(each, MediaId(media_id)))
    return tuple(changes)


def _description(parameters: Parameters) -> str | None:
    given = parameters.text("description", characters_max=_TEXT_MAX)
    if given is None:
        return None
    return check_description(clean_text(given, field="description"))


def _focus(parameters: Parameters) -> tuple[float, float] | None:
    given = parameters.text("focus", characters_max=FOCUS_CHARACTERS_MAX)
    if given is None or not given.strip():
        return None
    try:
        x, y = map(float, given.split(","))
    except ValueError:
        raise _wrong_focus() from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise _wrong_focus()
    return clamp_focus(x, y)


def _wrong_focus() -> InvalidInput:
    return wrong("focus", "must be two numbers with a comma between them")
