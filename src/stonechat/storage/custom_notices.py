"""Custom notices in SQL: the words, once; and a row of notifications for each who is told them."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.custom_notices import CustomNotice, GiveNotice
from stonechat.domain.ids import AccountId, CustomNoticeId
from stonechat.domain.media_links import Embed
from stonechat.storage.database import Reader, Row
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.statuses import Statement

_INSERT: Final = (
    "INSERT INTO custom_notices (account_id, id, title, description, type, embed_id)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
)
_LIST_FOLLOWERS: Final = (
    "SELECT account_id FROM followers WHERE target_id = $1 AND account_id > $2"
    " ORDER BY account_id LIMIT $3"
)


def inserting(account_id: AccountId, notice_id: CustomNoticeId, order: GiveNotice) -> Statement:
    """Keep the words."""
    words = (order.title, order.description, order.type, order.embed_id)
    return _INSERT, (account_id, notice_id, *words)


async def list_followers(
    tx: Reader, account_id: AccountId, after_id: AccountId, limit: int
) -> list[AccountId]:
    """Who follows an account, by id, above `after_id`."""
    return [row[0] for row in await tx.all(_LIST_FOLLOWERS, account_id, after_id, limit)]


@cache
def _load_sql(accounts: int, notices: int) -> LiteralString:
    return (
        "SELECT c.id, c.title, c.description, c.type, e.id, e.embed_type, e.embed_id, e.url,"
        " e.metadata FROM custom_notices c LEFT JOIN embeds e ON e.id = c.embed_id"
        " WHERE c.account_id IN (" + parameters(1, accounts) + ") AND c.id IN ("
        "" + parameters(1 + accounts, notices) + ")"
    )


async def load(
    tx: Reader, keys: Sequence[tuple[AccountId, CustomNoticeId]]
) -> dict[CustomNoticeId, CustomNotice]:
    """Words by id, of at most IN_MAX keys: who says it, and its id."""
    assert len(keys) <= IN_MAX
    if not keys:
        return {}
    accounts = padded(list(dict.fromkeys(account_id for account_id, _ in keys)))
    notices = padded(list(dict.fromkeys(notice_id for _, notice_id in keys)))
    rows = await tx.all(_load_sql(len(accounts), len(notices)), *accounts, *notices)
    return {row[0]: _notice(row) for row in rows}


def _notice(row: Row) -> CustomNotice:
    embed = None
    if row[4] is not None:
        embed = Embed(row[4], row[5], row[6], row[7], json.loads(row[8]))
    return CustomNotice(row[0], row[1], row[2], row[3], embed)
