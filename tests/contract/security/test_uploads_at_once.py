"""Many uploads at once: what all of them may take, and what one person may. S132."""

import asyncio
from dataclasses import replace

import pytest

from stonechat.http import spooling
from stonechat.http.spooling import intake
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.contract.bodies import CHUNKED, END, FILE, Halted, feed, part, pieces
from tests.contract.uploads import multipart, picture
from tests.pictures import plain


async def test_uploads_at_once_have_a_bound(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too many is told to come back; the others are received."""
    monkeypatch.setattr(spooling, "UPLOADS_AT_ONCE_MAX", 2)
    anna = await sqlite_api.person("anna")
    halted = [Halted(FILE, END) for _ in range(2)]
    answering = [
        asyncio.create_task(feed(sqlite_api, anna, each.receive, **CHUNKED)) for each in halted
    ]
    for each in halted:
        await each.is_halted.wait()
    status, _ = await feed(sqlite_api, anna, pieces(FILE, END), **CHUNKED)
    assert status == 503
    for each in halted:
        each.go_on.set()
    assert [status for status, _ in await asyncio.gather(*answering)] == [200, 200]
    assert (await feed(sqlite_api, anna, pieces(FILE, END), **CHUNKED))[0] == 200


async def test_one_person_does_not_take_every_place(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S132: slow bodies of one hold up nobody else, whichever operation they are sent to; their
    own next one waits for its turn, and is told to come back where that does not come."""
    monkeypatch.setattr(spooling, "UPLOADS_OF_ONE_AT_ONCE_MAX", 2)
    monkeypatch.setattr(spooling, "UPLOADS_OF_ONE_WAITING_MAX", 1)
    monkeypatch.setattr(spooling, "UPLOADS_AT_ONCE_MAX", 3)
    monkeypatch.setattr(spooling, "TURN_S_MAX", 0.1)
    anna, bert = await sqlite_api.person("anna"), await sqlite_api.person("bert")
    change = "PUT", f"/api/v1/media/{await picture(sqlite_api, anna)}"
    halted = [Halted(part("thumbnail", plain(), filename="x"), END) for _ in range(2)]
    answering = [
        asyncio.create_task(feed(sqlite_api, anna, each.receive, change, **CHUNKED))
        for each in halted
    ]
    for each in halted:
        await each.is_halted.wait()
    assert (await feed(sqlite_api, anna, pieces(FILE, END), **CHUNKED))[0] == 503
    assert (await feed(sqlite_api, bert, pieces(FILE, END), **CHUNKED))[0] == 200
    monkeypatch.setattr(spooling, "TURN_S_MAX", 20.0)
    waiting = asyncio.create_task(feed(sqlite_api, anna, pieces(FILE, END), **CHUNKED))
    await asyncio.sleep(0.1)
    # No more than so many wait at all.
    assert (await feed(sqlite_api, anna, pieces(FILE, END), **CHUNKED))[0] == 503
    assert not waiting.done()
    for each in halted:
        each.go_on.set()
    assert [status for status, _ in await asyncio.gather(*answering, waiting)] == [200] * 3
    assert (intake.uploads, intake.size_bytes) == (0, 0)


async def test_a_thumbnail_counts_as_an_upload(sqlite: Database, settings: Settings) -> None:
    """What is spooled counts for the uploads of its sender; words alone do not."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    anna = await api.person("anna")
    path = f"/api/v1/media/{await picture(api, anna)}"
    form = multipart({}, {"thumbnail": plain()})
    first = await api.call("PUT", path, anna, **form)
    assert (first.status, first.headers["x-ratelimit-limit"]) == (200, "30")
    assert first.headers["x-ratelimit-remaining"] == "28"
    words = await api.call("PUT", path, anna, json={"description": "x"})
    assert (words.status, words.headers["x-ratelimit-limit"]) == (200, "300")
    replies = [await api.call("PUT", path, anna, **form) for _ in range(29)]
    assert [reply.status for reply in replies] == [200] * 28 + [429]


async def test_bytes_at_once_have_a_bound(sqlite_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "SPOOLED_BYTES_MAX", 1_000_000)
    anna = await sqlite_api.person("anna")
    halted = Halted(part("file", plain() + b"\0" * 600_000, filename="x"), END)
    answering = asyncio.create_task(feed(sqlite_api, anna, halted.receive, **CHUNKED))
    await halted.is_halted.wait()
    second = pieces(part("file", b"1" * 600_000, filename="x"), END)
    assert (await feed(sqlite_api, anna, second, **CHUNKED))[0] == 503
    halted.go_on.set()
    assert (await answering)[0] == 200
    assert (intake.uploads, intake.size_bytes) == (0, 0)
