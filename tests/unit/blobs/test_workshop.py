"""Pictures through the workshop, each by a process of its own."""

import asyncio

import pytest
from PIL import Image

from stonechat.blobs import workshop
from stonechat.blobs.formats import kind_of
from stonechat.kernel.errors import InvalidInput
from tests import films, pictures
from tests.unit.blobs.conftest import Bench

KINDS = {"JPEG": "jpg", "PNG": "png", "GIF": "png", "WEBP": "webp", "AVIF": "jpg", "HEIF": "jpg"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_picture_of_each_format(bench: Bench, kind: str) -> None:
    """ME1, ME9: an image has measures of itself and of its preview."""
    made, file, preview = await bench.make(pictures.plain(kind, (900, 600)))
    assert (made.type, made.file.suffix) == ("image", f".{KINDS[kind]}")
    assert workshop.content_types[made.file.suffix[1:]] in workshop.SUPPORTED_MIME_TYPES
    assert made.meta == {
        "original": {"width": 900, "height": 600, "size": "900x600", "aspect": 1.5},
        "small": {"width": 587, "height": 391, "size": "587x391", "aspect": 587 / 391},
    }
    assert (pictures.opened(file).size, pictures.opened(preview).size) == ((900, 600), (587, 391))
    assert pictures.is_red(pictures.opened(file), 9, 9)
    assert made.blurhash is not None
    assert pictures.opened(preview).format == "JPEG"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "GIF"])
async def test_what_shines_through_does_so_in_the_preview(bench: Bench, kind: str) -> None:
    glass = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    made, file, preview = await bench.make(pictures.encode(glass, kind))
    assert made.type == "image"
    assert pictures.opened(file).mode == pictures.opened(preview).mode == "RGBA"


async def test_a_picture_that_is_larger_than_what_is_kept(bench: Bench) -> None:
    _, file, preview = await bench.make(pictures.plain("PNG", (5000, 2000)))
    assert pictures.opened(file).size == (4553, 1821)
    assert pictures.opened(preview).size == (758, 303)


async def test_s101_nothing_is_told_by_a_picture(bench: Bench) -> None:
    """S101: EXIF with its preview, XMP, IPTC, profiles, texts, comments; ME13."""
    for where, content in (pictures.telling() | pictures.telling_more()).items():
        assert pictures.SECRET in content, where
        made, file, preview = await bench.make(content)
        assert made.type == "image", where
        for written in (file, preview):
            assert pictures.SECRET not in written, where
            left = pictures.opened(written)
            assert left.getexif() == {}, where
            assert not {"exif", "xmp", "icc_profile", "comment", "Comment"} & set(left.info), where


async def test_s101_a_picture_is_upright_and_so_is_its_preview(bench: Bench) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        made, file, preview = await bench.make(pictures.cornered(6, kind))
        for each in (pictures.opened(file), pictures.opened(preview)):
            assert each.size == (90, 60)
            assert pictures.is_red(each, 5, 5)
            assert not pictures.is_red(each, 85, 55)
        assert made.meta["original"] == made.meta["small"]


async def test_broken_exif_is_no_broken_picture(bench: Bench) -> None:
    broken = pictures.plain("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert (await bench.make(broken)).made.type == "image"


async def test_of_a_png_that_moves_the_first_frame_is_taken(bench: Bench) -> None:
    for kind in ("PNG", "AVIF"):
        made, file, _ = await bench.make(pictures.animated(kind, 5))
        assert (made.type, getattr(pictures.opened(file), "n_frames", 1)) == ("image", 1)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_a_picture_that_moves_becomes_a_film(bench: Bench, kind: str) -> None:
    """ME5: an animated GIF is a gifv: it is shown again and again, and has no sound."""
    colours = ["red", "lime", "blue"]
    each = [Image.new("RGB", (41, 21), colour) for colour in colours]
    content = pictures.encode(
        each[0],
        kind,
        save_all=True,
        append_images=each[1:],
        duration=[100, 500, 1000],
        loop=0,
        lossless=True,
    )
    made, file, preview = await bench.make(content)
    assert (kind_of(content), made.type, made.file.suffix) == ("film", "gifv", ".mp4")
    assert films.tracks_of(file) == {"video": "h264"}
    assert films.seconds_of(file) == pytest.approx(1.6)
    shown = films.frames_of(file)
    assert [frame.size for frame in shown] == [(40, 20)] * 3
    strongest = [frame.getpixel((20, 10)) for frame in shown]
    assert [pixel.index(max(pixel)) for pixel in strongest if isinstance(pixel, tuple)] == [0, 1, 2]
    assert pictures.is_red(pictures.opened(preview), 5, 5)
    assert made.meta["original"] == {
        "width": 40,
        "height": 20,
        "frame_rate": "15/8",
        "duration": 1.6,
        "bitrate": round(len(file) * 8 / 1.6),
    }
    assert (made.meta["length"], made.meta["fps"], made.meta["size"]) == ("0:00:01.60", 2, "40x20")
    assert "audio_encode" not in made.meta


async def test_a_gif_that_moves_once_and_does_not_say_so_in_its_beginning(bench: Bench) -> None:
    content = pictures.animated("GIF", 5)
    assert kind_of(content) == "picture"
    assert (await bench.make(content)).made.type == "gifv"


async def test_what_shines_through_a_moving_picture_is_white(bench: Bench) -> None:
    clear, red = Image.new("RGBA", (20, 20), (0, 0, 0, 0)), Image.new("RGBA", (20, 20), "red")
    content = pictures.encode(clear, "GIF", save_all=True, append_images=[red], disposal=2)
    _, file, _ = await bench.make(content)
    first = films.frames_of(file)[0].getpixel((9, 9))
    assert isinstance(first, tuple)
    assert min(first) > 240


async def test_a_thumbnail_takes_the_place_of_the_preview(bench: Bench) -> None:
    """ME11: any file may come with a picture of its own."""
    own = pictures.plain("PNG", (300, 100), "blue")
    for content in (pictures.plain("JPEG"), films.song("mp3", "libmp3lame")):
        made, _, preview = await bench.make(content, thumbnail=own)
        assert pictures.opened(preview).size == (300, 100)
        assert made.meta["small"] == {"width": 300, "height": 100, "size": "300x100", "aspect": 3}
        assert made.blurhash is not None


async def test_a_thumbnail_that_is_no_picture(bench: Bench) -> None:
    for wrong in (b"rubbish", films.song("mp3", "libmp3lame")):
        with pytest.raises(InvalidInput, match="could not be verified"):
            await bench.make(pictures.plain("JPEG"), thumbnail=wrong)
    with pytest.raises(InvalidInput, match="damaged"):
        await bench.make(pictures.plain("JPEG"), thumbnail=pictures.plain("PNG")[:70])


async def test_several_in_one_folder_do_not_meet(bench: Bench) -> None:
    content = pictures.plain("JPEG")
    results = await asyncio.gather(*(bench.make(content) for _ in range(4)))
    assert (
        len({path for result in results for path in (result.made.file, result.made.preview)}) == 8
    )
    assert len(bench.names()) == 4 + 8
