"""Secrets that we hand out: tokens, codes, client secrets, session ids.

A secret leaves the server once, in the answer that makes it. The database holds its SHA-256
alone: with at least 256 bits of randomness inside there is nothing to guess, so no slow hash
is needed (that is for passwords, which people choose).
"""

import hashlib
import hmac
import secrets
from typing import Final

SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A fresh URL-safe secret of 256 bits, 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> bytes:
    """What the database keeps of a secret: 32 bytes of SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_same(left: str, right: str) -> bool:
    """Whether two texts are equal, in time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_word(alphabet: str, length: int) -> str:
    """A random word of so many characters, for ids that nobody should guess or that people read."""
    return "".join(secrets.choice(alphabet) for _ in range(length))
