"""What a file is: told by its first bytes, never by its name or by what its sender says.

Only the formats that are named here are ever given to a decoder, each to its own and to no other.
Nothing is decoded here, so both sides may ask: the server before it starts a decoder, and the
decoder about a cover that it found inside a song. A newcomer gets wrong that a file may be two
things at once: what counts is which decoder gets it, and only pixels and sound come out of that.
"""

from collections.abc import Mapping
from typing import Final

HEAD_BYTES: Final = 4096
"""So much of a file is enough to tell what it is."""

PICTURES: Final = frozenset({"jpeg", "png", "gif", "webp", "avif", "heif"})
MOVING: Final = frozenset({"gif", "webp"})
"""Pictures that become films when they have several frames."""
FILMS: Final = frozenset({"mp4", "matroska", "ogg", "mp3", "flac", "wav", "aac"})

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
}
"""Every kind of file that is made here, by its suffix."""
DOCUMENT_TYPES: Final[Mapping[str, str]] = {"pdf": "application/pdf"}
"""What is kept as it came, because nobody here decodes it: never shown, only handed out."""
SUFFIX_FORMATS: Final[Mapping[str, str]] = {
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
    "mp4": "mp4",
    "mp3": "mp3",
    "m4a": "mp4",
}

SUPPORTED_MIME_TYPES: Final = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/heic",
    "image/heif",
    "image/webp",
    "image/avif",
    "video/webm",
    "video/mp4",
    "video/quicktime",
    "video/x-matroska",
    "video/ogg",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-pn-wave",
    "audio/vnd.wave",
    "audio/ogg",
    "audio/opus",
    "audio/vorbis",
    "audio/mpeg",
    "audio/mp3",
    "audio/webm",
    "audio/flac",
    "audio/x-flac",
    "audio/aac",
    "audio/mp4",
    "audio/m4a",
    "audio/x-m4a",
    "audio/3gpp",
    "video/3gpp",
)
"""What clients may send, by the names that they have for it."""

_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
)
_RIFF: Final = {b"WEBP": "webp", b"WAVE": "wav"}
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_BRANDS_BYTES_MAX: Final = 512

_LOOPS: Final = (b"\x21\xff\x0bNETSCAPE2.0", b"\x21\xff\x0bANIMEXTS1.0")
_WEBP_MOVES: Final = 0x02

# Numbers as the four bits, the two bits and the two bits of a frame's header count them; a zero
# stands for what no frame may say.
_MP3_KILOBITS: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MP3_KILOBITS_LOW: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MP3_RATES: Final = (
    (11_025, 12_000, 8_000, 0),
    (0, 0, 0, 0),
    (22_050, 24_000, 16_000, 0),
    (44_100, 48_000, 32_000, 0),
)
_MP3_BYTES_PER_BIT: Final = (72, 0, 72, 144)
_MP3_SYNC: Final = (0xFFE6_0000, 0xFFE2_0000)
_ADTS_SYNC: Final = (0xFFF6_0000, 0xFFF0_0000)


def kind_of(head: bytes) -> str | None:
    """A "picture" stands still, a "film" moves or sounds; anything else is None."""
    name = identify(head)
    if name in PICTURES:
        return "film" if moves(head) else "picture"
    return "film" if name in FILMS else None


def identify(head: bytes) -> str | None:
    """The format of a file that begins so; None for one that is not on the list."""
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning):
            return name
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _identify_boxes(head)
    if head[4:8] in _OLD_QUICKTIME:
        return "mp4"
    return _identify_frames(head)


def moves(head: bytes) -> bool:
    """Whether a picture says in its beginning that it has several frames."""
    if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X":
        return bool(int.from_bytes(head[20:21]) & _WEBP_MOVES)
    return head[:3] == b"GIF" and any(each in head for each in _LOOPS)


def _identify_boxes(head: bytes) -> str:
    size = min(int.from_bytes(head[:4]), _BRANDS_BYTES_MAX, len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size, 4))}
    if brands & _AVIF_BRANDS:
        return "avif"
    # A film may be named after its codec too; what it begins with says that it is a picture.
    return "heif" if head[8:12] in _HEIF_BRANDS else "mp4"


def _identify_frames(head: bytes) -> str | None:
    """Sound that has no header, but frames: there must be a second one where the first one ends."""
    for name, measure in (("mp3", _mp3_frame_bytes), ("aac", _adts_frame_bytes)):
        size = measure(head)
        if size and measure(head[size:]):
            return name
    return None


def _mp3_frame_bytes(head: bytes) -> int:
    word = int.from_bytes(head[:4])
    mask, sync = _MP3_SYNC
    if word & mask != sync:
        return 0
    version, bitrate, rate = word >> 19 & 3, word >> 12 & 15, word >> 10 & 3
    per_bit, hertz = _MP3_BYTES_PER_BIT[version], _MP3_RATES[version][rate]
    is_low = per_bit != max(_MP3_BYTES_PER_BIT)
    kilobits = (_MP3_KILOBITS_LOW if is_low else _MP3_KILOBITS)[bitrate]
    return per_bit * kilobits * 1000 // hertz + (word >> 9 & 1) if hertz and kilobits else 0


def _adts_frame_bytes(head: bytes) -> int:
    mask, sync = _ADTS_SYNC
    if int.from_bytes(head[:4]) & mask != sync:
        return 0
    return int.from_bytes(head[3:6]) >> 5 & 0x1FFF
