"""Standings: how far an account is that a program speaks for."""

from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId

UNVERIFIED_STATES: Final = frozenset({"pending", "unconfirmed"})


class Standing(NamedTuple):
    """An account, what it is called, and whether it is verified."""

    account_id: AccountId
    name: str
    is_verified: bool
