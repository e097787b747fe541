"""Media: made of addresses and of files that come in pieces, seen, changed, thrown away."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.media import ChunkAnswer, present_media
from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.dialects.selfcommunity.forms.media import (
    ensure_click,
    read_chunk,
    read_complete,
    read_embed,
    read_shared,
    read_type,
    read_web_address,
    required,
)
from stonechat.domain.ids import MediaId
from stonechat.domain.media import IMAGE, SHARE, URL, Medium
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import chunks, media, media_links

CREATED: Final = 201
NO_CONTENT: Final = 204
COSTLY: Final = "media"
"""The class of rates of whatever fetches or decodes something."""


def _answer(call: CommunityCall, medium: Medium, status: int, *, is_public: bool = False) -> Answer:
    base_url = call.env.settings.base_url
    shown = present_media(medium.view, base_url, is_sealed=not is_public)
    body = call.env.seals.apply(msgspec.json.encode(shown), call.viewer.account_id)
    return Answer(body, status)


async def create(call: CommunityCall) -> Answer:
    """Make a medium of an address, a contribution or an object."""
    env, viewer, parameters = call.env, call.viewer, call.parameters
    kind, key = read_type(parameters), call.idempotency_key()
    if kind == IMAGE:
        address = read_web_address(parameters, "url")
        made = await media_links.fetch_picture(env, viewer, address, key)
    elif kind == URL:
        address = read_web_address(parameters, "url")
        made = await media_links.link_page(env, viewer, address, key)
    elif kind == SHARE:
        shared_id = read_shared(parameters)
        made = await media_links.share_contribution(env, viewer, shared_id, key)
    else:
        if "embed" not in parameters:
            raise required("embed")
        draft = read_embed(parameters.nested("embed"), is_trusted=False)
        made = await media_links.embed_object(env, viewer, draft, key)
    return _answer(call, made, CREATED)


async def send_chunk(call: CommunityCall) -> Answer:
    """Take a piece of a file."""
    upload = await chunks.send_chunk(call.env, call.viewer, read_chunk(call))
    expires = instant(upload.expires_ms)
    return Answer(ChunkAnswer(str(upload.id), upload.received_bytes, expires), CREATED)


async def complete(call: CommunityCall) -> Answer:
    """Make a medium of all pieces of a file."""
    order = read_complete(call.parameters)
    return _answer(call, await chunks.complete_upload(call.env, call.viewer, order), CREATED)


async def show(call: CommunityCall) -> Answer:
    """A medium of one's own, or of a status that one may see."""
    shown = await media_links.see_medium(call.env, call.viewer, MediaId(call.path_id()))
    return _answer(call, shown.medium, 200, is_public=shown.is_public)


async def change(call: CommunityCall) -> Answer:
    """Choose the picture of a page."""
    media_id = MediaId(call.path_id())
    await media_links.see_own(call.env, call.viewer, media_id)
    address = read_web_address(call.parameters, IMAGE)
    changed = await media_links.choose_picture(call.env, call.viewer, media_id, address)
    return _answer(call, changed, 200)


async def delete(call: CommunityCall) -> Answer:
    """Throw a medium away that no status holds."""
    await media.delete_media(call.env, call.viewer, MediaId(call.path_id()))
    return Answer(b"", NO_CONTENT)


async def click(call: CommunityCall) -> Answer:
    """Count that somebody followed a medium."""
    ensure_click(call.parameters)
    await media_links.click_medium(call.env, call.viewer, MediaId(call.path_id()))
    return Answer(b"", NO_CONTENT)


OPERATIONS: Final = (
    offer("POST /api/v2/media/", create, "Media", limit=COSTLY),
    offer("POST /api/v2/media/upload/chunk/", send_chunk, "ChunkAnswer"),
    offer("POST /api/v2/media/upload/complete/", complete, "Media", limit=COSTLY),
    offer("GET /api/v2/media/{id}/", show, "Media"),
    offer("PUT /api/v2/media/{id}/", change, "Media", limit=COSTLY),
    offer("DELETE /api/v2/media/{id}/", delete, "{}"),
    offer("POST /api/v2/media/{id}/click/", click, "{}", Caller.ANYONE),
)
