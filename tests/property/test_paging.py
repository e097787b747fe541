"""Paging neither skips nor repeats, whatever is posted and deleted between two pages.

A reader walks a timeline page by page, down by max_id or up by min_id, while others post and
delete. What stood there during the whole walk is met exactly once; nothing is met twice.
"""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.ids import StatusId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Bearer, Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.paging import NO_UPPER, Cursor, Page
from stonechat.kernel.secrets import hash_secret
from stonechat.services import accounts, statuses, timelines, tokens
from stonechat.services.env import Env
from stonechat.services.statuses import Posted

Fetch = Callable[[Cursor], Awaitable[Page[Glance]]]

# What happens between two pages: True posts one more, a number deletes the n-th that is left.
happenings = st.lists(
    st.lists(st.one_of(st.just(value=True), st.integers(0, 30)), max_size=3), max_size=12
)


class Stage:
    """A timeline under change."""

    def __init__(self, env: Env, viewer: Viewer) -> None:
        self.env = env
        self.viewer = viewer
        self.left: list[StatusId] = []

    async def post(self) -> None:
        posted = await statuses.post_status(self.env, self.viewer, PostStatus(text="here"))
        assert isinstance(posted, Posted)
        self.left.append(posted.glance.id)

    async def happen(self, what: list[int | bool]) -> None:
        for each in what:
            if each is True:
                await self.post()
            elif self.left:
                gone = self.left.pop(each % len(self.left))
                await statuses.delete_status(self.env, self.viewer, gone)


async def _walk_down(stage: Stage, fetch: Fetch, limit: int, between: list[list[int]]) -> list[int]:
    met: list[int] = []
    below = NO_UPPER
    for turn in range(100):
        page = await fetch(Cursor(limit, below=below))
        if page.last_id is None:
            return met
        met += [glance.id for glance in page.items]
        below = page.last_id
        if turn < len(between):
            await stage.happen(between[turn])
    pytest.fail("the walk does not end")


async def _walk_up(stage: Stage, fetch: Fetch, limit: int, between: list[list[int]]) -> list[int]:
    met: list[int] = []
    above = 0
    for turn in range(100):
        page = await fetch(Cursor(limit, above=above, upwards=True))
        if page.first_id is None:
            return met
        met += [glance.id for glance in reversed(page.items)]
        above = page.first_id
        if turn < len(between):
            await stage.happen(between[turn])
    pytest.fail("the walk does not end")


def _fetchers(env: Env, secret: str) -> dict[str, Fetch]:
    bearer = Bearer(hash_secret(secret))

    async def home(cursor: Cursor) -> Page[Glance]:
        return (await timelines.see_home(env, bearer, cursor))[1]

    async def public(cursor: Cursor) -> Page[Glance]:
        return (await timelines.see_public(env, bearer, cursor, Origin()))[1]

    return {"home": home, "public": public}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["home", "public"]),
    goes_up=st.booleans(),
    limit=st.integers(1, 7),
    before=st.integers(0, 25),
    between=happenings,
)
async def test_a_walk_meets_everything_once(
    env: Env, *, name: str, goes_up: bool, limit: int, before: int, between: list[list[int]]
) -> None:
    username = f"walker{env.ids.next_id()}"
    account = await accounts.create_account(
        env, username=username[:30], email=f"{username}@example.org", password="long enough"
    )
    viewer = Viewer(account.id, "read write")
    secret = await tokens.create_for_name(env, account.username, scopes="read write")
    # The examples share a database: what earlier ones left is no part of this one's timeline.
    await env.db.write(lambda tx: tx.run("UPDATE statuses SET deleted_ms = 1"))
    stage = Stage(env, viewer)
    for _ in range(before):
        await stage.post()
    there_before = set(stage.left)
    walk = _walk_up if goes_up else _walk_down
    met = await walk(stage, _fetchers(env, secret)[name], limit, between)
    stayed = there_before & set(stage.left)
    assert len(met) == len(set(met))
    assert met == sorted(met, reverse=not goes_up)
    assert stayed <= set(met)
    if goes_up:
        assert set(stage.left) <= set(met)
