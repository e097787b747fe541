"""Departures: an account is deleted, with all that it said and all that ties it to others.

First its pictures go; then the account is closed, in one transaction: from then on nobody can
use it or find it. What it leaves behind is taken away in many small ones, each of which keeps the
counters of the others exact. A departure that was broken off is taken up where it was by asking
for it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import structlog

from stonechat.blobs import pictures
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import NotFound
from stonechat.services import media
from stonechat.services.administration import ending_access, get_account
from stonechat.services.env import Env
from stonechat.services.partings import leave_beacons
from stonechat.services.polls import take_back_votes
from stonechat.services.relationships import ending, withdrawing
from stonechat.services.statuses import delete_status
from stonechat.storage import (
    accounts,
    administration,
    marks,
    notifications,
    polls,
    relationships,
    statuses,
)
from stonechat.storage.database import Transaction

AT_ONCE: Final = 32
"""Transactions under way at a time: SQLite commits them together."""
ROWS_AT_ONCE: Final = 500

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is being taken away, how much is done, and how much it will be, about."""

_log: Final = structlog.stdlib.get_logger()


async def delete_account(env: Env, username: str, progress: Progress) -> AccountId:
    """Delete an account for good. Its name stays taken."""
    account = await get_account(env.db, username)
    # Once the account is closed, nobody knows any more what they were called.
    for name in (account.avatar, account.header):
        if name is not None:
            await env.blobs.delete(pictures.SHELF, name)
    await _close(env, account.id)
    await media.delete_all(env, account.id)
    await leave_beacons(env, account.id, progress)
    await _delete_statuses(env, account, progress)
    await _take_back_favourites(env, account.id, progress)
    await _take_back_votes(env, account.id, progress)
    await _end_relations(env, account, progress)
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


async def _take_back_favourites(env: Env, account_id: AccountId, progress: Progress) -> None:
    done = 0

    async def take_back(status_id: StatusId) -> None:
        async def work(tx: Transaction) -> None:
            status = await statuses.find(tx, status_id)
            if not await marks.delete(tx, "favourites", status_id, account_id) or status is None:
                return
            await tx.run_all(
                statuses.counting_favourite(status_id, -1),
                notifications.forgetting(status.account_id, "favourite", account_id, status_id),
            )

        await env.db.write(work)

    while page := await administration.list_favourites(env.db, account_id, ROWS_AT_ONCE):
        await _each(page, take_back)
        done += len(page)
        progress("favourites", done, done)


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
