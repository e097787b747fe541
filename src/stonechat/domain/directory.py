"""The directory: accounts whose owners want to be found."""

from typing import Final, NamedTuple

ORDERS: Final = ("active", "new")
ACCOUNTS_CONSIDERED_MAX: Final = 5_000
"""How many of the newest listed accounts are sorted by their last status; older ones are found
in the order of age alone. Sorting all of them would let any caller make the server do so."""


class Listing(NamedTuple):
    """Which accounts of the directory are asked for, and in what order."""

    is_by_age: bool = False
    only_local: bool = False
    offset: int = 0
    limit: int = 40
