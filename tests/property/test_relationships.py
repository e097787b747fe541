"""Whatever four people do to each other, and in whatever order, nothing drifts.

A model in a few lines of Python says what must lie between them after each verb; beside that the
laws hold: both mirrors of every follow are alike, counters are what one counts, nobody follows
across a block, and a home holds exactly what its owner's people said.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import LiteralString

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import FollowChoices, MuteAccount
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.services import blocks, relationships, statuses
from stonechat.services.env import Env
from stonechat.storage import accounts
from tests.clocks import HeldClock

PEOPLE = 4
LOCKED = 3
"""The last of them is locked, so that there are requests."""
_numbers = count(1)
_BOUNDED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VERBS = ("follow", "unfollow", "remove", "block", "unblock", "mute", "unmute", "accept", "reject")
people = st.integers(0, PEOPLE - 1)
acts = st.tuples(st.sampled_from((*VERBS, "follow", "follow", "say")), people, people)


@dataclass
class Model:
    """What lies between them, as pairs of who and whom."""

    follows: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    requests: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    blocks: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    mutes: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def act(self, verb: str, one: int, other: int) -> None:
        if verb != "say":
            getattr(self, verb)((one, other), (other, one))

    def follow(self, pair: tuple[int, int], back: tuple[int, int]) -> None:
        apart = bool({pair, back} & self.blocks) or pair == back
        if not apart and pair not in self.follows:
            (self.requests if pair[1] == LOCKED else self.follows).add(pair)

    def unfollow(self, pair: tuple[int, int], _: tuple[int, int]) -> None:
        self.follows.discard(pair)
        self.requests.discard(pair)

    def remove(self, _: tuple[int, int], back: tuple[int, int]) -> None:
        self.follows.discard(back)

    def block(self, pair: tuple[int, int], back: tuple[int, int]) -> None:
        if pair != back:
            self.blocks.add(pair)
            self.follows -= {pair, back}
            self.requests -= {pair, back}

    def unblock(self, pair: tuple[int, int], _: tuple[int, int]) -> None:
        self.blocks.discard(pair)

    def mute(self, pair: tuple[int, int], back: tuple[int, int]) -> None:
        if pair != back:
            self.mutes.add(pair)

    def unmute(self, pair: tuple[int, int], _: tuple[int, int]) -> None:
        self.mutes.discard(pair)

    def accept(self, _: tuple[int, int], back: tuple[int, int]) -> None:
        if back in self.requests:
            self.requests.remove(back)
            self.follows.add(back)

    def reject(self, _: tuple[int, int], back: tuple[int, int]) -> None:
        self.requests.discard(back)


async def settle(env: Env) -> list[AccountId]:
    """Four new people."""

    made = [AccountId(env.ids.next_id()) for _ in range(PEOPLE)]
    for place, account_id in enumerate(made):
        name = f"p{next(_numbers)}"
        account = Account(account_id, name, 0, is_locked=place == LOCKED)
        login = Login(f"{name}@example.org", "")
        await env.db.write(lambda tx, a=account, lo=login: accounts.insert(tx, a, lo))
    return made


Verb = Callable[[Env, Viewer, AccountId], Awaitable[object]]

SERVICES: dict[str, Verb] = {
    "follow": partial(relationships.follow_account, choices=FollowChoices()),
    "unfollow": relationships.unfollow_account,
    "remove": relationships.remove_follower,
    "block": blocks.block_account,
    "unblock": blocks.unblock_account,
    "mute": lambda env, viewer, other: blocks.mute_account(env, viewer, MuteAccount(other)),
    "unmute": blocks.unmute_account,
    "accept": relationships.accept_request,
    "reject": relationships.reject_request,
    "say": lambda env, viewer, _: statuses.post_status(env, viewer, PostStatus("words")),
}


async def act(env: Env, verb: str, me: AccountId, other: AccountId) -> None:
    """One verb; what is refused is refused."""
    assert isinstance(env.clock, HeldClock)
    env.clock.move(milliseconds=1)
    with suppress(NotAllowed, NotFound):
        await SERVICES[verb](env, Viewer(me, "read write follow"), other)


Rows = set[tuple[AccountId, AccountId]]


TABLES: dict[str, LiteralString] = {
    "followings": "SELECT account_id, target_id FROM followings WHERE account_id = $1",
    "followers": "SELECT account_id, target_id FROM followers WHERE target_id = $1",
    "requests": "SELECT account_id, target_id FROM follow_requests WHERE target_id = $1",
    "blocks": "SELECT account_id, target_id FROM blocks WHERE account_id = $1",
    "mutes": "SELECT account_id, target_id FROM mutes WHERE account_id = $1",
}


async def rows_of(env: Env, ids: list[AccountId]) -> dict[str, Rows]:
    """The pairs in every table that holds pairs of these people."""
    return {
        table: {(row[0], row[1]) for each in ids for row in await env.db.all(sql, each)}
        for table, sql in TABLES.items()
    }


async def ensure_laws(env: Env, ids: list[AccountId]) -> dict[str, Rows]:
    """What must hold at every moment."""
    rows = await rows_of(env, ids)
    follows = rows["followings"]
    assert follows == rows["followers"]
    assert not follows & rows["requests"]
    between = rows["blocks"] | {(other, one) for one, other in rows["blocks"]}
    assert not between & (follows | rows["requests"])
    for me in ids:
        counted = await env.db.one(
            "SELECT followings, followers FROM account_counters WHERE account_id = $1", me
        )
        assert counted == (
            sum(one == me for one, _ in follows),
            sum(other == me for _, other in follows),
        )
    told = {
        (row[1], row[0], row[2])
        for me in ids
        for row in await env.db.all(
            "SELECT account_id, from_id, type FROM notifications WHERE account_id = $1", me
        )
    }
    # A notice comes only with its cause; who mutes hears of nothing, so some are missing.
    assert told <= {(*pair, "follow") for pair in follows} | {
        (*pair, "follow_request") for pair in rows["requests"]
    }
    return rows


async def ensure_homes(env: Env, ids: list[AccountId], rows: dict[str, Rows]) -> None:
    """A home is what its owner and their people said, the muted ones left out."""
    said: dict[AccountId, set[int]] = {}
    for author in ids:
        found = await env.db.all("SELECT id FROM statuses WHERE account_id = $1", author)
        said[author] = {row[0] for row in found}
    for me in ids:
        wanted = set(said[me])
        for author in ids:
            if (me, author) in rows["followings"] - rows["mutes"]:
                wanted |= said[author]
        at_home = await env.db.all("SELECT status_id FROM home_entries WHERE account_id = $1", me)
        assert {row[0] for row in at_home} == wanted


@_BOUNDED
@given(story=st.lists(acts, min_size=5, max_size=30))
async def test_the_model_and_the_laws_hold(env: Env, story: list[tuple[str, int, int]]) -> None:
    ids = await settle(env)
    model = Model()
    for verb, one, other in story:
        await act(env, verb, ids[one], ids[other])
        model.act(verb, one, other)
    rows = await ensure_laws(env, ids)
    for kind, pairs in (
        ("followings", model.follows),
        ("requests", model.requests),
        ("blocks", model.blocks),
        ("mutes", model.mutes),
    ):
        assert rows[kind] == {(ids[one], ids[other]) for one, other in pairs}, kind
    await ensure_homes(env, ids, rows)


@_BOUNDED
@given(story=st.lists(acts, min_size=5, max_size=24))
async def test_the_laws_hold_when_all_act_at_once(
    env: Env, story: list[tuple[str, int, int]]
) -> None:
    ids = await settle(env)
    await asyncio.gather(*(act(env, verb, ids[one], ids[other]) for verb, one, other in story))
    await ensure_laws(env, ids)
