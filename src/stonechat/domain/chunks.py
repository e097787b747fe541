"""Chunks: files that come in pieces, one after the other, each saying where it belongs.

An upload is announced by its first chunk, which says how long the whole will be, and is bounded by
that. Chunks come in order; one that comes again is answered like the first time. What the file is
is asked when all of it is there: until then it is bytes that nobody looks at.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId, UploadId
from stonechat.domain.media import DOCUMENT, IMAGE, INLINE
from stonechat.kernel.errors import InvalidInput

RANGE_FIELD: Final = "content_range"
RANGE_CHARACTERS_MAX: Final = 100
PICTURE_TYPES: Final = frozenset({IMAGE, INLINE})
_RANGE: Final = re.compile("bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")
_MD5: Final = re.compile("[0-9a-fA-F]{32}")
_PDF_BEGINS: Final = b"%PDF-"
_PDF_ENDS: Final = b"%%EOF"
PDF_TAIL_BYTES: Final = 1024
"""So much of the end of a document is looked at."""


class Stretch(NamedTuple):
    """Which part of a file a chunk is: from `start` up to but without `end`, of `total`."""

    start: int
    end: int
    total: int


@dataclass(frozen=True, slots=True)
class SendChunk:
    """The order to keep a piece of a file. The first one has no upload yet."""

    upload_id: UploadId | None
    stretch: Stretch
    content: bytes
    field: str
    name: str


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """The order to make a medium of all pieces. None lets the file's name say of which type."""

    upload_id: UploadId
    md5: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way. Its name is what its sender calls it, and is used for nothing else."""

    id: UploadId
    account_id: AccountId
    name: str
    size_bytes: int
    received_bytes: int
    expires_ms: int
    media_id: MediaId | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every piece is there."""
        return self.received_bytes == self.size_bytes


def read_stretch(header: str | None) -> Stretch:
    """What a Content-Range says; InvalidInput for one that says nothing sensible."""
    if header is None:
        raise InvalidInput("A Content-Range is needed", field=RANGE_FIELD, rule="required")
    parts = None if len(header) > RANGE_CHARACTERS_MAX else _RANGE.fullmatch(header.strip())
    if parts is None:
        raise _wrong_range("The Content-Range must read: bytes start-end/total")
    start, last, total = map(int, parts.groups())
    if not start <= last < total:
        raise _wrong_range("The Content-Range does not lie within the file")
    if total > limits.COMMUNITY_DOCUMENT_BYTES_MAX:
        most = limits.COMMUNITY_DOCUMENT_BYTES_MAX >> 20
        raise _wrong_range(f"A file may have {most} MB at most", rule="max_size")
    return Stretch(start, last + 1, total)


def check_chunk(stretch: Stretch, size_bytes: int, field: str) -> None:
    """InvalidInput where a chunk is too long, or not as long as it says."""
    if size_bytes > limits.UPLOAD_CHUNK_BYTES_MAX:
        most = limits.UPLOAD_CHUNK_BYTES_MAX
        raise InvalidInput(f"A chunk has {most} bytes at most", field=field, rule="max_size")
    if stretch.end - stretch.start != size_bytes:
        raise _wrong_range("The Content-Range is not as long as what was sent")


def refuse_place(received_bytes: int) -> InvalidInput:
    """The complaint about a chunk that does not follow what has arrived."""
    return _wrong_range(f"The next chunk begins at {received_bytes}")


def _wrong_range(words: str, *, rule: str = "invalid") -> InvalidInput:
    return InvalidInput(words, field=RANGE_FIELD, rule=rule)


def check_md5(text: str) -> str:
    """An MD5 in lower case; InvalidInput for what is none."""
    if not _MD5.fullmatch(text):
        raise InvalidInput("The MD5 must be 32 hexadecimal digits", field="md5")
    return text.lower()


def type_of(order: CompleteUpload, name: str) -> str:
    """Of which type the medium is to be: as ordered, or as the name ends."""
    if order.type is not None:
        return order.type
    return DOCUMENT if name.lower().endswith(".pdf") else IMAGE


def check_size(kind: str, size_bytes: int) -> None:
    """InvalidInput for a file that is larger than its type may be."""
    is_picture = kind in PICTURE_TYPES
    most = limits.COMMUNITY_IMAGE_BYTES_MAX if is_picture else limits.COMMUNITY_DOCUMENT_BYTES_MAX
    if size_bytes > most:
        field = "image" if is_picture else "document"
        raise InvalidInput(
            f"The file must be less than {most >> 20} MB", field=field, rule="max_size"
        )


def is_pdf(head: bytes, tail: bytes) -> bool:
    """Whether a file is a PDF from its first byte to its last, and not also something else.

    Readers forgive bytes before and after; that is how one file is a page, an archive and a
    document at once. Here nothing may follow the end but blanks.
    """
    return head.startswith(_PDF_BEGINS) and tail.rstrip(b" \t\r\n\0").endswith(_PDF_ENDS)
