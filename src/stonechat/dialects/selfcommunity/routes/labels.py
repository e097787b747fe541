"""Tags, which the core calls labels: made, given, and used to say whom something is for."""

from collections.abc import Sequence
from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    ensure_administrator,
    offer,
)
from stonechat.dialects.selfcommunity.entities.categories import category_bytes
from stonechat.dialects.selfcommunity.entities.labels import present_held, present_label
from stonechat.dialects.selfcommunity.forms.labels import (
    read_carrier,
    read_choice,
    read_label,
    read_label_name,
    wants_oldest_first,
)
from stonechat.dialects.selfcommunity.pages import (
    COUNTED_MAX,
    answer_entities,
    answer_page,
    read_window,
)
from stonechat.domain.ids import AccountId, CategoryId, LabelId
from stonechat.domain.labels import CATEGORY, CONTRIBUTION, USER, LabelView
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import categories, labels


async def index(call: CommunityCall) -> Answer:
    """The Tags: all of them for administrators, the open ones for everybody else."""
    window = read_window(call)
    found = await labels.list_labels(call.env, call.viewer, read_choice(call.parameters))
    is_full = labels.is_administrator(call.viewer)
    return answer_entities(call, window, [present_label(each, is_full=is_full) for each in found])


async def search(call: CommunityCall) -> Answer:
    """The same, for administrators alone."""
    ensure_administrator(call)
    return await index(call)


async def show(call: CommunityCall) -> Answer:
    """One Tag."""
    found = await labels.see_label(call.env, call.viewer, LabelId(call.path_id()))
    return Answer(present_label(found, is_full=labels.is_administrator(call.viewer)))


async def create(call: CommunityCall) -> Answer:
    """Make a Tag; of people, where nothing else is said."""
    ensure_administrator(call)
    made = await labels.create_label(call.env, read_label(call.parameters, needs_name=True))
    return Answer(present_label(made, is_full=True), 201)


async def replace(call: CommunityCall) -> Answer:
    """Change a Tag, which is named once more; what is not sent stays."""
    return await _change(call, needs_name=True)


async def update(call: CommunityCall) -> Answer:
    """Change parts of a Tag."""
    return await _change(call, needs_name=False)


async def _change(call: CommunityCall, *, needs_name: bool) -> Answer:
    ensure_administrator(call)
    form = read_label(call.parameters, needs_name=needs_name)
    changed = await labels.change_label(call.env, LabelId(call.path_id()), form)
    return Answer(present_label(changed, is_full=True))


async def assign(call: CommunityCall) -> Answer:
    """Give a Tag, or take it from who has it."""
    return await _give(call, is_given=None)


async def add(call: CommunityCall) -> Answer:
    """Give a Tag; twice is once."""
    return await _give(call, is_given=True)


async def remove(call: CommunityCall) -> Answer:
    """Take a Tag; also where there was none."""
    return await _give(call, is_given=False)


async def _give(call: CommunityCall, *, is_given: bool | None) -> Answer:
    ensure_administrator(call)
    carrier, label_id = read_carrier(call.parameters), LabelId(call.path_id())
    await labels.give_label(call.env, call.viewer, label_id, carrier, is_given=is_given)
    return Answer(b"", 204)


async def index_users(call: CommunityCall) -> Answer:
    """Who carries a Tag."""
    label, ids, has_more = await _carriers(call, USER)
    shown = await call.room.user_list([AccountId(each) for each in ids])
    return await _answer_carriers(call, label, shown, has_more=has_more)


async def index_categories(call: CommunityCall) -> Answer:
    """Which categories carry a Tag."""
    label, ids, has_more = await _carriers(call, CATEGORY)
    # Closed ones as well, which lists for everybody leave out.
    found = await categories.load_shown(call.env, call.viewer, [CategoryId(each) for each in ids])
    base_url = call.env.settings.base_url
    shown = [
        category_bytes(found[key].category, base_url, is_followed=found[key].is_followed)
        for each in ids
        if (key := CategoryId(each)) in found
    ]
    return await _answer_carriers(call, label, shown, has_more=has_more)


async def index_contributions(call: CommunityCall) -> Answer:
    """Which contributions carry a Tag, as far as the viewer may see them."""
    label, ids, has_more = await _carriers(call, CONTRIBUTION)
    found = await labels.glance_contributions(call.env, call.viewer, ids)
    shown = await call.room.contributions(call.viewer, found)
    return await _answer_carriers(call, label, shown, has_more=has_more)


async def _carriers(call: CommunityCall, type_: str) -> tuple[LabelView, list[int], bool]:
    """The Tag that is asked for, the ids of a page of who carries it, whether there are more."""
    ensure_administrator(call)
    window = read_window(call)
    label = await labels.find_named(call.env, type_, read_label_name(call.parameters))
    part, upwards = (window.reach, window.offset), wants_oldest_first(call.parameters)
    ids = await labels.list_carriers(call.env, label, part, upwards=upwards)
    return label, ids[: window.limit], len(ids) > window.limit


async def _answer_carriers(
    call: CommunityCall, label: LabelView, shown: Sequence[bytes], *, has_more: bool
) -> Answer:
    count = await labels.count_carriers(call.env, label, COUNTED_MAX)
    return answer_page(call, read_window(call), shown, count, has_more=has_more)


async def index_addressable(call: CommunityCall) -> Answer:
    """To which Tags the viewer may address something: a bare list."""
    found = await labels.list_addressable(call.env, call.viewer)
    return Answer([present_held(each) for each in found])


async def index_of_user(call: CommunityCall) -> Answer:
    """Which Tags somebody carries, hidden ones too; for themselves and administrators."""
    window = read_window(call)
    found = await labels.list_held(call.env, call.viewer, AccountId(call.path_id()))
    if labels.is_administrator(call.viewer):
        return answer_entities(call, window, [present_label(each, is_full=True) for each in found])
    return answer_entities(call, window, [present_held(each) for each in found])


OPERATIONS: Final = (
    offer("GET /api/v2/tag/", index, "[Tag]", Caller.ANYONE),
    offer("POST /api/v2/tag/", create, "Tag"),
    offer("GET /api/v2/tag/search/", search, "[Tag]"),
    offer("GET /api/v2/tag/user/search/", search, "[Tag]"),
    offer("GET /api/v2/tag/user/", index_users, "[User]"),
    offer("GET /api/v2/tag/category/", index_categories, "[Category]"),
    offer("GET /api/v2/tag/contribution/", index_contributions, "[Status]"),
    offer("GET /api/v2/tag/{id}/", show, "Tag", Caller.ANYONE),
    offer("PUT /api/v2/tag/{id}/", replace, "Tag"),
    offer("PATCH /api/v2/tag/{id}/", update, "Tag"),
    offer("POST /api/v2/tag/{id}/assign/", assign, ""),
    offer("POST /api/v2/tag/{id}/add/", add, ""),
    offer("POST /api/v2/tag/{id}/remove/", remove, ""),
    offer("GET /api/v2/user/tag/tags_to_address_a_contribution/", index_addressable, "[Tag]"),
    offer("GET /api/v2/user/{id}/tags/", index_of_user, "[Tag]"),
)
