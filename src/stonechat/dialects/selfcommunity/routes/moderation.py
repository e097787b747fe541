"""Moderation: what was flagged, what is decided about it, and who is kept out."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, ensure_staff, offer
from stonechat.dialects.selfcommunity.entities.moderation import (
    flagged_bytes,
    moderation_user_bytes,
    present_reduced,
    present_ruling_status,
)
from stonechat.dialects.selfcommunity.forms.moderation import (
    read_ban_search,
    read_days,
    read_moderation,
    read_ruling_search,
    read_state,
    read_target,
)
from stonechat.dialects.selfcommunity.pages import answer_page, read_window
from stonechat.domain.ids import AccountId, StatusId
from stonechat.http.operations import Answer
from stonechat.services import bans, contributions, moderation
from stonechat.services.moderation import FoundRulings


async def list_flagged(call: CommunityCall) -> Answer:
    """What was flagged, or decided about."""
    ensure_staff(call)
    window = read_window(call)
    search = read_ruling_search(call.parameters)
    found = await moderation.list_rulings(
        call.env, search, limit=window.limit, offset=window.offset
    )
    rendered = await _render(call, found)
    return answer_page(call, window, rendered, found.count, has_more=found.has_more)


async def _render(call: CommunityCall, found: FoundRulings) -> list[bytes]:
    named = {each.account_id for each in found.rulings}
    named |= {each.moderator_id for each in found.rulings if each.moderator_id is not None}
    users = await call.room.users(sorted(named))
    category_tags = await contributions.load_category_tags(call.env, found.statuses.values())
    rendered: list[bytes] = []
    for ruling in found.rulings:
        view = found.statuses.get(ruling.status_id)
        author = users.get(ruling.account_id)
        if view is None or author is None:
            continue
        root = found.statuses.get(StatusId(view.thread_id))
        counts = found.flags.get(view.id, {})
        reduced = present_reduced(view, root, counts, category_tags, call.room.base_url)
        moderator = users.get(ruling.moderator_id or 0, b"null")
        rendered.append(flagged_bytes(reduced, ruling, author, moderator))
    return [call.env.seals.apply(each, call.viewer.account_id) for each in rendered]


async def show_ruling(call: CommunityCall) -> Answer:
    """What was decided about something."""
    ensure_staff(call)
    ruling = await moderation.see_ruling(call.env, call.viewer, read_target(call))
    return Answer(present_ruling_status(ruling))


async def moderate(call: CommunityCall) -> Answer:
    """Warn somebody, or decide about something."""
    ensure_staff(call)
    order = read_moderation(call.parameters)
    await moderation.moderate(call.env, call.viewer, read_target(call), order)
    return Answer(b"", 204)


async def list_members(call: CommunityCall) -> Answer:
    """Members with their bans."""
    ensure_staff(call)
    window = read_window(call)
    search = read_ban_search(call.parameters)
    found = await bans.list_standings(call.env, search, limit=window.limit, offset=window.offset)
    rendered = [
        moderation_user_bytes(each, found.standings[each.id], call.room.base_url)
        for each in found.members
    ]
    return answer_page(call, window, rendered, found.count, has_more=found.has_more)


async def change_member(call: CommunityCall) -> Answer:
    """Let somebody in again, keep them out, or close their account."""
    ensure_staff(call)
    account_id, letter = AccountId(call.path_id()), read_state(call.parameters)
    days, is_hard = read_days(call.parameters), call.parameters.flag("hard") or False
    if letter == "a":
        await bans.unban_account(call.env, call.viewer, account_id)
    elif letter == "b":
        await bans.ban_account(call.env, call.viewer, account_id, days)
    else:
        for_good = letter == "u" or is_hard
        await bans.close_member(call.env, call.viewer, account_id, for_good=for_good)
    return Answer(b"", 204)


_ONE: Final = "/api/v2/moderation/contribution/{id}/"
OPERATIONS: Final = (
    offer("GET /api/v2/moderation/contribution/", list_flagged, "FlaggedContribution"),
    offer(f"GET {_ONE}status/", show_ruling, "RulingStatus"),
    offer(f"PATCH {_ONE}", moderate, "-"),
    offer("GET /api/v2/moderation/user/", list_members, "ModerationUser"),
    offer("PATCH /api/v2/moderation/user/{id}/", change_member, "-"),
)
