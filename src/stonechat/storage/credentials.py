"""Credentials in SQL: what the owner of an account changes on it.

A part that is None in a change stays as it is by COALESCE, so two changes of different parts do
not undo each other. Whoever writes here also writes accounts.touching in the same transaction.
"""

import json
from collections.abc import Mapping
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.domain.profiles import ProfileChange
from stonechat.storage.statuses import Statement

_UPDATE_ACCOUNT: Final = (
    "UPDATE accounts SET display_name = COALESCE($2, display_name), note = COALESCE($3, note),"
    " is_locked = COALESCE($4, is_locked), is_bot = COALESCE($5, is_bot),"
    " is_discoverable = COALESCE($6, is_discoverable), is_indexable = COALESCE($7, is_indexable),"
    " hides_collections = COALESCE($8, hides_collections), fields = COALESCE($9, fields),"
    " avatar = COALESCE($10, avatar), header = COALESCE($11, header) WHERE id = $1"
)
_UPDATE_LOGIN: Final = (
    "UPDATE logins SET default_visibility = COALESCE($2, default_visibility),"
    " default_sensitive = COALESCE($3, default_sensitive),"
    " default_language = CASE WHEN CAST($4 AS TEXT) = '' THEN NULL"
    " ELSE COALESCE(CAST($4 AS TEXT), default_language) END,"
    " default_quote_policy = COALESCE($5, default_quote_policy) WHERE account_id = $1"
)
# The file goes with the change, so it is none to choose from any more.
_FORGET_AVATAR: Final = (
    "DELETE FROM account_avatars WHERE account_id = $1"
    " AND file = (SELECT a.avatar FROM accounts a WHERE a.id = $1)"
)
_REMOVE: Final[dict[str, LiteralString]] = {
    "avatar": "UPDATE accounts SET avatar = NULL WHERE id = $1",
    "header": "UPDATE accounts SET header = NULL WHERE id = $1",
}


def _bit(value: bool | None) -> int | None:  # noqa: FBT001 - it is what is asked for
    return None if value is None else int(value)


def _fields(change: ProfileChange) -> str | None:
    if change.fields is None:
        return None
    lines = [[field.name, field.value] for field in change.fields]
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def changing(
    account_id: AccountId, change: ProfileChange, pictures: Mapping[str, str]
) -> list[Statement]:
    """The statements of a change; `pictures` are names of files by their kind."""
    account = (
        account_id,
        change.display_name,
        change.note,
        _bit(change.is_locked),
        _bit(change.is_bot),
        _bit(change.is_discoverable),
        _bit(change.is_indexable),
        _bit(change.hides_collections),
        _fields(change),
        pictures.get("avatar"),
        pictures.get("header"),
    )
    login = (
        account_id,
        change.default_visibility,
        _bit(change.default_sensitive),
        change.default_language,
        change.default_quote_policy,
    )
    forgotten: list[Statement] = [(_FORGET_AVATAR, (account_id,))] if "avatar" in pictures else []
    return [*forgotten, (_UPDATE_ACCOUNT, account), (_UPDATE_LOGIN, login)]


def removing_picture(account_id: AccountId, kind: str) -> list[Statement]:
    """The statements that take a picture off a profile."""
    forgotten: list[Statement] = [(_FORGET_AVATAR, (account_id,))] if kind == "avatar" else []
    return [*forgotten, (_REMOVE[kind], (account_id,))]
