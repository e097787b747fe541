"""Animations: a picture that moves becomes a film without sound.

Runs in the decoder's process alone. Pillow puts the frames of a GIF or a WebP together, since most
of them say only what changed; here each is laid on white and encoded. Nothing says how often a
film is to be repeated: what is made here is called `gifv`, and clients repeat that for ever.
"""

from fractions import Fraction
from typing import Final

from PIL import Image

from stonechat.blobs import images, reels, tracks
from stonechat.blobs.answers import Film, Motion, Refused
from stonechat.domain import limits

FRAME_MS_MIN: Final = 11
FRAME_MS_USUAL: Final = 100
"""Shown instead of what is shorter than the minimum, as every browser does it."""

_TIME_BASE: Final = Fraction(1, 1000)


def make(image: Image.Image, target: int) -> tuple[Film, Image.Image]:
    """Write every frame; the first one stands for all of them."""
    count = images.count_frames(image)
    _ensure_size(image, count)
    width, height = size = reels.even(image.size)
    first: Image.Image | None = None
    shown_ms = 0
    with reels.Reel(target, "mp4") as reel:
        track = reel.add_video(size, tracks.RATE_USUAL, _TIME_BASE)
        for number in range(count):
            image.seek(number)
            plain = images.scale(images.on_white(images.flatten(image)), size)
            first = first or plain
            frame = reels.to_frame(plain)
            frame.pts, frame.time_base, frame.duration = shown_ms, _TIME_BASE, _duration_ms(image)
            shown_ms += frame.duration
            if shown_ms > limits.MEDIA_FILM_SECONDS_MAX * 1000:
                raise Refused("length")
            reel.draw(track, frame)
        reel.draw(track, None)
    rate = Fraction(count * 1000, shown_ms).limit_denominator(tracks.RATE_DENOMINATOR_MAX)
    motion = Motion(width, height, rate.numerator, rate.denominator)
    assert first is not None, "it has several frames"
    return Film("mp4", shown_ms / 1000, motion, loops=True), first


def _ensure_size(image: Image.Image, count: int) -> None:
    pixels = image.width * image.height
    if pixels > limits.MEDIA_GIF_PIXELS_MAX:
        raise Refused("animation_size", image.width, image.height)
    if pixels * count > limits.MEDIA_ANIMATION_PIXELS_MAX:
        raise Refused("animation")


def _duration_ms(image: Image.Image) -> int:
    duration_ms = int(image.info.get("duration") or 0)
    return duration_ms if duration_ms >= FRAME_MS_MIN else FRAME_MS_USUAL
