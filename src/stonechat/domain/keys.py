"""Keys: what programs sign in with, and write tokens, which set the value of one beacon.

Both are tokens with a beginning that people, and the scanners of leaked secrets, recognise.
"""

from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import TokenId
from stonechat.domain.text.cleaning import clean_name
from stonechat.kernel.errors import InvalidInput

KEY: Final = "key"
WRITE: Final = "write"
PREFIXES: Final = {KEY: "sck_", WRITE: "scw_"}
HINT_CHARACTERS: Final = 8


class Key(NamedTuple):
    """A key or a write token as its owner sees it; its secret nobody knows any more."""

    id: TokenId
    label: str
    hint: str
    """The first characters of the secret, so that its owner finds it again."""
    created_ms: int
    expires_ms: int | None
    used_ms: int | None
    """When it was used last, to within an hour; None where it never was."""

    def is_over(self, now_ms: int) -> bool:
        """Whether its end has come."""
        return self.expires_ms is not None and self.expires_ms <= now_ms


class NewKey(NamedTuple):
    """A key at the one moment at which its secret is known."""

    key: Key
    secret: str


def read_label(text: str) -> str:
    """A label as it is kept, which may be empty; or InvalidInput."""
    most = limits.BEACON_LABEL_CHARACTERS_MAX
    if len(text) > most:
        raise InvalidInput(
            f"The label has to be at most {most} characters long", field="label", rule="size"
        )
    return clean_name(text, field="label")


def ensure_room_for_key(count: int, most: int) -> None:
    """InvalidInput where there are as many of a kind as there may be."""
    if count >= most:
        raise InvalidInput(
            f"There may be {most} at most, and there are: revoke one", rule="too_many"
        )
