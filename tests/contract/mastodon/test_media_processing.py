"""From a file that was sent to one that is shown: jobs, keys, sweeps, and processes that die."""

import asyncio
from pathlib import Path

import pytest

from stonechat.blobs.disk import DiskStore
from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId
from stonechat.services import cleaning, departures
from stonechat.storage import media
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.uploads import (
    BROKEN,
    V1,
    V2,
    film,
    multipart,
    picture,
    ready_film,
    send,
    stored,
)
from tests.pictures import animated, plain

FIRST_JOB = "SELECT payload FROM jobs WHERE failed_ms IS NULL AND kind = 'process_media'"


async def test_a_job_that_runs_twice_makes_it_once(api: Api) -> None:
    """A runner that was taken for dead has named and stored the files already."""
    anna = await api.person("anna")
    begun = await film(api, anna)
    row = await api.env.db.one(FIRST_JOB)
    assert row is not None
    await run_jobs(api)
    before = (await api.get(f"{V1}/{begun.json['id']}", anna)).json
    files = await stored(api)
    await api.env.db.write(
        lambda tx: tx.run(
            "INSERT INTO jobs (id, kind, payload, run_ms) VALUES (1, 'process_media', $1, 0)",
            row[0],
        )
    )
    await run_jobs(api)
    await run_jobs(api)
    assert (await api.get(f"{V1}/{begun.json['id']}", anna)).json == before
    assert await stored(api) == files
    assert await api.env.db.one(FIRST_JOB) is None


async def test_a_job_that_broke_off_is_taken_up(api: Api) -> None:
    """Names were written, files were not: the next run stores them under these very names."""
    anna = await api.person("anna")
    await ready_film(api, anna)
    begun = await film(api, anna)
    suffixes = {name.rpartition(".")[2] for name in await stored(api)} - {"mp4"}
    names = f"{'a' * 32}.mp4", f"{'b' * 32}.{suffixes.pop()}"
    await api.env.db.write(
        lambda tx: tx.run(
            "UPDATE media SET file = $3, preview = $4 WHERE account_id = $1 AND id = $2",
            int(anna.id),
            int(begun.json["id"]),
            *names,
        )
    )
    await run_jobs(api)
    made = (await api.get(f"{V1}/{begun.json['id']}", anna)).json
    assert made["url"].partition("?")[0].endswith(names[0])
    assert made["preview_url"].partition("?")[0].endswith(names[1])
    assert await stored(api) >= set(names)
    assert len(await stored(api)) == 4


async def test_me14_what_nobody_holds_is_swept(api: Api) -> None:
    """ME14: a day after the upload; what a status or a scheduled one holds stays."""
    anna = await api.person("anna")
    free, held, later = [await picture(api, anna) for _ in range(3)]
    begun = (await film(api, anna)).json["id"]
    broken = (await send(api, anna, BROKEN)).json["id"]
    said = await api.say(anna, "look", media_ids=[held])
    due = "2031-01-01T00:00:00Z"
    await api.say(anna, "x", media_ids=[later], scheduled_at=due)
    api.clock.move(hours=23)
    await cleaning.clean_up(api.env, {})
    assert (await api.get(f"{V1}/{free}", anna)).status == 200
    api.clock.move(hours=2)
    await cleaning.clean_up(api.env, {})
    for _ in range(3):
        await run_jobs(api)
    for media_id in (free, begun, broken):
        assert (await api.get(f"{V1}/{media_id}", anna)).status == 404
    assert len(await stored(api)) == 4
    assert await stored(api, "uploads") == set()
    # What a deleted status had lies as long as the status does.
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    api.clock.move(days=29)
    await cleaning.clean_up(api.env, {})
    await run_jobs(api)
    assert len(await stored(api)) == 4
    api.clock.move(days=2)
    await cleaning.clean_up(api.env, {})
    for _ in range(3):
        await run_jobs(api)
    assert len(await stored(api)) == 2
    me = AccountId(int(anna.id))
    assert await media.find(api.env.db, me, MediaId(int(held))) is None


async def test_uploads_that_nothing_shows_have_a_bound(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody fills the disk with what nobody sees."""
    monkeypatch.setattr(limits, "MEDIA_FREE_PER_ACCOUNT_MAX", 3)
    anna = await sqlite_api.person("anna")
    ids = [await picture(sqlite_api, anna) for _ in range(3)]
    over = await send(sqlite_api, anna, plain())
    assert over.status == 422
    assert "3 files that no post shows" in over.json["error"]
    await sqlite_api.say(anna, "x", media_ids=ids[:1])
    assert (await send(sqlite_api, anna, plain())).status == 200


async def test_uploads_at_once_stay_within_the_bound(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many come in the same moment: one counts after the other."""
    monkeypatch.setattr(limits, "MEDIA_FREE_PER_ACCOUNT_MAX", 3)
    anna = await api.person("anna")
    replies = await asyncio.gather(*(send(api, anna, plain()) for _ in range(24)))
    assert sorted(reply.status for reply in replies) == [200] * 3 + [422] * 21
    assert len(await stored(api)) == 6


async def upload_with_key(api: Api, who: Person, key: str, content: bytes) -> Reply:
    form = multipart({"description": "one"}, {"file": content})
    form["headers"]["Idempotency-Key"] = key
    return await api.post(V2, who, **form)


async def test_64_uploads_with_one_key_are_one(api: Api) -> None:
    """One row, one id, and every answer a success; also a day later, and then no more."""
    anna = await api.person("anna")
    replies = await asyncio.gather(*(upload_with_key(api, anna, "k", plain()) for _ in range(64)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert len({reply.body for reply in replies}) == 1
    counted = await api.env.db.one("SELECT COUNT(*) FROM media WHERE account_id = $1", int(anna.id))
    assert counted is not None
    assert counted[0] == 1
    assert len(await stored(api)) == 2
    retried = await upload_with_key(api, anna, "k", b"something else")
    assert (retried.status, retried.json) == (200, replies[0].json)
    # The key of a status is another thing, and so is that of another person.
    said = await api.post(
        "/api/v1/statuses", anna, json={"status": "x"}, headers={"Idempotency-Key": "k"}
    )
    assert said.json["content"] == "<p>x</p>"
    bert = await api.person("bert")
    assert (await upload_with_key(api, bert, "k", plain())).json["id"] != replies[0].json["id"]


async def test_64_films_with_one_key_are_one(api: Api) -> None:
    anna = await api.person("anna")
    replies = await asyncio.gather(
        *(upload_with_key(api, anna, "k", animated("GIF", 3)) for _ in range(64))
    )
    assert {reply.status for reply in replies} == {202}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert len(await stored(api, "uploads")) == 1
    await run_jobs(api)
    again = await upload_with_key(api, anna, "k", animated("GIF", 3))
    assert (again.status, again.json["id"]) == (200, replies[0].json["id"])


async def test_a_failed_upload_keeps_no_key(api: Api) -> None:
    anna = await api.person("anna")
    cut = plain(size=(500, 500))[:200]
    replies = await asyncio.gather(*(upload_with_key(api, anna, "k", cut) for _ in range(8)))
    assert {reply.status for reply in replies} == {422}
    assert len({reply.body for reply in replies}) == 1
    assert (await upload_with_key(api, anna, "k", b"no picture")).status == 422
    assert (await upload_with_key(api, anna, "k", plain())).status == 200
    broken = await upload_with_key(api, anna, "f", BROKEN)
    assert broken.status == 202
    await run_jobs(api)
    assert (await upload_with_key(api, anna, "f", plain())).status == 200


async def test_a_retry_does_the_work_of_who_died(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process was killed between the row and the files: whoever comes with its key goes on."""
    anna = await api.person("anna")
    monkeypatch.setattr("stonechat.services.uploads.JOIN_S_MAX", 0.2)
    for key, content, status in (("p", plain(), 200), ("f", animated("GIF", 3), 202)):
        made = (await upload_with_key(api, anna, key, content)).json["id"]
        await api.env.db.write(
            lambda tx, made=made, status=status: tx.run(
                "UPDATE media SET file = NULL, preview = NULL, state = $3"
                " WHERE account_id = $1 AND id = $2",
                int(anna.id),
                int(made),
                "processing" if status == 200 else "arriving",
            )
        )
        await api.env.db.write(
            lambda tx: tx.run("DELETE FROM jobs WHERE failed_ms IS NULL AND kind = 'process_media'")
        )
        again = await upload_with_key(api, anna, key, content)
        assert (again.status, again.json["id"]) == (status, made)
        await run_jobs(api)
        found = await api.get(f"{V1}/{made}", anna)
        assert found.status == 200
        assert found.json["url"] is not None


class SlowInsert:
    """The next file for a shelf is held up, before or after it is stored; the others are not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, shelf: str, *, is_stored: bool) -> None:
        self.is_halted, self.go_on = asyncio.Event(), asyncio.Event()
        whole = DiskStore.insert

        async def insert(store: DiskStore, at: str, name: str, source: Path) -> None:
            if at != shelf or self.is_halted.is_set():
                await whole(store, at, name, source)
                return
            if is_stored:
                await whole(store, at, name, source)
            self.is_halted.set()
            await self.go_on.wait()
            if not is_stored:
                await whole(store, at, name, source)

        monkeypatch.setattr(DiskStore, "insert", insert)


@pytest.mark.parametrize("how", ["made by another", "thrown away"])
async def test_a_source_that_comes_too_late_does_not_stay(
    api: Api, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Who was slow to store it finds that all is over; there is no job left that deletes it."""
    monkeypatch.setattr("stonechat.services.uploads.JOIN_S_MAX", 0.1)
    anna = await api.person("anna")
    slow = SlowInsert(monkeypatch, "uploads", is_stored=False)
    answering = asyncio.create_task(upload_with_key(api, anna, "k", animated("GIF", 3)))
    await slow.is_halted.wait()
    row = await api.env.db.one("SELECT id FROM media WHERE account_id = $1", int(anna.id))
    assert row is not None
    if how == "made by another":
        again = await upload_with_key(api, anna, "k", animated("GIF", 3))
        assert (again.status, again.json["id"]) == (202, str(row[0]))
    else:
        assert (await api.call("DELETE", f"{V1}/{row[0]}", anna)).status == 200
    for _ in range(2):
        await run_jobs(api)
    assert await stored(api, "uploads") == set()
    slow.go_on.set()
    assert (await answering).status == (200 if how == "made by another" else 404)
    await run_jobs(api)
    assert await stored(api, "uploads") == set()


async def test_a_source_that_somebody_else_is_about_to_make_stays(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the same file under the same name."""
    monkeypatch.setattr("stonechat.services.uploads.JOIN_S_MAX", 0.1)
    anna = await api.person("anna")
    slow = SlowInsert(monkeypatch, "uploads", is_stored=False)
    answering = asyncio.create_task(upload_with_key(api, anna, "k", animated("GIF", 3)))
    await slow.is_halted.wait()
    again = await upload_with_key(api, anna, "k", animated("GIF", 3))
    slow.go_on.set()
    assert (await answering).status == again.status == 202
    assert len(await stored(api, "uploads")) == 1
    await run_jobs(api)
    assert (await api.get(f"{V1}/{again.json['id']}", anna)).status == 200


async def test_a_preview_that_no_row_names_does_not_stay(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was storing it is gone in that moment; the one that a row does name stays for ever."""
    anna = await api.person("anna")
    path = f"{V1}/{(await ready_film(api, anna))['id']}"
    form = multipart({}, {"thumbnail": plain(size=(30, 90))})
    before = await stored(api)
    slow = SlowInsert(monkeypatch, "media", is_stored=True)
    changing = asyncio.create_task(api.call("PUT", path, anna, **form))
    await slow.is_halted.wait()
    assert len(await stored(api)) == 3
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    api.clock.move(minutes=61)
    await run_jobs(api)
    assert await stored(api) == before
    changed = await api.call("PUT", path, anna, **form)
    assert changed.status == 200
    api.clock.move(minutes=61)
    await run_jobs(api)
    left = await stored(api)
    assert len(left) == 2
    assert changed.json["preview_url"].partition("?")[0].rpartition("/")[2] in left


@pytest.mark.parametrize(("shelf", "content"), [("media", plain()), ("uploads", BROKEN)])
async def test_a_fault_of_ours_leaves_nothing(api: Api, shelf: str, content: bytes) -> None:
    """The store fails: 503, no row and no key, so that a retry does the work."""
    anna = await api.person("anna")
    (api.env.settings.data_dir / shelf).write_text("no folder")
    assert (await upload_with_key(api, anna, "k", content)).status == 503
    row = await api.env.db.one("SELECT 1 FROM media WHERE account_id = $1", int(anna.id))
    assert row is None
    (api.env.settings.data_dir / shelf).unlink()
    assert (await upload_with_key(api, anna, "k", content)).status in (200, 202)


async def test_a_deleted_account_takes_its_files_along(api: Api) -> None:
    """Of what it said, and of what it had only uploaded."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.say(anna, "look", media_ids=[await picture(api, anna)])
    await picture(api, anna)
    await film(api, anna)
    kept = await picture(api, bert)
    await departures.delete_account(api.env, "anna", lambda *_: None)
    await run_jobs(api)
    assert len(await stored(api)) == 2
    assert await stored(api, "uploads") == set()
    assert (await api.get(f"{V1}/{kept}", bert)).status == 200
