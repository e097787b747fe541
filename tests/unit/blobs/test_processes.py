"""Decoders that misbehave: they are not believed, not waited for, and never left alone."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import CapturingLogger

from stonechat.blobs import processes, workshop
from stonechat.kernel.errors import InvalidInput, Unavailable
from tests import films, pictures
from tests.unit.blobs.conftest import Bench, until

PYTHON = sys.executable
Acting = Callable[[str], None]


@pytest.fixture
def acting(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Acting:
    """From now on another program runs instead of the decoder."""
    program = tmp_path_factory.mktemp("program") / "program"

    def act(body: str) -> None:
        program.write_text(f"#!{PYTHON} -IS\nimport os, sys, time\n{body}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))

    return act


STILL = '"still":{"suffix":"jpg","width":1,"height":1}'
SHOWN = '"preview":{"suffix":"jpg","width":1,"height":1},"blurhash":"LEHV6nWB2yk8"'
FILM = '"film":{"suffix":"mp3","duration_s":1.0,"sound":{"codec":"mp3","hertz":1,"channels":1}}'
PICTURE = "{" + STILL + "," + SHOWN + "}"
LIES = {
    "nothing": "",
    "no json": "hello",
    "a list": "[]",
    "not utf-8": "\\xff\\xfe",
    "another word": '{"answer":1}',
    "an unknown refusal": '{"refusal":"because"}',
    "a sentence of its own": '{"refusal":"<b>hello</b>"}',
    "a suffix of its own": PICTURE.replace("jpg", "html"),
    "a path": PICTURE.replace("jpg", "../x"),
    "no size": PICTURE.replace('"width":1', '"width":0'),
    "a huge size": PICTURE.replace('"width":1', '"width":70000'),
    "no number": PICTURE.replace('"width":1', '"width":"1"'),
    "a blurhash with markup": PICTURE.replace("LEHV6nWB2yk8", "<script>"),
    "no preview": "{" + STILL + "}",
    "a file that is not there": PICTURE,
    "two things at once": "{" + STILL + "," + FILM + "," + SHOWN + "}",
    "a song that is none": "{" + FILM + "}",
    "no end": "x" * 100_000,
}


@pytest.mark.parametrize("lie", LIES)
async def test_s104_a_decoder_is_not_believed(bench: Bench, acting: Acting, lie: str) -> None:
    """S104: a process that a file has taken over says what that file wants."""
    acting(f"os.write(1, b'+' + b'''{LIES[lie]}''')")
    with pytest.raises(InvalidInput, match="damaged or incomplete"):
        await bench.make(pictures.plain("JPEG"))
    assert bench.names() == {"source-1"}


async def test_s104_what_a_decoder_wrote_is_looked_at(bench: Bench, acting: Acting) -> None:
    """S104: its word for a JPEG is not enough."""
    jpeg = "b'\\xff\\xd8\\xff\\xe0'"
    ending = f"os.write(1, b'+' + b'''{PICTURE}''')"
    for file, preview in ((jpeg, "b'<html>'"), ("b'<html>'", jpeg)):
        acting(
            f"os.write(int(sys.argv[6]), {file})\nos.write(int(sys.argv[7]), {preview})\n{ending}"
        )
        with pytest.raises(InvalidInput, match="damaged or incomplete"):
            await bench.make(pictures.plain("JPEG"))
    acting(f"os.write(int(sys.argv[6]), {jpeg})\nos.write(int(sys.argv[7]), {jpeg})\n{ending}")
    assert (await bench.make(pictures.plain("JPEG"))).made.type == "image"


@pytest.mark.parametrize("body", ["time.sleep(60)", "os.close(1)\ntime.sleep(60)"])
async def test_s104_a_decoder_that_does_not_end_is_ended(
    bench: Bench, acting: Acting, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """S104: silent or not, it has its time and no more."""
    monkeypatch.setattr(processes.limits, "MEDIA_IMAGE_WALL_SECONDS_MAX", 0.1)
    monkeypatch.setattr(processes, "GRACE_S", 0.1)
    acting(f"os.write(1, b'+')\n{body}")
    started = time.monotonic()
    with pytest.raises(InvalidInput, match="too much time or memory"):
        await bench.make(pictures.plain("JPEG"))
    assert time.monotonic() - started < 5
    assert bench.names() == {"source-1"}


async def test_s104_a_decoder_knows_nothing_of_ours(
    bench: Bench, acting: Acting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """S104: no environment, and no file but those of its order."""
    seen = tmp_path_factory.mktemp("seen") / "seen"
    held = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(held, True)  # noqa: FBT003 - so is its signature
    acting(
        "place = '/proc/self/fd/'\n"
        "files = [os.path.realpath(place + each) for each in os.listdir(place)]\n"
        f"open({str(seen)!r}, 'w').write(' '.join(['=', *os.environ, '=', *files]))"
    )
    with pytest.raises(Unavailable):
        await bench.make(pictures.plain("JPEG"))
    os.close(held)
    _, environment, files = seen.read_text().split("=")
    # The locale is Python's own doing.
    assert set(environment.split()) <= {"LC_CTYPE"}
    assert "/etc/passwd" not in files
    assert len([each for each in files.split() if each.startswith(str(bench.folder))]) == 3


async def test_a_decoder_that_does_not_start_is_our_fault(
    bench: Bench, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting("sys.exit(1)")
    with pytest.raises(Unavailable):
        await bench.make(pictures.plain("JPEG"))
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(Unavailable):
        await bench.make(pictures.plain("JPEG"))
    assert bench.names() == {"source-1", "source-2"}


async def test_a_system_without_a_filter_is_told_of_once(
    bench: Bench,
    acting: Acting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "_warned", set())
    # Other tests may have said for this process where logs go, and which of them.
    told = CapturingLogger()
    log = structlog.wrap_logger(
        told, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    monkeypatch.setattr(processes, "_log", log)
    acting('os.write(1, b\'-{"refusal":"broken"}\')')
    for _ in range(2):
        assert "damaged" in await bench.refusal(pictures.plain("JPEG"))
    assert [call.kwargs["event"] for call in told.calls] == ["decoder.unconfined"]


async def test_the_queue_has_an_end(
    bench: Bench, acting: Acting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    go = tmp_path_factory.mktemp("go") / "go"
    acting(
        f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
        'os.write(1, b\'+{"refusal":"broken"}\')'
    )
    inside = workshop.PROCESSES_AT_ONCE_MAX + workshop.PICTURES_WAITING_MAX
    content = pictures.plain("JPEG")
    tasks = [asyncio.create_task(bench.make(content)) for _ in range(inside + 3)]
    await until(lambda: sum(task.done() for task in tasks) == 3)
    assert len({name for name in bench.names() if name.endswith(".part")}) <= 4
    go.touch()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(each, Unavailable) for each in done) == 3
    assert sum(isinstance(each, InvalidInput) for each in done) == inside
    # And then there is room again.
    assert "damaged" in await bench.refusal(content)


async def test_whoever_waits_no_longer_leaves_no_process(
    bench: Bench, acting: Acting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    note = tmp_path_factory.mktemp("note") / "note"
    acting(f"open({str(note)!r}, 'w').write(str(os.getpid()))\nos.write(1, b'+')\ntime.sleep(60)")
    task = asyncio.create_task(bench.make(pictures.plain("JPEG")))
    await until(lambda: note.exists() and note.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not Path("/proc", note.read_text()).exists())
    await until(lambda: bench.names() == {"source-1"})


SERVER = """
import asyncio, os, signal
from pathlib import Path
from stonechat.blobs import workshop

async def main():
    folder = Path({folder!r})
    work = asyncio.create_task(workshop.make(folder / "source", folder, kind="film"))
    while True:
        await asyncio.sleep(0.01)
        for path in Path("/proc/self/task").glob("*/children"):
            for child in path.read_text().split():
                if "NoNewPrivs:\\t1" in Path("/proc", child, "status").read_text():
                    print(child, flush=True)
                    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a child of it")
def test_a_decoder_ends_with_the_server_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(films.film(video="mpeg4", frames=60, size=(1280, 720)))
    program = SERVER.format(folder=str(tmp_path))
    server = subprocess.run(
        [sys.executable, "-c", program], check=False, stdout=subprocess.PIPE, timeout=30
    )
    status = Path("/proc", server.stdout.decode().strip(), "stat")
    for _ in range(500):
        # Where nobody collects the dead, as in some containers, it stays as one of them.
        if not status.exists() or status.read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError("it works on for nobody")
