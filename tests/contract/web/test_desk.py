"""The desk: one's own beacons and watched ones, set by one tap, changed, left and deleted."""

import re
from dataclasses import replace

import pytest

from stonechat.kernel.settings import Settings
from tests.contract.api import Api, Reply
from tests.contract.oauth.browser import Browser
from tests.contract.web.beacons import light
from tests.contract.web.desks import Desk, at_desk, forms_of
from tests.contract.web.pages import Element, Html, read

HOSTILE = "<script>alert(1)</script>"


def _now(page: Html, beacon_id: str) -> str:
    (found,) = (each for each in page.all("div", "now") if each["id"] == f"now-{beacon_id}")
    return " ".join(found.text.split())


async def _list(desk: Desk) -> Html:
    page = await desk.get("/beacons")
    return _read(page.text)


def _read(text: str) -> Html:
    return read(Reply(200, {"content-type": "text/html; charset=utf-8"}, text.encode(), None))


def _is_current(element: Element) -> bool:
    return element.attributes.get("aria-current") == "true"


async def test_who_is_not_signed_in_goes_by_the_sign_in_page_and_comes_back(api: Api) -> None:
    await api.person("anna")
    browser = Browser(api)
    page = await browser.get("/beacons")
    assert (page.status, page.location) == (303, "/auth/sign_in?next=%2Fbeacons")
    assert page.headers["cache-control"] == "private, no-store"
    page = await browser.sign_in("anna", path="/beacons")
    assert (page.status, page.location) == (302, "/beacons")
    shown = await browser.get("/beacons")
    assert "Make the first one" in shown.text
    # Also from the page of a beacon, whether or not there is one.
    page = await Browser(api).get("/beacons/7v7x3e/edit")
    assert page.location == "/auth/sign_in?next=%2Fbeacons%2F7v7x3e%2Fedit"


async def test_the_way_of_a_beacon(api: Api) -> None:
    """Made, set by a tap with its colour, set by typing, edited, and deleted by who is sure."""
    desk = await at_desk(api)
    rows = {
        "presets[][value]": ["open", "shut", ""],
        "presets[][color_no]": ["6", "2", "0"],
    }
    beacon_id = await desk.make("Bakery", "ask", color_no="4", rows=rows)
    path = f"/beacons/{beacon_id}"
    page = await _list(desk)
    assert _now(page, beacon_id) == "ASK Set just now · yellow"
    taps = [each["value"] for each in page.all("button") if each.attributes.get("name") == "tap"]
    assert taps == ["OPEN", "SHUT"]

    api.clock.move(minutes=5)
    form = next(
        each for each in forms_of(await desk.get("/beacons")) if each.path.endswith("/value")
    )
    page = await desk.send(form, tap="SHUT")
    assert (page.status, page.location) == (303, f"/beacons#b-{beacon_id}")
    told = (await api.get(f"/s/{beacon_id}.json")).json
    assert (told["value"], told["colorNo"], told["changes"]) == ("SHUT", 2, 2)
    # The same form again, whose answer was lost, is none.
    assert (await desk.send(form, tap="SHUT")).status == 303
    assert (await api.get(f"/s/{beacon_id}.json")).json["changes"] == 2
    # The same value again is a change: it says that it still holds.
    await desk.fill("/beacons", "set", tap="SHUT")
    assert (await api.get(f"/s/{beacon_id}.json")).json["changes"] == 3
    held = [each["value"] for each in (await _list(desk)).all("button") if _is_current(each)]
    assert held == ["SHUT"]
    page = await desk.fill(path, "set", value="12:30")
    assert page.status == 303
    assert page.location == path
    told = (await api.get(f"/s/{beacon_id}.json")).json
    assert (told["value"], told["colorNo"]) == ("12:30", 2)

    page = await desk.fill(
        f"{path}/edit",
        "change",
        rows={"presets[][value]": ["", "closed"]},
        name="The bakery",
        description="At the corner.\r\nRing twice.",
        access="private",
        stale_number="2",
        stale_unit="hours",
    )
    assert page.status == 303, page.text
    assert (await api.get(f"/s/{beacon_id}.json")).status == 404
    shown = await desk.get(f"{path}/edit")
    values = dict(next(e for e in forms_of(shown) if e.action == "change").fields)
    assert values["name"] == "The bakery"
    assert values["description"] == "At the corner.\nRing twice."
    assert (values["stale_number"], values["stale_unit"]) == ("2", "hours")
    assert [
        each["value"]
        for each in _read(shown.text).all("input")
        if "preset" in each.attributes.get("id", "")
    ][:2] == ["CLOSED", ""]
    api.clock.move(hours=2)
    assert _now(await _list(desk), beacon_id).startswith("? Not confirmed. Set 2 hours ago")

    refused = await desk.fill(f"{path}/edit", "delete")
    assert refused.status == 422
    assert "Say that you are sure" in refused.text
    page = await desk.fill(f"{path}/edit", "delete", is_sure="1")
    assert (page.status, page.location) == (303, "/beacons")
    await desk.get(path, 404)


async def test_a_plan_without_parts(api: Api, settings: Settings) -> None:
    """What the plan does not have is not asked for by who did not touch it, and is refused."""
    poor = Api(api.env.db, replace(settings, beacon_lists=False, beacon_links=False, beacons_max=1))
    desk = await at_desk(poor)
    path = f"/beacons/{await desk.make()}/edit"
    assert "users_access" not in (await desk.get(path)).text
    assert (await desk.fill(path, "change", name="Another name")).status == 303
    page = await desk.fill(path, "change", description="See https://example.org/")
    assert page.status == 422
    assert "not part of your plan" in page.text
    assert "See https://example.org/" in page.text
    page = await desk.fill("/beacons/new", "create", name="Second", value="x")
    assert page.status == 422
    assert "Your plan has room for 1" in page.text
    bare = await at_desk(Api(api.env.db, replace(settings, beacon_api=False)), "bert")
    page = await bare.fill("/beacons/keys", "make", label="x")
    assert page.status == 422
    assert "not part of your plan" in page.text


async def test_nothing_touched_is_nothing_changed(api: Api) -> None:
    """Neither the version nor the time moves, however often somebody saves."""
    desk = await at_desk(api)
    beacon_id = await desk.make("Bakery", "open", description="One\r\n\r\nTwo")
    path = f"/beacons/{beacon_id}/edit"
    typed = {"stale_number": "90", "stale_unit": "seconds", "announces": "unlisted"}
    assert (await desk.fill(path, "change", **typed)).status == 303
    before = (await api.get(f"/s/{beacon_id}.json")).headers["etag"]
    assert (await desk.fill(path, "change")).status == 303
    assert (await api.get(f"/s/{beacon_id}.json")).headers["etag"] == before


async def test_a_new_beacon_has_the_colour_of_its_button_unless_somebody_chooses(api: Api) -> None:
    desk = await at_desk(api)
    rows = {"presets[][value]": ["open"], "presets[][color_no]": ["6"]}
    for typed, color in (({}, 6), ({"color_no": "1"}, 1)):
        beacon_id = await desk.make(rows=rows, **typed)
        assert (await api.get(f"/s/{beacon_id}.json")).json["colorNo"] == color


async def test_a_status_key_is_given_once(api: Api) -> None:
    """Section 4 [R]: one's own, unique for its owner, and it stays as it is."""
    desk, bert = await at_desk(api), await at_desk(api, "bert")
    first, second = await desk.make(), await desk.make("Oven")
    path = f"/beacons/{first}/edit"
    refused = await desk.fill(path, "name", key="no/way")
    assert refused.status == 422
    assert dict(next(e for e in forms_of(refused) if e.action == "name").fields)["key"] == "no/way"
    form = next(e for e in forms_of(await desk.get(path)) if e.action == "name")
    for _ in range(2):
        page = await desk.send(form, key="shop.door")
        assert (page.status, page.location) == (303, path)
    shown = await desk.get(path)
    assert "/v1/status-keys/shop.door" in shown.text
    assert "name" not in [each.action for each in forms_of(shown)]
    assert (await desk.send(form, key="another")).status == 422
    page = await desk.fill(f"/beacons/{second}/edit", "name", key="shop.door")
    assert page.status == 422
    assert "Another beacon of yours has this status key" in page.text
    # It is nobody else's business: bert has one that is called so, too.
    third = await bert.make()
    assert (await bert.fill(f"/beacons/{third}/edit", "name", key="shop.door")).status == 303
    made = await desk.fill("/beacons/keys", "make")
    key = next(
        e["value"] for e in _read(made.text).all("input") if e.attributes.get("id") == "new-key"
    )
    found = await api.get("/v1/status-keys/shop.door", headers={"stativate-api-key": key})
    assert found.json["shareId"] == first
    await desk.fill(path, "delete", is_sure="1")
    assert (await desk.fill(f"/beacons/{second}/edit", "name", key="shop.door")).status == 303


async def test_history_is_shown_and_given_away_as_a_file(api: Api) -> None:
    desk = await at_desk(api)
    beacon_id = await desk.make("Bakery", "=1+1")
    for number in range(3):
        await desk.fill(f"/beacons/{beacon_id}", "set", value=f"no {number}")
    page = _read((await desk.get(f"/beacons/{beacon_id}/history")).text)
    assert [each.text for each in page.all("span", "was")] == ["NO 2", "NO 1", "NO 0", "=1+1"]
    assert "@anna on the page" in page.all("span", "by")[0].text
    older = _read((await desk.get(f"/beacons/{beacon_id}/history?below=2")).text)
    assert [each.text for each in older.all("span", "was")] == ["=1+1"]
    table = await desk.browser.get(f"/beacons/{beacon_id}/history.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["content-disposition"]
    # S127: no spreadsheet takes it for a formula.
    assert table.text.splitlines()[-1].startswith("1,'=1+1,")
    assert '"value": "NO 2"' in (await desk.browser.get(f"/beacons/{beacon_id}/history.json")).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "ab"}, "The name has to be 3 to 42 characters long"),
        ({"value": "x" * 11}, "The value has to be 1 to 10 characters long"),
        ({"value": "<a>\0"}, "characters that cannot be kept"),
        ({"description": "x" * 401}, "The description has to be at most 400"),
        ({"color_no": "13"}, "from 1 to 12"),
        ({"access": "everybody"}, "has to be one of public, private"),
    ],
)
async def test_what_is_refused_comes_back_with_the_reason(
    api: Api, typed: dict[str, str], words: str
) -> None:
    """Nothing that was typed is lost, and nothing is made."""
    desk = await at_desk(api)
    given = {"name": "Lab <b>door</b>", "value": "busy", "description": "“Ring” & wait", **typed}
    page = await desk.fill("/beacons/new", "create", **given)
    assert page.status == 422
    shown = _read(page.text)
    assert words in shown.one("p", "problem").text
    values = dict(forms_of(page)[0].fields)
    assert [values[name] for name in ("name", "description")] == [
        given["name"],
        given["description"],
    ]
    assert shown.all("b") == []
    assert "Make the first one" in (await desk.get("/beacons")).text


async def test_a_form_sent_twice_makes_one(api: Api) -> None:
    desk = await at_desk(api)
    form = forms_of(await desk.get("/beacons/new"))[0]
    first = await desk.send(form, name="Bakery", value="open")
    second = await desk.send(form, name="Bakery", value="open")
    assert (first.status, second.location) == (303, first.location)
    assert len((await _list(desk)).all("article", "place")) == 1
    # The page before, out of the browser's memory, filled in differently, is another form.
    third = await desk.send(form, name="Butcher", value="open")
    assert third.location != first.location


async def test_forged_forms_do_nothing(api: Api) -> None:
    """A form of another session, of another site, or without its token; or of no session."""
    desk, other = await at_desk(api), await at_desk(api, "bert")
    beacon_id = await desk.make()
    path = f"/beacons/{beacon_id}"
    form = next(e for e in forms_of(await desk.get(path)) if e.action == "set")
    pairs = [*form.fields, ("value", "forged")]
    bare = [pair for pair in pairs if pair[0] != "form_token"]
    evil = {"Origin": "https://evil.test"}
    for browser, fields, headers in (
        (desk.browser, bare, None),
        (desk.browser, [*bare, ("form_token", "0" * 64)], None),
        (desk.browser, pairs, evil),
        (other.browser, pairs, None),
    ):
        page = await browser.open("POST", form.path, fields, headers)
        assert page.status == 403
        assert "did not come from a page of ours" in page.text
    # Whoever's session is over signs in first, and comes back to the page.
    page = await Browser(api).open("POST", form.path, pairs)
    assert (page.status, page.location) == (303, f"/auth/sign_in?next=%2Fbeacons%2F{beacon_id}")
    assert (await api.get(f"/s/{beacon_id}.json")).json["changes"] == 1


async def test_roles_see_and_do_what_is_theirs(api: Api) -> None:
    """S069: an updater sets the value, a subscriber hears of it, and neither does more."""
    desk, bert, cleo = await at_desk(api), await at_desk(api, "bert"), await at_desk(api, "cleo")
    beacon_id = await desk.make(access="private", color_no="4")
    path = f"/beacons/{beacon_id}"
    await bert.get(path, 404)
    for who, role in (("@bert", "updater"), ("cleo", "subscriber")):
        page = await desk.fill(f"{path}/users", "give", username=who, role=role)
        assert page.status == 303, page.text
    people = _read((await desk.get(f"{path}/users")).text)
    assert [each.text for each in people.all("span", "handle")] == ["@anna", "@bert", "@cleo"]

    page = await bert.fill("/beacons", "set", value="busy")
    assert page.status == 303
    assert "BUSY" in _now(await _list(desk), beacon_id)
    shown = await cleo.get(path)
    assert [each.action for each in forms_of(shown)] == ["watch", "leave", ""]
    # The forms of others, filled in with one's own token.
    own = {
        name: value for name, value in forms_of(shown)[0].fields if name in ("form_token", "once")
    }
    set_it = {**own, "action": "set", "value": "forged"}
    assert (await cleo.browser.open("POST", f"{path}/value", set_it)).status == 403
    for who in (bert, cleo):
        mine = forms_of(await who.get(path))
        token = dict(mine[0].fields)["form_token"]
        for place, action in (
            ("edit", "change"),
            ("edit", "name"),
            ("edit", "delete"),
            ("share", "make_link"),
            ("share", "make_token"),
            ("users", "give"),
            ("users", "take"),
            ("webhooks", "make"),
        ):
            sent = {"form_token": token, "action": action, "is_sure": "1", "username": "bert"}
            page = await who.browser.open("POST", f"{path}/{place}", sent)
            assert page.status == 403, (place, action, page.text)
        for place in ("edit", "share", "webhooks"):
            await who.get(f"{path}/{place}", 403)
        # The list of people is the owner's alone, unless they say otherwise.
        await who.get(f"{path}/users", 403)
    assert "BUSY" in _now(await _list(desk), beacon_id)

    where = {"username": "cleo"}
    page = await desk.fill(f"{path}/users", "take", where=where)
    assert page.status == 303
    await cleo.get(path, 404)
    page = await bert.fill(path, "leave")
    assert (page.status, page.location) == (303, "/beacons")
    await bert.get(path, 404)


async def test_private_is_absent(api: Api) -> None:
    """S065 and S072: every page of somebody else's private beacon is the page of none."""
    desk, bert = await at_desk(api), await at_desk(api, "bert")
    beacon_id = await desk.make(access="private")
    public = await desk.make("For all", access="public")
    lost = await bert.get("/beacons/222222", 404)
    for place in (
        "",
        "/edit",
        "/share",
        "/users",
        "/history",
        "/history.csv",
        "/webhooks",
        "/value",
    ):
        for at in (f"/beacons/{beacon_id}", "/beacons/x", "/beacons/" + "x" * 300):
            page = await bert.get(at + place, 404)
            assert page.text == lost.text, at + place
        # What everybody may see is no desk of theirs, either.
        await bert.get(f"/beacons/{public}{place}", 404)
    token = dict(forms_of(await bert.get("/beacons/new"))[0].fields)["form_token"]
    sent = {"form_token": token, "action": "set", "value": "x"}
    page = await bert.browser.open("POST", f"/beacons/{beacon_id}/value", sent)
    assert (page.status, page.text) == (404, lost.text)


async def test_what_somebody_hears_is_their_own_choice(api: Api) -> None:
    desk, bert = await at_desk(api), await at_desk(api, "bert")
    beacon_id = await desk.make()
    path = f"/beacons/{beacon_id}"
    await desk.fill(f"{path}/users", "give", username="bert", role="subscriber")
    page = await bert.fill(path, "watch", wish="filters")
    assert page.status == 422
    assert "at least one value" in page.text
    rows = {"filters[][kind]": ["to", "from"], "filters[][value]": ["late", "open"]}
    page = await bert.fill(path, "watch", rows=rows, wish="filters")
    assert page.status == 303, page.text
    kept = forms_of(await bert.get(path))[0].fields
    assert [value for name, value in kept if name == "wish"] == ["filters"]
    values = {value for name, value in kept if name == "filters[][value]"}
    assert values == {"LATE", "OPEN", ""}
    for value in ("shut", "soon", "late"):
        await desk.fill(path, "set", value=value)
    words = [" ".join(each.text.split()) for each in (await _list(bert)).all("li", "new")]
    assert [re.sub(r" \d+ \w+ \d+, .*", "", each) for each in words] == [
        "New: Bakery SOON → became LATE",
        "New: Bakery OPEN → became SHUT",
        "New: Bakery is shared with you now",
    ]
    assert (await _list(bert)).one("p", "unread").text == "3 unread"

    # What came after the page was drawn is not read by whoever marks that page as read.
    form = next(e for e in forms_of(await bert.get("/beacons")) if e.action == "mark_read")
    await desk.fill(path, "set", value="open")
    await desk.fill(path, "set", value="late")
    assert (await bert.send(form)).status == 303
    assert (await _list(bert)).one("p", "unread").text == "1 unread"
    page = await bert.fill(path, "watch", wish="off")
    assert page.status == 303
    await desk.fill(path, "set", value="late")
    assert (await _list(bert)).one("p", "unread").text == "1 unread"


async def test_s127_names_and_values_are_escaped_wherever_they_stand(api: Api) -> None:
    desk = await at_desk(api)
    beacon_id = await desk.make(HOSTILE, "<b>\"'&", description=HOSTILE)
    path = f"/beacons/{beacon_id}"
    await desk.fill(f"{path}/share", "make_link", label=HOSTILE)
    await desk.fill("/beacons/keys", "make", label=HOSTILE)
    made = await desk.fill("/beacons/boards", "create", name=HOSTILE)
    await desk.fill(made.location, "add", where={"beacon": beacon_id})
    for place in (
        "/beacons",
        path,
        f"{path}/edit",
        f"{path}/share",
        f"{path}/users",
        f"{path}/history",
        f"{path}/webhooks",
        "/beacons/keys",
        "/beacons/boards",
        made.location,
    ):
        page = await desk.get(place)
        shown = _read(page.text)
        scripts = [each.attributes.get("src", "") for each in shown.all("script")]
        assert all(each.startswith("/static/desk.js?") for each in scripts)
        assert shown.all("b") == []
        assert shown.all("script", "x") == []
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "form-action 'self'" in policy


async def test_how_many_statements_the_list_costs(api: Api) -> None:
    desk = await at_desk(api)
    for length in (1, 60):
        for _ in range(length):
            await light(api, desk.person)
        api.recorder.forget()
        page = _read((await desk.get("/beacons")).text)
        assert api.recorder.count == 4
    assert len(page.all("article", "place")) == 60
    rest = _read((await desk.get("/beacons" + page.one("a", "older")["href"])).text)
    assert len(rest.all("article", "place")) == 1
    for rubbish in ("-1", "99999999", "x"):
        await desk.browser.get(f"/beacons?from={rubbish}")
