"""The driver in Python, for machines without wrk: `python -m bench.driver URL`, a load on stdin."""

import asyncio
import json
import sys
import time
from itertools import count, cycle
from urllib.parse import urlsplit

from bench.loads import Outcome


def _request(host: str, token: str, line: list[str], key: str) -> bytes:
    method, path, body = line
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    if body:
        body = body.replace("{n}", key)
        head += (
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
            f"Content-Length: {len(body.encode())}\r\n"
        )
    return f"{head}\r\n{body}".encode()


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def _drive(url: str, name: str, token: str, lines: list[list[str]], **how: int) -> Outcome:
    parts = urlsplit(url)
    numbers, turns = count(1), cycle(lines)
    outcome = Outcome()
    ends = time.monotonic() + how["seconds"]

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while time.monotonic() < ends:
            began = time.monotonic()
            writer.write(_request(parts.netloc, token, next(turns), f"{name}{next(numbers)}"))
            status = await _read_answer(reader)
            outcome.latencies_ms.append((time.monotonic() - began) * 1000)
            outcome.errors += status >= 300  # noqa: PLR2004
        writer.close()

    began = time.monotonic()
    await asyncio.gather(*(client() for _ in range(how["connections"])))
    outcome.seconds = time.monotonic() - began
    taken = sorted(outcome.latencies_ms)
    outcome.requests = len(taken)
    outcome.p50_ms, outcome.p99_ms = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    outcome.latencies_ms = []
    return outcome


def main() -> None:
    """Read a load, send it, print what it met."""
    name, token, lines, connections, seconds = json.load(sys.stdin)
    outcome = asyncio.run(
        _drive(sys.argv[1], name, token, lines, connections=connections, seconds=seconds)
    )
    sys.stdout.write(json.dumps(vars(outcome)))


if __name__ == "__main__":
    main()
