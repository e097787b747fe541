"""The vendor's own interface in a real browser, on a page of its own, at a running server.

The console of the browser is the judge: what the interface misses in an answer it says there, or
the page dies. One message is allowed. The interface leaves the port out of the address of its
socket for notices (selfcommunity.md 2.11), so here it finds nobody, and it does without.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from bench.servers import Server, Site
from tests.e2e.browsers import NEEDS_BROWSER, WAIT_MS, browsing
from tests.e2e.community_packages import NEEDS_PACKAGES, page_folder, published

pytestmark = [*NEEDS_BROWSER, NEEDS_PACKAGES]

ALLOWED = re.compile(
    r"WebSocket connection to 'ws://127\.0\.0\.1/ws/notify\?subscribe-user' failed: .*"
)
VOTE = ".SCFeedObject-action-vote-button"
VOTES = ".SCFeedObject-action-vote-view-audience-button"
TEXT = "The bakery is open until six"
ONE_VOTE = "1 Like"
MY_VOTE_TOO = "You + 1"
COMMENT = "Then we are in time"


class Scene:
    """A status with a comment and a vote, and who looks at it."""

    def __init__(self, site: Site) -> None:
        """The author writes in the community, the reader answers in a Mastodon app."""
        self.site = site
        _, admin = self._account("anna", "admin")
        _, author = self._account("bert")
        _, self.reader = self._account("carla")
        category = self._call("POST", "category/", admin, name="Old Town", slug="_GENERATE_")
        self._call("POST", f"category/{category['id']}/follow/", self.reader)
        words = {"action": None, "text": TEXT, "categories": [category["id"]]}
        self.status: int = self._call("POST", "status/", author, **words)["id"]
        answer = {"status": COMMENT, "in_reply_to_id": str(self.status)}
        site.call("POST", "/api/v1/statuses", self.reader, **answer)
        self._call("POST", f"status/{self.status}/vote/", admin)

    def _account(self, name: str, role: str = "user") -> tuple[str, str]:
        account_id, token = self.site.account(name)
        if role == "user":
            return account_id, token
        self.site.command("account", "role", name, role)
        scopes = "read write admin:read admin:write"
        return account_id, self.site.command("token", "create", name, "--scopes", scopes)

    def _call(self, method: str, path: str, token: str, **body: Any) -> Any:
        return self.site.call(method, f"/api/v2/{path}", token, **body)

    def votes(self) -> int:
        """What a Mastodon app shows below the status."""
        return self.site.call("GET", f"/api/v1/statuses/{self.status}")["favourites_count"]


class Visit:
    """A page of the interface, and all that its console says."""

    def __init__(self, page: Page, address: str, scene: Scene) -> None:
        self.page = page
        self.errors: list[str] = []
        self._address = address
        self._given = {"portal": f"http://127.0.0.1:{scene.site.port}", "token": scene.reader}
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        # A picture that is none is no error to the console, but one to people.
        page.on("requestfailed", lambda request: self.errors.append(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not ALLOWED.fullmatch(message.text):
            self.errors.append(f"{message.text} ({message.location['url']})")

    def open(self, view: str, **more: Any) -> None:
        """Show one of the vendor's pages."""
        query = urlencode({**self._given, "view": view, **more})
        self.page.goto(f"{self._address}/index.html?{query}")

    def ensure_shown(self, votes: str) -> None:
        """The status, its comment, and what is said of its votes."""
        try:
            for each in (TEXT, COMMENT):
                expect(self.page.get_by_text(each)).to_be_visible(timeout=WAIT_MS)
            expect(self.page.locator(VOTES)).to_have_text(votes, timeout=WAIT_MS)
        except AssertionError as error:
            raise AssertionError(self.errors) from error

    def ensure_quiet(self) -> None:
        """Nothing was said until the last request was answered."""
        self.page.wait_for_load_state("networkidle")
        assert self.errors == []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with published(page_folder()) as found:
        yield found


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_the_vendors_feed_shows_a_status_a_comment_and_a_vote(
    server: Server, tmp_path: Path, address: str
) -> None:
    """selfcommunity.md 6.2: the feed and the page of a status, without an error in the console."""
    scene = Scene(server.site)
    with browsing(tmp_path / "profile") as context:
        visit = Visit(context.new_page(), address, scene)
        visit.open("feed")
        visit.ensure_shown(votes=ONE_VOTE)
        visit.page.locator(VOTE).click()
        visit.ensure_shown(votes=MY_VOTE_TOO)
        visit.ensure_quiet()
        assert scene.votes() == 2

        visit.open("detail", type="status", id=scene.status)
        visit.ensure_shown(votes=MY_VOTE_TOO)
        visit.ensure_quiet()
