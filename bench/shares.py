"""`python -m bench.shares`: what reading a public beacon costs, with and without an ETag.

Prints a line for each format and answer. ENGINE=postgres takes PostgreSQL, BENCH_SECONDS is the
length of a case. What wrk calls an error here is none: it knows nothing of 304.
"""

import asyncio
import os
import sys
import tempfile
import urllib.request
from pathlib import Path

from bench.loads import Load, send
from bench.servers import Server, Site, free_port, serving
from stonechat.config import read_settings
from stonechat.domain.beacons import BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services import beacons
from stonechat.services.rooms import open_rooms
from tests.postgres_server import running_server

SECONDS = 4
ENDINGS = (".json", ".txt", ".svg")


async def _light(site: Site, account_id: str) -> str:
    async with open_rooms(read_settings(site.environment)) as rooms:
        form = BeaconForm(name="Bakery", value="open", access="public", description="Rye at ten")
        view = await beacons.create_beacon(rooms.env, Viewer(AccountId(int(account_id))), form)
        return view.beacon.id


def _measure(server: Server, load: Load) -> None:
    before = server.cpu_s()
    outcome = send(load, f"http://127.0.0.1:{server.site.port}")
    cpu_us = (server.cpu_s() - before) / max(outcome.requests, 1) * 1e6
    sys.stdout.write(
        f"{load.name}, {outcome.requests / outcome.seconds:,.0f} requests/s,"
        f" p99 {outcome.p99_ms:.2f} ms, {cpu_us:.0f} server CPU µs/request\n"
    )
    sys.stdout.flush()


def _run(site: Site, seconds: int) -> None:
    account_id, _ = site.account("anna")
    beacon_id = asyncio.run(_light(site, account_id))
    with serving(site) as server:
        for ending in ENDINGS:
            path = f"/s/{beacon_id}{ending}"
            with urllib.request.urlopen(f"http://127.0.0.1:{site.port}{path}") as answer:
                etag = answer.headers["etag"]
            line = [("GET", path, "")]
            _measure(server, Load(f"GET {ending}, 200", "", line, seconds=seconds))
            _measure(server, Load(f"GET {ending}, 304", "", line, seconds=seconds, known=etag))


def main() -> None:
    """Run every case."""
    seconds = int(os.environ.get("BENCH_SECONDS", SECONDS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.environ.get("ENGINE", "sqlite") == "sqlite":
            _run(Site(folder, free_port()), seconds)
            return
        folder.chmod(0o755)
        with running_server() as server:
            url = server.url_of(asyncio.run(server.create()))
            _run(Site(folder, free_port(), url), seconds)


if __name__ == "__main__":
    main()
