"""Rubbish in every place where the operations on users take something: no fault of ours."""

from typing import Any

import pytest

from stonechat.dialects.selfcommunity.calls import CommunityOperation
from stonechat.dialects.selfcommunity.routes import (
    avatars,
    user_lists,
    user_preferences,
    user_relations,
    users,
)
from tests.contract.api import Api, Person, Reply

NOUNS = (users, user_lists, user_relations, user_preferences, avatars)
# Whoever goes, goes last.
OPERATIONS = sorted(
    (each for noun in NOUNS for each in noun.OPERATIONS), key=lambda each: each.method == "DELETE"
)
FINE = {200, 201, 204, 400, 401, 403, 404, 413}
IDS = ("0", "-1", str(2**63), "1e3", "%EF%BC%91", "0x1", "9" * 400, "%00", "null", "NaN")
PAGES = ("limit=-1&offset=-1", "limit=1e9&offset=99999999999", "limit=NaN&offset=a", "limit=")
FIELDS = [
    "username",
    "real_name",
    "bio",
    "location",
    "location_lat_lng",
    "position_lat_lng",
    "date_of_birth",
    "description",
    "gender",
    "website",
    "avatar",
    "avatar_base64",
    "cover",
    "company_name",
    "own",
    "search",
    "user",
    "age",
    "tag",
    "category",
    "exclude",
    "ordering",
    "is_staff",
    "mutual",
    "hard",
    "users",
    "avatar_id",
    "key",
    "value",
    "qa_frequency",
]
READERS = (
    users.change_user,
    users.change_settings,
    users.search_users,
    user_lists.list_hidden,
    user_relations.tell_many,
    user_preferences.keep,
    avatars.add_avatar,
)
"""Handlers that read fields which no other handler reads in the same way."""
RUBBISH: tuple[Any, ...] = (
    "\x1b[31m\nfake=line",
    "\u202eabc",
    "\ufffe\U000e0041",
    "a" * 70_000,
    -(2**62),
    1.5,
    True,
    [],
    ["x"] * 999,
    {"a": {"b": 1}},
    [None, {}],
)


class Sweep:
    """Sends, and remembers what was not answered as it must be."""

    def __init__(self, api: Api, who: Person) -> None:
        self._api = api
        self._who = who
        self.wrong: list[tuple[str, str, int]] = []

    async def send(self, operation: CommunityOperation, path: str, **body: Any) -> None:
        reply = await self._api.call(operation.method, path, self._who, json=body or None)
        self._judge(f"{operation.method} {path[:80]}", repr(body)[:80], reply)

    def _judge(self, line: str, said: str, reply: Reply) -> None:
        is_json = not reply.body or reply.json is not None
        if reply.status not in FINE or not is_json or b"Traceback" in reply.body:
            self.wrong.append((line, said, reply.status))


@pytest.fixture
async def anna(sqlite_api: Api) -> Person:
    return await sqlite_api.person("anna")


async def test_s081_s082_ids_and_pages(sqlite_api: Api, anna: Person) -> None:
    """S081 S082: what is no id is not there; a page that cannot be is refused or cut."""
    sweep = Sweep(sqlite_api, anna)
    for operation in OPERATIONS:
        for rubbish in IDS:
            await sweep.send(
                operation, operation.path.replace("{id}", rubbish).replace("{pid}", rubbish)
            )
        path = operation.path.replace("{id}", anna.id).replace("{pid}", "1")
        for page in PAGES:
            await sweep.send(operation, f"{path}?{page}")
    assert sweep.wrong == []


async def test_s086_s091_every_field_as_something_else(sqlite_api: Api, anna: Person) -> None:
    """S084 S086 S087 S091: each field alone, and all of them, as what they are not."""
    sweep = Sweep(sqlite_api, anna)
    for operation in OPERATIONS:
        path = operation.path.replace("{id}", anna.id).replace("{pid}", "1")
        for rubbish in RUBBISH:
            await sweep.send(operation, path, **dict.fromkeys(FIELDS, rubbish))
            for field in FIELDS if operation.handler in READERS else ():
                await sweep.send(operation, path, **{field: rubbish})
    assert sweep.wrong == []
