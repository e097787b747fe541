"""Webhooks: addresses that are told of one status, or of all that the caller is told."""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.entities.telling import (
    present_hook,
    present_hooks,
    present_message,
    present_messages,
    present_new_hook,
)
from stonechat.dialects.stativate.forms.sharing import read_url
from stonechat.dialects.stativate.names import ensure_owner
from stonechat.dialects.stativate.pages import link_next, read_cursor, read_limit, read_query
from stonechat.domain import limits
from stonechat.domain.ids import WebhookId
from stonechat.domain.webhooks import Webhook
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import NO_UPPER, Cursor
from stonechat.services import webhooks
from stonechat.services.beacons import Name


async def _scope(call: StativateCall) -> Name | None:
    """The status that the path names; None where it is about the caller's own notices."""
    return await ensure_owner(call) if "status_id" in call.path else None


async def _see(call: StativateCall) -> Webhook:
    name = await _scope(call)
    found = await webhooks.see_webhook(call.env, call.viewer, WebhookId(call.path_id("hook_id")))
    if found.beacon_id != (None if name is None else name.id):
        raise NotFound
    return found


async def index(call: StativateCall) -> Answer:
    """The webhooks, and how they do."""
    found = await webhooks.list_webhooks(call.env, call.viewer, await _scope(call))
    return Answer(present_hooks(found))


async def create(call: StativateCall) -> Answer:
    """Make a webhook; the secret that signs what it gets stands in this answer alone."""
    name = await _scope(call)
    url = read_url(await read_fields(call))
    made = await webhooks.create_webhook(call.env, call.viewer, name, url)
    return Answer(present_new_hook(made), 201)


async def destroy(call: StativateCall) -> Answer:
    """Take a webhook away."""
    await webhooks.delete_webhook(call.env, call.viewer, (await _see(call)).id)
    return Answer(b"", 204)


async def enable(call: StativateCall) -> Answer:
    """Let a webhook that was given up be tried again, with all that waits for it."""
    found = await webhooks.enable_webhook(call.env, call.viewer, (await _see(call)).id)
    return Answer(present_hook(found))


async def test(call: StativateCall) -> Answer:
    """Send a message that means nothing."""
    sent = await webhooks.test_webhook(call.env, call.viewer, (await _see(call)).id)
    return Answer(present_message(sent), 201)


async def index_messages(call: StativateCall) -> Answer:
    """What was, or is to be, sent to a webhook, the newest first."""
    found, query = await _see(call), read_query(call)
    limit = read_limit(query, limits.BEACON_NOTICES_PAGE)
    cursor = Cursor(limit, below=read_cursor(query) or NO_UPPER)
    page = await webhooks.list_deliveries(call.env, call.viewer, found.id, cursor)
    headers = link_next(call, page.last_id if page.is_full else None, limit)
    return Answer(present_messages(page.items), headers=headers)


OPERATIONS: Final = tuple(
    each
    for path in ("/v1/status/{status_id}/webhooks", "/v1/user/webhooks")
    for each in (
        offer(f"GET {path}", index, "[Hook]", READ),
        offer(f"POST {path}", create, "Hook", WRITE),
        offer(f"DELETE {path}/{{hook_id}}", destroy, "-", WRITE),
        offer(f"GET {path}/{{hook_id}}/messages", index_messages, "[Message]", READ),
        offer(f"POST {path}/{{hook_id}}/enable", enable, "Hook", WRITE),
        offer(f"POST {path}/{{hook_id}}/test", test, "Message", WRITE),
    )
)
