"""The databases that tests on PostgreSQL share: what one of them did, the next one never meets."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.postgres_server import Copies

ALL = "SELECT (SELECT json_agg(m)::text FROM schema_migrations m), COUNT(*) FROM facts"
USED = (
    "INSERT INTO facts (name, value) VALUES ('a', 'fact'), ('another', 'one');"
    " UPDATE schema_migrations SET name = name || ' of ''another'''"
)


def ask(url: str, sql: str) -> Any:
    """The row of a question, or what a script of several statements did."""

    async def work() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await (connection.execute(sql) if ";" in sql else connection.fetchrow(sql))
        finally:
            await connection.close()

    return asyncio.run(work())


def test_a_used_copy_is_as_new_for_the_next_test(postgres_copies: Copies) -> None:
    with postgres_copies.one() as url:
        before = ask(url, ALL)
        ask(url, USED)
        assert tuple(ask(url, ALL)) != tuple(before)
    with postgres_copies.one() as again:
        assert again == url
        assert tuple(ask(again, ALL)) == tuple(before)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (a BIGINT);",
        "ALTER TABLE facts ADD COLUMN more BIGINT;",
        "CREATE INDEX more ON facts (value);",
        "DROP TABLE facts;",
    ],
)
def test_a_copy_whose_tables_were_changed_is_nobodys(postgres_copies: Copies, change: str) -> None:
    with postgres_copies.one() as url:
        ask(url, change)
    with postgres_copies.one() as other:
        assert other != url
        assert ask(other, ALL)["count"] == 0


def test_two_at_once_are_two_and_an_ended_session_hurts_nobody(postgres_copies: Copies) -> None:
    with postgres_copies.one() as url, postgres_copies.one() as other:
        assert url != other
        ask(
            url,
            f"{USED}; SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid();",
        )
    for _ in range(2):
        with postgres_copies.one() as again:
            assert ask(again, ALL)["count"] == 0
