"""Members in SQL: what a community shows of accounts, and finding them.

Details are JSON of what is not empty, by the vendor's names. Whoever writes them, or gives or
takes a label, also writes `accounts.touching` in the same transaction.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.members import (
    Details,
    MemberLabel,
    MemberView,
    Spot,
    Window,
)
from stonechat.storage import accounts
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import IN_SIZES, padded, parameters
from stonechat.storage.visibility import hidden_accounts

_LABEL: Final = 1


# Kind 0 is an account, kind 1 a label that one carries.
@cache
def _extras_sql(count: int) -> LiteralString:
    ids = parameters(1, count)
    return (
        "SELECT 0 AS kind, a.id AS account_id, a.details AS first, '' AS second, '' AS third,"
        " '' AS fourth, c.said AS said, c.posts, c.discussions, c.polls"
        " FROM accounts a JOIN account_counters c ON c.account_id = a.id WHERE a.id IN ("
        + ids
        + ")"
        " UNION ALL SELECT 1, h.account_id, l.type, l.name, l.description, l.color, l.id, 0, 0, 0"
        " FROM label_holders h JOIN labels l ON l.id = h.label_id WHERE h.account_id IN ("
        + ids
        + ")"
        " AND l.deleted_ms IS NULL AND l.is_active = 1 AND l.is_visible = 1 ORDER BY kind, said"
    )


async def load_views(tx: Reader, account_ids: Sequence[AccountId]) -> dict[AccountId, MemberView]:
    """Members by id, whatever the state of their accounts. Two statements."""
    known = await accounts.load_views(tx, account_ids)
    rows: list[Any] = []
    for start in range(0, len(account_ids), IN_SIZES[-1]):
        ids = padded(account_ids[start : start + IN_SIZES[-1]])
        rows += await tx.all(_extras_sql(len(ids)), *ids)
    labels: dict[AccountId, list[MemberLabel]] = {}
    for kind, account_id, type_, name, description, color, label_id, *_ in rows:
        if kind == _LABEL:
            label = MemberLabel(label_id, type_, name, description, color)
            labels.setdefault(account_id, []).append(label)
    return {
        row[1]: MemberView(
            known[row[1]],
            read_details(row[2]),
            said=row[6],
            posts=row[7],
            discussions=row[8],
            polls=row[9],
            labels=tuple(labels.get(row[1], ())),
        )
        for row in rows
        # An account that was made between the two statements is not there yet.
        if row[0] != _LABEL and row[1] in known
    }


def read_details(text: str) -> Details:
    """Details out of their column."""
    if text == "{}":
        return Details()
    kept = json.loads(text)
    born_on = kept.pop("born_on", None)
    for name in ("home", "position"):
        if name in kept:
            kept[name] = Spot(*kept[name])
    return Details(**kept, born_on=date.fromisoformat(born_on) if born_on else None)


def write_details(details: Details) -> str:
    """The column of these details."""
    kept: dict[str, object] = {
        "location": details.location,
        "home": details.home,
        "position": details.position,
        "born_on": details.born_on.isoformat() if details.born_on else None,
        "description": details.description,
        "gender": details.gender if details.gender != "Unspecified" else "",
        "website": details.website,
        "company_name": details.company_name,
        "company_role": details.company_role,
        "metadata": dict(details.metadata),
    }
    said = {name: value for name, value in kept.items() if value}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


_FIND_DETAILS: Final = "SELECT details FROM accounts WHERE id = $1"
_UPDATE_DETAILS: Final = "UPDATE accounts SET details = $2 WHERE id = $1"
_FIND_SETTINGS: Final = "SELECT settings FROM logins WHERE account_id = $1"
_UPDATE_SETTINGS: Final = "UPDATE logins SET settings = $2 WHERE account_id = $1"


async def get_details(tx: Reader, account_id: AccountId) -> Details:
    """What somebody tells about themselves."""
    row = await tx.one(_FIND_DETAILS, account_id)
    return read_details("{}" if row is None else row[0])


async def update_details(tx: Transaction, account_id: AccountId, details: Details) -> None:
    """Keep what somebody tells about themselves; the account is held, and touched, besides."""
    await tx.run(_UPDATE_DETAILS, account_id, write_details(details))


async def get_settings(tx: Reader, account_id: AccountId) -> dict[str, int]:
    """What somebody set otherwise than it is by default."""
    row = await tx.one(_FIND_SETTINGS, account_id)
    return {} if row is None else json.loads(row[0])


async def update_settings(
    tx: Transaction, account_id: AccountId, settings: Mapping[str, int]
) -> None:
    """Keep what somebody set; the account is held besides."""
    await tx.run(_UPDATE_SETTINGS, account_id, json.dumps(dict(settings)))


# $1 the viewer, or nobody where they are not to be spared anyone; $2 now.
_UNHIDDEN: Final[LiteralString] = " AND a.id NOT IN (" + hidden_accounts("$1", "$2") + ")"
_FINDABLE: Final[LiteralString] = " AND a.is_discoverable = 1"
_SOURCES: Final[dict[str, LiteralString]] = {
    "everybody": "SELECT a.id FROM accounts a WHERE a.id > 0 AND a.state = 'active'",
    "staff": "SELECT a.id FROM accounts a"
    " WHERE a.role <> 'user' AND a.id > 0 AND a.state = 'active'",
    "label": "SELECT a.id FROM labels l JOIN label_holders h ON h.label_id = l.id"
    " JOIN accounts a ON a.id = h.account_id"
    " WHERE l.id = $4 AND l.deleted_ms IS NULL AND l.is_active = 1 AND l.is_visible = 1"
    " AND a.state = 'active'",
    "category": "SELECT a.id FROM categories k JOIN tag_follows f ON f.tag = k.tag"
    " JOIN accounts a ON a.id = f.account_id"
    " WHERE k.id = $4 AND k.deleted_ms IS NULL AND k.is_active = 1 AND a.state = 'active'",
}
_PAGE: Final[LiteralString] = " ORDER BY a.id DESC LIMIT $3"


@cache
def _list_sql(source: str, *, only_findable: bool) -> LiteralString:
    return _SOURCES[source] + (_FINDABLE if only_findable else "") + _UNHIDDEN + _PAGE


@cache
def _count_sql(*, only_findable: bool) -> LiteralString:
    listed = _list_sql("everybody", only_findable=only_findable)
    return "SELECT COUNT(*) FROM (" + listed + ") listed"


async def list_page(
    db: Database, hider_id: AccountId, now_ms: int, *, only_findable: bool, window: Window
) -> tuple[list[AccountId], int]:
    """A page of all members, newest first, and how many there are, up to a bound."""
    sql = _list_sql("everybody", only_findable=only_findable) + " OFFSET $4"
    rows = await db.all_slow(sql, hider_id, now_ms, window.limit, window.offset)
    counting = _count_sql(only_findable=only_findable)
    counted = await db.all_slow(counting, hider_id, now_ms, limits.MEMBERS_COUNTED_MAX)
    return [row[0] for row in rows], int(counted[0][0])


async def list_candidates(
    db: Database,
    hider_id: AccountId,
    now_ms: int,
    source: tuple[str, int | None],
    *,
    only_findable: bool,
) -> list[AccountId]:
    """Members out of one source, the newest of them, up to a bound."""
    name, value = source
    sql = _list_sql(name, only_findable=only_findable)
    more = () if value is None else (value,)
    rows = await db.all_slow(sql, hider_id, now_ms, limits.MEMBERS_CONSIDERED_MAX, *more)
    return [row[0] for row in rows]
