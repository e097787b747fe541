"""Notices of beacons: the one place that tells people and programs what happened to a beacon.

Whoever has a role is told as they asked for it (their filters are a part of the statement), and
so are the webhooks of those who were told; a new way to tell them begins here. A beacon that very
many watch tells them by a job, in portions: those who had a role when it happened, each once.

A newcomer deletes the roles of such a beacon together with it: then nobody is left to hear of it.
`keeps_roles` says when the job takes them away instead, as it tells.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacon_notices import (
    DELETED,
    INBOX,
    TELL_JOB,
    BeaconNotice,
    InboxVersion,
    news_of,
    read_news,
)
from stonechat.domain.beacons import Beacon, BeaconEvent
from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.services.webhook_deliveries import end_webhooks, leave
from stonechat.storage import beacon_notices, jobs
from stonechat.storage.database import Transaction
from stonechat.storage.idioms import IN_MAX

WAKES_MAX: Final = 100
"""Inboxes that are woken by name; the hub finds out by itself about more of them."""
PORTION: Final = IN_MAX
"""So many of them are told in one transaction."""


async def tell(env: Env, tx: Transaction, event: BeaconEvent) -> Sequence[AccountId]:
    """Tell everybody who watches, within the transaction of what happened, which holds the beacon.

    Whoever's inbox is to be woken after the commit is the answer (see `wake`).
    """
    news, beacon = news_of(event, env.ids.next_id()), event.beacon
    if not _is_crowded(beacon):
        told = await beacon_notices.tell(tx, news)
        await leave(env, tx, news, told, of_beacon=beacon)
    else:
        told = ()
        await leave(env, tx, news, (), of_beacon=beacon)
        job_id, now_ms = env.ids.next_id(), env.clock.now_ms()
        await tx.run_all(jobs.enqueueing(job_id, TELL_JOB, news.payload(), now_ms))
    if news.kind == DELETED:
        await end_webhooks(env, tx, beacon.id)
    return told if len(told) <= WAKES_MAX else ()


def _is_crowded(beacon: Beacon) -> bool:
    return beacon.subscribers > limits.BEACON_NOTICES_IN_TRANSACTION_MAX


def keeps_roles(beacon: Beacon) -> bool:
    """Whether the roles on a beacon outlive it until everybody was told that it is gone."""
    return _is_crowded(beacon)


async def tell_one(env: Env, tx: Transaction, account_id: AccountId, event: BeaconEvent) -> None:
    """Tell one account, such as of a role that it was given."""
    news = news_of(event, env.ids.next_id())
    await beacon_notices.tell_one(tx, account_id, news)
    await leave(env, tx, news, (account_id,))


def wake(env: Env, told: Sequence[AccountId]) -> None:
    """After the commit: let open pages with these inboxes look again."""
    for account_id in told:
        env.wake_live(INBOX, str(account_id))


async def tell_many(env: Env, payload: Mapping[str, object]) -> None:
    """Tell the watchers of a beacon that has very many, a portion in each transaction."""
    news, above = read_news(payload), NOBODY

    async def work(tx: Transaction, above: AccountId) -> AccountId | None:
        up_to = await beacon_notices.find_portion(tx, news.beacon_id, above, PORTION)
        if up_to is None:
            return None
        # Run again, it tells nobody whom it told before, nor their webhooks.
        told = await beacon_notices.tell(tx, news, above=above, up_to=up_to)
        await leave(env, tx, news, told)
        if news.kind == DELETED:
            await beacon_notices.take_roles(tx, news.beacon_id, above, up_to)
        return up_to

    while True:
        reached = await env.db.write(lambda tx, above=above: work(tx, above))
        env.wake_jobs()
        if reached is None:
            return
        above = reached


# Reading -------------------------------------------------------------------------------------


async def list_notices(env: Env, viewer: Viewer, cursor: Cursor) -> Page[BeaconNotice]:
    """What the viewer was told and may still know, the newest first. One statement."""
    found = await beacon_notices.list_readable(env.db, viewer.account_id, cursor)
    if not found:
        return Page(())
    return Page(found, found[0].id, found[-1].id, len(found) == cursor.limit)


async def count_unread(env: Env, viewer: Viewer, most: int = limits.UNREAD_COUNT[0]) -> int:
    """How many notices the list would show that are newer than what was seen; at most `most`."""
    return await beacon_notices.count_unread(env.db, viewer.account_id, most)


async def mark_seen(env: Env, viewer: Viewer, up_to: int) -> None:
    """Note that the viewer has seen everything up to a notice; what was seen stays so."""
    me = viewer.account_id
    if await env.db.write(lambda tx: beacon_notices.mark_seen(tx, me, up_to)):
        wake(env, (me,))


async def find_inbox_versions(
    env: Env, account_ids: Sequence[AccountId]
) -> dict[AccountId, InboxVersion]:
    """What open pages with the notices of these accounts go by. A statement per IN_MAX accounts."""
    found: dict[AccountId, InboxVersion] = {}
    for start in range(0, len(account_ids), IN_MAX):
        portion = account_ids[start : start + IN_MAX]
        found |= await beacon_notices.find_versions(env.db, portion)
    return found
