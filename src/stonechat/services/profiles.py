"""Profiles: what a visitor finds at an account.

The first statement of each page resolves the token and tells what lies between visitor and host,
so that a revoked token and a fresh block count at once. An account that blocks its visitor shows
them nothing; one that hides its followers shows them to its owner alone.
"""

from collections.abc import Sequence

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.profiles import Circle, StatusChoice
from stonechat.domain.relationships import ABSENT_STATES
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Glance
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.storage import accounts, glances, profiles
from stonechat.storage.profiles import Door, Visit

FAMILIAR_FOLLOWERS_MAX = 10
"""How many are named for one account."""


async def enter(env: Env, bearer: Bearer, host_id: AccountId) -> tuple[Viewer, Door]:
    """Who comes, and what they stand before; NotFound where nobody lives."""
    facts, door = await profiles.find_door(env.db, bearer.hash, host_id)
    viewer = admit(bearer, facts)
    if door is None or door.state in ABSENT_STATES:
        raise NotFound
    return viewer, door


async def list_statuses(
    env: Env, bearer: Bearer, host_id: AccountId, choice: StatusChoice, cursor: Cursor
) -> tuple[Viewer, Page[Glance]]:
    """What an account said, as far as its visitor may see it. Three statements."""
    viewer, door = await enter(env, bearer, host_id)
    if door.is_blocked_by or door.state == "suspended":
        return viewer, Page([])
    rows = await profiles.list_statuses(
        env.db,
        host_id=host_id,
        viewer_id=viewer.account_id,
        visit=_visit(viewer, door),
        choice=choice,
        cursor=cursor,
        now_ms=env.clock.now_ms(),
    )
    found = await glances.load_glances(env.db, viewer.account_id, rows)
    if not rows:
        return viewer, Page(found)
    ids = [row.id for row in rows]
    return viewer, Page(found, max(ids), min(ids), len(rows) == cursor.limit)


def _visit(viewer: Viewer, door: Door) -> Visit:
    if viewer.account_id == NOBODY:
        return Visit.ANONYMOUS
    if viewer.account_id == door.host_id:
        return Visit.HOST
    return Visit.FOLLOWER if door.is_following else Visit.STRANGER


async def list_circle(
    env: Env, bearer: Bearer, host_id: AccountId, circle: Circle, cursor: Cursor
) -> tuple[Viewer, Page[AccountId]]:
    """The people around an account, as far as its visitor may know of them. Two statements."""
    viewer, door = await enter(env, bearer, host_id)
    is_hidden = door.hides_collections and circle is not Circle.ENDORSED
    is_owner = viewer.account_id == host_id
    if door.is_blocked_by or door.state == "suspended" or (is_hidden and not is_owner):
        return viewer, Page([])
    rows = await profiles.list_circle(
        env.db,
        circle,
        host_id=host_id,
        viewer_id=viewer.account_id,
        cursor=cursor,
        now_ms=env.clock.now_ms(),
    )
    items = [account_id for _, account_id in rows]
    if not rows:
        return viewer, Page(items)
    return viewer, Page(items, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def list_endorsed(env: Env, viewer: Viewer, cursor: Cursor) -> Page[AccountId]:
    """Whom the viewer shows on their own profile."""
    rows = await profiles.list_circle(
        env.db,
        Circle.ENDORSED,
        host_id=viewer.account_id,
        viewer_id=viewer.account_id,
        cursor=cursor,
        now_ms=env.clock.now_ms(),
    )
    items = [account_id for _, account_id in rows]
    if not rows:
        return Page(items)
    return Page(items, items[0], items[-1], len(rows) == cursor.limit)


async def load_familiar_followers(
    env: Env, viewer: Viewer, host_ids: Sequence[AccountId]
) -> list[tuple[AccountId, list[AccountId]]]:
    """For each account that exists, in the order asked: who of the viewer's people follows it."""
    wanted = list(dict.fromkeys(host_ids))
    known = await accounts.load_views(env.db, wanted)
    found = await profiles.load_familiar_followers(
        env.db, viewer.account_id, wanted, limit=FAMILIAR_FOLLOWERS_MAX
    )
    return [
        (host_id, found.get(host_id, []))
        for host_id in wanted
        if host_id in known and known[host_id].state not in ABSENT_STATES
    ]
