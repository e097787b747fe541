"""Paging: whatever the list, its order and the length of a page, nothing comes twice or is missed.

Issue 5.7: deterministic paging. The world stands still; what everybody should find in it, and in
which order, is worked out here from what was done, not from what the server says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.heat import heat_of
from stonechat.domain.ids import StatusId
from stonechat.kernel.ids import ms_of_id
from tests.contract.api import Api, Person
from tests.contract.people import verb
from tests.contract.selfcommunity.community import ask, category, contribute, label

KINDS = ("status", "post", "discussion")
SAID = 24
VOTERS = 3


@dataclass
class Said:
    """One contribution of the world, and what happened to it."""

    id: int
    kind: str
    author: str
    is_addressed: bool
    is_filed: bool
    votes: int = 0
    activity_ms: int = 0

    @property
    def lively(self) -> tuple[int, int]:
        return (self.activity_ms or ms_of_id(self.id), self.id)

    @property
    def hot(self) -> tuple[int, int]:
        return (heat_of(StatusId(self.id), self.votes), self.id)


@dataclass
class World:
    """Ann and cyd carry the label, bob mutes cyd."""

    api: Api
    people: dict[str, Person | None]
    category_id: int
    said: list[Said] = field(default_factory=list)

    def seen_by(self, name: str) -> list[Said]:
        hidden = "cyd" if name == "bob" else ""
        return [
            each
            for each in self.said
            if each.author != hidden and (not each.is_addressed or name in ("ann", "cyd"))
        ]

    async def page(self, path: str, name: str) -> dict[str, Any]:
        reply = await ask(self.api, "GET", path, self.people[name])
        assert reply.status == 200, reply.body
        return reply.json


@pytest.fixture
async def world(api: Api) -> World:
    admin = await api.person("admin", role="admin")
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    tag = await label(api, admin, "V", ann, cyd)
    tea = await category(api, admin, "Tea")
    made = World(api, {"ann": ann, "bob": bob, "cyd": cyd, "nobody": None}, tea["id"])
    for number in range(SAID):
        author = (ann, cyd)[number % 2]
        is_addressed, is_filed = number % 5 == 0, number % 3 != 1
        said = await contribute(
            api,
            author,
            str(number),
            KINDS[number % 3],
            title="T",
            categories=[tea["id"]] if is_filed else [],
            addressing=[tag] if is_addressed else [],
        )
        made.said.append(Said(said["id"], said["type"], author.name, is_addressed, is_filed))
    # Several share their votes, and in the end their places by votes are ids again.
    for each in made.said[::2]:
        each.votes = each.id // 4096 % (VOTERS + 1)
        for who in (ann, cyd, admin)[: each.votes if not each.is_addressed else 0]:
            path = f"/{each.kind}/{each.id}/vote/"
            assert (await ask(api, "POST", path, who)).status == 204
        each.votes = 0 if each.is_addressed else each.votes
    for each in (*made.said[:9], *made.said[11::4]):
        answer = await api.say(ann, "so", in_reply_to_id=str(each.id))
        each.activity_ms = ms_of_id(int(answer["id"]))
    await verb(api, bob, "mute", cyd)
    return made


def _newest(each: Said) -> tuple[int, int]:
    return (each.id, each.id)


Key = Callable[[Said], tuple[int, int]]
FEEDS: list[tuple[str, Key, bool]] = [
    ("/feed/explore/?ordering=recent", _newest, False),
    ("/feed/explore/?ordering=last_activity", lambda each: each.lively, False),
    ("/category/{}/feed/?ordering=recent", _newest, True),
    ("/category/{}/feed/?ordering=last_activity", lambda each: each.lively, True),
    ("/category/{}/feed/?ordering=relevance", lambda each: each.hot, True),
    ("/category/{}/feed/trending/?", lambda each: each.hot, True),
    ("/status/?ordering=-added_at", _newest, False),
    ("/post/?ordering=added_at", lambda each: (-each.id, 0), False),
    ("/discussion/?ordering=-last_activity_at", lambda each: each.lively, False),
    ("/status/?ordering=last_activity_at", lambda each: (-each.lively[0], -each.id), False),
]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    which=st.sampled_from(FEEDS),
    name=st.sampled_from(["ann", "bob", "cyd", "nobody"]),
    limit=st.integers(1, 9),
)
async def test_pages_hold_everything_once(
    world: World, which: tuple[str, Key, bool], name: str, limit: int
) -> None:
    """Issue 5.7, 1.3: page after page by `next`, each full until the last one."""
    path, key, is_category = which
    kind = path.split("/")[1]
    wanted = [
        each
        for each in world.seen_by(name)
        if (each.is_filed or not is_category) and (kind not in KINDS or each.kind == kind)
    ]
    expected = [each.id for each in sorted(wanted, key=key, reverse=True)]
    found: list[int] = []
    following = f"{path.format(world.category_id)}&limit={limit}"
    while following:
        page = await world.page(following, name)
        results = [each.get(each["type"], each)["id"] for each in page["results"]]
        assert page["count"] == len(expected)
        assert len(results) == min(limit, len(expected) - len(found))
        found += results
        address: str = page["next"] or ""
        following = address.removeprefix("http://stonechat.test/api/v2")
    assert found == expected
