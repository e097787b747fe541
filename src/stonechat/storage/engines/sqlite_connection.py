"""One SQLite connection: how it is opened and what its errors mean. No threads here.

The newcomer's mistake is to open a connection without QPSG: this SQLite is built with STAT4,
and after an ANALYZE it would prepare a statement anew whenever its parameters change, which
costs ten times the statement.
"""

import os
import time
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, cast

import apsw

from stonechat.kernel.errors import Conflict, Unavailable
from stonechat.storage.database import Row

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
STATEMENTS_KEPT_MAX: Final = 512
MMAP_BYTES_MAX: Final = 256 << 20
WAL_PAGES_MAX: Final = 4000
WAL_BYTES_KEPT_MAX: Final = 64 << 20
BUSY_TIMEOUT_MS: Final = 5000
BUSY_PAUSE_S: Final = 0.02

# Every commit of another connection empties a reader's page cache, so it would never hold
# much: what a reader reads again comes from the memory map, which the commit leaves alone.
READER_CACHE_KIB: Final = 8 << 10
WRITER_CACHE_KIB: Final = 16 << 10

# LIKE minds the case of letters, as it does on PostgreSQL, and so may use an index.
_ALWAYS: Final = f"""
    PRAGMA foreign_keys = ON;
    PRAGMA case_sensitive_like = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = {MMAP_BYTES_MAX};
"""
_WRITER: Final = f"""{_ALWAYS}
    PRAGMA cache_size = -{WRITER_CACHE_KIB};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX};
    PRAGMA journal_size_limit = {WAL_BYTES_KEPT_MAX};
"""
_READER: Final = f"""{_ALWAYS}
    PRAGMA cache_size = -{READER_CACHE_KIB};
    PRAGMA query_only = ON;
"""

_CONFLICTS: Final = frozenset(
    {
        apsw.SQLITE_CONSTRAINT_UNIQUE,
        apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
        apsw.SQLITE_CONSTRAINT_ROWID,
        apsw.SQLITE_CONSTRAINT_FOREIGNKEY,
    }
)
_PASSING: Final = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.FullError,
    apsw.IOError,
    apsw.InterruptError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.ProtocolError,
)


class Rows(Protocol):
    """What a statement gives."""

    def fetchone(self) -> Row | None:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Row]:
        """The rows that are left."""
        ...


class Execute(Protocol):
    """Runs one statement, or several when there are no parameters."""

    def __call__(self, sql: str, parameters: tuple[Any, ...] = ..., /) -> Rows:
        """Give the rows, of which none may be left when the next statement is to commit."""
        ...


def executor(connection: apsw.Connection) -> Execute:
    """The connection's `execute`, in types that we know."""
    execute = connection.execute  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("Execute", execute)


def raise_ours(error: apsw.Error) -> NoReturn:
    """Raise what the floors above know; a fault in our SQL stays as it is."""
    if (
        isinstance(error, apsw.ConstraintError)
        and getattr(error, "extendedresult", 0) in _CONFLICTS
    ):
        raise Conflict(reason=str(error)) from error
    if isinstance(error, _PASSING):
        raise Unavailable(reason=str(error)) from error
    raise error


def make_file(path: Path) -> None:
    """An empty database that nobody else can read; SQLite gives its mode to the WAL too."""
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))


def open_writer(path: Path) -> apsw.Connection:
    """The connection that writes; it must be opened before the readers, as it makes the WAL."""
    ends_s = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            return _open(path, _WRITER)
        except apsw.BusyError:
            # Of several that turn a new file to WAL at once, all but one are refused without
            # having waited.
            if time.monotonic() > ends_s:
                raise
            time.sleep(BUSY_PAUSE_S)


def open_reader(path: Path) -> apsw.Connection:
    """A connection that reads and cannot write."""
    return _open(path, _READER)


def _open(path: Path, pragmas: str) -> apsw.Connection:
    connection = apsw.Connection(
        str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=STATEMENTS_KEPT_MAX
    )
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    # Double quotes are for names, as on PostgreSQL: a misspelt name must not become a text.
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    try:
        executor(connection)(pragmas).fetchall()
    except apsw.Error:
        connection.close()
        raise
    return connection
