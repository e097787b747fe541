"""Publishing: everything that is written with a new status, in its own transaction.

Homes, counters, notices, conversations and the idempotency key stand or fall with the status.
Statements are sent in as few write sets as can be: one for a status that mentions nobody, two
for one that does or that is addressed to labels, because who is told of it depends on the
mentions and the labels that were written.
"""

from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.announcements import HEAR_ANSWER_JOB, read_order
from stonechat.domain.ids import StatusId
from stonechat.domain.places import Place
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.views import Byline
from stonechat.kernel.ids import ms_of_id
from stonechat.services import cards, conversations, places, polls, quotes, tags
from stonechat.services.env import Env
from stonechat.storage import (
    accounts,
    category_entries,
    idempotency,
    labels,
    notifications,
    statuses,
    timelines,
)
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing
from stonechat.storage.statuses import Statement


class Prepared(NamedTuple):
    """A status that may be said, and what was read to find that out."""

    status: Status
    quoted: Status | None
    followers: int
    byline: Byline
    parent: Status | None = None
    is_comment: bool = False
    """Whether it was said as a comment, in a community."""


async def publish(env: Env, tx: Transaction, prepared: Prepared, *, key: str | None) -> None:
    """Write a new status, kept under `key` if there is one; Conflict when that was used before."""
    status, quoted, followers = prepared.status, prepared.quoted, prepared.followers
    first = [*statuses.inserting(status), *_filing(status)]
    if key is not None:
        first.append(_keeping(env, status, key))
    then = [
        timelines.entering_own_home(status),
        *_counting(status),
        *_delivering(env, status, followers),
        *await tags.delivering(env, tx, status),
        *_leaving_work(env, status),
        *_telling_thread(env, prepared),
    ]
    if status.mentions or status.visibility == Visibility.ADDRESSED:
        told = notifications.telling_mentioned(env.ids.next_id(), status.account_id, status.id)
        await tx.run_all(*first)
        await tx.run_all(*then, told)
    else:
        await tx.run_all(*first, *then)
    if quoted is not None:
        # What is answered may be what is quoted: its row is not changed twice in one write set.
        counted = [quotes.counting(quoted.id, 1)] if status.counts_as_quote else []
        await tx.run_all(*counted, *quotes.telling_quoted(env, status, quoted.account_id))
    if status.visibility == Visibility.DIRECT:
        await conversations.add_status(env, tx, status)


def _telling_thread(env: Env, prepared: Prepared) -> list[Statement]:
    """To those who follow what is answered; a community's comment, to whom it stands beside, too.

    The contribution, which is held, counts its followers.
    """
    status, parent, told = prepared.status, prepared.parent, list[Statement]()
    if parent is None:
        return told
    if parent.in_reply_to_id is not None or parent.followers:
        told += notifications.telling_thread(env.ids.next_id(), status)
    if prepared.is_comment and (parent.in_reply_to_id is not None or parent.comments):
        told += notifications.telling_participants(env.ids.next_id(), status)
    return told


def _leaving_work(env: Env, status: Status) -> list[Statement]:
    """What is to be done later: its link's preview, its poll's end, what it orders of a beacon."""
    work = cards.enqueueing_card(env, status)
    if status.in_reply_to_id is not None:
        work += _hearing(env, status)
    if status.poll is not None and status.poll.expires_ms is not None:
        work.append(polls.closing(env, status.id, status.poll.expires_ms))
    return work


def _hearing(env: Env, status: Status) -> list[Statement]:
    """Whatever may be an order is left to a job, so that an answer costs no look at beacons."""
    value = read_order(status.text)
    if value is None:
        return []
    payload, now_ms = {"status_id": status.id, "value": value}, env.clock.now_ms()
    return [enqueueing(env.ids.next_id(), HEAR_ANSWER_JOB, payload, now_ms)]


def _keeping(env: Env, status: Status, key: str) -> Statement:
    now_ms = env.clock.now_ms()
    return idempotency.keeping(
        status.account_id, key, kind="status", result_id=status.id, now_ms=now_ms
    )


def _filing(status: Status) -> list[Statement]:
    """Into the feeds of its categories; for whom its thread is; and its place, for the next one."""
    filed = category_entries.entering(status, status.categories)
    filed += labels.addressing(status.thread_id, status.facets.addressing)
    return [*filed, *places.noting(status.id, None, public_place(status))]


def public_place(status: Status) -> Place | None:
    """Where something was said, as far as everybody may know."""
    return status.facets.place if status.visibility == Visibility.PUBLIC else None


def _counting(status: Status) -> list[Statement]:
    counted: list[Statement] = []
    now_ms = ms_of_id(status.id)
    if status.visibility != Visibility.DIRECT:
        counted.append(accounts.counting_status(status, 1, now_ms))
    if status.counts_as_reply:
        counted += statuses.counting_reply(status, 1, now_ms)
        counted.append(category_entries.stirring(StatusId(status.thread_id), now_ms))
    return counted


def _delivering(env: Env, status: Status, followers: int) -> list[Statement]:
    """Into the followers' homes, now or by a job; and to those who want to hear of everything."""
    if not followers:
        return []
    now_ms = ms_of_id(status.id)
    delivered = [
        timelines.fanning_out(status)
        if followers <= limits.FANOUT_IN_TRANSACTION_FOLLOWERS_MAX
        else enqueueing(env.ids.next_id(), "fan_out", {"status_id": status.id}, now_ms)
    ]
    if status.visibility != Visibility.DIRECT and status.in_reply_to_id is None:
        author_id = status.account_id
        delivered.append(notifications.telling_watchers(env.ids.next_id(), author_id, status.id))
    return delivered
