"""The public face of beacons: pages at /s/…, for people with and without an account."""

import re
from dataclasses import replace

import pytest

from stonechat.domain.beacons import SECRET_ALPHABET, Beacon
from stonechat.kernel.clock import from_ms
from stonechat.kernel.settings import Settings
from stonechat.services import beacon_links, beacon_roles, beacons
from stonechat.services.beacons import Name
from tests.contract.api import Api, Person, Reply
from tests.contract.oauth.browser import Browser
from tests.contract.web.beacons import change, light, link, viewer_of
from tests.contract.web.pages import open_page, read

HOSTILE = '"><script>ran()</script>{{7*7}}\u2028'
ENDINGS = ("", ".json", ".txt", ".svg", "/badge.json", "/embed", "/qr.svg", "/qr.png")
HISTORIES = ("/history.csv", "/history.json", "/events")


def _told(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    told = {name: text for name, text in reply.headers.items() if name != "x-request-id"}
    return reply.status, reply.body, told


async def _signed_in(api: Api, name: str) -> Browser:
    browser = Browser(api)
    await browser.sign_in(name)
    return browser


async def test_a_page_says_what_is_so(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(
        api,
        anna,
        color_no=6,
        description="Rye at ten.\nhttps://bread.example/rye",
        history_access="public",
    )
    api.clock.move(minutes=5)
    reply = await api.get(f"/s/{beacon.id}")
    page = read(reply)
    assert page.one("h1").text == "Bakery"
    assert page.one("p", "value").text == "OPEN"
    assert page.one("div", "panel").has_class("hue-6")
    assert "green" in page.one("p", "details").text
    assert "5 minutes ago" in page.one("p", "details").text
    made = from_ms(beacon.changed_ms).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [each["datetime"] for each in page.all("time")] == [made, made]
    assert page.meta("og:title") == "Bakery: OPEN"
    assert page.link("canonical") == f"http://stonechat.test/s/{beacon.id}"
    assert page.link("alternate") == f"/s/{beacon.id}.json"
    assert [each["href"] for each in page.all("a") if "bread" in each["href"]] == [
        "https://bread.example/rye"
    ]
    assert f"/s/{beacon.id}/qr.svg" in [each["src"] for each in page.all("img")]
    assert f'src="http://stonechat.test/s/{beacon.id}/embed"' in page.one("textarea").text
    # 1.1: every status shows its owner, also where the user list is not for everybody.
    assert "Owneranna" in page.one("dl", "figures").text
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.headers["vary"] == "Cookie"
    again = await api.get(f"/s/{beacon.id}", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


async def test_a_live_page_runs_our_script_and_nothing_else(sqlite_api: Api) -> None:
    """S010: a frame of a beacon may be framed, its page not.

    S119: no script and no style stands in a page, and none may.
    """
    api = sqlite_api
    anna = await api.person("anna")
    beacon = await light(api, anna)
    for path, frames in ((f"/s/{beacon.id}", "'none'"), (f"/s/{beacon.id}/embed", "*")):
        reply = await api.get(path)
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; connect-src 'self'; style-src" in policy
        assert policy.endswith(f"frame-ancestors {frames}")
        assert "unsafe" not in policy
        assert ("x-frame-options" in reply.headers) == (frames == "'none'")
        (script,) = read(reply).all("script")
        assert script.text == ""
        found = await api.get(script["src"])
        assert found.headers["content-type"] == "text/javascript; charset=utf-8"
        # The snippet for other sites says what its frame looks like there: that is text here.
        assert not [each for each in read(reply).elements if "style" in each.attributes]
        for written in (b"<style", b" onload=", b"javascript:"):
            assert written not in reply.body


async def test_s065_s066_what_may_not_be_seen_is_not_there(api: Api) -> None:
    """S065 and S066: private, absent, ended, changed, and another's link: the same bytes."""
    anna = await api.person("anna")
    await api.person("bert")
    private = await light(api, anna, access="private", history_access="public")
    other = await light(api, anna, access="private")
    made = await beacon_links.create_link(api.env, viewer_of(anna), Name(private.id))
    changed = await beacon_links.rotate_link(
        api.env, viewer_of(anna), Name(private.id), made.secret
    )
    ended = await link(api, anna, private)
    await beacon_links.end_link(api.env, viewer_of(anna), Name(private.id), ended.partition("-")[2])
    expired = await link(api, anna, private, days=1)
    api.clock.move(days=2)
    absent = f"222222-{SECRET_ALPHABET[0] * 22}"
    addresses = [
        private.id,
        made.address,
        ended.removeprefix("/s/"),
        expired.removeprefix("/s/"),
        f"{other.id}-{changed.secret}",
        absent,
        private.id.upper(),
        "x" * 400,
        "7v7x3e-",
    ]
    stranger = await _signed_in(api, "bert")
    for ending in (*ENDINGS, *HISTORIES):
        nothing = _told(await api.get(f"/s/222222{ending}"))
        assert nothing[0] == 404
        for address in addresses:
            assert _told(await api.get(f"/s/{address}{ending}")) == nothing, (address, ending)
    lost = await stranger.get("/s/222222")
    assert (await stranger.get(f"/s/{private.id}")).text == lost.text
    assert (await api.get(f"/s/{changed.address}")).status == 200


async def test_a_private_link_shows_it_and_stays_a_secret(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, access="private")
    path = await link(api, anna, beacon)
    for ending in ENDINGS:
        reply = await api.get(path + ending)
        assert reply.status == 200, ending
        assert reply.headers["cache-control"] == "private, no-store", ending
        assert reply.headers["referrer-policy"] == "no-referrer", ending
        assert reply.headers["x-robots-tag"] == "noindex", ending
    page = await open_page(api, path)
    assert page.meta("robots") == "noindex"
    assert page.link("canonical") is None
    assert page.one("article")["data-read"] == f"{path}.json"
    assert "History" not in page.one("article").text
    assert (await api.get(f"{path}.json")).json["value"] == "OPEN"


async def test_s068_who_has_a_role_sees_a_private_page_until_it_is_taken(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await light(api, anna, access="private")
    browser = await _signed_in(api, "bert")
    path = await link(api, anna, beacon)
    seen = await browser.get(path)
    # With a form on it, a page without any referrer would send `Origin: null`.
    assert seen.headers["referrer-policy"] == "same-origin"
    joined = await browser.send(seen.form(), headers={"Origin": "http://stonechat.test"})
    assert (joined.status, joined.location) == (303, path)
    page = await browser.get(f"/s/{beacon.id}")
    assert page.status == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert f'<a href="/beacons/{beacon.id}">You follow it</a>' in page.text
    assert f"/s/{beacon.id}.json" not in page.text, "programs do not reach it there"
    assert "History" in page.text
    code = await browser.get(f"/s/{beacon.id}/qr.svg")
    assert (code.status, code.headers["cache-control"]) == (200, "private, no-store")
    assert (await api.get(f"/s/{beacon.id}/qr.svg")).status == 404
    assert (await browser.get(f"/s/{beacon.id}.json")).status == 404
    await beacon_roles.take_role(api.env, viewer_of(anna), Name(beacon.id), bert.name)
    for ending in ("", *HISTORIES, "/qr.svg"):
        assert (await browser.get(f"/s/{beacon.id}{ending}")).status == 404


async def test_following_and_leaving(api: Api) -> None:
    anna = await api.person("anna")
    await api.person("bert")
    beacon = await light(api, anna)
    path = f"/s/{beacon.id}"
    signed_out = await open_page(api, path)
    assert signed_out.one("a", "button")["href"] == f"/auth/sign_in?next=%2Fs%2F{beacon.id}"
    assert signed_out.all("form") == []
    browser = await _signed_in(api, "bert")
    page = await browser.get(path)
    forged = await browser.send(page.form(), form_token="x")
    foreign = await browser.send(page.form(), headers={"Origin": "https://evil.example"})
    assert forged.status == foreign.status == 403
    assert (await browser.send(page.form())).location == path
    page = await browser.get(path)
    assert "<dd>1</dd>" in page.text
    assert page.form().action == f"{path}/unfollow"
    assert (await browser.send(page.form())).location == path
    assert "<dd>1</dd>" not in (await browser.get(path)).text.partition("Changes")[0]
    for verb in ("follow", "unfollow"):
        reply = await api.post(f"{path}/{verb}", form={})
        assert (reply.status, reply.headers["location"]) == (
            303,
            f"/auth/sign_in?next=%2Fs%2F{beacon.id}",
        )
    owner = await _signed_in(api, "anna")
    page = await owner.get(path)
    assert "This is yours" in page.text
    with pytest.raises(StopIteration):
        page.form()


async def test_leaving_what_is_private_leads_home(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await light(api, anna, access="private")
    await beacon_roles.give_role(api.env, viewer_of(anna), Name(beacon.id), bert.name, "subscriber")
    browser = await _signed_in(api, "bert")
    page = await browser.get(f"/s/{beacon.id}")
    assert (await browser.send(page.form())).location == "/beacons"
    assert (await browser.get(f"/s/{beacon.id}")).status == 404


async def _history(api: Api) -> tuple[Person, Beacon]:
    anna = await api.person("anna")
    beacon = await light(api, anna, history_access="public")
    for number in range(44):
        beacon = await change(api, anna, beacon, value=f"={number}")
    return anna, beacon


async def test_history_in_pages(api: Api) -> None:
    anna, beacon = await _history(api)
    path, seen = f"/s/{beacon.id}", list[str]()
    for _ in range(3):
        page = await open_page(api, path)
        seen += [each.text for each in page.all("span", "was")]
        older = [each["href"] for each in page.all("a", "older")]
        path = older[0].partition("#")[0] if older else ""
    assert path == ""
    assert seen == [*(f"={number}" for number in reversed(range(44))), "OPEN"]
    newest = await open_page(api, f"/s/{beacon.id}")
    assert "@anna" not in newest.one("ol", "timeline").text
    await change(api, anna, beacon, users_access="public")
    assert "@anna" in (await open_page(api, f"/s/{beacon.id}")).one("ol", "timeline").text
    assert "anna" in (await open_page(api, f"/s/{beacon.id}")).one("dl", "figures").text


async def test_history_for_programs(api: Api) -> None:
    """S071: a cell that begins like a formula is none. S068: nobody keeps a copy."""
    anna, beacon = await _history(api)
    table = await api.get(f"/s/{beacon.id}/history.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["cache-control"] == "private, no-store"
    lines = table.body.decode().splitlines()
    assert len(lines) == 46
    assert lines[1].startswith("45,'=43,1,")
    told = (await api.get(f"/s/{beacon.id}/history.json")).json
    assert [each["number"] for each in told] == list(range(45, 0, -1))
    await change(api, anna, beacon, history_access="private")
    for ending in HISTORIES[:2]:
        assert (await api.get(f"/s/{beacon.id}{ending}")).status == 404
        assert (await (await _signed_in(api, "anna")).get(f"/s/{beacon.id}{ending}")).status == 200


@pytest.mark.parametrize("before", ["0", "-1", "1", str(2**31), str(2**53 - 1)])
async def test_s081_places_in_a_history(api: Api, before: str) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, history_access="public")
    assert (await api.get(f"/s/{beacon.id}?before={before}")).status == 200
    for rubbish in ("x", "1e3", str(2**64), "\uff19", "[]"):
        assert (await api.get(f"/s/{beacon.id}?before={rubbish}")).status == 400


async def test_what_nobody_confirms(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna, stale_after_s=60)
    fresh = await open_page(api, f"/s/{beacon.id}")
    assert "hidden" in fresh.one("p", "unconfirmed").attributes
    api.clock.move(seconds=60)
    page = await open_page(api, f"/s/{beacon.id}")
    assert page.one("p", "value").text == "?"
    assert "hidden" not in page.one("p", "unconfirmed").attributes
    assert page.one("div", "panel").has_class("stale")
    assert "OPEN" not in (await api.get(f"/s/{beacon.id}/embed")).body.decode()


async def test_s071_s127_hostile_words_are_words(api: Api) -> None:
    """S071 and S127: in the page and its title, in previews, in the snippet, in a frame."""
    anna = await api.person("anna")
    beacon = await light(
        api,
        anna,
        name='"><img src=x>',
        value="</b>{{1}}",
        description=f"{HOSTILE} javascript:alert(1)",
        history_access="public",
    )
    for ending in ("", "/embed"):
        reply = await api.get(f"/s/{beacon.id}{ending}")
        page = read(reply)
        assert len(page.all("script")) == 1
        assert not [each for each in page.all("img") if each["src"] == "x"]
        assert page.one("p", "value").text == "</B>{{1}}"
        assert b"<b>" not in reply.body
    page = await open_page(api, f"/s/{beacon.id}")
    assert page.meta("og:title") == '"><img src=x>: </B>{{1}}'
    assert "{{7*7}}" in page.one("div", "about").text


async def test_the_words_of_a_snippet_stay_in_their_attribute(sqlite_api: Api) -> None:
    """S127: whoever pastes the snippet pastes one frame, whatever the beacon is called."""
    api = sqlite_api
    anna = await api.person("anna")
    beacon = await light(api, anna, name='"><script>x</script>')
    snippet = (await open_page(api, f"/s/{beacon.id}")).one("textarea").text
    assert re.findall(r"<(\w+)", snippet) == ["iframe"]
    assert snippet.count('"') == 12
    assert 'height="220" style="border:0"' in snippet


async def test_frames_by_day_and_by_night(sqlite_api: Api) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    beacon = await light(api, anna)
    for theme in ("auto", "light", "dark"):
        page = await open_page(api, f"/s/{beacon.id}/embed?theme={theme}")
        assert page.one("html").has_class(f"theme-{theme}")
    for theme in ("x", '"onload=', "x" * 1000):
        assert (await api.get(f"/s/{beacon.id}/embed?theme={theme}")).status == 400


async def test_codes_are_of_the_page(sqlite_api: Api) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    beacon = await light(api, anna)
    drawn = await api.get(f"/s/{beacon.id}/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["cache-control"] == "public, max-age=300"
    assert drawn.body.startswith(b"<svg ")
    dots = await api.get(f"/s/{beacon.id}/qr.png")
    assert dots.headers["content-type"] == "image/png"
    assert dots.body.startswith(b"\x89PNG")


async def test_whose_owner_is_closed_out_is_gone(api: Api, settings: Settings) -> None:
    """S068: with its owner goes all that they show, also what was rendered before."""
    anna = await api.person("anna")
    beacon = await light(api, anna)
    assert (await api.get(f"/s/{beacon.id}.json")).status == 200
    await beacons.delete_beacon(api.env, viewer_of(anna), Name(beacon.id))
    for ending in ENDINGS:
        assert (await api.get(f"/s/{beacon.id}{ending}")).status == 404
    limited = Api(api.env.db, replace(settings, fragment_cache_mb=0))
    other = await light(limited, anna)
    assert (await limited.get(f"/s/{other.id}.txt")).body == b"OPEN\n"
