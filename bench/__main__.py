"""`python -m bench`: prints one line per case, then the counts of the kill drill.

ENGINE=postgres takes PostgreSQL (the embedded one, or the server that
STONECHAT_TEST_POSTGRES_URL names) instead of SQLite. BENCH_SECONDS sets the length of a case.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.beacons import beacon_cases, change_drill, updater_drill
from bench.community import category_figure, community_cases
from bench.drills import kill_drill
from bench.listeners import listeners_figure
from bench.loads import CONNECTIONS, SECONDS, Load, has_wrk, send
from bench.media import bomb_figure, jpeg_figure
from bench.schedules import schedule_drill
from bench.seeds import Seeds, converse, follow_each_other, make_people, speak
from bench.servers import Server, Site, free_port, serving
from bench.webhooks import webhook_figure
from tests.postgres_server import running_server

HOT_STATUSES = 200
COLD_STATUSES = 5_000
MARKS = 2_000
ROUNDS = 20
_ALONE = {"STONECHAT_LINK_CARDS": "off"}
"""What a server asks of others would be measured with it, and there are no others here."""


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def _site(engine: str, folder: Path, **more: str) -> Iterator[Site]:
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        yield Site(folder, free_port(), None, {**_ALONE, **more})
        return
    with running_server(is_durable=True) as server:
        name = asyncio.run(server.create())
        yield Site(folder, free_port(), server.url_of(name), {**_ALONE, **more})
        asyncio.run(server.drop(name))


def _measure(server: Server, load: Load) -> None:
    before = server.cpu_s()
    outcome = send(load, f"http://127.0.0.1:{server.site.port}")
    cpu_us = (server.cpu_s() - before) / max(outcome.requests, 1) * 1e6
    _say(
        f"{load.name}, {outcome.requests / outcome.seconds:,.0f} requests/s,"
        f" p50 {outcome.p50_ms:.2f} ms, p99 {outcome.p99_ms:.2f} ms,"
        f" {cpu_us:.0f} server CPU µs/request, {outcome.errors} errors"
    )


def _get(*paths: str) -> list[tuple[str, str, str]]:
    return [("GET", path, "") for path in paths]


def _reading_cases(seeds: Seeds, seconds: int) -> list[Load]:
    token = seeds.tokens[0]
    hot = [f"/api/v1/statuses/{each}" for each in seeds.statuses[-HOT_STATUSES:]]
    return [
        Load("GET status cached", token, _get(*hot), seconds=seconds),
        Load("GET home 20 cached", token, _get("/api/v1/timelines/home"), seconds=seconds),
        Load(
            "GET public local 20 cached",
            token,
            _get("/api/v1/timelines/public?local=true"),
            seconds=seconds,
        ),
    ]


def _writing_cases(seeds: Seeds, seconds: int) -> list[Load]:
    token = seeds.tokens[0]
    body = '{"status": "Back at half past twelve, says {n}", "visibility": "public"}'
    marked = [f"/api/v1/statuses/{each}" for each in seeds.statuses[:MARKS]]
    marks = [
        ("POST", f"{path}/{verb}", "") for path in marked for verb in ("favourite", "unfavourite")
    ]
    return [
        Load("POST status", token, [("POST", "/api/v1/statuses", body)], seconds=seconds),
        # By one connection each mark is taken back after it was made, by eight nearly so:
        # a mark that is there already costs no less to look at.
        Load("POST favourite + unfavourite", token, marks, connections=8, seconds=seconds),
    ]


def main() -> None:
    """Run everything."""
    engine = os.environ.get("ENGINE", "sqlite")
    if engine not in ("sqlite", "postgres"):
        raise SystemExit(f"ENGINE is {engine!r}: write sqlite or postgres.")
    seconds = int(os.environ.get("BENCH_SECONDS", SECONDS))
    rounds = int(os.environ.get("BENCH_ROUNDS", ROUNDS))
    driver = "wrk" if has_wrk() else "the Python driver (wrk is not installed)"
    _say(f"# {engine}, {os.cpu_count()} cores, {CONNECTIONS} connections by {driver}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        _say("# media")
        _say(jpeg_figure())
        _say(bomb_figure())
        with _site(engine, folder / "main") as site:
            _run_cases(site, seconds)
        with _site(engine, folder / "drill") as site:
            _say("# kill drill")
            _say(kill_drill(site, rounds))
        with _site(engine, folder / "changes") as site:
            _say("# drills on changes of a beacon")
            _say(change_drill(site, rounds))
        with _site(engine, folder / "updaters") as site:
            _say(updater_drill(site))
        with _site(engine, folder / "webhooks") as site:
            _say("# webhooks")
            _say(webhook_figure(site))
        with _site(engine, folder / "category") as site:
            _say("# a large category")
            _say(category_figure(site))
        with _site(engine, folder / "listeners") as site:
            _say("# open pages")
            _say(listeners_figure(site))
        with _site(engine, folder / "schedules") as site:
            _say("# schedule drill")
            _say(schedule_drill(site))


def _run_cases(site: Site, seconds: int) -> None:
    with serving(site):
        people = make_people(site)
        follow_each_other(site, people)
        seeds = speak(site, people)
        root_id = converse(site, people)
    with serving(site) as server:
        _say(f"start to first 200, {server.start_s:.2f} s")
        _say(f"idle memory, {server.memory_mb():.0f} MB")
        for load in _reading_cases(seeds, seconds):
            _measure(server, load)
        thread = _get(f"/api/v1/statuses/{root_id}/context")
        _measure(server, Load("GET context of 200", seeds.tokens[0], thread, seconds=seconds))
        for load in _writing_cases(seeds, seconds):
            _measure(server, load)
        for load in beacon_cases(site, seeds.tokens[0], seconds):
            _measure(server, load)
        for load in community_cases(site, seeds.tokens, seeds.statuses, seconds):
            _measure(server, load)
        _say(f"memory after load, {server.memory_mb():.0f} MB")
    site.more = {**(site.more or {}), "STONECHAT_FRAGMENT_CACHE_MB": "0"}
    cold = _get(*(f"/api/v1/statuses/{each}" for each in seeds.statuses[:COLD_STATUSES]))
    with serving(site) as server:
        _measure(server, Load("GET status not cached", seeds.tokens[0], cold, seconds=seconds))


if __name__ == "__main__":
    main()
