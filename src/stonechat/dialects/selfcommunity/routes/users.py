"""Users: oneself, the others, finding them, and changing what one tells about oneself.

`PUT` and `PATCH` are the same: what is not sent stays. What lies between two users is in
user_relations, the lists around one in user_lists, the pictures to choose from in avatars.
"""

from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    ensure_administrator,
    ensure_own_token,
    ensure_staff,
    offer,
)
from stonechat.dialects.selfcommunity.entities.users import (
    PERMISSION,
    avatar_url,
    me_bytes,
    present_autocomplete,
    present_counters,
    single_user_bytes,
    user_bytes,
)
from stonechat.dialects.selfcommunity.forms.users import (
    MATCHED_CHARACTERS_MAX,
    read_hardness,
    read_search,
    read_settings,
    read_user,
)
from stonechat.dialects.selfcommunity.pages import answer_entities, read_window
from stonechat.dialects.selfcommunity.user_pages import answer_members
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.members import Window
from stonechat.domain.viewers import ADMINISTRATORS, Caller
from stonechat.http.operations import UPLOAD_BYTES_MAX, Answer
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.documents import parse_document
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput
from stonechat.services import categories, departures, interactions, members

NEXT_CHARACTERS_MAX: Final = 2000


async def show_me(call: CommunityCall) -> Answer:
    """The viewer's own account, with what only they may know."""
    member, own = await members.see_own(call.env, call.viewer)
    unseen = await interactions.count_unseen(call.env, call.viewer)
    language = own.default_language or "en"
    return Answer(me_bytes(member, own, call.room.base_url, unseen=unseen, language=language))


async def show_my_avatar(call: CommunityCall) -> Answer:
    """The picture of the viewer; a plain one stands in."""
    member = await members.see_member(call.env, call.viewer.account_id)
    return Answer({"avatar": avatar_url(member, call.room.base_url)})


async def show_my_permission(call: CommunityCall) -> Answer:
    """What the viewer may do here."""
    del call
    return Answer(PERMISSION)


async def show_platform(call: CommunityCall) -> Answer:
    """Where those who run the community do it: our own pages, where they sign in by themselves."""
    ensure_staff(call)
    path = call.parameters.text("next", characters_max=NEXT_CHARACTERS_MAX) or "/"
    # Only a path of ours: `//` and a backslash would lead elsewhere.
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise wrong("next", "is no path of this server")
    return Answer({"platform_url": call.room.base_url + path, "token_details": None})


async def show_user(call: CommunityCall) -> Answer:
    """One user, as somebody else or as nobody in particular."""
    member = await members.see_member(call.env, AccountId(call.path_id()))
    can_send = False
    if call.viewer.is_person and member.id != call.viewer.account_id:
        pair = await members.see_pair(call.env, call.viewer, member.id)
        can_send = not (pair.is_blocking or pair.is_blocked_by)
    return Answer(single_user_bytes(member, call.room.base_url, can_send_pm_to=can_send))


async def change_user(call: CommunityCall) -> Answer:
    """Change what the viewer tells about themselves."""
    account_id = AccountId(call.path_id())
    before = await members.see_member(call.env, account_id)
    members.ensure_self(call.viewer, account_id)
    order = read_user(call.parameters, before.account.username)
    try:
        after = await members.change_member(
            call.env, call.viewer, order.profile, order.amend, order.pictures
        )
    except InvalidInput as error:
        if error.field != "header":
            raise
        raise wrong("cover", "is not a picture that can be kept") from None
    return Answer(user_bytes(after, call.room.base_url))


async def delete_user(call: CommunityCall) -> Answer:
    """Close an account, so that it can be opened again, or for good."""
    account_id = AccountId(call.path_id())
    if account_id == call.viewer.account_id:
        ensure_own_token(call)
    elif call.viewer.role in ADMINISTRATORS:
        ensure_administrator(call)
    for_good = read_hardness(call.parameters)
    await departures.close_account(call.env, call.viewer, account_id, for_good=for_good)
    return Answer(b"", 204)


async def list_users(call: CommunityCall) -> Answer:
    """Users who want to be found, or whose names begin like this."""
    window = read_window(call)
    search = read_search(call.parameters, name="search")
    found = await members.find_members(call.env, call.viewer, search, Window(*window))
    return answer_members(call, window, found)


async def search_users(call: CommunityCall) -> Answer:
    """The same, with the term under another name."""
    window = read_window(call)
    search = read_search(call.parameters, name="user")
    found = await members.find_members(call.env, call.viewer, search, Window(*window))
    return answer_members(call, window, found)


async def complete_users(call: CommunityCall) -> Answer:
    """The same, for a field that completes names."""
    window = read_window(call)
    search = read_search(call.parameters, name="search")
    found = await members.find_members(call.env, call.viewer, search, Window(*window))
    return answer_members(call, window, found, present_autocomplete)


async def match_users(call: CommunityCall) -> Answer:
    """Those of the names in a bare list that somebody has."""
    # The body is a list; our bounds are for documents with names.
    document = parse_document(b'{"usernames":%b}' % await call.read_raw())
    usernames = Parameters(document).texts(
        "usernames",
        items_max=limits.MEMBERS_MATCHED_MAX,
        characters_max=MATCHED_CHARACTERS_MAX,
    )
    found = await members.match_usernames(call.env, usernames)
    return Answer([present_autocomplete(each, call.room.base_url) for each in found])


async def show_counters(call: CommunityCall) -> Answer:
    """How much somebody said, and how many are around them."""
    member = await members.see_member(call.env, AccountId(call.path_id()))
    followed = await categories.list_followed_by(call.env, call.viewer, member.id)
    return Answer(present_counters(member, len(followed)))


async def show_settings(call: CommunityCall) -> Answer:
    """What the viewer set for themselves."""
    members.ensure_self(call.viewer, AccountId(call.path_id()))
    return Answer(await members.see_settings(call.env, call.viewer))


async def change_settings(call: CommunityCall) -> Answer:
    """Set something otherwise; nothing at all is fine."""
    members.ensure_self(call.viewer, AccountId(call.path_id()))
    change = read_settings(call.parameters)
    return Answer(await members.change_settings(call.env, call.viewer, change))


async def show_points(call: CommunityCall) -> Answer:
    """Nobody collects points here."""
    await members.see_member(call.env, AccountId(call.path_id()))
    return Answer({"points": 0})


async def list_nothing(call: CommunityCall) -> Answer:
    """Groups, events, courses and friends, which nobody has here."""
    await members.see_member(call.env, AccountId(call.path_id()))
    return answer_entities(call, read_window(call), [])


_ANYONE: Final = Caller.ANYONE
OPERATIONS: Final = (
    offer("GET /api/v2/user/me/", show_me, "Me"),
    offer("GET /api/v2/user/me/avatar/", show_my_avatar, "Avatar"),
    offer("GET /api/v2/user/me/permission/", show_my_permission, "UserPermission"),
    offer("GET /api/v2/user/me/platform_url/", show_platform, "Platform"),
    offer("GET /api/v2/user/", list_users, "User"),
    offer("GET /api/v2/user/search/", search_users, "User", _ANYONE),
    offer("GET /api/v2/user/autocomplete/", complete_users, "AutocompleteUser", _ANYONE),
    offer("POST /api/v2/user/match/", match_users, "AutocompleteUser", reads_itself=True),
    offer("GET /api/v2/user/{id}/", show_user, "User", _ANYONE),
    offer("PUT /api/v2/user/{id}/", change_user, "User", body_bytes_max=UPLOAD_BYTES_MAX),
    offer("PATCH /api/v2/user/{id}/", change_user, "User", body_bytes_max=UPLOAD_BYTES_MAX),
    offer("DELETE /api/v2/user/{id}/", delete_user, "none"),
    offer("GET /api/v2/user/{id}/counters/", show_counters, "Counters", _ANYONE),
    offer("GET /api/v2/user/{id}/settings/", show_settings, "UserSettings"),
    offer("PATCH /api/v2/user/{id}/settings/", change_settings, "UserSettings"),
    offer("GET /api/v2/user/{id}/loyalty/points/", show_points, "Points"),
    offer("GET /api/v2/user/{id}/connections/", list_nothing, "User", _ANYONE),
    offer("GET /api/v2/user/{id}/groups/", list_nothing, "Group", _ANYONE),
    offer("GET /api/v2/user/{id}/events/", list_nothing, "Event", _ANYONE),
    offer("GET /api/v2/user/{id}/courses/", list_nothing, "Course", _ANYONE),
)
