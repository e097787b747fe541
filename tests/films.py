"""Films and songs for tests: good ones, odd ones and hostile ones; all made here, and short."""

import io
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

SECRET = "52.520008 North"
RATE = 24
RED, BLUE = (230, 10, 10), (10, 10, 230)


@dataclass
class Clip:
    """What a film is to be like. It is red, and blue in its left upper corner."""

    video: str | None = "libx264"
    sound: str | None = "aac"
    frames: int = 12
    step: int = 1
    """For how many frames' time each frame is shown."""
    starts: int = 0
    size: tuple[int, int] = (64, 48)
    pixels: str = "yuv420p"
    turned: int = 0
    mirrored: bool = False
    hertz: int = 48_000
    channels: str = "stereo"
    metadata: Mapping[str, str] = field(default_factory=dict)
    cover: bytes | None = None


def film(kind: str = "mp4", **more: Any) -> bytes:
    """Half a second of a film, unless it is to be otherwise."""
    clip, target = Clip(**more), io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        container.metadata.update(clip.metadata)
        picture = None if clip.video is None else _add_pictures(container, clip)
        noise = None if clip.sound is None else _add_noise(container, clip)
        covering = None if clip.cover is None else _add_cover(container, clip.cover)
        if picture is not None:
            _draw(container, picture, clip)
        if noise is not None:
            _hum(container, noise, clip)
        if covering is not None:
            container.mux(covering)
    return target.getvalue()


def song(kind: str, codec: str, **more: Any) -> bytes:
    """Half a second of a humming."""
    return film(kind, video=None, sound=codec, **more)


def _add_pictures(container: OutputContainer, clip: Clip) -> VideoStream:
    assert clip.video is not None
    quiet = {"x265-params": "log-level=none"} if clip.video == "libx265" else {}
    track = container.add_stream(clip.video, rate=RATE, options=quiet)
    assert isinstance(track, VideoStream)
    track.width, track.height = clip.size
    track.pix_fmt = clip.pixels
    if clip.turned or clip.mirrored:
        track.set_display_rotation(clip.turned, hflip=clip.mirrored)
    track.metadata.update(clip.metadata)
    return track


def _add_noise(container: OutputContainer, clip: Clip) -> AudioStream:
    assert clip.sound is not None
    track = container.add_stream(clip.sound, rate=clip.hertz, options={"strict": "experimental"})
    assert isinstance(track, AudioStream)
    track.codec_context.layout = clip.channels
    return track


def _add_cover(container: OutputContainer, content: bytes) -> av.Packet:
    stream = container.add_mux_stream("mjpeg", width=60, height=40)
    stream.disposition = Disposition.attached_pic
    packet = av.Packet(content)
    packet.stream, packet.pts, packet.dts, packet.time_base = stream, 0, 0, Fraction(1, 90_000)
    return packet


def _draw(container: OutputContainer, track: VideoStream, clip: Clip) -> None:
    image = Image.new("RGB", clip.size, RED)
    image.paste(BLUE, (0, 0, clip.size[0] // 2, clip.size[1] // 2))
    for number in range(clip.frames):
        frame = av.VideoFrame.from_image(image)
        frame.pts, frame.time_base = clip.starts + number * clip.step, Fraction(1, RATE)
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def _hum(container: OutputContainer, track: AudioStream, clip: Clip) -> None:
    samples = clip.frames * clip.step * clip.hertz // RATE
    for at in range(0, samples, 960):
        wave = [int(8000 * math.sin(n / 10)) for n in range(at, min(at + 960, samples))]
        frame = av.AudioFrame("s16", "mono", len(wave))
        frame.planes[0].update(struct.pack(f"<{len(wave)}h", *wave))
        frame.sample_rate, frame.time_base = clip.hertz, Fraction(1, clip.hertz)
        frame.pts = clip.starts * clip.hertz // RATE + at
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def noted(content: bytes, text: str) -> bytes:
    """A film of H.264 that says something between its pictures, as cameras do."""
    said = bytes(16) + text.encode()
    note = b"\x06\x05" + bytes([len(said)]) + said + b"\x80"
    target = io.BytesIO()
    with av.open(io.BytesIO(content), "r") as old, av.open(target, "w", format="mp4") as new:
        source = old.streams.video[0]
        track = new.add_stream_from_template(source)
        for packet in old.demux(source):
            if packet.size:
                new.mux(_with_note(packet, note, track))
    return target.getvalue()


def _with_note(packet: av.Packet, note: bytes, track: VideoStream) -> av.Packet:
    more = av.Packet(struct.pack(">I", len(note)) + note + bytes(packet))
    more.pts, more.dts, more.duration = packet.pts, packet.dts, packet.duration
    more.time_base, more.is_keyframe, more.stream = packet.time_base, packet.is_keyframe, track
    return more


def frames_of(content: bytes) -> list[Image.Image]:
    """Every picture of a film, as a player shows it."""
    with av.open(io.BytesIO(content), "r") as container:
        turns = {90: Image.Transpose.ROTATE_90, -90: Image.Transpose.ROTATE_270}
        turns |= dict.fromkeys((180, -180), Image.Transpose.ROTATE_180)
        return [
            frame.to_image().transpose(turns[frame.rotation])
            if frame.rotation
            else frame.to_image()
            for frame in container.decode(video=0)
        ]


def tracks_of(content: bytes) -> dict[str, str]:
    """The kinds of the tracks of a film, and how each is encoded."""
    with av.open(io.BytesIO(content), "r") as container:
        return {each.type: each.codec_context.name for each in container.streams}


def seconds_of(content: bytes) -> float:
    """How long a film says it is."""
    with av.open(io.BytesIO(content), "r") as container:
        return (container.duration or 0) / 1_000_000
