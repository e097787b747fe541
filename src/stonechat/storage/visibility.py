"""The SQL half of `domain/policies.may_see`.

`visible` is an expression over a status `s` whose author is `a`; a property test holds it and
the pure policy together. Pages of many statuses do not use it: they gather the facts for all
rows in one statement (glances.load_glances) and ask the policy, because PostgreSQL plans a
list of EXISTS columns by hashing whole tables.
"""

from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader

HIDING_STATES: Final[LiteralString] = "('suspended', 'deleted', 'pending')"
"""States of an author in which nobody sees what they wrote."""


_ADDRESSED: Final[LiteralString] = (
    "EXISTS (SELECT 1 FROM addressings ad JOIN labels al ON al.id = ad.label_id"
    " JOIN label_holders ah ON ah.label_id = ad.label_id WHERE ad.thread_id = THREAD"
    " AND ah.account_id = VIEWER AND al.is_active = 1 AND al.deleted_ms IS NULL)"
)


def addressed(viewer: LiteralString, thread: LiteralString) -> LiteralString:
    """The condition that `viewer` carries one of the labels to which `thread` is addressed.

    Rows of label_holders stay when a label is switched off or deleted, and count for nothing:
    so everybody carries it again when it is switched on.
    """
    return _ADDRESSED.replace("VIEWER", viewer).replace("THREAD", thread)


def visible(viewer: LiteralString) -> LiteralString:
    """The condition that `viewer`, an SQL expression for an account id, may see `s`."""
    return (
        "(s.deleted_ms IS NULL AND a.state NOT IN " + HIDING_STATES + " AND (s.account_id = "
        "VIEWER OR (NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = s.account_id"
        " AND b.target_id = VIEWER) AND (s.visibility <= 1"
        " OR (s.visibility <> 4 AND EXISTS (SELECT 1 FROM status_mentions m"
        " WHERE m.status_id = s.id AND m.account_id = VIEWER))"
        " OR (s.visibility = 2 AND EXISTS (SELECT 1 FROM followings f"
        " WHERE f.account_id = VIEWER AND f.target_id = s.account_id))"
        " OR (s.visibility = 4 AND " + addressed("VIEWER", "s.thread_id") + ")))))"
    ).replace("VIEWER", viewer)


_HIDDEN_ACCOUNTS: Final[LiteralString] = (
    "SELECT target_id FROM blocks WHERE account_id = VIEWER"
    " UNION ALL SELECT account_id FROM blocks WHERE target_id = VIEWER"
    " UNION ALL SELECT target_id FROM mutes WHERE account_id = VIEWER"
    " AND (expires_ms IS NULL OR expires_ms > NOW)"
)


def hidden_accounts(viewer: LiteralString, now: LiteralString) -> LiteralString:
    """A subquery: whom `viewer` blocks or mutes, and who blocks `viewer`.

    It does not refer to the outer row, so an engine runs it once per statement.
    """
    return _HIDDEN_ACCOUNTS.replace("VIEWER", viewer).replace("NOW", now)


_HIDDEN: Final = hidden_accounts("$1", "$2")


async def load_hidden_accounts(tx: Reader, viewer_id: AccountId, now_ms: int) -> set[AccountId]:
    """Whom an account blocks or mutes, and who blocks it."""
    return {row[0] for row in await tx.all(_HIDDEN, viewer_id, now_ms)}
