"""Votes in SQL: one reaction of an account to a status, and how many there are of each.

The first reaction is a favourite, and stands with those; every other one stands in `reactions`.
An account has one of them or none: whoever writes here holds the status, and looks first.
"""

from collections.abc import Sequence
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.contributions import Reactions
from stonechat.domain.ids import AccountId, CategoryId, StatusId
from stonechat.domain.reactions import DEFAULT
from stonechat.storage import category_entries, documents
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES, hidden_accounts

_FIND: Final = (
    "SELECT 1 FROM favourites WHERE status_id = $1 AND account_id = $2"
    " UNION ALL SELECT reaction FROM reactions WHERE status_id = $1 AND account_id = $2"
)
_REACT: Final = (
    "INSERT INTO reactions (status_id, account_id, reaction, id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (status_id, account_id) DO NOTHING"
)
_FAVOUR: Final = (
    "INSERT INTO favourites (status_id, account_id, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (status_id, account_id) DO NOTHING"
)
_UNREACT: Final = "DELETE FROM reactions WHERE status_id = $1 AND account_id = $2"
_UNFAVOUR: Final = "DELETE FROM favourites WHERE status_id = $1 AND account_id = $2"
_COUNT: Final = (
    "UPDATE statuses SET favourites = $2, reactions = $3, version = version + 1 WHERE id = $1"
    " RETURNING version"
)
_COUNT_FAVOURITE: Final = (
    "UPDATE statuses SET favourites = favourites + $2, version = version + 1 WHERE id = $1"
    " RETURNING version, favourites, reactions, categories"
)


class Tally(NamedTuple):
    """What a status counts of votes, as it stands in the row that was just changed."""

    version: int
    favourites: int
    reactions: Reactions
    categories: tuple[CategoryId, ...]

    @property
    def votes(self) -> int:
        """All of them."""
        return self.favourites + sum(count for _, count in self.reactions)


async def find(tx: Reader, status_id: StatusId, account_id: AccountId) -> int | None:
    """The reaction that an account gave; None where it gave none."""
    row = await tx.one(_FIND, status_id, account_id)
    return None if row is None else int(row[0])


async def give(
    tx: Transaction, status_id: StatusId, account_id: AccountId, reaction: int, vote_id: int
) -> bool:
    """Keep a vote; False where the account has this one already."""
    if reaction == DEFAULT:
        return bool(await tx.run(_FAVOUR, status_id, account_id, vote_id))
    return bool(await tx.run(_REACT, status_id, account_id, reaction, vote_id))


def withdrawing(status_id: StatusId, account_id: AccountId, reaction: int) -> Statement:
    """The statement that takes a vote back."""
    sql = _UNFAVOUR if reaction == DEFAULT else _UNREACT
    return sql, (status_id, account_id)


def recount(reactions: Reactions, taken: int | None, given: int | None) -> Reactions:
    """The counts when one reaction is taken back and another one given; neither is a favourite."""
    counts = dict(reactions)
    for reaction, change in ((taken, -1), (given, 1)):
        if reaction is not None and reaction != DEFAULT:
            counts[reaction] = counts.get(reaction, 0) + change
    return tuple(sorted((key, count) for key, count in counts.items() if count > 0))


async def write_counts(
    tx: Transaction, status_id: StatusId, favourites: int, reactions: Reactions
) -> int:
    """Keep what a status counts; the version that it has with it."""
    row = await tx.one(_COUNT, status_id, favourites, documents.reactions_text(reactions))
    assert row is not None
    return int(row[0])


async def count_favourite(
    tx: Transaction, status_id: StatusId, account_id: AccountId, change: int
) -> int:
    """Count a favourite that came or went; the version that the status has with it.

    Whoever favourites takes back the other reaction that they gave; and where the status is
    filed, its place in the order by votes is another one.
    """
    row = await tx.one(_COUNT_FAVOURITE, status_id, change)
    assert row is not None
    tally = Tally(row[0], row[1], documents.reactions_of(row[2]), documents.categories_of(row[3]))
    if change > 0 and tally.reactions:
        tally = await _replace_reaction(tx, status_id, account_id, tally)
    if tally.categories:
        await tx.run_all(category_entries.heating(status_id, tally.votes))
    return tally.version


async def _replace_reaction(
    tx: Transaction, status_id: StatusId, account_id: AccountId, tally: Tally
) -> Tally:
    rows = await tx.all(_UNREACT + " RETURNING reaction", status_id, account_id)
    if not rows:
        return tally
    reactions = recount(tally.reactions, rows[0][0], None)
    version = await write_counts(tx, status_id, tally.favourites, reactions)
    return tally._replace(version=version, reactions=reactions)


class VoteRow(NamedTuple):
    """A vote as it is kept."""

    account_id: AccountId
    reaction: int
    id: int


_SEEN: Final[LiteralString] = (
    " AND account_id NOT IN (" + hidden_accounts("$4", "$5") + ") AND NOT EXISTS"
    " (SELECT 1 FROM accounts a WHERE a.id = account_id AND a.state IN " + HIDING_STATES + ")"
)
_PART: Final[LiteralString] = " ORDER BY id DESC LIMIT $2 OFFSET $3"
_LIST: Final = (
    "SELECT account_id, reaction, id FROM (SELECT account_id, 1 AS reaction, id FROM favourites"
    " WHERE status_id = $1 UNION ALL SELECT account_id, reaction, id FROM reactions"
    " WHERE status_id = $1) v WHERE 1 = 1" + _SEEN + _PART
)
_LIST_FAVOURITES: Final = (
    "SELECT account_id, 1, id FROM favourites WHERE status_id = $1" + _SEEN + _PART
)
_LIST_REACTIONS: Final = (
    "SELECT account_id, reaction, id FROM reactions WHERE status_id = $1" + _SEEN + ""
    " AND reaction = $6" + _PART
)


class Voters(NamedTuple):
    """Whose votes are asked for: without whom the viewer hides, and who blocks them."""

    viewer_id: AccountId
    now_ms: int


async def list_votes(
    tx: Reader,
    status_id: StatusId,
    reaction: int | None,
    voters: Voters,
    *,
    limit: int,
    offset: int,
) -> Sequence[VoteRow]:
    """The votes on a status, the newest first; of one reaction, where that is asked for."""
    part = (status_id, limit, offset, voters.viewer_id, voters.now_ms)
    if reaction is None:
        rows = await tx.all(_LIST, *part)
    elif reaction == DEFAULT:
        rows = await tx.all(_LIST_FAVOURITES, *part)
    else:
        rows = await tx.all(_LIST_REACTIONS, *part, reaction)
    return [VoteRow._make(row) for row in rows]
