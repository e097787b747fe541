"""The decoder: a program that reads a picture of a stranger and writes one of ours.

It runs as a process of its own (blobs/pictures starts it): a picture comes in on standard input,
and a new one goes out on standard output. What a picture is, its content says; four formats are
tried and no other. Everything but the pixels of the first frame is dropped: places, cameras,
previews, comments. Limits on memory and time are set before the first byte is looked at, and
nothing is caught: a picture that breaks its reader ends this process, and that is the answer.
"""

import io
import resource
import sys
from contextlib import suppress
from typing import Final

from PIL import Image, ImageCms, ImageOps

MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
CPU_SECONDS_MAX: Final = 8
OUTPUT_BYTES_MAX: Final = 8 * 1024 * 1024
FRAMES_MAX: Final = 1000
JPEG_QUALITY: Final = 88
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def limit_process() -> None:
    """Give this process its bounds, for good."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES_MAX, OUTPUT_BYTES_MAX))
    # Some systems know no such limit; there the bound on pixels has to do.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def decode(content: bytes, size: tuple[int, int], pixels_max: int) -> bytes:
    """The picture, upright, cut to fill `size` and without anything but its pixels."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > pixels_max:
            raise ValueError("too many pixels")
        if getattr(image, "n_frames", 1) > FRAMES_MAX:
            raise ValueError("too many frames")
        # A JPEG can be read at a fraction of its size, which saves most of the work.
        image.draft("RGB", (2 * max(size), 2 * max(size)))
        profile = image.info.get("icc_profile")
        ImageOps.exif_transpose(image, in_place=True)
        has_alpha = image.has_transparency_data
        plain = image.convert("RGBA" if has_alpha else "RGB")
    # Averaging whole blocks first is many times quicker than weighing every pixel.
    factor = min(plain.width // (2 * size[0]), plain.height // (2 * size[1]))
    if factor > 1:
        plain = plain.reduce(factor)
    return _written(_in_usual_colours(ImageOps.fit(plain, size), profile), has_alpha=has_alpha)


def _in_usual_colours(image: Image.Image, profile: object) -> Image.Image:
    """The picture in the colours that are meant when no profile says otherwise."""
    if not isinstance(profile, bytes):
        return image
    with suppress(ImageCms.PyCMSError, OSError):
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ours = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        usual = ImageCms.ImageCmsProfile(ours)  # pyright: ignore[reportUnknownArgumentType]
        image = ImageCms.profileToProfile(image, theirs, usual, outputMode=image.mode) or image
    return image


def _written(image: Image.Image, *, has_alpha: bool) -> bytes:
    # A new picture has no past: copying the pixels leaves behind what the old one carried.
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    target = io.BytesIO()
    if has_alpha:
        clean.save(target, "PNG", optimize=True)
    else:
        clean.save(target, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return target.getvalue()


if __name__ == "__main__":
    limit_process()
    width, height, pixels_max = (int(argument) for argument in sys.argv[1:])
    sys.stdout.buffer.write(decode(sys.stdin.buffer.read(), (width, height), pixels_max))
