"""Keeping others away: blocks, mutes, blocked domains; and what one notes of others.

A block undoes whatever was between two accounts, for both sides and at once, also their roles on
each other's beacons. A mute undoes nothing: the follow goes on, only the home stays free of the
other, so lifting it fills the home again. A mute with an end is lifted by a job at that moment.
"""

from collections.abc import Mapping

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.relationships import MuteAccount, Pair, ensure_may_endorse, ensure_other
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import RelationshipView
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import partings
from stonechat.services.env import Env
from stonechat.services.relationships import change_pair, page_of
from stonechat.storage import accounts, blocks, homes, relationships
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing
from stonechat.storage.statuses import Statement

END_MUTE_JOB = "end_mute"


async def block_account(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """Have nothing more to do with an account, either way."""
    ensure_other(viewer.account_id, target_id)
    parted: list[BeaconId] = []

    async def change(tx: Transaction, pair: Pair) -> None:
        parted.clear()
        if not pair.view.is_blocking:
            await tx.run_all(*_parting(env, pair, viewer.account_id))
            parted.extend(await partings.part(tx, viewer.account_id, target_id))

    view = await change_pair(env, viewer, target_id, change)
    partings.wake(env, parted)
    return view


def _parting(env: Env, pair: Pair, me: AccountId) -> list[Statement]:
    view, other = pair.view, pair.view.id
    statements = [
        blocks.blocking(me, other, env.ids.next_id()),
        *blocks.forgetting_each_other(me, other),
        homes.clearing(me, other),
        homes.clearing(other, me),
        relationships.ending_request(me, other),
        relationships.ending_request(other, me),
        *relationships.ending_follow(me, other),
        *relationships.ending_follow(other, me),
    ]
    # One change a row: a write set may be one statement, so each account is counted once.
    mine, theirs = -int(view.is_following), -int(view.is_followed_by)
    if mine or theirs:
        statements += [
            accounts.counting_relations(me, followings=mine, followers=theirs),
            accounts.counting_relations(other, followings=theirs, followers=mine),
        ]
    return statements


async def unblock_account(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """Lift a block. What it undid stays undone."""

    async def change(tx: Transaction, pair: Pair) -> None:
        if pair.view.is_blocking:
            await blocks.delete_block(tx, viewer.account_id, target_id)

    return await change_pair(env, viewer, target_id, change)


async def mute_account(env: Env, viewer: Viewer, command: MuteAccount) -> RelationshipView:
    """See nothing more of an account, which does not notice; said again it begins anew."""
    ensure_other(viewer.account_id, command.target_id)

    async def change(tx: Transaction, pair: Pair) -> None:
        del pair
        me, target_id = viewer.account_id, command.target_id
        expires_ms = env.clock.now_ms() + command.duration_s * 1000 if command.duration_s else None
        statements = [
            blocks.muting(
                me,
                target_id,
                env.ids.next_id(),
                hides_notifications=command.hides_notifications,
                expires_ms=expires_ms,
            ),
            homes.clearing(me, target_id),
        ]
        if expires_ms is not None:
            payload = {"account_id": me, "target_id": target_id}
            statements.append(enqueueing(env.ids.next_id(), END_MUTE_JOB, payload, expires_ms))
        await tx.run_all(*statements)

    view = await change_pair(env, viewer, command.target_id, change)
    env.wake_jobs()
    return view


async def unmute_account(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """See an account again, also what it said meanwhile."""

    async def change(tx: Transaction, pair: Pair) -> None:
        if await blocks.delete_mute(tx, viewer.account_id, target_id):
            await _fill_again(tx, pair, viewer.account_id)

    return await change_pair(env, viewer, target_id, change)


async def toggle_mute(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """Mute an account until further notice, or lift the mute: whichever is not so now."""
    ensure_other(viewer.account_id, target_id)
    me = viewer.account_id

    async def change(tx: Transaction, pair: Pair) -> None:
        if pair.view.is_muting:
            await blocks.delete_mute(tx, me, target_id)
            await _fill_again(tx, pair, me)
            return
        await tx.run_all(
            blocks.muting(
                me, target_id, env.ids.next_id(), hides_notifications=True, expires_ms=None
            ),
            homes.clearing(me, target_id),
        )

    return await change_pair(env, viewer, target_id, change)


async def _fill_again(tx: Transaction, pair: Pair, me: AccountId) -> None:
    if pair.view.is_following and pair.follow is not None:
        await tx.run_all(homes.filling(me, pair.view.id, pair.follow))


async def end_mute(env: Env, payload: Mapping[str, object]) -> None:
    """Lift a mute whose time is over; one that was prolonged meanwhile stays."""
    me = AccountId(int(str(payload["account_id"])))
    target_id = AccountId(int(str(payload["target_id"])))

    async def work(tx: Transaction) -> None:
        now_ms = env.clock.now_ms()
        pair = await relationships.find_locked_pair(tx, me, target_id, now_ms)
        is_over = await blocks.delete_ended_mute(tx, me, target_id, now_ms)
        if pair is not None and is_over:
            await _fill_again(tx, pair, me)

    await env.db.write(work)


async def note_account(
    env: Env, viewer: Viewer, target_id: AccountId, comment: str
) -> RelationshipView:
    """Keep a note on an account that nobody else sees; an empty one takes it away."""

    async def change(tx: Transaction, pair: Pair) -> None:
        del pair
        await blocks.update_note(tx, viewer.account_id, target_id, comment)

    return await change_pair(env, viewer, target_id, change)


async def endorse_account(
    env: Env, viewer: Viewer, target_id: AccountId, *, is_endorsed: bool
) -> RelationshipView:
    """Show an account that the viewer follows on the viewer's profile, or no longer."""

    async def change(tx: Transaction, pair: Pair) -> None:
        if not is_endorsed:
            await blocks.delete_endorsement(tx, viewer.account_id, target_id)
            return
        ensure_may_endorse(pair, await blocks.count_endorsements(tx, viewer.account_id))
        await blocks.insert_endorsement(tx, viewer.account_id, target_id)

    return await change_pair(env, viewer, target_id, change)


async def list_blocks(env: Env, viewer: Viewer, cursor: Cursor) -> Page[AccountId]:
    """Whom the viewer blocks, the newest block first."""
    return page_of(await blocks.list_blocks(env.db, viewer.account_id, cursor), cursor)


async def list_mutes(
    env: Env, viewer: Viewer, cursor: Cursor
) -> tuple[Page[AccountId], dict[AccountId, int | None]]:
    """Whom the viewer mutes, the newest mute first, and when each mute ends."""
    rows = await blocks.list_mutes(env.db, viewer.account_id, cursor, env.clock.now_ms())
    page = page_of([(mute_id, account_id) for mute_id, account_id, _ in rows], cursor)
    return page, {account_id: expires_ms for _, account_id, expires_ms in rows}


async def list_domains(env: Env, viewer: Viewer, cursor: Cursor) -> Page[str]:
    """Which domains the viewer blocks, the newest block first."""
    rows = await blocks.list_domains(env.db, viewer.account_id, cursor)
    items = [domain for _, domain in rows]
    if not rows:
        return Page(items)
    return Page(items, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def block_domain(env: Env, viewer: Viewer, domain: str) -> None:
    """Have nothing to do with the accounts of a domain; twice is once."""

    async def work(tx: Transaction) -> None:
        me = viewer.account_id
        is_new = await blocks.insert_domain(tx, me, domain, env.ids.next_id())
        if is_new and await blocks.count_domains(tx, me) > limits.DOMAIN_BLOCKS_MAX:
            maximum = limits.DOMAIN_BLOCKS_MAX
            raise InvalidInput(
                f"Validation failed: You cannot block more than {maximum} domains", rule="too_many"
            )

    await env.db.write(work)


async def unblock_domain(env: Env, viewer: Viewer, domain: str) -> None:
    """Lift the block of a domain; also where there is none."""
    await env.db.write(lambda tx: blocks.delete_domain(tx, viewer.account_id, domain))
