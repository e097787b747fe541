"""Flags: telling those who run the community that something should not be there.

One account flags one thing once: for the same reason again it takes that back, for another reason
it says so instead. Who flagged what is for those who run the community alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stonechat.domain import limits
from stonechat.domain.flags import Flag, check_reason
from stonechat.domain.ids import AccountId
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.kernel.clock import from_ms
from stonechat.kernel.errors import NotAllowed, RateLimited
from stonechat.kernel.ids import id_at, ms_of_id
from stonechat.services import contributions
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.services.moderation import find_for_staff
from stonechat.storage import accounts, flags, moderation
from stonechat.storage.database import Transaction

_DAY_MS = 86_400_000


async def flag(env: Env, viewer: Viewer, target: Target, reason: int | None) -> None:
    """Flag something that somebody else said; take the flag back where it has that reason."""
    wanted = check_reason(reason, "flag_type")
    me = viewer.account_id

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        if status.account_id == me:
            raise NotAllowed("Nobody flags what they said themselves")
        before = await flags.find(tx, status.id, me)
        if before is not None:
            await flags.delete(tx, status.id, me)
        is_given = before is None or before.reason != wanted
        if is_given:
            await _ensure_room(env, tx, me)
            await flags.insert(tx, status.id, Flag(me, wanted, env.ids.next_id()))
        await _count(tx, status, is_given - (before is not None))

    await env.db.write(work)


async def _ensure_room(env: Env, tx: Transaction, me: AccountId) -> None:
    """RateLimited for whoever flagged as much in a day as one may."""
    await accounts.lock(tx, me)
    first_id = id_at(env.clock.now_ms() - _DAY_MS)
    ids = await flags.list_since(tx, me, first_id, limits.FLAGS_PER_DAY_MAX)
    if len(ids) >= limits.FLAGS_PER_DAY_MAX:
        resets_at = from_ms(ms_of_id(ids[0]) + _DAY_MS)
        raise RateLimited(limit=limits.FLAGS_PER_DAY_MAX, resets_at=resets_at)


async def _count(tx: Transaction, status: Status, change: int) -> None:
    if change:
        await flags.count(tx, status.id, change)
    newest = await flags.find_newest(tx, status.id)
    flagged_ms = 0 if newest is None else newest.made_ms
    await moderation.note_flags(tx, status, status.flags + change, flagged_ms)


async def see_own_flag(env: Env, viewer: Viewer, target: Target) -> Flag | None:
    """The flag that the viewer gave to something."""
    status = await contributions.find_target(env.db, viewer, target)
    return await flags.find(env.db, status.id, viewer.account_id)


@dataclass(frozen=True, slots=True)
class FoundFlags:
    """A part of the flags of something, and how many there are."""

    flags: Sequence[Flag]
    count: int


async def list_flags(
    env: Env, viewer: Viewer, target: Target, reason: int | None, *, limit: int, offset: int
) -> FoundFlags:
    """Who flagged something, the newest first; the viewer is one of those who may know."""
    status, _ = await find_for_staff(env.db, viewer, target)
    found = await flags.list_flags(env.db, status.id, reason, limit=limit, offset=offset)
    if reason is None:
        return FoundFlags(found, status.flags)
    counts = (await flags.load_counts(env.db, [status.id])).get(status.id, {})
    return FoundFlags(found, counts.get(reason, 0))
