"""Visibility stands twice, in SQL and as a policy; over random worlds the two agree.

A world is four accounts with follows, blocks and states between them, labels that they carry,
and statuses of every visibility that mention some of them. Every account, and nobody, looks at
every status in four ways: by the policy alone, by the statements of one status that begin with a
token or with an account, and by the statements of a page.
"""

from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.policies import Sight, Visibility, may_see
from stonechat.storage import glances
from stonechat.storage.database import Database, Transaction

PEOPLE = 4
LABELS = 3
_ids = count(1)

pairs = st.sets(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)), max_size=10)


@dataclass(frozen=True)
class Label:
    """A label of a world, and who carries it."""

    holders: frozenset[int]
    is_active: bool
    is_deleted: bool

    @property
    def counts(self) -> bool:
        return self.is_active and not self.is_deleted


@dataclass(frozen=True)
class Said:
    """A status of a world."""

    author: int
    visibility: int
    mentions: frozenset[int]
    is_deleted: bool
    labels: frozenset[int]
    """Those to which its thread is addressed, even where the status itself is not."""
    answers: int | None
    """Which of the earlier ones it answers, as far as there are any: so it is in their thread."""


@dataclass(frozen=True)
class World:
    """Who is there, what lies between them, and what was said."""

    states: list[str]
    follows: set[tuple[int, int]]
    blocks: set[tuple[int, int]]
    labels: list[Label]
    said: list[Said]

    def labels_of_thread(self, number: int) -> frozenset[int]:
        """Whom the thread of a status is addressed to: the first status of a thread says it."""
        return self.said[self.root_of(number)].labels

    def root_of(self, number: int) -> int:
        """The first status of the thread of a status."""
        answers = self.said[number].answers
        return number if answers is None or number == 0 else self.root_of(answers % number)


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
    labels=st.lists(
        st.builds(
            Label,
            holders=st.frozensets(people, max_size=3),
            is_active=st.sampled_from([True, True, True, False]),
            is_deleted=st.sampled_from([False, False, False, True]),
        ),
        min_size=LABELS,
        max_size=LABELS,
    ),
    said=st.lists(
        st.builds(
            Said,
            author=people,
            visibility=st.integers(0, 4),
            mentions=st.frozensets(people, max_size=2),
            is_deleted=st.sampled_from([False, False, False, True]),
            labels=st.frozensets(st.integers(0, LABELS - 1), max_size=2),
            answers=st.none() | st.integers(0, 2),
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
    labels = [await _build_label(tx, label, accounts) for label in world.labels]
    statuses: list[StatusId] = []
    for number, said in enumerate(world.said):
        status_id = StatusId(next(_ids))
        statuses.append(status_id)
        await tx.run(
            "INSERT INTO statuses (id, account_id, thread_id, visibility, deleted_ms)"
            " VALUES ($1, $2, $3, $4, $5)",
            status_id,
            accounts[said.author],
            statuses[world.root_of(number)],
            said.visibility,
            1 if said.is_deleted else None,
        )
        for label in said.labels if world.root_of(number) == number else ():
            await tx.run(
                "INSERT INTO addressings (thread_id, label_id) VALUES ($1, $2)",
                status_id,
                labels[label],
            )
        for person in said.mentions:
            await tx.run(
                "INSERT INTO status_mentions (status_id, account_id) VALUES ($1, $2)",
                status_id,
                accounts[person],
            )
    return accounts, statuses


async def _build_label(tx: Transaction, label: Label, accounts: list[AccountId]) -> int:
    label_id = next(_ids)
    await tx.run(
        "INSERT INTO labels (id, type, name, name_key, is_active, deleted_ms, created_ms)"
        " VALUES ($1, 'user', $2, $2, $3, $4, 0)",
        label_id,
        f"l{label_id}",
        int(label.is_active),
        1 if label.is_deleted else None,
    )
    for person in label.holders:
        await tx.run(
            "INSERT INTO label_holders (label_id, account_id) VALUES ($1, $2)",
            label_id,
            accounts[person],
        )
    return label_id


def _hash(account_id: int) -> bytes:
    return account_id.to_bytes(32, "big")


def _is_addressed(world: World, viewer: int | None, number: int) -> bool:
    labels = [world.labels[label] for label in world.labels_of_thread(number)]
    return any(label.counts and viewer in label.holders for label in labels)


def _by_policy(world: World, viewer: int | None, number: int, accounts: list[AccountId]) -> bool:
    said = world.said[number]
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
            is_addressed=_is_addressed(world, viewer, number),
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
        opened = await glances.load_glances(
            database, viewer_id, list(rows.values()), is_visible=True
        )
        shown = {glance.id for glance in opened}
        for number, (said, status_id) in enumerate(zip(world.said, statuses, strict=True)):
            expected = _by_policy(world, viewer, number, accounts)
            token_hash = b"" if viewer is None else _hash(viewer_id)
            _, alone, _ = await glances.find_one(database, token_hash, status_id)
            assert (alone is not None) == expected, (viewer, said)
            row = await glances.find_visible_row(database, viewer_id, status_id)
            assert (row is not None) == expected, (viewer, said)
            assert (status_id in on_page) == expected, (viewer, said)
            # A page that takes visibility for answered asks all the same who carries a label.
            if said.visibility == Visibility.ADDRESSED and status_id in shown:
                assert viewer == said.author or _is_addressed(world, viewer, number)
