"""A real browser on the pages of beacons and boards: live with scripts, whole without them.

axe-core looks at them as somebody does who sees, hears or holds a mouse badly.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from bench.servers import Server, Site, free_port, serving
from stonechat.config import read_settings
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services import boards
from stonechat.services.rooms import open_rooms
from tests.e2e.browsers import LOW_CONTRAST, NEEDS_BROWSER, browsing
from tests.e2e.hostile_markup import CORPUS

pytestmark = NEEDS_BROWSER

NAME_CHARACTERS_MIN = 3
NAME_CHARACTERS_MAX = 42
DESCRIPTION_CHARACTERS_MAX = 400
LIVE_MS_MAX = 1_000
SERIOUS = {"serious", "critical"}
LISTEN = "window.runs = 0; window.ran = () => { window.runs += 1 };"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests."""
    with serving(Site(tmp_path_factory.mktemp("site"), free_port())) as running:
        yield running


@pytest.fixture(scope="module")
def account(server: Server) -> tuple[str, str]:
    """Somebody with beacons: her id and her token."""
    return server.site.account("anna")


@pytest.fixture(scope="module")
def anna(account: tuple[str, str]) -> str:
    """Her token."""
    return account[1]


def _make_board(server: Server, account_id: str, share_ids: list[str]) -> str:
    """A board with these beacons, made beside the running server; its path."""
    viewer = Viewer(AccountId(int(account_id)))

    async def make() -> str:
        async with open_rooms(read_settings(server.site.environment)) as rooms:
            board = await boards.create_board(rooms.env, viewer, "The whole shop")
            for share_id in share_ids:
                await boards.add_beacon(rooms.env, viewer, board.id, share_id)
            return f"/b/{board.id}"

    return asyncio.run(make())


def _light(server: Server, token: str, **more: Any) -> dict[str, Any]:
    fields = {
        "name": "Bakery on the corner",
        "value": "open",
        "colorNo": 6,
        "description": "Rye at ten.\nhttps://bread.example/rye",
        "accessType": "public",
        "accessTypeHistory": "public",
        **more,
    }
    return server.site.call("POST", "/v1/status", token, **fields)


def _set(server: Server, token: str, beacon: dict[str, Any], **fields: Any) -> None:
    server.site.call("PATCH", f"/v1/status/{beacon['id']}", token, **fields)


def _open(context: BrowserContext, server: Server, path: str) -> tuple[Page, list[str]]:
    """A page, and whatever it complains of."""
    context.add_init_script(LISTEN)
    page, heard = context.new_page(), list[str]()
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    answer = page.goto(f"http://127.0.0.1:{server.site.port}{path}")
    assert answer is not None
    assert answer.status == 200, path
    return page, heard


def test_a_value_changes_without_a_reload(tmp_path: Path, server: Server, anna: str) -> None:
    beacon = _light(server, anna)
    with browsing(tmp_path / "browser") as context:
        path = f"/s/{beacon['shareId']}"
        page, heard = _open(context, server, path)
        frame, _ = _open(context, server, f"{path}/embed")
        for each in (page, frame):
            expect(each.locator(".value")).to_have_text("OPEN")
            each.evaluate("window.stayed = true")
        # Until the stream is open there is nothing that could be told by it.
        page.wait_for_function("performance.getEntriesByType('resource').length > 0")
        page.wait_for_timeout(300)
        _set(server, anna, beacon, value="sold out", colorNo=2, name="Bakery", description="Gone.")
        for each in (page, frame):
            expect(each.locator(".value")).to_have_text("SOLD OUT", timeout=LIVE_MS_MAX)
            expect(each.locator(".panel")).to_have_class("panel hue-2")
            assert each.evaluate("window.stayed") is True
        assert page.title() == "SOLD OUT · Bakery · Stonechat"
        expect(page.locator("h1")).to_have_text("Bakery")
        expect(page.locator(".about")).to_have_text("Gone.")
        expect(page.locator(".timeline .was")).to_have_text(["SOLD OUT", "OPEN"])
        expect(page.locator("[data-live=changes]")).to_have_text("2")
        assert page.locator(".lost").is_hidden()
        # What is put in its place later is what the server would have drawn at first.
        words = "Back at ten:\nsee https://example.org/a, or ask."
        _set(server, anna, beacon, name="Bakery · north", description=words)
        about = page.locator(".about")
        expect(about.locator("a")).to_have_attribute("href", "https://example.org/a")
        expect(about.locator("br")).to_have_count(1)
        _set(server, anna, beacon, value="back")
        expect(page).to_have_title("BACK · Bakery · north · Stonechat")
        expect(page.locator(".timeline .was")).to_have_text(["BACK", "SOLD OUT", "OPEN"])
        _set(server, anna, beacon, accessType="private")
        expect(page.locator(".lost")).to_contain_text("no longer")
        expect(page.locator(".beacon")).to_have_class("beacon over")
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(LOW_CONTRAST) == []
        # The browser itself notes that the page is not there any more.
        assert [words for words in heard if "404" not in words] == []


def test_a_board_is_live_too(tmp_path: Path, server: Server, account: tuple[str, str]) -> None:
    account_id, anna = account
    beacons = [_light(server, anna, name=name) for name in ("Front door", "Oven")]
    board = _make_board(server, account_id, [each["shareId"] for each in beacons])
    with browsing(tmp_path / "browser") as context:
        page, heard = _open(context, server, board)
        expect(page.locator(".sum")).to_have_text("All calm")
        page.wait_for_timeout(300)
        _set(server, anna, beacons[1], value="fire", colorNo=2)
        expect(page.locator(".sum")).to_have_text("Alarm: 1 of 2", timeout=LIVE_MS_MAX)
        expect(page.locator(".tile .value")).to_have_text(["OPEN", "FIRE"])
        _assert_no_barriers(page)
        assert heard == []


def test_a_page_is_whole_without_scripts(tmp_path: Path, server: Server, anna: str) -> None:
    """It is read, followed and left by links and forms alone."""
    beacon = _light(server, anna)
    for number in range(21):
        _set(server, anna, beacon, value=f"no {number}")
    server.site.account("bert")
    with browsing(tmp_path / "browser", java_script_enabled=False) as context:
        page, _ = _open(context, server, f"/s/{beacon['shareId']}")
        expect(page.locator(".value")).to_have_text("NO 20")
        expect(page.locator(".age")).to_have_text("(just now)")
        page.get_by_role("link", name="Older").click()
        expect(page.locator(".timeline .was")).to_have_text(["NO 0", "OPEN"])
        page.get_by_role("link", name="Sign in to subscribe").click()
        page.get_by_label("Name").fill("bert")
        page.get_by_label("Password").fill("long enough")
        page.get_by_role("button").first.click()
        page.get_by_role("button", name="Subscribe").click()
        expect(page.locator(".figures dd").first).to_have_text("1")
        page.get_by_role("button", name="Leave").click()
        expect(page.get_by_role("button", name="Subscribe")).to_be_visible()


def test_a_page_that_loses_its_stream_asks_again_and_says_so(
    tmp_path: Path, server: Server, anna: str
) -> None:
    beacon = _light(server, anna)
    with browsing(tmp_path / "browser") as context:
        context.route("**/events", lambda route: route.abort())
        page = context.new_page()
        page.clock.install()
        # Its clock stands still until the page knows that there is no stream.
        with page.expect_event("requestfailed", lambda each: each.url.endswith("/events")):
            page.goto(f"http://127.0.0.1:{server.site.port}/s/{beacon['shareId']}")
        _set(server, anna, beacon, value="closed")
        page.clock.run_for(6_000)
        expect(page.locator(".value")).to_have_text("CLOSED")
        expect(page.locator(".lost")).to_contain_text("may come some seconds late")
        context.route("**/*.json", lambda route: route.abort())
        page.clock.run_for(11_000)
        expect(page.locator(".lost")).to_contain_text("The connection is lost")
        context.unroute("**/*.json")
        context.unroute("**/events")
        page.clock.run_for(11_000)
        expect(page.locator(".lost")).to_be_hidden()


def _assert_no_barriers(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["help"]) for each in found if each["impact"] in SERIOUS] == []
    assert page.evaluate(LOW_CONTRAST) == []


@pytest.mark.parametrize(
    "looks",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 640}}],
    ids=["light", "dark", "phone"],
)
def test_nothing_stands_in_anybodys_way(
    tmp_path: Path, server: Server, anna: str, looks: dict[str, Any]
) -> None:
    """axe finds no serious fault, every text can be read, and nothing runs over the edge."""
    with browsing(tmp_path / "browser", **looks) as context:
        beacon = _light(server, anna, value="W" * 10, name="W" * 42)
        page, heard = _open(context, server, f"/s/{beacon['shareId']}")
        # Colours change softly, and axe would find them half-way.
        page.emulate_media(reduced_motion="reduce")
        for color_no in range(1, 13):
            page.evaluate(
                "number => document.querySelector('.panel').className = `panel hue-${number}`",
                color_no,
            )
            assert page.evaluate(LOW_CONTRAST) == [], color_no
        _assert_no_barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        frame, _ = _open(context, server, f"/s/{beacon['shareId']}/embed")
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        _assert_no_barriers(frame)
        assert heard == []


@pytest.mark.slow
def test_s127_no_word_of_a_beacon_runs(tmp_path: Path, server: Server, anna: str) -> None:
    """S071 and S127: as it is rendered, and as a live page puts it in its place later on."""
    beacon = _light(server, anna)
    # Names of more than one line are refused.
    fit = [text for text in CORPUS if text.isprintable() and len(text) <= NAME_CHARACTERS_MAX]
    names = [text for text in fit if len(text) >= NAME_CHARACTERS_MIN][::12]
    assert len(names) >= 8
    with browsing(tmp_path / "browser", bypass_csp=True) as context:
        page, heard = _open(context, server, f"/s/{beacon['shareId']}")
        for number, text in enumerate(names):
            words = " ".join(CORPUS[number::9])[:DESCRIPTION_CHARACTERS_MAX]
            _set(server, anna, beacon, name=text, description=words, value=f"<b>{number}")
            expect(page.locator(".value")).to_have_text(f"<B>{number}")
        assert page.evaluate("window.runs") == 0
        for ending in ("", "/embed"):
            page.goto(f"http://127.0.0.1:{server.site.port}/s/{beacon['shareId']}{ending}")
            assert page.evaluate("window.runs") == 0
            expect(page.locator("script")).to_have_count(1)
        assert heard == []
