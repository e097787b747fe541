"""Whatever is answered, deleted and restored, and in whatever order, comments are counted exactly.

A model in a few lines of Python knows the tree. The root counts every comment that is there, a
first-level one all beneath it, and each status its direct answers, in whichever dialect it was
said; also when everything is taken back and brought back at the same moment.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.accounts import Account, Login
from stonechat.domain.comments import PostComment
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services import comments, restoring, statuses
from stonechat.services.env import Env
from stonechat.services.statuses import Posted
from stonechat.storage import accounts
from stonechat.storage import statuses as status_rows
from stonechat.storage.database import Transaction
from tests.clocks import HeldClock

_numbers = count(1)
_BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Act = tuple[str, int]
verbs = st.sampled_from(("comment", "comment", "answer", "whisper", "delete", "restore"))
acts = st.tuples(verbs, st.integers(0, 11))


@dataclass
class Node:
    """A status of the tree. The first one is the root."""

    id: StatusId
    above: int | None = None
    top: int | None = None
    is_open: bool = True
    is_there: bool = True

    @property
    def counts(self) -> bool:
        return self.is_open and self.is_there


class Tree:
    """What was said, as it should be."""

    def __init__(self, env: Env, viewer: Viewer, root: StatusId) -> None:
        self.env = env
        self.viewer = viewer
        self.nodes = [Node(root)]

    async def act(self, verb: str, number: int) -> None:
        number %= len(self.nodes)
        if verb in ("delete", "restore"):
            # The root stays: without it nobody comments any more.
            await self.turn(max(number, 1), is_there=verb == "restore")
            return
        above = self.nodes[number]
        top = (above.top or number) if above.above is not None else None
        is_heard = above.is_there
        try:
            if verb == "comment":
                is_heard = is_heard and (top is None or self.nodes[top].is_there)
                made = await self.comment(number, top)
            else:
                made = await self.answer(above.id, is_open=verb == "answer")
        except (NotFound, InvalidInput):
            assert not is_heard
            return
        assert is_heard
        is_open = verb != "whisper" and not (verb == "comment" and not above.is_open)
        self.nodes.append(Node(made, number, top, is_open))

    async def comment(self, number: int, top: int | None) -> StatusId:
        parent = None if top is None else self.nodes[top].id
        answered = self.nodes[number].id
        command = PostComment(
            "status",
            self.nodes[0].id,
            "c",
            parent_id=parent,
            in_reply_to_id=answered if answered not in (parent, self.nodes[0].id) else None,
        )
        return (await comments.post_comment(self.env, self.viewer, command)).comments[0].id

    async def answer(self, above: StatusId, *, is_open: bool) -> StatusId:
        visibility = Visibility.UNLISTED if is_open else Visibility.PRIVATE
        command = PostStatus("a", in_reply_to_id=above, visibility=visibility)
        made = await statuses.post_status(self.env, self.viewer, command)
        assert isinstance(made, Posted)
        return made.glance.id

    async def turn(self, number: int, *, is_there: bool) -> None:
        if number >= len(self.nodes):
            return
        node = self.nodes[number]
        if is_there:
            await restoring.restore_status(self.env, self.viewer, node.id)
        else:
            with suppress(NotFound):
                await statuses.delete_status(self.env, self.viewer, node.id)
        node.is_there = is_there

    async def check(self) -> None:
        """Every counter is that of the tree."""
        for number, node in enumerate(self.nodes):
            found = await status_rows.find(self.env.db, node.id)
            assert found is not None
            direct = sum(each.counts for each in self.nodes if each.above == number)
            beneath = sum(each.counts for each in self.nodes if each.top == number)
            if number == 0:
                beneath = sum(each.counts for each in self.nodes[1:])
            assert (found.replies, found.comments) == (direct, beneath), number
            assert found.top_id == (None if node.top is None else self.nodes[node.top].id)


async def plant(env: Env) -> Tree:
    """Somebody new, who talks to themselves."""
    account_id = AccountId(env.ids.next_id())
    name = f"t{next(_numbers)}"
    account, login = Account(account_id, name, 0), Login(f"{name}@example.org", "")

    async def insert(tx: Transaction) -> None:
        await accounts.insert(tx, account, login)

    await env.db.write(insert)
    viewer = Viewer(account_id)
    made = await statuses.post_status(env, viewer, PostStatus("root"))
    assert isinstance(made, Posted)
    return Tree(env, viewer, made.glance.id)


@given(
    st.lists(acts, min_size=5, max_size=16), st.lists(st.tuples(st.integers(1, 11), st.booleans()))
)
@_BOUNDED
async def test_comments_are_counted(
    env: Env, said: list[Act], turned: list[tuple[int, bool]]
) -> None:
    """One core: counters are kept in the transaction of what they count."""
    tree = await plant(env)
    for verb, number in said:
        assert isinstance(env.clock, HeldClock)
        env.clock.move(milliseconds=1)
        await tree.act(verb, number)
        await tree.check()
    # Each status takes its own turns one after the other; all of them go on at the same time.
    turns = dict(turned)
    await asyncio.gather(*(tree.turn(number, is_there=there) for number, there in turns.items()))
    await tree.check()
