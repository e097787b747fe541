"""Deliveries: what webhooks are to be told is left where it happens, and sent by jobs.

A delivery stands in the database together with its cause. To send to a webhook, a job takes it, so
that one holder at a time sends, strictly in order: what comes behind a failure waits until that was
heard, or the webhook is given up. Each delivery is marked when it has arrived, and only by who
holds the webhook: a receiver gets it twice only where its answer, or our note of it, was lost,
and then under the same id.

A newcomer would let a job that finds the webhook held end in peace. The holder may be dead, or be
about to let go without having seen what is new. So such a job comes again when the hold ends, and
a holder looks once more after letting go.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from stonechat.domain import limits
from stonechat.domain.beacon_notices import News
from stonechat.domain.beacons import Beacon
from stonechat.domain.ids import AccountId, BeaconId, WebhookId
from stonechat.domain.webhooks import (
    DELIVER_JOB,
    EVENTS,
    FORGET_JOB,
    GONE,
    TOO_MANY,
    TRYING_MS,
    Delivery,
    sign,
    wait_ms,
    write_body,
)
from stonechat.kernel.secrets import new_secret
from stonechat.outgoing.errors import Garbled, OutgoingError, Overdue, Oversized, Refused
from stonechat.outgoing.messages import Bounds
from stonechat.services.env import Env
from stonechat.storage import jobs, webhook_deliveries, webhooks
from stonechat.storage.database import Transaction
from stonechat.storage.idioms import IN_MAX
from stonechat.storage.statuses import Statement
from stonechat.storage.webhooks import Failure, Hold, Taken

HOLD_MS: Final = 30_000
"""A holder who says nothing for so long is succeeded."""
LOOK_EVERY_MS: Final = 10_000
"""Those who find a webhook held come again together, at multiples of this."""
SENT_AT_ONCE_MAX: Final = 100
"""By one job; another one goes on, so that other webhooks get their turn."""
TURN_MS: Final = 15_000
"""A job that has sent for so long ends likewise: a slow receiver takes its time, not our place."""
READ_AT_ONCE: Final = 20
ROWS_AT_ONCE: Final = 500
_POST_MS: Final = round(limits.WEBHOOK_SECONDS_MAX * 1000)
BOUNDS: Final = Bounds(limits.WEBHOOK_SECONDS_MAX, body_bytes_max=1024, is_cut=True)
_WORDS: Final[Mapping[type[OutgoingError], str]] = {
    Refused: "an address that may not be gone to",
    Overdue: "no answer in time",
    Oversized: "an answer that is too long",
    Garbled: "an answer that cannot be read",
}
_CHANCES: Final = 1000
APART: Final = 4096
"""So many ids lie in a millisecond."""

_log: Final = structlog.stdlib.get_logger()


# Leaving -------------------------------------------------------------------------------------


async def leave(
    env: Env,
    tx: Transaction,
    news: News,
    told: Sequence[AccountId],
    *,
    of_beacon: Beacon | None = None,
) -> None:
    """Leave what the webhooks of a beacon, and of those who were told, are to be sent.

    In the transaction of what happened. One statement where nobody has a webhook.
    """
    if of_beacon is None and not told:
        return
    beacon_id = None if of_beacon is None else of_beacon.id
    ears = await webhooks.list_hearing(tx, beacon_id, told[:IN_MAX])
    for start in range(IN_MAX, len(told), IN_MAX):
        ears += await webhooks.list_hearing(tx, None, told[start : start + IN_MAX])
    # In one order for all, so that no two wait for each other.
    for ear in sorted(ears):
        await _leave_one(env, tx, news, ear.id, None if ear.beacon_id is None else of_beacon)


async def _leave_one(
    env: Env, tx: Transaction, news: News, webhook_id: WebhookId, owned: Beacon | None
) -> None:
    queue = await webhook_deliveries.find_queue(tx, webhook_id)
    if queue.waiting >= limits.WEBHOOK_WAITING_MAX:
        await webhooks.disable(tx, webhook_id, env.clock.now_ms(), TOO_MANY)
        _log.info("webhook.disabled", webhook_id=webhook_id, reason=TOO_MANY)
        return
    # Several beacons may leave something for one account in the same moment.
    above = queue.newest_id + 1 + secrets.randbelow(APART)
    delivery_id = news.id if news.id > queue.newest_id else above
    body = write_body(news, delivery_id, env.settings.base_url, owned)
    delivery = Delivery(delivery_id, EVENTS[news.kind], body, news.made_ms)
    await tx.run_all(
        webhook_deliveries.inserting(webhook_id, delivery), enqueueing(env, webhook_id)
    )


def enqueueing(env: Env, webhook_id: WebhookId) -> Statement:
    """The statement that leaves a job to send what waits for a webhook."""
    payload = {"webhook_id": webhook_id}
    return jobs.enqueueing(env.ids.next_id(), DELIVER_JOB, payload, env.clock.now_ms())


async def end_webhooks(env: Env, tx: Transaction, beacon_id: BeaconId) -> None:
    """A beacon goes: those of its webhooks that were given up go with it.

    The others go when they were told of it.
    """
    for webhook_id in await webhooks.delete_disabled(tx, beacon_id):
        await tx.run_all(*forgetting(env, webhook_id))


def forgetting(env: Env, webhook_id: WebhookId) -> list[Statement]:
    """The statements that leave nothing of a webhook that is no more."""
    payload = {"webhook_id": webhook_id}
    return [
        jobs.dropping(_retry_key(webhook_id)),
        jobs.enqueueing(env.ids.next_id(), FORGET_JOB, payload, env.clock.now_ms()),
    ]


async def forget_deliveries(env: Env, payload: Mapping[str, object]) -> None:
    """Take away what was, or was to be, sent to a webhook that is no more."""
    webhook_id = _webhook_id(payload)
    while await env.db.write(
        lambda tx: webhook_deliveries.delete_some(tx, webhook_id, ROWS_AT_ONCE)
    ):
        pass


def _webhook_id(payload: Mapping[str, object]) -> WebhookId:
    return WebhookId(int(str(payload["webhook_id"])))


def _retry_key(webhook_id: WebhookId) -> str:
    return f"{DELIVER_JOB}:{webhook_id}"


# Sending -------------------------------------------------------------------------------------


async def deliver_webhook(env: Env, payload: Mapping[str, object]) -> None:
    """Send what waits for a webhook, unless somebody else is at it."""
    webhook_id, total = _webhook_id(payload), 0
    end_ms = env.clock.now_ms() + TURN_MS
    while total < SENT_AT_ONCE_MAX and env.clock.now_ms() < end_ms:
        sent = await _take_turn(env, webhook_id, end_ms)
        # Something may have been left after our last look, by who found us still at it.
        if sent is None or not await webhook_deliveries.list_waiting(env.db, webhook_id, 1):
            return
        total += sent
    await env.db.write(lambda tx: tx.run_all(enqueueing(env, webhook_id)))
    env.wake_jobs()


async def _take_turn(env: Env, webhook_id: WebhookId, end_ms: int) -> int | None:
    """Hold a webhook and send what waits; how much that was, or None where there is no more to do.

    Which is so where somebody else holds it, and where it failed: then it is tried later.
    """
    hold = Hold(new_secret(), env.clock.now_ms() + HOLD_MS)
    taken = await env.db.write(lambda tx: _take(env, tx, webhook_id, hold))
    if taken is None:
        return None
    sent = 0
    while env.clock.now_ms() < end_ms and (room := min(SENT_AT_ONCE_MAX - sent, READ_AT_ONCE)):
        waiting = await webhook_deliveries.list_waiting(env.db, webhook_id, room)
        if not waiting:
            break
        for delivery in waiting:
            renewed = await _send(env, taken, hold, delivery)
            if renewed is None:
                return None
            hold, taken, sent = renewed, taken._replace(tries=0, failing_ms=None), sent + 1
            if env.clock.now_ms() >= end_ms:
                break
    await env.db.write(lambda tx: _release(env, tx, taken, hold.holder))
    return sent


async def _take(env: Env, tx: Transaction, webhook_id: WebhookId, hold: Hold) -> Taken | None:
    now_ms = env.clock.now_ms()
    taken = await webhooks.take(tx, webhook_id, hold, now_ms)
    if taken is None:
        until_ms = await webhooks.find_wait_ms(tx, webhook_id)
        if until_ms > now_ms:
            # Of all who find it so for a while, one comes again. It may have been that one's turn.
            run_ms = until_ms - until_ms % LOOK_EVERY_MS + LOOK_EVERY_MS
            await tx.run_all(_moving(env, webhook_id, run_ms, f":{run_ms}"))
    return taken


def _moving(env: Env, webhook_id: WebhookId, run_ms: int, key_end: str = "") -> Statement:
    payload, key = {"webhook_id": webhook_id}, _retry_key(webhook_id) + key_end
    return jobs.moving(env.ids.next_id(), DELIVER_JOB, payload, run_ms, key)


async def _release(env: Env, tx: Transaction, taken: Taken, holder: str) -> None:
    if taken.beacon_id is not None and await webhooks.delete_done(tx, taken.id, holder):
        await tx.run_all(*forgetting(env, taken.id))
    else:
        await webhooks.release(tx, taken.id, holder)


async def _send(env: Env, taken: Taken, hold: Hold, delivery: Delivery) -> Hold | None:
    """Send one; the hold for the next one, or None where nothing more may be sent now."""
    if env.clock.now_ms() > hold.until_ms - _POST_MS:
        # We were held up: by the time that it is sent somebody else may be sending it.
        await env.db.write(lambda tx: _give_back(env, tx, taken, hold.holder))
        env.wake_jobs()
        return None
    outcome = await _post(env, taken, delivery)
    if outcome.error is not None:
        await _fail(env, taken, hold.holder, outcome)
        return None
    assert outcome.status is not None
    status, now_ms = outcome.status, env.clock.now_ms()
    renewed = Hold(hold.holder, now_ms + HOLD_MS)

    async def work(tx: Transaction) -> bool:
        kept = await webhooks.keep(tx, taken.id, renewed, now_ms, status)
        if kept.is_held:
            await webhook_deliveries.mark(tx, taken.id, delivery.id, now_ms)
            if not kept.is_open:
                await webhooks.release(tx, taken.id, hold.holder)
        return kept.is_open

    return renewed if await env.db.write(work) else None


async def _give_back(env: Env, tx: Transaction, taken: Taken, holder: str) -> None:
    await webhooks.release(tx, taken.id, holder)
    await tx.run_all(enqueueing(env, taken.id))


class _Outcome(NamedTuple):
    """What a receiver said, and what was wrong with it."""

    status: int | None
    error: str | None


async def _post(env: Env, taken: Taken, delivery: Delivery) -> _Outcome:
    body, timestamp_s = delivery.body.encode(), env.clock.now_ms() // 1000
    headers = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": sign(taken.secret, delivery.message_id, timestamp_s, body),
    }
    try:
        answer = await env.web.post(taken.url, body, headers=headers, bounds=BOUNDS)
    except OutgoingError as fault:
        return _Outcome(None, _WORDS.get(type(fault), "it cannot be reached"))
    is_good = answer.status // 100 == 2  # noqa: PLR2004 - what HTTP calls a success
    return _Outcome(answer.status, None if is_good else f"answered {answer.status}")


async def _fail(env: Env, taken: Taken, holder: str, outcome: _Outcome) -> None:
    now_ms = env.clock.now_ms()
    end_ms = (now_ms if taken.failing_ms is None else taken.failing_ms) + TRYING_MS
    is_last = outcome.status == GONE or now_ms >= end_ms
    share = secrets.randbelow(_CHANCES) / _CHANCES
    # The last try is made when the time is over, not up to an hour later.
    try_ms = min(now_ms + wait_ms(taken.tries + 1, share), end_ms)
    failure = Failure(now_ms, outcome.status, outcome.error or "", try_ms, is_last)

    async def work(tx: Transaction) -> bool:
        kept = await webhooks.fail(tx, taken.id, holder, failure)
        if kept.is_open:
            await tx.run_all(_moving(env, taken.id, try_ms))
        elif kept.is_held and await webhooks.delete_given_up(tx, taken.id):
            await tx.run_all(*forgetting(env, taken.id))
        return kept.is_held and not kept.is_open

    if await env.db.write(work):
        _log.info("webhook.disabled", webhook_id=taken.id, reason=outcome.error)
