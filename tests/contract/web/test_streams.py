"""What open pages are sent, on both engines: nobody hints, so all of it is found by looking."""

import asyncio

from stonechat.domain.beacons import SUBSCRIBER
from stonechat.services import beacon_links, beacon_roles, beacons, boards, sessions
from stonechat.services.beacons import Name
from stonechat.services.cleaning import clean_up
from tests.contract.api import Api, Person
from tests.contract.oauth.browser import PASSWORD
from tests.contract.web.beacons import change, light, link, viewer_of
from tests.contract.web.streams import listening


async def sign_in(api: Api, who: Person) -> tuple[str, str]:
    """The secret of a new session, and the cookie that carries it."""
    secret = await sessions.sign_in(api.env, who.name, PASSWORD)
    prefix = "__Host-" if api.env.settings.is_https else ""
    return secret, f"{prefix}stonechat_session={secret}"


async def test_an_open_page_is_told_what_its_json_tells(api: Api) -> None:
    """As it is, as it is set, and that it is gone when it is deleted."""
    anna = await api.person("anna")
    beacon = await light(api, anna)
    async with listening(api, f"/s/{beacon.id}/events") as stream:
        first = await stream.next()
        assert first == (await api.get(f"/s/{beacon.id}.json")).json
        assert stream.status == 200
        assert stream.header("content-type") == "text/event-stream"
        assert stream.header("cache-control") == "no-store"
        assert stream.header("x-accel-buffering") == "no"
        assert stream.header("access-control-allow-origin") == "*"
        # The same value again is a change, and is told.
        await change(api, anna, beacon, value="open")
        told = await stream.next()
        assert (told["value"], told["changes"]) == ("OPEN", 2)
        await beacons.delete_beacon(api.env, viewer_of(anna), Name(beacon.id))
        assert [await stream.next(), await stream.next()] == ["gone", None]
    head = await api.call("HEAD", f"/s/{(await light(api, anna)).id}/events")
    assert (head.status, head.body) == (200, b"")


async def test_s068_s069_a_right_that_ends_ends_the_stream_before_the_next_value(api: Api) -> None:
    """S068: by a link that was taken back, by a role that was taken, by a session that ended."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    beacon = await light(api, anna, access="private")
    name, owner = Name(beacon.id), viewer_of(anna)
    path = await link(api, anna, beacon)
    for who in (bert, cleo):
        await beacon_roles.give_role(api.env, owner, name, who.name, SUBSCRIBER)
    _, berts = await sign_in(api, bert)
    cleos_secret, cleos = await sign_in(api, cleo)
    _, annas = await sign_in(api, anna)
    here = f"/s/{beacon.id}/events"
    async with (
        listening(api, f"{path}/events") as by_link,
        listening(api, here, berts) as by_role,
        listening(api, here, cleos) as by_session,
        listening(api, here, annas) as own,
    ):
        for stream in (by_link, by_role, by_session, own):
            assert (await stream.next())["value"] == "OPEN"
            open_to = stream.header("access-control-allow-origin")
            assert open_to == ("*" if stream is by_link else None)
        await beacon_links.end_link(api.env, owner, name, path.rpartition("-")[2])
        await beacon_roles.take_role(api.env, owner, name, bert.name)
        await sessions.sign_out(api.env, cleos_secret)
        await change(api, anna, beacon, value="secret")
        for stream in (by_link, by_role, by_session):
            assert [await stream.next(), await stream.next()] == ["gone", None]
            assert b"SECRET" not in stream.sent
        assert (await own.next())["value"] == "SECRET"
    absent = await api.get("/s/zzzzzz/events")
    for at, cookie in ((f"{path}/events", berts), (here, berts), (here, cleos), (here, "")):
        refused = await api.get(at, headers={"cookie": cookie})
        assert (refused.status, refused.body) == (404, absent.body)


async def test_s066_s068_a_link_that_is_over_ends_the_stream(api: Api) -> None:
    """Nothing happens to the beacon: the clean-up takes the link, and open pages look again."""
    anna = await api.person("anna")
    beacon = await light(api, anna, access="private")
    path = await link(api, anna, beacon, days=1)
    lasting = await link(api, anna, beacon)
    async with listening(api, f"{path}/events") as over, listening(api, f"{lasting}/events") as on:
        assert (await over.next(), await on.next()) != (None, None)
        api.clock.move(days=1, milliseconds=1)
        await clean_up(api.env, {})
        assert [await over.next(), await over.next()] == ["gone", None]
        await change(api, anna, beacon, value="later")
        while (told := await on.next())["value"] != "LATER":
            assert told["value"] == "OPEN"


async def test_a_board_tells_each_viewer_what_they_may_see_and_hides_that_more_happens(
    api: Api,
) -> None:
    anna = await api.person("anna")
    me = viewer_of(anna)
    shop = await light(api, anna)
    lab = await light(api, anna, name="The lab", access="private")
    board = await boards.create_board(api.env, me, "All doors")
    for beacon in (shop, lab):
        await boards.add_beacon(api.env, me, board.id, beacon.id)
    _, cookie = await sign_in(api, anna)
    here = f"/b/{board.id}/events"
    async with listening(api, here) as anybody, listening(api, here, cookie) as owner:
        assert await anybody.next() == (await api.get(f"/b/{board.id}.json")).json
        assert len((await owner.next())["beacons"]) == 2
        assert anybody.header("access-control-allow-origin") == "*"
        assert owner.header("access-control-allow-origin") is None
        await change(api, anna, lab, value="secret")
        assert [each["value"] for each in (await owner.next())["beacons"]] == ["OPEN", "SECRET"]
        assert await anybody.hears_nothing()
        await change(api, anna, shop, value="closed")
        assert [each["value"] for each in (await anybody.next())["beacons"]] == ["CLOSED"]
        await boards.delete_board(api.env, me, board.id)
        assert [await anybody.next(), await anybody.next()] == ["gone", None]


async def test_who_leaves_is_not_looked_after_any_more(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await light(api, anna)
    async with listening(api, f"/s/{beacon.id}/events") as stream:
        await stream.next()
    api.recorder.statements.clear()
    await asyncio.sleep(0.7)
    assert api.recorder.statements == []
