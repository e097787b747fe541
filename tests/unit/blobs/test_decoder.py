"""What the decoder makes of pictures, and the bounds that it gives itself."""

import subprocess
import sys

import pytest
from PIL import ImageCms, UnidentifiedImageError

from stonechat.blobs import decoder
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


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_kind_of_colour(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    made = decode(pictures.encode(pictures.Image.new(mode, (50, 50)), kind))
    assert (made.size, made.mode) == (SIZE, "RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_the_middle_is_kept() -> None:
    wide = pictures.Image.new("RGB", (400, 100), "white")
    wide.paste("red", (150, 0, 250, 100))
    made = decode(pictures.encode(wide, "PNG")).convert("RGB")
    assert made.getpixel((20, 10))[1] < 60  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
    assert made.getpixel((1, 10))[1] > 200  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


def test_a_profile_of_colours_is_used_and_dropped() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for profile in (lab.tobytes(), b"rubbish"):
        made = decode(pictures.plain("JPEG", icc_profile=profile))
        assert "icc_profile" not in made.info
        red, green, _ = made.getpixel((5, 5))  # pyright: ignore[reportGeneralTypeIssues]
        assert (red > 240, green < 15) == (True, True)


def test_what_is_too_much() -> None:
    assert decode(pictures.plain("PNG", (1000, 1000)))
    with pytest.raises(ValueError, match="pixels"):
        decode(pictures.plain("PNG", (1000, 1001)))
    assert decode(pictures.animated("GIF", 5))
    frames = pictures.animated("GIF", decoder.FRAMES_MAX + 1)
    with pytest.raises(ValueError, match="frames"):
        decode(frames)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_are_not_tried(kind: str) -> None:
    with pytest.raises(UnidentifiedImageError):
        decode(pictures.plain(kind))


def in_bounds(statement: str) -> int:
    """The exit status of a program that runs a statement under the decoder's limits."""
    program = f"from stonechat.blobs.decoder import limit_process\nlimit_process()\n{statement}"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, stderr=subprocess.DEVNULL, timeout=30
    )
    return done.returncode


def test_memory_and_files_have_a_bound() -> None:
    assert in_bounds("bytearray(100 << 20)") == 0
    assert in_bounds("bytearray(2 << 30)") == 1
    assert in_bounds("import tempfile; tempfile.TemporaryFile().write(bytes(100))") == 0
    assert in_bounds("import tempfile; tempfile.TemporaryFile().write(bytes(9 << 20))") != 0


def test_time_has_a_bound() -> None:
    limited = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[1])"
    assert in_bounds(f"{limited}\nassert resource.getrlimit(resource.RLIMIT_CPU)[1] == 8") == 0
