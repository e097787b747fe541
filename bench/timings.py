"""`python -m bench.timings`: whether time tells what an answer does not.

For each thing that a stranger may not see, how long the server takes to deny it and how long it
takes to deny what does not exist (S033); and for signing in, whether a name is known (S016). The
requests of a case are interleaved in a random order over one connection, and what is printed are
medians: on a quiet machine they are within 5 % of each other. Timings are no tests: a busy
machine makes them untrue, so the number of statements is what the tests compare.
"""

import asyncio
import http.client
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench.servers import Site, free_port, serving
from tests.postgres_server import running_server

ROUNDS = 300
SIGN_INS = 100
WARM_UP = 20
ABSENT_ID = "1"

Ask = Callable[[], object]


def main() -> None:
    """Run everything."""
    engine = os.environ.get("ENGINE", "sqlite")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # PostgreSQL runs as a user of its own, who must find the way to its data.
        folder.chmod(0o755)
        with _site(engine, folder) as site, serving(site):
            _say(f"# {engine}, medians of {ROUNDS} requests each, microseconds")
            _compare_absence(site)
            _compare_names(site)


@contextmanager
def _site(engine: str, folder: Path) -> Iterator[Site]:
    if engine == "sqlite":
        yield Site(folder, free_port())
        return
    with running_server() as server:
        yield Site(folder, free_port(), server.url_of(asyncio.run(server.create())))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _compare_absence(site: Site) -> None:
    _, owner = site.account("anna")
    _, stranger = site.account("bert")
    private = _make_private(site, owner)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {"Authorization": f"Bearer {stranger}"}
    with closing(connection):
        for path, private_id in private.items():
            kinds = {
                "forbidden": _asking(connection, path.format(private_id), headers),
                "absent": _asking(connection, path.format(ABSENT_ID), headers),
            }
            _report(f"GET {path.format('…')}", _measure(kinds, ROUNDS))


def _make_private(site: Site, owner: str) -> dict[str, str]:
    """Paths, and the id of something of the owner's that each of them might show."""
    said = site.call("POST", "/api/v1/statuses", owner, status="for nobody", visibility="direct")
    made = site.call("POST", "/api/v1/lists", owner, title="Mine")
    words = [{"keyword": "word"}]
    filtered = site.call(
        "POST",
        "/api/v2/filters",
        owner,
        title="Mine",
        context=["home"],
        keywords_attributes=words,
    )
    status, own_list, own_filter = "/api/v1/statuses/{}", "/api/v1/lists/{}", "/api/v2/filters/{}"
    of_status = ("", "/context", "/history", "/source", "/favourited_by", "/reblogged_by")
    return {
        **{status + rest: said["id"] for rest in of_status},
        own_list: made["id"],
        f"{own_list}/accounts": made["id"],
        "/api/v1/timelines/list/{}": made["id"],
        own_filter: filtered["id"],
        f"{own_filter}/keywords": filtered["id"],
        "/api/v2/filters/keywords/{}": filtered["keywords"][0]["id"],
    }


def _asking(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> Ask:
    def ask() -> None:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 404, (path, content)  # noqa: PLR2004

    return ask


def _compare_names(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    with closing(connection):
        connection.request("GET", "/auth/sign_in")
        answer = connection.getresponse()
        page = answer.read().decode()
        cookies = "; ".join(
            value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie", [])
        )
        found = re.search(r'name="form_token" value="([^"]*)"', page)
        assert found, page
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookies,
            "Origin": f"http://127.0.0.1:{site.port}",
        }
        tries = {
            "known name": ("anna", "not the password"),
            "unknown name": ("zoe", "not the password"),
            "other length": ("anna", "x" * 200),
        }
        kinds = {
            kind: _signing_in(
                connection, headers, form_token=found[1], next="/", name=name, password=password
            )
            for kind, (name, password) in tries.items()
        }
        _report("POST /auth/sign_in", _measure(kinds, SIGN_INS))


def _signing_in(
    connection: http.client.HTTPConnection, headers: dict[str, str], **fields: str
) -> Ask:
    def ask() -> None:
        connection.request("POST", "/auth/sign_in", urlencode(fields), headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 422, content  # noqa: PLR2004

    return ask


def _measure(kinds: dict[str, Ask], rounds: int) -> dict[str, float]:
    """The median time of each kind, in microseconds."""
    taken: dict[str, list[int]] = {kind: [] for kind in kinds}
    for number in range(WARM_UP + rounds):
        for kind in random.sample(list(kinds), len(kinds)):
            began = time.perf_counter_ns()
            kinds[kind]()
            if number >= WARM_UP:
                taken[kind].append(time.perf_counter_ns() - began)
    return {kind: median(values) / 1000 for kind, values in taken.items()}


def _report(case: str, medians: dict[str, float]) -> None:
    apart = max(medians.values()) / min(medians.values()) - 1
    told = ", ".join(f"{kind} {value:,.0f}" for kind, value in medians.items())
    _say(f"{case}: {told}, apart {apart:.1%}")


if __name__ == "__main__":
    main()
