"""Search for words in contributions, in SQL: a scan of the newest of a kind, off the loop.

A pattern finds too much rather than too little: engines fold capitals differently, so a letter
beyond ASCII stands for any letter there, and what was found is read once more (services).
"""

from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.contributions import ADDRESSED_RACKS, RACKS
from stonechat.domain.ids import StatusId
from stonechat.storage import documents
from stonechat.storage.database import Database
from stonechat.storage.walks import FOR_VIEWER, WANTED, Walker, asking, literal

_WINDOW: Final = " ORDER BY n.id DESC LIMIT " + literal(limits.FEED_SEARCH_WINDOW) + ") w"
_RACK: Final = "SELECT id FROM (SELECT n.id AS id FROM statuses n WHERE n.rack > 0 AND n.rack = "
_FIND: Final = asking(
    "SELECT p.id, p.text, p.facets FROM ("
    + _RACK + "$4 AND n.deleted_ms IS NULL" + _WINDOW + " UNION ALL "
    + _RACK + "CASE WHEN $1 = 0 THEN -1 ELSE $5 END AND n.deleted_ms IS NULL" + _WINDOW
    + ") o JOIN statuses p ON p.id = o.id WHERE (LOWER(p.text) LIKE $6 ESCAPE '!'"
    " OR LOWER(p.facets) LIKE $6 ESCAPE '!')" + WANTED + FOR_VIEWER
    + " ORDER BY p.id DESC LIMIT " + literal(limits.FEED_FOUND_MAX)
)  # fmt: skip


class Candidate(NamedTuple):
    """A contribution that may say what is looked for."""

    id: StatusId
    title: str
    text: str


_ANY: Final = frozenset('"\\')
"""What JSON spells otherwise: the title stands in it."""


def pattern_of(wanted: str) -> str:
    """A pattern that finds every text with what is wanted, and some others."""
    letters: list[str] = []
    for letter in wanted:
        if letter in _ANY:
            letters.append("%")
        elif not letter.isascii():
            letters.append("_")
        else:
            letters.append("!" + letter if letter in "!%_" else letter.lower())
    return "%" + "".join(letters) + "%"


async def list_candidates(db: Database, walker: Walker, kind: str, wanted: str) -> list[Candidate]:
    """The newest contributions of a kind that may say what is wanted, as far as one may see."""
    rack = RACKS[kind]
    rows = await db.all_slow(_FIND, *walker.whom, rack, rack + ADDRESSED_RACKS, pattern_of(wanted))
    return [Candidate(row[0], documents.facets_of(row[2]).title, row[1]) for row in rows]
