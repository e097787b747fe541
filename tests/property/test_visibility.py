"""Visibility stands twice, in SQL and as a policy; over random worlds the two agree.

A world is four accounts with follows, blocks and states between them, and statuses of every
visibility that mention some of them. Every account, and nobody, looks at every status in three
ways: by the policy alone, by the statement of one status, and by the statements of a page.
"""

from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.policies import Sight, may_see
from stonechat.storage import glances
from stonechat.storage.database import Database, Transaction

PEOPLE = 4
_ids = count(1)

pairs = st.sets(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)), max_size=10)


@dataclass(frozen=True)
class Said:
    """A status of a world."""

    author: int
    visibility: int
    mentions: frozenset[int]
    is_deleted: bool


@dataclass(frozen=True)
class World:
    """Who is there, what lies between them, and what was said."""

    states: list[str]
    follows: set[tuple[int, int]]
    blocks: set[tuple[int, int]]
    said: list[Said]


people = st.integers(0, PEOPLE - 1)
worlds = st.builds(
    World,
    states=st.lists(
        st.sampled_from(["active", "active", "active", "suspended", "pending", "disabled"]),
        min_size=PEOPLE,
        max_size=PEOPLE,
    ),
    follows=pairs,
    blocks=pairs,
    said=st.lists(
        st.builds(
            Said,
            author=people,
            visibility=st.integers(0, 3),
            mentions=st.frozensets(people, max_size=2),
            is_deleted=st.sampled_from([False, False, False, True]),
        ),
        min_size=1,
        max_size=4,
    ),
)


async def _build(tx: Transaction, world: World) -> tuple[list[AccountId], list[StatusId]]:
    accounts = [AccountId(next(_ids)) for _ in range(PEOPLE)]
    for account_id, state in zip(accounts, world.states, strict=True):
        await tx.run(
            "INSERT INTO accounts (id, username, username_key, state, created_ms)"
            " VALUES ($1, $2, $2, $3, 0)",
            account_id,
            f"a{account_id}",
            state,
        )
        await tx.run("INSERT INTO account_counters (account_id) VALUES ($1)", account_id)
        await tx.run(
            "INSERT INTO tokens (hash, id, kind, account_id, scopes, created_ms)"
            " VALUES ($1, $2, 'person', $2, 'read', 0)",
            _hash(account_id),
            account_id,
        )
    for one, other in world.follows:
        await tx.run(
            "INSERT INTO followings (account_id, target_id, id) VALUES ($1, $2, $3)",
            accounts[one],
            accounts[other],
            next(_ids),
        )
    for one, other in world.blocks:
        await tx.run(
            "INSERT INTO blocks (account_id, target_id, id) VALUES ($1, $2, $3)",
            accounts[one],
            accounts[other],
            next(_ids),
        )
    statuses: list[StatusId] = []
    for said in world.said:
        status_id = StatusId(next(_ids))
        statuses.append(status_id)
        await tx.run(
            "INSERT INTO statuses (id, account_id, thread_id, visibility, deleted_ms)"
            " VALUES ($1, $2, $1, $3, $4)",
            status_id,
            accounts[said.author],
            said.visibility,
            1 if said.is_deleted else None,
        )
        for person in said.mentions:
            await tx.run(
                "INSERT INTO status_mentions (status_id, account_id) VALUES ($1, $2)",
                status_id,
                accounts[person],
            )
    return accounts, statuses


def _hash(account_id: int) -> bytes:
    return account_id.to_bytes(32, "big")


def _by_policy(world: World, viewer: int | None, said: Said, accounts: list[AccountId]) -> bool:
    return may_see(
        Sight(
            visibility=said.visibility,
            author_id=accounts[said.author],
            viewer_id=NOBODY if viewer is None else accounts[viewer],
            is_deleted=said.is_deleted,
            is_author_active=world.states[said.author] not in ("suspended", "pending"),
            is_following=(viewer, said.author) in world.follows,
            is_mentioned=viewer in said.mentions,
            is_blocked_by_author=(said.author, viewer) in world.blocks,
        )
    )


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds)
async def test_sql_and_policy_agree(database: Database, world: World) -> None:
    accounts, statuses = await database.write(lambda tx: _build(tx, world))
    for viewer in (None, *range(PEOPLE)):
        viewer_id = NOBODY if viewer is None else accounts[viewer]
        rows = await glances.load_rows(database, statuses)
        page = await glances.load_glances(database, viewer_id, list(rows.values()))
        on_page = {glance.id for glance in page}
        for said, status_id in zip(world.said, statuses, strict=True):
            expected = _by_policy(world, viewer, said, accounts)
            token_hash = b"" if viewer is None else _hash(viewer_id)
            _, alone, _ = await glances.find_one(database, token_hash, status_id)
            assert (alone is not None) == expected, (viewer, said)
            assert (status_id in on_page) == expected, (viewer, said)
