"""Whatever people do to each other's statuses, in whichever dialect, every count stays exact.

The doctor counts all anew, so it is the judge here: of comments, votes, feeds, homes' authors.
Who does what is drawn from a seed, which a failure names.
"""

import asyncio
from random import Random
from typing import Any

import pytest

from stonechat.services import departures
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api, Person, Reply
from tests.contract.operate.towns import faults
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.community import ask, category, label

STEPS = 24
AT_ONCE = 4
VISIBILITIES = ("public", "public", "unlisted", "private", "direct")


class Crowd:
    """People who do one thing after the other to what they find."""

    def __init__(self, api: Api, random: Random) -> None:
        self.api = api
        self.random = random
        self.people: list[Person] = []
        self.categories: list[int] = []
        self.labels: list[int] = []
        self.said: list[tuple[Person, str, str]] = []
        """Who said it, of what kind, and its id; a comment's kind is `comment`."""

    async def gather(self) -> None:
        admin = await self.api.person("anna", role="admin")
        self.people = [await self.api.person(name) for name in ("bert", "cara", "dora")]
        for name in ("Bread", "Soup"):
            made = await category(self.api, admin, name, parents=self.categories[:1])
            self.categories.append(made["id"])
        self.labels = [await label(self.api, admin, "cooks", *self.people[:2])]

    async def act(self) -> Reply:
        actions = (
            self.say,
            self.contribute,
            self.comment,
            self.edit_there,
            self.edit_here,
            self.vote,
            self.mark,
            self.mark,
            self.watch,
            self.delete,
            self.restore,
            self.restore,
        )
        chosen = self.random.choice(actions if self.said else actions[:2])
        return await chosen()

    def keep(self, who: Person, kind: str, reply: Reply) -> Reply:
        if reply.status in (200, 201):
            self.said.append((who, kind, str(reply.json["id"])))
        return reply

    def anybody(self) -> Person:
        return self.random.choice(self.people)

    def anything(self) -> tuple[Person, str, str]:
        return self.random.choice(self.said)

    def fields(self) -> dict[str, Any]:
        """What a community's body may say besides."""
        chosen = self.random.choice(([], self.categories[:1], self.categories[1:]))
        found: dict[str, Any] = {"categories": chosen, "title": "T"}
        if self.random.random() < 0.3:
            found["addressing"] = self.labels
        if self.random.random() < 0.3:
            choices = [{"choice": "now"}, {"choice": "later"}]
            found["poll"] = {"title": "When?", "choices": choices}
        return found

    async def say(self) -> Reply:
        who, body = self.anybody(), {"status": self.random.choice(("plain", "#bread", "#soup"))}
        body["visibility"] = self.random.choice(VISIBILITIES)
        if self.said and self.random.random() < 0.6:
            key = self.random.choice(("in_reply_to_id", "quoted_status_id"))
            body[key] = self.anything()[2]
        self.api.clock.move(milliseconds=1)
        reply = await self.api.post("/api/v1/statuses", who, json=body)
        kind = "comment" if "in_reply_to_id" in body else "status"
        return self.keep(who, kind, reply)

    async def contribute(self) -> Reply:
        who, kind = self.anybody(), self.random.choice(("status", "post", "discussion"))
        reply = await ask(self.api, "POST", f"/{kind}/", who, text="<p>words</p>", **self.fields())
        return self.keep(who, kind, reply)

    async def comment(self) -> Reply:
        who, (_, kind, status_id) = self.anybody(), self.anything()
        body = {kind if kind != "comment" else "status": int(status_id), "text": "yes"}
        return self.keep(who, "comment", await ask(self.api, "POST", "/comment/", who, **body))

    async def edit_there(self) -> Reply:
        who, _, status_id = self.anything()
        body: dict[str, Any] = {"status": self.random.choice(("other", "#soup", "#bread #soup"))}
        if self.random.random() < 0.3:
            body["poll"] = {"options": ["now", "later"], "expires_in": 600}
        return await self.api.call("PUT", f"/api/v1/statuses/{status_id}", who, json=body)

    async def edit_here(self) -> Reply:
        who, kind, status_id = self.anything()
        path = f"/{kind}/{status_id}/"
        return await ask(self.api, "PUT", path, who, text="<b>again</b>", **self.fields())

    async def vote(self) -> Reply:
        _, kind, status_id = self.anything()
        reaction = self.random.randint(1, 4)
        path = f"/{kind}/{status_id}/vote/?reaction={reaction}"
        return await ask(self.api, "POST", path, self.anybody())

    async def mark(self) -> Reply:
        verb = self.random.choice(("favourite", "unfavourite", "reblog", "reblog", "unreblog"))
        path = f"/api/v1/statuses/{self.anything()[2]}/{verb}"
        self.api.clock.move(milliseconds=1)
        return await self.api.post(path, self.anybody())

    async def watch(self) -> Reply:
        _, kind, status_id = self.anything()
        verb = self.random.choice(("follow", "suspend", "hide", "flag"))
        body = {"flag_type": self.random.randint(0, 4)} if verb == "flag" else {}
        return await ask(self.api, "POST", f"/{kind}/{status_id}/{verb}/", self.anybody(), **body)

    async def delete(self) -> Reply:
        who, kind, status_id = self.anything()
        if self.random.random() < 0.5:
            return await self.api.call("DELETE", f"/api/v1/statuses/{status_id}", who)
        return await ask(self.api, "DELETE", f"/{kind}/{status_id}/", who)

    async def restore(self) -> Reply:
        who, kind, status_id = self.anything()
        return await ask(self.api, "POST", f"/{kind}/{status_id}/restore/", who)


@pytest.mark.parametrize("seed", range(2))
async def test_every_count_is_exact(api: Api, seed: int, request: pytest.FixtureRequest) -> None:
    """S073: after every kind of act, in every order, and when one of them has left."""
    whole: WholeDatabase = request.getfixturevalue(api.env.db.engine)
    crowd = Crowd(api, Random(seed))
    await crowd.gather()
    acted: dict[int, int] = {}
    for step in range(STEPS):
        for reply in await asyncio.gather(*(crowd.act() for _ in range(AT_ONCE))):
            acted[reply.status] = acted.get(reply.status, 0) + 1
            assert reply.status < 500, (seed, step, reply.body)
        if step % 6 == 0:
            assert await faults(api, whole) == [], (seed, step)
    assert acted.get(200, 0) + acted.get(201, 0) + acted.get(204, 0) > STEPS
    await run_jobs(api)
    assert await faults(api, whole) == []
    await departures.delete_account(api.env, "cara", lambda *_: None)
    assert await faults(api, whole) == []
