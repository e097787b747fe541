"""Process numbers: the eight bits of an id that no two running processes share.

A process leases a number when it opens the database and renews the lease while it runs. One
that was killed frees its number when the lease ends.
"""

from typing import Final

from stonechat.kernel.errors import Unavailable
from stonechat.kernel.ids import PROCESSES
from stonechat.storage.database import Reader, Transaction

_LIST_TAKEN: Final = "SELECT number FROM processes WHERE leased_until_ms > $1 AND owner <> $2"
_TAKE: Final = (
    "INSERT INTO processes (number, owner, leased_until_ms) VALUES ($1, $2, $3)"
    " ON CONFLICT (number) DO UPDATE SET owner = $2, leased_until_ms = $3"
    " WHERE processes.leased_until_ms <= $4"
)
_RENEW: Final = "UPDATE processes SET leased_until_ms = $3 WHERE number = $1 AND owner = $2"
_RELEASE: Final = "DELETE FROM processes WHERE number = $1 AND owner = $2"
_NEWEST: Final = "SELECT MAX(id) FROM statuses"


async def claim(tx: Transaction, owner: str, now_ms: int, until_ms: int) -> int:
    """The lowest free number, leased to `owner`; Unavailable when all of them are taken."""
    taken = {row[0] for row in await tx.all(_LIST_TAKEN, now_ms, owner)}
    for number in range(PROCESSES):
        if number not in taken and await tx.run(_TAKE, number, owner, until_ms, now_ms):
            return number
    raise Unavailable("Every process number is taken: too many processes use this database")


async def renew(tx: Transaction, number: int, owner: str, until_ms: int) -> bool:
    """Hold on to a number; False when the lease had ended and somebody else has it."""
    return bool(await tx.run(_RENEW, number, owner, until_ms))


async def release(tx: Transaction, number: int, owner: str) -> None:
    """Give a number back."""
    await tx.run(_RELEASE, number, owner)


async def find_newest_id(tx: Reader) -> int:
    """The greatest status id so far; new ones must be greater even if the clock went back."""
    row = await tx.one(_NEWEST)
    return int(row[0] or 0) if row else 0
