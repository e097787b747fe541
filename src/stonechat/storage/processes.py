"""Process numbers: the eight bits of an id that no two running processes share.

A process leases a number when it opens the database and renews the lease while it runs. One
that was killed frees its number when the lease ends. A row stays when its number is given back,
without an owner: it remembers how far ids with this number have come, and the next holder
begins there (kernel/ids).
"""

from typing import Final, NamedTuple

from stonechat.kernel.errors import Unavailable
from stonechat.kernel.ids import PROCESSES
from stonechat.storage.database import Reader, Transaction

NOBODY: Final = ""
_LIST: Final = "SELECT number, owner, leased_until_ms FROM processes"
# The row must still be as it was seen: of two that want one number, the second gets none.
_TAKE: Final = (
    "INSERT INTO processes (number, owner, leased_until_ms) VALUES ($1, $2, $3)"
    " ON CONFLICT (number) DO UPDATE SET owner = $2, leased_until_ms = $3"
    " WHERE processes.owner = $4 AND processes.leased_until_ms = $5"
)
_RENEW: Final = "UPDATE processes SET leased_until_ms = $3 WHERE number = $1 AND owner = $2"
_RELEASE: Final = (
    "UPDATE processes SET owner = '', leased_until_ms = $3 WHERE number = $1 AND owner = $2"
)
_NEWEST: Final = "SELECT MAX(id) FROM statuses"


class Number(NamedTuple):
    """A leased number: its ids lie between two moments, in ms since 1970."""

    number: int
    after_ms: int
    until_ms: int


async def claim(tx: Transaction, owner: str, now_ms: int, lease_ms: int) -> Number:
    """The lowest free number, leased to `owner`; Unavailable when all of them are taken."""
    rows = {row[0]: (row[1], row[2]) for row in await tx.all(_LIST)}
    for number in range(PROCESSES):
        before, after_ms = rows.get(number, (NOBODY, 0))
        if before != NOBODY and after_ms > now_ms:
            continue
        until_ms = max(now_ms, after_ms) + lease_ms
        if await tx.run(_TAKE, number, owner, until_ms, before, after_ms):
            return Number(number, after_ms, until_ms)
    raise Unavailable("Every process number is taken: too many processes use this database")


async def renew(tx: Transaction, number: int, owner: str, until_ms: int) -> bool:
    """Hold on to a number; False when the lease had ended and somebody else has it."""
    return bool(await tx.run(_RENEW, number, owner, until_ms))


async def release(tx: Transaction, number: int, owner: str, after_ms: int) -> None:
    """Give a number back, with which ids were made up to `after_ms`."""
    await tx.run(_RELEASE, number, owner, after_ms)


async def find_newest_id(tx: Reader) -> int:
    """The greatest status id so far; new ones must be greater even if the clock went back."""
    row = await tx.one(_NEWEST)
    return int(row[0] or 0) if row else 0
