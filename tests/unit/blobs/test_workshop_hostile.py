"""Files that were made to do harm: each is refused in good time, and nothing is left of it."""

import asyncio
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from av.error import FFmpegError
from PIL import Image

from stonechat.blobs import reels
from stonechat.domain import limits
from tests import films, pictures
from tests.unit.blobs.conftest import Bench

UNVERIFIED = "File type of uploaded media could not be verified"
PIXELS = f"images have at most {limits.MEDIA_IMAGE_PIXELS_MAX}"


def grown_gif(frames: int, size: tuple[int, int]) -> bytes:
    """A GIF whose one frame is there so many times."""
    gif = pictures.plain("GIF", size)
    begins = gif.index(b"\x2c", 13 + 3 * (2 << (gif[10] & 7)))
    return gif[:begins] + gif[begins:-1] * frames + b"\x3b"


def long_film(hours: int) -> bytes:
    """Three frames, and hours between them."""
    return films.film(
        "matroska", video="libx264", sound=None, frames=3, step=hours * 3600 * films.RATE // 2
    )


def lying(film: bytes, seconds: float) -> bytes:
    """A film of Matroska's that says of itself that it has another length."""
    at = film.index(b"\x44\x89\x88") + 3
    return film[:at] + struct.pack(">d", seconds * 1000) + film[at + 8 :]


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "png 50000 squared": (lambda: pictures.claiming(50_000, 50_000, 50_000), PIXELS),
    "png 1 by 1e9": (lambda: pictures.claiming(1, 10**9, 100), PIXELS),
    "png 1e9 by 1": (lambda: pictures.claiming(10**9, 1, 1), PIXELS),
    "png 2^31": (lambda: pictures.claiming(2**31 - 1, 2**31 - 1), ""),
    "just too many pixels": (lambda: pictures.claiming(8192, 4051, 4051), PIXELS),
    "a very long side": (lambda: pictures.claiming(65_501, 2, 2), PIXELS),
    "gif of 10k frames": (lambda: grown_gif(10_000, (8, 8)), "too many frames"),
    "apng of 10k frames": (lambda: pictures.animated("PNG", 10_000), "too many frames"),
    "webp of 10k frames": (lambda: pictures.animated("WEBP", 10_000), "too many frames"),
    "gif that is too large": (
        lambda: pictures.plain("GIF", (961, 960)),
        "961x960 GIF files are not supported",
    ),
    "webp that moves and is too large": (
        lambda: pictures.animated("WEBP", 2, (961, 960)),
        "pictures that move have at most 921600",
    ),
    "gif of too many pixels in all": (
        lambda: grown_gif(1090, (960, 960)),
        "1000000000 pixels in all",
    ),
    "a film of four hours": (lambda: long_film(4), "longer than 120 minutes"),
    "a film of four hours that lies": (lambda: lying(long_film(4), 1), "longer than 120 minutes"),
    "a song of four hours": (
        lambda: films.song("ogg", "libopus", frames=24, starts=4 * 3600 * films.RATE),
        "",
    ),
    "a film that takes too long to convert": (
        lambda: lying(
            films.film("webm", video="libvpx", sound=None, frames=3, size=(1280, 720)), 6000
        ),
        "too long to be converted",
    ),
    "a video that is too large": (
        lambda: films.film(video="mpeg4", sound=None, frames=1, size=(4096, 2176)),
        f"videos have at most {limits.MEDIA_VIDEO_PIXELS_MAX}",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_s100_bombs_are_refused_at_once(bench: Bench, name: str) -> None:
    """S100, ME12: 422 within ten seconds, whatever a file says or hides about its size."""
    make, why = BOMBS[name]
    content = make()
    started = time.monotonic()
    refusal = await bench.refusal(content)
    assert time.monotonic() - started < 10
    assert refusal.startswith("Validation failed: File ") or "GIF files" in refusal
    assert why in refusal


async def test_s100_too_many_pictures_a_second(bench: Bench) -> None:
    """S100: 120 frames per second are shown, and no more."""
    content = bytearray(films.film("mp4", sound=None, frames=300))
    # The same film says that a second has ten times as many of its units.
    for box, at in ((b"mdhd", 12), (b"mvhd", 12)):
        place = content.index(box) + 4 + at
        units = int.from_bytes(content[place : place + 4])
        content[place : place + 4] = (units * 10).to_bytes(4)
    assert "more than 120 frames per second" in await bench.refusal(bytes(content))


def status_kb(field: str) -> int:
    """A number that the kernel keeps about this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count otherwise")
async def test_s100_the_server_does_not_grow(bench: Bench) -> None:
    """S100: 300 KB that declare 50,000 x 50,000 pixels cost the server nothing."""
    bomb = bench.put(pictures.claiming(50_000, 50_000, 50_000))
    assert 290_000 < bomb.stat().st_size < 330_000
    # The first one brings threads and modules along.
    await bench.refusal(pictures.claiming(50_000, 50_000))
    before_kb = status_kb("VmRSS")
    bench.forget_peak()
    assert PIXELS in await bench.refuse(bomb)
    assert status_kb("VmHWM") - before_kb < 10 * 1024


CUT: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: pictures.encode(noise(), "JPEG"),
    "png": lambda: pictures.encode(noise(), "PNG"),
    "gif": lambda: pictures.encode(noise(), "GIF"),
    "webp": lambda: pictures.encode(noise(), "WEBP"),
    "avif": lambda: pictures.encode(noise(), "AVIF"),
    "heif": lambda: pictures.encode(noise(), "HEIF"),
    "moving gif": lambda: pictures.animated("GIF", 50),
    "moving webp": lambda: pictures.animated("WEBP", 50),
    "mp4": films.film,
    "mov": lambda: films.film("mov", video="mpeg4"),
    "mkv": lambda: films.film("matroska", frames=48),
    "webm": lambda: films.film("webm", video="libvpx", sound="libopus", frames=48),
    "flac": lambda: films.song("flac", "flac"),
    "wav": lambda: films.song("wav", "pcm_s16le"),
    "m4a": lambda: films.song("ipod", "aac"),
}


def noise() -> Image.Image:
    return Image.effect_noise((200, 200), 90).convert("RGB")


@pytest.mark.parametrize("name", CUT)
async def test_s100_a_file_that_was_cut_off(bench: Bench, name: str) -> None:
    """S100: the half of a file is no file."""
    content = CUT[name]()
    refusal = await bench.refusal(content[: len(content) // 2])
    assert refusal == "Validation failed: File is damaged or incomplete"


async def test_s100_next_to_nothing(bench: Bench) -> None:
    """S100: no byte, one byte, a beginning without anything behind it."""
    assert await bench.refusal(b"") == UNVERIFIED
    assert await bench.refusal(b"\xff") == UNVERIFIED
    for beginning in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP"):
        assert "damaged or incomplete" in await bench.refusal(beginning)
    for beginning in (b"\0\0\0\x20ftypisom", b"\x1a\x45\xdf\xa3", b"OggS", b"fLaC", b"ID3"):
        assert "damaged or incomplete" in await bench.refusal(beginning)


async def test_a_file_that_is_too_large(bench: Bench) -> None:
    """ME12: 16 MB are taken as a picture, 99 MB as a film."""
    picture, film = bench.put(pictures.plain("JPEG")), bench.put(films.film(frames=2))
    os.truncate(picture, limits.MEDIA_IMAGE_BYTES_MAX + 1)
    os.truncate(film, limits.MEDIA_FILM_BYTES_MAX + 1)
    for path, most in ((picture, "16 MB"), (film, "99 MB")):
        refusal = await bench.refuse(path)
        assert refusal == f"Validation failed: File must be less than {most}"


REFUSED: dict[str, Callable[[], bytes]] = {
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "eps": lambda: pictures.plain("EPS"),
    "pdf": lambda: pictures.plain("PDF"),
    "tiff": lambda: pictures.plain("TIFF"),
    "bmp": lambda: pictures.plain("BMP"),
    "ico": lambda: pictures.plain("ICO"),
    "psd": lambda: b"8BPS\0\x01" + bytes(2000),
    "pdf that is a zip": lambda: pictures.plain("PDF") + b"PK\3\4" + bytes(100),
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "play list": lambda: PLAY_LIST,
    "concat": lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "subtitles": lambda: b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
}
PLAY_LIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("name", REFUSED)
async def test_s097_what_is_not_on_the_list(bench: Bench, name: str) -> None:
    """S097, ME3: whatever it is called, and whichever kind it is said to be."""
    assert await bench.refusal(REFUSED[name]()) == UNVERIFIED


async def test_s097_of_two_files_in_one_only_pixels_are_left(bench: Bench) -> None:
    """S097: a GIF that is a script, an archive behind a picture, markup in EXIF."""
    script = b"GIF89a/*" + pictures.plain("GIF")[8:] + b"*/=1;alert('both')//"
    script = script[:6] + pictures.plain("GIF")[6:13] + script[13:]
    archive = pictures.plain("PNG") + b"PK\3\4both" + bytes(100)
    exif = Image.Exif()
    exif[0x010E] = "<script>alert('both')</script>"
    markup = pictures.plain("JPEG", exif=exif)
    for content in (script, archive, markup):
        assert b"both" in content
        made, file, preview = await bench.make(content)
        assert made.type == "image"
        assert b"both" not in file
        assert b"both" not in preview


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLAY_LIST.ljust(4000, b"\n"), id="play list"),
        pytest.param(b"\x1a\x45\xdf\xa3" + PLAY_LIST, id="play list behind magic"),
        pytest.param(b"ID3\3\0\0\0\0\0\0" + PLAY_LIST, id="play list behind a tag"),
        pytest.param(b"OggS" + b"ffconcat version 1.0\nfile /etc/passwd\n" * 9, id="concat"),
        pytest.param(b"\0\0\0\x14ftypisom\0\0\0\0isom" + PLAY_LIST, id="play list in boxes"),
        pytest.param(b"concat:/etc/passwd|/etc/hosts", id="concat protocol"),
        pytest.param(b"subfile,,start,0,end,99,,:/etc/passwd", id="part of a file"),
    ],
)
async def test_s104_no_file_leads_to_another(bench: Bench, content: bytes) -> None:
    """S104: FFmpeg is given one reader for each format, and no way to open anything else."""
    refusal = await bench.refusal(content)
    assert refusal == UNVERIFIED or "damaged" in refusal or "no video" in refusal


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        ("hls", b"#EXTM3U\n#EXTINF:1,\n%b\n#EXT-X-ENDLIST\n"),
        ("hls", b"#EXTM3U\n#EXTINF:1,\nfile://%b\n#EXT-X-ENDLIST\n"),
        ("concat", b"ffconcat version 1.0\nfile '%b'\n"),
    ],
)
def test_s104_even_a_reader_of_play_lists_would_reach_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, content: bytes
) -> None:
    """S104: the wall inside FFmpeg, looked at without the others."""
    inside, outside = tmp_path / "x.mp4", tmp_path / "list.m3u8"
    inside.write_bytes(films.film())
    outside.write_bytes(content.replace(b"%b", str(inside).encode()))
    free = {"protocol_whitelist": "file,concat", "safe": "0", "extension_picky": "0"}
    with av.open(str(outside), "r", format=reader, container_options=free) as opened:
        assert opened.streams.video, "left to itself FFmpeg follows the list"
    monkeypatch.setattr(reels, "DEMUXERS", {"mp4": reader})
    handle = os.open(outside, os.O_RDONLY)
    with pytest.raises((PermissionError, FFmpegError)), reels.open_input(handle, "mp4"):
        pytest.fail("it was opened")
    os.close(handle)


async def test_bits_that_fell_over(bench: Bench) -> None:
    """Whatever is wrong with a file, it is made or refused; a decoder's end is nobody else's."""
    samples = [make() for make in CUT.values()]
    broken: list[bytes] = []
    for seed, content in enumerate(samples * 2):
        wrong = bytearray(content)
        for n in range(12):
            wrong[20 + (seed * 7919 + n * 104_729) % (len(wrong) - 20)] ^= 1 << (n % 8)
        broken.append(bytes(wrong))
    answers = await asyncio.gather(*map(bench.refusal, broken[:16]))
    answers += await asyncio.gather(*map(bench.refusal, broken[16:]))
    expected = ("it was made", "Validation failed: File ", UNVERIFIED)
    assert [each for each in answers if not each.startswith(expected)] == []
