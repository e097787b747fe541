"""What is kept of a history, for how long, and how all of it is taken home."""

import csv
import io
import json
from collections.abc import AsyncIterator

import pytest

from stonechat.domain import limits
from stonechat.domain.beacons import Address, BeaconForm, BeaconView
from stonechat.kernel.errors import NotAllowed
from stonechat.kernel.settings import Settings
from stonechat.services import beacon_exports, beacon_links, beacons
from stonechat.services.beacon_exports import export_csv, export_json
from stonechat.services.beacon_roles import follow
from stonechat.services.cleaning import CLEAN_EVERY_MS, clean_up
from tests.contract.api import Api, Person
from tests.contract.people import run_jobs
from tests.contract.watchers import light, look, turn, viewer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A history of fifty changes, or of ten days."""
    return Settings(
        settings.data_dir,
        "",
        rate_limits=False,
        log_level="error",
        beacon_changes_max=50,
        beacon_change_days=10,
    )


async def numbers(api: Api, owner: Person, view: BeaconView) -> list[int]:
    """The numbers of the changes that are there, the newest first."""
    seen = await look(api, owner, beacons.Name(view.beacon.id))
    return [each.number for each in await beacons.list_changes(api.env, seen, limit=1000)]


async def test_a_history_is_trimmed_to_so_many_every_hundred_changes(api: Api) -> None:
    anna = await api.person("anna")
    name = await light(api, anna)
    for number in range(2, 100):
        await turn(api, anna, name, str(number))
    await run_jobs(api)
    view = await look(api, anna, name)
    assert await numbers(api, anna, view) == list(range(99, 0, -1))
    await turn(api, anna, name, "100")
    await run_jobs(api)
    assert await numbers(api, anna, view) == list(range(100, 50, -1))


async def test_old_changes_go_but_never_the_last_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sweeps go on from where they were, however many at once and however many stay."""
    monkeypatch.setattr("stonechat.services.cleaning.ROWS_AT_ONCE", 2)
    anna = await api.person("anna")
    quiet = [(await look(api, anna, await light(api, anna))) for _ in range(3)]
    name = await light(api, anna)
    for value in "abcde":
        await turn(api, anna, name, value)
    api.clock.move(days=10, milliseconds=-1)
    await turn(api, anna, name, "new")
    api.clock.move(milliseconds=2)
    await clean_up(api.env, {})
    assert await numbers(api, anna, await look(api, anna, name)) == [7]
    assert [await numbers(api, anna, each) for each in quiet] == [[1], [1], [1]]


async def test_notices_deliveries_and_links_go_when_their_time_is_over(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna, access="public")
    await follow(api.env, viewer(bert), Address(name.id))
    await beacon_links.create_link(api.env, viewer(anna), name, days=1)
    lasting = await beacon_links.create_link(api.env, viewer(anna), name)
    start_ms = api.clock.now_ms()
    await turn(api, anna, name, "busy")
    await api.env.db.write(
        lambda tx: tx.run(
            "INSERT INTO webhook_deliveries (webhook_id, id, event, body, made_ms)"
            " VALUES (1, 1, 'value', '{}', $1)",
            start_ms,
        )
    )

    async def count() -> tuple[int, ...]:
        row = await api.env.db.one(
            "SELECT (SELECT COUNT(*) FROM beacon_notices WHERE account_id = $1),"
            " (SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = 1),"
            " (SELECT COUNT(*) FROM beacon_links WHERE beacon_id = $2)",
            int(bert.id),
            name.id,
        )
        assert row is not None
        return tuple(row)

    assert await count() == (1, 1, 2)
    seen: list[tuple[int, ...]] = []
    for days in (1, limits.WEBHOOK_LOG_DAYS - 1, limits.BEACON_NOTICE_DAYS):
        api.clock.move(days=days, milliseconds=CLEAN_EVERY_MS)
        await clean_up(api.env, {})
        seen.append(await count())
    assert seen == [(1, 1, 1), (1, 0, 1), (0, 0, 1)]
    assert await beacon_links.list_links(api.env, viewer(anna), name) == [lasting]


async def whole(stream: AsyncIterator[bytes]) -> str:
    """All of a stream."""
    return b"".join([part async for part in stream]).decode()


@pytest.mark.parametrize("at_once", [1, 3, 500])
async def test_s127_an_export_is_whole_and_no_cell_is_a_formula(
    api: Api, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """S071, S127: RFC 4180 with an apostrophe before what a spreadsheet would run."""
    monkeypatch.setattr(beacon_exports, "_CHANGES_AT_ONCE", at_once)
    anna = await api.person("anna")
    name = await light(api, anna)
    values = ["=1+1", "+49", "-5", "@sum", 'a"b,c', "<b>", "🔴", "\uff1d1", "x=1", "'q"]
    for value in values:
        await turn(api, anna, name, value)
    view = await look(api, anna, name)
    text = await whole(export_csv(api.env, view))
    assert text.count("\r\n") == 12
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["number", "value", "colorNo", "changedAt", "source", "changedBy"]
    guarded = ["'=1+1", "'+49", "'-5", "'@SUM", 'A"B,C', "<B>", "🔴", "'\uff1d1", "X=1", "'Q"]
    assert [row[1] for row in rows] == [*guarded[::-1], "OPEN"]
    assert [int(row[0]) for row in rows] == list(range(11, 0, -1))
    items = json.loads(await whole(export_json(api.env, view)))
    assert [each["value"] for each in items] == [*(value.upper() for value in values[::-1]), "OPEN"]
    last = items[0]
    assert last.keys() == set(header)
    assert (last["source"], last["changedBy"]) == ("api", "anna")
    assert last["changedAt"].endswith("Z")
    assert [last["changedAt"], last["changedBy"]] == [rows[0][3], rows[0][5]]


async def test_an_export_is_for_whoever_sees_the_history(api: Api) -> None:
    """[R 3.6] Who changed it stands there only for those who may see the list of users."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna, access="public")
    await follow(api.env, viewer(bert), Address(name.id))
    for who, address in ((bert, Address(name.id)), (None, Address(name.id))):
        viewer_id = viewer(who).account_id if who else beacons.AccountId(0)
        seen = await beacons.see_shared(api.env, viewer_id, address)
        if who is None:
            for export in (export_csv, export_json):
                with pytest.raises(NotAllowed):
                    export(api.env, seen)
        else:
            (item,) = json.loads(await whole(export_json(api.env, seen)))
            assert (item["value"], item["changedBy"]) == ("OPEN", None)
            assert (await whole(export_csv(api.env, seen))).endswith(",api,\r\n")
    form = BeaconForm(users_access="public", history_access="public")
    await beacons.change_beacon(api.env, viewer(anna), name, form)
    seen = await beacons.see_shared(api.env, beacons.AccountId(0), Address(name.id))
    (item,) = json.loads(await whole(export_json(api.env, seen)))
    assert item["changedBy"] == "anna"
