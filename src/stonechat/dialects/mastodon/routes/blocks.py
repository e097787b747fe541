"""Blocks, mutes and blocked domains: the lists of them, and blocking a domain."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.blocks import splice_mute
from stonechat.dialects.mastodon.forms.relationships import read_domain
from stonechat.dialects.mastodon.routes.accounts import answer_people
from stonechat.domain import limits
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.services import blocks

DOMAINS_PAGE: Final = (100, 200)


async def index_blocks(call: MastodonCall) -> Answer:
    """Whom the viewer blocks."""
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    return await answer_people(call, await blocks.list_blocks(call.env, call.viewer, cursor))


async def index_mutes(call: MastodonCall) -> Answer:
    """Whom the viewer mutes, each with the end of the mute."""
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    page, ends = await blocks.list_mutes(call.env, call.viewer, cursor)
    rendered = await call.room.accounts(page.items)
    muted = [splice_mute(rendered[account_id], ends[account_id]) for account_id in page.items]
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, previous="since_id")
    return Answer(b"[" + b",".join(muted) + b"]", headers=links)


async def index_domains(call: MastodonCall) -> Answer:
    """Which domains the viewer blocks."""
    cursor = read_cursor(call.parameters, DOMAINS_PAGE, has_min=False)
    page = await blocks.list_domains(call.env, call.viewer, cursor)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, previous="since_id")
    return Answer(page.items, headers=links)


async def block_domain(call: MastodonCall) -> Answer:
    """Block a domain."""
    await blocks.block_domain(call.env, call.viewer, read_domain(call.parameters))
    return Answer({})


async def unblock_domain(call: MastodonCall) -> Answer:
    """Lift the block of a domain."""
    await blocks.unblock_domain(call.env, call.viewer, read_domain(call.parameters))
    return Answer({})


_DOMAINS: Final = "/api/v1/domain_blocks"

OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/blocks", index_blocks, "[Account]", scope="read:blocks"),
    MastodonOperation("GET", "/api/v1/mutes", index_mutes, "[MutedAccount]", scope="read:mutes"),
    MastodonOperation("GET", _DOMAINS, index_domains, "[String]", scope="read:blocks"),
    MastodonOperation("POST", _DOMAINS, block_domain, "{}", scope="write:blocks"),
    MastodonOperation("DELETE", _DOMAINS, unblock_domain, "{}", scope="write:blocks"),
)
