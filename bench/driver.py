"""The driver in Python, for machines without wrk: `python -m bench.driver URL`, a load on stdin."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from itertools import count, cycle
from urllib.parse import urlsplit

from bench.loads import Load, Outcome

NOT_MODIFIED = 304


def _request(host: str, load: Load, line: Sequence[str], key: str) -> bytes:
    method, path, body = line
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
    if load.token:
        head += f"Authorization: Bearer {load.token}\r\n"
    if load.known:
        head += f"If-None-Match: {load.known}\r\n"
    if "{n}" in body:
        body = body.replace("{n}", key)
        head += f"Idempotency-Key: {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
    return f"{head}\r\n{body}".encode()


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    status = int(head.split(b" ", 2)[1])
    if status != NOT_MODIFIED:
        await reader.readexactly(length)
    return status


async def _drive(url: str, load: Load) -> Outcome:
    parts = urlsplit(url)
    numbers, turns = count(1), cycle(load.lines)
    outcome = Outcome()
    ends = time.monotonic() + load.seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while time.monotonic() < ends:
            began = time.monotonic()
            key = f"{load.name}{next(numbers)}"
            writer.write(_request(parts.netloc, load, next(turns), key))
            status = await _read_answer(reader)
            outcome.latencies_ms.append((time.monotonic() - began) * 1000)
            outcome.errors += status >= 300 and status != NOT_MODIFIED  # noqa: PLR2004
        writer.close()

    began = time.monotonic()
    await asyncio.gather(*(client() for _ in range(load.connections)))
    outcome.seconds = time.monotonic() - began
    taken = sorted(outcome.latencies_ms)
    outcome.requests = len(taken)
    outcome.p50_ms, outcome.p99_ms = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    outcome.latencies_ms = []
    return outcome


def main() -> None:
    """Read a load, send it, print what it met."""
    outcome = asyncio.run(_drive(sys.argv[1], Load(**json.load(sys.stdin))))
    sys.stdout.write(json.dumps(vars(outcome)))


if __name__ == "__main__":
    main()
