"""What clients keep for a user under names of their own; the user may be `me`."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    CommunityOperation,
    ensure_administrator,
    offer,
)
from stonechat.dialects.selfcommunity.entities.user_preferences import present_kept
from stonechat.dialects.selfcommunity.pages import answer_entities, read_window
from stonechat.dialects.selfcommunity.rendering import Renderer
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.http.operations import Answer, Handler
from stonechat.http.parameters.fields import wrong
from stonechat.services import member_preferences
from stonechat.services.member_preferences import KeepOrder

_encode: Final = msgspec.json.Encoder().encode


def _user_id(call: CommunityCall) -> AccountId:
    account_id = AccountId(call.path_id()) if "id" in call.path else call.viewer.account_id
    if account_id != call.viewer.account_id:
        ensure_administrator(call)
    return account_id


def _read(call: CommunityCall, *, whole: bool) -> KeepOrder:
    parameters = call.parameters
    name = parameters.text("key", characters_max=limits.MEMBER_PREFERENCE_KEY_CHARACTERS_MAX)
    if name is not None and not name.strip():
        raise wrong("key", "can't be blank", rule="blank")
    if whole and name is None:
        raise wrong("key", "is required", rule="required")
    if not parameters.says("value"):
        if whole:
            raise wrong("value", "is required", rule="required")
        return KeepOrder(name, None)
    value = _encode(parameters.fields["value"])
    if len(value) > limits.MEMBER_PREFERENCE_BYTES_MAX:
        words = f"is longer than {limits.MEMBER_PREFERENCE_BYTES_MAX} bytes"
        raise wrong("value", words, rule="too_long")
    return KeepOrder(name, value.decode())


async def list_kept(call: CommunityCall) -> Answer:
    """All that is kept for a user."""
    found = await member_preferences.list_kept(call.env, call.viewer, _user_id(call))
    return answer_entities(call, read_window(call), [present_kept(each) for each in found])


async def keep(call: CommunityCall) -> Answer:
    """Keep something more."""
    order = _read(call, whole=True)
    kept = await member_preferences.keep(call.env, call.viewer, _user_id(call), order)
    return Answer(present_kept(kept), 201)


async def show_kept(call: CommunityCall) -> Answer:
    """One thing that is kept."""
    found = await member_preferences.see_kept(
        call.env, call.viewer, _user_id(call), call.path_id("pid")
    )
    return Answer(present_kept(found))


async def replace_kept(call: CommunityCall) -> Answer:
    """Keep something else in its place."""
    return await _change(call, _read(call, whole=True))


async def change_kept(call: CommunityCall) -> Answer:
    """Change a part of it."""
    return await _change(call, _read(call, whole=False))


async def _change(call: CommunityCall, order: KeepOrder) -> Answer:
    changed = await member_preferences.keep_otherwise(
        call.env, call.viewer, _user_id(call), call.path_id("pid"), order
    )
    return Answer(present_kept(changed))


async def keep_no_longer(call: CommunityCall) -> Answer:
    """Take it away."""
    await member_preferences.keep_no_longer(
        call.env, call.viewer, _user_id(call), call.path_id("pid")
    )
    return Answer(b"", 204)


def _for_both(method: str, path: str, handler: Handler[Renderer]) -> list[CommunityOperation]:
    """The operation for anybody's id, and for `me`."""
    entity = "none" if method == "DELETE" else "UserPreference"
    whose = ("/api/v2/user/{id}/preference/", "/api/v2/user/me/preference/")
    return [offer(f"{method} {start}{path}", handler, entity) for start in whose]


OPERATIONS: Final = (
    *_for_both("GET", "", list_kept),
    *_for_both("POST", "", keep),
    *_for_both("GET", "{pid}/", show_kept),
    *_for_both("PUT", "{pid}/", replace_kept),
    *_for_both("PATCH", "{pid}/", change_kept),
    *_for_both("DELETE", "{pid}/", keep_no_longer),
)
