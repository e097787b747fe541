"""Pictures that stand still: read by one decoder, put upright, and written anew.

Runs in the decoder's process alone. A new picture has no past: only pixels go from the old one to
the new one, so places, cameras, comments and previews stay behind; colours become those that are
meant when nothing is said. Of pictures that move the first frame is taken, unless blobs/animations
makes a film of them.

Nothing that a decoder raises is caught: a picture that breaks its reader ends the process, and
that is the answer. A newcomer gets wrong how much the order costs: reading at a fraction of the
size, and turning what is small already, is what makes a large photograph quick.
"""

import importlib
import io
import math
import struct
from collections.abc import Collection
from contextlib import suppress
from typing import BinaryIO, Final, Literal

import blurhash_rs
from PIL import Image, ImageCms

from stonechat.blobs.answers import Refused, Still
from stonechat.domain import limits

SIDE_PIXELS_MAX: Final = 65_500
"""JPEG knows no longer side."""
JPEG_QUALITY: Final = 88
WEBP_QUALITY: Final = 85
WEBP_EFFORT: Final = 2
THREADS_MAX: Final = 2
HASHED_SIDE_PIXELS: Final = 64

Suffix = Literal["jpg", "png", "webp"]

READING_ERRORS: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)
"""What Pillow raises over a picture that is none, for those who can do without it."""

_NAMES: Final = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WEBP",
    "avif": "AVIF",
    "heif": "HEIF",
}
_MODULES: Final = {"gif": ("PIL.GifImagePlugin", "copy"), "avif": ("PIL.AvifImagePlugin",)}
# What every picture may need, whichever its format: three are written, EXIF is TIFF inside, and
# Pillow imports a part of itself only when it comes to that.
_ALWAYS: Final = (
    "PIL.ImageColor",
    "PIL.ImagePalette",
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)

_ORIENTATION: Final = 0x0112
_SPACE: Final = slice(16, 20)
"""Where a profile says of which kind of colours it speaks."""
_SPACES: Final = {"RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = frozenset({5, 6, 7, 8})


def load(formats: Collection[str]) -> None:
    """Import everything that these formats need, while it can be imported."""
    Image.preinit()
    own = [module for name in formats for module in _MODULES.get(name, ())]
    for module in (*_ALWAYS, *own):
        importlib.import_module(module)
    # We look at sizes ourselves, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    if "avif" in formats:
        from PIL import AvifImagePlugin  # noqa: PLC0415 - each decoder gets what it needs, not more

        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS_MAX
    if "heif" in formats:
        import pillow_heif  # noqa: PLC0415 - the same

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=THREADS_MAX)  # pyright: ignore[reportUnknownMemberType]


def open_image(
    file: BinaryIO, name: str, pixels_max: int = limits.MEDIA_IMAGE_PIXELS_MAX
) -> Image.Image:
    """A picture of which only the beginning was read yet, small enough to go on with."""
    image = Image.open(file, formats=(_NAMES[name],))
    if image.width * image.height > pixels_max or max(image.size) > SIDE_PIXELS_MAX:
        raise Refused("image_size", image.width, image.height)
    if count_frames(image) > limits.MEDIA_ANIMATION_FRAMES_MAX:
        raise Refused("animation")
    return image


def count_frames(image: Image.Image) -> int:
    """How many frames a picture has."""
    return getattr(image, "n_frames", 1)


def read(image: Image.Image, pixels_max: int) -> Image.Image:
    """The first frame, upright, in plain colours and no larger than that; L, RGB or RGBA."""
    size = fit(image.size, pixels_max)
    # A JPEG can be read at a fraction of its size, which saves most of the work.
    image.draft(None, size)
    orientation = orientation_of(image)
    return turn(colour(scale(flatten(image), size), profile_of(image)), orientation)


def fit(size: tuple[int, int], pixels_max: int) -> tuple[int, int]:
    """The size that keeps to a shape and to a number of pixels."""
    width, height = size
    factor = math.sqrt(pixels_max / (width * height))
    if factor >= 1:
        return size
    return max(1, int(width * factor)), max(1, int(height * factor))


def scale(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture in another size."""
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType]


def orientation_of(image: Image.Image) -> int:
    """How a camera was held, as EXIF numbers it."""
    # Plenty of good photographs carry broken EXIF; then nobody knows how the camera was held.
    with suppress(*READING_ERRORS, KeyError, TypeError):
        return image.getexif().get(_ORIENTATION, 1)
    return 1


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """A picture as it is to be seen."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def is_lying(orientation: int) -> bool:
    """Whether width and height change places when a picture is turned."""
    return orientation in _LYING


def flatten(image: Image.Image) -> Image.Image:
    """The pixels in one of four ways (L, RGB, RGBA, CMYK), and nothing that came with them."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey. Pillow would cut off what is above eight instead of scaling it.
        wide = image.convert("I")
        plain = wide.point(lambda value: value * (1 / 256)).convert("L")  # pyright: ignore[reportUnknownMemberType]
    elif image.has_transparency_data:
        plain = image.convert("RGBA")
    else:
        plain = image.convert(image.mode if image.mode in ("L", "CMYK") else "RGB")
    plain.info = {}
    return plain


def profile_of(image: Image.Image) -> bytes | None:
    """What says how the colours of a picture are meant."""
    profile: object = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else None


def colour(plain: Image.Image, profile: bytes | None) -> Image.Image:
    """A flat picture in the colours that are meant when nobody says otherwise."""
    mode = "RGB" if plain.mode == "CMYK" else plain.mode
    if profile is not None and profile[_SPACE] == _SPACES.get(plain.mode):
        with suppress(ImageCms.PyCMSError, OSError):
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(theirs):
                plain = ImageCms.profileToProfile(plain, theirs, _usual(), outputMode=mode) or plain
    plain = plain.convert(mode)
    plain.info = {}
    return plain


def _usual() -> ImageCms.ImageCmsProfile:
    ours = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return ImageCms.ImageCmsProfile(ours)  # pyright: ignore[reportUnknownArgumentType]


def suffix_of(name: str, image: Image.Image) -> Suffix:
    """How a picture is kept: photographs small, drawings exactly, and what shines through stays."""
    if name == "webp":
        return "webp"
    return "png" if name in ("png", "gif") or image.mode == "RGBA" else "jpg"


def preview_suffix(suffix: Suffix, image: Image.Image) -> Suffix:
    """A preview is a JPEG unless something shines through."""
    return suffix if image.mode == "RGBA" else "jpg"


def write(image: Image.Image, suffix: Suffix, file: BinaryIO) -> Still:
    """Write a picture without a past."""
    target = io.BytesIO()
    if suffix == "png":
        image.save(target, "PNG")
    elif suffix == "webp":
        image.save(target, "WEBP", quality=WEBP_QUALITY, method=WEBP_EFFORT)
    else:
        image.save(target, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    if target.tell() > limits.MEDIA_STORED_IMAGE_BYTES_MAX:
        raise Refused("size")
    file.write(target.getbuffer())
    file.flush()
    return Still(suffix, image.width, image.height)


def shrink(image: Image.Image) -> Image.Image:
    """The preview of a picture."""
    return scale(image, fit(image.size, limits.MEDIA_PREVIEW_PIXELS_MAX))


def hash_of(image: Image.Image) -> str:
    """A blurhash: a handful of letters that say how a picture looks from far away."""
    small = image.copy()
    small.thumbnail((HASHED_SIDE_PIXELS, HASHED_SIDE_PIXELS))
    across, down = (4, 3) if image.width >= image.height else (3, 4)
    return blurhash_rs.blurhash_encode(on_white(small), across, down)


def on_white(image: Image.Image) -> Image.Image:
    """A picture through which nothing shines any more."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
