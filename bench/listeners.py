"""Listeners: one beacon changes, and ten thousand open pages hear of it from one process.

The listeners are raw sockets in two processes of their own (`python -m bench.listeners`), which say
when each of them had the new value. Server and listeners share the machine's cores, so a part of
what is measured is the listeners' own work.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Final, Self, cast

import uvloop

from bench.servers import Server, Site, serving

LISTENERS: Final = 10_000
PROCESSES: Final = 2
CHANGES: Final = 5
SPARE_FILES: Final = 500
_CONNECTING_AT_ONCE: Final = 100
# What a browser sends: as long as a page is open some of it may stay in memory.
_HEAD: Final = """GET /s/{share_id}/events HTTP/1.1\r
Host: 127.0.0.1:{port}\r
Connection: keep-alive\r
sec-ch-ua-platform: "Linux"\r
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0\r
Accept: text/event-stream\r
sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"\r
sec-ch-ua-mobile: ?0\r
Sec-Fetch-Site: same-origin\r
Sec-Fetch-Mode: cors\r
Sec-Fetch-Dest: empty\r
Referer: http://127.0.0.1:{port}/s/{share_id}\r
Accept-Encoding: gzip, deflate, br, zstd\r
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r
Cache-Control: no-cache\r
\r
"""
_PATIENCE_S: Final = 30
_KEPT_BYTES: Final = 1024


def listeners_figure(site: Site, total: int = LISTENERS) -> str:
    """The line of figures: how late the change is heard, and what the listeners cost."""
    if not _raise_files(total + SPARE_FILES):
        return f"one change to {total:,} listeners: not measured, too few files may be open here"
    with ExitStack() as stack:
        server = stack.enter_context(serving(site))
        _, token = site.account("anna")
        fields = {"name": "The bakery", "value": "FIRST", "accessType": "public"}
        made = site.call("POST", "/v1/status", token, **fields)
        idle_mb = server.memory_mb()
        began_s = server.cpu_s()
        crowds = [
            stack.enter_context(_Crowd(site.port, made["id"][:6], total // PROCESSES))
            for _ in range(PROCESSES)
        ]
        for crowd in crowds:
            crowd.read()
        opening_ms = (server.cpu_s() - began_s) / total * 1e3
        memory_mb = server.memory_mb()
        late_ms, cpu_s = _change(site, server, crowds, token, made["id"])
        most_mb = server.memory_mb()
    p50, p99 = (late_ms[len(late_ms) * percent // 100] for percent in (50, 99))
    return (
        f"one change to {total:,} listeners, {CHANGES} times: p50 {p50:.0f} ms, p99 {p99:.0f} ms,"
        f" max {late_ms[-1]:.0f} ms, {cpu_s / CHANGES:.2f} s of server CPU a change,"
        f" {opening_ms:.2f} ms to open one, {memory_mb:.0f} MB resident"
        f" ({idle_mb:.0f} MB before, {most_mb:.0f} MB afterwards)"
    )


def _change(
    site: Site, server: Server, crowds: "list[_Crowd]", token: str, status_id: str
) -> tuple[list[float], float]:
    """How late each listener heard each change, in order, and the CPU time of the server."""
    late_ms: list[float] = []
    before_s = server.cpu_s()
    for number in range(CHANGES):
        value = f"VALUE {number}"
        for crowd in crowds:
            crowd.await_value(value)
        began = time.monotonic()
        site.call("PATCH", f"/v1/status/{status_id}", token, value=value)
        for crowd in crowds:
            late_ms += [(at - began) * 1000 for at in crowd.read()]
    return sorted(late_ms), server.cpu_s() - before_s


def _raise_files(wanted: int) -> bool:
    """Let the server and its listeners hold so many files; they inherit the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return False
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return True


class _Crowd:
    """A process of listeners, as this one sees it."""

    def __init__(self, port: int, share_id: str, total: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.listeners", str(port), share_id, str(total)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def await_value(self, value: str) -> None:
        """Say what is to come, and wait until that was understood."""
        assert self._process.stdin is not None
        self._process.stdin.write(value + "\n")
        self._process.stdin.flush()
        self.read()

    def read(self) -> list[float]:
        """When each of them had what was awaited; an empty list says that they are ready."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("A process of listeners ended before its time.")
        return json.loads(line)


# The other process ---------------------------------------------------------------------------


class _Awaited:
    """What all listeners of this process wait for, and when they had it."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.value = b"FIRST"
        self.times: list[float] = []
        self.is_complete = asyncio.Event()

    def await_value(self, value: bytes) -> None:
        """Begin anew."""
        self.value, self.times = value, []
        self.is_complete.clear()

    def note(self) -> None:
        """One more has it."""
        self.times.append(time.monotonic())
        if len(self.times) == self.total:
            self.is_complete.set()


class _Listener(asyncio.Protocol):
    def __init__(self, awaited: _Awaited, request: bytes) -> None:
        self._awaited = awaited
        self._request = request
        self._kept = b""
        self._had = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own transports are none of asyncio's classes.
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._kept = (self._kept + data)[-_KEPT_BYTES:]
        wanted = self._awaited.value
        if self._had != wanted and b'"%b"' % wanted in self._kept:
            self._had, self._kept = wanted, b""
            self._awaited.note()

    def connection_lost(self, exc: Exception | None) -> None:
        sys.exit(f"A listener was cut off: {exc}")


async def _listen(port: int, share_id: str, total: int) -> None:
    loop = asyncio.get_running_loop()
    awaited = _Awaited(total)
    request = _HEAD.format(share_id=share_id, port=port).encode()
    for start in range(0, total, _CONNECTING_AT_ONCE):
        connecting = (
            loop.create_connection(lambda: _Listener(awaited, request), "127.0.0.1", port)
            for _ in range(min(_CONNECTING_AT_ONCE, total - start))
        )
        await asyncio.gather(*connecting)
    async with asyncio.timeout(_PATIENCE_S):
        await awaited.is_complete.wait()
    _tell([])
    while line := await asyncio.to_thread(sys.stdin.readline):
        awaited.await_value(line.strip().encode())
        _tell([])
        async with asyncio.timeout(_PATIENCE_S):
            await awaited.is_complete.wait()
        _tell(awaited.times)


def _tell(times: list[float]) -> None:
    sys.stdout.write(json.dumps(times) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Listen to a beacon with so many sockets, and say when they had what was awaited."""
    port, share_id, total = sys.argv[1:]
    uvloop.run(_listen(int(port), share_id, int(total)))


if __name__ == "__main__":
    main()
