"""Boards: several beacons on one page, and how bad it is at worst."""

from stonechat.domain.beacons import Beacon
from stonechat.domain.boards import Board
from stonechat.services import boards
from tests.contract.api import Api, Person
from tests.contract.oauth.browser import Browser
from tests.contract.web.beacons import light, viewer_of
from tests.contract.web.pages import open_page

RED, ORANGE, YELLOW, GREEN = 2, 3, 4, 6


async def _board(api: Api, who: Person, *beacons: Beacon) -> Board:
    board = await boards.create_board(api.env, viewer_of(who), "Lab <doors>")
    for each in beacons:
        await boards.add_beacon(api.env, viewer_of(who), board.id, each.id)
    return board


async def test_everybody_finds_what_they_may_see(api: Api) -> None:
    anna = await api.person("anna")
    door = await light(api, anna, name="Door", color_no=GREEN)
    oven = await light(api, anna, name="Oven", value="<hot>", color_no=RED, access="private")
    board = await _board(api, anna, oven, door)
    page = await open_page(api, f"/b/{board.id}")
    assert page.one("h1").text == "Lab <doors>"
    assert page.one("p", "sum").text == "All calm"
    assert [each["data-beacon"] for each in page.all("li", "tile")] == [door.id]
    assert page.all("li", "tile")[0].has_class(f"hue-{GREEN}")
    assert page.meta("robots") == "noindex"
    told = await api.get(f"/b/{board.id}.json")
    assert told.headers["access-control-allow-origin"] == "*"
    assert told.json["summary"] == "All calm"
    assert [each["name"] for each in told.json["beacons"]] == ["Door"]
    known = {"If-None-Match": told.headers["etag"]}
    assert (await api.get(f"/b/{board.id}.json", headers=known)).status == 304
    browser = Browser(api)
    await browser.sign_in("anna")
    own = await browser.get(f"/b/{board.id}")
    assert "Alarm: 1 of 2" in own.text
    assert page.one("article", "board")["data-read"] == f"/b/{board.id}.json"
    assert "data-read" not in own.text
    assert "&lt;HOT&gt;" in own.text
    assert own.headers["cache-control"] == "private, no-cache"


async def test_how_bad_it_is(api: Api) -> None:
    """Stale is worse than yellow, and better than orange."""
    anna = await api.person("anna")
    calm = await light(api, anna, color_no=GREEN, stale_after_s=60)
    seen = list[str]()
    for color_no in (None, YELLOW, ORANGE, RED):
        more = [] if color_no is None else [await light(api, anna, color_no=color_no)]
        board = await _board(api, anna, calm, *more)
        seen.append((await open_page(api, f"/b/{board.id}")).one("p", "sum").text)
    assert seen == ["All calm", "Worth a look: 1 of 2", "Warning: 1 of 2", "Alarm: 1 of 2"]
    api.clock.move(seconds=60)
    yellow = await light(api, anna, color_no=YELLOW)
    board = await _board(api, anna, calm, yellow)
    page = await open_page(api, f"/b/{board.id}")
    assert page.one("p", "sum").text == "Not confirmed: 1 of 2"
    assert [each.text for each in page.all("strong", "value")] == ["?", "OPEN"]


async def test_boards_that_are_not_there(api: Api) -> None:
    anna = await api.person("anna")
    empty = await _board(api, anna)
    page = await open_page(api, f"/b/{empty.id}")
    assert "nothing on this board" in page.one("p", "nothing").text
    assert page.one("p", "sum").text == "Nothing here yet"
    lost = await api.get("/b/222222222222")
    assert lost.status == 404
    for board_id in ("2", "x" * 400, empty.id.upper()):
        reply = await api.get(f"/b/{board_id}")
        assert reply.status == 404
        assert reply.body == lost.body
        assert (await api.get(f"/b/{board_id}.json")).status == 404
