"""Rates: how often one may ask, counted in fixed windows that begin at multiples of the epoch.

A request counts for its token or, without one, for the client's network; then for the person
behind the token; then for the class of the operation. Counters live in this process and are
gone with it: with several workers each counts its own share, so a limit is as many times as
loose. Whoever adds a limit by token alone gets it wrong: a token that nobody issued costs
nothing to make, so a request that carries one counts for its network, like one without.

What open pages ask for again and again counts apart, for the network alone, so that whoever looks
at many beacons shuts nobody out from the rest. There it is the misses that are dear: each of them
may be a guess.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.sessions import login_name
from stonechat.domain.viewers import Viewer
from stonechat.http.addresses import Addresses, Scope
from stonechat.kernel.clock import Clock, from_ms
from stonechat.kernel.errors import NotAuthenticated, NotFound, RateLimited, StonechatError
from stonechat.kernel.settings import Settings

COUNTERS_MAX: Final = 20_000
"""Counters of one limit in one generation. Two generations are kept, so that a flood of
strangers pushes out those who have not asked for long, not those who are asking."""
NAME_CHARACTERS_MAX: Final = 320
"""The longest e-mail address; a name is cut there before it becomes the key of a counter."""

REQUEST_AGE_MS_MAX: Final = 60_000
"""A request that came so long before a window still counts in it: what is older than that is a
clock that was set back."""

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS
_PAGING: Final = re.compile(rb"(?:^|&)(?:max_id|min_id|since_id|page)=")


class Limit(NamedTuple):
    """So many in each period. `is_shown_always`: its headers go before those of a tighter one."""

    maximum: int
    period_ms: int
    is_shown_always: bool = False


PER_TOKEN: Final = Limit(300, 5 * _MINUTE_MS)
PER_PERSON: Final = Limit(1500, 5 * _MINUTE_MS)
PER_NETWORK: Final = Limit(300, 5 * _MINUTE_MS)
PAGING: Final = Limit(300, 15 * _MINUTE_MS)
SIGN_IN_FAILURES_PER_NETWORK: Final = Limit(25, 5 * _MINUTE_MS)
SIGN_IN_FAILURES_PER_NAME: Final = Limit(25, _HOUR_MS)

CLASSES_BY_PERSON: Final = {
    "post": Limit(300, 3 * _HOUR_MS, is_shown_always=True),
    "delete": Limit(30, 30 * _MINUTE_MS),
    "follow": Limit(400, 24 * _HOUR_MS, is_shown_always=True),
    "media": Limit(30, 30 * _MINUTE_MS),
}
CLASSES_BY_NETWORK: Final = {
    "sign_up": Limit(5, 30 * _MINUTE_MS),
    "apps": Limit(5, 10 * _MINUTE_MS),
}
SHARES: Final = "shares"
"""What is looked at by whoever has its address."""
DESK: Final = "desk"
"""The pages of whoever is signed in to them."""
COMMUNITY: Final = "community"
"""Of interfaces that ask for every part of a page by itself, and send files in pieces."""
CLASSES_APART: Final = {
    COMMUNITY: Limit(3000, 5 * _MINUTE_MS),
    SHARES: Limit(3000, 5 * _MINUTE_MS),
    DESK: Limit(3000, 5 * _MINUTE_MS),
}
"""These count for the network in a window of their own, whoever asks, and nowhere else."""
MISSES_PER_NETWORK: Final = Limit(300, 5 * _MINUTE_MS)
"""Shares that were asked for and are not there."""
_CREDENTIALS: Final = frozenset({b"authorization", b"stativate-api-key"})
"""Where the dialects take a token."""
UNCOUNTED: Final = "none"
BEACONS: Final = "beacons"
"""Requests of programs about beacons, of which the operator's plan may have so many an hour."""
CLASSES: Final = frozenset(
    {"api", UNCOUNTED, BEACONS, *CLASSES_BY_PERSON, *CLASSES_BY_NETWORK, *CLASSES_APART}
)
"""What an operation may name as its limit. Paging is no class: it shows in the query."""

_NO_HEADERS: Final[dict[str, str]] = {}


class Tried(NamedTuple):
    """Whose password is tried: by the name that was given, and the account that has it."""

    name: str | None
    account_id: AccountId | None = None


class _Window:
    """One period of one limit, with what its headers say."""

    __slots__ = ("counts_from_ms", "ends_ms", "is_shown_always", "maximum", "reset", "total")

    def __init__(self, limit: Limit, now_ms: int) -> None:
        self.maximum = limit.maximum
        self.is_shown_always = limit.is_shown_always
        begins_ms = now_ms - now_ms % limit.period_ms
        self.counts_from_ms = begins_ms - REQUEST_AGE_MS_MAX
        self.ends_ms = begins_ms + limit.period_ms
        self.total = str(limit.maximum)
        self.reset = from_ms(self.ends_ms).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class _Counters:
    """The counters of one limit in the running window; the last window's are dropped whole."""

    __slots__ = ("_limit", "_old", "_young", "window")

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self.window = _Window(limit, 0)
        self._young: dict[str | bytes | int, int] = {}
        self._old: dict[str | bytes | int, int] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def take(self, key: str | bytes | int, now_ms: int) -> int:
        """Count one; how many are left after it, or RateLimited where none was left before."""
        window = self.window
        if not window.counts_from_ms <= now_ms < window.ends_ms:
            window = self._turn(now_ms)
        count = self._young.get(key)
        if count is None:
            count = self._admit(key)
        if count >= window.maximum:
            raise RateLimited(limit=window.maximum, resets_at=from_ms(window.ends_ms))
        self._young[key] = count = count + 1
        return window.maximum - count

    def ensure(self, key: str | bytes | int, now_ms: int) -> None:
        """RateLimited where none is left; counts nothing."""
        window = self.window
        if not window.counts_from_ms <= now_ms < window.ends_ms:
            window = self._turn(now_ms)
        if self._young.get(key, self._old.get(key, 0)) >= window.maximum:
            raise RateLimited(limit=window.maximum, resets_at=from_ms(window.ends_ms))

    def _turn(self, now_ms: int) -> _Window:
        self._young, self._old = {}, {}
        self.window = _Window(self._limit, now_ms)
        return self.window

    def _admit(self, key: str | bytes | int) -> int:
        if len(self._young) >= COUNTERS_MAX:
            self._old, self._young = self._young, {}
        count = self._young[key] = self._old.get(key, 0)
        return count


class Allowance:
    """What is left of the tightest limit that the request counted for, and whom it counts for."""

    __slots__ = ("now_ms", "remaining", "scope", "token_hash", "window")

    def __init__(
        self, counters: _Counters, key: str | bytes, scope: Scope, token_hash: bytes, now_ms: int
    ) -> None:
        self.remaining = counters.take(key, now_ms)
        self.window = counters.window
        self.scope = scope
        self.token_hash = token_hash
        self.now_ms = now_ms

    @property
    def limit(self) -> int:
        """How many there are in a window."""
        return self.window.maximum

    @property
    def resets_at(self) -> datetime:
        """When the window ends."""
        return from_ms(self.window.ends_ms)

    def count(self, counters: _Counters, key: str | int) -> None:
        """Count for one more limit, and show that from now on where it is the tighter one."""
        remaining = counters.take(key, self.now_ms)
        window = counters.window
        if window.is_shown_always or (
            remaining < self.remaining and not self.window.is_shown_always
        ):
            self.window = window
            self.remaining = remaining


class _Proven:
    """Tokens that a viewer was found for, as many as are counted; the idle ones are forgotten."""

    __slots__ = ("_old", "_young")

    def __init__(self) -> None:
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def __contains__(self, token_hash: bytes) -> bool:
        return token_hash in self._young or token_hash in self._old

    def add(self, token_hash: bytes) -> None:
        if token_hash not in self._young:
            if len(self._young) >= COUNTERS_MAX:
                self._old, self._young = self._young, set()
            self._young.add(token_hash)


class RateLimits:
    """All limits of this process. With `rate_limits` off nothing is counted or refused."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._now_ms = clock.now_ms
        self._is_on = settings.rate_limits
        self._domain = settings.domain
        self._addresses = Addresses(settings.trusted_proxies)
        self._proven = _Proven()
        self._tokens = _Counters(PER_TOKEN)
        self._people = _Counters(PER_PERSON)
        self._networks = _Counters(PER_NETWORK)
        self._paging_people = _Counters(PAGING)
        self._paging_networks = _Counters(PAGING)
        self._failures_by_network = _Counters(SIGN_IN_FAILURES_PER_NETWORK)
        self._failures_by_name = _Counters(SIGN_IN_FAILURES_PER_NAME)
        self._by_person = {name: _Counters(limit) for name, limit in CLASSES_BY_PERSON.items()}
        self._by_network = {name: _Counters(limit) for name, limit in CLASSES_BY_NETWORK.items()}
        self._apart = {name: _Counters(limit) for name, limit in CLASSES_APART.items()}
        self._misses = _Counters(MISSES_PER_NETWORK)
        if settings.beacon_requests_per_hour:
            quota = Limit(settings.beacon_requests_per_hour, _HOUR_MS, is_shown_always=True)
            self._by_person[BEACONS] = _Counters(quota)

    def check(self, limit_class: str, token_hash: bytes, scope: Scope) -> Allowance | None:
        """Count a request before it is read: for its token, or for its network."""
        if not self._is_on or limit_class == UNCOUNTED:
            return None
        now_ms = self._now_ms()
        apart = self._apart.get(limit_class)
        if apart is not None:
            network = self._addresses.network(scope)
            if limit_class == SHARES:
                self._misses.ensure(network, now_ms)
            return Allowance(apart, network, scope, b"", now_ms)
        if token_hash:
            if token_hash not in self._proven:
                self._networks.ensure(self._addresses.network(scope), now_ms)
            allowance = Allowance(self._tokens, token_hash, scope, token_hash, now_ms)
        else:
            network = self._addresses.network(scope)
            allowance = Allowance(self._networks, network, scope, b"", now_ms)
            if _is_paging(scope):
                allowance.count(self._paging_networks, network)
        counters = self._by_network.get(limit_class)
        if counters is not None:
            allowance.count(counters, self._addresses.network(scope))
        return allowance

    def check_person(
        self, limit_class: str, viewer: Viewer, allowance: Allowance | None
    ) -> Allowance | None:
        """Count a request for the person behind it, once that is known."""
        if allowance is None:
            return None
        if viewer.token_id is None:
            if allowance.token_hash:
                allowance.count(self._networks, self._addresses.network(allowance.scope))
            return allowance
        if allowance.token_hash:
            self._proven.add(allowance.token_hash)
        if viewer.account_id != NOBODY:
            self._count_person(limit_class, viewer.account_id, allowance)
        return allowance

    def headers(self, allowance: Allowance | None) -> dict[str, str]:
        """The three headers that say what is left; none where nothing is limited."""
        if allowance is None:
            return _NO_HEADERS
        window = allowance.window
        return {
            "x-ratelimit-limit": window.total,
            "x-ratelimit-remaining": str(allowance.remaining),
            "x-ratelimit-reset": window.reset,
        }

    def penalise(self, limit_class: str, error: StonechatError, scope: Scope) -> None:
        """Count for the network a token that was refused, and a share that is not there."""
        if not self._is_on:
            return
        if limit_class == SHARES:
            if isinstance(error, NotFound):
                self._charge(self._misses, self._addresses.network(scope))
        # Without a token `check` has counted for the network already.
        elif isinstance(error, NotAuthenticated) and _has_authorization(scope):
            self._charge(self._networks, self._addresses.network(scope))

    def check_sign_in(self, tried: Tried, scope: Scope) -> None:
        """Refuse to try a password where too many have failed, for the network or whom it is of."""
        if self._is_on:
            now_ms = self._now_ms()
            self._failures_by_network.ensure(self._addresses.network(scope), now_ms)
            for key in self._keys(tried):
                self._failures_by_name.ensure(key, now_ms)

    def fail_sign_in(self, tried: Tried, scope: Scope) -> None:
        """Count a password that was wrong. Names that nobody has are counted alike."""
        if self._is_on:
            self._charge(self._failures_by_network, self._addresses.network(scope))
            for key in self._keys(tried):
                self._charge(self._failures_by_name, key)

    def _keys(self, tried: Tried) -> list[str | int]:
        keys: list[str | int] = []
        if tried.name is not None:
            keys.append(login_name(tried.name, self._domain)[:NAME_CHARACTERS_MAX])
        # One account has several names, at least its own and an address.
        if tried.account_id is not None:
            keys.append(tried.account_id)
        return keys

    def sizes(self) -> dict[str, int]:
        """How many counters there are of each kind, for the metrics."""
        return {
            "token": len(self._tokens),
            "person": len(self._people),
            "network": len(self._networks),
            "sign_in_name": len(self._failures_by_name),
        }

    def _count_person(self, limit_class: str, account_id: int, allowance: Allowance) -> None:
        allowance.count(self._people, account_id)
        counters = self._by_person.get(limit_class)
        if counters is not None:
            allowance.count(counters, account_id)
        if _is_paging(allowance.scope):
            allowance.count(self._paging_people, account_id)

    def _charge(self, counters: _Counters, key: str | int) -> None:
        try:
            counters.take(key, self._now_ms())
        except RateLimited:
            return  # it is spent already: the next request will be told so


def _is_paging(scope: Scope) -> bool:
    query: bytes = scope["query_string"]
    return bool(query) and _PAGING.search(query) is not None


def _has_authorization(scope: Scope) -> bool:
    return any(name in _CREDENTIALS for name, _ in scope["headers"])
