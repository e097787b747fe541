"""What pages are sent with: S139 and S140, and what programs find at fixed paths."""

from dataclasses import replace
from email.utils import parsedate_to_datetime

import pytest

from stonechat.http.rates import PER_NETWORK
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Reply
from tests.contract.web.pages import read

PAGES = ["/", "/about", "/@anna", "/@anna/with_replies", "/tags/soup", "/@nobody", "/nothing/here"]


def _policy(reply: Reply) -> dict[str, str]:
    parts = (each.partition(" ") for each in reply.headers["content-security-policy"].split("; "))
    return {name: sources for name, _, sources in parts}


@pytest.mark.parametrize("path", [*PAGES, "/@anna/feed.atom", "/robots.txt"])
async def test_security_headers(sqlite_api: Api, path: str) -> None:
    """S139. Over plain HTTP there is no HSTS, which browsers would ignore anyway."""
    await sqlite_api.person("anna")
    reply = await sqlite_api.get(path)
    policy = _policy(reply)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["img-src"] == policy["media-src"] == policy["style-src"] == "'self'"
    assert not any("unsafe" in sources or "*" in sources for sources in policy.values())
    assert "script-src" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in reply.headers["permissions-policy"]
    assert "strict-transport-security" not in reply.headers
    assert "set-cookie" not in reply.headers


async def test_hsts_over_tls(sqlite_api: Api, settings: Settings) -> None:
    secure = Api(sqlite_api.env.db, replace(settings, base_url="https://stonechat.test"))
    for path in ("/", "/nothing/here"):
        reply = await secure.get(path)
        assert reply.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://stonechat.test"])
async def test_pages_are_closed_to_the_scripts_of_other_sites(
    sqlite_api: Api, path: str, origin: str
) -> None:
    """S140."""
    await sqlite_api.person("anna")
    for method in ("GET", "OPTIONS"):
        reply = await sqlite_api.call(method, path, headers={"Origin": origin})
        assert not [name for name in reply.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_the_same_for_everybody(sqlite_api: Api, path: str) -> None:
    """No page looks at tokens or cookies, so that a copy of it may be kept by anybody."""
    anna = await sqlite_api.person("anna")
    await sqlite_api.say(anna, "for followers", visibility="private")
    plain = await sqlite_api.get(path)
    for reply in (
        await sqlite_api.get(path, anna),
        await sqlite_api.get(path, "no such token"),
        await sqlite_api.get(path, headers={"Cookie": "stonechat_session=x"}),
    ):
        assert (reply.status, reply.body) == (plain.status, plain.body)
    if plain.status == 200:
        assert plain.headers["cache-control"] == "public, no-cache"
    else:
        assert plain.headers["cache-control"] == "no-store"


async def test_no_page_has_a_script_or_a_style_of_its_own(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    said = await sqlite_api.say(anna, "hello #soup", spoiler_text="careful")
    for path in [*PAGES, f"/@anna/{said['id']}"]:
        body = (await sqlite_api.get(path)).body.lower()
        for written in (b"<script", b"<style", b" style=", b" onload=", b"javascript:"):
            assert written not in body, path


async def test_head_and_wrong_methods(sqlite_api: Api) -> None:
    assert (await sqlite_api.call("HEAD", "/")).status == 200
    reply = await sqlite_api.post("/about", json={})
    assert reply.status == 405
    assert "GET" in reply.headers["allow"]
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


async def test_unknown_paths(sqlite_api: Api) -> None:
    """A page for people, JSON under the API, and nothing that tells a private path from none."""
    lost, private = await sqlite_api.get("/nothing/here"), await sqlite_api.get("/@nobody/17")
    assert (lost.status, lost.body) == (private.status, private.body)
    assert b"There is nothing here" in lost.body
    below = await sqlite_api.get("/api/v1/nothing")
    assert (below.status, below.json) == (404, {"error": "Record not found"})


async def test_metrics_are_for_who_has_the_token(sqlite_api: Api, settings: Settings) -> None:
    """S145: for everybody else there is nothing, also with a token of the API."""
    anna = await sqlite_api.person("anna")
    guarded = Api(sqlite_api.env.db, replace(settings, metrics_token="a long secret"))
    await guarded.get("/about")
    shown = await guarded.get("/metrics", "a long secret")
    assert shown.status == 200
    assert shown.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert shown.headers["cache-control"] == "no-store"
    assert b'path="/about"' in shown.body
    lost = await guarded.get("/nothing/here")
    for who in (None, anna, "another"):
        reply = await guarded.get("/metrics", who)
        assert (reply.status, reply.body) == (404, lost.body)


async def test_what_programs_ask_for(sqlite_api: Api) -> None:
    robots = await sqlite_api.get("/robots.txt")
    assert robots.headers["content-type"] == "text/plain; charset=utf-8"
    assert b"Disallow: /api/" in robots.body
    icon = await sqlite_api.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/x-icon"
    assert icon.body.startswith(b"\0\0\1\0")
    drawn = await sqlite_api.get("/static/icon.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert b"<script" not in drawn.body


async def test_too_many_pages(sqlite: Database, settings: Settings) -> None:
    """A person is told so in a page; what pages are drawn with does not count."""
    limited = Api(sqlite, replace(settings, rate_limits=True))
    for _ in range(PER_NETWORK.maximum):
        assert (await limited.get("/robots.txt")).status == 200
    reply = await limited.get("/")
    assert reply.status == 429
    assert "too often" in read(reply).one("h1").text
    assert parsedate_to_datetime(reply.headers["retry-after"]) > limited.clock.now()
    assert (await limited.get("/static/style.css")).status == 200
