"""The file of a backup: a zip of members, and a manifest that knows each of them by its checksum.

A container is written beside its place and moved there when it is whole. Whoever reads one
trusts nothing in it: a member that the manifest does not name, a link, a path that leads out, a
size or a checksum that is not the promised one are refused. Who may be called what is for the
caller to say; here are only bytes.
"""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from stonechat.kernel.errors import InvalidInput

FORMAT: Final = "stonechat-archive"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 256 << 20
CHUNK_BYTES: Final = 1 << 20
INFLATION_MAX: Final = 400
"""No honest member is so many times larger than its compressed bytes."""
FILE_MODE: Final = 0o600
_LEVEL: Final = 1
_PLAIN_FILE: Final = (stat.S_IFREG | FILE_MODE) << 16
_ENCRYPTED: Final = 1
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises over bytes that are no zip, as found by changing bytes."""


class Member(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A member as the manifest promises it."""

    name: str
    size_bytes: int
    sha256: str


class TablePart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the database that the backup was made of."""

    name: str
    columns: list[str]
    rows: int


class Manifest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is in a container, and where it comes from."""

    format: str
    format_version: int
    stonechat: str
    made_ms: int
    engine: str
    schema_version: int
    schema_compatible: int
    tables: list[TablePart]
    members: list[Member]


class Writer:
    """A container that is being written; it takes its place when the block ends well."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._open: MemberWriter | None = None
        self.members: list[Member] = []

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        self._file = os.fdopen(os.open(self._part, flags, FILE_MODE), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        return self

    def write(self, name: str, chunks: Iterable[bytes], *, is_dense: bool = False) -> None:
        """A whole member; one that `is_dense` would not get smaller."""
        member = self.begin(name, is_dense=is_dense)
        for chunk in chunks:
            member.write(chunk)
        member.finish()

    def begin(self, name: str, *, is_dense: bool = False) -> "MemberWriter":
        """A member that is written bit by bit; one at a time."""
        info = zipfile.ZipInfo(name)
        info.external_attr = _PLAIN_FILE
        info.compress_type = zipfile.ZIP_STORED if is_dense else zipfile.ZIP_DEFLATED
        self._open = MemberWriter(self, self._zip, info)
        return self._open

    def finish(self, manifest: Manifest) -> None:
        """Close the container with its manifest, and see to it that it is on the disk."""
        info = zipfile.ZipInfo(MANIFEST)
        info.external_attr = _PLAIN_FILE
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, msgspec.json.encode(manifest))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._target)
        _sync(self._target.parent)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # What broke off is thrown away; closing it properly is for the sake of peace alone.
        with suppress(OSError, ValueError):
            if self._open is not None:
                self._open.close()
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)


class MemberWriter:
    """One member that is being written."""

    def __init__(self, writer: Writer, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._writer = writer
        self._name = info.filename
        self._stream = archive.open(info, "w", force_zip64=True)
        self._hash = hashlib.sha256()
        self._size_bytes = 0

    def write(self, chunk: bytes) -> None:
        """Add some bytes."""
        self._hash.update(chunk)
        self._size_bytes += len(chunk)
        self._stream.write(chunk)

    def finish(self) -> None:
        """The member is whole."""
        self.close()
        self._writer.members.append(Member(self._name, self._size_bytes, self._hash.hexdigest()))

    def close(self) -> None:
        """Write no more of it, whole or not; twice is once."""
        self._stream.close()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Reader:
    """A container that somebody gave us. Its members are read as often as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        try:
            self._open()
        except InvalidInput:
            self._file.close()
            raise

    def _open(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.manifest: Manifest = self._read_manifest()
        except (*_BROKEN, KeyError, msgspec.MsgspecError):
            sentence = f"{self._path} is no backup of Stonechat's, or a damaged one."
            raise InvalidInput(sentence) from None
        self._infos = {info.filename: info for info in self._zip.infolist()}
        self._promised = {member.name: member for member in self.manifest.members}
        self._ensure_honest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    @property
    def size_bytes(self) -> int:
        """What all members take when they are unpacked."""
        return sum(member.size_bytes for member in self._promised.values())

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member; at the end it turns out whether they are the promised ones."""
        promised, left = self._promised[name], self._promised[name].size_bytes
        digest = hashlib.sha256()
        try:
            with self._zip.open(self._infos[name]) as stream:
                while left > 0 and (chunk := stream.read(min(CHUNK_BYTES, left))):
                    left -= len(chunk)
                    digest.update(chunk)
                    yield chunk
                is_whole = left == 0 and not stream.read(1)
        except _BROKEN:
            is_whole = False
        if not is_whole or digest.hexdigest() != promised.sha256:
            raise self._refuse(f"{name} is damaged")

    def _read_manifest(self) -> Manifest:
        if self._zip.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
            raise KeyError
        return msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)

    def _ensure_honest(self) -> None:
        manifest = self.manifest
        if (manifest.format, manifest.format_version) != (FORMAT, FORMAT_VERSION):
            raise self._refuse(f"its format is {manifest.format} {manifest.format_version}")
        infos = self._zip.infolist()
        given, promised = [info.filename for info in infos], {MANIFEST, *self._promised}
        strangers = sorted(set(given) ^ promised)
        if strangers:
            raise self._refuse(f"{strangers[0]!r} is not what its manifest says")
        if len(given) != len(promised) or len(self._promised) != len(manifest.members):
            raise self._refuse("a member is in it twice")
        for info in infos:
            self._ensure_plain(info)

    def _ensure_plain(self, info: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG) or info.flag_bits & _ENCRYPTED:
            raise self._refuse(f"{info.filename!r} is no plain file")
        if info.file_size > INFLATION_MAX * info.compress_size + CHUNK_BYTES:
            raise self._refuse(f"{info.filename!r} unpacks to far more than it is")

    def _refuse(self, reason: str) -> InvalidInput:
        return InvalidInput(f"{self._path} cannot be restored: {reason}.")
