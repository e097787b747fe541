"""Search, in its present and its first form."""

from typing import Final

import msgspec

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.search import OldSearch, Search
from stonechat.dialects.mastodon.entities.tags import present_tag
from stonechat.dialects.mastodon.forms.search import read_search
from stonechat.domain.tags import TagView
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services.search import search as find


async def _search(call: MastodonCall) -> tuple[msgspec.Raw, msgspec.Raw, list[TagView]]:
    query = read_search(call.parameters, call.viewer)
    found = await find(call.env, call.viewer, query)
    accounts = await call.room.account_list(found.accounts)
    statuses = await call.room.status_list(call.viewer, found.statuses)
    return msgspec.Raw(accounts), msgspec.Raw(statuses), found.tags


async def search(call: MastodonCall) -> Answer:
    """Accounts, statuses and tags."""
    accounts, statuses, tags = await _search(call)
    base_url = call.env.settings.base_url
    return Answer(Search(accounts, statuses, [present_tag(tag, base_url) for tag in tags]))


async def old_search(call: MastodonCall) -> Answer:
    """The same for clients from before 2.4."""
    accounts, statuses, tags = await _search(call)
    return Answer(OldSearch(accounts, statuses, [tag.name for tag in tags]))


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v2/search", search, "Search", Caller.ANYONE, "read:search"),
    MastodonOperation("GET", "/api/v1/search", old_search, "Search", scope="read:search"),
)
