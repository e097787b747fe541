"""Tracks: how the pictures and the sound of one film get into another.

Runs in the decoder's process alone. A track is copied where every client can play it as it is,
and converted where not. Both take packets in the order in which they come. A `Meter` watches
them: what a file declares about its length is believed by nobody.

A newcomer gets wrong the times. Packets are ordered by when they are decoded and shown by another
time; Matroska does not even store the first; and a film may begin at any moment, which is taken
off, so that the new one begins at zero.
"""

from fractions import Fraction
from typing import Final, Protocol

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.stream import Stream
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from stonechat.blobs import images, notes, reels
from stonechat.blobs.answers import Refused
from stonechat.blobs.reels import Encoder, Reel, StreamPacket
from stonechat.domain import limits

RATE_USUAL: Final = Fraction(25)
RATE_DENOMINATOR_MAX: Final = 1001
"""American television has 30000/1001 pictures a second; nobody needs it more exactly."""
HERTZ: Final = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
"""What both of our encoders of sound can do; anything else becomes the first."""
WAITING_PACKETS_MAX: Final = 64
_LENGTH_MAX: Final = 2**31

_TURNS: Final = {
    2: ("hflip",),
    3: ("hflip", "vflip"),
    4: ("vflip",),
    5: ("transpose=cclock_flip",),
    6: ("transpose=clock",),
    7: ("transpose=clock_flip",),
    8: ("transpose=cclock",),
}


class Track(Protocol):
    """Where the packets of one stream go."""

    def take(self, packet: StreamPacket) -> None:
        """One packet; the last one of a stream is empty."""
        ...


class Meter:
    """How long a film is, how many pictures it has, and when that gets too much."""

    def __init__(self, starts_us: int | None) -> None:
        self.starts_s: Fraction = Fraction(max(0, starts_us or 0), 1_000_000)
        self.ends_s: Fraction = Fraction(0)
        self.frames: int = 0

    def see(self, packet: StreamPacket, *, is_video: bool) -> None:
        """Count one packet that is about to be used."""
        if packet.is_corrupt:
            raise Refused("broken")
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None:
            # FFmpeg gives the end of some songs a negative length, and takes it for a huge one.
            length = packet.duration or 0
            length = length if length < _LENGTH_MAX else 0
            ends_s = (at + length) * packet.time_base - self.starts_s
            self.ends_s = max(self.ends_s, ends_s)
        if self.ends_s > limits.MEDIA_FILM_SECONDS_MAX:
            raise Refused("length")
        self.frames += is_video
        if self.frames > limits.MEDIA_FRAMES_PER_SECOND_MAX * (self.ends_s + 1):
            raise Refused("rate")

    def offset(self, time_base: Fraction) -> int:
        """What is taken off each time."""
        return int(self.starts_s / time_base)


class Copy:
    """A track that is taken over as it is."""

    def __init__(self, source: Stream, reel: Reel, meter: Meter) -> None:
        self._reel, self._meter = reel, meter
        self._target = reel.add_copy(source)
        is_video = source.type == "video"
        header = source.codec_context.extradata if is_video else None
        self._is_video, self._prefix_bytes = is_video, notes.find_prefix_bytes(header)
        self._waiting: list[StreamPacket] = []

    def take(self, packet: StreamPacket) -> None:
        """Copy one packet."""
        if packet.size:
            self._meter.see(packet, is_video=self._is_video)
            self._time(packet)
        elif self._waiting:
            raise Refused("broken")

    def _time(self, packet: StreamPacket) -> None:
        """Hold back what comes before the first packet that says when it is to be decoded."""
        self._waiting.append(packet)
        if len(self._waiting) > WAITING_PACKETS_MAX:
            raise Refused("broken")
        if packet.dts is None:
            return
        ready, self._waiting = self._waiting, []
        for back, each in enumerate(reversed(ready)):
            each.dts = packet.dts - back * max(1, packet.duration or 1)
        for each in ready:
            self._write(each)

    def _write(self, packet: StreamPacket) -> None:
        offset = self._meter.offset(packet.time_base)
        for kept in notes.drop(packet, self._prefix_bytes) if self._prefix_bytes else [packet]:
            kept.dts = None if kept.dts is None else kept.dts - offset
            kept.pts = None if kept.pts is None else kept.pts - offset
            kept.stream = self._target
            self._reel.put(kept)


class DrawnAgain:
    """Pictures that are decoded and encoded: upright, no larger than is stored, in eight bits."""

    def __init__(self, source: VideoStream, reel: Reel, meter: Meter, orientation: int) -> None:
        self._reel, self._meter = reel, meter
        time_base = source.time_base
        assert time_base is not None, "FFmpeg gives every stream one"
        self._size = reels.even(shown_size(source, limits.MEDIA_CONVERTED_FRAME_PIXELS_MAX))
        width, height = self._size
        turned = (height, width) if images.is_lying(orientation) else self._size
        self._target = reel.add_video(turned, source.average_rate or RATE_USUAL, time_base)
        self._reformatter = VideoReformatter()
        self._graph = _turning(self._size, time_base, orientation)
        self._last = -1

    @property
    def size(self) -> tuple[int, int]:
        """How large the pictures become."""
        return self._target.width, self._target.height

    def take(self, packet: StreamPacket) -> None:
        """Decode one packet, and write what comes of it."""
        if packet.size:
            self._meter.see(packet, is_video=True)
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                self._draw(frame)
        if not packet.size:
            self._reel.draw(self._target, None)

    def _draw(self, frame: VideoFrame) -> None:
        pixels = frame.width * frame.height
        if pixels > limits.MEDIA_VIDEO_PIXELS_MAX:
            raise Refused("video_size", frame.width, frame.height)
        if pixels * self._meter.frames > limits.MEDIA_CONVERTED_PIXELS_MAX:
            raise Refused("work")
        time_base = frame.time_base
        if frame.pts is None or time_base is None:
            return
        at = frame.pts - self._meter.offset(time_base)
        if at <= self._last:
            return
        self._last = at
        plain = self._turn(frame)
        plain.pts, plain.time_base = at, time_base
        self._reel.draw(self._target, plain)

    def _turn(self, frame: VideoFrame) -> VideoFrame:
        width, height = self._size
        plain = self._reformatter.reformat(
            frame,
            width,
            height,
            "yuv420p",
            src_color_range=frame.color_range,
            dst_color_range="MPEG",
        )
        if self._graph is not None:
            self._graph.push(plain)
            plain = self._graph.vpull()
        # Where the old film began anew is nothing to the new one.
        plain.pict_type = 0
        return plain


class SoundedAgain:
    """Sound that is decoded and encoded, in one channel or in two."""

    def __init__(self, source: AudioStream, reel: Reel, meter: Meter, encoder: Encoder) -> None:
        self._reel, self._meter = reel, meter
        hertz = source.codec_context.sample_rate
        self.target: AudioStream = reel.add_sound(
            encoder,
            hertz if hertz in HERTZ else HERTZ[0],
            is_mono=source.codec_context.channels == 1,
        )

    def take(self, packet: StreamPacket) -> None:
        """Decode one packet, and write what comes of it."""
        if packet.size:
            self._meter.see(packet, is_video=False)
        for frame in packet.decode():
            if isinstance(frame, AudioFrame):
                if frame.pts is not None and frame.time_base is not None:
                    frame.pts -= self._meter.offset(frame.time_base)
                self._reel.sound(self.target, frame)
        if not packet.size:
            self._reel.sound(self.target, None)


def shown_size(source: VideoStream, pixels_max: int) -> tuple[int, int]:
    """How large a video is when its pixels are square, within a bound."""
    aspect, width = source.sample_aspect_ratio, source.width
    if aspect is not None and aspect > 0:
        width = max(1, round(width * aspect))
    return images.fit((width, source.height), pixels_max)


def _turning(size: tuple[int, int], time_base: Fraction, orientation: int) -> Graph | None:
    if orientation not in _TURNS:
        return None
    graph, plain = Graph(), VideoFormat("yuv420p")
    nodes = [graph.add_buffer(width=size[0], height=size[1], format=plain, time_base=time_base)]
    for turn in _TURNS[orientation]:
        name, _, argument = turn.partition("=")
        nodes.append(graph.add(name, argument or None))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
