"""Embeds: objects of somewhere else, which administrators keep and members name on the fly.

An embed is told by its type and its name, so whoever names one that is there gets that one, as it
is: only an administrator says other things of it. The list of them is public; nothing that is
meant for a few belongs there, which is why pages and shares have no row here.
"""

from dataclasses import replace
from typing import NamedTuple

from stonechat.domain.ids import EmbedId
from stonechat.domain.media_links import Embed, EmbedChange, EmbedDraft
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services.env import Env
from stonechat.storage import embeds
from stonechat.storage.database import Transaction


class FoundEmbeds(NamedTuple):
    """A part of what was searched for, and how many there are up to a bound."""

    embeds: list[Embed]
    total: int


async def see_embed(env: Env, embed_id: EmbedId) -> Embed:
    """One embed; NotFound where there is none."""
    found = await embeds.find(env.db, embed_id)
    if found is None:
        raise NotFound
    return found


async def search_embeds(
    env: Env, embed_type: str | None, name: str | None, window: tuple[int, int], count_max: int
) -> FoundEmbeds:
    """Embeds of a type, of a name, of both, or all; `window` is a limit and an offset."""
    limit, offset = window
    found = await embeds.search(env.db, embed_type, name, limit=limit, offset=offset)
    return FoundEmbeds(found, await embeds.count(env.db, embed_type, name, count_max))


def made_of(env: Env, draft: EmbedDraft) -> Embed:
    """An embed with an id of its own."""
    embed_id = EmbedId(env.ids.next_id())
    return Embed(embed_id, draft.embed_type, draft.embed_id, draft.url, draft.metadata)


async def create_embed(env: Env, draft: EmbedDraft) -> Embed:
    """Keep a new embed; InvalidInput where there is one of that type and name."""
    embed = made_of(env, draft)
    if not await env.db.write(lambda tx: embeds.insert(tx, embed)):
        raise InvalidInput(
            "There is an embed of this type and name", field="non_field_errors", rule="unique"
        )
    return embed


async def find_or_make(tx: Transaction, embed: Embed) -> Embed:
    """The embed of that type and name, which is the given one if there was none."""
    if await embeds.insert(tx, embed):
        return embed
    found = await embeds.find_named(tx, embed.embed_type, embed.embed_id)
    assert found is not None, "nobody deletes embeds"
    return found


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
