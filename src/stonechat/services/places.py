"""Places: which ones are offered to somebody who says where they are.

Only what everybody may see counts. So `noting` is called wherever that comes to name a place,
names another one, or is seen no more (deleted, addressed to some), in the transaction of that.
"""

from typing import Final, NamedTuple

from stonechat.domain.ids import StatusId
from stonechat.domain.places import KnownPlace, Place, known_place, read_search
from stonechat.services.env import Env
from stonechat.storage import places
from stonechat.storage.statuses import Statement

PLACES_COUNTED_MAX: Final = 1_000
"""So many that were found are counted."""


def noting(status_id: StatusId, before: Place | None, after: Place | None) -> list[Statement]:
    """The statements for a contribution that named one place in public, and now names another.

    None stands for no place, and for one that not everybody may see.
    """
    old, new = known_place(before), known_place(after)
    if old is not None and new is not None and old.identity == new.identity:
        return []
    return places.moving(status_id, old, new)


class FoundPlaces(NamedTuple):
    """A part of the places that were looked for, and how many there are, up to a bound."""

    places: list[KnownPlace]
    total: int


async def find_places(env: Env, search: str, *, limit: int, offset: int) -> FoundPlaces:
    """Places in whose names each word that is searched for begins a word; all, without one.

    Those that most name come first. Two statements.
    """
    words = read_search(search)
    if search.strip() and not words:
        return FoundPlaces([], 0)
    found = await places.list_places(env.db, words, limit=limit, offset=offset)
    total = await places.count_places(env.db, words, PLACES_COUNTED_MAX)
    return FoundPlaces(found, total)
