"""Bodies: what a request's content type says it is, read as that and as nothing else.

The type is never guessed from the content: JSON that comes as `text/plain` is refused, since
a browser sends that across sites without asking first. A compressed body is refused unread.
An empty body is fine whatever its type, for many clients send one with everything.
"""

from typing import Final, NamedTuple, cast

from multipart import (  # pyright: ignore[reportMissingTypeStubs]
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]
)

from stonechat.http.parameters.documents import parse_document
from stonechat.http.parameters.fields import Fields
from stonechat.http.parameters.forms import parse_form
from stonechat.http.parameters.multiparts import CHARSETS, Upload, parse_multipart
from stonechat.kernel.errors import UnsupportedMedia

CONTENT_TYPE_CHARACTERS_MAX: Final = 500

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


class Body(NamedTuple):
    """What a body held: fields, and files by their field's name."""

    fields: Fields
    files: dict[str, Upload]


def parse_body(
    content_type: str | None, raw: bytes, *, content_encoding: str | None = None
) -> Body:
    """Read a body as what its headers say."""
    if not raw:
        return Body({}, {})
    _ensure_plain(content_encoding)
    kind, options = _media_type(content_type or "")
    if kind == _JSON:
        return Body(parse_document(raw), {})
    if kind == _FORM:
        return Body(parse_form(raw), {})
    if kind == _MULTIPART:
        return Body(*parse_multipart(raw, options.get("boundary", "")))
    raise UnsupportedMedia


def find_boundary(content_type: str | None, content_encoding: str | None) -> str | None:
    """The boundary of a multipart body, for who reads it as it comes; None for any other body."""
    if not (content_type or "").lower().lstrip().startswith(_MULTIPART):
        return None
    _ensure_plain(content_encoding)
    kind, options = _media_type(content_type or "")
    return options.get("boundary", "") if kind == _MULTIPART else None


def _ensure_plain(content_encoding: str | None) -> None:
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise UnsupportedMedia("Compressed request bodies are not supported")


def _media_type(content_type: str) -> tuple[str, dict[str, str]]:
    if content_type in (_JSON, _FORM):
        return content_type, {}
    if len(content_type) > CONTENT_TYPE_CHARACTERS_MAX:
        raise UnsupportedMedia
    kind, options = cast("tuple[str, dict[str, str]]", parse_options_header(content_type))
    if options.get("charset", "utf-8").lower() not in CHARSETS:
        raise UnsupportedMedia("The character set is not UTF-8")
    return kind, options
