"""Avatars: the pictures that the viewer may choose from."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.avatars import present_avatar
from stonechat.dialects.selfcommunity.forms.users import read_picture
from stonechat.dialects.selfcommunity.pages import answer_entities, read_window
from stonechat.http.operations import UPLOAD_BYTES_MAX, Answer
from stonechat.http.parameters.fields import wrong
from stonechat.services import avatars


async def list_avatars(call: CommunityCall) -> Answer:
    """The viewer's pictures."""
    found = await avatars.list_avatars(call.env, call.viewer)
    me, base_url = call.viewer.account_id, call.room.base_url
    shown = [present_avatar(each, me, base_url) for each in found]
    return answer_entities(call, read_window(call), shown)


async def add_avatar(call: CommunityCall) -> Answer:
    """Another picture, as a file or in base 64."""
    content = read_picture(call.parameters, "avatar")
    if content is None:
        raise wrong("avatar", "is required", rule="required")
    added = await avatars.add_avatar(call.env, call.viewer, content)
    return Answer(present_avatar(added, call.viewer.account_id, call.room.base_url), 201)


def _read_id(call: CommunityCall) -> int:
    avatar_id = call.parameters.identifier("avatar_id")
    if avatar_id is None:
        raise wrong("avatar_id", "is required", rule="required")
    return avatar_id


async def choose_avatar(call: CommunityCall) -> Answer:
    """Show another one of them."""
    await avatars.choose_avatar(call.env, call.viewer, _read_id(call))
    return Answer(b"", 204)


async def remove_avatar(call: CommunityCall) -> Answer:
    """Take one away; its id stands in the body."""
    await avatars.remove_avatar(call.env, call.viewer, _read_id(call))
    return Answer(b"", 204)


OPERATIONS: Final = (
    offer("GET /api/v2/user/avatar/", list_avatars, "Avatar"),
    offer("POST /api/v2/user/avatar/", add_avatar, "Avatar", body_bytes_max=UPLOAD_BYTES_MAX),
    offer("PATCH /api/v2/user/avatar/", choose_avatar, "none"),
    offer("DELETE /api/v2/user/avatar/", remove_avatar, "none"),
)
