"""Films: videos and songs, taken apart and put together again.

Runs in the decoder's process alone. A video becomes an MP4 of H.264 and AAC, a song an MP3 or an
M4A; what is that already is copied without being decoded, and everything else is converted.
Titles, places, chapters, subtitles and whatever else came along stay behind either way.

A newcomer gets wrong that a file is read twice: once to look at it and to take the picture that
stands for it, and once from its first packet to its last.
"""

from collections.abc import Iterable
from fractions import Fraction
from io import BytesIO
from typing import Final, NamedTuple, cast

from av.audio.stream import AudioStream
from av.codec import CodecContext
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from PIL import Image

from stonechat.blobs import formats, images, notes, reels, tracks
from stonechat.blobs.answers import Film, Motion, Refused, Sound
from stonechat.blobs.reels import Encoder, Reel, Suffix
from stonechat.domain import limits

COVERS: Final = frozenset({"jpeg", "png"})
PACKETS_BEFORE_COVER_MAX: Final = 32
_COPIED_PROFILES: Final = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
_COPIED_PIXELS: Final = frozenset({"yuv420p", "yuvj420p"})
_COPIED_AAC: Final = frozenset({"LC", "HE-AAC", "HE-AACv2"})
_COPIED_TURNS: Final = frozenset({1, 3, 6, 8})
"""Players turn a film; that they mirror it cannot be relied on."""
_MP3: Final = frozenset({"mp3", "mp3float"})
_AAC_CHANNELS_MAX: Final = 8

# Formats that do not say how long they are: there a film that was cut off cannot be told.
_LENGTHLESS: Final = frozenset({"mp3", "aac"})
_KEPT_MIN: Final = Fraction(9, 10)
_MISSING_S_MAX: Final = Fraction(1, 10)


class _Plan(NamedTuple):
    """What of a film is used, and how."""

    name: str
    video: int | None
    sound: int | None
    orientation: int


def make(source: int, name: str, target: int) -> tuple[Film, Image.Image | None]:
    """Write a film anew; with it comes the picture that stands for it, if there is one."""
    with reels.open_input(source, name) as film:
        plan, still = _look(film, name)
    with reels.open_input(source, name) as film:
        return _remake(film, plan, target), still


def _look(film: InputContainer, name: str) -> tuple[_Plan, Image.Image | None]:
    """Refuse what can be refused early, and find the picture."""
    if (film.duration or 0) > limits.MEDIA_FILM_SECONDS_MAX * 1_000_000:
        raise Refused("length")
    video = next((each for each in film.streams.video if not _is_cover(each)), None)
    sound = next(iter(film.streams.audio), None)
    if video is None and sound is None:
        raise Refused("unknown")
    for stream in (video, sound):
        if stream is not None:
            _ensure_known(stream)
    sound_at = None if sound is None else sound.index
    if video is None:
        return _Plan(name, None, sound_at, 1), _find_cover(film)
    _ensure_size(video)
    still, orientation = _first_picture(film, video)
    return _Plan(name, video.index, sound_at, orientation), still


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _ensure_known(stream: VideoStream | AudioStream) -> None:
    # Its type says otherwise, but a stream that FFmpeg has no decoder for has no context.
    context = cast("CodecContext | None", stream.codec_context)
    if context is None or context.name not in reels.DECODERS:
        raise Refused("unknown")
    context.thread_count = reels.THREADS_MAX
    context.options["max_pixels"] = str(limits.MEDIA_IMAGE_PIXELS_MAX)


def _ensure_size(video: VideoStream) -> None:
    if not video.width or not video.height:
        raise Refused("broken")
    if video.width * video.height > limits.MEDIA_VIDEO_PIXELS_MAX:
        raise Refused("video_size", video.width, video.height)


def _first_picture(film: InputContainer, video: VideoStream) -> tuple[Image.Image, int]:
    for frame in film.decode(video):
        orientation = reels.orientation_of(frame)
        size = tracks.shown_size(video, limits.MEDIA_PREVIEW_PIXELS_MAX)
        return images.turn(reels.to_image(frame, size), orientation), orientation
    raise Refused("broken")


def _find_cover(film: InputContainer) -> Image.Image | None:
    covers = tuple(each for each in film.streams.video if _is_cover(each))
    if not covers:
        return None
    for count, packet in enumerate(film.demux(covers[0])):
        if packet.size:
            return _read_cover(bytes(packet))
        if count > PACKETS_BEFORE_COVER_MAX:
            break
    return None


def _read_cover(content: bytes) -> Image.Image | None:
    name = formats.identify(content[: formats.HEAD_BYTES])
    if name not in COVERS or len(content) > limits.MEDIA_IMAGE_BYTES_MAX:
        return None
    try:
        with images.open_image(BytesIO(content), name) as cover:
            return images.read(cover, limits.MEDIA_PREVIEW_PIXELS_MAX)
    except (*images.READING_ERRORS, Refused):
        # A song may be heard without its cover.
        return None


def _remake(film: InputContainer, plan: _Plan, target: int) -> Film:
    video, sound = _streams(film, plan)
    suffix = _suffix(video, sound)
    meter = tracks.Meter(film.start_time)
    used: list[Stream] = [each for each in (video, sound) if each is not None]
    with Reel(target, suffix) as reel:
        drawn = None if video is None else _video_track(film, video, reel, meter, plan)
        heard = None if sound is None else _sound_track(sound, reel, meter, suffix)
        for packet in film.demux(*used):
            track = drawn if packet.stream.type == "video" else heard
            assert track is not None, "no other packets were asked for"
            track.take(packet)
    _ensure_whole(film, plan.name, used, meter)
    return Film(
        suffix=suffix,
        duration_s=float(meter.ends_s),
        motion=None if video is None else _motion(video, drawn, meter, plan.orientation),
        sound=None if sound is None else _sound(sound, heard, suffix),
        loops=sound is None and plan.name == "matroska",
    )


def _streams(film: InputContainer, plan: _Plan) -> tuple[VideoStream | None, AudioStream | None]:
    video = None if plan.video is None else film.streams[plan.video]
    sound = None if plan.sound is None else film.streams[plan.sound]
    assert video is None or isinstance(video, VideoStream), "the file was looked at a moment ago"
    assert sound is None or isinstance(sound, AudioStream), "the file was looked at a moment ago"
    for stream in (video, sound):
        if stream is not None:
            _ensure_known(stream)
    return video, sound


def _suffix(video: VideoStream | None, sound: AudioStream | None) -> Suffix:
    if video is not None:
        return "mp4"
    return "m4a" if sound is not None and _is_fit_aac(sound) else "mp3"


def _is_fit_aac(sound: AudioStream) -> bool:
    context = sound.codec_context
    return (
        context.name == "aac"
        and context.profile in _COPIED_AAC
        and context.channels <= _AAC_CHANNELS_MAX
    )


def _is_fit_h264(video: VideoStream) -> bool:
    context = video.codec_context
    return (
        context.name == "h264"
        and context.profile in _COPIED_PROFILES
        and context.pix_fmt in _COPIED_PIXELS
        and notes.find_prefix_bytes(context.extradata) is not None
    )


def _video_track(
    film: InputContainer, video: VideoStream, reel: Reel, meter: tracks.Meter, plan: _Plan
) -> tracks.Copy | tracks.DrawnAgain:
    if _is_fit_h264(video) and plan.orientation in _COPIED_TURNS:
        return tracks.Copy(video, reel, meter)
    _ensure_affordable(film, video)
    return tracks.DrawnAgain(video, reel, meter, plan.orientation)


def _ensure_affordable(film: InputContainer, video: VideoStream) -> None:
    """Refuse early what would be given up late."""
    duration_s = _declared_s(film, [video])
    if duration_s is not None and video.average_rate:
        rate = min(video.average_rate, limits.MEDIA_FRAMES_PER_SECOND_MAX)
        if video.width * video.height * rate * duration_s > limits.MEDIA_CONVERTED_PIXELS_MAX:
            raise Refused("work")


def _sound_track(
    sound: AudioStream, reel: Reel, meter: tracks.Meter, suffix: Suffix
) -> tracks.Copy | tracks.SoundedAgain:
    is_fit = sound.codec_context.name in _MP3 if suffix == "mp3" else _is_fit_aac(sound)
    if is_fit:
        return tracks.Copy(sound, reel, meter)
    encoder: Encoder = "libmp3lame" if suffix == "mp3" else "aac"
    return tracks.SoundedAgain(sound, reel, meter, encoder)


def _declared_s(film: InputContainer, used: Iterable[Stream]) -> Fraction | None:
    """How long a film says it is: its tracks, or else the whole."""
    lengths = [
        each.duration * each.time_base
        for each in used
        if each.duration is not None and each.time_base is not None
    ]
    if not lengths and film.duration is not None:
        return Fraction(film.duration, 1_000_000)
    return max(lengths, default=None)


def _ensure_whole(
    film: InputContainer, name: str, used: Iterable[Stream], meter: tracks.Meter
) -> None:
    """Refuse a film that ends long before it says it does: somebody sent the half of it."""
    declared_s = None if name in _LENGTHLESS else _declared_s(film, used)
    # Matroska counts from nought even where the first picture comes later.
    ends_s = meter.starts_s + meter.ends_s
    if declared_s is not None and ends_s < declared_s * _KEPT_MIN - _MISSING_S_MAX:
        raise Refused("broken")


def _motion(
    video: VideoStream,
    track: tracks.Track | None,
    meter: tracks.Meter,
    orientation: int,
) -> Motion:
    if isinstance(track, tracks.DrawnAgain):
        width, height = track.size
    else:
        width, height = tracks.shown_size(video, limits.MEDIA_VIDEO_PIXELS_MAX)
        if images.is_lying(orientation):
            width, height = height, width
    rate = video.average_rate
    if not rate or rate > limits.MEDIA_FRAMES_PER_SECOND_MAX:
        rate = meter.frames / meter.ends_s if meter.ends_s else tracks.RATE_USUAL
    rate = rate.limit_denominator(tracks.RATE_DENOMINATOR_MAX)
    return Motion(width, height, rate.numerator, rate.denominator)


def _sound(source: AudioStream, track: tracks.Track | None, suffix: Suffix) -> Sound:
    stream = track.target if isinstance(track, tracks.SoundedAgain) else source
    context = stream.codec_context
    codec = "mp3" if suffix == "mp3" else "aac"
    return Sound(codec, context.sample_rate, context.channels)
