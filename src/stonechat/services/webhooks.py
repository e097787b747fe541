"""Webhooks: making, seeing, trying out and taking away addresses that are told what happens.

Whoever owns a beacon may have webhooks on it; everybody may have some for their own notices. What
they get is left in services/webhook_deliveries by the transaction of what happened, and sent there.
"""

from stonechat.domain import limits
from stonechat.domain.beacons import OWNER, ensure_role
from stonechat.domain.ids import WebhookId
from stonechat.domain.viewers import Viewer
from stonechat.domain.webhooks import (
    TEST_EVENT,
    Delivery,
    NewWebhook,
    Webhook,
    new_signing_secret,
    read_url,
    write_test,
)
from stonechat.kernel.errors import Conflict, InvalidInput, NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import beacons
from stonechat.services.beacons import Name
from stonechat.services.env import Env
from stonechat.services.webhook_deliveries import enqueueing, forgetting
from stonechat.storage import accounts, webhook_deliveries, webhooks
from stonechat.storage.database import Transaction


async def create_webhook(env: Env, viewer: Viewer, name: Name | None, url: str) -> NewWebhook:
    """A webhook on a beacon of the viewer's, or with None for their own notices."""
    address = read_url(url, env.settings.domain)
    secret = new_signing_secret()

    async def work(tx: Transaction) -> Webhook:
        beacon_id = None
        if name is None:
            await accounts.lock(tx, viewer.account_id)
        else:
            view = await beacons.hold(env, tx, viewer, name, OWNER)
            beacon_id = view.beacon.id
        if await webhooks.count(tx, viewer.account_id, beacon_id) >= limits.BEACON_WEBHOOKS_MAX:
            most = limits.BEACON_WEBHOOKS_MAX
            raise InvalidInput(
                f"There may be {most} webhooks at most", field="url", rule="too_many"
            )
        made = Webhook(
            WebhookId(env.ids.next_id()),
            viewer.account_id,
            beacon_id,
            address,
            env.clock.now_ms(),
        )
        await webhooks.insert(tx, made, secret)
        return made

    return NewWebhook(await env.db.write(work), secret)


async def list_webhooks(env: Env, viewer: Viewer, name: Name | None) -> list[Webhook]:
    """The webhooks on a beacon of the viewer's, or with None those for their own notices."""
    if name is None:
        return await webhooks.list_of(env.db, viewer.account_id, None)
    view = ensure_role(await beacons.see_own(env, viewer, name), OWNER)
    return await webhooks.list_of(env.db, viewer.account_id, view.beacon.id)


async def see_webhook(env: Env, viewer: Viewer, webhook_id: WebhookId) -> Webhook:
    """One webhook that the viewer made."""
    found = await webhooks.find(env.db, viewer.account_id, webhook_id)
    if found is None:
        raise NotFound
    return found


async def list_deliveries(
    env: Env, viewer: Viewer, webhook_id: WebhookId, cursor: Cursor
) -> Page[Delivery]:
    """What was, or is to be, sent to a webhook of the viewer's, the newest first."""
    await see_webhook(env, viewer, webhook_id)
    found = await webhook_deliveries.list_page(env.db, webhook_id, cursor)
    if not found:
        return Page(())
    return Page(found, found[0].id, found[-1].id, len(found) == cursor.limit)


async def delete_webhook(env: Env, viewer: Viewer, webhook_id: WebhookId) -> None:
    """Take a webhook away: nothing more is sent there, nor kept of what was."""

    async def work(tx: Transaction) -> None:
        if not await webhooks.delete(tx, viewer.account_id, webhook_id):
            raise NotFound
        await tx.run_all(*forgetting(env, webhook_id))

    await env.db.write(work)
    env.wake_jobs()


async def enable_webhook(env: Env, viewer: Viewer, webhook_id: WebhookId) -> Webhook:
    """Let a webhook that was given up be tried again, with everything that waits for it.

    One that is merely failing is tried at once.
    """

    async def work(tx: Transaction) -> Webhook:
        if not await webhooks.enable(tx, viewer.account_id, webhook_id):
            raise NotFound
        found = await webhooks.find(tx, viewer.account_id, webhook_id)
        assert found is not None
        await tx.run_all(enqueueing(env, webhook_id))
        return found

    enabled = await env.db.write(work)
    env.wake_jobs()
    return enabled


async def test_webhook(env: Env, viewer: Viewer, webhook_id: WebhookId) -> Delivery:
    """Send a message that means nothing. It waits for its turn like any other, which is now.

    Conflict where the webhook was given up, or where too much waits for it.
    """

    async def work(tx: Transaction) -> Delivery:
        found = await webhooks.find(tx, viewer.account_id, webhook_id)
        if found is None:
            raise NotFound
        if found.is_disabled:
            raise Conflict("The webhook was given up: enable it first")
        queue = await webhook_deliveries.find_queue(tx, webhook_id)
        if queue.waiting >= limits.WEBHOOK_WAITING_MAX:
            raise Conflict("Too much waits for this webhook")
        now_ms = env.clock.now_ms()
        delivery_id = max(env.ids.next_id(), queue.newest_id + 1)
        made = Delivery(delivery_id, TEST_EVENT, write_test(delivery_id, now_ms), now_ms)
        await webhooks.hurry(tx, webhook_id)
        await tx.run_all(
            webhook_deliveries.inserting(webhook_id, made), enqueueing(env, webhook_id)
        )
        return made

    made = await env.db.write(work)
    env.wake_jobs()
    return made
