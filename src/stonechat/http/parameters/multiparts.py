"""Multiparts: `multipart/form-data` bodies, taken apart by the strict parser of `multipart`.

A part with a file name is an upload, every other part is text. What an upload calls itself,
name and type alike, is hearsay: the name is never used for a file of ours, and the type is
found from the content. `MultipartReader` takes a body as it arrives and gives out the files in
pieces; how large the whole may be is for who receives it. Bounds here are on the number of parts,
on their headers and on the text among them.
"""

import copy
from collections.abc import Generator
from pathlib import Path
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


class SpooledUpload(NamedTuple):
    """A file that was sent and lies on the disk until the request is answered."""

    path: Path
    size_bytes: int
    filename: str
    content_type: str


class Piece(NamedTuple):
    """Some bytes of a file; its first piece may be empty, and a file has one at least."""

    part: MultipartSegment
    content: bytes

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.part.name or ""


class MultipartReader:
    """A body that is read as it comes, in chunks of any size."""

    def __init__(self, boundary: str, *, text_bytes_max: int = TEXT_BYTES_MAX) -> None:
        """`text_bytes_max` is for all text in the body together."""
        if not 0 < len(boundary) <= BOUNDARY_CHARACTERS_MAX:
            raise MalformedRequest("The multipart body has no usable boundary")
        try:
            self._parser = PushMultipartParser(
                boundary,
                max_header_size=PART_HEADER_BYTES_MAX,
                max_header_count=PART_HEADERS_MAX,
                max_segment_count=PARTS_MAX,
                strict=True,
            )
        except MultipartError as error:
            raise MalformedRequest("The multipart body has no usable boundary") from error
        self._texts: list[tuple[MultipartSegment, bytearray]] = []
        self._text_bytes_left = text_bytes_max
        self._part: MultipartSegment | None = None
        self._is_complete = False

    def feed(self, chunk: bytes) -> Generator[Piece]:
        """What a chunk has of files; to be read to its end before the next one."""
        if self._is_complete or not chunk:
            # What stands behind the last boundary means nothing.
            return
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._open(event)
                    if event.filename is not None:
                        yield Piece(event, b"")
                elif event is None:
                    self._part = None
                else:
                    yield from self._take(bytes(event))
        except ParserLimitReached as error:
            raise TooLarge("The multipart body has too many parts or headers") from error
        except MultipartError as error:
            raise _unreadable() from error
        self._is_complete = self._part is None and self._has_ended()

    def finish(self) -> Fields:
        """The text fields, once the body is at its end; MalformedRequest if it was cut."""
        if not self._is_complete:
            raise _unreadable()
        return nest((part.name or "", _text(part, bytes(text))) for part, text in self._texts)

    def _open(self, part: MultipartSegment) -> None:
        _ensure_plain(part)
        self._part = part
        if part.filename is None:
            self._texts.append((part, bytearray()))

    def _take(self, content: bytes) -> Generator[Piece]:
        part = self._part
        assert part is not None
        if part.filename is not None:
            yield Piece(part, content)
            return
        self._text_bytes_left -= len(content)
        if self._text_bytes_left < 0:
            raise TooLarge("The form is too large")
        self._texts[-1][1].extend(content)

    def _has_ended(self) -> bool:
        """Whether the last boundary was met; the parser itself says so only when it is closed."""
        try:
            copy.copy(self._parser).close()
        except MultipartError:
            return False
        return True


def parse_multipart(raw: bytes, boundary: str) -> tuple[Fields, dict[str, Upload]]:
    """The text fields and the files of a multipart body; a file name that repeats wins last."""
    reader = MultipartReader(boundary)
    files: list[tuple[MultipartSegment, list[bytes]]] = []
    for piece in reader.feed(raw):
        if not files or files[-1][0] is not piece.part:
            files.append((piece.part, []))
        files[-1][1].append(piece.content)
    uploads: dict[str, Upload] = {}
    for part, pieces in files:
        content = b"".join(pieces)
        if is_upload(part, len(content)):
            uploads[part.name or ""] = Upload(content, *claims(part))
    return reader.finish(), uploads


def is_upload(part: MultipartSegment, size_bytes: int) -> bool:
    """A browser sends a nameless, empty file where none was chosen: that is no upload."""
    return bool(part.filename or size_bytes)


def claims(part: MultipartSegment) -> tuple[str, str]:
    """What a file says of its name and of its type."""
    return part.filename or "", part.content_type or ""


def _unreadable() -> MalformedRequest:
    return MalformedRequest("The multipart body could not be read")


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
