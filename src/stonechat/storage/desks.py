"""Desks in SQL: what the page of all one's beacons depends on."""

from collections.abc import Sequence
from functools import cache
from typing import LiteralString

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader
from stonechat.storage.idioms import padded, parameters


@cache
def _load_sums_sql(count: int) -> LiteralString:
    return (
        "SELECT r.account_id, COUNT(*), CAST(SUM(b.version) AS BIGINT), MAX(r.since_ms)"
        " FROM beacon_roles r"
        " JOIN beacons b ON b.id = r.beacon_id"
        " WHERE r.account_id IN (" + parameters(1, count) + ") GROUP BY r.account_id"
    )


async def load_sums(
    tx: Reader, account_ids: Sequence[AccountId]
) -> dict[AccountId, tuple[int, int, int]]:
    """How many beacons each of at most IN_MAX accounts has a role on, and what tells them apart.

    Which is the sum of their versions, that only grow, and when the last role came: one role may
    be swapped for another and leave number and sum as they were. Who has no role is not in it.
    """
    ids = padded(account_ids)
    rows = await tx.all(_load_sums_sql(len(ids)), *ids)
    return {AccountId(row[0]): (row[1], row[2], row[3]) for row in rows}
