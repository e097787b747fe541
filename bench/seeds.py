"""What a benchmark finds there: three accounts that follow each other, 10,000 statuses, a thread.

The statuses go through the services, in this process, so they are written exactly as posting
writes them.
"""

import asyncio
from dataclasses import dataclass, field

from bench.servers import Site
from stonechat.config import read_settings
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.services import statuses
from stonechat.services.env import Env
from stonechat.services.rooms import open_rooms
from stonechat.services.statuses import Posted

STATUSES = 10_000
ANSWERS = 200
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
    posted = await statuses.post_status(env, viewers[number % 3], PostStatus(text=text))
    assert isinstance(posted, Posted)
    return posted.glance.id


def converse(site: Site, people: Seeds, answers: int = ANSWERS) -> int:
    """A thread of so many answers, some to the root and some to each other; the root's id."""
    return asyncio.run(_converse(site, people, answers))


async def _converse(site: Site, people: Seeds, answers: int) -> int:
    viewers = [Viewer(AccountId(int(each)), "read write") for each in people.ids]
    said: list[StatusId] = []
    async with open_rooms(read_settings(site.environment)) as rooms:
        for number in range(answers + 1):
            # Every third one goes on from the last; the others answer the root.
            parent = (said[-1] if number % 3 == 0 else said[0]) if said else None
            command = PostStatus(text=f"Answer {number} to what was asked", in_reply_to_id=parent)
            posted = await statuses.post_status(rooms.env, viewers[number % 3], command)
            assert isinstance(posted, Posted)
            said.append(posted.glance.id)
    return said[0]
