"""What the decoder makes of pictures of profiles, and what its process may do."""

import io
import os
import subprocess
import sys

import pytest
from PIL import ImageCms

from stonechat.blobs import decoder
from stonechat.blobs.answers import Refused
from stonechat.domain import limits
from tests import pictures

PIXELS_MAX = 1_000_000
SIZE = (40, 20)


def decode(content: bytes) -> pictures.Image.Image:
    return pictures.opened(decoder.decode(content, SIZE, PIXELS_MAX))


@pytest.mark.parametrize("size", [(40, 20), (3, 3), (900, 20), (20, 900), (1000, 1000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_it_fills_the_shape(kind: str, size: tuple[int, int]) -> None:
    made = decode(pictures.plain(kind, size))
    assert (made.size, made.format, made.mode) == (SIZE, "JPEG", "RGB")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    made = decode(pictures.encode(pictures.Image.new(mode, (50, 50)), kind))
    assert made.size == SIZE
    assert made.mode == {"LA": "RGBA", "RGBA": "RGBA", "L": "L", "I;16": "L"}.get(mode, "RGB")


def test_the_middle_is_kept() -> None:
    wide = pictures.Image.new("RGB", (400, 100), "white")
    wide.paste("red", (150, 0, 250, 100))
    made = decode(pictures.encode(wide, "PNG")).convert("RGB")
    assert made.getpixel((20, 10))[1] < 60  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
    assert made.getpixel((1, 10))[1] > 200  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_s101_a_portrait_is_upright(orientation: int) -> None:
    upright = decode(pictures.cornered(orientation)).convert("RGB")
    assert pictures.is_red(upright, 2, 2)
    assert not pictures.is_red(upright, 38, 18)


def test_a_profile_of_colours_is_used_and_dropped() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for profile in (lab.tobytes(), b"rubbish"):
        made = decode(pictures.plain("JPEG", icc_profile=profile))
        assert "icc_profile" not in made.info
        red, green, _ = made.getpixel((5, 5))  # pyright: ignore[reportGeneralTypeIssues]
        assert (red > 240, green < 15) == (True, True)


def test_what_is_too_much() -> None:
    assert decode(pictures.plain("PNG", (1000, 1000)))
    with pytest.raises(Refused, match="image_size"):
        decode(pictures.plain("PNG", (1000, 1001)))
    assert decode(pictures.animated("GIF", 5))
    frames = pictures.animated("GIF", limits.MEDIA_ANIMATION_FRAMES_MAX + 1)
    with pytest.raises(Refused, match="animation"):
        decode(frames)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "AVIF"])
def test_other_formats_are_not_tried(kind: str) -> None:
    with pytest.raises(ValueError, match="no picture"):
        decode(pictures.plain(kind))


def run(content: bytes, pixels_max: int = PIXELS_MAX) -> subprocess.CompletedProcess[bytes]:
    """The program itself, as it is started for a portrait."""
    return subprocess.run(
        [sys.executable, "-I", "-m", "stonechat.blobs.decoder", "40", "20", str(pixels_max)],
        input=content,
        capture_output=True,
        env={},
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_the_program_reads_what_it_is_given_and_writes_the_rest(kind: str) -> None:
    done = run(pictures.plain(kind))
    assert done.returncode == 0, done.stderr
    assert pictures.opened(done.stdout).size == SIZE


def test_a_picture_that_cannot_be_read_ends_the_program() -> None:
    for content in (b"", b"rubbish", pictures.plain("PNG")[:60], pictures.claiming(1001, 1000)):
        done = run(content)
        assert (done.returncode, done.stdout) == (1, b"")


def test_s104_its_process_is_closed_before_it_reads() -> None:
    """S104: the program's own preparation leaves nothing to be opened."""
    program = (
        "import os\nfrom stonechat.blobs import decoder\ndecoder.prepare()\n"
        "try: os.open('/etc/passwd', os.O_RDONLY)\nexcept OSError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        timeout=30,
        env=os.environ,
    )
    assert done.stdout == b"refused\n", done.stderr


def test_s101_nothing_of_a_portrait_is_told() -> None:
    for where, content in pictures.telling().items():
        made = decoder.decode(content, SIZE, PIXELS_MAX)
        assert pictures.SECRET not in made, where
        assert pictures.opened(made).getexif() == {}, where
        assert "exif" not in pictures.Image.open(io.BytesIO(made)).info, where
