"""What tests do with scheduled statuses, over the wire; and a calendar that is full already."""

import json
from datetime import datetime, timedelta
from typing import Any, LiteralString

from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain.ids import AccountId, ScheduledId
from stonechat.domain.scheduling import Scheduled
from stonechat.domain.statuses import PostStatus
from stonechat.kernel.clock import to_ms
from stonechat.storage import scheduling
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs

POSTS = "/api/v1/statuses"
SCHEDULED = "/api/v1/scheduled_statuses"
TOO_SOON = {"error": "Validation failed: Scheduled at date must be in the future"}
DAY_FULL = {
    "error": "Validation failed: You have exceeded the limit of 50 scheduled posts for today"
}
ALL_FULL = {"error": "Validation failed: You have exceeded the limit of 300 scheduled posts"}
INVALID = {"error": "Record invalid"}
NOT_FOUND = {"error": "Record not found"}


def ahead(api: Api, **step: float) -> str:
    """A moment to come, as apps write it."""
    return instant(api.clock.now_ms() + int(timedelta(**step).total_seconds() * 1000))


def tomorrow(api: Api) -> datetime:
    """The beginning of the next day but one, so that it is whole."""
    return api.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)


async def put_off(api: Api, who: Person, text: str, at: str, **fields: Any) -> Reply:
    """One request to say something later."""
    api.clock.move(milliseconds=1)
    headers = fields.pop("headers", None)
    sent = {"status": text, "scheduled_at": at, **fields}
    return await api.post(POSTS, who, json=sent, headers=headers)


async def scheduled(api: Api, who: Person, text: str, at: str, **fields: Any) -> dict[str, Any]:
    """A scheduled status."""
    reply = await put_off(api, who, text, at, **fields)
    assert reply.status == 200, reply.body
    assert "params" in reply.json
    return reply.json


async def waiting(api: Api, who: Person) -> list[str]:
    """The texts of what somebody has scheduled, newest order first."""
    reply = await api.get(f"{SCHEDULED}?limit=40", who)
    assert reply.status == 200, reply.body
    return [each["params"]["text"] for each in reply.json]


async def fill(api: Api, who: Person, count: int, due: datetime, days: int = 1) -> None:
    """Let somebody have scheduled so many, `count` of them on each of the days."""

    async def work(tx: Any) -> None:
        for number in range(count * days):
            order = PostStatus(f"number {number}")
            due_ms = to_ms(due + timedelta(days=number % days))
            kept = Scheduled(ScheduledId(number + 1), due_ms, order)
            await tx.run_all(scheduling.inserting(AccountId(int(who.id)), kept))

    await api.env.db.write(work)


# With the words of the index, as every statement here is looked at for scans.
JOBS: LiteralString = " FROM jobs WHERE failed_ms IS NULL AND kind = 'publish_scheduled'"


async def come(api: Api, **step: float) -> None:
    """Let the time come, and run what is due then."""
    api.clock.move(**step)
    while await run_jobs(api):
        pass


async def said_by(api: Api, who: Person) -> list[dict[str, Any]]:
    """What somebody has said, oldest first, as they see it themselves."""
    reply = await api.get(f"/api/v1/accounts/{who.id}/statuses?limit=40", who)
    assert reply.status == 200, reply.body
    return reply.json[::-1]


async def texts_of(api: Api, who: Person) -> list[str]:
    return [
        each["content"].removeprefix("<p>").removesuffix("</p>") for each in await said_by(api, who)
    ]


async def see(api: Api, status_id: str, who: Person | None = None) -> dict[str, Any]:
    reply = await api.get(f"{POSTS}/{status_id}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def count_jobs(api: Api) -> int:
    return len(await payloads_of_jobs(api))


async def payloads_of_jobs(api: Api) -> list[dict[str, int]]:
    return [json.loads(row[0]) for row in await api.env.db.all("SELECT payload" + JOBS)]
