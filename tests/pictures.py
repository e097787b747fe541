"""Pictures for tests: good ones, odd ones, and bombs; all made here, none from a file."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def plain(
    kind: str = "PNG", size: tuple[int, int] = (60, 40), colour: str = "red", **options: Any
) -> bytes:
    """A picture of one colour."""
    return encode(Image.new("RGB", size, colour), kind, **options)


def opened(content: bytes) -> Image.Image:
    """A picture that was read to its end."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def cornered(orientation: int) -> bytes:
    """Red in its upper left corner once it is turned as its EXIF says."""
    upright = Image.new("RGB", (90, 60), "white")
    upright.paste("red", (0, 0, 45, 30))
    turns = {
        1: (),
        2: (Image.Transpose.FLIP_LEFT_RIGHT,),
        3: (Image.Transpose.ROTATE_180,),
        4: (Image.Transpose.FLIP_TOP_BOTTOM,),
        5: (Image.Transpose.TRANSPOSE,),
        6: (Image.Transpose.ROTATE_90,),
        7: (Image.Transpose.TRANSVERSE,),
        8: (Image.Transpose.ROTATE_270,),
    }
    for turn in turns[orientation]:
        upright = upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(upright, "JPEG", exif=exif, quality=95)


SECRET = b"52.520008 North"


def telling() -> dict[str, bytes]:
    """Pictures that carry where they were taken, in every place that a format has for it."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    gps = exif.get_ifd(0x8825)
    gps[29] = SECRET.decode()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=False)
    xmp = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    image = Image.effect_noise((60, 40), 90).convert("RGB")
    return {
        "jpeg": encode(image, "JPEG", exif=exif, comment=SECRET, xmp=xmp),
        "png": encode(image, "PNG", exif=exif, pnginfo=text),
        "webp": encode(image, "WEBP", exif=exif, xmp=xmp),
        "gif": encode(image, "GIF", comment=SECRET),
        "behind the end": encode(image, "PNG") + SECRET,
    }


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def claiming(width: int, height: int, rows: int = 0) -> bytes:
    """A small PNG that says that it is huge, and has so many rows of it."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def animated(kind: str, frames: int) -> bytes:
    """A picture that moves, every frame another one."""
    each = [Image.new("RGB", (8, 8), (n % 256, n // 256, n * 7 % 256)) for n in range(frames)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return encode(each[0], kind, save_all=True, append_images=each[1:], duration=20, **options)
