"""A town in which everything happens once that ties an account to others."""

from dataclasses import dataclass
from typing import Any, LiteralString, cast

from stonechat.domain.findings import FAULT, Finding
from stonechat.services.doctor import examine_database
from stonechat.storage import archives
from stonechat.storage.database import Reader, Row, WholeDatabase
from tests.contract.api import Api, Person
from tests.contract.people import boost, change, verb


@dataclass(frozen=True)
class Town:
    """Its people and some of what they said, by id."""

    anna: Person
    bert: Person
    cleo: Person
    annas: str
    berts: str


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
    return Town(anna, bert, cleo, annas["id"], berts["id"])


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
