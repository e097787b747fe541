"""Following: begun, asked for, granted, refused, ended, each in one transaction.

A verb holds the pair (storage/relationships.find_locked_pair), reads what lies between the two,
and writes what follows from it: both mirrors of the follow, counters, notices, homes. Said twice
it finds the second time that nothing is left to do, so counters never drift. Every verb answers
with the relationship as it is afterwards.
"""

from collections.abc import Awaitable, Callable, Sequence

from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import (
    ABSENT_STATES,
    Follow,
    FollowChoices,
    Pair,
    ensure_may_follow,
    ensure_other,
    ensure_present,
    ensure_room_to_follow,
)
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import RelationshipView
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.storage import accounts, homes, notifications, relationships
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

Change = Callable[[Transaction, Pair], Awaitable[None]]


async def load_relationships(
    env: Env, viewer: Viewer, ids: Sequence[AccountId], *, with_suspended: bool = False
) -> list[RelationshipView]:
    """What lies between the viewer and each account, in the order asked, each once."""
    wanted = list(dict.fromkeys(ids))
    pairs = await relationships.load_pairs(env.db, viewer.account_id, wanted, env.clock.now_ms())
    hidden = ABSENT_STATES if with_suspended else ABSENT_STATES | {"suspended"}
    return [
        pairs[account_id].view
        for account_id in wanted
        if account_id in pairs and pairs[account_id].state not in hidden
    ]


async def see_relationship(
    env: Env, tx: Reader, viewer_id: AccountId, target_id: AccountId
) -> RelationshipView:
    """What lies between two accounts, one of which is known to exist."""
    pairs = await relationships.load_pairs(tx, viewer_id, [target_id], env.clock.now_ms())
    return pairs[target_id].view


async def change_pair(
    env: Env, viewer: Viewer, target_id: AccountId, change: Change
) -> RelationshipView:
    """Let `change` write to a pair that nobody else changes meanwhile; the pair afterwards."""

    async def work(tx: Transaction) -> RelationshipView:
        now_ms = env.clock.now_ms()
        pair = ensure_present(
            await relationships.find_locked_pair(tx, viewer.account_id, target_id, now_ms)
        )
        await change(tx, pair)
        return await see_relationship(env, tx, viewer.account_id, target_id)

    return await env.db.write(work)


async def follow_account(
    env: Env, viewer: Viewer, target_id: AccountId, choices: FollowChoices
) -> RelationshipView:
    """Follow an account, or ask a locked one; said again it changes the choices alone."""
    ensure_other(viewer.account_id, target_id, "Following your own account is not allowed")

    async def change(tx: Transaction, pair: Pair) -> None:
        ensure_may_follow(pair)
        me, begun = viewer.account_id, pair.follow
        if begun is not None:
            follow = begun.with_choices(choices)
            if pair.view.is_following:
                await tx.run_all(*relationships.changing_follow(me, target_id, follow))
            else:
                await tx.run_all(relationships.changing_request(me, target_id, follow))
            return
        await _begin(env, tx, pair, me, Follow().with_choices(choices))

    return await change_pair(env, viewer, target_id, change)


async def toggle_follow(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """Follow an account, or follow it no longer: whichever is not so now."""
    ensure_other(viewer.account_id, target_id, "Following your own account is not allowed")

    async def change(tx: Transaction, pair: Pair) -> None:
        if pair.follow is not None:
            await _end(tx, pair, viewer.account_id)
            return
        ensure_may_follow(pair)
        await _begin(env, tx, pair, viewer.account_id, Follow())

    return await change_pair(env, viewer, target_id, change)


async def _begin(env: Env, tx: Transaction, pair: Pair, me: AccountId, follow: Follow) -> None:
    followings, followers = await relationships.count_relations(tx, me)
    ensure_room_to_follow(followings=followings, followers=followers)
    await tx.run_all(*_beginning(env, pair, me, follow))


async def _end(tx: Transaction, pair: Pair, me: AccountId) -> None:
    statements: list[Statement] = []
    if pair.view.is_following:
        statements += ending(me, pair.view.id)
    if pair.view.is_requested:
        statements += withdrawing(me, pair.view.id)
    await tx.run_all(*statements)


def _beginning(env: Env, pair: Pair, me: AccountId, follow: Follow) -> list[Statement]:
    target_id, new_id = pair.view.id, env.ids.next_id()
    if pair.is_locked:
        return [
            relationships.requesting(me, target_id, new_id, follow),
            notifications.telling(env.ids.next_id(), target_id, "follow_request", me),
        ]
    return _starting(env, me, target_id, follow)


def _starting(
    env: Env, follower_id: AccountId, target_id: AccountId, follow: Follow
) -> list[Statement]:
    return [
        *relationships.beginning_follow(follower_id, target_id, env.ids.next_id(), follow),
        accounts.counting_relations(follower_id, followings=1),
        accounts.counting_relations(target_id, followers=1),
        notifications.telling(env.ids.next_id(), target_id, "follow", follower_id),
        homes.filling(follower_id, target_id, follow),
    ]


def ending(
    follower_id: AccountId, target_id: AccountId, *, counters: bool = True
) -> list[Statement]:
    """The statements by which a follow ends; `counters` says to count both accounts down."""
    statements = [
        *relationships.ending_follow(follower_id, target_id),
        notifications.forgetting(target_id, "follow", follower_id),
        homes.leaving(follower_id, target_id),
    ]
    if counters:
        statements += [
            accounts.counting_relations(follower_id, followings=-1),
            accounts.counting_relations(target_id, followers=-1),
        ]
    return statements


def withdrawing(follower_id: AccountId, target_id: AccountId) -> list[Statement]:
    """The statements that take a request back, and the notice of it."""
    return [
        relationships.ending_request(follower_id, target_id),
        notifications.forgetting(target_id, "follow_request", follower_id),
    ]


async def unfollow_account(env: Env, viewer: Viewer, target_id: AccountId) -> RelationshipView:
    """Follow an account no longer, or no longer ask to."""

    async def change(tx: Transaction, pair: Pair) -> None:
        await _end(tx, pair, viewer.account_id)

    return await change_pair(env, viewer, target_id, change)


async def remove_follower(env: Env, viewer: Viewer, follower_id: AccountId) -> RelationshipView:
    """Be followed by an account no longer. It may ask again."""

    async def change(tx: Transaction, pair: Pair) -> None:
        if pair.view.is_followed_by:
            await tx.run_all(*ending(follower_id, viewer.account_id))

    return await change_pair(env, viewer, follower_id, change)


async def list_requests(env: Env, viewer: Viewer, cursor: Cursor) -> Page[AccountId]:
    """Who asks to follow the viewer, the newest request first."""
    rows = await relationships.list_requests(env.db, viewer.account_id, cursor)
    return page_of([(row[0], row[1]) for row in rows], cursor)


def page_of(rows: Sequence[tuple[int, AccountId]], cursor: Cursor) -> Page[AccountId]:
    """A page of accounts by the hidden ids of their rows."""
    items = [account_id for _, account_id in rows]
    if not rows:
        return Page(items)
    return Page(items, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def accept_request(env: Env, viewer: Viewer, requester_id: AccountId) -> RelationshipView:
    """Let an account follow that asked to, with what it chose when it asked."""
    me = viewer.account_id

    async def change(tx: Transaction, pair: Pair) -> None:
        follow = await relationships.find_request(tx, me, requester_id)
        if follow is None:
            raise NotFound
        statements = withdrawing(requester_id, me)
        if not pair.view.is_followed_by:
            statements += _starting(env, requester_id, me, follow)
        await tx.run_all(*statements)

    return await change_pair(env, viewer, requester_id, change)


async def reject_request(env: Env, viewer: Viewer, requester_id: AccountId) -> RelationshipView:
    """Do not let an account follow that asked to."""

    async def change(tx: Transaction, pair: Pair) -> None:
        if not pair.view.is_requested_by:
            raise NotFound
        await tx.run_all(*withdrawing(requester_id, viewer.account_id))

    return await change_pair(env, viewer, requester_id, change)
