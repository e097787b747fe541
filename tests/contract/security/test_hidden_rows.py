"""S055: a thousand invisible things between visible ones end no list before its end.

Dave's statuses were everywhere, and then he was suspended: his rows stay where they are. Cora's
were private all the time. Who follows the links must come to the old ones in as many requests as
there are full pages, none longer than forty and none dearer than any other page.
"""

from typing import LiteralString

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person
from tests.contract.people import page_link
from tests.contract.security.surfaces import TAG, befriend, keep

HIDDEN = 1000
PAGE_MAX = 40
REQUESTS_MAX = HIDDEN // PAGE_MAX + 3
STATEMENTS_MAX = 6

_NUMBERS: LiteralString = (
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 999)"
)
_STATUSES: LiteralString = (
    _NUMBERS + " INSERT INTO statuses (id, account_id, thread_id, visibility, text, content,"
    " mentions, tags) SELECT id + n, account_id, id + n, visibility, text, content, mentions, tags"
    " FROM statuses, numbers WHERE id = $1"
)
_AROUND: tuple[LiteralString, ...] = (
    _NUMBERS + " INSERT INTO status_tags (status_id, tag, account_id, is_public)"
    " SELECT status_id + n, tag, account_id, is_public FROM status_tags, numbers"
    " WHERE status_id = $1",
    _NUMBERS + " INSERT INTO status_mentions (status_id, account_id)"
    " SELECT status_id + n, account_id FROM status_mentions, numbers WHERE status_id = $1",
    _NUMBERS + " INSERT INTO home_entries (account_id, status_id, author_id)"
    " SELECT account_id, status_id + n, author_id FROM home_entries, numbers WHERE status_id = $1",
    _NUMBERS + " INSERT INTO notifications (account_id, id, type, from_id, status_id)"
    " SELECT account_id, id + n, type, from_id, status_id + n FROM notifications, numbers"
    " WHERE status_id = $1 AND type = 'mention'",
    _NUMBERS + " INSERT INTO favourites (status_id, account_id, id)"
    " SELECT status_id + n, account_id, id + n FROM favourites, numbers WHERE status_id = $1",
    _NUMBERS + " INSERT INTO bookmarks (account_id, status_id, id)"
    " SELECT account_id, status_id + n, id + n FROM bookmarks, numbers WHERE status_id = $1",
)


async def multiply(database: Database, status_id: str) -> None:
    """Make a thousand of one status, with everything that hangs on it."""
    assert await database.write(lambda tx: tx.run(_STATUSES, int(status_id))) == HIDDEN - 1
    for sql in _AROUND:
        await database.write(lambda tx, sql=sql: tx.run(sql, int(status_id)))


async def walk(api: Api, path: str, who: Person) -> list[str]:
    """Follow the links down, in as few requests as it must take; every status on the way."""
    found: list[str] = []
    for _ in range(REQUESTS_MAX):
        api.recorder.forget()
        page = await api.get(path, who)
        assert page.status == 200, page.body
        assert len(page.json) <= PAGE_MAX
        assert api.recorder.count <= STATEMENTS_MAX, path
        found += [each["status"]["id"] if "status" in each else each["id"] for each in page.json]
        path = page_link(page.headers, "next")
        if not path:
            return found
    raise AssertionError(f"{path} has no end")


async def test_s055_a_thousand_hidden_rows_end_no_list(
    database: Database, settings: Settings
) -> None:
    api = Api(database, settings)
    anna, cora, dave = [await api.person(name) for name in ("anna", "cora", "dave")]
    list_id = await befriend(api, anna, cora)
    await api.post(f"/api/v1/accounts/{dave.id}/follow", anna)
    await api.post(f"/api/v1/lists/{list_id}/accounts", anna, json={"account_ids": [dave.id]})

    async def speak(who: Person) -> str:
        said = await api.say(who, f"@anna #{TAG}")
        # What hangs on it has ids behind its own, which the copies of it must not meet.
        api.clock.move(milliseconds=1)
        await keep(api, anna, said, "favourite", "bookmark")
        return said["id"]

    old = [await speak(cora) for _ in range(3)]
    await multiply(database, await speak(dave))
    secret = await api.say(cora, "for nobody", visibility="direct")
    await multiply(database, secret["id"])
    expected = [await speak(cora), *old[::-1]]

    of_dave = {
        "home": "/api/v1/timelines/home?limit=40",
        "public": "/api/v1/timelines/public?limit=40",
        "tag": f"/api/v1/timelines/tag/{TAG}?limit=40",
        "list": f"/api/v1/timelines/list/{list_id}?limit=40",
        "favourites": "/api/v1/favourites?limit=40",
        "bookmarks": "/api/v1/bookmarks?limit=40",
        "notifications": "/api/v1/notifications?limit=40&types[]=mention",
    }
    for path in of_dave.values():
        assert (await api.get(path, anna)).body.count(b'"username":"dave"') >= PAGE_MAX - 1
    await database.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'suspended' WHERE id = $1", int(dave.id))
    )
    of_cora = {"profile": f"/api/v1/accounts/{cora.id}/statuses?limit=40"}
    for name, path in {**of_dave, **of_cora}.items():
        assert await walk(api, path, anna) == expected, name
    # All of them are there: their author finds them.
    page = await api.get(f"{of_cora['profile']}&exclude_replies=true", cora)
    assert len(page.json) == PAGE_MAX
