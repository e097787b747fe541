"""A town in which everything happens once that ties an account to others."""

from dataclasses import dataclass
from typing import Any, LiteralString, cast

from stonechat.domain.beacons import PRIVATE, PUBLIC, Address, BeaconForm
from stonechat.domain.findings import FAULT, Finding
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.services import beacon_roles, beacons, boards, feed_reads
from stonechat.services.beacons import Name
from stonechat.services.doctor import examine_database
from stonechat.storage import archives
from stonechat.storage.database import Reader, Row, WholeDatabase
from tests.contract.api import Api, Person
from tests.contract.people import boost, change, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label


@dataclass(frozen=True)
class Town:
    """Its people and some of what they said, by id."""

    anna: Person
    bert: Person
    cleo: Person
    annas: str
    berts: str
    hers: int
    """Anna's post in a category."""
    his: int
    """Bert's discussion there."""
    oven: BeaconId
    """Anna's, which bert and cleo follow."""
    door: BeaconId
    """Bert's, which anna may set and nobody else knows of."""


def viewer(who: Person) -> Viewer:
    """Somebody as services know them."""
    return Viewer(AccountId(int(who.id)))


async def settle(api: Api) -> Town:
    """Let anna, who may leave one day, have to do with bert and cleo in every way."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    await change(api, anna, display_name="Anna of the mill", note="I grind")
    await verb(api, anna, "follow", bert)
    await verb(api, bert, "follow", anna)
    await verb(api, cleo, "follow", bert)
    await change(api, cleo, locked=True)
    await verb(api, anna, "follow", cleo)
    await verb(api, anna, "note", cleo, comment="the locksmith")
    annas = await api.say(anna, "Flour is ready, @bert #mill")
    berts = await api.say(bert, "Bread is ready #bakery")
    await api.say(anna, "I come", in_reply_to_id=berts["id"])
    await api.say(bert, "Thank you", in_reply_to_id=annas["id"])
    await api.say(anna, "@bert not for others", visibility="direct")
    await api.say(anna, "for those who follow", visibility="private")
    await boost(api, anna, berts["id"])
    await boost(api, bert, annas["id"])
    for who, what in ((anna, berts), (bert, annas), (cleo, annas)):
        for mark in ("favourite", "bookmark"):
            api.clock.move(milliseconds=1)
            assert (await api.post(f"/api/v1/statuses/{what['id']}/{mark}", who)).status == 200
    made = await api.post("/api/v1/lists", anna, json={"title": "neighbours"})
    await api.post(
        f"/api/v1/lists/{made.json['id']}/accounts", anna, json={"account_ids": [bert.id]}
    )
    await api.post("/api/v1/tags/bakery/follow", anna)
    filter_ = {"title": "rats", "context": ["home"], "keywords_attributes": [{"keyword": "rat"}]}
    assert (await api.post("/api/v2/filters", anna, json=filter_)).status == 200
    hers, his = await _gather(api, anna, bert, cleo)
    oven, door = await _light(api, anna, bert, cleo)
    return Town(anna, bert, cleo, annas["id"], berts["id"], hers, his, oven, door)


async def _gather(api: Api, anna: Person, bert: Person, cleo: Person) -> tuple[int, int]:
    """A community: anna and bert say things in a category, and do to them what one can do."""
    mayor = await api.person("mayor", role="admin")
    square = await category(api, mayor, "Market square")
    bakers = await label(api, mayor, "bakers", anna, bert)
    filed: dict[str, Any] = {"categories": [square["id"]]}
    place = {"location": "The mill, Lower Town", "lat": 51.05, "lng": 13.74}
    poll = {"title": "When?", "choices": [{"choice": "now"}, {"choice": "later"}]}
    hers = await contribute(
        api, anna, "<p>Bring <b>sacks</b></p>", "post", title="The mill", location=place, **filed
    )
    his = await contribute(api, bert, "Which day?", "discussion", title="Oven", poll=poll, **filed)
    secret = await contribute(api, bert, "For bakers", addressing=[bakers], **filed)
    gone = await contribute(api, bert, "Taken back", **filed)
    top = await api.say(anna, "Monday", in_reply_to_id=str(his["id"]))
    await api.say(cleo, "Tuesday", in_reply_to_id=top["id"], visibility="public")
    await api.say(anna, "I know", in_reply_to_id=str(secret["id"]))
    await api.say(bert, "How many?", in_reply_to_id=str(hers["id"]))
    for who, said, reaction in (
        (anna, his, 3),
        (cleo, his, 3),
        (bert, hers, 2),
        (anna, secret, 1),
        (anna, gone, 4),
    ):
        path = f"/{said['type']}/{said['id']}"
        for verb_ in (f"vote/?reaction={reaction}", "follow/"):
            assert (await ask(api, "POST", f"{path}/{verb_}", who)).status == 204
    for who in (anna, cleo):
        await ask(api, "POST", f"/category/{square['id']}/follow/", who)
    assert (await ask(api, "DELETE", f"/status/{gone['id']}/", bert)).status == 204
    await feed_reads.mark_seen(api.env, viewer(anna), [his["id"], hers["id"]])
    flagged = await ask(api, "POST", f"/discussion/{his['id']}/flag/", anna, flag_type=2)
    assert flagged.status == 204, flagged.body
    return hers["id"], his["id"]


async def _light(api: Api, anna: Person, bert: Person, cleo: Person) -> tuple[BeaconId, BeaconId]:
    """A beacon of anna's and one of bert's, and both on a board of hers."""
    env, me = api.env, viewer(anna)
    form = BeaconForm(name="The oven", value="cold", access=PUBLIC)
    oven = (await beacons.put_beacon(env, me, "oven", form)).view.beacon.id
    form = BeaconForm(name="The door", value="shut", access=PRIVATE)
    door = (await beacons.create_beacon(env, viewer(bert), form)).beacon.id
    for who in (bert, cleo):
        await beacon_roles.follow(env, viewer(who), Address(oven))
    await beacon_roles.give_role(env, viewer(bert), Name(door), "anna", "updater")
    for who, which in ((bert, oven), (anna, door)):
        filters = [("to", "HOT"), ("from", "SHUT")]
        await beacon_roles.set_settings(env, viewer(who), Name(which), filters=filters)
    for which, value in ((oven, "hot"), (door, "open")):
        await beacons.change_beacon(env, me, Name(which), BeaconForm(value=value))
    board = await boards.create_board(env, me, "The mill")
    for which in (oven, door):
        await boards.add_beacon(env, me, board.id, which)
    return oven, door


async def faults(api: Api, whole: WholeDatabase, *, mends: bool = False) -> list[Finding]:
    """What the doctor finds wrong."""
    found = examine_database(whole, api.clock, mends=mends, progress=lambda *_: None)
    return [finding async for finding in found if finding.level == FAULT]


async def everything(whole: WholeDatabase) -> dict[str, list[Row]]:
    """Every row of every table, without what a restore changes on purpose."""
    found: dict[str, list[Row]] = {}
    for name, table in (await archives.list_tables(whole, whole.engine)).items():
        names = [column.name for column in table.columns]
        left_out = archives.VERSIONED.get(name)
        kept = [each for each in names if each != left_out]
        sql = cast("LiteralString", f"SELECT {', '.join(kept)} FROM {name}")
        rows: list[Any] = [tuple(row) for row in await whole.all(sql)]
        if name == "facts":
            rows = [row for row in rows if row[0] != archives.RESTORES]
        found[name] = sorted(rows, key=repr)
    return found


async def count(whole: Reader, sql: LiteralString, *parameters: Any) -> int:
    """The number that a statement gives."""
    row = await whole.one(sql, *parameters)
    assert row is not None
    return int(row[0])
