"""Heat: the order of a category's feed by votes, with decay.

Every tenfold of votes is worth TENFOLD_MS of youth: a contribution with ten votes stands beside
one with none that was said half a day later. So the heat of one changes with its votes alone and
never with the clock: it can be kept, and an index can order by it. It is a whole number, so that
both engines agree on every tie; ties are broken by id.
"""

from math import log10
from typing import Final

from stonechat.domain.ids import StatusId
from stonechat.kernel.ids import ms_of_id

TENFOLD_MS: Final = 45_000_000
"""Twelve and a half hours."""


def heat_of(status_id: StatusId, votes: int) -> int:
    """Milliseconds since 1970, later the more votes there are."""
    return ms_of_id(status_id) + round(TENFOLD_MS * log10(max(1, votes)))
