"""Pictures that stand still: upright, in plain colours, and no larger than is kept."""

import io
from typing import cast

import blurhash_rs
import pytest
from PIL import Image, ImageCms

from stonechat.blobs import images
from stonechat.blobs.answers import Refused
from tests import pictures

KINDS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "HEIF": "heif"}
MAX = 1_000_000


@pytest.fixture(autouse=True)
def loaded() -> None:
    images.load({*KINDS.values(), "gif"})


def read(content: bytes, name: str, pixels_max: int = MAX) -> Image.Image:
    with images.open_image(io.BytesIO(content), name) as image:
        return images.read(image, pixels_max)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KINDS)
def test_s101_all_eight_ways_of_holding_a_camera(kind: str, orientation: int) -> None:
    image = read(pictures.cornered(orientation, kind), KINDS[kind])
    assert image.size == (90, 60)
    corners = [pictures.is_red(image, x, y) for x in (5, 85) for y in (5, 55)]
    assert corners == [True, False, False, False]


def test_s101_a_picture_that_is_made_smaller_is_upright_too() -> None:
    for orientation in range(1, 9):
        image = read(pictures.cornered(orientation), "jpeg", 600)
        assert image.size == (30, 20)
        assert pictures.is_red(image, 2, 2)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_is_no_broken_picture() -> None:
    for exif in (b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"):
        assert read(pictures.plain("JPEG", exif=exif), "jpeg").size == (60, 40)


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("1", "RGB"),
        ("L", "L"),
        ("LA", "RGBA"),
        ("P", "RGB"),
        ("RGB", "RGB"),
        ("RGBA", "RGBA"),
        ("I;16", "L"),
    ],
)
def test_three_kinds_of_colour(mode: str, kept: str) -> None:
    assert read(pictures.encode(Image.new(mode, (9, 9)), "PNG"), "png").mode == kept


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    grey = Image.new("I;16", (2, 1))
    grey.putpixel((0, 0), 0x8000)
    grey.putpixel((1, 0), 0xFFFF)
    made = read(pictures.encode(grey, "PNG"), "png")
    assert [made.getpixel((x, 0)) for x in (0, 1)] == [128, 255]


def test_inks_become_lights() -> None:
    made = read(pictures.encode(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG"), "jpeg")
    assert made.mode == "RGB"
    assert pictures.is_red(made, 4, 4)


def swapped_profile() -> bytes:
    """A profile in which red and blue have changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        name = bytes(profile[at : at + 4])
        if name in (b"rXYZ", b"bXYZ"):
            profile[at : at + 4] = b"bXYZ" if name == b"rXYZ" else b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "ours".encode("utf-16-be"))


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_those_that_are_meant(kind: str) -> None:
    content = pictures.plain(kind, colour="blue", icc_profile=swapped_profile())
    made = read(content, KINDS[kind])
    assert pictures.is_red(made, 5, 5)
    assert made.info == {}


def test_a_profile_that_fits_to_nothing_is_left_alone() -> None:
    for profile in (b"", b"rubbish", swapped_profile().replace(b"RGB ", b"CMYK")):
        made = read(pictures.plain("JPEG", colour="red", icc_profile=profile), "jpeg")
        assert pictures.is_red(made, 5, 5)


def test_what_shines_through_still_does() -> None:
    glass = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    for kind in ("PNG", "WEBP", "AVIF", "HEIF"):
        made = read(pictures.encode(glass, kind), KINDS[kind])
        assert cast("tuple[int, ...]", made.getpixel((5, 5)))[3] < 5
    assert images.on_white(glass).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("size", "most", "fitted"),
    [
        ((100, 100), 10_000, (100, 100)),
        ((100, 101), 10_000, (99, 100)),
        ((6000, 4000), 8_294_400, (3527, 2351)),
        ((1, 65_500), 230_400, (1, 65_500)),
        ((2, 1_000_000), 500_000, (1, 500_000)),
        ((1, 10), 1, (1, 3)),
    ],
)
def test_a_size_that_fits(size: tuple[int, int], most: int, fitted: tuple[int, int]) -> None:
    assert images.fit(size, most) == fitted


def test_a_side_may_be_no_longer_than_a_jpeg_can_be() -> None:
    assert read(pictures.claiming(images.SIDE_PIXELS_MAX, 1, 1), "png", 10**6)
    with pytest.raises(Refused):
        read(pictures.claiming(images.SIDE_PIXELS_MAX + 1, 1, 1), "png", 10**6)


def test_each_picture_is_kept_in_a_way_that_suits_it() -> None:
    opaque, glass = Image.new("RGB", (4, 4)), Image.new("RGBA", (4, 4))
    assert [images.suffix_of(name, opaque) for name in ("jpeg", "png", "gif", "webp", "avif")] == [
        "jpg",
        "png",
        "png",
        "webp",
        "jpg",
    ]
    assert [images.suffix_of(name, glass) for name in ("webp", "heif")] == ["webp", "png"]
    assert images.preview_suffix("png", opaque) == "jpg"
    assert images.preview_suffix("webp", glass) == "webp"


def test_a_blurhash_says_what_is_where() -> None:
    image = Image.new("RGB", (300, 200), "white")
    image.paste("red", (0, 0, 150, 200))
    for turned, components in ((image, 28), (image.transpose(Image.Transpose.ROTATE_90), 28)):
        found = images.hash_of(turned)
        assert len(found) == components
    seen = blurhash_rs.blurhash_decode(images.hash_of(image), 30, 20)
    assert pictures.is_red(seen, 4, 10)
    assert not pictures.is_red(seen, 26, 10)
    assert images.hash_of(Image.new("RGBA", (9, 9), (0, 0, 0, 0))) == images.hash_of(
        Image.new("RGB", (9, 9), "white")
    )
