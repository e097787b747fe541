"""Backups that tests make, restore, take apart and put together again."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import Store
from stonechat.kernel.clock import SystemClock
from stonechat.services import archives
from stonechat.services.archives import Contents
from stonechat.storage.database import WholeDatabase

Files = dict[str, bytes]
PICTURE = "ab" * 16 + ".png"


def nothing(*_: object) -> None:
    """Progress that nobody looks at."""


async def keep(blobs: Store, folder: Path, content: bytes, name: str = PICTURE) -> None:
    """Put a file on the shelf of pictures."""
    source = folder / "source"
    source.write_bytes(content)
    await blobs.insert("pictures", name, source)
    source.unlink()


async def back_up(whole: WholeDatabase, folder: Path, name: str = "site") -> Path:
    target, blobs = folder / name, DiskStore(folder)
    await archives.back_up(whole, SystemClock(), blobs=blobs, target=target, progress=nothing)
    return target


async def restore(whole: WholeDatabase, source: Path, folder: Path | None = None) -> Contents:
    blobs = DiskStore(folder or source.parent)
    return await archives.restore(whole, blobs=blobs, source=source, progress=nothing)


def state_of(archive: Path) -> tuple[int, bytes]:
    """Mode and content of an archive."""
    return archive.stat().st_mode & 0o777, archive.read_bytes()


def unfinished(folder: Path) -> list[Path]:
    """What was left lying about."""
    return list(folder.glob(".*part"))


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
