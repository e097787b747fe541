"""Webhooks: addresses that are told of one beacon, or of everything that a person is told.

Both pages are the same but for what the webhooks are of. The secret that signs what is sent is
shown once, in the answer that makes the webhook.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import BeaconView
from stonechat.domain.ids import WebhookId
from stonechat.domain.webhooks import NewWebhook, Webhook
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor
from stonechat.services import webhooks
from stonechat.services.beacons import Name
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    ensure_sure,
    is_first,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.webhooks import WebhookLine, present_webhook
from stonechat.web.desk.routes.beacons import find_own, name_of, present

OWN: Final = "/beacons/webhooks"
OF_BEACON: Final = "/beacons/{id}/webhooks"
_DELIVERIES: Final = Cursor(10)


async def show_webhooks(call: DeskCall, person: Person) -> Answer:
    """The webhooks of a beacon, or of the person's notices."""
    return await _show(call, person, NOTHING_REFUSED)


async def _show(
    call: DeskCall, person: Person, refused: Refused, new: NewWebhook | None = None
) -> Answer:
    view = await _find_beacon(call, person)
    name = None if view is None else Name(view.beacon.id)
    found = await webhooks.list_webhooks(call.env, person.viewer, name)
    values = {
        "beacon": None if view is None else present(call, view),
        "webhooks": [await _present(call, person, each) for each in found],
        "new": None if new is None else (new.webhook.url, new.secret),
        "trying_hours": limits.WEBHOOK_TRYING_HOURS,
        "url_max": limits.WEBHOOK_URL_CHARACTERS_MAX,
    }
    return show(call, person, "webhooks.html", values, refused)


async def _find_beacon(call: DeskCall, person: Person) -> BeaconView | None:
    return await find_own(call, person) if "id" in call.path else None


async def _present(call: DeskCall, person: Person, webhook: Webhook) -> WebhookLine:
    # Of at most BEACON_WEBHOOKS_MAX webhooks: a statement for each.
    page = await webhooks.list_deliveries(call.env, person.viewer, webhook.id, _DELIVERIES)
    return present_webhook(webhook, page.items)


async def change_webhooks(call: DeskCall, person: Person) -> Answer:
    """Make one, try it, enable it again, take it away."""
    # Rights before bounds.
    await _find_beacon(call, person)
    acts = {"make": _make, "test": _test, "enable": _enable, "delete": _delete}
    return await act(call, person, acts, _show)


def _back(call: DeskCall) -> Answer:
    return see(f"/beacons/{name_of(call).id}/webhooks" if "id" in call.path else OWN)


async def _make(call: DeskCall, person: Person) -> Answer:
    name = name_of(call) if "id" in call.path else None
    url = read(call, "url").strip()
    if not await is_first(call, person):
        return _back(call)
    new = await webhooks.create_webhook(call.env, person.viewer, name, url)
    return await _show(call, person, NOTHING_REFUSED, new)


async def _find(call: DeskCall, person: Person) -> WebhookId:
    """The webhook that the form names, if it is one of those on this page."""
    webhook_id = WebhookId(call.parameters.identifier("webhook") or 0)
    found = await webhooks.see_webhook(call.env, person.viewer, webhook_id)
    if found.beacon_id != (name_of(call).id if "id" in call.path else None):
        raise NotFound
    return found.id


async def _test(call: DeskCall, person: Person) -> Answer:
    webhook_id = await _find(call, person)
    if await is_first(call, person):
        await webhooks.test_webhook(call.env, person.viewer, webhook_id)
    return _back(call)


async def _enable(call: DeskCall, person: Person) -> Answer:
    await webhooks.enable_webhook(call.env, person.viewer, await _find(call, person))
    return _back(call)


async def _delete(call: DeskCall, person: Person) -> Answer:
    ensure_sure(call)
    if await is_first(call, person):
        await webhooks.delete_webhook(call.env, person.viewer, await _find(call, person))
    return _back(call)


OPERATIONS: Final = (
    desk("GET", OWN, show_webhooks),
    desk("POST", OWN, change_webhooks),
    desk("GET", OF_BEACON, show_webhooks),
    desk("POST", OF_BEACON, change_webhooks),
)
