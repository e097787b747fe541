"""Accounts in SQL: profiles, logins and counters.

Counters stand in a table of their own (`account_counters`) with the version that rendered
profiles are checked by, so that a post does not touch the profile's row. A change of the profile
raises that version too: use `touching` in the same write set.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.accounts import Account, Login
from stonechat.domain.contributions import KINDS
from stonechat.domain.ids import AccountId, AppId
from stonechat.domain.names import words_of
from stonechat.domain.statuses import Status
from stonechat.domain.views import AccountView, CredentialView, FieldView
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import IN_SIZES, padded, parameters
from stonechat.storage.names import naming
from stonechat.storage.statuses import Statement

_COLUMNS: Final = (
    "a.id, a.username, a.domain, a.display_name, a.note, a.fields, a.avatar, a.header,"
    " a.is_locked, a.is_bot, a.is_group, a.is_discoverable, a.is_indexable, a.hides_collections,"
    " a.role, a.state, a.created_ms, c.statuses, c.followers, c.followings, c.last_status_ms,"
    " c.version"
)
_WIDTH: Final = 22
_TABLES: Final = " FROM accounts a JOIN account_counters c ON c.account_id = a.id"


def _view(row: Row) -> AccountView:
    return AccountView(
        id=row[0],
        username=row[1],
        domain=row[2],
        display_name=row[3],
        note=row[4],
        fields=tuple(FieldView(*each) for each in json.loads(row[5])),
        avatar=row[6],
        header=row[7],
        is_locked=bool(row[8]),
        is_bot=bool(row[9]),
        is_group=bool(row[10]),
        is_discoverable=bool(row[11]),
        is_indexable=bool(row[12]),
        hides_collections=bool(row[13]),
        role=row[14],
        state=row[15],
        created_ms=row[16],
        statuses=row[17],
        followers=row[18],
        followings=row[19],
        last_status_ms=row[20],
        version=row[21],
    )


@cache
def _load_sql(count: int) -> LiteralString:
    return "SELECT " + _COLUMNS + _TABLES + " WHERE a.id IN (" + parameters(1, count) + ")"


async def load_views(tx: Reader, account_ids: Sequence[AccountId]) -> dict[AccountId, AccountView]:
    """Accounts by id, whatever their state."""
    found: dict[AccountId, AccountView] = {}
    for start in range(0, len(account_ids), IN_SIZES[-1]):
        ids = padded(account_ids[start : start + IN_SIZES[-1]])
        rows = await tx.all(_load_sql(len(ids)), *ids)
        found.update((row[0], _view(row)) for row in rows)
    return found


_FIND_BY_HANDLE: Final = (
    "SELECT " + _COLUMNS + _TABLES + " WHERE a.username_key = $1 AND COALESCE(a.domain, '') = $2"
)


async def find_by_handle(
    tx: Reader, username: str, domain: str | None = None
) -> AccountView | None:
    """The account of a name in any case, here (domain None) or elsewhere."""
    row = await tx.one(_FIND_BY_HANDLE, username.lower(), domain or "")
    return None if row is None else _view(row)


@cache
def _load_by_username_sql(count: int) -> LiteralString:
    return (
        "SELECT a.id, a.username, a.username_key, a.state FROM accounts a"
        " WHERE COALESCE(a.domain, '') = '' AND a.username_key IN (" + parameters(1, count) + ")"
    )


async def load_local_ids(
    tx: Reader, usernames: Sequence[str]
) -> dict[str, tuple[AccountId, str, str]]:
    """Id, name and state of the local accounts with these names, by the name in lower case."""
    if not usernames:
        return {}
    keys = padded([username.lower() for username in usernames])
    rows = await tx.all(_load_by_username_sql(len(keys)), *keys)
    return {row[2]: (row[0], row[1], row[3]) for row in rows}


_INSERT: Final = (
    "INSERT INTO accounts (id, username, username_key, display_name, role, state, is_locked,"
    " created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
_INSERT_COUNTERS: Final = "INSERT INTO account_counters (account_id) VALUES ($1)"
_INSERT_LOGIN: Final = (
    "INSERT INTO logins (account_id, email, email_key, password_hash, locale, reason, app_id,"
    " created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)


async def insert(tx: Transaction, account: Account, login: Login) -> None:
    """A new local account with its login and its counters at nought."""
    await tx.run_all(
        (
            _INSERT,
            (
                account.id,
                account.username,
                account.username.lower(),
                account.display_name,
                account.role,
                account.state,
                int(account.is_locked),
                account.created_ms,
            ),
        ),
        (_INSERT_COUNTERS, (account.id,)),
        *naming(account.id, words_of(account.username, account.display_name)),
        (
            _INSERT_LOGIN,
            (
                account.id,
                login.email,
                login.email.lower(),
                login.password_hash,
                login.locale,
                login.reason,
                login.app_id,
                account.created_ms,
            ),
        ),
    )


_COUNT_STATUS: Final = (
    "UPDATE account_counters SET statuses = statuses + $2, said = said + $4, posts = posts + $5,"
    " discussions = discussions + $6, polls = polls + $7,"
    " last_status_ms = CASE WHEN $3 > COALESCE(last_status_ms, 0) THEN $3 ELSE last_status_ms END,"
    " version = version + 1 WHERE account_id = $1"
)
_COUNT_RELATIONS: Final = (
    "UPDATE account_counters SET followers = followers + $2, followings = followings + $3,"
    " version = version + 1 WHERE account_id = $1"
)
_TOUCH: Final = "UPDATE account_counters SET version = version + 1 WHERE account_id = $1"


def counting_status(status: Status, change: int, now_ms: int = 0) -> Statement:
    """The statement that counts an author's statuses up (with the time) or down.

    Contributions are counted by their kinds, too.
    """
    kinds = (0, 0, 0)
    if status.is_contribution:
        kinds = tuple(change if status.kind == kind else 0 for kind in KINDS)
    polls = change if status.poll is not None else 0
    return _COUNT_STATUS, (status.account_id, change, now_ms, *kinds, polls)


def counting_poll(account_id: AccountId, change: int) -> Statement:
    """The statement that counts the polls of an author whose status got one, or lost it."""
    return _COUNT_STATUS, (account_id, 0, 0, 0, 0, 0, change)


def counting_relations(
    account_id: AccountId, *, followers: int = 0, followings: int = 0
) -> Statement:
    """The statement that counts an account's followers and followings up or down."""
    return _COUNT_RELATIONS, (account_id, followers, followings)


def touching(account_id: AccountId) -> Statement:
    """The statement that makes every rendered copy of a profile old."""
    return _TOUCH, (account_id,)


WAITING_REQUESTS_COUNTED_MAX: Final = 40
_GET_CREDENTIALS: Final = (
    "SELECT " + _COLUMNS + ", l.default_visibility, l.default_sensitive, l.default_language,"
    " COALESCE(l.default_quote_policy, 0), l.email,"
    " (SELECT COUNT(*) FROM (SELECT 1 FROM follow_requests q WHERE q.target_id = a.id"
    " LIMIT $2) waiting)" + _TABLES + " LEFT JOIN logins l ON l.account_id = a.id WHERE a.id = $1"
)


async def get_credentials(tx: Reader, account_id: AccountId) -> CredentialView:
    """An account as its owner sees it."""
    row = await tx.one(_GET_CREDENTIALS, account_id, WAITING_REQUESTS_COUNTED_MAX)
    assert row is not None
    account = _view(row)
    visibility, is_sensitive, language, policy, email, waiting = row[_WIDTH:]
    unless_chosen = "private" if account.is_locked else "public"
    return CredentialView(
        account,
        visibility or unless_chosen,
        bool(is_sensitive),
        language,
        policy,
        waiting,
        email or "",
    )


_FIND_AUTHOR: Final = (
    "SELECT a.is_locked, l.default_visibility, l.default_sensitive, l.default_language,"
    " (SELECT c.followers FROM account_counters c WHERE c.account_id = a.id),"
    " COALESCE(l.default_quote_policy, 0), a.username, p.name, p.website"
    " FROM accounts a LEFT JOIN logins l ON l.account_id = a.id LEFT JOIN apps p ON p.id = $2"
    " WHERE a.id = $1"
)


async def get_author_row(tx: Reader, account_id: AccountId, app_id: AppId | None = None) -> Row:
    """Locked, default visibility, sensitive, language, followers, quote policy; the byline."""
    row = await tx.one(_FIND_AUTHOR, account_id, app_id)
    assert row is not None
    return row


_HAS_EMAIL: Final = "SELECT 1 FROM logins WHERE email_key = $1"
_HAS_ANY: Final = "SELECT 1 FROM accounts LIMIT 1"


async def has_email(tx: Reader, email: str) -> bool:
    """Whether a login has this address, in any case."""
    return await tx.one(_HAS_EMAIL, email.lower()) is not None


async def has_any(tx: Reader) -> bool:
    """Whether there is any account at all."""
    return await tx.one(_HAS_ANY) is not None


_LOCK: Final = "UPDATE account_counters SET version = version WHERE account_id = $1"


async def lock(tx: Transaction, account_id: AccountId) -> None:
    """Hold back everybody else who changes what an account may only have so many of."""
    await tx.run(_LOCK, account_id)
