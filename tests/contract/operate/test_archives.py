"""Backup and restore: the same site again, on either engine, beside a server that goes on."""

import asyncio
from pathlib import Path

import pytest

from stonechat.blobs.disk import DiskStore
from stonechat.kernel.clock import SystemClock
from stonechat.services import archives
from stonechat.services.archives import Contents
from stonechat.storage import archives as tables
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.backups import PICTURE, back_up, restore, state_of, unfinished
from tests.contract.operate.towns import Town, count, everything, faults


async def test_a_backup_brings_everything_into_another_database(
    archive: Path, api: Api, whole: WholeDatabase, other: WholeDatabase, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    contents = await restore(other, archive, elsewhere)
    there = await everything(other)
    assert there == await everything(whole)
    assert contents == Contents(sum(map(len, there.values())), 1)
    assert await faults(api, other) == []
    assert state_of(elsewhere / "pictures/ab/ab" / PICTURE) == (0o600, b"a picture")


async def test_a_restore_takes_everything_back_and_no_cache_shows_what_was(
    api: Api, archive: Path, town: Town, whole: WholeDatabase
) -> None:
    path = f"/api/v1/statuses/{town.annas}"
    rows = await everything(whole)
    before = (await api.get(path, town.anna)).json
    for text in ("one edit", "another"):
        reply = await api.call("PUT", path, town.anna, json={"status": text})
        assert reply.status == 200
        await api.get(path, town.anna)
    later = await api.say(town.anna, "said later")
    await restore(whole, archive)
    assert await everything(whole) == rows
    assert (await api.get(path, town.anna)).json == before
    assert (await api.get(f"/api/v1/statuses/{later['id']}", town.anna)).status == 404


async def test_an_edit_after_a_restore_is_not_taken_for_one_before_it(
    api: Api, archive: Path, town: Town, whole: WholeDatabase
) -> None:
    """Both would be the same version of the same status, had the restore not lifted it."""
    path = f"/api/v1/statuses/{town.annas}"
    await api.call("PUT", path, town.anna, json={"status": "before"})
    assert "before" in (await api.get(path, town.anna)).json["content"]
    await restore(whole, archive)
    reply = await api.call("PUT", path, town.anna, json={"status": "after"})
    assert "after" in reply.json["content"]
    assert "after" in (await api.get(path, town.anna)).json["content"]


async def test_each_restore_lifts_the_versions_above_all_that_were(
    archive: Path, whole: WholeDatabase
) -> None:
    highest = 0
    for _ in range(3):
        await restore(whole, archive)
        for table in tables.VERSIONED:
            sql = "SELECT MIN(version) FROM " + table
            assert await count(whole, sql) > highest  # pyright: ignore[reportArgumentType]
        highest = await count(whole, "SELECT MAX(version) FROM statuses")
    again = await back_up(whole, archive.parent, "again")
    await restore(whole, again)
    assert await count(whole, "SELECT MIN(version) FROM statuses") > highest


async def test_every_version_that_something_is_rendered_by_is_lifted(whole: WholeDatabase) -> None:
    found = {
        table.name
        for table in (await tables.list_tables(whole, whole.engine)).values()
        if "version" in {column.name for column in table.columns}
    }
    # A marker's version is told to clients, who count it themselves; nothing is rendered by it.
    assert found == {*tables.VERSIONED, "markers"}


async def test_a_backup_is_one_moment_of_a_server_that_goes_on(
    api: Api,
    town: Town,
    whole: WholeDatabase,
    other_sqlite: WholeDatabase,
    tmp_path: Path,
) -> None:
    making = asyncio.create_task(back_up(whole, tmp_path))
    said = 0
    while not making.done():
        status = await api.say(town.anna, f"meanwhile {said}")
        await api.post(f"/api/v1/statuses/{status['id']}/favourite", town.bert)
        said += 1
        await asyncio.sleep(0)
    assert said > 1
    await restore(other_sqlite, await making)
    assert await faults(api, other_sqlite) == []


async def test_people_who_go_on_meanwhile_find_one_world_or_the_other(
    api: Api, town: Town, archive: Path, whole: WholeDatabase
) -> None:
    working = asyncio.create_task(restore(whole, archive))
    path = "/api/v1/statuses"
    while not working.done():
        reply = await api.post(path, town.anna, json={"status": "meanwhile"})
        assert reply.status == 200, reply.body
        assert (await api.get(f"{path}/{town.annas}", town.anna)).status == 200
        await asyncio.sleep(0)
    await working
    assert await faults(api, whole) == []


async def test_a_restore_leaves_alone_who_runs_on_this_database(
    archive: Path, whole: WholeDatabase
) -> None:
    await whole.write(lambda tx: tx.run("INSERT INTO processes VALUES (7, 'we', 9)"))
    await restore(whole, archive)
    assert await count(whole, "SELECT number FROM processes WHERE owner = 'we'") == 7


async def test_a_backup_takes_the_place_of_an_old_one_when_it_is_whole(
    archive: Path, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(archive)
    assert before[0] == 0o600

    def fill_the_disk(label: str, *_: object) -> None:
        if label == "statuses":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await archives.back_up(
            whole,
            SystemClock(),
            blobs=DiskStore(archive.parent),
            target=archive,
            progress=fill_the_disk,
        )
    assert state_of(archive) == before
    assert unfinished(archive.parent) == []
