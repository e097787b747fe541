"""How many statements each question about accounts costs, and that none reads a whole table."""

from typing import Any

import pytest

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person
from tests.contract.people import boost, change, verb
from tests.recording import RecordingDatabase
from tests.store.explain import assert_no_scans

READS = {
    # The token, the account.
    "/api/v1/accounts/{host}": 2,
    "/api/v1/accounts?id[]={host}&id[]={guest}": 2,
    "/api/v1/accounts/lookup?acct=host": 2,
    "/api/v1/accounts/verify_credentials": 2,
    "/api/v1/accounts/relationships?id[]={host}&id[]={guest}": 2,
    # The token, the page, the accounts; on a profile the token comes with the door.
    "/api/v1/accounts/search?q=h": 3,
    "/api/v1/accounts/search?q=h&following=true": 3,
    "/api/v1/accounts/{host}/followers": 3,
    "/api/v1/accounts/{host}/following": 3,
    "/api/v1/accounts/{host}/endorsements": 3,
    "/api/v1/endorsements": 3,
    "/api/v1/blocks": 3,
    "/api/v1/mutes": 3,
    "/api/v1/follow_requests": 3,
    "/api/v1/domain_blocks": 2,
    # The door, the rows, the marks; what is rendered is in the cache.
    "/api/v1/accounts/{host}/statuses": 3,
    "/api/v1/accounts/{host}/statuses?exclude_replies=true&exclude_reblogs=true": 3,
    "/api/v1/accounts/{host}/statuses?tagged=tea": 3,
    "/api/v1/accounts/{host}/statuses?only_media=true&exclude_direct=true": 2,
    "/api/v1/accounts/{host}/statuses?pinned=true": 3,
    # The token, the accounts that are asked about, who follows them, those to be shown.
    "/api/v1/accounts/familiar_followers?id[]={guest}": 4,
    "/api/v1/accounts/{host}/lists": 3,
    "/api/v1/accounts/{host}/featured_tags": 3,
}
# The token, the lock, the pair, what is written, the pair afterwards: five; some look once more.
VERBS = (
    ("/api/v1/accounts/{host}/unfollow", 5),
    ("/api/v1/accounts/{host}/follow", 6),
    ("/api/v1/accounts/{host}/follow?reblogs=false", 5),
    ("/api/v1/accounts/{locked}/unfollow", 5),
    ("/api/v1/accounts/{locked}/follow", 6),
    ("/api/v1/accounts/{host}/mute?duration=60", 5),
    ("/api/v1/accounts/{host}/unmute", 6),
    ("/api/v1/accounts/{host}/note?comment=x", 5),
    ("/api/v1/accounts/{host}/note", 5),
    ("/api/v1/accounts/{host}/endorse", 6),
    ("/api/v1/accounts/{host}/unendorse", 5),
    ("/api/v1/accounts/{guest}/remove_from_followers", 5),
    ("/api/v1/follow_requests/{asker}/authorize", 6),
    ("/api/v1/follow_requests/{other_asker}/reject", 5),
    # One of them looks for roles on beacons that a block ends.
    ("/api/v1/accounts/{host}/block", 6),
    ("/api/v1/accounts/{host}/unblock", 5),
    ("/api/v1/domain_blocks?domain=bad.example", 3),
)


@pytest.fixture
def recorder(database: Database) -> RecordingDatabase:
    return RecordingDatabase(database)


@pytest.fixture
def counted(recorder: RecordingDatabase, settings: Settings) -> Api:
    return Api(recorder, settings)


async def town(api: Api) -> dict[str, Person]:
    """A viewer and everybody whom the questions are about."""
    names = ("viewer", "host", "guest", "locked", "asker", "other_asker", "blocked", "muted")
    who = {name: await api.person(name) for name in names}
    viewer, host = who["viewer"], who["host"]
    await change(api, who["locked"], locked=True)
    await change(api, viewer, locked=True, display_name="Here and there")
    for name in ("host", "guest", "locked"):
        await verb(api, viewer, "follow", who[name])
    await verb(api, host, "follow", who["guest"])
    await verb(api, who["guest"], "follow", host)
    await verb(api, viewer, "endorse", host)
    for name in ("asker", "other_asker", "guest"):
        await verb(api, who[name], "follow", viewer)
    await api.post(f"/api/v1/follow_requests/{who['guest'].id}/authorize", viewer)
    await verb(api, viewer, "block", who["blocked"])
    await verb(api, viewer, "mute", who["muted"])
    await verb(api, host, "endorse", who["guest"])
    await api.post("/api/v1/featured_tags", host, json={"name": "tea"})
    said = await api.say(host, "#tea")
    await api.post(f"/api/v1/statuses/{said['id']}/pin", host)
    await boost(api, host, (await api.say(who["guest"], "hello"))["id"])
    made = (await api.post("/api/v1/lists", viewer, json={"title": "x"})).json
    await api.post(f"/api/v1/lists/{made['id']}/accounts", viewer, json={"account_ids": [host.id]})
    return who


async def test_questions(counted: Api, recorder: RecordingDatabase) -> None:
    who = await town(counted)
    ids: dict[str, Any] = {name: person.id for name, person in who.items()}
    costs: dict[str, int] = {}
    asked = list(recorder.statements)
    for path in READS:
        for viewer in (None, who["host"], who["viewer"]):
            # Twice: the second time what is rendered is there already.
            await counted.get(path.format(**ids), viewer)
            recorder.forget()
            reply = await counted.get(path.format(**ids), viewer)
            asked += recorder.statements
            if viewer is who["viewer"]:
                assert reply.status == 200, (path, reply.body)
                costs[path] = recorder.count
    assert costs == READS
    await assert_no_scans(recorder, asked)


async def test_verbs(counted: Api, recorder: RecordingDatabase) -> None:
    who = await town(counted)
    ids: dict[str, Any] = {name: person.id for name, person in who.items()}
    costs: list[tuple[str, int]] = []
    asked = list(recorder.statements)
    for path, _ in VERBS:
        recorder.forget()
        counted.clock.move(milliseconds=1)
        reply = await counted.post(path.format(**ids), who["viewer"])
        assert reply.status == 200, (path, reply.body)
        costs.append((path, recorder.count))
        asked += recorder.statements
    assert costs == list(VERBS)
    await assert_no_scans(recorder, asked)


async def test_profile_changes(counted: Api, recorder: RecordingDatabase) -> None:
    """The token, the lock, the account before, what is written, the account afterwards."""
    anna = await counted.person("anna")
    recorder.forget()
    await change(counted, anna, display_name="Anna", note="me", locked=True)
    assert recorder.count == 5
    asked = list(recorder.statements)
    recorder.forget()
    await counted.call("DELETE", "/api/v1/profile/avatar", anna)
    assert recorder.count == 5
    await assert_no_scans(recorder, asked + recorder.statements)
