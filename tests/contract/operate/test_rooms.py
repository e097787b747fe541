"""A process holds a number of its own for as long as it may make ids, and not a moment longer."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from stonechat.kernel.errors import Unavailable
from stonechat.kernel.ids import IdSource, id_at
from stonechat.kernel.settings import Settings
from stonechat.services import rooms
from stonechat.services.rooms import Rooms, open_rooms
from stonechat.storage import processes
from stonechat.storage.database import Database
from stonechat.storage.engines import sqlite_connection
from tests.clocks import HeldClock
from tests.contract.operate.towns import count

UNTIL = "SELECT leased_until_ms FROM processes"
LOOKS_MAX = 500


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, f"sqlite://{tmp_path / 'stonechat.db'}", log_level="error")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PROCESS_RENEW_S", 0.02)
    monkeypatch.setattr(rooms, "PROCESS_RETRY_S", 0.02)
    monkeypatch.setattr(sqlite_connection, "BUSY_TIMEOUT_MS", 20)


def held(settings: Settings) -> apsw.Connection:
    """A database that nobody else can write to until this is closed.

    By the same driver: two copies of SQLite in one process do not see each other's locks.
    """
    connection = apsw.Connection(str(settings.data_dir / "stonechat.db"))
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LOOKS_MAX):
        if await is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to be")


async def test_every_process_has_a_number_of_its_own(settings: Settings) -> None:
    async with open_rooms(settings) as one, open_rooms(settings) as other:
        ids = [each.env.ids.next_id() >> 4 & 0xFF for each in (one, other)]
        assert ids == [0, 1]
    async with open_rooms(settings) as again:
        assert again.env.ids.next_id() >> 4 & 0xFF == 0


async def test_a_lease_outlasts_a_database_that_cannot_be_written(settings: Settings) -> None:
    """Somebody restores a backup, say: nobody else can take the number meanwhile."""
    async with open_rooms(settings) as opened:
        db = opened.env.db
        holding = held(settings)
        with pytest.raises(Unavailable):
            await db.write(lambda tx: tx.run("DELETE FROM jobs"))
        await asyncio.sleep(0.2)
        before = await _until_ms(opened)
        holding.close()
        await until(lambda: _is_later(opened, before))


async def _until_ms(opened: Rooms) -> int:
    return await count(opened.env.db, UNTIL)


async def _is_later(opened: Rooms, before: int) -> bool:
    return await _until_ms(opened) > before


async def test_a_process_whose_number_somebody_else_has_ends_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[int] = []
    monkeypatch.setattr("stonechat.services.rooms.os._exit", ends.append)
    async with open_rooms(settings) as opened:
        await opened.env.db.write(lambda tx: tx.run("UPDATE processes SET owner = 'another'"))

        async def has_ended() -> bool:
            return bool(ends)

        await until(has_ended)
    assert set(ends) == {1}


async def test_a_process_that_was_frozen_makes_no_ids_until_its_number_is_its_own_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "PROCESS_LEASE_MS", 200)
    monkeypatch.setattr(rooms, "PROCESS_RENEW_S", 0.6)
    async with open_rooms(settings) as opened:
        ids = opened.env.ids
        before = ids.next_id()
        await asyncio.sleep(0.3)
        with pytest.raises(Unavailable):
            ids.next_id()
        await asyncio.sleep(0.4)
        assert ids.next_id() > before


async def test_a_number_is_never_given_to_two_at_once_and_its_ids_never_made_twice(
    database: Database,
) -> None:
    """Whatever their clocks show: here the second one's is behind, and the third one's is ahead."""
    made: set[int] = set()
    clock = HeldClock()
    frozen: list[IdSource] = []
    for step_s in (0, -3600, 7200, 0):
        clock.move(seconds=step_s)
        number = await database.write(
            lambda tx: processes.claim(tx, f"owner {len(frozen)}", clock.now_ms(), 60_000)
        )
        source = IdSource(
            clock,
            number.number,
            after_id=max(0, id_at(number.after_ms) - 1),
            until_ms=number.until_ms,
        )
        frozen.append(source)
        for each in frozen:
            for _ in range(100):
                with suppress(Unavailable):
                    new = each.next_id()
                    assert new not in made
                    made.add(new)
    assert len(made) >= 400


async def test_a_number_that_was_given_back_goes_on_where_it_ended(database: Database) -> None:
    clock = HeldClock()
    taken = await database.write(lambda tx: processes.claim(tx, "one", clock.now_ms(), 60_000))
    ahead_ms = clock.now_ms() + 5_000
    await database.write(lambda tx: processes.release(tx, taken.number, "one", ahead_ms))
    again = await database.write(lambda tx: processes.claim(tx, "two", clock.now_ms(), 60_000))
    assert again == (taken.number, ahead_ms, ahead_ms + 60_000)
    assert not await database.write(lambda tx: processes.renew(tx, taken.number, "one", 0))
    other = await database.write(lambda tx: processes.claim(tx, "three", clock.now_ms(), 60_000))
    assert other.number == taken.number + 1


async def test_rooms_close_although_the_database_has_gone(settings: Settings) -> None:
    async with open_rooms(settings):
        holding = held(settings)
    holding.close()


async def test_a_schema_from_the_future_is_refused_in_a_sentence(settings: Settings) -> None:
    async with open_rooms(settings):
        pass
    database = sqlite3.connect(settings.data_dir / "stonechat.db")
    database.execute("INSERT INTO schema_migrations VALUES ('9999_later.post', 'x', 1)")
    database.commit()
    database.close()
    with pytest.raises(Unavailable, match="needs a Stonechat that knows schema 9999"):
        async with open_rooms(settings):
            pass
