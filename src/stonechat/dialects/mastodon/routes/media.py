"""Media: uploading files, and what their owner does with them until a status shows them.

Version 2 of the endpoint answers 202 while a film is still processed, and the app asks for it again
until it gets 200; version 1 waits. `url` is null in those answers only.
"""

from typing import Final

import msgspec

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.media import present_media
from stonechat.dialects.mastodon.forms.media import FILE, THUMBNAIL, read_change, read_upload
from stonechat.domain.ids import MediaId
from stonechat.domain.media import READY, Medium
from stonechat.http.operations import Answer
from stonechat.kernel.errors import InvalidInput
from stonechat.services import media, uploads

UNDER_WAY: Final = 202
PARTIAL: Final = 206


def _answer(call: MastodonCall, medium: Medium, unfinished: int) -> Answer:
    encoded = msgspec.json.encode(present_media(medium.view, call.room.site, is_sealed=True))
    body = call.room.seals.apply(encoded, call.viewer.account_id)
    return Answer(body, 200 if medium.state == READY else unfinished)


async def _upload(call: MastodonCall) -> Medium:
    order = read_upload(call.parameters, call.idempotency_key())
    file = call.parameters.spooled_upload(FILE)
    thumbnail = call.parameters.spooled_upload(THUMBNAIL)
    if file is None:
        raise InvalidInput("Validation failed: File can't be blank", field=FILE, rule="blank")
    sent = uploads.Sent(file.path, file.size_bytes)
    if thumbnail is not None:
        sent = uploads.Sent(file.path, file.size_bytes, thumbnail.path, thumbnail.size_bytes)
    return await uploads.upload_media(call.env, call.viewer, order, sent)


async def create(call: MastodonCall) -> Answer:
    """Upload a file; 200 where it is ready at once."""
    return _answer(call, await _upload(call), UNDER_WAY)


async def create_and_wait(call: MastodonCall) -> Answer:
    """Upload a file, and wait until it is ready, though not for ever."""
    medium = await _upload(call)
    if medium.state != READY:
        medium = await uploads.wait_for_media(call.env, medium)
    return _answer(call, medium, UNDER_WAY)


async def show(call: MastodonCall) -> Answer:
    """An upload of the viewer's that no status has yet; 206 while it is processed."""
    medium = await media.see_media(call.env, call.viewer, MediaId(call.path_id()))
    return _answer(call, medium, PARTIAL)


async def change(call: MastodonCall) -> Answer:
    """Describe an upload anew."""
    order = read_change(call.parameters, MediaId(call.path_id()))
    thumbnail = call.parameters.spooled_upload(THUMBNAIL)
    path = None if thumbnail is None else thumbnail.path
    return _answer(call, await media.change_media(call.env, call.viewer, order, path), PARTIAL)


async def delete(call: MastodonCall) -> Answer:
    """Throw an upload away."""
    await media.delete_media(call.env, call.viewer, MediaId(call.path_id()))
    return Answer({})


SCOPE: Final = "write:media"

OPERATIONS: Final = (
    MastodonOperation(
        "POST",
        "/api/v2/media",
        create,
        "MediaAttachment",
        scope=SCOPE,
        limit="media",
        spools=(FILE, THUMBNAIL),
    ),
    MastodonOperation(
        "POST",
        "/api/v1/media",
        create_and_wait,
        "MediaAttachment",
        scope=SCOPE,
        limit="media",
        spools=(FILE, THUMBNAIL),
    ),
    MastodonOperation("GET", "/api/v1/media/{id}", show, "MediaAttachment", scope=SCOPE),
    MastodonOperation(
        "PUT",
        "/api/v1/media/{id}",
        change,
        "MediaAttachment",
        scope=SCOPE,
        spools=(THUMBNAIL,),
    ),
    MastodonOperation("DELETE", "/api/v1/media/{id}", delete, "{}", scope=SCOPE),
)
