"""What a file is, by its first bytes."""

import pytest
from PIL import Image

from stonechat.blobs import formats
from tests import films, pictures

CLIPS = {
    "mp4": lambda: films.film("mp4", frames=2),
    "mov": lambda: films.film("mov", frames=2),
    "webm": lambda: films.film("webm", video="libvpx", sound=None, frames=2),
    "mkv": lambda: films.film("matroska", frames=2),
    "ogg": lambda: films.song("ogg", "libopus"),
    "flac": lambda: films.song("flac", "flac"),
    "wav": lambda: films.song("wav", "pcm_s16le"),
    "mp3": lambda: films.song("mp3", "libmp3lame"),
    "adts": lambda: films.song("adts", "aac"),
    "m4a": lambda: films.song("ipod", "aac"),
}
NAMES = {"mov": "mp4", "m4a": "mp4", "webm": "matroska", "mkv": "matroska", "adts": "aac"}


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "avif"])
def test_pictures(name: str) -> None:
    head = pictures.plain(name.upper())[: formats.HEAD_BYTES]
    assert formats.identify(head) == name
    assert formats.kind_of(head) == "picture"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1"])
def test_heif_by_its_brand(brand: bytes) -> None:
    head = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic"
    assert formats.identify(head) == "heif"
    assert formats.kind_of(head) == "picture"


def test_a_picture_that_calls_itself_by_its_family_first_is_avif() -> None:
    assert formats.identify(b"\0\0\0\x1cftypmif1\0\0\0\0miafavif") == "avif"


@pytest.mark.parametrize("clip", CLIPS)
def test_films(clip: str) -> None:
    head = CLIPS[clip]()[: formats.HEAD_BYTES]
    assert formats.identify(head) == NAMES.get(clip, clip)
    assert formats.kind_of(head) == "film"


def test_frames_of_sound_without_any_tag() -> None:
    song = films.song("mp3", "libmp3lame")
    bare = song[int.from_bytes(bytes(song[6:10])) + 10 :]
    assert bare[0] == 0xFF
    assert formats.identify(bare[:4096]) == "mp3"
    # One frame alone is chance: a text in UTF-16 may begin with such bytes.
    assert formats.identify(bare[:100]) is None
    assert formats.identify(b"\xff\xfb" + b"text " * 200) is None


def test_a_gif_that_says_that_it_moves_is_a_film() -> None:
    still, moving = pictures.plain("GIF"), pictures.animated("GIF", 3)
    assert formats.kind_of(still) == "picture"
    assert b"NETSCAPE" not in moving
    looping = pictures.encode(
        Image.new("P", (8, 8)), "GIF", save_all=True, append_images=[Image.new("P", (9, 9))], loop=0
    )
    assert formats.kind_of(looping) == "film"


def test_a_webp_that_says_that_it_moves_is_a_film() -> None:
    assert formats.kind_of(pictures.animated("WEBP", 3)) == "film"
    assert formats.kind_of(pictures.encode(Image.new("RGBA", (8, 8)), "WEBP")) == "picture"


def test_a_beginning_that_is_cut_off_is_no_fault() -> None:
    for clip in ("mp4", "mp3", "adts"):
        content = CLIPS[clip]()
        for size in range(24):
            assert formats.kind_of(content[:size]) in ("film", None)
    assert formats.kind_of(b"") is None
    assert formats.kind_of(b"RIFF\0\0\0\0") is None


def test_what_is_made_is_told_by_its_suffix() -> None:
    assert set(formats.CONTENT_TYPES) == set(formats.SUFFIX_FORMATS)
    assert len(set(formats.SUPPORTED_MIME_TYPES)) == len(formats.SUPPORTED_MIME_TYPES)
    assert set(formats.CONTENT_TYPES.values()) <= set(formats.SUPPORTED_MIME_TYPES)


REFUSED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg with a prologue": b'<?xml version="1.0"?><!DOCTYPE svg><svg/>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "eps for dos": b"\xc5\xd0\xd3\xc6" + bytes(40),
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "ps": b"%!PS\n(x) show\n",
    "tiff": b"II*\0\x08\0\0\0",
    "tiff of the other kind": b"MM\0*\0\0\0\x08",
    "psd": b"8BPS\0\x01" + bytes(20),
    "bmp": b"BM" + bytes(60),
    "ico": b"\0\0\1\0\1\0" + bytes(20),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "dds": b"DDS |\0\0\0" + bytes(100),
    "pdf that is a zip": b"%PDF-1.4\nPK\3\4" + bytes(60),
    "zip": b"PK\3\4" + bytes(60),
    "html": b"<!doctype html><script>alert(1)</script>",
    "play list": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
    "session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n",
    "subtitles": b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n",
    "avi": b"RIFF\0\0\0\0AVI LIST" + bytes(40),
    "flash": b"FLV\x01\x05" + bytes(40),
    "program": b"\x7fELF\2\1\1" + bytes(40),
    "text": b"GIF8 is how they begin, but this one does not",
}


@pytest.mark.parametrize("name", REFUSED)
def test_s097_what_is_not_on_the_list_is_nothing(name: str) -> None:
    assert formats.identify(REFUSED[name]) is None
    assert formats.kind_of(REFUSED[name]) is None
