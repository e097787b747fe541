"""Viewers: who is asking, and what the token in their hand allows.

Scopes come in families: `read` covers `read:statuses`, never the reverse, and the old `follow`
covers blocks, follows and mutes in both directions.
"""

from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from stonechat.domain.ids import NOBODY, AccountId, AppId, BeaconId, TokenId
from stonechat.kernel.errors import NotAllowed, NotAuthenticated, NotFound, WrongCaller

_READ: Final = (
    "accounts blocks bookmarks collections favourites filters follows lists mutes "
    "notifications reports search statuses"
)
_WRITE: Final = (
    "accounts blocks bookmarks collections conversations favourites filters follows lists "
    "media mutes notifications reports statuses"
)
_ADMIN: Final = (
    "accounts reports domain_allows domain_blocks ip_blocks email_domain_blocks "
    "canonical_email_blocks"
)
SCOPES: Final = (
    "read",
    *(f"read:{noun}" for noun in _READ.split()),
    "write",
    *(f"write:{noun}" for noun in _WRITE.split()),
    "follow",
    "push",
    "profile",
    "crypto",
    "admin:read",
    *(f"admin:read:{noun}" for noun in _ADMIN.split()),
    "admin:write",
    *(f"admin:write:{noun}" for noun in _ADMIN.split()),
)
"""Every scope that an app may register. `crypto` is accepted for old apps and opens nothing."""
COMMUNITY: Final = "community"
"""A word among a token's scopes that no app can register or ask for: the token was made by a
community's own way of signing in, so whoever carries it may also change how they do that."""

_FOLLOW: Final = frozenset(
    f"{access}:{noun}" for access in ("read", "write") for noun in ("blocks", "follows", "mutes")
)
ROLES: Final = ("user", "moderator", "admin", "owner")
ADMINISTRATORS: Final = frozenset({"admin", "owner"})
STAFF: Final = ADMINISTRATORS | {"moderator"}
"""Who runs or moderates the server."""


END_OF_TIME_MS: Final = (1 << 63) - 1


class Viewer(NamedTuple):
    """Who is asking. `account_id` is NOBODY for an anonymous caller and for an app's token."""

    account_id: AccountId = NOBODY
    scopes: str = ""
    app_id: AppId | None = None
    token_id: TokenId | None = None
    role: str = "user"
    has_filters: bool = False

    @property
    def is_person(self) -> bool:
        """Whether an account stands behind the request."""
        return self.account_id != NOBODY


ANONYMOUS: Final = Viewer()


def expand(scopes: str) -> frozenset[str]:
    """Every scope that a space-separated list of scopes covers, itself included."""
    covered: set[str] = set()
    for scope in scopes.split():
        covered.add(scope)
        if scope == "follow":
            covered |= _FOLLOW
        covered.update(other for other in SCOPES if other.startswith(scope + ":"))
    return frozenset(covered)


@lru_cache(maxsize=1024)
def covers(scopes: str, wanted: str) -> bool:
    """Whether the scopes of a token cover one that is wanted, or one of several between `|`."""
    covered = expand(scopes)
    return any(scope in covered for scope in wanted.split("|"))


class Caller(Enum):
    """Whom an operation serves."""

    ANYONE = "anyone"
    """A token is not needed; one that is sent must still be good and cover the scope."""
    PERSON = "person"
    APP = "app"
    TOKEN = "token"
    """A person or an app: any valid token."""


class Bearer(NamedTuple):
    """The token that a request carries, unresolved, and what the operation needs of it.

    The first statement of a request looks the token up together with what is asked for, so a
    revoked token stops at once and there is no cache of tokens to go stale.
    """

    hash: bytes = b""
    caller: Caller = Caller.ANYONE
    scope: str | None = None
    opens_beacons: bool = False
    """Whether the operation is one that keys are made for."""
    now_ms: int = END_OF_TIME_MS
    """When it is asked. Whoever does not say it gets no token in that has an end."""


class TokenFacts(NamedTuple):
    """What the database knows of a token and of the account behind it."""

    token_id: TokenId
    kind: str
    account_id: AccountId | None
    app_id: AppId | None
    scopes: str
    revoked_ms: int | None
    account_state: str | None
    role: str | None
    has_filters: int
    beacon_id: BeaconId | None = None
    expires_ms: int | None = None
    used_ms: int | None = None


CLOSED: Final = {
    "disabled": "Your login is currently disabled",
    "suspended": "Your login is currently disabled",
    "deleted": "Your login is currently disabled",
    "pending": "Your login is currently pending approval",
    "unconfirmed": "Your login is missing a confirmed e-mail address",
}


def _allows(facts: TokenFacts, scope: str) -> bool:
    if facts.kind == "key":
        return True
    # A token may be older than the day on which its owner stopped being an administrator.
    is_fit = facts.role in ADMINISTRATORS or not scope.startswith("admin:")
    return is_fit and covers(facts.scopes, scope)


def admit(bearer: Bearer, facts: TokenFacts | None) -> Viewer:
    """Who is asking, or the reason why they may not."""
    if facts is None or (facts.kind == "key" and not bearer.opens_beacons):
        if bearer.caller is Caller.ANYONE:
            return ANONYMOUS
        raise NotAuthenticated
    if facts.revoked_ms is not None:
        raise NotAuthenticated("The access token was revoked")
    if facts.expires_ms is not None and facts.expires_ms <= bearer.now_ms:
        raise NotAuthenticated("The access token expired")
    if facts.kind == "write":
        # It sets the value of one beacon, by an operation of its own. Nothing else is there for it.
        raise NotFound
    if bearer.scope is not None and not _allows(facts, bearer.scope):
        raise NotAllowed("This action is outside the authorized scopes")
    _ensure_caller(bearer.caller, facts)
    if facts.account_state in CLOSED:
        raise NotAllowed(CLOSED[facts.account_state])
    return Viewer(
        facts.account_id or NOBODY,
        facts.scopes,
        facts.app_id,
        facts.token_id,
        facts.role or "user",
        bool(facts.has_filters),
    )


def _ensure_caller(caller: Caller, facts: TokenFacts) -> None:
    if facts.account_id is None and caller is Caller.PERSON:
        raise WrongCaller
    if facts.account_id is not None and caller is Caller.APP:
        raise NotAllowed("This method requires an client credentials authentication")
