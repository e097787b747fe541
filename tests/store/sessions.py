"""What the tests of PostgreSQL's engine share: a table of notes, and a way to end sessions."""

from typing import LiteralString

import asyncpg

from stonechat.storage.engines.postgres import PostgresDatabase

PATIENCE_S = 10.0
POOL_SIZE = 3

Trips = tuple[PostgresDatabase, list[str]]

SCHEMA: LiteralString = (
    "CREATE TABLE notes (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);"
    " INSERT INTO notes VALUES (1, 0), (2, 0)"
)
TIDY = "DROP TABLE IF EXISTS notes; DROP FUNCTION IF EXISTS die"
FIND: LiteralString = "SELECT n FROM notes WHERE id = $1"
INSERT: LiteralString = "INSERT INTO notes VALUES ($1, $2)"
UPDATE: LiteralString = "UPDATE notes SET n = n + $2 WHERE id = $1"
COUNT: LiteralString = "SELECT COUNT(*) FROM notes"
ME: LiteralString = "SELECT pg_backend_pid()"
SLEEP: LiteralString = "SELECT pg_sleep(30)"
FAIL_SERIALISATION: LiteralString = "DO $$BEGIN RAISE SQLSTATE '40001'; END$$"


async def kill(url: str, *pids: int) -> None:
    """End sessions from outside: all other ones if none is named."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (cardinality($1::int[]) = 0 OR pid = ANY ($1))",
        pids,
    )
    await connection.close()


async def value(database: PostgresDatabase, identifier: int) -> int:
    row = await database.one(FIND, identifier)
    assert row is not None
    return row[0]
