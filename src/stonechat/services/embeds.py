"""Embeds: objects of somewhere else, which administrators keep and members name on the fly.

An embed is told by its type and its name, so whoever names one that is there gets that one, as it
is: only an administrator says other things of it, and what one of them made or changed is kept.
All others are there for what shows them: they are listed where that is for everybody, absent for
whoever may see none of it, and swept when nothing shows them any more. Pages and shares have no
row here.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from stonechat.domain.ids import EmbedId
from stonechat.domain.media_links import Embed, EmbedChange, EmbedDraft
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services.env import Env
from stonechat.storage import embeds
from stonechat.storage.database import Transaction
from stonechat.storage.embeds import EmbedSearch

SWEPT_AT_ONCE: Final = 500


class FoundEmbeds(NamedTuple):
    """A part of what was searched for, and how many there are up to a bound."""

    embeds: list[Embed]
    total: int


async def see_embed(env: Env, viewer: Viewer, embed_id: EmbedId) -> Embed:
    """One embed; NotFound where there is none that the viewer may know of."""
    found = await embeds.find(env.db, embed_id)
    if found is None or not (
        viewer.role in ADMINISTRATORS or await embeds.is_shown(env.db, embed_id, viewer.account_id)
    ):
        raise NotFound
    return found


async def search_embeds(
    env: Env,
    viewer: Viewer,
    named: tuple[str | None, str | None],
    window: tuple[int, int],
    count_max: int,
) -> FoundEmbeds:
    """Embeds of a type, of a name, of both, or all; `window` is a limit and an offset.

    Administrators find what nothing public shows as well: they keep them all.
    """
    (limit, offset), wanted = window, EmbedSearch(*named, viewer.role not in ADMINISTRATORS)
    found = await embeds.search(env.db, wanted, limit=limit, offset=offset)
    return FoundEmbeds(found, await embeds.count(env.db, wanted, count_max))


def made_of(env: Env, draft: EmbedDraft) -> Embed:
    """An embed with an id of its own."""
    embed_id = EmbedId(env.ids.next_id())
    return Embed(embed_id, draft.embed_type, draft.embed_id, draft.url, draft.metadata)


async def create_embed(env: Env, draft: EmbedDraft) -> Embed:
    """Keep a new embed; InvalidInput where there is one of that type and name."""
    embed = made_of(env, draft)
    if not await env.db.write(lambda tx: embeds.insert(tx, embed, is_kept=True)):
        raise InvalidInput(
            "There is an embed of this type and name", field="non_field_errors", rule="unique"
        )
    return embed


async def find_or_make(tx: Transaction, embed: Embed) -> Embed:
    """The embed of that type and name, held; it is the given one if there was none."""
    while not await embeds.insert(tx, embed, is_kept=False):
        found = await embeds.hold_named(tx, embed.embed_type, embed.embed_id)
        if found is not None:
            return found
        # It was swept between the two statements.
    return embed


async def change_embed(env: Env, change: EmbedChange) -> Embed:
    """Say other things of an embed."""

    async def work(tx: Transaction) -> Embed:
        found = await embeds.hold(tx, change.embed_id)
        if found is None:
            raise NotFound
        changed = replace(
            found,
            url=change.url if change.sets_url else found.url,
            metadata=found.metadata if change.metadata is None else change.metadata,
        )
        await embeds.update(tx, changed)
        return changed

    return await env.db.write(work)


async def sweep(env: Env) -> None:
    """Take away what nothing shows and no administrator keeps."""
    after: int | None = 0
    while after is not None:
        after = await env.db.write(lambda tx, at=after: embeds.delete_unused(tx, at, SWEPT_AT_ONCE))
