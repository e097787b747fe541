"""Filters of a viewer: made, changed, taken away, and what they match.

A filter belongs to its owner alone: every verb looks for it among the viewer's own.
"""

from collections.abc import Mapping
from dataclasses import replace

from stonechat.domain import limits
from stonechat.domain.filters import (
    FilterChange,
    FilteredStatusView,
    FilterMatch,
    FilterView,
    KeywordChange,
    KeywordView,
    Matcher,
    changed_filter,
    ensure_room,
    new_filter,
)
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import filters
from stonechat.storage.database import Transaction


async def match_statuses(
    env: Env, viewer: Viewer, words: Mapping[StatusId, str]
) -> dict[StatusId, list[FilterMatch]]:
    """The viewer's filters that match, by status; statuses without a match are left out."""
    mine = await filters.list_all(env.db, viewer.account_id)
    matcher = Matcher(mine, env.clock.now_ms())
    found = {key: matcher.match(key, text) for key, text in words.items()}
    return {key: matches for key, matches in found.items() if matches}


async def see_filters(env: Env, viewer: Viewer) -> list[FilterView]:
    """All filters of the viewer, oldest first."""
    return await filters.list_all(env.db, viewer.account_id)


async def see_filter(env: Env, viewer: Viewer, filter_id: int) -> FilterView:
    """One filter of the viewer."""
    return await filters.get(env.db, viewer.account_id, filter_id)


async def create_filter(env: Env, viewer: Viewer, change: FilterChange) -> FilterView:
    """Make a filter, with its keywords."""

    async def work(tx: Transaction) -> FilterView:
        made = new_filter(change, env.clock.now_ms(), env.ids.next_id)
        count, items = await filters.count(tx, viewer.account_id)
        ensure_room(count + 1, items + len(made.keywords))
        await tx.run_all(*filters.inserting(viewer.account_id, made))
        return made

    return await env.db.write(work)


async def change_filter(
    env: Env, viewer: Viewer, filter_id: int, change: FilterChange
) -> FilterView:
    """Change a filter: its own words, and any of its keywords, all or nothing."""

    async def work(tx: Transaction) -> FilterView:
        before = await filters.get(tx, viewer.account_id, filter_id)
        return await apply_change(env, tx, viewer, before, change)

    return await env.db.write(work)


async def apply_change(
    env: Env, tx: Transaction, viewer: Viewer, before: FilterView, change: FilterChange
) -> FilterView:
    """Write a change of a filter, within a transaction; the filter after it."""
    after = changed_filter(before, change, env.clock.now_ms(), env.ids.next_id)
    added = len(after.keywords) - len(before.keywords)
    if added > 0:
        count, items = await filters.count(tx, viewer.account_id)
        ensure_room(count, items + added)
    await tx.run_all(*filters.changing(viewer.account_id, before, after))
    return after


async def delete_filter(env: Env, viewer: Viewer, filter_id: int) -> None:
    """Take a filter away, with all that it looks for."""

    async def work(tx: Transaction) -> None:
        await filters.get(tx, viewer.account_id, filter_id)
        await tx.run_all(*filters.deleting(viewer.account_id, filter_id))

    await env.db.write(work)


async def see_keyword(env: Env, viewer: Viewer, keyword_id: int) -> KeywordView:
    """One keyword of one of the viewer's filters."""
    found = await filters.get_by_keyword(env.db, viewer.account_id, keyword_id)
    return found.keyword(keyword_id)


async def add_keyword(
    env: Env, viewer: Viewer, filter_id: int, change: KeywordChange
) -> KeywordView:
    """Add a keyword to a filter."""
    after = await change_filter(env, viewer, filter_id, FilterChange(keywords=(change,)))
    return after.keywords[-1]


async def change_keyword(
    env: Env, viewer: Viewer, keyword_id: int, change: KeywordChange
) -> KeywordView:
    """Change or take away one keyword; the keyword after the change, or as it last was."""
    named = replace(change, id=keyword_id)

    async def work(tx: Transaction) -> KeywordView:
        before = await filters.get_by_keyword(tx, viewer.account_id, keyword_id)
        after = await apply_change(env, tx, viewer, before, FilterChange(keywords=(named,)))
        return (before if change.is_removed else after).keyword(keyword_id)

    return await env.db.write(work)


async def see_filtered_status(env: Env, viewer: Viewer, filtered_id: int) -> FilteredStatusView:
    """One entry for a status in one of the viewer's filters."""
    found = await filters.get_by_status(env.db, viewer.account_id, filtered_id)
    return found.status(filtered_id)


async def add_status(
    env: Env, viewer: Viewer, filter_id: int, status_id: StatusId
) -> FilteredStatusView:
    """Let a filter name a status that the viewer can see; the original where it is a boost."""

    async def work(tx: Transaction) -> FilteredStatusView:
        found = await filters.get(tx, viewer.account_id, filter_id)
        original = await views.get_original(tx, viewer, status_id)
        if len(found.statuses) >= limits.FILTER_STATUSES_MAX:
            raise InvalidInput(
                f"Validation failed: A filter can name at most {limits.FILTER_STATUSES_MAX} posts"
            )
        count, items = await filters.count(tx, viewer.account_id)
        ensure_room(count, items + 1)
        entry = FilteredStatusView(env.ids.next_id(), original.id)
        if not await filters.insert_status(tx, viewer.account_id, filter_id, entry):
            raise InvalidInput(
                "Validation failed: Status has already been taken", field="status_id", rule="taken"
            )
        return entry

    return await env.db.write(work)


async def remove_status(env: Env, viewer: Viewer, filtered_id: int) -> FilteredStatusView:
    """Let a filter no longer name a status; the entry as it was."""

    async def work(tx: Transaction) -> FilteredStatusView:
        found = await filters.get_by_status(tx, viewer.account_id, filtered_id)
        await filters.delete_status(tx, viewer.account_id, filtered_id)
        return found.status(filtered_id)

    return await env.db.write(work)
