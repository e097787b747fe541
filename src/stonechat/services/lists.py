"""Lists of a viewer: made, changed, filled, read. Nobody else hears of them or sees them."""

from collections.abc import Sequence

from stonechat.domain.ids import AccountId
from stonechat.domain.lists import (
    ListChange,
    ListView,
    changed_list,
    ensure_room_for_list,
    ensure_room_for_members,
    new_list,
)
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Glance
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.services.timelines import page_of_entries
from stonechat.storage import lists
from stonechat.storage.database import Transaction


async def see_lists(env: Env, viewer: Viewer) -> list[ListView]:
    """All lists of the viewer, oldest first."""
    return await lists.list_all(env.db, viewer.account_id)


async def see_lists_holding(env: Env, viewer: Viewer, account_id: AccountId) -> list[ListView]:
    """The viewer's lists that an account is on."""
    return await lists.list_holding(env.db, viewer.account_id, account_id)


async def see_list(env: Env, viewer: Viewer, list_id: int) -> ListView:
    """One list of the viewer."""
    return await lists.get(env.db, viewer.account_id, list_id)


async def create_list(env: Env, viewer: Viewer, change: ListChange) -> ListView:
    """Make a list."""

    async def work(tx: Transaction) -> ListView:
        made = new_list(env.ids.next_id(), change)
        ensure_room_for_list(await lists.count(tx, viewer.account_id))
        await lists.insert(tx, viewer.account_id, made)
        return made

    return await env.db.write(work)


async def change_list(env: Env, viewer: Viewer, list_id: int, change: ListChange) -> ListView:
    """Change a list's title and ways; what is not said stays."""

    async def work(tx: Transaction) -> ListView:
        before = await lists.get(tx, viewer.account_id, list_id)
        after = changed_list(before, change)
        await lists.update(tx, viewer.account_id, after)
        return after

    return await env.db.write(work)


async def delete_list(env: Env, viewer: Viewer, list_id: int) -> None:
    """Take a list away; its members stay followed."""

    async def work(tx: Transaction) -> None:
        await lists.get(tx, viewer.account_id, list_id)
        await lists.delete(tx, viewer.account_id, list_id)

    await env.db.write(work)


async def see_members(env: Env, viewer: Viewer, list_id: int, cursor: Cursor) -> Page[AccountId]:
    """A page of the accounts on a list."""
    await lists.get(env.db, viewer.account_id, list_id)
    found = await lists.list_members(env.db, viewer.account_id, list_id, cursor)
    if not found:
        return Page(found)
    return Page(found, found[0], found[-1], len(found) == cursor.limit)


async def add_members(
    env: Env, viewer: Viewer, list_id: int, account_ids: Sequence[AccountId]
) -> None:
    """Put accounts on a list, all or none: each must be followed, or asked to be."""
    wanted = tuple(dict.fromkeys(account_ids))

    async def work(tx: Transaction) -> None:
        await lists.get(tx, viewer.account_id, list_id)
        known, followed, on_list = await lists.load_standing(tx, viewer.account_id, list_id, wanted)
        if not known.issuperset(wanted):
            raise NotFound
        if not followed.issuperset(wanted):
            raise InvalidInput("Validation failed: You must follow an account to put it on a list")
        if on_list:
            raise InvalidInput("Validation failed: Account has already been taken", rule="taken")
        count = await lists.count_members(tx, viewer.account_id, list_id)
        ensure_room_for_members(count, len(wanted))
        await tx.run_all(*lists.adding_members(viewer.account_id, list_id, wanted))

    await env.db.write(work)


async def remove_members(
    env: Env, viewer: Viewer, list_id: int, account_ids: Sequence[AccountId]
) -> None:
    """Take accounts off a list; those who are not on it are passed over."""
    unwanted = tuple(dict.fromkeys(account_ids))

    async def work(tx: Transaction) -> None:
        await lists.get(tx, viewer.account_id, list_id)
        await tx.run_all(*lists.removing_members(viewer.account_id, list_id, unwanted))

    await env.db.write(work)


async def see_list_timeline(
    env: Env, bearer: Bearer, list_id: int, cursor: Cursor
) -> tuple[Viewer, Page[Glance]]:
    """What the members of a list said. Two statements."""
    facts, is_own, rows = await lists.list_timeline(env.db, bearer.hash, list_id, cursor)
    viewer = admit(bearer, facts)
    if not is_own:
        raise NotFound
    return viewer, await page_of_entries(env, viewer, rows, cursor)
