"""The ways that the desk gives to others: links, write tokens, keys, webhooks, boards."""

import json
import shlex
from itertools import pairwise

from stonechat.services import sessions
from tests.contract.api import Api, Reply
from tests.contract.oauth.browser import Browser, Page
from tests.contract.web.beacons import change, light
from tests.contract.web.desks import Form, at_desk, forms_of
from tests.contract.web.pages import Html, read
from tests.contract.web.streams import listening


def _read(page: Page) -> Html:
    headers = {"content-type": page.headers["content-type"]}
    return read(Reply(page.status, headers, page.text.encode(), None))


def _copied(page: Page, label: str) -> str:
    """What stands in the field of this label."""
    shown = _read(page)
    (wanted,) = (each["for"] for each in shown.all("label") if each.text == label)
    for each in (*shown.all("input"), *shown.all("textarea")):
        if each.attributes.get("id") == wanted:
            return each.attributes.get("value", each.text)
    raise AssertionError(label)


async def _curl(api: Api, line: str) -> Reply:
    """Do what a line for a shell says."""
    words = shlex.split(line)
    assert words.pop(0) == "curl"
    method, body, headers, url = "GET", None, dict[str, str](), ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data-raw"):
            body = words.pop(0).encode()
        else:
            url = word
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    path = url.removeprefix("http://stonechat.test")
    return await api.call(method, path, headers=headers, body=body)


async def test_a_key_is_shown_once_and_its_line_works(api: Api) -> None:
    desk = await at_desk(api)
    first = await desk.fill("/beacons/keys", "make", label="laptop", days="30")
    assert (await _curl(api, _copied(first, "Use it"))).status == 200
    beacon_id = await desk.make('Lab\'s "door"', "it's")
    form = next(e for e in forms_of(await desk.get("/beacons/keys")) if e.action == "make")
    page = await desk.send(form, label="sensor")
    assert page.status == 200
    key = _copied(page, "Key")
    assert key.startswith("sck_")
    told = await _curl(api, _copied(page, "Use it"))
    assert told.status == 200, told.body
    assert (told.json["shareId"], told.json["value"]) == (beacon_id, "IT'S")

    # Sent again, as by loading that page anew: nothing is made, and nothing shown.
    again = await desk.send(form, label="sensor")
    assert (again.status, again.location) == (303, "/beacons/keys")
    listed = _read(await desk.get("/beacons/keys"))
    assert [each.text for each in listed.all("strong")] == ["laptop", "sensor"]
    assert key not in "".join(each.text for each in listed.elements)
    hint = listed.all("code")[1].text
    assert key.startswith(hint.removesuffix("…"))
    assert "last used" in listed.all("li")[-1].text

    number = next(value for name, value in form.fields if name == "form_token")
    where = {
        "key": [e for e in forms_of(await desk.get("/beacons/keys")) if e.action == "revoke"][1]
    }
    assert (await desk.send(where["key"])).status == 422
    page = await desk.send(where["key"], is_sure="1")
    assert page.status == 303, number
    assert (await _curl(api, _copied(first, "Use it"))).status == 200
    refused = await api.get("/v1/checkAuth", headers={"stativate-api-key": key})
    assert refused.status == 401


async def test_s028_a_write_token_from_the_page_sets_one_value_and_does_nothing_else(
    api: Api,
) -> None:
    desk = await at_desk(api)
    beacon_id, other = await desk.make("Lab door", "free"), await desk.make("Other", "free")
    path = f"/beacons/{beacon_id}/share"
    form = next(e for e in forms_of(await desk.get(path)) if e.action == "make_token")
    page = await desk.send(form, label="sensor")
    token, line = _copied(page, "Token"), _copied(page, "Set the value with it")
    assert "-H 'Content-Type: text/plain'" in line
    assert page.headers["cache-control"] == "private, no-store"
    assert (await desk.send(form, label="sensor")).location == path
    assert token not in (await desk.get(path)).text
    told = await _curl(api, line.replace("FREE", "busy"))
    assert told.status == 200, told.body
    assert (await api.get(f"/s/{beacon_id}.json")).json["value"] == "BUSY"
    elsewhere = await _curl(api, line.replace(beacon_id, other))
    assert elsewhere.status in (403, 404)
    assert (await api.get(f"/s/{other}.json")).json["changes"] == 1
    for method, place in (
        ("GET", "/v1/checkAuth"),
        ("GET", "/v1/user/status"),
        ("DELETE", f"/v1/status/{beacon_id}"),
        ("GET", "/api/v1/accounts/verify_credentials"),
    ):
        reply = await api.call(method, place, token)
        assert reply.status in (401, 403, 404), place
    page = await desk.fill(path, "revoke_token")
    assert page.status == 303
    assert (await _curl(api, line)).status == 401


async def test_links_are_made_changed_and_ended(api: Api) -> None:
    """S066: an address that was changed or ended is that of nothing."""
    desk = await at_desk(api)
    beacon_id = await desk.make(access="private")
    path = f"/beacons/{beacon_id}/share"
    assert "Badge, in Markdown" not in (await desk.get(path)).text
    page = await desk.fill(path, "make_link", label="For Ella", days="7")
    assert (page.status, page.location) == (303, path)

    async def address() -> str:
        found = [
            each.attributes.get("value", "")
            for each in _read(await desk.get(path)).all("input")
            if each.attributes.get("id") == "link-1"
        ]
        return found[0].removeprefix("http://stonechat.test") if found else ""

    first = await address()
    assert first.startswith(f"/s/{beacon_id}-")
    assert (await api.get(first)).status == 200
    lost = await api.get("/s/222222")
    assert (await desk.fill(path, "rotate_link")).status == 303
    second = await address()
    assert second != first
    for gone in (first, f"/s/{beacon_id}"):
        reply = await api.get(gone)
        assert (reply.status, reply.body) == (404, lost.body)
    # Bert follows by the link, and keeps that when the link ends (S067).
    bert = await at_desk(api, "bert")
    token = forms_of(await bert.browser.get(second))[0]
    assert token.path.endswith("/follow")
    assert (await bert.send(token)).status == 303
    assert (await desk.fill(path, "end_link")).status == 303
    assert await address() == ""
    assert (await api.get(second)).status == 404
    assert (await bert.get("/beacons")).text.count(f'id="b-{beacon_id}"') == 1
    page = await desk.fill(path, "make_link", days="99999")
    assert page.status == 422
    assert "days have to be" in page.text


async def test_a_public_beacon_has_lines_to_copy(api: Api) -> None:
    desk = await at_desk(api)
    beacon_id = await desk.make("A [b](c) <d> & *e*", "open")
    page = await desk.get(f"/beacons/{beacon_id}/share")
    url = f"http://stonechat.test/s/{beacon_id}"
    assert _copied(page, "Address") == url
    badge = _copied(page, "Badge, in Markdown")
    assert badge == f"[![A \\[b\\]\\(c\\) \\<d\\> & \\*e\\*]({url}.svg)]({url})"
    assert 'title="A [b](c) &lt;d&gt; &amp; *e*"' in _copied(page, "Frame, in HTML")
    line = _copied(page, "With an API key, everything about it")
    assert json.loads(shlex.split(line)[-1]) == {"value": "OPEN"}
    for path in ("/embed", ".json", ".txt", "/qr.svg"):
        assert (await api.get(f"/s/{beacon_id}{path}")).status == 200


async def test_webhooks(api: Api) -> None:
    desk = await at_desk(api)
    beacon_id = await desk.make()
    for path in (f"/beacons/{beacon_id}/webhooks", "/beacons/webhooks"):
        page = await desk.fill(path, "make", url="http://127.0.0.1/x")
        assert page.status == 422
        assert dict(forms_of(page)[0].fields)["url"] == "http://127.0.0.1/x"
        form = next(e for e in forms_of(await desk.get(path)) if e.action == "make")
        page = await desk.send(form, url="https://hooks.example.org/in?a=1&b=2")
        assert _copied(page, "Secret").startswith("whsec_")
        assert (await desk.send(form, url="https://hooks.example.org/in?a=1&b=2")).status == 303
        shown = _read(await desk.get(path))
        assert len(shown.all("section", "hook")) == 1
        assert "Nothing was sent yet" in shown.one("section", "hook").text
        assert (await desk.fill(path, "test")).status == 303
        shown = _read(await desk.get(path))
        assert "webhook.test" in shown.one("section", "hook").text
        assert "waiting" in shown.one("section", "hook").text
    # The form of one page does nothing to a webhook of the other one.
    own = next(e for e in forms_of(await desk.get("/beacons/webhooks")) if e.action == "delete")
    own.path = f"/beacons/{beacon_id}/webhooks"
    assert (await desk.send(own, is_sure="1")).status == 404
    # Nor does anybody else's.
    bert = await at_desk(api, "bert")
    token = dict(forms_of(await bert.get("/beacons/webhooks"))[0].fields)["form_token"]
    for action in ("test", "enable", "delete"):
        sent = {**dict(own.fields), "form_token": token, "action": action, "is_sure": "1"}
        page = await bert.browser.open("POST", "/beacons/webhooks", sent)
        assert page.status == 404, action
    for path in (f"/beacons/{beacon_id}/webhooks", "/beacons/webhooks"):
        assert (await desk.fill(path, "delete")).status == 422
        assert (await desk.fill(path, "delete", is_sure="1")).status == 303
        assert _read(await desk.get(path)).all("section", "hook") == []


async def test_an_open_desk_hears_of_whatever_is_on_it(api: Api) -> None:
    """Also of what its person wants no notices of; nothing is told but that there is news."""
    desk, bert = await at_desk(api), await at_desk(api, "bert")
    beacon = await light(api, desk.person, access="private")
    path = f"/beacons/{beacon.id}"
    assert (await api.get("/beacons/news")).status == 401
    cookie = "; ".join(f"{name}={value}" for name, value in bert.browser.cookies.items())
    marks = list[str]()
    async with listening(api, "/beacons/news", cookie) as stream:
        marks.append((await stream.next())["mark"])
        await desk.fill(f"{path}/users", "give", username="bert", role="subscriber")
        marks.append((await stream.next())["mark"])
        await bert.fill(path, "watch", wish="off")
        await change(api, desk.person, beacon, value="secret")
        marks.append((await stream.next())["mark"])
        await desk.fill(f"{path}/users", "take", where={"username": "bert"})
        marks.append((await stream.next())["mark"])
        await change(api, desk.person, beacon, value="other")
        assert await stream.hears_nothing()
        news = await light(api, bert.person)
        marks.append((await stream.next())["mark"])
        for secret in bert.browser.cookies.values():
            await sessions.sign_out(api.env, secret)
        await change(api, bert.person, news, value="later")
        assert [await stream.next(), await stream.next()] == ["gone", None]
    assert all(before != after for before, after in pairwise(marks))
    # Nothing is left of it: the desk is as empty as at first.
    assert marks[3] == marks[0]
    assert b"SECRET" not in stream.sent


async def test_boards(api: Api) -> None:
    """Put together of what one may see; somebody else's private beacon is none."""
    desk, bert = await at_desk(api), await at_desk(api, "bert")
    door, oven = await desk.make("Door", "free"), await desk.make("Oven", access="private")
    ferry = (await light(api, bert.person, name="Ferry", value="12:30")).id
    secret = (await light(api, bert.person, name="Secret", access="private")).id
    made = await desk.fill("/beacons/boards", "create", name="The village")
    path = made.location

    async def order() -> list[str]:
        shown = _read(await desk.get(path))
        return [each.text for each in shown.all("strong")]

    for where in (door, oven, f"http://stonechat.test/s/{ferry}?x=1", ferry):
        assert (await desk.fill(path, "add", beacon=where)).status == 303
    assert await order() == ["Door", "Oven", "Ferry"]
    for absent in (secret, "222222", "rubbish", "http://stonechat.test/s/"):
        page = await desk.fill(path, "add", beacon=absent)
        assert page.status == 422
        assert "There is no beacon with this address that you may see" in page.text
    assert (await desk.fill(path, "move", where={"beacon": ferry}, way="up")).status == 303
    assert (await desk.fill(path, "move", where={"beacon": door}, way="down")).status == 303
    assert await order() == ["Ferry", "Door", "Oven"]
    board = path.rpartition("/")[2]
    told = (await api.get(f"/b/{board}.json")).json
    assert [each["name"] for each in told["beacons"]] == ["Ferry", "Door"]
    assert (await desk.fill(path, "remove", where={"beacon": door})).status == 303
    assert (await desk.fill(path, "rename", name="ab")).status == 422
    assert (await desk.fill(path, "rename", name="The town")).status == 303
    assert (await api.get(f"/b/{board}.json")).json["name"] == "The town"

    # It is nobody else's, though anybody with its address may look.
    lost = await bert.get("/beacons/boards/222222222222", 404)
    assert (await bert.get(path, 404)).text == lost.text
    mine = forms_of(await desk.get(path))
    token = dict(forms_of(await bert.get("/beacons/boards"))[0].fields)["form_token"]
    for form in mine:
        if form.action:
            sent = {**dict(form.fields), "form_token": token, "is_sure": "1", "name": "mine now"}
            page = await bert.browser.open("POST", path, sent)
            assert (page.status, page.text) == (404, lost.text), form.action
    assert await order() == ["Ferry", "Oven"]
    assert (await desk.fill(path, "delete")).status == 422
    assert (await desk.fill(path, "delete", is_sure="1")).location == "/beacons/boards"
    assert (await Browser(api).get(f"/b/{board}")).status == 404


RUBBISH = ("\0", "9" * 30, "-1", "x" * 3000, "\u202e{{7*7}}")


async def test_s081_rubbish_in_any_field_is_no_fault_of_ours(api: Api) -> None:
    """S081 to S095: every field of every form, and lists where texts belong."""
    desk = await at_desk(api)
    beacon_id = await desk.make()
    path = f"/beacons/{beacon_id}"
    await desk.fill(f"{path}/share", "make_link")
    await desk.fill(f"{path}/share", "make_token")
    await desk.fill(f"{path}/webhooks", "make", url="https://hooks.example.org/")
    await desk.fill("/beacons/keys", "make")
    board = (await desk.fill("/beacons/boards", "create", name="Board")).location
    tabs = (path, *(f"{path}/{tab}" for tab in ("edit", "share", "users", "webhooks")))
    pages = ("/beacons", "/beacons/new", "/beacons/keys", "/beacons/boards", board, *tabs)
    wrong, seen = list[str](), set[int]()
    for page in pages:
        for form in forms_of(await desk.get(page)):
            if form.action in ("", "delete", "end_link", "rotate_link", "revoke", "revoke_token"):
                continue
            names = {name for name, _ in form.fields} - {"form_token", "once", "action"}
            for name in names:
                for value in RUBBISH:
                    answer = await desk.send(form, **{name: value})
                    seen.add(answer.status)
                    if answer.status not in (200, 303, 400, 404, 422):
                        wrong.append(f"{page} {form.action} {name}={value!r}: {answer.status}")
                several = name if name.endswith("]") else f"{name}[a][]"
                answer = await desk.send(Form(form.path, form.fields), **{several: "x"})
                assert answer.status < 500, (page, name)
    assert wrong == []
    assert {303, 422} <= seen
