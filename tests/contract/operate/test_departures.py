"""An account leaves: nothing of it is left but its name, and nobody's counters are wrong."""

from typing import LiteralString

import pytest

from stonechat.kernel.errors import InvalidInput, NotAuthenticated
from stonechat.services import accounts, administration, departures, sessions
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.towns import Town, count, everything, faults
from tests.contract.people import counts, run_jobs
from tests.pictures import plain

KEPT = {"accounts", "account_counters", "tokens", "statuses", "boosts"}
"""Tables in which rows of somebody who has left may stay: hidden, empty or revoked."""


def nothing(*_: object) -> None:
    """Progress that nobody looks at."""


async def test_what_an_account_said_and_did_goes_with_it(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    assert await faults(api, whole) == []
    await departures.delete_account(api.env, "anna", nothing)
    assert (await api.get(f"/api/v1/statuses/{town.annas}", town.bert)).status == 404
    bread = (await api.get(f"/api/v1/statuses/{town.berts}", town.cleo)).json
    assert (bread["favourites_count"], bread["reblogs_count"], bread["replies_count"]) == (0, 0, 0)
    assert await counts(api, town.bert) == (1, 0)
    assert await faults(api, whole) == []
    said = (await api.get(f"/api/v1/accounts/{town.bert.id}/statuses", town.cleo)).json
    assert [each["content"] for each in said if each["reblog"]] == []
    shown = (await api.get("/api/v1/timelines/home", town.bert)).json
    assert {each["account"]["username"] for each in shown} == {"bert"}
    notices = (await api.get("/api/v1/notifications", town.bert)).json
    assert [each for each in notices if each["account"]["id"] == town.anna.id] == []
    requests = (await api.get("/api/v1/follow_requests", town.cleo)).json
    assert requests == []


async def test_the_account_itself_is_gone_and_its_name_stays_taken(api: Api, town: Town) -> None:
    session = await sessions.sign_in(api.env, "anna", "long enough")
    await departures.delete_account(api.env, "anna", nothing)
    assert (await api.get("/api/v1/accounts/verify_credentials", town.anna)).status == 401
    assert (await api.get(f"/api/v1/accounts/{town.anna.id}", town.bert)).status == 404
    assert (await api.get("/api/v1/accounts/lookup?acct=anna")).status == 404
    assert (await api.get("/api/v2/search?q=mill&type=accounts", town.bert)).json["accounts"] == []
    assert await sessions.find_visitor(api.env, session) is None
    with pytest.raises(NotAuthenticated):
        await sessions.sign_in(api.env, "anna", "long enough")
    with pytest.raises(InvalidInput, match="already been taken"):
        await api.person("Anna")
    # Her address is hers again, to begin anew with.
    await accounts.create_account(
        api.env, username="anna2", email="anna@example.org", password="long enough"
    )


async def test_no_row_of_hers_is_left_where_only_she_would_look(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    await departures.delete_account(api.env, "anna", nothing)
    await run_jobs(api)
    hers = int(town.anna.id)
    left = {
        table
        for table, rows in (await everything(whole)).items()
        if table not in KEPT and any(hers in row for row in rows)
    }
    # What others wrote down about her is theirs: that she was mentioned, their own notices, and
    # that she set a beacon of theirs; by what name, nobody is told any more.
    assert left <= {"status_mentions", "conversations", "notifications", "beacon_changes"}
    assert await count(whole, "SELECT COUNT(*) FROM logins WHERE account_id = $1", hers) == 0
    assert (
        await count(
            whole,
            "SELECT statuses + followers + followings FROM account_counters WHERE account_id = $1",
            hers,
        )
        == 0
    )


async def test_what_she_left_in_a_community_is_counted_no_more(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    """Votes, follows and flags go, heat with them; what she once saw stays counted."""
    decided: LiteralString = (
        "UPDATE moderations SET moderator_id = $1, state = 'ignored', moderated_ms = 1"
    )
    await whole.write(lambda tx: tx.run(decided, int(town.anna.id)))
    before = (await api.get(f"/api/v2/discussion/{town.his}/", town.bert)).json
    names = ("vote_count", "follower_count", "flag_count", "comment_count", "view_count")
    assert [before[each] for each in names] == [2, 2, 1, 2, 1]
    await departures.delete_account(api.env, "anna", nothing)
    after = (await api.get(f"/api/v2/discussion/{town.his}/", town.bert)).json
    assert [after[each] for each in names] == [1, 1, 0, 1, 1]
    assert (await api.get(f"/api/v2/post/{town.hers}/", town.bert)).status == 404
    assert await count(whole, "SELECT COUNT(*) FROM moderations WHERE moderator_id IS NULL") == 1
    assert await faults(api, whole) == []


async def test_whom_a_moderator_closes_keeps_all(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    """To suspend takes nothing away: whoever is let in again finds everything."""
    before = await everything(whole)
    await administration.change_state(api.env, "anna", "suspend")
    after = await everything(whole)
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed <= {"accounts", "account_counters", "tokens", "codes", "sessions"}


async def test_a_departure_that_was_broken_off_is_taken_up_again(
    api: Api, town: Town, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(label: str, *_: object) -> None:
        if label == "favourites":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await departures.delete_account(api.env, "anna", break_off)
    # Nobody sees anything of what is left, and nobody can use it.
    assert (await api.get(f"/api/v1/accounts/{town.anna.id}", town.bert)).status == 404
    assert await faults(api, whole) == []
    await departures.delete_account(api.env, "anna", nothing)
    once = await everything(whole)
    monkeypatch.setattr(departures, "ROWS_AT_ONCE", 1)
    await departures.delete_account(api.env, "anna", nothing)
    assert await everything(whole) == once


async def test_one_row_at_a_time_comes_to_the_same(
    api: Api, town: Town, whole: WholeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "ROWS_AT_ONCE", 1)
    told: list[tuple[str, int, int]] = []
    await departures.delete_account(api.env, "anna", lambda *step: told.append(step))
    assert await faults(api, whole) == []
    assert {label for label, _, _ in told} == {
        "beacons",
        "roles",
        "statuses",
        "favourites",
        "reactions",
        "flags",
        "followed threads",
        "follows",
    }
    assert all(0 < done <= total for _, done, total in told)
    assert (await api.get(f"/api/v1/statuses/{town.annas}", town.bert)).status == 404


async def test_her_pictures_are_deleted(api: Api, town: Town) -> None:
    path = "/api/v1/accounts/update_credentials"
    boundary = "b"
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="avatar"; filename="a"\r\n\r\n'
        ).encode()
        + plain()
        + f"\r\n--{boundary}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    reply = await api.call("PATCH", path, town.anna, body=body, headers=headers)
    assert reply.status == 200, reply.body
    blobs = api.env.blobs
    assert len([name async for name in blobs.list_names("pictures")]) == 1
    await departures.delete_account(api.env, "anna", nothing)
    assert [name async for name in blobs.list_names("pictures")] == []


async def test_nothing_brings_a_deleted_account_back(api: Api, town: Town) -> None:
    await departures.delete_account(api.env, "anna", nothing)
    for action in ("enable", "approve", "disable", "suspend"):
        with pytest.raises(InvalidInput, match="anna is deleted, and nothing brings it back"):
            await administration.change_state(api.env, "anna", action)
    with pytest.raises(InvalidInput, match="is deleted"):
        await administration.change_password(api.env, "anna", "another one")
    assert (await api.get(f"/api/v1/accounts/{town.anna.id}")).status == 404
