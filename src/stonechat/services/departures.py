"""Departures: an account is deleted, with all that it said and all that ties it to others.

Whoever wants to leave closes their account themselves (`close_account`); a job deletes it then.

First its pictures go; then the account is closed, in one transaction: from then on nobody can
use it or find it. What it leaves behind is taken away in many small ones, each of which keeps the
counters of the others exact. A departure that was broken off is taken up where it was by asking
for it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import structlog

from stonechat.blobs import pictures
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import media, traces
from stonechat.services.administration import ending_access, get_account
from stonechat.services.env import Env
from stonechat.services.partings import leave_beacons
from stonechat.services.polls import take_back_votes
from stonechat.services.relationships import ending, withdrawing
from stonechat.services.statuses import delete_status
from stonechat.storage import (
    accounts,
    administration,
    partings,
    polls,
    relationships,
    tags,
)
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing

AT_ONCE: Final = 32
"""Transactions under way at a time: SQLite commits them together."""
ROWS_AT_ONCE: Final = 500
TAGS_AT_ONCE: Final = 100
"""Each of them may be a category's, which counts its followers."""

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is being taken away, how much is done, and how much it will be, about."""

DELETE_ACCOUNT_JOB: Final = "delete_account"

_log: Final = structlog.stdlib.get_logger()


async def close_account(env: Env, viewer: Viewer, account_id: AccountId, *, for_good: bool) -> None:
    """Close an account, one's own or another's: hidden and without access from now on.

    Only an administrator may close another's. For good means that a job deletes all of it;
    otherwise nothing is taken away, and whoever runs the server can open it again. The owner's
    account is closed at the command line alone.
    """

    async def work(tx: Transaction) -> None:
        await tx.run_all(accounts.touching(account_id))
        account = (await accounts.load_views(tx, [account_id])).get(account_id)
        if account is None or account.state == "deleted":
            raise NotFound
        if viewer.account_id != account_id and viewer.role not in ADMINISTRATORS:
            # A stranger does not learn that somebody was there.
            raise NotAllowed if account.state in PRESENT_STATES else NotFound
        if account.role == "owner":
            raise NotAllowed
        if account.state == "suspended" and not for_good:
            raise InvalidInput("The account is closed already", rule="invalid")
        now_ms = env.clock.now_ms()
        statements = [
            administration.changing_state(account_id, "deleted" if for_good else "suspended"),
            *ending_access(account_id, now_ms),
            *partings.touching_all(account_id),
        ]
        if for_good:
            payload = {"username": account.username}
            statements.append(enqueueing(env.ids.next_id(), DELETE_ACCOUNT_JOB, payload, now_ms))
        await tx.run_all(*statements)

    await env.db.write(work)
    env.wake_jobs()
    _log.info("account.closed", account_id=account_id, for_good=for_good)


async def delete_closed_account(env: Env, payload: Mapping[str, object]) -> None:
    """Take away all of an account that was closed for good."""
    await delete_account(env, str(payload["username"]), _say_nothing)


def _say_nothing(what: str, done: int, total: int) -> None:
    del what, done, total


async def delete_account(env: Env, username: str, progress: Progress) -> AccountId:
    """Delete an account for good. Its name stays taken."""
    account = await get_account(env.db, username)
    # Once the account is closed, nobody knows any more what they were called.
    for name in await administration.list_pictures(env.db, account.id):
        await env.blobs.delete(pictures.SHELF, name)
    await _close(env, account.id)
    await media.delete_all(env, account.id)
    await leave_beacons(env, account.id, progress)
    await _delete_statuses(env, account, progress)
    await _take_back_marks(env, account.id, progress)
    await _take_back_votes(env, account.id, progress)
    await _end_relations(env, account, progress)
    while await env.db.write(lambda tx: tags.delete_some_follows(tx, account.id, TAGS_AT_ONCE)):
        pass
    # Whatever was asked for just before the account was closed has happened by now.
    await leave_beacons(env, account.id, progress)
    while await env.db.write(
        lambda tx: administration.delete_own_rows(tx, account.id, ROWS_AT_ONCE)
    ):
        pass
    _log.info("account.deleted", account_id=account.id)
    return account.id


async def _close(env: Env, account_id: AccountId) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run_all(
            *administration.blanking(account_id),
            accounts.touching(account_id),
            *ending_access(account_id, env.clock.now_ms()),
        )

    await env.db.write(work)


async def _each(items: Sequence[T], verb: Callable[[T], Awaitable[object]]) -> None:
    for start in range(0, len(items), AT_ONCE):
        await asyncio.gather(*(verb(item) for item in items[start : start + AT_ONCE]))


async def _delete_statuses(env: Env, account: AccountView, progress: Progress) -> None:
    author, done, newest = Viewer(account.id), 0, 0

    async def delete(status_id: StatusId) -> None:
        # A boost goes with its original, which may have been deleted in this very moment.
        with suppress(NotFound):
            await delete_status(env, author, status_id)

    while page := await administration.list_statuses(env.db, account.id, newest, ROWS_AT_ONCE):
        await _each(page, delete)
        newest, done = page[-1], done + len(page)
        progress("statuses", done, max(account.statuses, done))


async def _take_back_marks(env: Env, account_id: AccountId, progress: Progress) -> None:
    for what, (list_some, take_back) in traces.TRACES.items():
        done = 0
        while page := await list_some(env.db, account_id, ROWS_AT_ONCE):
            await _each(page, partial(take_back, env, account_id))
            done += len(page)
            progress(what, done, done)


async def _take_back_votes(env: Env, account_id: AccountId, progress: Progress) -> None:
    done = 0
    while page := await polls.list_voted(env.db, account_id, ROWS_AT_ONCE):
        await _each(page, partial(take_back_votes, env, account_id))
        done += len(page)
        progress("votes", done, done)


async def _end_relations(env: Env, account: AccountView, progress: Progress) -> None:
    done, total = 0, account.followers + account.followings

    async def part(other_id: AccountId) -> None:
        await env.db.write(lambda tx: _part(env, tx, account.id, other_id))

    while page := await administration.list_related(env.db, account.id, ROWS_AT_ONCE):
        await _each(page, part)
        done += len(page)
        progress("follows", done, max(total, done))


async def _part(env: Env, tx: Transaction, one_id: AccountId, other_id: AccountId) -> None:
    pair = await relationships.find_locked_pair(tx, one_id, other_id, env.clock.now_ms())
    if pair is None:
        # Only a row that was written by hand leads to somebody who never was.
        for follower_id, target_id in ((one_id, other_id), (other_id, one_id)):
            await tx.run_all(
                *relationships.ending_follow(follower_id, target_id),
                relationships.ending_request(follower_id, target_id),
            )
        return
    # One after the other: both directions count the same two accounts.
    if pair.view.is_following:
        await tx.run_all(*ending(one_id, other_id))
    if pair.view.is_followed_by:
        await tx.run_all(*ending(other_id, one_id))
    if pair.view.is_requested:
        await tx.run_all(*withdrawing(one_id, other_id))
    if pair.view.is_requested_by:
        await tx.run_all(*withdrawing(other_id, one_id))
