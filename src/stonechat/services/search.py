"""Search: accounts and tags by their beginnings, and things of this server by their address.

Statuses are found by their address alone as yet; a search for words in them gives none.
"""

from dataclasses import dataclass, field
from typing import Final

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.search import (
    SearchQuery,
    is_address,
    order_tags,
    read_address,
    read_tag_beginning,
)
from stonechat.domain.tags import TagView
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.services import views
from stonechat.services.accounts import SearchAccounts, search_accounts
from stonechat.services.env import Env
from stonechat.services.tags import see_tags
from stonechat.storage import accounts, tags

TAG_CANDIDATES_MAX: Final = 80
"""How many tags with the same beginning are put in order by their use."""


@dataclass(slots=True)
class Found:
    """What a search found, by kind."""

    accounts: list[AccountId] = field(default_factory=list[AccountId])
    statuses: list[Glance] = field(default_factory=list[Glance])
    tags: list[TagView] = field(default_factory=list[TagView])


async def search(env: Env, viewer: Viewer, query: SearchQuery) -> Found:
    """What a viewer may find under what they typed."""
    if query.resolves and is_address(query.text):
        return await _at_address(env, viewer, query)
    found = Found()
    if "accounts" in query.kinds and not query.text.startswith("#"):
        wanted = SearchAccounts(query.text, query.limit, query.offset, query.only_followed)
        found.accounts = await search_accounts(env, viewer, wanted)
    if "hashtags" in query.kinds:
        found.tags = await _tags(env, viewer, query)
    return found


async def _tags(env: Env, viewer: Viewer, query: SearchQuery) -> list[TagView]:
    beginning = read_tag_beginning(query.text)
    if beginning is None:
        return []
    names = await tags.list_beginning(env.db, beginning, TAG_CANDIDATES_MAX)
    found = order_tags(await see_tags(env, viewer, names), beginning)
    return found[query.offset : query.offset + query.limit]


async def _at_address(env: Env, viewer: Viewer, query: SearchQuery) -> Found:
    address = read_address(query.text, env.settings.domain)
    if address is None:
        return Found()
    if address.status_id is not None:
        return Found(statuses=await _status(env, viewer, query, address.status_id))
    if address.username is None or "accounts" not in query.kinds:
        return Found()
    account = await accounts.find_by_handle(env.db, address.username)
    if account is None or account.state not in PRESENT_STATES:
        return Found()
    return Found(accounts=[account.id])


async def _status(
    env: Env, viewer: Viewer, query: SearchQuery, status_id: StatusId
) -> list[Glance]:
    if "statuses" not in query.kinds:
        return []
    return await views.glance_statuses(env.db, viewer.account_id, [status_id])
