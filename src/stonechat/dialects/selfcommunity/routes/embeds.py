"""Embeds: objects of somewhere else; everybody may look, administrators keep them."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, ensure_administrator, offer
from stonechat.dialects.selfcommunity.entities.media import present_embed
from stonechat.dialects.selfcommunity.forms.media import (
    read_embed,
    read_embed_change,
    read_search,
)
from stonechat.dialects.selfcommunity.pages import COUNTED_MAX, answer_page, read_window
from stonechat.domain.ids import EmbedId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import embeds

CREATED: Final = 201
_encode: Final = msgspec.json.Encoder().encode


async def _page(call: CommunityCall, embed_type: str | None, name: str | None) -> Answer:
    window = read_window(call)
    found = await embeds.search_embeds(
        call.env, call.viewer, (embed_type, name), (window.reach, window.offset), COUNTED_MAX
    )
    shown = [_encode(present_embed(each)) for each in found.embeds[: window.limit]]
    has_more = len(found.embeds) > window.limit
    return answer_page(call, window, shown, found.total, has_more=has_more)


async def index(call: CommunityCall) -> Answer:
    """All embeds that everybody may know of; for administrators all there are."""
    return await _page(call, None, None)


async def search(call: CommunityCall) -> Answer:
    """Embeds of a type, of a name, or of both."""
    return await _page(call, *read_search(call.parameters))


async def show(call: CommunityCall) -> Answer:
    """One embed."""
    found = await embeds.see_embed(call.env, call.viewer, EmbedId(call.path_id()))
    return Answer(present_embed(found))


async def create(call: CommunityCall) -> Answer:
    """Keep a new embed."""
    ensure_administrator(call)
    draft = read_embed(call.parameters, is_trusted=True)
    return Answer(present_embed(await embeds.create_embed(call.env, draft)), CREATED)


async def replace(call: CommunityCall) -> Answer:
    """Say other things of an embed; what is not said is no longer so."""
    return await _change(call, replaces=True)


async def change(call: CommunityCall) -> Answer:
    """Say other things of an embed; what is not said stays."""
    return await _change(call, replaces=False)


async def _change(call: CommunityCall, *, replaces: bool) -> Answer:
    ensure_administrator(call)
    order = read_embed_change(call.parameters, EmbedId(call.path_id()), replaces=replaces)
    return Answer(present_embed(await embeds.change_embed(call.env, order)))


OPERATIONS: Final = (
    offer("GET /api/v2/embed/", index, "Embed", Caller.ANYONE),
    offer("GET /api/v2/embed/search/", search, "Embed", Caller.ANYONE),
    offer("GET /api/v2/embed/{id}/", show, "Embed", Caller.ANYONE),
    offer("POST /api/v2/embed/", create, "Embed"),
    offer("PUT /api/v2/embed/{id}/", replace, "Embed"),
    offer("PATCH /api/v2/embed/{id}/", change, "Embed"),
)
