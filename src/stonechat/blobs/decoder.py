"""The decoder: a program that reads a picture of a profile and writes one of ours.

It runs as a process of its own (blobs/pictures starts it): a picture comes in on standard input,
and a new one goes out on standard output. What a picture is, its content says; four formats are
tried and no other. Everything but the pixels of the first frame is dropped: places, cameras,
previews, comments. The sandbox is closed before the first byte is looked at, and nothing is
caught: a picture that breaks its reader ends this process, and that is the answer.

Attachments are made by another program (blobs/workbench), which keeps a picture's shape.
"""

import io
import sys
from typing import Final

from PIL import ImageOps

from stonechat.blobs import formats, images, sandbox

BOUNDS: Final = sandbox.Bounds(
    memory_bytes=1024 * 1024 * 1024,
    cpu_seconds=8,
    wall_seconds=20,
    file_bytes=8 * 1024 * 1024,
)
FORMATS: Final = frozenset({"png", "jpeg", "gif", "webp"})


def prepare() -> None:
    """Import everything that is needed, and close the sandbox."""
    images.load(FORMATS)
    sandbox.enter(BOUNDS)


def decode(content: bytes, size: tuple[int, int], pixels_max: int) -> bytes:
    """The picture, upright, cut to fill `size` and without anything but its pixels."""
    name = formats.identify(content[: formats.HEAD_BYTES])
    if name not in FORMATS:
        raise ValueError("no picture of a format that is taken")
    with images.open_image(io.BytesIO(content), name, pixels_max) as image:
        # A JPEG can be read at a fraction of its size, which saves most of the work.
        image.draft(None, (2 * max(size), 2 * max(size)))
        profile, orientation = images.profile_of(image), images.orientation_of(image)
        plain = images.turn(images.flatten(image), orientation)
    # Averaging whole blocks first is many times quicker than weighing every pixel.
    factor = min(plain.width // (2 * size[0]), plain.height // (2 * size[1]))
    if factor > 1:
        plain = plain.reduce(factor)
    target = io.BytesIO()
    made = images.colour(ImageOps.fit(plain, size), profile)
    images.write(made, "png" if made.mode == "RGBA" else "jpg", target)
    return target.getvalue()


if __name__ == "__main__":
    prepare()
    width, height, pixels_max = (int(argument) for argument in sys.argv[1:])
    sys.stdout.buffer.write(decode(sys.stdin.buffer.read(), (width, height), pixels_max))
