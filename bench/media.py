"""What it costs to take pictures: `python -m bench.media` prints one line for each figure.

Both are measured in this process, which does what the server does: it starts a decoder and waits.
The lag of the loop is how much later than asked a task wakes that asks for a millisecond.
"""

import asyncio
import io
import tempfile
import time
from pathlib import Path

import uvloop
from PIL import Image

from stonechat.blobs import workshop
from stonechat.kernel.errors import InvalidInput
from tests import pictures

JPEG_BYTES = 8_000_000
JPEG_SIZE = (6000, 4000)
ROUNDS = 5
PROBE_S = 0.001
BOMB_SIDE = 50_000


def jpeg_figure() -> str:
    """How long a photograph of 8 MB takes, and how late the loop is meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "photograph"
        source.write_bytes(_photograph())
        size_mb = source.stat().st_size / 1e6
        taken_s, lag_ms = uvloop.run(_take(source))
    return (
        f"JPEG of {size_mb:.1f} MB, {JPEG_SIZE[0]} x {JPEG_SIZE[1]}, {taken_s:.2f} s"
        f" (slowest of {ROUNDS}), loop lags {lag_ms:.1f} ms at most"
    )


def bomb_figure() -> str:
    """What a small PNG that says it is huge costs the process that takes it."""
    with tempfile.TemporaryDirectory() as name:
        source, small = Path(name) / "bomb", Path(name) / "small"
        source.write_bytes(pictures.claiming(BOMB_SIDE, BOMB_SIDE, BOMB_SIDE))
        small.write_bytes(pictures.claiming(BOMB_SIDE, BOMB_SIDE))
        size_kb = source.stat().st_size / 1e3
        # The first decoder brings threads and modules along, whatever it is started for.
        uvloop.run(_refuse(small))
        before_mb = _forget_peak_mb()
        started = time.perf_counter()
        refusal = uvloop.run(_refuse(source))
        taken_s = time.perf_counter() - started
        grown_mb = _status_mb("VmHWM") - before_mb
    return (
        f"PNG of {size_kb:.0f} KB that declares {BOMB_SIDE} x {BOMB_SIDE}, refused in"
        f" {taken_s:.2f} s, the server grows {grown_mb:.1f} MB: {refusal}"
    )


def _photograph() -> bytes:
    """A picture as busy as a camera's: about as many bytes as are asked for."""
    noise = Image.effect_noise(JPEG_SIZE, 60)
    slope = Image.linear_gradient("L").resize(JPEG_SIZE)
    image = Image.merge("RGB", (noise, slope, slope.transpose(Image.Transpose.ROTATE_180)))
    target = io.BytesIO()
    for quality in range(90, 20, -5):
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality)
        if target.tell() <= JPEG_BYTES * 1.05:
            break
    return target.getvalue()


async def _take(source: Path) -> tuple[float, float]:
    lags: list[float] = []
    probe = asyncio.create_task(_probe(lags))
    slowest_s = 0.0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await workshop.make(source, source.parent, kind="picture")
        slowest_s = max(slowest_s, time.perf_counter() - started)
    probe.cancel()
    return slowest_s, max(lags) * 1000


async def _probe(lags: list[float]) -> None:
    while True:
        asked = time.perf_counter() + PROBE_S
        await asyncio.sleep(PROBE_S)
        lags.append(time.perf_counter() - asked)


async def _refuse(source: Path) -> str:
    try:
        await workshop.make(source, source.parent, kind="picture")
    except InvalidInput as refusal:
        return refusal.message
    return "IT WAS TAKEN"


def _forget_peak_mb() -> float:
    """Begin anew to remember the most memory that this process had; what it has now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status_mb("VmRSS")


def _status_mb(field: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


if __name__ == "__main__":
    print(jpeg_figure())
    print(bomb_figure())
