"""What lies between two accounts, in SQL: follows, requests, and all of it as one view.

A follow stands twice: in `followings` under who follows, and in `followers` under whom, because
each is asked for by its own key. The two are written in one write set, always. Whoever changes a
pair takes `lock_pair` first: what was read after that stays true until the commit, so counters
follow from facts. Blocks, mutes and notes are written in storage/blocks.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import Follow, Pair
from stonechat.domain.views import RelationshipView
from stonechat.kernel.paging import Cursor
from stonechat.storage import accounts
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.lists import leaving_lists
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES


@cache
def _blocked_sql(count: int) -> LiteralString:
    ids = parameters(2, count)
    return (
        "SELECT target_id FROM blocks WHERE account_id = $1 AND target_id IN (" + ids + ")"
        " UNION SELECT account_id FROM blocks WHERE target_id = $1 AND account_id IN (" + ids + ")"
    )


async def load_blocked_either_way(
    tx: Reader, account_id: AccountId, others: Sequence[AccountId]
) -> set[AccountId]:
    """Those of `others` who block the account or are blocked by it."""
    if not others:
        return set()
    ids = padded(others)
    return {row[0] for row in await tx.all(_blocked_sql(len(ids)), account_id, *ids)}


# The kinds of rows in the union of what lies between a viewer and others.
(
    _ACCOUNT,
    _FOLLOWING,
    _REQUESTED,
    _FOLLOWED_BY,
    _REQUESTED_BY,
    _BLOCKING,
    _BLOCKED_BY,
    _MUTING,
    _DOMAIN_BLOCKING,
    _ENDORSED,
    _NOTE,
) = range(11)


@cache
def _pairs_sql(count: int) -> LiteralString:
    ids = parameters(3, count)
    sql: LiteralString = (
        "SELECT 0, id, is_locked, is_locked, state FROM accounts WHERE id IN (IDS)"
        " UNION ALL SELECT 1, target_id, shows_boosts, notifies, languages FROM followings"
        " WHERE account_id = $1 AND target_id IN (IDS)"
        " UNION ALL SELECT 2, target_id, shows_boosts, notifies, languages FROM follow_requests"
        " WHERE target_id IN (IDS) AND account_id = $1"
        " UNION ALL SELECT 3, account_id, 0, 0, '' FROM followers"
        " WHERE target_id = $1 AND account_id IN (IDS)"
        " UNION ALL SELECT 4, account_id, 0, 0, '' FROM follow_requests"
        " WHERE target_id = $1 AND account_id IN (IDS)"
        " UNION ALL SELECT 5, target_id, 0, 0, '' FROM blocks"
        " WHERE account_id = $1 AND target_id IN (IDS)"
        " UNION ALL SELECT 6, account_id, 0, 0, '' FROM blocks"
        " WHERE account_id IN (IDS) AND target_id = $1"
        " UNION ALL SELECT 7, target_id, hides_notifications, COALESCE(expires_ms, 0), ''"
        " FROM mutes WHERE account_id = $1 AND target_id IN (IDS)"
        " AND (expires_ms IS NULL OR expires_ms > $2)"
        " UNION ALL SELECT 8, a.id, 0, 0, '' FROM accounts a"
        " JOIN domain_blocks d ON d.account_id = $1 AND d.domain = a.domain WHERE a.id IN (IDS)"
        " UNION ALL SELECT 9, target_id, 0, 0, '' FROM endorsements"
        " WHERE account_id = $1 AND target_id IN (IDS)"
        " UNION ALL SELECT 10, target_id, 0, 0, comment FROM account_notes"
        " WHERE account_id = $1 AND target_id IN (IDS)"
    )
    return sql.replace("IDS", ids)


_FLAGS: Final = {
    _FOLLOWING: "is_following",
    _REQUESTED: "is_requested",
    _FOLLOWED_BY: "is_followed_by",
    _REQUESTED_BY: "is_requested_by",
    _BLOCKING: "is_blocking",
    _BLOCKED_BY: "is_blocked_by",
    _MUTING: "is_muting",
    _DOMAIN_BLOCKING: "is_domain_blocking",
    _ENDORSED: "is_endorsed",
}


def _facts(row: Row) -> dict[str, Any]:
    """What one row of the union says, in the words of the view."""
    kind, _, first, second, text = row
    if kind == _NOTE:
        return {"note": text}
    facts: dict[str, Any] = {_FLAGS[kind]: True}
    if kind in (_FOLLOWING, _REQUESTED):
        languages = tuple(text.split())
        facts |= {"shows_boosts": bool(first), "notifies": bool(second), "languages": languages}
    elif kind == _MUTING:
        facts |= {"mutes_notifications": bool(first), "mute_expires_ms": second or None}
    return facts


async def load_pairs(
    tx: Reader, viewer_id: AccountId, target_ids: Sequence[AccountId], now_ms: int
) -> dict[AccountId, Pair]:
    """What lies between a viewer and each of the targets that exist, by the target's id."""
    if not target_ids:
        return {}
    ids = padded(target_ids)
    facts: dict[AccountId, dict[str, Any]] = {}
    present: list[Row] = []
    for row in await tx.all(_pairs_sql(len(ids)), viewer_id, now_ms, *ids):
        if row[0] == _ACCOUNT:
            present.append(row)
        else:
            facts.setdefault(row[1], {}).update(_facts(row))
    return {
        target_id: Pair(
            RelationshipView(target_id, **facts.get(target_id, {})), state, bool(is_locked)
        )
        for _, target_id, is_locked, _, state in present
    }


async def lock_pair(tx: Transaction, one_id: AccountId, other_id: AccountId) -> None:
    """Hold back everybody else who would change what lies between two accounts.

    All lock the lower id first, so two transactions never wait for each other.
    """
    await accounts.lock(tx, AccountId(min(one_id, other_id)))


async def find_locked_pair(
    tx: Transaction, viewer_id: AccountId, target_id: AccountId, now_ms: int
) -> Pair | None:
    """What lies between the two until the commit, or None where there is no such target."""
    await lock_pair(tx, viewer_id, target_id)
    return (await load_pairs(tx, viewer_id, [target_id], now_ms)).get(target_id)


_INSERT_FOLLOWING: Final = (
    "INSERT INTO followings (account_id, target_id, id, shows_boosts, notifies, languages)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
)
_INSERT_FOLLOWER: Final = _INSERT_FOLLOWING.replace("followings", "followers")
_INSERT_REQUEST: Final = _INSERT_FOLLOWING.replace("followings", "follow_requests")
_UPDATE_FOLLOWING: Final = (
    "UPDATE followings SET shows_boosts = $3, notifies = $4, languages = $5"
    " WHERE account_id = $1 AND target_id = $2"
)
_UPDATE_FOLLOWER: Final = _UPDATE_FOLLOWING.replace("followings", "followers")
_UPDATE_REQUEST: Final = _UPDATE_FOLLOWING.replace("followings", "follow_requests")
_DELETE_FOLLOWING: Final = "DELETE FROM followings WHERE account_id = $1 AND target_id = $2"
_DELETE_FOLLOWER: Final = "DELETE FROM followers WHERE account_id = $1 AND target_id = $2"
_DELETE_REQUEST: Final = "DELETE FROM follow_requests WHERE account_id = $1 AND target_id = $2"
_DELETE_ENDORSEMENT: Final = "DELETE FROM endorsements WHERE account_id = $1 AND target_id = $2"


def _columns(follow: Follow) -> tuple[int, int, str]:
    # With a space at either end, one LIKE finds a language: see timelines._FAN_OUT.
    languages = f" {' '.join(follow.languages)} " if follow.languages else ""
    return int(follow.shows_boosts), int(follow.notifies), languages


def beginning_follow(
    account_id: AccountId, target_id: AccountId, follow_id: int, follow: Follow
) -> list[Statement]:
    """The statements of a new follow, in both of its places."""
    values = (account_id, target_id, follow_id, *_columns(follow))
    return [(_INSERT_FOLLOWING, values), (_INSERT_FOLLOWER, values)]


def changing_follow(account_id: AccountId, target_id: AccountId, follow: Follow) -> list[Statement]:
    """The statements that give a follow other choices."""
    values = (account_id, target_id, *_columns(follow))
    return [(_UPDATE_FOLLOWING, values), (_UPDATE_FOLLOWER, values)]


def ending_follow(account_id: AccountId, target_id: AccountId) -> list[Statement]:
    """The statements that end a follow, and with it what only a follower may have."""
    values = (account_id, target_id)
    return [
        (_DELETE_FOLLOWING, values),
        (_DELETE_FOLLOWER, values),
        leaving_lists(account_id, target_id),
        (_DELETE_ENDORSEMENT, values),
    ]


def requesting(
    account_id: AccountId, target_id: AccountId, request_id: int, follow: Follow
) -> Statement:
    """The statement that asks a locked account for a follow."""
    return _INSERT_REQUEST, (account_id, target_id, request_id, *_columns(follow))


def changing_request(account_id: AccountId, target_id: AccountId, follow: Follow) -> Statement:
    """The statement that gives a request other choices."""
    return _UPDATE_REQUEST, (account_id, target_id, *_columns(follow))


def ending_request(account_id: AccountId, target_id: AccountId) -> Statement:
    """The statement that takes a request away."""
    return _DELETE_REQUEST, (account_id, target_id)


_FIND_REQUEST: Final = (
    "SELECT shows_boosts, notifies, languages FROM follow_requests"
    " WHERE target_id = $1 AND account_id = $2"
)
_LIST_REQUESTS: Final = (
    "SELECT x.id, x.account_id FROM follow_requests x JOIN accounts a ON a.id = x.account_id"
    " WHERE x.target_id = $1 AND x.id < $2 AND x.id > $3 AND a.state NOT IN " + HIDING_STATES + ""
    " ORDER BY x.id DESC LIMIT $4"
)
_COUNT: Final = "SELECT followings, followers FROM account_counters WHERE account_id = $1"


async def find_request(tx: Reader, target_id: AccountId, account_id: AccountId) -> Follow | None:
    """What an account asked of the target, or None when it asked nothing."""
    row = await tx.one(_FIND_REQUEST, target_id, account_id)
    return None if row is None else Follow(bool(row[0]), bool(row[1]), tuple(row[2].split()))


async def list_requests(
    tx: Reader, target_id: AccountId, cursor: Cursor
) -> list[tuple[int, AccountId]]:
    """Who asks to follow an account, the newest request first, each with its id."""
    bounds = (cursor.below, cursor.above, cursor.limit)
    return [(row[0], row[1]) for row in await tx.all(_LIST_REQUESTS, target_id, *bounds)]


async def count_relations(tx: Reader, account_id: AccountId) -> tuple[int, int]:
    """How many an account follows, and how many follow it."""
    row = await tx.one(_COUNT, account_id)
    assert row is not None
    return row[0], row[1]
