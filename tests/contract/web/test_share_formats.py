"""What programs read of beacons: JSON, text, badges. The short way and the usual one."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from stonechat.domain import limits
from stonechat.http.rates import CLASSES_APART, MISSES_PER_NETWORK, PER_NETWORK, SHARES
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person, Reply
from tests.contract.web.beacons import change, light, link

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = (".json", ".txt", ".svg")
# Says nothing that is looked at, and is no short way any more.
USUAL = "?way=usual"


def _told(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    told = {name: text for name, text in reply.headers.items() if name != "x-request-id"}
    return reply.status, reply.body, told


def _badge(reply: Reply) -> tuple[list[str], ET.Element]:
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(reply.body)
    return [each.text or "" for each in root.iter(f"{SVG}text")], root


async def test_json_has_what_everybody_may_know(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, color_no=3, description="Rye")
    reply = await api.get(f"/s/{beacon.id}.json")
    assert reply.json == {
        "shareId": beacon.id,
        "name": "Bakery",
        "value": "OPEN",
        "type": "text",
        "colorNo": 3,
        "color": "orange",
        "description": "Rye",
        "changedAt": api.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "isStale": False,
        "changes": 1,
    }
    assert beacon.tail.encode() not in reply.body
    assert reply.headers["cache-control"] == "public, max-age=5"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "ETag"


async def test_text_is_the_value_and_nothing_else(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, value="🔴 straße")
    reply = await api.get(f"/s/{beacon.id}.txt")
    assert reply.body.decode() == "🔴 STRASSE\n"
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_both_ways_lead_to_the_same(api: Api) -> None:
    anna = await api.person("anna")
    beacon, private = await light(api, anna), await light(api, anna, access="private")
    for ending in PLAIN:
        for beacon_id in (beacon.id, private.id, "222222"):
            path = f"/s/{beacon_id}{ending}"
            short = await api.get(path)
            assert _told(short) == _told(await api.get(path + USUAL)), path
            assert _told(short) == _told(await api.get(path, anna)), path
            assert _told(short) == _told(await api.get(path, "no such token")), path
        etag = (await api.get(f"/s/{beacon.id}{ending}")).headers["etag"]
        for held in (etag, f"W/{etag}", f'"x", {etag}', "*", '"x"', etag.strip('"'), "," * 5000):
            known = {"If-None-Match": held}
            short = await api.get(f"/s/{beacon.id}{ending}", headers=known)
            usual = await api.get(f"/s/{beacon.id}{ending}{USUAL}", headers=known)
            assert short.status == (304 if etag in held or held == "*" else 200)
            assert (short.status, short.body) == (usual.status, usual.body)
            assert short.headers["etag"] == usual.headers["etag"] == etag
            assert short.headers["cache-control"] == usual.headers["cache-control"]


async def test_an_etag_lasts_as_long_as_what_it_stands_for(api: Api) -> None:
    """It is of the bytes, so nothing that is not shown can be counted by it."""
    anna = await api.person("anna")
    beacon = await light(api, anna, stale_after_s=60)

    async def tags() -> list[str]:
        return [(await api.get(f"/s/{beacon.id}{each}")).headers["etag"] for each in PLAIN]

    before = await tags()
    await change(api, anna, beacon, users_access="public", history_access="public")
    assert await tags() == before
    await change(api, anna, beacon, value="open")
    confirmed = await tags()
    assert confirmed[0] != before[0], "it was changed by now, though to the same value"
    assert confirmed[1:] == before[1:]
    api.clock.move(seconds=61)
    stale = await tags()
    assert all(one != other for one, other in zip(stale, confirmed, strict=True))
    told = (await api.get(f"/s/{beacon.id}.json")).json
    assert (told["value"], told["isStale"]) == ("?", True)


async def test_how_many_statements_a_reading_costs(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna)
    path = f"/s/{beacon.id}.json"
    counts = list[int]()
    for known in ("", "", '"x"'):
        api.recorder.forget()
        await api.get(path, headers={"If-None-Match": known} if known else None)
        counts.append(api.recorder.count)
    assert counts == [2, 1, 1]


async def test_whoever_makes_it_private_takes_it_away_at_once(api: Api) -> None:
    """S068: what was rendered for everybody is handed to nobody afterwards."""
    anna = await api.person("anna")
    beacon = await light(api, anna)
    etags = {each: (await api.get(f"/s/{beacon.id}{each}")).headers["etag"] for each in PLAIN}
    await change(api, anna, beacon, access="private")
    for ending, etag in etags.items():
        reply = await api.get(f"/s/{beacon.id}{ending}", headers={"If-None-Match": etag})
        assert reply.status == 404
        assert reply.headers["cache-control"] == "no-store"


async def test_other_sites_may_ask(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    beacon = await light(sqlite_api, anna)
    for ending in (*PLAIN, "/badge.json"):
        path = f"/s/{beacon.id}{ending}"
        asked = await sqlite_api.call("OPTIONS", path, headers={"Origin": "https://x.example"})
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "GET" in asked.headers["access-control-allow-methods"]
        assert "If-None-Match" in asked.headers["access-control-allow-headers"]
        assert (await sqlite_api.call("HEAD", path)).status == 200
        lost = await sqlite_api.get(f"/s/222222{ending}")
        assert lost.headers["access-control-allow-origin"] == "*"
    page = await sqlite_api.get(f"/s/{beacon.id}", headers={"Origin": "https://x.example"})
    assert not [name for name in page.headers if name.startswith("access-control-")]


async def test_the_short_way_is_limited_like_any_other(
    sqlite: Database, settings: Settings
) -> None:
    """S064: somebody who guesses ids is stopped, also where each guess is cheap."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    beacon = await light(api, await api.person("anna"))
    first = await api.get(f"/s/{beacon.id}.txt")
    assert first.headers["x-ratelimit-remaining"] == str(CLASSES_APART[SHARES].maximum - 1)
    for _ in range(MISSES_PER_NETWORK.maximum):
        assert (await api.get("/s/222222.txt")).status == 404
    reply = await api.get(f"/s/{beacon.id}.txt")
    assert reply.status == 429
    assert "retry-after" in reply.headers
    assert _told(await api.get(f"/s/{beacon.id}.txt{USUAL}")) == _told(reply)


async def test_who_looks_at_many_badges_is_shut_out_of_nothing(
    sqlite: Database, settings: Settings
) -> None:
    api = Api(sqlite, replace(settings, rate_limits=True))
    beacon = await light(api, await api.person("anna"))
    for _ in range(PER_NETWORK.maximum + 1):
        assert (await api.get(f"/s/{beacon.id}.svg")).status == 200
    for path in ("/", "/auth/sign_in", f"/s/{beacon.id}", f"/s/{beacon.id}.svg?style=flat"):
        assert (await api.get(path)).status == 200


async def test_programs_are_told_of_errors_in_json(api: Api) -> None:
    """S065: what is private answers as what never was. A person who sees a frame reads a page."""
    private = await light(api, await api.person("anna"), access="private")
    lost = await api.get("/b/222222222222.json")
    assert (lost.status, lost.json) == (404, {"message": "Record not found"})
    for ending in (*PLAIN, ".svg?label=x", "/badge.json"):
        for beacon_id in ("222222", private.id):
            assert _told(await api.get(f"/s/{beacon_id}{ending}")) == _told(lost)
    refused = await api.get(f"/s/{private.id}.svg?style=x")
    assert (refused.status, refused.headers["content-type"]) == (400, lost.headers["content-type"])
    frame = await api.get("/s/222222/embed")
    assert (frame.status, frame.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    assert frame.body == (await api.get(f"/s/{private.id}/embed")).body


async def test_the_short_way_is_counted_like_any_other(
    sqlite: Database, settings: Settings
) -> None:
    api = Api(sqlite, replace(settings, metrics_token="a long secret"))
    beacon = await light(api, await api.person("anna"))
    for ending in ("", USUAL, USUAL):
        assert len((await api.get(f"/s/{beacon.id}.txt{ending}")).headers["x-request-id"]) == 16
    await api.get("/s/222222.txt")
    metrics = (await api.get("/metrics", "a long secret")).body.decode()
    labels = 'dialect="share formats",method="GET",path="/s/{address}.txt"'
    assert f'stonechat_http_requests_total{{{labels},status="2xx"}} 3' in metrics
    assert f'stonechat_http_requests_total{{{labels},status="4xx"}} 1' in metrics


# Badges --------------------------------------------------------------------------------------


async def test_a_badge_says_name_and_value(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, color_no=6)
    texts, root = _badge(await api.get(f"/s/{beacon.id}.svg"))
    assert texts == ["Bakery", "OPEN"]
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "Bakery: OPEN"
    fills = [each.get("fill") for each in root.iter(f"{SVG}rect")]
    assert "#1d7a3a" in fills
    endpoint = (await api.get(f"/s/{beacon.id}/badge.json")).json
    assert endpoint == {
        "schemaVersion": 1,
        "label": "Bakery",
        "message": "OPEN",
        "color": "#1d7a3a",
    }


@pytest.mark.parametrize(
    ("query", "texts", "fill"),
    [
        ("label=Tür", ["Tür", "OPEN"], "#5a6470"),
        ("label=", ["OPEN"], "#5a6470"),
        ("style=for-the-badge", ["BAKERY", "OPEN"], "#5a6470"),
        ("style=flat-square&color=red", ["Bakery", "OPEN"], "#c42b21"),
        ("color=4", ["Bakery", "OPEN"], "#ffd23f"),
        ("color=0Af", ["Bakery", "OPEN"], "#00aaff"),
        ("color=%23123456", ["Bakery", "OPEN"], "#123456"),
    ],
)
async def test_a_badge_as_somebody_wants_it(
    sqlite_api: Api, query: str, texts: list[str], fill: str
) -> None:
    anna = await sqlite_api.person("anna")
    beacon = await light(sqlite_api, anna)
    reply = await sqlite_api.get(f"/s/{beacon.id}.svg?{query}")
    found, root = _badge(reply)
    assert found == texts
    assert fill in [each.get("fill") for each in root.iter(f"{SVG}rect")]
    plain = await sqlite_api.get(f"/s/{beacon.id}.svg")
    assert reply.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    "query",
    [
        f"label={'x' * (limits.BEACON_NAME_CODE_POINTS_MAX + 1)}",
        "label=%00",
        "style=plastic",
        f"style={'x' * 1000}",
        "color=red%22%20onload=%22ran()",
        "color=url(//evil.example)",
        "color=0",
        "color=13",
        "color=12345",
        f"color={'f' * 1000}",
        "label[]=x",
        "label[a]=x",
    ],
)
async def test_s083_wishes_that_nobody_may_have(sqlite_api: Api, query: str) -> None:
    beacon = await light(sqlite_api, await sqlite_api.person("anna"))
    reply = await sqlite_api.get(f"/s/{beacon.id}.svg?{query}")
    assert reply.status == 400, query
    assert reply.headers["cache-control"] == "no-store"


async def test_s071_s127_words_stay_words_in_every_format(api: Api) -> None:
    """S071 and S127: in pictures, in JSON, in text."""
    anna = await api.person("anna")
    name = '</title><script>ran()</script>"&'
    beacon = await light(api, anna, name=name, value="</a>&'\"", description="</script>\u2028<!--")
    for query in ("", "?style=for-the-badge", f"?label={'%3C/text%3E%22%3E' * 3}"):
        texts, root = _badge(await api.get(f"/s/{beacon.id}.svg{query}"))
        assert texts[-1] == "</A>&'\""
        assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
            *("svg", "title", "clipPath", "rect", "g", "text"),
        }
        assert not [at for each in root.iter() for at in each.attrib if at.startswith("on")]
    reply = await api.get(f"/s/{beacon.id}.svg")
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    told: dict[str, Any] = json.loads((await api.get(f"/s/{beacon.id}.json")).body)
    assert (told["name"], told["value"]) == (name, "</A>&'\"")
    assert (await api.get(f"/s/{beacon.id}.txt")).body == b"</A>&'\"\n"
    assert (await api.get(f"/s/{beacon.id}/badge.json")).json["label"] == name


async def test_s072_a_link_alone_shows_what_is_private(api: Api) -> None:
    """S072: neither badge nor JSON of a private beacon, and no count of it, by the short id."""
    anna: Person = await api.person("anna")
    beacon = await light(api, anna, access="private")
    path = await link(api, anna, beacon)
    for ending in (*PLAIN, "/badge.json", ".svg?label=x", ".json?a=b"):
        assert (await api.get(f"/s/{beacon.id}{ending}")).status == 404
        assert (await api.get(path + ending)).status == 200


async def test_a_request_that_is_not_so_plain_keeps_all_that_it_says(sqlite_api: Api) -> None:
    """What the short way looked at and left alone is whole on the usual one."""
    beacon = await light(sqlite_api, await sqlite_api.person("anna"))
    etag = (await sqlite_api.get(f"/s/{beacon.id}.txt")).headers["etag"]
    told = {"Authorization": "Bearer x", "If-None-Match": etag}
    assert (await sqlite_api.get(f"/s/{beacon.id}.txt", headers=told)).status == 304


async def test_s142_a_fault_on_the_short_way_is_told_like_any_other(sqlite_api: Api) -> None:
    beacon = await light(sqlite_api, await sqlite_api.person("anna"))
    await sqlite_api.env.db.write(lambda tx: tx.run("DROP TABLE beacons"))
    short = await sqlite_api.get(f"/s/{beacon.id}.txt")
    assert short.status == 500
    assert short.headers["cache-control"] == "no-store"
    assert _told(short) == _told(await sqlite_api.get(f"/s/{beacon.id}.txt{USUAL}"))
