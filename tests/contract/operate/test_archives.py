"""Backup and restore: the same site again, on either engine, beside a server that goes on."""

import asyncio
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from stonechat.blobs import pictures
from stonechat.kernel.clock import SystemClock
from stonechat.kernel.errors import InvalidInput
from stonechat.services import archives
from stonechat.services.archives import Contents
from stonechat.storage import archives as tables
from stonechat.storage.database import WholeDatabase
from stonechat.storage.engines.postgres import open_postgres
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import migrate
from tests.contract.api import Api
from tests.contract.operate.towns import Town, count, everything, faults
from tests.postgres_server import Copies

PICTURE = "ab" * 16 + ".png"


def nothing(*_: object) -> None:
    """Progress that nobody looks at."""


async def back_up(whole: WholeDatabase, folder: Path, name: str = "site") -> Path:
    target = folder / name
    await archives.back_up(whole, SystemClock(), data_dir=folder, target=target, progress=nothing)
    return target


async def restore(whole: WholeDatabase, source: Path, folder: Path | None = None) -> Contents:
    data_dir = folder or source.parent
    return await archives.restore(whole, data_dir=data_dir, source=source, progress=nothing)


@asynccontextmanager
async def fresh(engine: str, folder: Path, copies: Copies) -> AsyncIterator[WholeDatabase]:
    """Another database, with nobody in it."""
    if engine == "sqlite":
        database: WholeDatabase = await open_sqlite(folder / "other.db")
        await migrate(database)
        yield database
        await database.close()
        return
    async with copies.one() as url:
        database = await open_postgres(url)
        yield database
        await database.close()


@pytest.fixture
async def archive(town: Town, whole: WholeDatabase, tmp_path: Path) -> Path:
    """A backup of the town, with a picture."""
    del town
    pictures.insert_copy(tmp_path, PICTURE, b"a picture")
    return await back_up(whole, tmp_path)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_a_backup_brings_everything_into_another_database(
    engine: str,
    archive: Path,
    api: Api,
    whole: WholeDatabase,
    tmp_path: Path,
    postgres_copies: Copies,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    async with fresh(engine, tmp_path, postgres_copies) as other:
        contents = await restore(other, archive, elsewhere)
        there = await everything(other)
        assert there == await everything(whole)
        assert contents == Contents(sum(map(len, there.values())), 1)
        assert await faults(api, other) == []
    assert pictures.find_copy(elsewhere, PICTURE) == b"a picture"
    assert (elsewhere / "pictures/ab/ab" / PICTURE).stat().st_mode & 0o777 == 0o600


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
    # Rendered with the very versions that the edits had before the restore, if those came again.
    for text in ("a third", "a fourth"):
        await api.call("PUT", path, town.anna, json={"status": text})
        assert text in (await api.get(path, town.anna)).json["content"]


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
    tmp_path: Path,
    postgres_copies: Copies,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "ROWS_AT_ONCE", 2)
    making = asyncio.create_task(back_up(whole, tmp_path))
    said = 0
    while not making.done():
        status = await api.say(town.anna, f"meanwhile {said}")
        await api.post(f"/api/v1/statuses/{status['id']}/favourite", town.bert)
        said += 1
        await asyncio.sleep(0)
    assert said > 1
    async with fresh("sqlite", tmp_path, postgres_copies) as other:
        await restore(other, await making)
        assert await faults(api, other) == []


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
    before = archive.read_bytes()
    assert archive.stat().st_mode & 0o777 == 0o600

    def fill_the_disk(label: str, *_: object) -> None:
        if label == "statuses":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await archives.back_up(
            whole,
            SystemClock(),
            data_dir=archive.parent,
            target=archive,
            progress=fill_the_disk,
        )
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.glob(".*part")] == []


# What somebody tampered with [S144] ----------------------------------------------------------

Files = dict[str, bytes]


def unpack(archive: Path) -> tuple[Files, dict[str, Any]]:
    with zipfile.ZipFile(archive) as found:
        files = {name: found.read(name) for name in found.namelist()}
    return files, json.loads(files.pop("manifest.json"))


def pack(archive: Path, files: Files, manifest: dict[str, Any], *, recount: bool = True) -> None:
    """Write an archive whose manifest is right about its members, unless it is not to be."""
    if recount:
        manifest["members"] = [
            {"name": name, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        ]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
        made.writestr("manifest.json", json.dumps(manifest))


def add(name: str, data: bytes = b"x") -> Callable[[Files, dict[str, Any]], None]:
    def change(files: Files, manifest: dict[str, Any]) -> None:
        del manifest
        files[name] = data

    return change


def swap(table: str, old: bytes, new: bytes) -> Callable[[Files, dict[str, Any]], None]:
    def change(files: Files, manifest: dict[str, Any]) -> None:
        del manifest
        name = f"tables/{table}.jsonl"
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def lose(name: str) -> Callable[[Files, dict[str, Any]], None]:
    return lambda files, _: files.pop(name) and None


def drop_table(files: Files, manifest: dict[str, Any]) -> None:
    del files["tables/favourites.jsonl"]
    manifest["tables"] = [each for each in manifest["tables"] if each["name"] != "favourites"]


def rename_column(files: Files, manifest: dict[str, Any]) -> None:
    del files
    manifest["tables"][0]["columns"][0] = "id); DROP TABLE accounts; --"


def rename_table(files: Files, manifest: dict[str, Any]) -> None:
    files["tables/sqlite_schema.jsonl"] = files.pop("tables/accounts.jsonl")
    next(each for each in manifest["tables"] if each["name"] == "accounts")["name"] = (
        "sqlite_schema"
    )


def doubled(files: Files, manifest: dict[str, Any]) -> None:
    name = "tables/favourites.jsonl"
    files[name] *= 2
    for each in manifest["tables"]:
        each["rows"] *= 1 + (each["name"] == "favourites")


def of_another_schema(files: Files, manifest: dict[str, Any]) -> None:
    del files
    manifest["schema_version"] = 99


TAMPERED = {
    "traversal": (add("../../evil.py"), "does not belong into it"),
    "absolute": (add("/etc/cron.d/evil"), "does not belong into it"),
    "picture that leads out": (add("pictures/../../evil.png"), "does not belong into it"),
    "odd picture": (add("pictures/evil.svg"), "does not belong into it"),
    "script": (add("restore.sql", b"DROP TABLE accounts;"), "does not belong into it"),
    "lost member": (lose("tables/boosts.jsonl"), "it lacks 'tables/boosts.jsonl'"),
    "lost table": (drop_table, "it lacks favourites"),
    "column": (rename_column, "is not one of this schema"),
    "table": (rename_table, "is not one of this schema"),
    "schema": (of_another_schema, "it has schema 99"),
    "type": (swap("accounts", b'"anna"', b"[1]"), "is not what the table holds"),
    "null": (swap("accounts", b'"anna"', b"null"), "is not what the table holds"),
    "huge number": (swap("account_counters", b"[", b"[9" + b"9" * 30), "is not what the table"),
    "NUL": (swap("accounts", b'"anna"', b'"an\\u0000na"'), "holds a NUL character"),
    "surrogate": (swap("accounts", b'"anna"', b'"an\\ud800na"'), "is not what the table holds"),
    "not UTF-8": (swap("accounts", b'"anna"', b'"an\xffna"'), "is not what the table holds"),
    "no JSON": (swap("accounts", b"[", b"("), "is not what the table holds"),
    "cut off": (swap("accounts", b"]\n", b"]"), ""),
    "twice": (doubled, "a row is in it twice"),
    "row too many": (swap("blocks", b"", b"[1,2,3]\n"), "blocks has 1 rows instead of 0"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_what_somebody_tampered_with_is_refused_and_changes_nothing(
    how: str, archive: Path, whole: WholeDatabase, tmp_path: Path
) -> None:
    """[S144]"""
    change, sentence = TAMPERED[how]
    files, manifest = unpack(archive)
    change(files, manifest)
    hostile = tmp_path / "hostile" / "archive"
    hostile.parent.mkdir()
    pack(hostile, files, manifest)
    before = await everything(whole)
    with pytest.raises(InvalidInput, match="cannot be restored|archive") as refused:
        await restore(whole, hostile)
    assert sentence in refused.value.message
    assert await everything(whole) == before
    assert not (tmp_path.parent / "evil.py").exists()
    left = {path.name for path in hostile.parent.rglob("*") if path.is_file()}
    assert left <= {"archive", PICTURE}


async def test_an_unchanged_archive_that_was_packed_anew_is_taken(
    archive: Path, whole: WholeDatabase
) -> None:
    before = await everything(whole)
    pack(archive, *unpack(archive))
    await restore(whole, archive)
    assert await everything(whole) == before


def zipped(path: Path, *members: tuple[zipfile.ZipInfo, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data in members:
            made.writestr(info, data)


def links(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    """A member that is a symbolic link."""
    pack(path, files, manifest)
    with zipfile.ZipFile(path, "a") as made:
        info = zipfile.ZipInfo("pictures/" + "cd" * 16 + ".png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(info, "/etc/passwd")
    promise(path, info.filename, b"/etc/passwd")


def promise(path: Path, name: str, data: bytes) -> None:
    """Put a member into the manifest as well, keeping the others as they are."""
    with zipfile.ZipFile(path) as found:
        members = [(info, found.read(info)) for info in found.infolist()]
    manifest = json.loads(dict((info.filename, data) for info, data in members)["manifest.json"])
    digest = hashlib.sha256(data).hexdigest()
    manifest["members"].append({"name": name, "size_bytes": len(data), "sha256": digest})
    kept = [each for each in members if each[0].filename != "manifest.json"]
    made = (zipfile.ZipInfo("manifest.json"), json.dumps(manifest).encode())
    zipped(path, *kept, made)


def wrong_checksum(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    files["tables/accounts.jsonl"] = files["tables/accounts.jsonl"].replace(b"anna", b"nana")
    pack(path, files, manifest, recount=False)


def wrong_size(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    for each in manifest["members"]:
        each["size_bytes"] += each["name"] == "tables/accounts.jsonl"
    pack(path, files, manifest, recount=False)


def stranger(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    files["readme.txt"] = b"hello"
    pack(path, files, manifest, recount=False)


def bomb(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    files["tables/accounts.jsonl"] = b" " * (8 << 20)
    pack(path, files, manifest)


def of_another_kind(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    manifest["format"] = "somebody-else's"
    pack(path, files, manifest)


def without_manifest(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    pack(path, files, manifest)
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a", "b")


def broken(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    """One flipped byte in the middle of a member."""
    pack(path, files, manifest)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as found:
        info = found.getinfo("tables/accounts.jsonl")
    data[info.header_offset + 60] ^= 0xFF
    path.write_bytes(data)


def cut_short(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    pack(path, files, manifest)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (links, "is no plain file"),
        (wrong_checksum, "tables/accounts.jsonl is damaged"),
        (wrong_size, "tables/accounts.jsonl is damaged"),
        (stranger, "'readme.txt' is not what its manifest says"),
        (bomb, "unpacks to far more than it is"),
        (of_another_kind, "its format is somebody-else's 1"),
        (without_manifest, "is no backup of Stonechat's"),
        (broken, "tables/accounts.jsonl is damaged"),
        (cut_short, "is no backup of Stonechat's"),
    ],
)
async def test_a_container_that_is_not_what_it_says_is_refused(
    make: Callable[[Path, Files, dict[str, Any]], None],
    sentence: str,
    archive: Path,
    whole: WholeDatabase,
) -> None:
    """[S144]"""
    before = await everything(whole)
    make(archive, *unpack(archive))
    with pytest.raises(InvalidInput) as refused:
        await restore(whole, archive)
    assert sentence in refused.value.message
    assert await everything(whole) == before


async def test_a_member_that_is_in_it_twice_is_refused(archive: Path, whole: WholeDatabase) -> None:
    """[S144]"""
    with zipfile.ZipFile(archive, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("tables/accounts.jsonl", "[]")
    with pytest.raises(InvalidInput, match="a member is in it twice"):
        await restore(whole, archive)


async def test_triggers_and_views_of_a_database_do_not_come_along(
    tmp_path: Path, sqlite: WholeDatabase
) -> None:
    """[S144] A backup is rows; what a database file could execute stays behind."""

    async def plant(tx: Any) -> None:
        await tx.run("CREATE VIEW spy AS SELECT email FROM logins")
        await tx.run("CREATE TRIGGER evil AFTER INSERT ON facts BEGIN DELETE FROM accounts; END")

    await sqlite.write(plant)
    files, manifest = unpack(await back_up(sqlite, tmp_path))
    assert "spy" not in {each["name"] for each in manifest["tables"]}
    assert not any(b"evil" in data for data in files.values())
