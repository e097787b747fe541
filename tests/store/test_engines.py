"""What both engines promise alike: values, rows, transactions, failures, closing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import LiteralString

import pytest
import pytest_asyncio

from stonechat.kernel.errors import Conflict, NotFound, Unavailable
from stonechat.storage.database import Database, Transaction
from stonechat.storage.idioms import ddl
from tests.recording import RecordingDatabase, Statement
from tests.store.explain import assert_no_scans, find_scans

_SCHEMA: LiteralString = """
    CREATE TABLE cats (id BIGINT PRIMARY KEY, name TEXT NOT NULL, paws BIGINT, picture BYTEA);
    CREATE UNIQUE INDEX cats_by_name ON cats (name);
    CREATE TABLE kittens (
        cat_id BIGINT NOT NULL REFERENCES cats (id), id BIGINT NOT NULL,
        PRIMARY KEY (cat_id, id)
    )
"""
_INSERT: LiteralString = "INSERT INTO cats (id, name, paws, picture) VALUES ($1, $2, $3, $4)"
_INSERT_KITTEN: LiteralString = (
    "INSERT INTO kittens (cat_id, id) SELECT id, $2 FROM cats WHERE id = $1"
    " ON CONFLICT (cat_id, id) DO NOTHING"
)
_BY_ID: LiteralString = "SELECT id, name, paws, picture FROM cats WHERE id = $1"
_COUNT: LiteralString = "SELECT COUNT(*) FROM cats"
_BIG = 2**53 - 1


@pytest_asyncio.fixture
async def cats(database: Database) -> AsyncIterator[Database]:
    schema = ddl(database.engine, _SCHEMA)
    await database.write(lambda tx: tx.run(schema))  # pyright: ignore[reportArgumentType]
    yield database
    with contextlib.suppress(Unavailable):  # a test may have closed it
        await database.write(lambda tx: tx.run("DROP TABLE kittens; DROP TABLE cats"))


def inserting(identifier: int, name: str) -> Callable[[Transaction], Awaitable[int]]:
    async def insert(tx: Transaction) -> int:
        return await tx.run(_INSERT, identifier, name, 4, None)

    return insert


async def count(database: Database) -> int:
    row = await database.one(_COUNT)
    assert row is not None
    return row[0]


async def test_values_come_back_as_they_went(cats: Database) -> None:
    values = (_BIG, "Ünïcode 🐈 'quoted' \\ %", -(2**53), b"\x00\xff" * 50)
    assert await cats.write(lambda tx: tx.run(_INSERT, *values)) == 1
    for row in (await cats.one(_BY_ID, _BIG), *await cats.all(_BY_ID, _BIG)):
        assert row is not None
        assert tuple(row) == values
        assert [type(value) for value in row] == [int, str, int, bytes]
    assert [tuple(row) for row in await cats.all_slow(_BY_ID, _BIG)] == [values]


async def test_null_and_bool_and_nothing(cats: Database) -> None:
    is_true = True
    await cats.write(lambda tx: tx.run(_INSERT, 1, "Tom", is_true, None))
    row = await cats.one("SELECT paws, picture FROM cats WHERE id = $1", 1)
    assert row is not None
    assert tuple(row) == (1, None)
    assert await cats.one(_BY_ID, 2) is None
    assert await cats.all(_BY_ID, 2) == []
    assert await cats.all_slow(_BY_ID, 2) == []


async def test_parameters_go_by_their_number(cats: Database) -> None:
    await cats.write(inserting(7, "Tom"))
    row = await cats.one(
        "SELECT '$3', $2 || name, \"id\" FROM cats WHERE name = $1 AND id = $3", "Tom", "x", 7
    )
    assert row is not None
    assert tuple(row) == ("$3", "xTom", 7)


async def test_like_minds_the_case(cats: Database) -> None:
    await cats.write(inserting(1, "Tom"))
    assert await cats.one("SELECT id FROM cats WHERE name LIKE 't%'") is None
    assert await cats.one("SELECT id FROM cats WHERE name LIKE 'T%'") is not None


async def test_one_gives_the_first_row_and_leaves_nothing_open(cats: Database) -> None:
    for identifier in range(5):
        await cats.write(inserting(identifier, f"cat {identifier}"))
    row = await cats.one("SELECT id FROM cats ORDER BY id DESC")
    assert row is not None
    assert row[0] == 4
    # A statement left half read would hold on to the old state.
    await cats.write(inserting(5, "cat 5"))
    assert await count(cats) == 6


async def test_run_counts_what_it_changed(cats: Database) -> None:
    async def work(tx: Transaction) -> list[int]:
        return [
            await tx.run(_INSERT, 1, "Tom", 4, None),
            await tx.run(_INSERT, 2, "Kim", 4, None),
            await tx.run(_INSERT + " ON CONFLICT (id) DO NOTHING", 2, "Tim", 4, None),
            await tx.run("UPDATE cats SET paws = paws + 1"),
            await tx.run("DELETE FROM cats WHERE id > $1", 10),
            await tx.run("DELETE FROM cats"),
        ]

    assert await cats.write(work) == [1, 1, 0, 2, 0, 2]


async def test_a_transaction_sees_its_own_writing_and_others_only_what_is_committed(
    cats: Database,
) -> None:
    async def work(tx: Transaction) -> tuple[int, int]:
        row = await tx.one(_COUNT)
        assert row is not None
        await tx.run(_INSERT, 1, "Tom", 4, None)
        await tx.run_all((_INSERT, (2, "Kim", 4, None)), (_INSERT, (3, "Ann", 4, None)))
        rows = await tx.all("SELECT id FROM cats ORDER BY id")
        assert await count(cats) == 0
        return row[0], len(rows)

    assert await cats.write(work) == (0, 3)
    assert await count(cats) == 3


async def test_returning_gives_rows(cats: Database) -> None:
    async def work(tx: Transaction) -> object:
        return await tx.one(_INSERT + " RETURNING id, name", 9, "Tom", 4, None)

    row = await cats.write(work)
    assert tuple(row) == (9, "Tom")  # pyright: ignore[reportArgumentType]
    assert await count(cats) == 1


async def test_run_all_runs_every_kind_of_statement_with_its_own_parameters(
    cats: Database,
) -> None:
    for identifier in (1, 2, 3):
        await cats.write(inserting(identifier, f"cat {identifier}"))

    async def work(tx: Transaction) -> None:
        await tx.run_all(
            (_INSERT, (4, "$1", 4, b"\x00")),
            ("UPDATE cats SET name = $2, paws = paws + $3 WHERE id = $1", (1, "Tom", 3)),
            ("DELETE FROM cats WHERE id = $1", (2,)),
            (_INSERT_KITTEN, (3, 30)),
            ("UPDATE cats SET paws = 0 WHERE name = 'cat 3'", ()),
        )

    await cats.write(work)
    rows = await cats.all("SELECT id, name, paws FROM cats ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, "Tom", 7), (3, "cat 3", 0), (4, "$1", 4)]
    assert [tuple(row) for row in await cats.all("SELECT cat_id, id FROM kittens")] == [(3, 30)]


async def test_a_second_write_set_sees_the_first(cats: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run_all((_INSERT, (1, "Tom", 4, None)), (_INSERT, (2, "Kim", 4, None)))
        await tx.run_all(("UPDATE cats SET paws = paws + 1", ()))
        await tx.run_all()

    await cats.write(work)
    assert [row[0] for row in await cats.all("SELECT paws FROM cats")] == [5, 5]


async def test_a_write_set_longer_than_one_trip_is_still_one_transaction(cats: Database) -> None:
    statements: list[Statement] = [(_INSERT, (n, f"cat {n}", 4, None)) for n in range(200)]
    await cats.write(lambda tx: tx.run_all(*statements))
    assert await count(cats) == 200

    more: list[Statement] = [(_INSERT, (n, f"cat {n}", 4, None)) for n in range(200, 330)]
    twice = (_INSERT, (1000, "cat 200", 4, None))
    with pytest.raises(Conflict):
        await cats.write(lambda tx: tx.run_all(*more, twice))
    assert await count(cats) == 200


async def test_a_failing_transaction_leaves_nothing_behind(cats: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run(_INSERT, 1, "Tom", 4, None)
        await tx.run_all((_INSERT, (2, "Kim", 4, None)))
        raise NotFound

    with pytest.raises(NotFound):
        await cats.write(work)
    assert await count(cats) == 0


@pytest.mark.parametrize(("identifier", "name"), [(1, "Ann"), (2, "Tom")])
async def test_what_exists_already_is_a_conflict(
    cats: Database, identifier: int, name: str
) -> None:
    await cats.write(inserting(1, "Tom"))
    with pytest.raises(Conflict) as caught:
        await cats.write(inserting(identifier, name))
    assert "cats" in str(caught.value.details["reason"])
    assert "Tom" not in str(caught.value.details)
    with pytest.raises(Conflict):
        await cats.write(lambda tx: tx.run_all((_INSERT, (identifier, name, 4, None))))
    assert await count(cats) == 1


async def test_pointing_at_what_is_gone_is_a_conflict(cats: Database) -> None:
    with pytest.raises(Conflict):
        await cats.write(lambda tx: tx.run("INSERT INTO kittens (cat_id, id) VALUES (1, 1)"))


async def test_a_failed_statement_ends_its_transaction_even_if_caught(cats: Database) -> None:
    await cats.write(inserting(1, "Tom"))

    async def work(tx: Transaction) -> None:
        await tx.run(_INSERT, 2, "Kim", 4, None)
        with pytest.raises(Conflict):
            await tx.run(_INSERT, 3, "Tom", 4, None)

    with pytest.raises(Conflict):
        await cats.write(work)
    assert await count(cats) == 1


async def test_a_transaction_cannot_be_used_after_its_end(cats: Database) -> None:
    kept: list[Transaction] = []

    async def keep(tx: Transaction) -> None:
        kept.append(tx)

    async def keep_and_fail(tx: Transaction) -> None:
        kept.append(tx)
        raise NotFound

    await cats.write(keep)
    with pytest.raises(NotFound):
        await cats.write(keep_and_fail)
    for tx in kept:
        for statement in (tx.one(_COUNT), tx.all(_COUNT), tx.run("DELETE FROM cats")):
            with pytest.raises(RuntimeError, match="is over"):
                await statement


async def test_a_broken_statement_is_not_disguised(cats: Database) -> None:
    for read in (cats.one, cats.all, cats.all_slow):
        with pytest.raises(Exception, match="no_such_column") as caught:
            await read("SELECT no_such_column FROM cats")
        assert not isinstance(caught.value, Unavailable)
    with pytest.raises(Exception, match="no_such_column"):
        await cats.write(lambda tx: tx.run("UPDATE cats SET no_such_column = 1"))
    with pytest.raises(Exception, match="no_such_column"):
        await cats.write(lambda tx: tx.one("SELECT no_such_column FROM cats"))
    with pytest.raises(Exception, match="no_such_column"):
        await cats.write(lambda tx: tx.all("SELECT no_such_column FROM cats"))
    assert await count(cats) == 0


async def test_many_writers_at_once_lose_nothing(cats: Database) -> None:
    await cats.write(inserting(0, "counter"))

    async def work(tx: Transaction) -> None:
        await tx.run_all(("UPDATE cats SET paws = paws + 1 WHERE id = $1", (0,)))

    await asyncio.gather(*(cats.write(work) for _ in range(100)))
    row = await cats.one(_BY_ID, 0)
    assert row is not None
    assert row[2] == 104


async def test_writers_fail_for_themselves(cats: Database) -> None:
    await cats.write(inserting(50, "cat 50"))
    outcomes = await asyncio.gather(
        *(cats.write(inserting(number, f"cat {number}")) for number in range(100)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(Conflict) == 1
    assert isinstance(outcomes[50], Conflict)
    assert await count(cats) == 100


async def test_closing_finishes_what_was_accepted(cats: Database) -> None:
    writing = [asyncio.create_task(cats.write(inserting(n, f"cat {n}"))) for n in range(50)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(cats.close())
    assert await asyncio.gather(*writing) == [1] * 50
    await closing
    await cats.close()
    for read in (cats.one, cats.all, cats.all_slow):
        with pytest.raises(Unavailable):
            await read(_COUNT)
    with pytest.raises(Unavailable):
        await cats.write(inserting(100, "late"))


async def test_recorder_counts_trips_and_keeps_statements(cats: Database) -> None:
    recorder = RecordingDatabase(cats)

    async def work(tx: Transaction) -> None:
        await tx.one(_COUNT)
        await tx.run_all((_INSERT, (1, "Tom", 4, None)), (_INSERT, (2, "Kim", 4, None)))
        await tx.run_all()

    database: Database = recorder
    await database.write(work)
    await database.all(_BY_ID, 1)
    assert recorder.count == 3
    assert [sql for sql, _ in recorder.statements] == [_COUNT, _INSERT, _INSERT, _BY_ID]
    recorder.forget()
    assert (recorder.count, recorder.statements) == (0, [])


async def test_scans_are_found(cats: Database) -> None:
    good: list[Statement] = [
        (_BY_ID, (1,)),
        (_INSERT, (1, "Tom", 4, b"")),
        ("UPDATE cats SET paws = paws + 1 WHERE id = $1", (1,)),
        ("DELETE FROM kittens WHERE cat_id = $1", (1,)),
        ("SELECT k.id FROM kittens k JOIN cats c ON c.id = k.cat_id WHERE c.name = $1", ("x",)),
        ("SELECT id FROM cats WHERE id < $1 ORDER BY id DESC LIMIT 20", (9,)),
        ("SELECT name FROM cats ORDER BY name LIMIT 20", ()),
        ("SELECT MAX(id) FROM cats", ()),
    ]
    await assert_no_scans(cats, good)
    bad: list[Statement] = [
        ("SELECT c.id FROM cats c WHERE c.paws = $1", (1,)),
        ("UPDATE cats SET paws = 4 WHERE paws = $1", (1,)),
        ("DELETE FROM kittens WHERE id = $1", (1,)),
        ("SELECT name FROM cats ORDER BY name", ()),
        ("SELECT name FROM cats ORDER BY picture LIMIT 1", ()),
        ("SELECT COUNT(*) FROM kittens", ()),
        ("SELECT id FROM cats WHERE id IN (SELECT k.cat_id FROM kittens k WHERE k.id = $1)", (1,)),
    ]
    scans = await find_scans(cats, [*good, *bad])
    assert {scan.partition(": ")[2] for scan in scans} == {sql for sql, _ in bad}
    assert await find_scans(cats, bad, {"cats", "kittens"}) == []
    with pytest.raises(AssertionError, match="kittens: DELETE"):
        await assert_no_scans(cats, bad)
    assert await count(cats) == 0
