"""Notes: what H.264 has room for between its pictures, and how it is left out.

Runs in the decoder's process alone. Cameras write places, dates and their own numbers there, in
units of a kind that players skip. A video that is copied goes through here. FFmpeg has a filter
for this, but it changes how units are told apart, and only forgiving players read its films.
"""

from typing import Final

from av.packet import Packet
from av.stream import Stream

from stonechat.blobs.answers import Refused
from stonechat.blobs.reels import StreamPacket

_HEADER_BYTES_MIN: Final = 7
_HEADER_VERSION: Final = 1
_KIND: Final = 0x1F
_NOTE: Final = 6


def find_prefix_bytes(header: bytes | None) -> int | None:
    """How many bytes say how long a unit is; None for a video that does not tell them apart so."""
    if header is None or len(header) < _HEADER_BYTES_MIN or header[0] != _HEADER_VERSION:
        return None
    return (header[4] & 3) + 1


def drop(packet: StreamPacket, prefix_bytes: int) -> list[StreamPacket]:
    """The packet without its notes, or nothing where it holds nothing else."""
    content = bytes(packet)
    kept = _without_notes(content, prefix_bytes)
    if len(kept) == len(content):
        return [packet]
    if not kept:
        return []
    clean: Packet[Stream] = Packet(kept)
    clean.pts, clean.dts, clean.duration = packet.pts, packet.dts, packet.duration
    clean.time_base, clean.is_keyframe = packet.time_base, packet.is_keyframe
    return [clean]


def _without_notes(content: bytes, prefix_bytes: int) -> bytes:
    kept = bytearray()
    at = 0
    while at < len(content):
        begins = at + prefix_bytes
        ends = begins + int.from_bytes(content[at:begins])
        if ends > len(content):
            raise Refused("broken")
        if begins == ends or content[begins] & _KIND != _NOTE:
            kept += content[at:ends]
        at = ends
    return bytes(kept)
