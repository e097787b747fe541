"""Whoever comes, goes, is invited, thrown out or blocked, and however many do so at once.

A model in a few lines of Python says who has which role; beside that the laws hold also when all
act at the same time: the count of subscribers is that of the roles, nobody has one across a block,
and whoever has none has no filter and no notice left.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import LiteralString

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.beacons import Address, BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import beacon_roles, beacons, blocks
from stonechat.services.beacons import Name
from stonechat.services.env import Env
from stonechat.storage import accounts
from tests.clocks import HeldClock

PEOPLE = 4
"""The first of them owns the beacon, which is public."""
_numbers = count(1)
_BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VERBS = ("follow", "leave", "update", "subscribe", "take", "filter", "set", "block", "unblock")
people = st.integers(1, PEOPLE - 1)
acts = st.tuples(st.sampled_from((*VERBS, "follow", "update", "filter")), people)
Act = tuple[str, int]


@dataclass
class Model:
    """Who has which role, and whom the owner blocks."""

    roles: dict[int, str] = field(default_factory=dict[int, str])
    blocked: set[int] = field(default_factory=set[int])

    def act(self, verb: str, who: int) -> None:
        if verb == "follow" and who not in self.blocked:
            self.roles.setdefault(who, "subscriber")
        elif verb in ("update", "subscribe") and who not in self.blocked:
            self.roles[who] = f"{verb}r"
        elif verb in ("leave", "take", "block"):
            self.roles.pop(who, None)
        if verb == "block":
            self.blocked.add(who)
        if verb == "unblock":
            self.blocked.discard(who)


@dataclass
class Crew:
    """The people of one story, and their beacon."""

    ids: list[AccountId]
    names: list[str]
    beacon: Name


async def settle(env: Env) -> Crew:
    """New people, and a beacon of the first of them."""
    names = [f"b{next(_numbers)}" for _ in range(PEOPLE)]
    ids = [AccountId(env.ids.next_id()) for _ in names]
    for account_id, name in zip(ids, names, strict=True):
        account, login = Account(account_id, name, 0), Login(f"{name}@example.org", "")
        await env.db.write(lambda tx, a=account, lo=login: accounts.insert(tx, a, lo))
    form = BeaconForm(name="Lab door", value="open", access="public")
    view = await beacons.create_beacon(env, Viewer(ids[0]), form)
    return Crew(ids, names, Name(view.beacon.id))


async def do(env: Env, crew: Crew, act: Act) -> None:
    """One act; what is refused is refused."""
    assert isinstance(env.clock, HeldClock)
    env.clock.move(milliseconds=1)
    verb, who = act
    owner, other, name = Viewer(crew.ids[0]), Viewer(crew.ids[who]), crew.beacon
    username = crew.names[who]
    with suppress(NotAllowed, NotFound, InvalidInput):
        match verb:
            case "follow":
                await beacon_roles.follow(env, other, Address(name.id))
            case "leave":
                await beacon_roles.leave(env, other, name.id)
            case "update" | "subscribe":
                await beacon_roles.give_role(env, owner, name, username, f"{verb}r")
            case "take":
                await beacon_roles.take_role(env, owner, name, username)
            case "filter":
                filters = [("to", "shut"), ("from", "open")]
                await beacon_roles.set_settings(env, other, name, filters=filters)
            case "set":
                await beacons.change_beacon(env, owner, name, BeaconForm(value=username))
            case "block":
                await blocks.block_account(env, owner, crew.ids[who])
            case _:
                await blocks.unblock_account(env, owner, crew.ids[who])


_ROLES: LiteralString = "SELECT account_id, role FROM beacon_roles WHERE beacon_id = $1"
_LEFT: LiteralString = (
    "SELECT account_id FROM beacon_filters WHERE beacon_id = $1"
    " UNION SELECT account_id FROM beacon_notices WHERE beacon_id = $1"
)
_BLOCKED: LiteralString = "SELECT target_id FROM blocks WHERE account_id = $1"


async def ensure_laws(env: Env, crew: Crew) -> dict[int, str]:
    """What must hold at every moment; the roles besides the owner's, by place."""
    owner, beacon_id = crew.ids[0], crew.beacon.id
    view = await beacons.see_own(env, Viewer(owner), crew.beacon)
    roles = {row[0]: row[1] for row in await env.db.all(_ROLES, beacon_id)}
    assert view.beacon.subscribers == len(roles) - 1
    assert roles[owner] == "owner"
    assert {row[0] for row in await env.db.all(_LEFT, beacon_id)} <= set(roles)
    blocked = {row[0] for row in await env.db.all(_BLOCKED, owner)}
    assert not blocked & set(roles)
    history = await beacons.list_changes(env, view, limit=200)
    assert [each.number for each in history] == list(range(view.beacon.changes, 0, -1))
    return {crew.ids.index(who): role for who, role in roles.items() if who != owner}


@_BOUNDED
@given(story=st.lists(acts, min_size=5, max_size=25))
async def test_s067_the_model_and_the_laws_hold(env: Env, story: list[Act]) -> None:
    crew, model = await settle(env), Model()
    for act in story:
        await do(env, crew, act)
        model.act(*act)
    assert await ensure_laws(env, crew) == model.roles


@_BOUNDED
@given(story=st.lists(acts, min_size=8, max_size=24))
async def test_s068_the_laws_hold_when_all_act_at_once(env: Env, story: list[Act]) -> None:
    crew = await settle(env)
    await asyncio.gather(*(do(env, crew, act) for act in story))
    await ensure_laws(env, crew)
