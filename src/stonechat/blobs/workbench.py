"""The workbench: the program that takes one file of a stranger's apart and makes one of ours.

It runs as a process of its own (blobs/workshop starts it) and knows files by their descriptors
alone: the stranger's is standard input, the new one and its preview are the numbers it is given,
and the answer goes to standard output. Every import is done and the sandbox is closed before the
first byte is read. A file that breaks its decoder ends this process, and that is an answer too.
"""

import importlib
import os
import sys
from typing import Final, NamedTuple

import msgspec
from PIL import Image

from stonechat.blobs import images, sandbox
from stonechat.blobs.answers import CONFINED, LIMITED, Answer, Film, Refused, Still
from stonechat.blobs.formats import FILMS, MOVING, PICTURES
from stonechat.blobs.sandbox import Bounds
from stonechat.domain import limits

SOURCE: Final = 0
ANSWER: Final = 1

PICTURE_BOUNDS: Final = Bounds(
    memory_bytes=limits.MEDIA_IMAGE_MEMORY_BYTES_MAX,
    cpu_seconds=limits.MEDIA_IMAGE_CPU_SECONDS_MAX,
    wall_seconds=limits.MEDIA_IMAGE_WALL_SECONDS_MAX,
    file_bytes=limits.MEDIA_STORED_IMAGE_BYTES_MAX,
)
FILM_BOUNDS: Final = Bounds(
    memory_bytes=limits.MEDIA_FILM_MEMORY_BYTES_MAX,
    cpu_seconds=limits.MEDIA_FILM_CPU_SECONDS_MAX,
    wall_seconds=limits.MEDIA_FILM_WALL_SECONDS_MAX,
    file_bytes=limits.MEDIA_STORED_FILM_BYTES_MAX,
)


# PyAV imports these only when it meets a stream or an encoder, and then it would be too late.
_FFMPEG: Final = (
    "av.audio.codeccontext",
    "av.subtitles.codeccontext",
    "av.subtitles.stream",
    "av.video.codeccontext",
    "logging",
)


class Order(NamedTuple):
    """What is to be made of what. Numbers are descriptors; a name is one of blobs/formats."""

    kind: str
    name: str
    file: int
    preview: int
    thumbnail_name: str = ""
    thumbnail: int = -1


def bounds_of(kind: str) -> Bounds:
    """What the making of one file may cost."""
    return FILM_BOUNDS if kind == "film" else PICTURE_BOUNDS


def may_move(order: Order) -> bool:
    """Whether a picture may turn out to be a film; a GIF says so late, a WebP at once."""
    return order.kind == "film" and order.name in MOVING


def prepare(order: Order) -> None:
    """Import everything that this order may need, and nothing more."""
    names = {order.name, order.thumbnail_name} & PICTURES
    if order.name in FILMS:
        # A song may bring its cover along.
        names |= {"jpeg", "png"}
        modules = ("stonechat.blobs.films", *_FFMPEG)
    else:
        modules = ("stonechat.blobs.animations", *_FFMPEG) if may_move(order) else ()
    for module in modules:
        importlib.import_module(module)
    images.load(names)


def make(order: Order) -> Answer:
    """Do the work."""
    still: Still | None = None
    film: Film | None = None
    if order.name in FILMS:
        film, shown = _make_film(order)
    else:
        still, film, shown = _make_picture(order)
    suffix = still.suffix if still else "png"
    if order.thumbnail_name:
        shown, suffix = _read_thumbnail(order)
    if shown is None:
        return Answer(film=film)
    shown = images.shrink(shown)
    with os.fdopen(order.preview, "wb") as file:
        preview = images.write(shown, images.preview_suffix(suffix, shown), file)
    return Answer(still=still, film=film, preview=preview, blurhash=images.hash_of(shown))


def _make_film(order: Order) -> tuple[Film, Image.Image | None]:
    from stonechat.blobs import films  # noqa: PLC0415 - imported already, for films alone

    return films.make(SOURCE, order.name, order.file)


def _make_picture(order: Order) -> tuple[Still | None, Film | None, Image.Image]:
    with (
        os.fdopen(SOURCE, "rb", closefd=False) as source,
        images.open_image(source, order.name) as image,
    ):
        if order.name == "gif" and image.width * image.height > limits.MEDIA_GIF_PIXELS_MAX:
            raise Refused("gif_size", image.width, image.height)
        if may_move(order) and images.count_frames(image) > 1:
            from stonechat.blobs import animations  # noqa: PLC0415 - the same

            return None, *animations.make(image, order.file)
        plain = images.read(image, limits.MEDIA_STORED_IMAGE_PIXELS_MAX)
    with os.fdopen(order.file, "wb") as file:
        still = images.write(plain, images.suffix_of(order.name, plain), file)
    return still, None, plain


def _read_thumbnail(order: Order) -> tuple[Image.Image, images.Suffix]:
    with (
        os.fdopen(order.thumbnail, "rb") as source,
        images.open_image(source, order.thumbnail_name) as image,
    ):
        shown = images.read(image, limits.MEDIA_PREVIEW_PIXELS_MAX)
    return shown, images.suffix_of(order.thumbnail_name, shown)


def main(words: list[str]) -> None:
    """Take the order, close the sandbox, make, answer."""
    kind, name, file, preview, thumbnail_name, thumbnail = words
    order = Order(kind, name, int(file), int(preview), thumbnail_name, int(thumbnail))
    prepare(order)
    is_confined = sandbox.enter(bounds_of(kind))
    os.write(ANSWER, CONFINED if is_confined else LIMITED)
    try:
        answer = make(order)
    except Refused as refusal:
        answer = refusal.answer
    except MemoryError:
        answer = Answer(refusal="memory")
    os.write(ANSWER, msgspec.json.encode(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
