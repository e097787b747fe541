"""Returns: an account comes back, and what its beacons left undone meanwhile is taken up.

While it is suspended its beacons are absent: jobs that come to them find nothing, and end. What
waits for its webhooks, and values that nobody confirmed in time, would then be told of only after
the next change. What was neither due nor waiting has its jobs still.
"""

from collections.abc import Mapping
from typing import Final

from stonechat.domain.ids import AccountId, BeaconId, WebhookId
from stonechat.services.beacons import go_stale
from stonechat.services.env import Env
from stonechat.services.webhook_deliveries import enqueueing
from stonechat.storage import jobs, returns
from stonechat.storage.database import Transaction
from stonechat.storage.statuses import Statement

TAKE_UP_JOB: Final = "take_up_account"
ROWS_AT_ONCE: Final = 200


def taking_up(env: Env, account_id: AccountId) -> Statement:
    """The statement that leaves a job to take up what an account's beacons left undone."""
    payload, now_ms = {"account_id": account_id}, env.clock.now_ms()
    return jobs.enqueueing(env.ids.next_id(), TAKE_UP_JOB, payload, now_ms)


async def take_up(env: Env, payload: Mapping[str, object]) -> None:
    """Go on sending to the webhooks of an account, and tell which of its beacons are stale."""
    account_id = AccountId(int(str(payload["account_id"])))
    await _go_on_sending(env, account_id)
    last = (0, BeaconId(""))
    while page := await returns.list_overdue(
        env.db, account_id, last, env.clock.now_ms(), ROWS_AT_ONCE
    ):
        for _, beacon_id in page:
            # Not by a job with the key of its own: that one may stand for a later change.
            await go_stale(env, {"beacon_id": beacon_id})
        last = page[-1]


async def _go_on_sending(env: Env, account_id: AccountId) -> None:
    last = WebhookId(0)
    while page := await returns.list_waiting(env.db, account_id, last, ROWS_AT_ONCE):

        async def work(tx: Transaction, ids: list[WebhookId] = page) -> None:
            for webhook_id in ids:
                await tx.run_all(enqueueing(env, webhook_id))

        await env.db.write(work)
        last = page[-1]
    env.wake_jobs()
