"""Passwords: slow hashes, made and checked in a thread so that the loop goes on.

Argon2id with OWASP's parameters for small machines: 19 MiB, two passes. Checking the password
of an unknown account takes as long as that of a known one.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
CHECKS_AT_ONCE_MAX: Final = 2
_threads: Final = ThreadPoolExecutor(CHECKS_AT_ONCE_MAX, "password")


@cache
def nobodys_hash() -> str:
    """What the password of an account that does not exist is checked against."""
    return _hasher.hash("the password of nobody")


async def hash_password(password: str) -> str:
    """Argon2's text of a password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one of `password_hash`; None (no such account) never is."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _verify, password, password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        _hasher.verify(password_hash or nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
