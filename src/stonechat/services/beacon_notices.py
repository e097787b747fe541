"""Notices of beacons: the one place that tells people and programs what happened to a beacon.

Whoever has a role is told as they asked for it (their filters are a part of the statement), and
so are the webhooks of those who were told; a new way to tell them begins here. A beacon that very
many watch tells them by a job, in portions: those who had a role when it happened, each once, and
what happened first before what happened then. What is told late is a new notice all the same: its
id is made when it is told, above whatever its readers have seen.

A newcomer deletes the roles of such a beacon together with it: then nobody is left to hear of it.
`keeps_roles` says when the job takes them away instead, as it tells.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacon_notices import (
    DELETED,
    DESK,
    TELL_JOB,
    BeaconNotice,
    InboxVersion,
    News,
    Telling,
    news_of,
    read_telling,
)
from stonechat.domain.beacons import Beacon, BeaconEvent
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.services.webhook_deliveries import APART, end_webhooks, leave
from stonechat.storage import beacon_notices, jobs
from stonechat.storage.database import Transaction
from stonechat.storage.idioms import IN_MAX
from stonechat.storage.statuses import Statement

WAKES_MAX: Final = 100
"""Inboxes that are woken by name; the hub finds out by itself about more of them."""
PORTION: Final = IN_MAX
"""So many of them are told in one transaction."""
_VERSION_DIGITS: Final = 19


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
        await tx.run_all(_enqueueing(env, news, beacon.version))
    if news.kind == DELETED:
        await end_webhooks(env, tx, beacon.id)
    return told if len(told) <= WAKES_MAX else ()


def _enqueueing(env: Env, news: News, version: int) -> Statement:
    telling = Telling(env.ids.next_id(), news)
    key = _line_key(news.beacon_id, version)
    now_ms = env.clock.now_ms()
    return jobs.enqueueing(telling.job_id, TELL_JOB, telling.payload(), now_ms, key)


def _line_key(beacon_id: BeaconId, version: int) -> str:
    # Versions rise while the beacon is held, whatever the clocks of several processes show.
    return f"{TELL_JOB}:{beacon_id}:{version:0{_VERSION_DIGITS}}"


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
    """After the commit: let the open desks of these accounts look again."""
    for account_id in told:
        env.wake_live(DESK, str(account_id))


async def tell_many(env: Env, payload: Mapping[str, object]) -> None:
    """Tell the watchers of a beacon that has very many, a portion in each transaction.

    The beacon's oldest job comes first, whosever it is: it is worked off until ours was. A job
    that is done is taken away, and how far another one has come stands in it; both in the
    transaction that told. So nobody is told twice, however many are at it.
    """
    ours = read_telling(payload)
    while await env.db.write(lambda tx: _tell_portion(env, tx, ours)):
        env.wake_jobs()


async def _tell_portion(env: Env, tx: Transaction, ours: Telling) -> bool:
    """Tell the next ones of what happened first; False where our own news were told to all."""
    beacon_id = ours.news.beacon_id
    line = _line_key(beacon_id, 0), _line_key(beacon_id, 10**_VERSION_DIGITS - 1)
    first_id = await jobs.find_first(tx, ours.job_id, *line)
    if first_id is None:
        return False
    held = await jobs.hold(tx, env.db.engine, first_id)
    if held is None:
        # While we waited somebody else ended it; now another one is the first.
        return True
    telling = read_telling(held)
    portion = await beacon_notices.find_portion(tx, beacon_id, telling.above, PORTION)
    if portion is None:
        await jobs.strike(tx, first_id)
        return True
    news = telling.news._replace(id=_new_id(env, portion.newest_id))
    told = await beacon_notices.tell(tx, news, above=telling.above, up_to=portion.up_to)
    await leave(env, tx, news, told)
    if news.kind == DELETED:
        await beacon_notices.take_roles(tx, beacon_id, telling.above, portion.up_to)
    await jobs.rewrite(tx, first_id, telling._replace(above=portion.up_to).payload())
    return True


def _new_id(env: Env, newest_id: int) -> int:
    made = env.ids.next_id()
    # The newest one may come from a process whose clock is ahead. Not the very next: another beacon
    # may tell the same people in this moment.
    return made if made > newest_id else newest_id + 1 + secrets.randbelow(APART)


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
