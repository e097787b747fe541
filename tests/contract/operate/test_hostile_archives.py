"""[S144] What somebody tampered with is refused, and nothing of it is kept or executed.

What is in an archive is looked at before any engine is: SQLite stands for both here.
"""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stonechat.blobs.disk import DiskStore
from stonechat.kernel.errors import InvalidInput
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.backups import PICTURE, Files, back_up, keep, pack, restore, unpack
from tests.contract.operate.towns import everything


@pytest.fixture
def api(sqlite_api: Api) -> Api:
    return sqlite_api


@pytest_asyncio.fixture
async def archive(api: Api, whole: WholeDatabase, tmp_path: Path) -> Path:
    """A backup of somebody who likes what they said, and of a picture."""
    anna = await api.person("anna")
    said = await api.say(anna, "I like this")
    await api.post(f"/api/v1/statuses/{said['id']}/favourite", anna)
    await keep(DiskStore(tmp_path), tmp_path, b"a picture")
    return await back_up(whole, tmp_path)


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
    def change(files: Files, manifest: dict[str, Any]) -> None:
        del manifest, files[name]

    return change


def cut_off(files: Files, manifest: dict[str, Any]) -> None:
    del manifest
    files["tables/accounts.jsonl"] = files["tables/accounts.jsonl"][:-1]


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
    "shelf that leads out": (add(f"../{PICTURE}"), "does not belong into it"),
    "shelf of its own": (add(f"secrets/{PICTURE}"), "does not belong into it"),
    "upload": (add(f"uploads/{PICTURE}"), "does not belong into it"),
    "file in no folder": (add(PICTURE), "does not belong into it"),
    "folder in a shelf": (add(f"media/ab/{PICTURE}"), "does not belong into it"),
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
    "cut off": (cut_off, "its last row is cut off"),
    "twice": (doubled, "a row is in it twice"),
    "row too many": (swap("blocks", b"", b"[1,2,3]\n"), "blocks has 1 rows instead of 0"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_what_somebody_tampered_with_is_refused_and_changes_nothing(
    how: str, archive: Path, whole: WholeDatabase, tmp_path: Path
) -> None:
    """[S099, S144]"""
    change, sentence = TAMPERED[how]
    files, manifest = unpack(archive)
    change(files, manifest)
    hostile = tmp_path / "hostile" / "archive"
    hostile.parent.mkdir()
    pack(hostile, files, manifest)
    before = await everything(whole)
    with pytest.raises(InvalidInput, match=r"cannot be restored|archive") as refused:
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
    no_file(path, files, manifest, stat.S_IFLNK)


def devices(path: Path, files: Files, manifest: dict[str, Any]) -> None:
    """A member that is a device."""
    no_file(path, files, manifest, stat.S_IFCHR)


def no_file(path: Path, files: Files, manifest: dict[str, Any], kind: int) -> None:
    pack(path, files, manifest)
    with zipfile.ZipFile(path, "a") as made:
        info = zipfile.ZipInfo("pictures/" + "cd" * 16 + ".png")
        info.external_attr = (kind | 0o777) << 16
        made.writestr(info, "/etc/passwd")
    promise(path, info.filename, b"/etc/passwd")


def promise(path: Path, name: str, data: bytes) -> None:
    """Put a member into the manifest as well, keeping the others as they are."""
    with zipfile.ZipFile(path) as found:
        members = [(info, found.read(info)) for info in found.infolist()]
    manifest = json.loads({info.filename: data for info, data in members}["manifest.json"])
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
        (devices, "is no plain file"),
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
    """[S099, S144]"""
    before = await everything(whole)
    make(archive, *unpack(archive))
    with pytest.raises(InvalidInput) as refused:
        await restore(whole, archive)
    assert sentence in refused.value.message
    assert await everything(whole) == before


async def test_a_member_that_is_in_it_twice_is_refused(archive: Path, whole: WholeDatabase) -> None:
    """[S099, S144]"""
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
