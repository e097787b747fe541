"""Votes in SQL: who chose what in which poll.

A vote that was given in a community has an id, by which everybody may find it; all others have
none: whoever votes elsewhere does so in secret.

The poll itself, with its counts, is a document in its status's row (storage/documents); here are
the rows that it counts. Whoever changes them holds the status first (statuses.lock) and writes the
counts in the same transaction, so the two never part; the doctor counts them anew all the same.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.views import PollView
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.documents import poll_text
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.statuses import Statement

_VOTE: Final = "INSERT INTO poll_votes (status_id, account_id, choice) VALUES ($1, $2, $3)"
_VOTE_OPENLY: Final = (
    "INSERT INTO poll_votes (status_id, account_id, choice, id) VALUES ($1, $2, $3, $4)"
)
_TAKE_BACK: Final = (
    "DELETE FROM poll_votes WHERE status_id = $1 AND account_id = $2 AND choice = $3"
)
_COUNT: Final = "UPDATE statuses SET poll = $2, version = version + 1 WHERE id = $1"
_TOUCH: Final = "UPDATE statuses SET version = version + 1 WHERE id = $1"
_CLEAR: Final = "DELETE FROM poll_votes WHERE status_id = $1"


def voting(status_id: StatusId, account_id: AccountId, choices: Sequence[int]) -> list[Statement]:
    """The statements that note what somebody chose; a second vote for it fails by Conflict."""
    return [(_VOTE, (status_id, account_id, choice)) for choice in choices]


def voting_openly(
    status_id: StatusId, account_id: AccountId, choice: int, vote_id: int
) -> Statement:
    """The statement that notes what somebody chose for everybody to know."""
    return _VOTE_OPENLY, (status_id, account_id, choice, vote_id)


def taking_back(status_id: StatusId, account_id: AccountId, choice: int) -> Statement:
    """The statement that forgets one thing that somebody chose."""
    return _TAKE_BACK, (status_id, account_id, choice)


def counting(status_id: StatusId, poll: PollView) -> Statement:
    """The statement that writes the poll of a status with its new counts."""
    return _COUNT, (status_id, poll_text(poll))


def touching(status_id: StatusId) -> Statement:
    """The statement that makes everybody look at a poll again, as its end does."""
    return _TOUCH, (status_id,)


def clearing(status_id: StatusId) -> Statement:
    """The statement that forgets every vote on a status."""
    return _CLEAR, (status_id,)


_DELETE: Final = "DELETE FROM poll_votes WHERE status_id = $1 AND account_id = $2"


async def delete_of_account(tx: Transaction, status_id: StatusId, account_id: AccountId) -> None:
    """Forget what one account chose in one poll."""
    await tx.run(_DELETE, status_id, account_id)


_FIND: Final = (
    "SELECT choice FROM poll_votes WHERE status_id = $1 AND account_id = $2 ORDER BY choice"
)


async def find_choices(tx: Reader, status_id: StatusId, account_id: AccountId) -> tuple[int, ...]:
    """What an account chose, in the order of the options; nothing where it has not voted."""
    return tuple(row[0] for row in await tx.all(_FIND, status_id, account_id))


@cache
def _load_sql(count: int) -> LiteralString:
    return (
        "SELECT status_id, choice FROM poll_votes WHERE account_id = $1 AND status_id IN ("
        "" + parameters(2, count) + ")"
    )


async def load_choices(
    tx: Reader, account_id: AccountId, status_ids: Sequence[StatusId]
) -> dict[StatusId, tuple[int, ...]]:
    """What an account chose in each of several polls; without those in which it has not voted."""
    found: dict[StatusId, list[int]] = {}
    for start in range(0, len(status_ids), IN_MAX):
        ids = padded(status_ids[start : start + IN_MAX])
        for status_id, choice in await tx.all(_load_sql(len(ids)), account_id, *ids):
            found.setdefault(status_id, []).append(choice)
    return {status_id: tuple(sorted(choices)) for status_id, choices in found.items()}


_LIST_VOTERS: Final = (
    "SELECT DISTINCT account_id FROM poll_votes WHERE status_id = $1 AND account_id > $2"
    " ORDER BY account_id LIMIT $3"
)
_LIST_VOTED: Final = (
    "SELECT DISTINCT status_id FROM poll_votes WHERE account_id = $1 ORDER BY status_id LIMIT $2"
)


async def list_voters(
    tx: Reader, status_id: StatusId, after_id: AccountId, limit: int
) -> list[AccountId]:
    """Who voted on a status, by id, above `after_id`."""
    return [row[0] for row in await tx.all(_LIST_VOTERS, status_id, after_id, limit)]


async def list_voted(tx: Reader, account_id: AccountId, limit: int) -> list[StatusId]:
    """Some of the polls in which an account voted."""
    return [row[0] for row in await tx.all(_LIST_VOTED, account_id, limit)]


class OpenVote(NamedTuple):
    """A vote of which everybody may know."""

    id: int
    account_id: AccountId
    choice: int


_OPEN: Final[LiteralString] = " FROM poll_votes WHERE status_id = $1 AND id > 0"
_LIST_OPEN: Final[LiteralString] = "SELECT id, account_id, choice" + _OPEN
_PAGE: Final[LiteralString] = " ORDER BY id DESC LIMIT $2 OFFSET $3"
_LIST_ALL_OPEN: Final = _LIST_OPEN + _PAGE
_LIST_OPEN_FOR: Final = _LIST_OPEN + " AND choice = $4" + _PAGE
_COUNT_OPEN: Final = "SELECT COUNT(*) FROM (SELECT 1" + _OPEN + " LIMIT $2) v"
_COUNT_OPEN_FOR: Final = "SELECT COUNT(*) FROM (SELECT 1" + _OPEN + " AND choice = $3 LIMIT $2) v"


async def list_open(
    tx: Reader, status_id: StatusId, choice: int | None, *, limit: int, offset: int
) -> list[OpenVote]:
    """The open votes of a poll, or those for one option, the newest first."""
    if choice is None:
        rows = await tx.all(_LIST_ALL_OPEN, status_id, limit, offset)
    else:
        rows = await tx.all(_LIST_OPEN_FOR, status_id, limit, offset, choice)
    return [OpenVote._make(row) for row in rows]


async def count_open(tx: Reader, status_id: StatusId, choice: int | None, most: int) -> int:
    """How many open votes there are, up to `most`."""
    if choice is None:
        row = await tx.one(_COUNT_OPEN, status_id, most)
    else:
        row = await tx.one(_COUNT_OPEN_FOR, status_id, most, choice)
    assert row is not None
    return int(row[0])


_TALLY: Final = "SELECT choice, COUNT(*) FROM poll_votes WHERE status_id = $1 GROUP BY choice"
_COUNT_VOTERS: Final = "SELECT COUNT(DISTINCT account_id) FROM poll_votes WHERE status_id = $1"


async def count(tx: Reader, status_id: StatusId) -> tuple[dict[int, int], int]:
    """The votes on a status by choice, and how many people they are of."""
    votes = {row[0]: int(row[1]) for row in await tx.all(_TALLY, status_id)}
    voters = await tx.one(_COUNT_VOTERS, status_id)
    assert voters is not None
    return votes, int(voters[0])
