"""Measures: what clients are told about a file, made from the few numbers of an answer.

Two generations of clients read them: today's look into `original` and `small`, the older ones look
beside those. Nothing here is a word of the decoder's (blobs/answers).
"""

from typing import Final

from stonechat.blobs.answers import Answer, Film, Motion, Sound

_CHANNELS: Final = {1: "mono", 2: "stereo"}


def of_answer(answer: Answer, size_bytes: int) -> dict[str, object]:
    """The measures of a file that has so many bytes."""
    measures: dict[str, object] = {}
    if answer.film is not None:
        measures = _film(answer.film, size_bytes)
    elif answer.still is not None:
        measures["original"] = _size(answer.still.width, answer.still.height)
    if answer.preview is not None:
        measures["small"] = _size(answer.preview.width, answer.preview.height)
    return measures


def _film(film: Film, size_bytes: int) -> dict[str, object]:
    duration_s = film.duration_s
    bitrate = round(size_bytes * 8 / duration_s) if duration_s else 0
    old: dict[str, object] = {"length": _clock(duration_s), "duration": round(duration_s, 3)}
    new: dict[str, object] = {"duration": round(duration_s, 6), "bitrate": bitrate}
    if film.motion is not None:
        old |= {"fps": round(film.motion.rate / film.motion.rate_per)}
        old |= _size(film.motion.width, film.motion.height)
        new = _motion(film.motion) | new
    if film.sound is not None:
        old |= _sound(film.sound)
    return old | {"original": new}


def _motion(motion: Motion) -> dict[str, object]:
    return {
        "width": motion.width,
        "height": motion.height,
        "frame_rate": f"{motion.rate}/{motion.rate_per}",
    }


def _size(width: int, height: int) -> dict[str, object]:
    return {
        "width": width,
        "height": height,
        "size": f"{width}x{height}",
        "aspect": width / height,
    }


def _sound(sound: Sound) -> dict[str, object]:
    return {
        "audio_encode": sound.codec,
        "audio_bitrate": f"{sound.hertz} Hz",
        "audio_channels": _CHANNELS.get(sound.channels, f"{sound.channels} channels"),
    }


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"
