"""Assertions: what a JWT says about a member of the community, and whether that is good today.

A JWT that the community's own back end signed names one of our accounts and an end. Who signed it
is not looked at here (services/assertions.py). Its `ext_id` is an id in the other system, which
nobody vouches for, so it is not even read.
"""

from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.kernel.errors import NotAuthenticated

ACCESS: Final = "access"
REFRESH: Final = "refresh"
SCOPES: Final = "read write follow"
"""What an assertion is good for; oauth.add_own_scopes says what that means for administrators."""
ID_MAX: Final = (1 << 53) - 1
SECONDS_MAX: Final = 253_402_300_799
"""The last second of the year 9999."""
_LIFETIME_S: Final = limits.COMMUNITY_JWT_DAYS_MAX * 86_400


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that are read; all but the last two are required."""

    user_id: int
    token_type: str
    exp: float
    iat: float
    jti: str | int
    nbf: float | None = None
    seal: str | None = None
    """In refresh tokens of ours: what ends them when the password changes."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion that is good: whose it is, and until when."""

    account_id: AccountId
    expires_ms: int


def check_claims(claims: Claims, now_ms: int, *, token_type: str = ACCESS) -> Assertion:
    """What good claims assert, or NotAuthenticated."""
    now_s = now_ms / 1000
    latest_s = now_s + limits.COMMUNITY_JWT_SKEW_SECONDS
    is_good = (
        claims.token_type == token_type
        and 0 < claims.user_id <= ID_MAX
        and claims.jti != ""
        and 0 <= claims.iat <= latest_s
        and (claims.nbf is None or 0 <= claims.nbf <= latest_s)
        and now_s < claims.exp <= SECONDS_MAX
        and 0 < claims.exp - claims.iat <= _LIFETIME_S
    )
    if not is_good:
        raise NotAuthenticated
    return Assertion(AccountId(claims.user_id), int(claims.exp * 1000))
