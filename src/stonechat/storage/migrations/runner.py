"""Migrations: bring a database from the schema that it has to the one that the code knows.

A file `NNNN_what.pre.sql` or `NNNN_what.post.sql` is one transaction. A `pre` file only adds, so
that the code of the release before still runs beside it; a `post` file takes away what that
code needed, and closes the database to it. They go in the order of their numbers, `pre` first,
but a `pre` file must not count on a `post` one. What was released is never changed. One text
serves both engines (idioms.ddl), except between `-- only: sqlite` (or `postgres`) and `-- end`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, LiteralString, NamedTuple, cast

from stonechat.kernel.clock import SystemClock
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import ddl

DIRECTORY: Final = Path(__file__).parent
MIGRATION_TIMEOUT_S: Final = 3600.0
"""The `command_timeout_s` with which to open PostgreSQL for a migration."""

Progress = Callable[[str, int, int], None]
"""Told before each file: its name, its place among those to be applied, how many they are."""

_FILE_NAME: Final = re.compile(r"((\d{4})_[a-z0-9_]+\.(pre|post))\.sql")
_DIGITS: Final = 4
_ONLY: Final = "-- only:"
_END: Final = "-- end"

_FIND_LEDGER: Final[dict[str, LiteralString]] = {
    "sqlite": "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
    "postgres": "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
}
# SQLite's transaction has the whole file to itself already.
_LOCK: Final[dict[str, LiteralString]] = {
    "sqlite": "",
    "postgres": "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(5706431960)",
}
_CREATE_LEDGER: Final = (
    "CREATE TABLE IF NOT EXISTS schema_migrations"
    " (name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_ms BIGINT NOT NULL)"
)
_LIST_APPLIED: Final = "SELECT name, checksum FROM schema_migrations"
_INSERT_APPLIED: Final = (
    "INSERT INTO schema_migrations (name, checksum, applied_ms) VALUES ($1, $2, $3)"
)


class MigrationRefused(Exception):
    """The database cannot be brought to this schema; the message says what to do."""


class SchemaVersion(NamedTuple):
    """What a database has: 0 and 0 before its first migration."""

    version: int
    """The highest number that was applied."""
    compatible: int
    """Code must know this number to work with the database."""


@dataclass(frozen=True, slots=True)
class _Migration:
    number: int
    is_post: bool
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


async def current_version(database: Database) -> SchemaVersion:
    """Which schema a database has."""
    return _version(await _load_applied(database, database.engine))


async def list_missing(database: Database, directory: Path = DIRECTORY) -> list[str]:
    """The names of the files that `migrate` would apply."""
    migrations = _load_files(directory)
    applied = await _load_applied(database, database.engine)
    _ensure_known(applied, migrations)
    return [migration.name for migration in migrations if migration.name not in applied]


async def migrate(
    database: Database,
    *,
    directory: Path = DIRECTORY,
    progress: Progress | None = None,
    pre_only: bool = False,
) -> list[str]:
    """Apply what is missing and give its names; whoever comes at the same time waits.

    `pre_only` leaves the `post` files for later, when no old code runs any more.
    """
    migrations = _load_files(directory)
    applied = await _load_applied(database, database.engine)
    _ensure_known(applied, migrations)
    missing = [m for m in migrations if m.name not in applied and not (pre_only and m.is_post)]
    # All of them are read before the first one is applied.
    scripts = [ddl(database.engine, _part_for(database.engine, m)) for m in missing]
    done: list[str] = []
    for place, (migration, script) in enumerate(zip(missing, scripts, strict=True), 1):
        if progress is not None:
            progress(migration.name, place, len(missing))
        apply = partial(_apply, database.engine, migration, script, migrations)
        if await database.write(apply):
            done.append(migration.name)
    return done


async def _apply(
    engine: str, migration: _Migration, script: str, known: list[_Migration], tx: Transaction
) -> bool:
    """Apply one file, unless somebody else did while this one waited for the lock."""
    await tx.run(_LOCK[engine])
    await tx.run(_CREATE_LEDGER)
    applied = await _load_applied(tx, engine)
    if migration.name in applied:
        _ensure_known(applied, known)
        return False
    # The text is a file of ours, as constant as any statement in the source. It may be empty
    # for this engine, and asyncpg falls over a text without a statement.
    await tx.run(cast("LiteralString", script + "\n; SELECT 1"))
    now_ms = SystemClock().now_ms()
    await tx.run(_INSERT_APPLIED, migration.name, migration.checksum, now_ms)
    return True


async def _load_applied(reader: Reader, engine: str) -> dict[str, str]:
    """Names of what was applied, each with its checksum."""
    if await reader.one(_FIND_LEDGER[engine]) is None:
        return {}
    return {row[0]: row[1] for row in await reader.all(_LIST_APPLIED)}


def _version(applied: Iterable[str]) -> SchemaVersion:
    numbers = {name: int(name[:_DIGITS]) for name in applied}
    return SchemaVersion(
        max(numbers.values(), default=0),
        max((number for name, number in numbers.items() if name.endswith(".post")), default=0),
    )


def _ensure_known(applied: dict[str, str], migrations: list[_Migration]) -> None:
    """Refuse a database whose past is not the one that these files tell."""
    known = {migration.name: migration.checksum for migration in migrations}
    newest, has = _version(known).version, _version(applied)
    if has.compatible > newest:
        sentence = (
            f"The database needs a Stonechat that knows schema {has.compatible}; this one knows"
            f" {newest}. Start the newer Stonechat, or restore a backup from before its upgrade."
        )
        raise MigrationRefused(sentence)
    for name, checksum in applied.items():
        if name in known and known[name] != checksum:
            sentence = (
                f"The migration {name} was changed after it had been applied. Put the released"
                " file back, and the change into a new migration."
            )
            raise MigrationRefused(sentence)
        if name not in known and int(name[:_DIGITS]) <= newest:
            sentence = (
                f"The database has had the migration {name}, which this Stonechat does not know."
                " Start the Stonechat that applied it, or restore a backup."
            )
            raise MigrationRefused(sentence)


def _load_files(directory: Path) -> list[_Migration]:
    """Every migration, in the order in which they are applied."""
    found: dict[tuple[int, bool], _Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            sentence = f"{path.name} is not called NNNN_what.pre.sql or NNNN_what.post.sql."
            raise MigrationRefused(sentence)
        key = int(match[2]), match[3] == "post"
        if key in found:
            sentence = f"{found[key].name} and {match[1]} have the same number; renumber one."
            raise MigrationRefused(sentence)
        found[key] = _Migration(*key, match[1], path.read_text(encoding="utf-8"))
    return [found[key] for key in sorted(found)]


def _part_for(engine: str, migration: _Migration) -> str:
    """The lines of a migration that are meant for `engine`."""
    kept: list[str] = []
    only: str | None = None
    lines = migration.text.splitlines()
    for number, line in enumerate(lines, 1):
        mark = line.strip()
        if mark.startswith(_ONLY):
            asked = mark.removeprefix(_ONLY).strip()
            if only is not None or asked not in _LOCK:
                raise _misplaced(migration, number, mark)
            only = asked
        elif mark == _END:
            if only is None:
                raise _misplaced(migration, number, mark)
            only = None
        elif only in (None, engine):
            kept.append(line)
    if only is not None:
        raise _misplaced(migration, len(lines), "the end of the file")
    return "\n".join(kept)


def _misplaced(migration: _Migration, number: int, what: str) -> MigrationRefused:
    return MigrationRefused(
        f"{migration.name}.sql, line {number}: {what} is out of place. A block begins with"
        f" '{_ONLY} sqlite' or '{_ONLY} postgres' and ends with '{_END}'."
    )
