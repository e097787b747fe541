"""Pictures for tests: good ones, odd ones, and bombs; all made here, none from a file."""

import io
import struct
import zlib
from typing import Any, cast

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()


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


def is_red(image: Image.Image, x: int, y: int) -> bool:
    """Whether a point is red, as far as a lossy picture can be."""
    red, green, blue = cast("tuple[int, int, int]", image.convert("RGB").getpixel((x, y)))
    return red > 180 and green < 90 and blue < 90


def cornered(orientation: int, kind: str = "JPEG") -> bytes:
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
    # Only of bytes HEIF makes what its readers look at, which is not EXIF.
    return encode(upright, kind, exif=exif.tobytes(), quality=95)


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


def telling_more() -> dict[str, bytes]:
    """The same for what only attachments may be, and for places that only some programs use."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    xmp = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    image = Image.effect_noise((60, 40), 90).convert("RGB")
    jpeg = encode(image, "JPEG")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # IPTC in a resource of Photoshop's, and a preview that has an EXIF of its own.
    press = _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x20\x1c\x02\x78\0\x0f" + SECRET)
    inner = encode(image.resize((16, 16)), "JPEG", comment=SECRET)
    tiff = b"II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0" + struct.pack(
        "<HHIIHHIII", 0x201, 4, 1, 44, 0x202, 4, 1, len(inner), 0
    )
    preview = _segment(0xE1, b"Exif\0\0" + tiff + inner)
    return {
        "avif": encode(image, "AVIF", exif=exif, xmp=xmp),
        "heif": encode(image, "HEIF", exif=exif, xmp=xmp),
        "iptc": jpeg[:2] + press + jpeg[2:],
        "preview": jpeg[:2] + preview + jpeg[2:],
        "colours": encode(image, "JPEG", icc_profile=profile + SECRET),
        "late exif": encode(image, "PNG")[:-12] + _chunk(b"eXIf", SECRET) + _chunk(b"IEND", b""),
        "script": encode(image, "GIF", comment=b"*/=1;alert('" + SECRET + b"')//"),
        "markup": encode(image, "JPEG", comment=b"<script>" + SECRET + b"</script>"),
    }


def _segment(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content


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


def animated(kind: str, frames: int, size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture that moves, every frame another one."""
    each = [Image.new("RGB", size, (n % 256, n // 256, n * 7 % 256)) for n in range(frames)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return encode(each[0], kind, save_all=True, append_images=each[1:], duration=20, **options)
