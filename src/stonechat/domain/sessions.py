"""Sessions: who is signed in with a browser, and how their forms are told from forged ones.

A form carries a token that is made from the secret in the browser's cookie. Whoever can write
it must have read a page of ours in that very session; the secret itself never stands in a page.
"""

import hashlib
import hmac
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.kernel.secrets import is_same

SESSIONS_PER_ACCOUNT_MAX: Final = 50
_PURPOSE: Final = b"stonechat form"


class Visitor(NamedTuple):
    """The account that is signed in with a browser."""

    account_id: AccountId
    username: str
    display_name: str
    role: str


def login_name(given: str, domain: str) -> str:
    """A name or an address as it is looked up; people also write `@name` and `@name@here`.

    All spellings of one name are one name: whoever counts wrong passwords counts by this.
    """
    name = given.strip()
    if name.startswith("@"):
        name = name[1:].removesuffix(f"@{domain}")
    return name.lower()


def make_form_token(secret: str) -> str:
    """The token that the forms of a session carry."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def is_own_form(secret: str | None, form_token: str) -> bool:
    """Whether a form was made for the session of this secret."""
    return secret is not None and is_same(make_form_token(secret), form_token)
