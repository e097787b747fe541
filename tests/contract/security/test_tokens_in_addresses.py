"""S062: old apps send their token in the address. It is accepted, and goes no further.

Not into the log, not into a Link header, not into a redirect or a page; and a page that was
opened with one in its address is not told to other sites.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from stonechat.app import make_app
from stonechat.http.logs import Sink, configure_logging
from stonechat.kernel.settings import Settings
from tests.contract.api import Api
from tests.contract.security.doors import ANSWERING, make_world


@contextmanager
def logged(api: Api, settings: Settings, path: Path) -> Iterator[Sink]:
    """Everything that the server logs, at its most talkative, goes into this file."""
    before = api.app
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    sink = Sink(descriptor)
    try:
        env = replace(api.env, settings=settings)
        api.app = make_app(env, configure_logging(settings, sink, api.clock))
        yield sink
        sink.flush()
    finally:
        os.close(descriptor)
        api.app = before
        configure_logging(settings)


async def test_s062_a_token_in_the_address_is_accepted(api: Api) -> None:
    anna = await api.person("anna")
    for name in ("access_token", "bearer_token"):
        home = await api.get(f"/api/v1/timelines/home?{name}={anna.token}")
        assert home.status == 200
        said = await api.post(f"/api/v1/statuses?{name}={anna.token}", json={"status": "hello"})
        assert said.json["account"]["id"] == anna.id
        by_form = await api.post("/api/v1/statuses", form={"status": "x", name: anna.token})
        assert by_form.json["account"]["id"] == anna.id
        assert (await api.get(f"/api/v1/timelines/home?{name}={anna.token}x")).status == 401


async def test_s062_and_stands_nowhere_afterwards(
    sqlite_api: Api, settings: Settings, tmp_path: Path
) -> None:
    world = await make_world(sqlite_api)
    secret = world.anna.token
    debug = replace(settings, log_level="debug")
    log = tmp_path / "log"
    told: list[str] = []
    links = 0
    with logged(sqlite_api, debug, log):
        for each in ANSWERING:
            path = world.path(each)
            query = f"{'&' if '?' in path else '?'}limit=1&access_token={secret}"
            reply = await sqlite_api.call(each.method, path + query)
            links += "link" in reply.headers
            heads = "".join(reply.headers.values())
            if secret in heads or secret.encode() in reply.body:
                told.append(f"{each.method} {each.path}")
            policy = reply.headers.get("referrer-policy", "same-origin")
            assert policy in ("same-origin", "no-referrer"), each.path
        # A fault is told with more words than anything else.
        await sqlite_api.env.db.write(lambda tx: tx.run("DROP TABLE home_entries"))
        path = f"/api/v1/timelines/home?access_token={secret}"
        assert (await sqlite_api.get(path)).status == 500
    assert told == []
    assert links > 5
    words = log.read_text()
    assert words.count("request.finished") > len(ANSWERING)
    assert "request.failed" in words
    assert secret not in words
    assert "access_token" not in words
