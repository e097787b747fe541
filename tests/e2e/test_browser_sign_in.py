"""A real browser through the sign-in and consent pages of a running server.

What only a browser can show: that the pages work under their own policy, that `form-action`
lets the redirect to an app through (browsers hold a form to it until the last redirect), and
that cookies come and go as they should. Debian's chromium is driven; no other one is fetched.
"""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect

from bench.servers import Server, Site, free_port, serving
from tests.e2e.browsers import LOW_CONTRAST, NEEDS_BROWSER, browsing

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
STATE = "two\nlines & more ü"
POLICY = "content-security-policy"

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests: what they are about does not reach the engine."""
    with serving(Site(tmp_path_factory.mktemp("site"), free_port())) as running:
        running.site.person("anna")
        yield running


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[BrowserContext]:
    with browsing(tmp_path / "browser") as context:
        yield context


class Visit:
    """A page, and all that went wrong on it."""

    def __init__(self, browser: BrowserContext, server: Server) -> None:
        self.site = server.site
        self.base_url = f"http://127.0.0.1:{server.site.port}"
        self.complaints: list[str] = []
        self.page: Page = browser.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def register(self, redirect_uri: str, scopes: str = "read write") -> dict[str, Any]:
        return self.site.call(
            "POST",
            "/api/v1/apps",
            client_name="Browser test",
            redirect_uris=redirect_uri,
            scopes=scopes,
        )

    def authorize(self, app: dict[str, Any], **more: str) -> None:
        """Open the page that the app would open."""
        asked = {
            "response_type": "code",
            "client_id": app["client_id"],
            "redirect_uri": app["redirect_uri"],
            "scope": "read write",
            **more,
        }
        self.page.goto(f"{self.base_url}/oauth/authorize/?{urlencode(asked)}")

    def sign_in(self, name: str = "anna", password: str = "long enough") -> None:
        self.page.get_by_label("Name or e-mail address").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def exchange(self, app: dict[str, Any], code: str) -> dict[str, Any]:
        return self.site.call(
            "POST",
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            redirect_uri=app["redirect_uri"],
        )


@pytest.fixture
def visit(browser: BrowserContext, server: Server) -> Visit:
    return Visit(browser, server)


class Loopback:
    """An app of the command line: a port on this machine that waits for the code."""

    def __init__(self) -> None:
        paths: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<title>Done</title><link rel=icon href=data:,><h1>Done</h1>")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                del format, args

        self.paths = paths
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.uri = f"http://127.0.0.1:{self.server.server_port}/done?from=test"

    @property
    def answer(self) -> dict[str, str]:
        """The query of the last request."""
        return {
            name: values[0] for name, values in parse_qs(urlsplit(self.paths[-1]).query).items()
        }

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    listener = Loopback()
    yield listener
    listener.close()


def test_a_code_to_copy(visit: Visit, browser: BrowserContext) -> None:
    app = visit.register(OUT_OF_BAND)
    visit.authorize(app)
    expect(visit.page).to_have_title("Sign in · Stonechat")

    visit.sign_in(password="not the password")
    expect(visit.page.get_by_role("alert")).to_contain_text("do not belong together")
    # That answer is a 422, and the browser says so.
    assert [text for text in visit.complaints if "422" not in text] == []
    visit.complaints.clear()

    visit.sign_in()
    expect(visit.page.get_by_role("heading")).to_have_text("Allow Browser test?")
    (cookie,) = browser.cookies()
    assert cookie.get("name") == "stonechat_session"
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"

    visit.press("Allow")
    code = visit.page.locator("input.oauth-code").input_value()
    token = visit.exchange(app, code)
    assert token["scope"] == "read write"
    me = visit.site.call("GET", "/api/v1/apps/verify_credentials", token["access_token"])
    assert me["name"] == "Browser test"
    assert visit.complaints == []


def test_back_to_the_app_and_next_time_at_once(visit: Visit, loopback: Loopback) -> None:
    app = visit.register(loopback.uri)
    visit.authorize(app, state=STATE)
    visit.sign_in()
    visit.press("Allow")
    expect(visit.page).to_have_title("Done")
    assert loopback.answer["state"] == STATE
    assert loopback.answer["from"] == "test"
    assert visit.exchange(app, loopback.answer["code"])["token_type"] == "Bearer"

    visit.authorize(app, state="second")
    expect(visit.page).to_have_title("Done")
    assert loopback.answer["state"] == "second"
    # After signing out, the sign-in form itself ends at the app, through two redirects.
    visit.authorize(app, state="third", force_login="true")
    visit.press("Use another account")
    visit.page.goto(visit.page.url.replace("%26force_login%3Dtrue", ""))
    visit.sign_in()
    expect(visit.page).to_have_title("Done")
    assert loopback.answer["state"] == "third"
    assert visit.complaints == []


def test_refused(visit: Visit, loopback: Loopback) -> None:
    app = visit.register(loopback.uri)
    visit.authorize(app, state="s")
    visit.sign_in()
    visit.press("Refuse")
    expect(visit.page).to_have_title("Done")
    assert loopback.answer["error"] == "access_denied"
    assert loopback.answer["state"] == "s"
    assert "code" not in loopback.answer
    assert visit.complaints == []


def test_a_custom_scheme_is_handed_over(visit: Visit) -> None:
    """No app opens `stonechattest:` here, but the browser must try: it may not block the form."""
    app = visit.register("stonechattest://callback")
    visit.authorize(app, state="s")
    visit.sign_in()
    expect(visit.page.get_by_role("heading")).to_have_text("Allow Browser test?")
    with visit.page.expect_response(lambda answer: answer.request.method == "POST") as caught:
        visit.press("Allow")
    location = caught.value.headers["location"]
    assert location.startswith("stonechattest://callback?code=")
    assert visit.exchange(app, dict(parse_qsl(urlsplit(location).query))["code"])
    visit.page.wait_for_timeout(500)
    assert [text for text in visit.complaints if "Content Security Policy" in text] == []


@pytest.mark.parametrize("uri", ["", "stonechattest://callback"])
def test_a_form_that_ends_elsewhere_is_blocked(visit: Visit, loopback: Loopback, uri: str) -> None:
    """The counterpart of the tests above: they pass because the policy names the app."""
    app = visit.register(uri or loopback.uri)
    visit.authorize(app)
    visit.sign_in()
    expect(visit.page.get_by_role("heading")).to_have_text("Allow Browser test?")

    def forget_the_app(route: Route) -> None:
        answer = route.fetch()
        policy = re.sub("form-action [^;]+", "form-action 'self'", answer.headers[POLICY])
        route.fulfill(response=answer, headers={**answer.headers, POLICY: policy})

    visit.page.route("**/oauth/authorize/*", forget_the_app)
    visit.page.reload()
    visit.page.unroute("**/oauth/authorize/*")
    with visit.page.expect_console_message(lambda message: "form-action" in message.text):
        visit.press("Allow")
    assert loopback.paths == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_the_pages_can_be_read(
    visit: Visit, tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    """In light and dark and on a small screen: nothing is cut off, and contrast is enough."""
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.set_viewport_size({"width": width, "height": 800})
    app = visit.register(OUT_OF_BAND, "read write:statuses push follow")
    visit.authorize(app, scope="read write:statuses push follow", force_login="true")
    visit.sign_in(password="not the password")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    _look(visit, tmp_path, "sign_in")
    visit.sign_in()
    expect(visit.page.get_by_role("heading")).to_have_text("Allow Browser test?")
    visit.page.get_by_text("word for word").click()
    _look(visit, tmp_path, "consent")
    visit.press("Allow")
    expect(visit.page.get_by_role("heading")).to_have_text("Your code")
    _look(visit, tmp_path, "code")
    visit.page.goto(f"{visit.base_url}/oauth/authorize?client_id=nobody")
    _look(visit, tmp_path, "problem")


def _look(visit: Visit, folder: Path, name: str) -> None:
    visit.page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert visit.page.evaluate(LOW_CONTRAST) == [], name
    inner, outer = visit.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inner <= outer, f"{name} is wider than the screen"
