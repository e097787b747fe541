"""Bans: those who run the community keep somebody out, for some days or until further notice.

A banned account is disabled: what it said stays, and its tokens open nothing until it is let in
again. A ban with an end is lifted by a job at that moment. To close somebody's account, for good
or not, is for administrators alone (services/departures).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from stonechat.domain import limits
from stonechat.domain.administration import next_state
from stonechat.domain.bans import (
    DAY_MS,
    Ban,
    BanSearch,
    Candidate,
    Standing,
    ensure_outranks,
)
from stonechat.domain.ids import AccountId
from stonechat.domain.members import MemberView
from stonechat.domain.names import fold, words_of
from stonechat.domain.notifications import BLOCKED_USER, UNBLOCKED_USER
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.services.departures import close_account
from stonechat.services.env import Env
from stonechat.services.returns import taking_up
from stonechat.storage import accounts, administration, bans, members, notifications, partings
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_log: Final = structlog.stdlib.get_logger()


async def ban_account(env: Env, viewer: Viewer, account_id: AccountId, days: int | None) -> None:
    """Keep an account out; said again, its end is another one."""

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, account_id)
        account = await _get_below(tx, viewer, account_id)
        next_state("disable", account.username, account.state)
        now_ms = env.clock.now_ms()
        ends_ms = None if days is None else now_ms + days * DAY_MS
        ban = Ban(account_id, viewer.account_id, now_ms, days, ends_ms)
        await tx.run_all(
            *_changing_state(account_id, "disabled"), *bans.keeping(ban, env.ids.next_id())
        )
        await _tell(env, tx, account_id, BLOCKED_USER, days)

    await env.db.write(work)
    env.wake_jobs()
    _log.info("account.banned", account_id=account_id, by_id=viewer.account_id, days=days)


async def unban_account(env: Env, viewer: Viewer, account_id: AccountId) -> None:
    """Let an account in again. One that was closed, administrators alone open."""

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, account_id)
        account = await _get_below(tx, viewer, account_id)
        next_state("enable", account.username, account.state)
        if account.state == "suspended" and viewer.role not in ADMINISTRATORS:
            raise NotAllowed
        if account.state == "active":
            return
        await tx.run_all(
            *_changing_state(account_id, "active"),
            *bans.lifting(account_id),
            taking_up(env, account_id),
        )
        await _tell(env, tx, account_id, UNBLOCKED_USER)

    await env.db.write(work)
    env.wake_jobs()
    _log.info("account.unbanned", account_id=account_id, by_id=viewer.account_id)


async def close_member(env: Env, viewer: Viewer, account_id: AccountId, *, for_good: bool) -> None:
    """Close somebody's account; for good means that a job deletes all of it."""
    await _get_below(env.db, viewer, account_id)
    await close_account(env, viewer, account_id, for_good=for_good)


async def lift_ban(env: Env, payload: Mapping[str, object]) -> None:
    """Let an account in again whose ban is over; a job."""
    account_id = AccountId(int(str(payload["account_id"])))

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, account_id)
        ban = await bans.find(tx, account_id)
        if ban is None or ban.ends_ms is None or ban.ends_ms > env.clock.now_ms():
            return
        await tx.run_all(bans.deleting(account_id))
        account = (await accounts.load_views(tx, [account_id])).get(account_id)
        # Somebody may have closed it meanwhile.
        if account is not None and account.state == "disabled":
            await tx.run_all(*_changing_state(account_id, "active"), taking_up(env, account_id))
            await _tell(env, tx, account_id, UNBLOCKED_USER)

    await env.db.write(work)
    env.wake_jobs()


async def _get_below(tx: Reader, viewer: Viewer, account_id: AccountId) -> AccountView:
    """An account of this server that the viewer stands above."""
    account = (await accounts.load_views(tx, [account_id])).get(account_id)
    if account is None or account.state == "deleted" or account.domain is not None:
        raise NotFound
    ensure_outranks(viewer, account_id, account.role)
    return account


def _changing_state(account_id: AccountId, state: str) -> list[Statement]:
    return [
        administration.changing_state(account_id, state),
        accounts.touching(account_id),
        # Open pages of what is theirs learn that it is absent now, or is there again.
        *partings.touching_all(account_id),
    ]


async def _tell(
    env: Env, tx: Transaction, account_id: AccountId, kind: str, days: int | None = None
) -> None:
    await tx.run_all(notifications.forgetting(account_id, kind, account_id))
    await tx.run_all(
        notifications.telling_of_moderation(env.ids.next_id(), account_id, kind, days=days)
    )


@dataclass(frozen=True, slots=True)
class FoundStandings:
    """A part of the members who are looked for, with what moderators want to know of them."""

    members: Sequence[MemberView]
    standings: Mapping[AccountId, Standing]
    count: int
    has_more: bool


async def list_standings(env: Env, search: BanSearch, *, limit: int, offset: int) -> FoundStandings:
    """Members, whatever the state of their accounts. Four statements, or five."""
    if search.compares:
        found = await _list_fitting(env, search)
        count, found = len(found), found[offset : offset + limit + 1]
    else:
        found = await bans.list_candidates(env.db, search, "", limit=limit + 1, offset=offset)
        count = await bans.count(env.db, search.state)
    ids = [each.id for each in found[:limit]]
    loaded = await members.load_views(env.db, ids) if ids else {}
    standings = await bans.load_standings(env.db, ids)
    shown = [loaded[each] for each in ids if each in loaded]
    return FoundStandings(shown, standings, count, len(found) > limit)


async def _list_fitting(env: Env, search: BanSearch) -> list[Candidate]:
    words = fold(search.words).split()
    if search.words and not words:
        return []
    found = await bans.list_candidates(
        env.db, search, max(words, key=len, default=""), limit=limits.MEMBERS_CONSIDERED_MAX
    )
    fitting = [each for each in found if _is_named(each, words)]
    fitting.sort(key=lambda each: _place(each, search.order), reverse=not search.is_rising)
    return fitting


def _is_named(candidate: Candidate, words: Sequence[str]) -> bool:
    names = words_of(candidate.username, candidate.display_name)
    return all(any(name.startswith(word) for name in names) for word in words)


def _place(candidate: Candidate, order: str) -> tuple[str | int, int]:
    places: dict[str, str | int] = {
        "id": candidate.id,
        "username": candidate.username.lower(),
        "real_name": fold(candidate.display_name),
        "date_joined": candidate.created_ms,
        "blocked_at": candidate.began_ms,
        "expire_at": candidate.ends_ms,
    }
    return places[order], candidate.id
