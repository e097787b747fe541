"""Whatever is voted, edited and taken back, and in whatever order, a poll counts its votes.

A model in a few lines of Python says who has chosen what. Beside that the laws hold, also when all
act at once: the counts in a status are those of the rows, a poll that is gone leaves no vote, and
exactly one job waits for the end.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import LiteralString

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.polls import CastVote, PollDraft, recount
from stonechat.domain.statuses import EditStatus, PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services import edits, polls, statuses
from stonechat.services.env import Env
from stonechat.services.statuses import Posted
from stonechat.storage import accounts
from stonechat.storage import statuses as status_rows
from tests.clocks import HeldClock

PEOPLE = 4
"""The first of them asks, and may not vote."""
QUESTIONS = (
    PollDraft(("tea", "coffee"), 600),
    PollDraft(("tea", "coffee", "milk", "cocoa"), 600, is_multiple=True),
    PollDraft(("coffee", "tea"), 900, hides_totals=True),
)
_numbers = count(1)
_BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

people = st.integers(0, PEOPLE - 1)
Act = tuple[str, int, tuple[int, ...]]
_VOTES: st.SearchStrategy[Act] = st.tuples(
    st.just("vote"), people, st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple)
)
_EDITS: st.SearchStrategy[Act] = st.tuples(
    st.just("edit"), st.integers(0, len(QUESTIONS)), st.just(())
)
_LEAVES: st.SearchStrategy[Act] = st.tuples(st.just("leave"), people, st.just(()))
acts = st.one_of(_VOTES, _VOTES, _VOTES, _EDITS, _LEAVES)


@dataclass
class Model:
    """What is asked, and who has chosen what of it."""

    asked: PollDraft | None = QUESTIONS[0]
    votes: dict[int, set[int]] = field(default_factory=dict[int, set[int]])

    def act(self, act: Act) -> None:
        verb, number, choices = act
        if verb == "vote":
            self.vote(number, choices)
        elif verb == "leave":
            self.votes.pop(number, None)
        else:
            asked = QUESTIONS[number] if number < len(QUESTIONS) else None
            if asked != self.asked:
                self.votes.clear()
            self.asked = asked

    def vote(self, who: int, choices: tuple[int, ...]) -> None:
        if self.asked is None or who == 0 or who in self.votes:
            return
        is_one = len(choices) == 1
        is_several = self.asked.is_multiple and len(set(choices)) == len(choices)
        if max(choices) < len(self.asked.options) and (is_one or is_several):
            self.votes[who] = set(choices)


async def settle(env: Env) -> tuple[list[AccountId], StatusId]:
    """New people, and a status of the first of them with a poll."""
    made = [AccountId(env.ids.next_id()) for _ in range(PEOPLE)]
    for account_id in made:
        name = f"v{next(_numbers)}"
        account, login = Account(account_id, name, 0), Login(f"{name}@example.org", "")
        await env.db.write(lambda tx, a=account, lo=login: accounts.insert(tx, a, lo))
    posted = await statuses.post_status(env, Viewer(made[0]), PostStatus("?", poll=QUESTIONS[0]))
    assert isinstance(posted, Posted)
    return made, posted.glance.id


async def do(env: Env, act: Act, ids: list[AccountId], status_id: StatusId) -> None:
    """One act; what is refused is refused."""
    assert isinstance(env.clock, HeldClock)
    env.clock.move(milliseconds=1)
    verb, number, choices = act
    with suppress(InvalidInput, NotFound):
        if verb == "vote":
            await polls.cast_vote(env, Viewer(ids[number]), CastVote(status_id, choices))
        elif verb == "leave":
            await polls.take_back_votes(env, ids[number], status_id)
        else:
            asked = QUESTIONS[number] if number < len(QUESTIONS) else None
            order = EditStatus(status_id, "?", None, None, None, poll=asked)
            await edits.edit_status(env, Viewer(ids[0]), order)


_ROWS: LiteralString = "SELECT account_id, choice FROM poll_votes WHERE status_id = $1"
_JOBS: LiteralString = "SELECT run_ms FROM jobs WHERE once_key = $1"


async def ensure_laws(env: Env, status_id: StatusId) -> dict[AccountId, set[int]]:
    """What must hold at every moment; who has chosen what by the rows."""
    status = await status_rows.find(env.db, status_id)
    assert status is not None
    kept: dict[AccountId, set[int]] = {}
    for account_id, choice in await env.db.all(_ROWS, status_id):
        kept.setdefault(account_id, set()).add(choice)
    due = [row[0] for row in await env.db.all(_JOBS, f"{polls.CLOSE_POLL_JOB}:{status_id}")]
    if status.poll is None:
        assert (kept, due) == ({}, [])
        return kept
    votes = {index: sum(index in each for each in kept.values()) for index in range(5)}
    assert recount(status.poll, votes, len(kept)) == status.poll
    assert due == [status.poll.expires_ms]
    return kept


@_BOUNDED
@given(story=st.lists(acts, min_size=3, max_size=20))
async def test_po10_the_model_and_the_laws_hold(env: Env, story: list[Act]) -> None:
    """[PO10] [SR12]"""
    ids, status_id = await settle(env)
    model = Model()
    for act in story:
        await do(env, act, ids, status_id)
        model.act(act)
    kept = await ensure_laws(env, status_id)
    assert kept == {ids[who]: choices for who, choices in model.votes.items()}


@_BOUNDED
@given(story=st.lists(acts, min_size=3, max_size=20))
async def test_po10_the_laws_hold_when_all_act_at_once(env: Env, story: list[Act]) -> None:
    """[PO10] [SR12]"""
    ids, status_id = await settle(env)
    await asyncio.gather(*(do(env, act, ids, status_id) for act in story))
    await ensure_laws(env, status_id)
