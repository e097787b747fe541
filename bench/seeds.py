"""What a benchmark finds there: three accounts that follow each other, and 10,000 statuses.

The statuses go through the services, in this process, so they are written exactly as posting
writes them.
"""

import asyncio
from dataclasses import dataclass, field

from bench.servers import Site
from stonechat.config import read_settings
from stonechat.domain.ids import AccountId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.services import statuses
from stonechat.services.env import Env
from stonechat.services.rooms import open_rooms

STATUSES = 10_000
AT_ONCE = 200
NAMES = ("anna", "bert", "cleo")


@dataclass
class Seeds:
    """Who and what is there."""

    ids: list[str]
    tokens: list[str]
    statuses: list[int] = field(default_factory=list[int])


def make_people(site: Site) -> Seeds:
    """The accounts, with a token each."""
    people = [site.account(name) for name in NAMES]
    return Seeds([each for each, _ in people], [token for _, token in people])


def follow_each_other(site: Site, people: Seeds) -> None:
    """Let everybody follow everybody, over the API."""
    for own_id, token in zip(people.ids, people.tokens, strict=True):
        for account_id in people.ids:
            if account_id != own_id:
                site.call("POST", f"/api/v1/accounts/{account_id}/follow", token)


def speak(site: Site, people: Seeds, total: int = STATUSES) -> Seeds:
    """Let them speak in turn."""
    return Seeds(people.ids, people.tokens, asyncio.run(_speak(site, people, total)))


async def _speak(site: Site, people: Seeds, total: int) -> list[int]:
    viewers = [Viewer(AccountId(int(each)), "read write") for each in people.ids]
    made: list[int] = []
    async with open_rooms(read_settings(site.environment)) as rooms:
        for start in range(0, total, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, total))
            made += await asyncio.gather(*(_say(rooms.env, viewers, each) for each in numbers))
    return made


async def _say(env: Env, viewers: list[Viewer], number: int) -> int:
    text = (
        f"Status {number}: what is so now, in a sentence or two as people write them, with a"
        f" link https://example.org/page/{number} and #topic{number % 23}"
    )
    if number % 4 == 0:
        text += f" for @{NAMES[number % 3]}"
    glance, _ = await statuses.post_status(env, viewers[number % 3], PostStatus(text=text))
    return glance.id
