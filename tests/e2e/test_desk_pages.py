"""A real browser at the desk: the main way with scripts, and the same without them.

The whole way of somebody new: sign in, make a beacon, set it with one tap while a stranger watches,
make a key, and set it from a shell.
"""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from bench.servers import Server, Site, free_port, serving
from tests.e2e.browsers import (
    CHROMIUM,
    FLAGS,
    LOW_CONTRAST,
    NEEDS_BROWSER,
    WAIT_MS,
    browsing,
)

pytestmark = NEEDS_BROWSER

LIVE_MS_MAX = 3_000
SERIOUS = {"serious", "critical"}
TABS = ("", "/history", "/users", "/share", "/edit", "/webhooks")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests: what they are about does not reach the engine."""
    with serving(Site(tmp_path_factory.mktemp("site"), free_port())) as running:
        yield running


class Seat:
    """Somebody's page at the desk, and whatever it complains of."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.base_url = f"http://127.0.0.1:{server.site.port}"
        self.heard: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def open(self, path: str) -> None:
        answer = self.page.goto(self.base_url + path)
        assert answer is not None
        assert answer.status == 200, path

    def sign_in(self, name: str) -> None:
        """By the site's own way: the entry that everybody sees leads to the sign-in page."""
        self.open("/about")
        self.page.get_by_role("link", name="Beacons", exact=True).click()
        self.page.get_by_label("Name or e-mail address").fill(name)
        self.page.get_by_label("Password").fill("long enough")
        self.press("Sign in")
        self.page.wait_for_url(f"{self.base_url}/beacons")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def make_beacon(self, name: str, value: str) -> str:
        """A beacon with two buttons; its share id."""
        page = self.page
        page.get_by_role("link", name="New beacon").click()
        page.get_by_label("Name").fill(name)
        page.get_by_label("Value now").fill(value)
        page.get_by_role("radio", name="yellow").check()
        page.get_by_text("Buttons for its values").click()
        for number, (preset, color) in enumerate((("open", "green"), ("shut", "red")), 1):
            page.get_by_label(f"Value {number}", exact=True).fill(preset)
            page.get_by_label(f"Colour {number}", exact=True).select_option(color)
        self.press("Make it")
        page.wait_for_url(lambda url: not url.endswith("/new"))
        return page.url.rpartition("/")[2]


def _run(line: str) -> dict[str, Any]:
    """Do what a line for a shell says, as curl does."""
    words = shlex.split(line)
    method, url = words[words.index("-X") + 1], next(each for each in words if "://" in each)
    headers = dict(words[at + 1].split(": ", 1) for at, each in enumerate(words) if each == "-H")
    with urlopen(Request(url, words[-1].encode(), headers, method=method), timeout=30) as answer:
        return json.load(answer)


@contextmanager
def two_people() -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """Two that know nothing of each other, in one browser."""
    assert CHROMIUM is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        contexts = browser.new_context(), browser.new_context()
        for each in contexts:
            each.set_default_timeout(WAIT_MS)
        yield contexts
        browser.close()


@pytest.mark.slow
def test_the_way_of_a_beacon_with_scripts(server: Server) -> None:
    server.site.person("anna")
    with two_people() as (own, strange):
        seat, stranger = Seat(own, server), Seat(strange, server)
        seat.sign_in("anna")
        share_id = seat.make_beacon("Bakery", "ask")
        expect(seat.page.locator(".sign")).to_have_text("ASK")
        stranger.open(f"/s/{share_id}")
        expect(stranger.page.locator(".value")).to_have_text("ASK")
        seat.open("/beacons")
        for each in (seat.page, stranger.page):
            each.evaluate("window.stayed = true")
            each.wait_for_timeout(300)

        seat.press("SHUT")
        for each, sign in ((stranger.page, ".panel"), (seat.page, ".sign")):
            expect(each.locator(sign)).to_contain_text("SHUT", timeout=LIVE_MS_MAX)
            expect(each.locator(f"{sign}.hue-2")).to_be_visible()
            assert each.evaluate("window.stayed") is True
        shut = seat.page.get_by_role("button", name="SHUT", exact=True)
        expect(shut).to_have_attribute("aria-current", "true")
        expect(shut).to_be_focused()
        expect(seat.page.locator("#unread")).to_have_text("2 unread")

        maker = Seat(own, server)
        maker.open("/beacons/keys")
        maker.page.get_by_label("For which program").fill("laptop")
        maker.press("Make a key")
        line = maker.page.get_by_label("Use it").input_value()
        told = _run(line.replace("SHUT", "12:30"))
        assert (told["shareId"], told["value"]) == (share_id, "12:30")
        for each, sign in ((stranger.page, ".value"), (seat.page, ".sign")):
            expect(each.locator(sign)).to_have_text("12:30", timeout=LIVE_MS_MAX)
            assert each.evaluate("window.stayed") is True
        # The answer to a tap is lost: the way without scripts repeats that very tap.
        seat.page.route("**/value", lambda route: (route.fetch(), route.abort()), times=1)
        seat.press("OPEN")
        expect(seat.page.locator(".sign")).to_have_text("OPEN")
        seat.page.wait_for_function("!window.stayed")
        assert (
            stranger.page.request.get(f"{seat.base_url}/s/{share_id}.json").json()["changes"] == 4
        )
        seat.page.get_by_label("New value of Bakery").fill("too long a value")
        seat.press("Set")
        expect(seat.page.get_by_role("alert")).to_contain_text("1 to 10 characters")
        # A refusal is a 422, a lost answer a failure, and the browser says so.
        expected = ("422", "net::ERR_FAILED")
        assert [text for text in seat.heard if not any(e in text for e in expected)] == []
        assert stranger.heard == []


def test_the_same_without_scripts(tmp_path: Path, server: Server) -> None:
    server.site.person("bert")
    with browsing(tmp_path / "bert", java_script_enabled=False) as context:
        seat = Seat(context, server)
        seat.sign_in("bert")
        share_id = seat.make_beacon("Lab door", "ask")
        seat.open("/beacons")
        seat.press("OPEN")
        expect(seat.page.locator(".sign.hue-6")).to_have_text("OPEN")
        seat.page.get_by_label("New value of Lab door").fill("back 5pm")
        seat.page.keyboard.press("Enter")
        expect(seat.page.locator(".sign")).to_have_text("BACK 5PM")
        seat.page.get_by_role("link", name="unread").click()
        seat.press("Mark all as read")
        expect(seat.page.locator("#unread")).to_be_empty()
        seat.open(f"/beacons/{share_id}")
        seat.page.get_by_label("Only these changes:").check()
        seat.page.get_by_label("Value, 1").fill("open")
        seat.press("Save")
        expect(seat.page.get_by_label("Value, 1")).to_have_value("OPEN")
        seat.page.get_by_role("link", name="Edit").click()
        seat.page.get_by_label("Yes, delete Lab door").check()
        seat.press("Delete")
        expect(seat.page.locator(".place")).to_have_count(0)
        assert seat.heard == []


@pytest.mark.slow
def test_nobody_is_shut_out(tmp_path: Path, server: Server) -> None:
    """axe finds nothing serious; in light, in dark, and on a small screen nothing is cut off."""
    server.site.person("cleo")
    paths = list[str]()
    looks: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 320), ("dark", 900))
    for scheme, width in looks:
        size = {"width": width, "height": 800}
        with browsing(tmp_path / scheme, color_scheme=scheme, viewport=size) as context:
            seat = Seat(context, server)
            seat.sign_in("cleo")
            if not paths:
                paths = _furnish(seat)
            for path in paths:
                seat.open(path)
                seat.page.evaluate(
                    "document.querySelectorAll('details').forEach(each => each.open = true)"
                )
                assert seat.page.evaluate(LOW_CONTRAST) == [], path
                inner = seat.page.evaluate("document.documentElement.scrollWidth")
                assert inner <= width, f"{path} is wider than the screen"
                if scheme == "light":
                    found = Axe().run(seat.page).response["violations"]
                    assert [each for each in found if each["impact"] in SERIOUS] == [], path
            assert seat.heard == []


def _furnish(seat: Seat) -> list[str]:
    """Something of everything; the paths of all pages."""
    share_id = seat.make_beacon("Donaudampfschifffahrtsgesellschaftskapitän", "🔴 12:30")
    for path, button in (
        (f"/beacons/{share_id}/share", "Make a link"),
        ("/beacons/keys", "Make a key"),
    ):
        seat.open(path)
        seat.press(button)
    seat.open(f"/beacons/{share_id}/webhooks")
    seat.page.get_by_label("Address").fill("https://hooks.example.org/in")
    seat.press("Make a webhook")
    seat.open("/beacons/boards")
    seat.page.get_by_label("Name").fill("The village")
    seat.press("Make a board")
    seat.page.get_by_role("button", name="Add", exact=True).first.click()
    board = seat.page.url.removeprefix(seat.base_url)
    own = ["/beacons", "/beacons/new", "/beacons/keys", "/beacons/webhooks", "/beacons/boards"]
    return [*own, board, *(f"/beacons/{share_id}{tab}" for tab in TABS)]
