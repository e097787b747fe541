"""Webhooks: who may make them, where they may lead, how many there are, and how they go."""

from typing import LiteralString

import pytest

from stonechat.domain import limits
from stonechat.domain.ids import WebhookId
from stonechat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from stonechat.kernel.paging import Cursor
from stonechat.services import beacon_roles, beacons, webhooks
from stonechat.services.beacons import Name
from stonechat.storage import webhooks as rows
from tests.contract.api import Api
from tests.contract.operate.towns import count
from tests.contract.receivers import URL, beacon, run, set_value, viewer

KEPT: LiteralString = "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1"


async def test_the_owner_alone_has_webhooks_on_a_beacon(api: Api) -> None:
    """S065, S069: what is private is absent for strangers; updaters may set the value alone."""
    ada, ben, eve = [await viewer(api, name) for name in ("ada", "ben", "eve")]
    view = await beacon(api, ada)
    name = Name(view.beacon.id)
    await beacon_roles.give_role(api.env, ada, name, "ben", "updater")
    for who, refusal in ((ben, NotAllowed), (eve, NotFound)):
        with pytest.raises(refusal):
            await webhooks.create_webhook(api.env, who, name, URL)
        with pytest.raises(refusal):
            await webhooks.list_webhooks(api.env, who, name)
    made = await webhooks.create_webhook(api.env, ada, name, URL)
    own = await webhooks.create_webhook(api.env, ada, None, URL)
    assert await webhooks.list_webhooks(api.env, ada, name) == [made.webhook]
    assert await webhooks.list_webhooks(api.env, ada, None) == [own.webhook]
    assert await webhooks.list_webhooks(api.env, ben, None) == []
    for webhook_id in (made.webhook.id, WebhookId(1)):
        for verb in (
            webhooks.see_webhook(api.env, ben, webhook_id),
            webhooks.delete_webhook(api.env, ben, webhook_id),
            webhooks.enable_webhook(api.env, ben, webhook_id),
            webhooks.test_webhook(api.env, ben, webhook_id),
            webhooks.list_deliveries(api.env, ben, webhook_id, Cursor(20)),
        ):
            with pytest.raises(NotFound):
                await verb
    for secret in (made.secret, URL):
        assert secret not in repr(made)


@pytest.mark.parametrize("is_of_beacon", [True, False])
async def test_there_is_a_bound_on_webhooks(
    api: Api, monkeypatch: pytest.MonkeyPatch, *, is_of_beacon: bool
) -> None:
    monkeypatch.setattr(limits, "BEACON_WEBHOOKS_MAX", 2)
    ada = await viewer(api, "ada")
    name = Name((await beacon(api, ada)).beacon.id) if is_of_beacon else None
    made = [await webhooks.create_webhook(api.env, ada, name, URL) for _ in range(2)]
    with pytest.raises(InvalidInput):
        await webhooks.create_webhook(api.env, ada, name, URL)
    await webhooks.delete_webhook(api.env, ada, made[0].webhook.id)
    await webhooks.create_webhook(api.env, ada, name, URL)


async def test_one_that_is_deleted_leaves_nothing(api: Api) -> None:
    ada = await viewer(api, "ada")
    view = await beacon(api, ada)
    made = await webhooks.create_webhook(api.env, ada, Name(view.beacon.id), URL)
    own = await webhooks.create_webhook(api.env, ada, None, URL)
    await set_value(api.env, ada, view, "OPEN")
    await run(api.env)
    kept = [await count(api.env.db, KEPT, each.webhook.id) for each in (made, own)]
    assert kept == [1, 1]
    await webhooks.delete_webhook(api.env, ada, made.webhook.id)
    await webhooks.delete_webhook(api.env, ada, own.webhook.id)
    await run(api.env)
    kept = [await count(api.env.db, KEPT, each.webhook.id) for each in (made, own)]
    assert kept == [0, 0]
    api.clock.move(days=1)
    await run(api.env)
    await beacons.delete_beacon(api.env, ada, Name(view.beacon.id))


async def test_one_that_was_given_up_is_not_tried_out(api: Api) -> None:
    ada = await viewer(api, "ada")
    made = await webhooks.create_webhook(api.env, ada, None, URL)
    webhook_id = made.webhook.id
    await api.env.db.write(lambda tx: rows.disable(tx, webhook_id, 1, "as a test wants it"))
    with pytest.raises(Conflict):
        await webhooks.test_webhook(api.env, ada, webhook_id)
