"""Links and write tokens: what an owner hands out, and takes back."""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.entities.sharing import (
    present_link,
    present_links,
    present_new_token,
    present_tokens,
)
from stonechat.dialects.stativate.forms.sharing import read_label, read_link
from stonechat.dialects.stativate.names import ensure_owner
from stonechat.domain.beacons import read_address
from stonechat.domain.ids import TokenId
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import beacon_links, beacon_tokens
from stonechat.services.beacons import Name


async def index(call: StativateCall) -> Answer:
    """The private links that are good."""
    name = await ensure_owner(call)
    found = await beacon_links.list_links(call.env, call.viewer, name)
    return Answer(present_links(found, call.env.settings.base_url))


async def create(call: StativateCall) -> Answer:
    """Make a private link."""
    name = await ensure_owner(call)
    order = read_link(await read_fields(call))
    made = await beacon_links.create_link(
        call.env,
        call.viewer,
        name,
        label=order.label,
        days=order.days,
        expires_ms=order.expires_ms,
    )
    return Answer(present_link(made, call.env.settings.base_url), 201)


async def rotate(call: StativateCall) -> Answer:
    """Give a link another address; the one of before leads nowhere from then on."""
    name = await ensure_owner(call)
    made = await beacon_links.rotate_link(call.env, call.viewer, name, _secret(call, name))
    return Answer(present_link(made, call.env.settings.base_url))


async def destroy(call: StativateCall) -> Answer:
    """End a link. Who came by it keeps their role."""
    name = await ensure_owner(call)
    await beacon_links.end_link(call.env, call.viewer, name, _secret(call, name))
    return Answer(b"", 204)


def _secret(call: StativateCall, name: Name) -> str:
    address = read_address(call.path["link_id"])
    if address.id != name.id or address.secret is None:
        raise NotFound
    return address.secret


async def index_tokens(call: StativateCall) -> Answer:
    """The write tokens of a status."""
    name = await ensure_owner(call)
    return Answer(present_tokens(await beacon_tokens.list_tokens(call.env, call.viewer, name)))


async def create_token(call: StativateCall) -> Answer:
    """Make a write token; its secret stands in this answer and nowhere else."""
    name = await ensure_owner(call)
    label = read_label(await read_fields(call))
    made = await beacon_tokens.create_token(call.env, call.viewer, name, label)
    return Answer(present_new_token(made), 201)


async def revoke_token(call: StativateCall) -> Answer:
    """Revoke a write token."""
    name = await ensure_owner(call)
    token_id = TokenId(call.path_id("token_id"))
    await beacon_tokens.revoke_token(call.env, call.viewer, name, token_id)
    return Answer(b"", 204)


_LINKS: Final = "/v1/status/{status_id}/links"
_TOKENS: Final = "/v1/status/{status_id}/tokens"
OPERATIONS: Final = (
    offer(f"GET {_LINKS}", index, "[Link]", READ),
    offer(f"POST {_LINKS}", create, "Link", WRITE),
    offer(f"POST {_LINKS}/{{link_id}}", rotate, "Link", WRITE),
    offer(f"DELETE {_LINKS}/{{link_id}}", destroy, "-", WRITE),
    offer(f"GET {_TOKENS}", index_tokens, "[WriteToken]", READ),
    offer(f"POST {_TOKENS}", create_token, "WriteToken", WRITE),
    offer(f"DELETE {_TOKENS}/{{token_id}}", revoke_token, "-", WRITE),
)
