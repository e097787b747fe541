"""Multiparts: `multipart/form-data` bodies, taken apart by the strict parser of `multipart`.

A part with a file name is an upload, every other part is text. What an upload calls itself,
name and type alike, is hearsay: the name is never used for a file of ours, and the type is
found from the content. The whole body is in memory already, bounded by who received it; bounds
here are on the number of parts, on their headers and on the text among them.
"""

from typing import Final, NamedTuple

from multipart import (  # pyright: ignore[reportMissingTypeStubs]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from stonechat.http.parameters.fields import TEXT_BYTES_MAX, Fields
from stonechat.http.parameters.nesting import nest
from stonechat.kernel.errors import MalformedRequest, TooLarge, UnsupportedMedia

PARTS_MAX: Final = 1_000
PART_HEADERS_MAX: Final = 8
PART_HEADER_BYTES_MAX: Final = 4_096
BOUNDARY_CHARACTERS_MAX: Final = 200

CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_PLAIN_CODINGS: Final = frozenset({"binary", "8bit", "7bit"})


class Upload(NamedTuple):
    """A file that was sent. Its name and its type are claims of the sender, not facts."""

    content: bytes
    filename: str
    content_type: str


def parse_multipart(raw: bytes, boundary: str) -> tuple[Fields, dict[str, Upload]]:
    """The text fields and the files of a multipart body; a file name that repeats wins last."""
    try:
        parts = _take_apart(raw, boundary)
    except ParserLimitReached as error:
        raise TooLarge("The multipart body has too many parts or headers") from error
    except MultipartError as error:
        raise MalformedRequest("The multipart body could not be read") from error
    texts = [(part, content) for part, content in parts if part.filename is None]
    if sum(len(content) for _, content in texts) > TEXT_BYTES_MAX:
        raise TooLarge("The form is too large")
    fields = nest((part.name or "", _text(part, content)) for part, content in texts)
    return fields, _uploads(parts)


def _take_apart(raw: bytes, boundary: str) -> list[tuple[MultipartSegment, bytes]]:
    if not 0 < len(boundary) <= BOUNDARY_CHARACTERS_MAX:
        raise MalformedRequest("The multipart body has no usable boundary")
    parts: list[tuple[MultipartSegment, bytes]] = []
    with PushMultipartParser(
        boundary,
        max_header_size=PART_HEADER_BYTES_MAX,
        max_header_count=PART_HEADERS_MAX,
        max_segment_count=PARTS_MAX,
        strict=True,
    ) as parser:
        for event in parser.parse(raw):
            if isinstance(event, MultipartSegment):
                _ensure_plain(event)
                parts.append((event, b""))
            elif event is not None:
                # The body is given whole, so each part's content comes whole as well.
                parts[-1] = (parts[-1][0], bytes(event))
    return parts


def _ensure_plain(part: MultipartSegment) -> None:
    for name, value in part.headerlist:
        if name == "Content-Transfer-Encoding" and value.lower() not in _PLAIN_CODINGS:
            raise UnsupportedMedia("A part of the body is in a transfer coding")


def _text(part: MultipartSegment, content: bytes) -> str:
    if part.charset is not None and part.charset.lower() not in CHARSETS:
        raise UnsupportedMedia("The character set is not UTF-8")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest("The parameters are not valid UTF-8") from error


def _uploads(parts: list[tuple[MultipartSegment, bytes]]) -> dict[str, Upload]:
    """A browser sends a nameless, empty file where none was chosen: that is no upload."""
    return {
        part.name or "": Upload(content, part.filename, part.content_type or "")
        for part, content in parts
        if part.filename is not None and (part.filename or content)
    }
