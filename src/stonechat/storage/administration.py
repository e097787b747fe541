"""What the operator's commands do to accounts, in SQL.

Whoever changes an account here also writes accounts.touching in the same transaction, or others
go on seeing the rendered profile of before.
"""

from typing import Final, LiteralString

from stonechat.domain.administration import AccountSummary, TokenSummary
from stonechat.domain.ids import AccountId, StatusId, TokenId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_LIST: Final = (
    "SELECT a.id, a.username, a.role, a.state, l.email, c.statuses, c.followers, a.created_ms"
    " FROM accounts a JOIN account_counters c ON c.account_id = a.id"
    " LEFT JOIN logins l ON l.account_id = a.id"
    " WHERE a.id > $1 AND a.domain IS NULL ORDER BY a.id LIMIT $2"
)
_CLAIM_FACT: Final = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
_OWNER: Final = "owner_made_ms"


async def list_accounts(tx: Reader, after_id: int, limit: int) -> list[AccountSummary]:
    """The accounts of this server in the order in which they were made."""
    return [AccountSummary._make(row) for row in await tx.all(_LIST, after_id, limit)]


async def claim_founding(tx: Transaction, now_ms: int) -> bool:
    """Be the one who makes the owner of a new server; of two at the same time one is."""
    return bool(await tx.run(_CLAIM_FACT, _OWNER, str(now_ms)))


_UPDATE_STATE: Final = "UPDATE accounts SET state = $2 WHERE id = $1"
_UPDATE_ROLE: Final = "UPDATE accounts SET role = $2 WHERE id = $1"
_UPDATE_PASSWORD: Final = "UPDATE logins SET password_hash = $2 WHERE account_id = $1"
_SPEND_CODES: Final = "UPDATE codes SET used_ms = $2 WHERE account_id = $1 AND used_ms IS NULL"
_BLANK: Final = (
    "UPDATE accounts SET state = 'deleted', role = 'user', display_name = '', note = '',"
    " fields = '[]', avatar = NULL, header = NULL, is_locked = 0, is_bot = 0, is_group = 0,"
    " is_discoverable = 0, is_indexable = 0, hides_collections = 1, details = '{}' WHERE id = $1"
)
_DELETE_LOGIN: Final = "DELETE FROM logins WHERE account_id = $1"
_DELETE_WORDS: Final = "DELETE FROM account_words WHERE account_id = $1"


def changing_state(account_id: AccountId, state: str) -> Statement:
    """The statement that puts an account into a state."""
    return _UPDATE_STATE, (account_id, state)


def changing_role(account_id: AccountId, role: str) -> Statement:
    """The statement that gives an account a role."""
    return _UPDATE_ROLE, (account_id, role)


def changing_password(account_id: AccountId, password_hash: str) -> Statement:
    """The statement that gives a login another password."""
    return _UPDATE_PASSWORD, (account_id, password_hash)


def spending_codes(account_id: AccountId, now_ms: int) -> Statement:
    """The statement that makes an account's authorization codes good for nothing."""
    return _SPEND_CODES, (account_id, now_ms)


def blanking(account_id: AccountId) -> list[Statement]:
    """The statements that leave of an account its name alone."""
    return [
        (_BLANK, (account_id,)),
        (_DELETE_LOGIN, (account_id,)),
        (_DELETE_WORDS, (account_id,)),
    ]


_LIST_STATUSES: Final = (
    "SELECT id FROM statuses WHERE account_id = $1 AND deleted_ms IS NULL AND id > $2"
    " ORDER BY id LIMIT $3"
)
_LIST_FAVOURITES: Final = "SELECT status_id FROM favourites WHERE account_id = $1 LIMIT $2"
_LIST_REACTIONS: Final = "SELECT status_id FROM reactions WHERE account_id = $1 LIMIT $2"
_LIST_FLAGS: Final = "SELECT status_id FROM flags WHERE account_id = $1 LIMIT $2"
_LIST_THREAD_FOLLOWS: Final = "SELECT status_id FROM thread_follows WHERE account_id = $1 LIMIT $2"
_LIST_RELATED: Final = (
    "SELECT target_id FROM (SELECT target_id FROM followings WHERE account_id = $1 LIMIT $2) f1"
    " UNION SELECT account_id FROM"
    " (SELECT account_id FROM followers WHERE target_id = $1 LIMIT $2) f2"
    " UNION SELECT target_id FROM"
    " (SELECT target_id FROM follow_requests WHERE account_id = $1 LIMIT $2) f3"
    " UNION SELECT account_id FROM"
    " (SELECT account_id FROM follow_requests WHERE target_id = $1 LIMIT $2) f4"
)


async def list_statuses(
    tx: Reader, account_id: AccountId, after_id: int, limit: int
) -> list[StatusId]:
    """What an account said and boosted, oldest first."""
    return [row[0] for row in await tx.all(_LIST_STATUSES, account_id, after_id, limit)]


async def list_favourites(tx: Reader, account_id: AccountId, limit: int) -> list[StatusId]:
    """Some of what an account favourited."""
    return [row[0] for row in await tx.all(_LIST_FAVOURITES, account_id, limit)]


async def list_reactions(tx: Reader, account_id: AccountId, limit: int) -> list[StatusId]:
    """Some of what an account gave a reaction that is no favourite."""
    return [row[0] for row in await tx.all(_LIST_REACTIONS, account_id, limit)]


async def list_flags(tx: Reader, account_id: AccountId, limit: int) -> list[StatusId]:
    """Some of what an account flagged."""
    return [row[0] for row in await tx.all(_LIST_FLAGS, account_id, limit)]


async def list_thread_follows(tx: Reader, account_id: AccountId, limit: int) -> list[StatusId]:
    """Some of the contributions of which an account wants to hear every comment."""
    return [row[0] for row in await tx.all(_LIST_THREAD_FOLLOWS, account_id, limit)]


async def list_related(tx: Reader, account_id: AccountId, limit: int) -> list[AccountId]:
    """Some of those who follow an account or are followed by it, or asked to."""
    return [row[0] for row in await tx.all(_LIST_RELATED, account_id, limit)]


_LIST_PICTURES: Final = (
    "SELECT avatar FROM accounts WHERE id = $1 AND avatar IS NOT NULL"
    " UNION SELECT header FROM accounts WHERE id = $1 AND header IS NOT NULL"
    " UNION SELECT file FROM account_avatars WHERE account_id = $1"
)


async def list_pictures(tx: Reader, account_id: AccountId) -> list[str]:
    """The files of an account's pictures, also of those that it could show instead."""
    return [row[0] for row in await tx.all(_LIST_PICTURES, account_id)]


def _forgetting(table: LiteralString, key: LiteralString) -> LiteralString:
    return (
        "DELETE FROM " + table + " WHERE account_id = $1 AND " + key + " IN (SELECT " + key + ""
        " FROM " + table + " WHERE account_id = $1 LIMIT $2)"
    )


_FORGET_ON_BOARDS: Final = (
    "DELETE FROM board_beacons WHERE (board_id, place) IN (SELECT m.board_id, m.place FROM boards d"
    " JOIN board_beacons m ON m.board_id = d.id WHERE d.owner_id = $1 LIMIT $2)"
)
_FORGET_BOARDS: Final = (
    "DELETE FROM boards WHERE id IN (SELECT id FROM boards WHERE owner_id = $1 LIMIT $2)"
)
_FORGET_DELIVERIES: Final = (
    "DELETE FROM webhook_deliveries WHERE (webhook_id, id) IN (SELECT e.webhook_id, e.id"
    " FROM webhooks w JOIN webhook_deliveries e ON e.webhook_id = w.id"
    " WHERE w.account_id = $1 LIMIT $2)"
)
_FORGET_WEBHOOKS: Final = (
    "DELETE FROM webhooks WHERE id IN (SELECT id FROM webhooks WHERE account_id = $1 LIMIT $2)"
)
# What was decided stays decided.
_FORGET_DECISIONS: Final = (
    "UPDATE moderations SET moderator_id = NULL WHERE status_id IN (SELECT status_id"
    " FROM moderations WHERE moderator_id = $1 LIMIT $2)"
)
_OWN_ROWS: Final = (
    _forgetting("home_entries", "status_id"),
    _forgetting("bookmarks", "status_id"),
    _forgetting("notifications", "id"),
    _forgetting("custom_notices", "id"),
    _forgetting("conversation_statuses", "status_id"),
    _forgetting("conversations", "id"),
    _forgetting("list_members", "target_id"),
    _forgetting("lists", "id"),
    _forgetting("filter_statuses", "id"),
    _forgetting("filter_keywords", "id"),
    _forgetting("filters", "id"),
    _forgetting("blocks", "target_id"),
    _forgetting("mutes", "target_id"),
    _forgetting("domain_blocks", "domain"),
    _forgetting("account_notes", "target_id"),
    _forgetting("endorsements", "target_id"),
    _forgetting("thread_mutes", "thread_id"),
    _forgetting("account_bans", "account_id"),
    # That somebody saw it stays counted in what they saw.
    _forgetting("feed_reads", "status_id"),
    _forgetting("markers", "timeline"),
    _forgetting("featured_tags", "tag"),
    _forgetting("dismissed_suggestions", "target_id"),
    _forgetting("idempotency_keys", "key"),
    _forgetting("account_avatars", "id"),
    _forgetting("account_preferences", "id"),
    _forgetting("label_holders", "label_id"),
    _forgetting("scheduled_statuses", "id"),
    _forgetting("beacon_notices", "id"),
    _forgetting("beacon_inboxes", "account_id"),
    _forgetting("refresh_tokens", "hash"),
    _forgetting("account_bans", "account_id"),
    # What stands on a board, and what waits for a receiver, goes before that itself.
    _FORGET_ON_BOARDS,
    _FORGET_BOARDS,
    _FORGET_DELIVERIES,
    _FORGET_WEBHOOKS,
    _FORGET_DECISIONS,
)


async def delete_own_rows(tx: Transaction, account_id: AccountId, limit: int) -> bool:
    """Take away some of what only an account itself ever saw; whether there may be more."""
    for sql in _OWN_ROWS:
        if await tx.run(sql, account_id, limit) >= limit:
            return True
    return False


_LIST_TOKENS: Final = (
    "SELECT t.id, t.kind, t.scopes, a.name, t.created_ms, t.label, t.hint, t.beacon_id,"
    " t.expires_ms, t.used_ms FROM tokens t"
    " LEFT JOIN apps a ON a.id = t.app_id"
    " WHERE t.account_id = $1 AND t.revoked_ms IS NULL ORDER BY t.id LIMIT $2"
)
_REVOKE_BY_ID: Final = "UPDATE tokens SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL"
_REVOKE_BY_HASH: Final = "UPDATE tokens SET revoked_ms = $2 WHERE hash = $1 AND revoked_ms IS NULL"


async def list_tokens(tx: Reader, account_id: AccountId, limit: int) -> list[TokenSummary]:
    """The tokens and keys of an account that are still good, oldest first."""
    return [TokenSummary._make(row) for row in await tx.all(_LIST_TOKENS, account_id, limit)]


async def revoke_token(tx: Transaction, token_id: TokenId, now_ms: int) -> bool:
    """End the token of an id; False where no good one has it."""
    return bool(await tx.run(_REVOKE_BY_ID, token_id, now_ms))


async def revoke_secret(tx: Transaction, token_hash: bytes, now_ms: int) -> bool:
    """End the token of a secret; False where no good one has it."""
    return bool(await tx.run(_REVOKE_BY_HASH, token_hash, now_ms))
