"""The doctor finds each kind of fault, mends counters alone, and never makes one."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import LiteralString

import pytest

from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.s3 import BucketStore
from stonechat.blobs.store import SHELVES
from stonechat.domain.findings import FAULT, HINT, OK, Finding
from stonechat.kernel.clock import SystemClock
from stonechat.kernel.settings import Settings
from stonechat.services import doctor
from stonechat.storage.checkups import CHECKUPS
from stonechat.storage.database import WholeDatabase
from stonechat.storage.doctor import COUNTS
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import migrate
from tests.bucket_server import KEY, SECRET, BucketServer, failing_server
from tests.contract.api import Api
from tests.contract.operate.towns import Town, count, everything, faults


async def breaking(whole: WholeDatabase, *statements: LiteralString) -> None:
    """Do to the database what no code of ours does."""
    for sql in statements:
        await whole.write(lambda tx, sql=sql: tx.run(sql))


@pytest.mark.parametrize(
    ("damage", "about"),
    [
        ("UPDATE account_counters SET statuses = statuses + 1", "counters"),
        ("UPDATE account_counters SET followers = 9", "counters"),
        ("UPDATE account_counters SET followings = followings - 1", "counters"),
        ("UPDATE statuses SET replies = replies + 1", "counters"),
        ("UPDATE statuses SET boosts = 5", "counters"),
        ("UPDATE statuses SET favourites = favourites - 1", "counters"),
        ("UPDATE statuses SET quotes = quotes + 1", "counters"),
        ("UPDATE statuses SET comments = comments + 1", "counters"),
        ("UPDATE statuses SET activity_ms = NULL", "counters"),
        ("UPDATE statuses SET reactions = '[[2,9]]'", "counters"),
        ("DELETE FROM reactions", "counters"),
        ("UPDATE statuses SET followers = followers + 1", "counters"),
        ("UPDATE statuses SET flags = flags + 1", "counters"),
        ("UPDATE moderations SET flags = 3", "counters"),
        ("DELETE FROM moderations", "counters"),
        ("UPDATE statuses SET views = 0", "counters"),
        ("UPDATE statuses SET rack = 3 WHERE boost_of_id IS NULL", "counters"),
        ("UPDATE account_counters SET said = 0, posts = 5, discussions = 3, polls = 2", "counters"),
        ("UPDATE categories SET followers = 5", "counters"),
        ("DELETE FROM category_entries", "counters"),
        ("UPDATE category_entries SET heat_ms = heat_ms + 1", "counters"),
        ("UPDATE category_entries SET category_id = category_id + 1", "counters"),
        ("UPDATE beacons SET subscribers = subscribers + 1", "counters"),
        ("UPDATE beacons SET changes = changes - 1", "counters"),
        ("DELETE FROM followers", "follows"),
        ("DELETE FROM followings", "follows"),
    ],
)
async def test_a_wrong_count_is_found_and_mended(
    damage: LiteralString, about: str, api: Api, town: Town, whole: WholeDatabase
) -> None:
    path = f"/api/v1/statuses/{town.berts}"
    before = (await api.get(path, town.anna)).json
    people = [
        (await api.get(f"/api/v1/accounts/{each.id}")).json for each in (town.anna, town.bert)
    ]
    assert await faults(api, whole) == []
    await breaking(whole, damage, "UPDATE statuses SET version = version + 1")
    broken = await everything(whole)
    await api.get(path, town.anna)
    found = await faults(api, whole)
    assert about in {each.about for each in found}
    assert all("run `stonechat doctor --fix`" in each.sentence for each in found)
    assert await everything(whole) == broken
    assert await faults(api, whole, mends=True) == []
    assert await faults(api, whole) == []
    if "followings" not in damage:
        # What was rendered while it was wrong is not shown any more.
        assert (await api.get(path, town.anna)).json == before
        assert people == [
            (await api.get(f"/api/v1/accounts/{each.id}")).json for each in (town.anna, town.bert)
        ]


async def test_what_is_right_is_not_touched(api: Api, town: Town, whole: WholeDatabase) -> None:
    versions: LiteralString = "SELECT SUM(version) FROM statuses"
    before = await count(whole, versions), await everything(whole)
    del town
    assert await faults(api, whole, mends=True) == []
    assert (await count(whole, versions), await everything(whole)) == before


async def test_quotes_are_counted_as_they_stand(api: Api, town: Town, whole: WholeDatabase) -> None:
    """Not those that were taken back, by whom it may be: neither of them is a fault."""
    path, made = "/api/v1/statuses", list[str]()
    for who in (town.anna, town.bert, town.bert, town.cleo):
        said = await api.say(who, "look", quoted_status_id=town.berts, visibility="public")
        made.append(said["id"])
    assert (await api.call("DELETE", f"{path}/{made[1]}", town.bert)).status == 200
    revoke = f"{path}/{town.berts}/quotes/{made[3]}/revoke"
    assert (await api.post(revoke, town.bert)).status == 200
    assert await faults(api, whole) == []
    await breaking(whole, "UPDATE statuses SET quotes = 0")
    (fault,) = await faults(api, whole)
    assert fault.sentence.startswith("1 statuses have wrong counters")
    assert await faults(api, whole, mends=True) == []
    assert (await api.get(f"{path}/{town.berts}")).json["quotes_count"] == 2


async def test_every_row_is_looked_at_however_many_there_are(
    api: Api, town: Town, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    del town
    monkeypatch.setattr(doctor, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(doctor, "MENDED_AT_ONCE", 1)
    await breaking(
        whole, "UPDATE statuses SET favourites = favourites + 3 WHERE boost_of_id IS NULL"
    )
    fault, by_votes = await faults(api, whole)
    assert fault.sentence.startswith("13 statuses have wrong counters")
    assert by_votes.sentence.startswith("3 category feeds have")
    assert await faults(api, whole, mends=True) == []


async def test_a_clock_that_is_behind_is_noticed(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    del town
    api.clock.move(hours=-1)
    (fault,) = [each for each in await faults(api, whole) if each.about == "clock"]
    assert "seconds in the future" in fault.sentence


async def test_jobs_that_fail_and_jobs_that_wait_are_told(api: Api, whole: WholeDatabase) -> None:
    async def about_jobs() -> Finding:
        found = doctor.examine_database(whole, api.clock, mends=False, progress=lambda *_: None)
        (finding,) = [each async for each in found if each.about == "jobs"]
        return finding

    insert: LiteralString = (
        "INSERT INTO jobs (id, kind, payload, run_ms, attempts) VALUES (1, 'fan_out', '{}', 5, 0)"
    )
    assert (await about_jobs()).level == OK
    await breaking(whole, insert)
    assert (await about_jobs()).level == OK
    await breaking(whole, "INSERT INTO processes VALUES (1, 'we', 9999999999999)")
    overdue = await about_jobs()
    assert (overdue.level, overdue.sentence[:33]) == (HINT, "1 are overdue by ten minutes: who")
    assert "no `stonechat worker` runs" in overdue.sentence
    await breaking(whole, "UPDATE jobs SET attempts = 9")
    assert "fail again and again" in (await about_jobs()).sentence
    await breaking(whole, "UPDATE jobs SET failed_ms = 7")
    given_up = await about_jobs()
    assert (given_up.level, "1 were given up" in given_up.sentence) == (HINT, True)


async def test_a_schema_that_lacks_a_migration_is_told(api: Api, whole: WholeDatabase) -> None:
    row = await whole.one("SELECT name, checksum FROM schema_migrations ORDER BY name LIMIT 1")
    assert row is not None
    await breaking(whole, "DELETE FROM schema_migrations")
    found = doctor.examine_database(whole, api.clock, mends=False, progress=lambda *_: None)
    last = [each async for each in found][-1]
    assert last == Finding(HINT, "schema", "There is none yet; the first start makes it.")
    insert: LiteralString = "INSERT INTO schema_migrations VALUES ($1, $2, 1)"
    await whole.write(lambda tx: tx.run(insert, row[0], "another"))
    (fault,) = await faults(api, whole)
    assert "was changed after it had been applied" in fault.sentence
    mend: LiteralString = "UPDATE schema_migrations SET checksum = $2 WHERE name = $1"
    await whole.write(lambda tx: tx.run(mend, row[0], row[1]))


async def test_an_index_that_is_not_valid_is_told(api: Api, postgres: WholeDatabase) -> None:
    """What is left of an index whose making was broken off."""
    await breaking(
        postgres,
        "CREATE INDEX half_made ON jobs (kind)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_made'::regclass",
    )
    found = await faults(api, postgres)
    # The database is used again by other tests.
    await breaking(postgres, "DROP INDEX half_made")
    (fault,) = found
    assert "The index half_made is not valid" in fault.sentence


async def test_indexes_are_looked_into_where_that_can_be_done(
    api: Api, postgres: WholeDatabase
) -> None:
    await breaking(postgres, "CREATE EXTENSION amcheck")
    found = await faults(api, postgres)
    await breaking(postgres, "DROP EXTENSION amcheck")
    assert found == []


# The whole site, settings and files and all -------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=f"sqlite://{tmp_path / 'stonechat.db'}",
        base_url="http://127.0.0.1:8000",
        log_level="error",
    )


async def examine(settings: Settings, *secrets: Path) -> list[Finding]:
    found = doctor.examine(
        settings, SystemClock(), secrets=secrets, mends=False, progress=lambda *_: None
    )
    return [finding async for finding in found]


def wrong(found: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(each.level, each.about) for each in found if each.level != OK]


async def make(settings: Settings) -> Path:
    path = settings.data_dir / "stonechat.db"
    database = await open_sqlite(path)
    await migrate(database)
    await database.close()
    settings.data_dir.chmod(0o700)
    return path


async def test_a_site_that_is_not_there_yet_is_in_order(settings: Settings) -> None:
    absent = replace(settings, data_dir=settings.data_dir / "absent", database_url="sqlite:///no/x")
    assert wrong(await examine(absent)) == []
    assert not absent.data_dir.exists()


async def test_a_site_in_order(settings: Settings) -> None:
    await make(settings)
    found = await examine(settings)
    assert wrong(found) == []
    assert [each.about for each in found] == [
        "settings",
        "files",
        "disk",
        "database",
        "schema",
        "clock",
        "jobs",
        "follows",
        *["counters"] * (len(COUNTS) + len(CHECKUPS)),
    ]


async def test_a_file_that_others_may_read_is_told(settings: Settings) -> None:
    """[S143]"""
    path = await make(settings)
    secret = settings.data_dir / "stonechat.toml"
    secret.write_text("")
    for each in (path, secret):
        each.chmod(0o640)
    found = await examine(settings, secret)
    assert wrong(found) == [(FAULT, "files")] * 2
    assert f"chmod go= {path}" in found[1].sentence


async def test_a_shelf_that_others_may_read_is_told(settings: Settings) -> None:
    """[S143]"""
    await make(settings)
    for shelf in SHELVES:
        (settings.data_dir / shelf).mkdir(mode=0o700)
    assert wrong(await examine(settings)) == []
    for shelf in SHELVES:
        (settings.data_dir / shelf).chmod(0o755)
    assert wrong(await examine(settings)) == [(FAULT, "files")] * len(SHELVES)


def with_bucket(settings: Settings, line: str) -> Settings:
    return replace(settings, media_store=line, media_store_key=KEY, media_store_secret=SECRET)


async def test_a_bucket_is_tried_and_left_as_it_was(
    settings: Settings, bucket_server: BucketServer
) -> None:
    await make(settings)
    line = bucket_server.create()
    found = await examine(with_bucket(settings, line))
    assert wrong(found) == []
    assert Finding(OK, "store", "The bucket takes, gives and deletes.") in found
    store = BucketStore(read_bucket(line), KEY, SECRET)
    assert [name for shelf in SHELVES async for name in store.list_names(shelf)] == []


async def test_a_bucket_that_does_not_do_its_work_is_told_with_the_reason(
    settings: Settings, bucket_server: BucketServer
) -> None:
    await make(settings)
    (fault,) = [
        each
        for each in await examine(with_bucket(settings, bucket_server.line("nobodys-bucket")))
        if each.level != OK
    ]
    assert fault == Finding(
        FAULT,
        "store",
        "Files cannot be kept: there is no such bucket. Look at STONECHAT_MEDIA_STORE, its key and"
        " its secret.",
    )
    away = await examine(with_bucket(settings, "s3://town?endpoint=http://127.0.0.1:9"))
    assert wrong(away) == [(FAULT, "store")]
    assert SECRET not in str(away)


async def test_a_bucket_that_loses_what_it_took_is_told(settings: Settings) -> None:
    await make(settings)
    with failing_server(200) as server:
        found = await examine(with_bucket(settings, server.line))
    assert wrong(found) == [(FAULT, "store")]


async def test_a_damaged_file_is_told_and_told_apart_from_an_unreadable_one(
    settings: Settings,
) -> None:
    path = await make(settings)
    with path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xa5" * 30 * 4096)
    (first, *_) = [each for each in await examine(settings) if each.level == FAULT]
    assert first.about == "database"
    path.write_bytes(b"not a database at all" * 999)
    (fault,) = [each for each in await examine(settings) if each.level == FAULT]
    assert "cannot be opened" in fault.sentence


async def test_a_schema_that_nobody_made_yet_is_in_order(settings: Settings) -> None:
    sqlite3.connect(settings.data_dir / "stonechat.db").close()
    (settings.data_dir / "stonechat.db").chmod(0o600)
    settings.data_dir.chmod(0o700)
    assert wrong(await examine(settings)) == [(HINT, "schema")]


async def test_a_database_that_does_not_answer_is_told_without_its_password(
    settings: Settings,
) -> None:
    away = replace(settings, database_url="postgresql://me:hush@127.0.0.1:1/none")
    (fault,) = [each for each in await examine(away) if each.level == FAULT]
    assert fault.about == "database"
    assert "hush" not in fault.sentence


async def test_a_disk_that_is_full_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await make(settings)
    for free, level in ((100 << 20, FAULT), (600 << 20, HINT), (999 << 30, OK)):
        monkeypatch.setattr(
            "stonechat.services.surroundings.shutil.disk_usage",
            lambda _, free=free: type("Usage", (), {"free": free}),
        )
        path.with_name("stonechat.db-wal").write_bytes(b"")
        path.with_name("stonechat.db-wal").chmod(0o600)
        with path.open("r+b") as file:
            file.truncate(400 << 20)
        (found,) = [each for each in await examine(settings) if each.about == "disk"]
        assert found.level == level
