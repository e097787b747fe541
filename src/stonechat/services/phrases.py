"""Phrases: a viewer's filters one keyword at a time, as Mastodon's first API has them."""

from stonechat.domain.phrases import (
    PhraseChange,
    PhraseView,
    change_through_phrase,
    filter_for_phrase,
    phrases_of,
)
from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.services.filters import apply_change, create_filter, see_filters
from stonechat.storage import filters
from stonechat.storage.database import Transaction


async def see_phrases(env: Env, viewer: Viewer) -> list[PhraseView]:
    """Every keyword of every filter of the viewer."""
    return [phrase for each in await see_filters(env, viewer) for phrase in phrases_of(each)]


async def see_phrase(env: Env, viewer: Viewer, keyword_id: int) -> PhraseView:
    """One keyword, with its filter."""
    found = await filters.get_by_keyword(env.db, viewer.account_id, keyword_id)
    return PhraseView(found, found.keyword(keyword_id))


async def create_phrase(env: Env, viewer: Viewer, change: PhraseChange) -> PhraseView:
    """Make a filter of one keyword."""
    made = await create_filter(env, viewer, filter_for_phrase(change))
    return PhraseView(made, made.keywords[0])


async def change_phrase(
    env: Env, viewer: Viewer, keyword_id: int, change: PhraseChange
) -> PhraseView:
    """Change a keyword, and its filter where the keyword is the only one."""

    async def work(tx: Transaction) -> PhraseView:
        before = await filters.get_by_keyword(tx, viewer.account_id, keyword_id)
        wanted = change_through_phrase(before, keyword_id, change, env.clock.now_ms())
        after = await apply_change(env, tx, viewer, before, wanted)
        return PhraseView(after, after.keyword(keyword_id))

    return await env.db.write(work)


async def delete_phrase(env: Env, viewer: Viewer, keyword_id: int) -> None:
    """Take a keyword away; and its filter, when nothing is left that it looks for."""

    async def work(tx: Transaction) -> None:
        before = await filters.get_by_keyword(tx, viewer.account_id, keyword_id)
        after = before.without_keyword(keyword_id)
        # An empty filter would be in nobody's sight here, and still count for the maximum.
        if after.keywords or after.statuses:
            await tx.run_all(*filters.changing(viewer.account_id, before, after))
        else:
            await tx.run_all(*filters.deleting(viewer.account_id, before.id))

    await env.db.write(work)
