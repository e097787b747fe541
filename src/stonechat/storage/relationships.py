"""What lies between two accounts, in SQL: follows, requests, blocks, mutes, notes.

A follow stands twice: in `followings` under who follows, and in `followers` under whom, because
each is asked for by its own key. The two are written in one write set, always.
"""

from collections.abc import Sequence
from functools import cache
from typing import LiteralString

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader
from stonechat.storage.idioms import padded, parameters


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
