"""A real browser on the pages of a running server: nothing runs, everybody can read them.

Debian's chromium is driven. A policy that forbids all scripts would hide a fault of ours from the
tests of hostile texts, so those are read with the policy switched off, and once more with it.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench.servers import Server, Site, free_port, serving
from tests.e2e import gallery
from tests.e2e.browsers import LOW_CONTRAST, NEEDS_BROWSER, browsing
from tests.e2e.hostile_markup import CORPUS
from tests.e2e.visitors import Visitor

pytestmark = NEEDS_BROWSER

NAME_CHARACTERS_MAX = 30
FIELD_CHARACTERS_MAX = 255
APP_NAME_CHARACTERS_MAX = 60
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

LISTEN = "window.runs = 0; window.ran = () => { window.runs += 1 };"
# What a text must not have become: elements and attributes that templates and markup never write.
INTRUDERS = """() => {
  const known = new Set(`HTML HEAD META TITLE LINK BODY A HEADER P IMG BDI NAV UL LI MAIN DIV H1 H2
    OL B CODE SECTION ARTICLE SPAN TIME DETAILS SUMMARY BR FOOTER DL DT DD STRONG FIGURE VIDEO
    AUDIO METER BLOCKQUOTE`.split(/\\s+/));
  const found = [];
  for (const node of document.querySelectorAll("*")) {
    if (!known.has(node.tagName)) found.push(node.outerHTML.slice(0, 200));
    for (const {name, value} of node.attributes) {
      const links = name === "href" || name === "src";
      const bad = name.startsWith("on") || name === "style" || name === "srcdoc"
        || (links && !/^(https?:|mailto:|[/?#])/.test(value));
      if (bad) found.push(`${node.tagName} ${name}=${value}`.slice(0, 200));
    }
  }
  return found;
}"""
# What a person needs who listens to a page, or who uses no mouse.
BARRIERS = """() => {
  const found = [];
  const count = selector => document.querySelectorAll(selector).length;
  if (!document.documentElement.lang) found.push("the page has no language");
  for (const [selector, number] of [["main", 1], ["h1", 1], ["title", 1], ["body > footer", 1]])
    if (count(selector) !== number) found.push(`${count(selector)} of ${selector}`);
  for (const image of document.images)
    if (image.getAttribute("alt") === null) found.push(`no alt: ${image.src}`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) found.push(`${heading.tagName} under h${level}`);
    level = next;
  }
  const named = link => [link.textContent, ...[...link.querySelectorAll("img")].map(i => i.alt)];
  for (const link of document.links)
    if (!named(link).join("").trim()) found.push(`a link without a name: ${link.href}`);
  for (const nav of document.querySelectorAll("nav"))
    if (!nav.getAttribute("aria-label")) found.push("a nav without a name");
  const ids = [...document.querySelectorAll("[id]")].map(node => node.id);
  if (new Set(ids).size !== ids.length) found.push(`ids twice: ${ids}`);
  for (const node of document.querySelectorAll("[aria-labelledby]"))
    if (!document.getElementById(node.getAttribute("aria-labelledby"))) found.push("no label");
  return found;
}"""

# Every picture of a page, one after the other as somebody scrolls by; those that do not load.
BROKEN_PICTURES = """async () => {
  const broken = [];
  for (const image of document.images) {
    image.scrollIntoView();
    await image.decode().catch(() => {});
    if (!image.naturalWidth) broken.push(image.src);
  }
  return broken;
}"""
# What a film or a song says of itself before it plays, and whether it then does.
PLAYED = """async selector => {
  const film = document.querySelector(selector);
  await new Promise((done, fail) => {
    film.onloadedmetadata = done;
    film.onerror = () => fail(film.error.message);
    film.preload = "metadata";
  });
  await film.play();
  await new Promise(done => { film.ontimeupdate = () => film.currentTime > 0 && done(); });
  film.pause();
  return [Math.round(film.duration), film.videoWidth || 0, film.videoHeight || 0];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests: what they are about does not reach the engine."""
    with serving(Site(tmp_path_factory.mktemp("site"), free_port())) as running:
        yield running


def _base(server: Server) -> str:
    return f"http://127.0.0.1:{server.site.port}"


class Watched:
    """A page, and whatever on it ran or complained."""

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        context.add_init_script(LISTEN)
        self.base_url = base_url
        self.heard: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: self.heard.append(f"dialog {dialog.message}"))
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def open(self, path: str) -> None:
        """Open a page, unfold what is folded, and look for what should not be there."""
        answer = self.page.goto(self.base_url + path)
        assert answer is not None
        assert answer.status == 200, path
        self.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert self.page.evaluate("window.runs") == 0, path
        assert self.page.evaluate(INTRUDERS) == [], path
        assert self.heard == [], path


def _say(server: Server, token: str, text: str, **more: str) -> dict[str, Any]:
    return server.site.call("POST", "/api/v1/statuses", token, status=text, **more)


def _batches(texts: list[str], size: int) -> Iterator[list[str]]:
    each = iter(texts)
    while batch := list(islice(each, size)):
        yield batch


def _profiles() -> Iterator[dict[str, Any]]:
    """Profiles that hold the corpus in notes and in both halves of fields, and names that fit."""
    names = [text for text in CORPUS if len(text) <= NAME_CHARACTERS_MAX]
    fits = [text for text in CORPUS if len(text) <= FIELD_CHARACTERS_MAX]
    for number, batch in enumerate(_batches(fits, 8)):
        yield {
            "display_name": names[number % len(names)],
            "note": "\n\n".join(batch)[:500],
            "fields_attributes": [
                {"name": name, "value": value}
                for name, value in zip(batch[::2], batch[1::2], strict=False)
            ],
        }


@pytest.mark.parametrize("bypass_csp", [True, False])
def test_the_listener_hears_what_runs(tmp_path: Path, server: Server, bypass_csp: bool) -> None:  # noqa: FBT001
    """The counterpart of the tests below: as markup these texts do run, unless the policy stops
    them, so a page that took one for markup would be found out."""
    hostile = "<img src=x onerror=ran()>"
    with browsing(tmp_path / "browser", bypass_csp=bypass_csp) as context:
        watched = Watched(context, _base(server))
        watched.page.goto(f"{watched.base_url}/about")
        watched.page.evaluate(
            "html => { document.querySelector('main').innerHTML = html }", hostile
        )
        watched.page.wait_for_timeout(300)
        assert watched.page.evaluate("window.runs") == (1 if bypass_csp else 0)
        assert watched.page.evaluate(INTRUDERS) != []


def test_there_are_enough_hostile_texts() -> None:
    assert len(CORPUS) >= 300


@pytest.mark.slow
def test_no_text_of_a_post_runs(tmp_path: Path, server: Server) -> None:
    """S119, S124 and S127: text and warning, in lists, in threads, in titles and in previews."""
    _, token = server.site.account("mallory")
    root = _say(server, token, "root")
    said = [
        _say(
            server, token, text, spoiler_text=text if number % 2 else "", in_reply_to_id=root["id"]
        )
        for number, text in enumerate(CORPUS)
    ]
    with browsing(tmp_path / "browser", bypass_csp=True) as context:
        watched = Watched(context, _base(server))
        for status in said[::5]:
            watched.open(f"/@mallory/{status['id']}")
        read = 0
        for start in range(0, len(said), 40):
            last = said[start : start + 40][-1]
            watched.open(f"/@mallory/with_replies?limit=40&max_id={int(last['id']) + 1}")
            read += watched.page.locator("article").count()
        assert read >= len(CORPUS)
        watched.open("/?limit=40")
        watched.open("/tags/soup")
        watched.open(f"/@mallory/{root['id']}")


@pytest.mark.slow
def test_no_part_of_a_profile_runs(tmp_path: Path, server: Server) -> None:
    """S009, S119 and S124: name, note, fields."""
    _, token = server.site.account("eve")
    said = _say(server, token, "hello")
    with browsing(tmp_path / "browser", bypass_csp=True) as context:
        watched = Watched(context, _base(server))
        for profile in _profiles():
            server.site.call("PATCH", "/api/v1/accounts/update_credentials", token, **profile)
            watched.open("/@eve")
        watched.open(f"/@eve/{said['id']}")
        watched.open("/")


def test_no_name_of_an_app_runs(tmp_path: Path, server: Server) -> None:
    """S009: the name stands on the page of consent and below each post that the app made."""
    server.site.person("trent")
    names = [text for text in CORPUS if len(text) <= APP_NAME_CHARACTERS_MAX]
    with browsing(tmp_path / "browser", bypass_csp=True) as context:
        watched = Watched(context, _base(server))
        for name in names[:: len(names) // 5]:
            app = server.site.call(
                "POST",
                "/api/v1/apps",
                client_name=name,
                redirect_uris=OUT_OF_BAND,
                scopes="read write",
            )
            asked = f"client_id={app['client_id']}&redirect_uri={OUT_OF_BAND}&scope=read+write"
            url = f"{watched.base_url}/oauth/authorize?response_type=code&{asked}"
            code = Visitor().authorize(url, "trent")
            token = server.site.call(
                "POST",
                "/oauth/token",
                grant_type="authorization_code",
                code=code,
                client_id=app["client_id"],
                client_secret=app["client_secret"],
                redirect_uri=OUT_OF_BAND,
            )["access_token"]
            said = _say(server, token, "hello")
            watched.open(f"/@trent/{said['id']}")
            assert f"from {app['name']}" in watched.page.inner_text("article.main footer")


@pytest.fixture(scope="module")
def village(server: Server) -> list[str]:
    """Somebody with much to say, and the paths at which it is read."""
    _, anna = server.site.account("anna")
    _, bert = server.site.account("bert")
    server.site.call(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        anna,
        display_name="Anna Lindqvist",
        note="Watches birds. https://anna.example.org/about-me #birds",
        fields_attributes=[{"name": "Site", "value": f"https://anna.example.org/{LONG_WORD}"}],
    )
    root = _say(server, anna, "A pair on the wall. https://birds.example.org/sightings/2026/wall")
    answer = _say(server, bert, "@anna Which wall?", in_reply_to_id=root["id"])
    _say(server, anna, "@bert The one by the bridge.", in_reply_to_id=answer["id"])
    _say(server, anna, f"{LONG_WORD} #birds", language="de")
    warned = _say(server, anna, "A fox came.", spoiler_text="Death of an animal")
    server.site.call("POST", f"/api/v1/statuses/{root['id']}/pin", anna)
    server.site.call("POST", f"/api/v1/statuses/{root['id']}/reblog", bert)
    return [
        "/",
        "/about",
        "/@anna",
        "/@anna/with_replies",
        "/@bert",
        f"/@anna/{root['id']}",
        f"/@bert/{answer['id']}",
        f"/@anna/{warned['id']}",
        "/tags/birds",
        "/tags/unused",
    ]


@pytest.fixture(scope="module")
def shown(server: Server) -> dict[str, str]:
    """The paths of pages with all that a post may show, by what it is."""
    return gallery.fill(server)


@pytest.fixture(scope="module")
def paths(village: list[str], shown: dict[str, str]) -> list[str]:
    """Every page that somebody may read."""
    return [*village, *shown.values()]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_everybody_can_read_the_pages(
    tmp_path: Path,
    server: Server,
    paths: list[str],
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    """In light and dark, on a small screen, with a screen reader, and under our own policy."""
    size = {"width": width, "height": 800}
    with browsing(tmp_path / "browser", color_scheme=scheme, viewport=size) as context:
        watched = Watched(context, _base(server))
        for number, path in enumerate(paths):
            watched.open(path)
            watched.page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
            assert watched.page.evaluate(LOW_CONTRAST) == [], path
            assert watched.page.evaluate(BARRIERS) == [], path
            inner = watched.page.evaluate("document.documentElement.scrollWidth")
            assert inner <= width, f"{path} is wider than the screen"
        assert context.cookies() == []


@pytest.mark.slow
def test_what_posts_show_is_there_under_our_policy(
    tmp_path: Path, server: Server, shown: dict[str, str]
) -> None:
    """Pictures load, films and songs play, and each has a name for who cannot see it."""
    with browsing(tmp_path / "browser") as context:
        watched = Watched(context, _base(server))
        page = watched.page
        for path in shown.values():
            watched.open(path)
            assert page.evaluate(BROKEN_PICTURES) == [], path
            assert watched.heard == [], path
        watched.open(shown["pictures"])
        assert page.locator("figure img").count() == 3
        expect(page.get_by_role("img", name=gallery.DESCRIPTION)).to_be_visible()
        watched.open(shown["video"])
        assert page.evaluate(PLAYED, "video") == [2, 640, 360]
        watched.open(shown["audio"])
        assert page.evaluate(PLAYED, "audio") == [3, 0, 0]
        watched.open(shown["poll"])
        poll = page.get_by_role("group", name="Poll")
        expect(poll.get_by_role("meter", name="tea")).to_have_attribute("value", "67")
        assert poll.get_by_role("meter", name="tea").evaluate("each => each.offsetWidth") > 200
        watched.open(shown["card"])
        link = page.get_by_role("link", name=gallery.CARD.title)
        expect(link).to_have_attribute("href", gallery.URL)
        watched.open(shown["quote"])
        expect(page.locator("blockquote")).to_contain_text("The harbour tonight.")


@pytest.mark.slow
def test_what_is_folded_is_not_even_fetched(
    tmp_path: Path, server: Server, shown: dict[str, str]
) -> None:
    """A sensitive picture comes when somebody unfolds it, by the keyboard alone if they like."""
    with browsing(tmp_path / "browser") as context:
        watched = Watched(context, _base(server))
        page, asked = watched.page, list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(watched.base_url + shown["sensitive"], wait_until="networkidle")
        assert [url for url in asked if "/media/" in url] == []
        page.locator("details.warned > summary").press("Enter")
        expect(page.get_by_role("img", name="A wound")).to_be_visible()
        assert page.evaluate(BROKEN_PICTURES) == []
        assert len([url for url in asked if "/media/" in url]) == 1
        words = page.locator(".caption p", has_text="A wound")
        expect(words).to_be_hidden()
        page.locator(".caption summary").press("Enter")
        expect(words).to_be_visible()


@pytest.mark.slow
def test_nothing_that_a_post_shows_runs(tmp_path: Path, server: Server) -> None:
    """S121, S124 and S127: descriptions, options of polls, and what linked pages say."""
    _, token = server.site.account("peggy")
    said = [
        *gallery.describe(server.site, token, CORPUS),
        *gallery.ask(server.site, token, CORPUS),
        *gallery.preview(server.site, token, CORPUS),
    ]
    with browsing(tmp_path / "browser", bypass_csp=True) as context:
        watched = Watched(context, _base(server))
        for status_id in said[::4]:
            watched.open(f"/@peggy/{status_id}")
        read = 0
        for start in range(0, len(said), 40):
            last = said[start : start + 40][-1]
            watched.open(f"/@peggy?limit=40&max_id={int(last) + 1}")
            read += watched.page.locator("article").count()
        assert read >= len(said)
        assert watched.page.locator("a.preview").count() > 0
        watched.open("/?limit=40")


def test_the_keyboard_skips_to_the_content(
    tmp_path: Path, server: Server, village: list[str]
) -> None:
    with browsing(tmp_path / "browser") as context:
        watched = Watched(context, _base(server))
        watched.open(village[0])
        watched.page.keyboard.press("Tab")
        skip = watched.page.locator(":focus")
        assert skip.inner_text() == "Skip to the content"
        assert skip.bounding_box() is not None
        assert skip.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
        watched.page.keyboard.press("Enter")
        watched.page.keyboard.press("Tab")
        assert watched.page.locator(":focus").evaluate("node => !!node.closest('main')")


def test_numbers_for_the_machine_itself(server: Server) -> None:
    """S145: on loopback, where no proxy stands between, /metrics answers without a token."""
    with urlopen(f"{_base(server)}/metrics", timeout=30) as answer:
        assert b"stonechat_http_requests_total" in answer.read()
    passed_on = Request(f"{_base(server)}/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    with pytest.raises(HTTPError, match="404"):
        urlopen(passed_on, timeout=30)
