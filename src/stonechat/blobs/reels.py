"""Reels: what FFmpeg reads from and writes to, and how moving pictures are encoded.

Runs in the decoder's process alone. FFmpeg gets no name of a file and no address: it reads and
writes through a `Window` on a descriptor that is open already. When a container wants to look at
some other file, as play lists and some films do, it is refused before the kernel is asked.
"""

# PyAV's types leave gaps, which show in most of its methods. They end in this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import os
import struct
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import TracebackType
from typing import Final, Literal, NoReturn, Self, TypeAlias, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from stonechat.domain import limits

StreamPacket: TypeAlias = "Packet[Stream]"
Encoder = Literal["aac", "libmp3lame"]
Suffix = Literal["mp4", "m4a", "mp3"]

SOUND_BITS_PER_S: Final[Mapping[Encoder, int]] = {"aac": 128_000, "libmp3lame": 192_000}
"""Of two channels; one gets half of it."""
STREAMS_MAX: Final = 16
THREADS_MAX: Final = 2
QUALITY: Final = "23"
"""x264's scale: smaller is better and larger; 18 cannot be told from the original."""

DECODERS: Final = frozenset(
    {
        "h264",
        "hevc",
        "libdav1d",
        "mjpeg",
        "mpeg4",
        "prores",
        "theora",
        "vp8",
        "vp9",
        "aac",
        "alac",
        "amrnb",
        "amr_nb",
        "flac",
        "mp3",
        "mp3float",
        "opus",
        "pcm_alaw",
        "pcm_f32le",
        "pcm_mulaw",
        "pcm_s16be",
        "pcm_s16le",
        "pcm_s24le",
        "pcm_s32le",
        "pcm_u8",
        "vorbis",
    }
)
"""FFmpeg's decoders that a stranger's bytes are given to; it has five hundred."""
DEMUXERS: Final[Mapping[str, str]] = {
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska": "matroska,webm",
    "ogg": "ogg",
    "mp3": "mp3",
    "flac": "flac",
    "wav": "wav",
    "aac": "aac",
}
"""The one reader of each of our formats. Play lists and subtitles have none."""

_NO_PROTOCOL: Final = "none"
# What a film is called, who made it, where and with what: nothing of that is written.
_MUXERS: Final[Mapping[Suffix, tuple[str, dict[str, str]]]] = {
    "mp4": ("mp4", {"movflags": "+faststart", "fflags": "+bitexact"}),
    "m4a": ("ipod", {"movflags": "+faststart", "fflags": "+bitexact"}),
    "mp3": ("mp3", {"id3v2_version": "0", "write_id3v1": "0", "fflags": "+bitexact"}),
}

_ORIENTATIONS: Final = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""Where the two axes of a matrix lead, as the signs of its four corners say."""


class Window:
    """Some file's bytes, at any place. It shares no position with anybody."""

    name: str = ""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._at = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        chunk = os.pread(self._descriptor, size, self._at)
        self._at += len(chunk)
        return chunk

    def write(self, chunk: bytes) -> int:
        """Put bytes where the last ones ended."""
        written = os.pwrite(self._descriptor, chunk, self._at)
        self._at += written
        return written

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere."""
        if whence == os.SEEK_END:
            # Asking how large a file is would be a call that the sandbox does not let through.
            offset += os.lseek(self._descriptor, 0, os.SEEK_END)
        elif whence == os.SEEK_CUR:
            offset += self._at
        self._at = offset
        return offset

    def tell(self) -> int:
        """Where the next byte is."""
        return self._at


def open_input(descriptor: int, name: str) -> InputContainer:
    """A film, by the one reader of its format."""
    demuxer = DEMUXERS[name]
    decoders = ",".join(sorted(DECODERS))
    return av.open(
        Window(descriptor),
        "r",
        format=demuxer,
        options={"max_pixels": str(limits.MEDIA_IMAGE_PIXELS_MAX)},
        container_options={
            "protocol_whitelist": _NO_PROTOCOL,
            "format_whitelist": demuxer,
            "codec_whitelist": decoders,
            "max_streams": str(STREAMS_MAX),
        },
        metadata_errors="replace",
        io_open=_refuse,
    )


def _refuse(_url: str, _flags: int, _options: Mapping[str, str]) -> NoReturn:
    raise PermissionError("a film refers to some other file")


class Reel:
    """A new film, of which nothing is known but what is put into it."""

    def __init__(self, descriptor: int, suffix: Suffix) -> None:
        muxer, options = _MUXERS[suffix]

        def reopen(_url: str, _flags: int, _options: Mapping[str, str]) -> Window:
            # When all is written, the table of contents is moved to the front: for that the
            # muxer reads its own file.
            return Window(descriptor)

        self._container: OutputContainer = av.open(
            Window(descriptor), "w", format=muxer, container_options=options, io_open=reopen
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What broke off is nobody's film: it is not even ended.
        if error is None:
            self._container.close()

    def add_video(self, size: tuple[int, int], rate: Fraction, time_base: Fraction) -> VideoStream:
        """The track for moving pictures that are encoded; `size` is even both ways."""
        stream = self._container.add_stream(
            "libx264",
            rate=rate,
            options={"preset": "veryfast", "crf": QUALITY, "threads": str(THREADS_MAX)},
            width=size[0],
            height=size[1],
            time_base=time_base,
        )
        stream.pix_fmt = "yuv420p"
        # Without that the last picture is shown for as long as a film of 25 a second would.
        stream.codec_context.flags |= Flags.frame_duration
        return stream

    def add_sound(self, encoder: Encoder, hertz: int, *, is_mono: bool) -> AudioStream:
        """The track for sound that is encoded."""
        stream = self._container.add_stream(encoder, rate=hertz)
        stream.codec_context.layout = "mono" if is_mono else "stereo"
        bits = SOUND_BITS_PER_S[encoder]
        stream.codec_context.bit_rate = bits // 2 if is_mono else bits
        return stream

    def add_copy(self, source: Stream) -> Stream:
        """The track for packets that are taken over as they are."""
        return self._container.add_stream_from_template(source)

    def draw(self, track: VideoStream, frame: VideoFrame | None) -> None:
        """Encode and write a picture; None is the end."""
        self._container.mux(track.encode(frame))

    def sound(self, track: AudioStream, frame: AudioFrame | None) -> None:
        """Encode and write a bit of sound; None is the end."""
        self._container.mux(track.encode(frame))

    def put(self, packet: StreamPacket) -> None:
        """Write a packet that belongs to one of the tracks."""
        self._container.mux(packet)


def to_image(frame: VideoFrame, size: tuple[int, int]) -> Image.Image:
    """A picture of a film as one that stands still."""
    return frame.to_image(width=size[0], height=size[1])


def to_frame(image: Image.Image) -> VideoFrame:
    """A picture as one of a film."""
    return VideoFrame.from_image(image)


def orientation_of(frame: VideoFrame) -> int:
    """How a picture is to be turned, as EXIF numbers it; what is no right angle counts as none."""
    for each in cast("Iterable[SideData]", frame.side_data):
        if each.type is SideDataType.DISPLAYMATRIX:
            a, b, _, c, d = struct.unpack_from("=5i", bytes(each))
            return _ORIENTATIONS.get((_sign(a), _sign(b), _sign(c), _sign(d)), 1)
    return 1


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def even(size: tuple[int, int]) -> tuple[int, int]:
    """The nearest size that H.264 can be in: its colours have half the width and height."""
    return max(2, size[0] & ~1), max(2, size[1] & ~1)
