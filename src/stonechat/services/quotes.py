"""Quotes: showing what somebody else said inside what one says, and the other's say in it.

Posting is in services/statuses, which asks here whether something may be quoted. What a reader
is shown of a quote is found out when they read: nothing is written to quoting statuses when the
quoted one is deleted, or its author blocked.
"""

from collections.abc import Collection, Sequence
from typing import Final

from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.quotes import (
    ACCEPTED,
    BLOCKED_ACCOUNT,
    MUTED_ACCOUNT,
    QuoteFacts,
    QuoteGlance,
    QuotePolicy,
    QuoteSight,
    effective_policy,
    may_quote,
    shown_state,
)
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import glances, notifications, quotes, statuses
from stonechat.storage.database import Transaction
from stonechat.storage.statuses import Statement

_QUOTE_NOT_FOUND: Final = "The post you are trying to quote does not appear to exist."
_SHOWN: Final = frozenset({ACCEPTED, BLOCKED_ACCOUNT, MUTED_ACCOUNT})
"""States with which the quoted status goes out; where the reader hides its author, the app does."""

counting = quotes.counting

KeptQuote = tuple[StatusId, StatusId, str]
"""The quoting status, the quoted one, and the state that is kept."""


async def find_quoted(tx: Transaction, viewer: Viewer, quoted_id: StatusId) -> Status:
    """What is to be quoted: the original, where a boost of it was meant. It is held until the end.

    What the viewer may not quote answers as what is not there: its policy is nobody's business.
    """
    glance = await views.glance_status(tx, viewer.account_id, quoted_id)
    if glance is None:
        raise NotFound(_QUOTE_NOT_FOUND)
    original = glance.boost_of or glance
    await statuses.lock(tx, original.id)
    status = await statuses.find(tx, original.id)
    if status is None or status.deleted_ms is not None:
        raise NotFound(_QUOTE_NOT_FOUND)
    relation = await quotes.find_relation(tx, viewer.account_id, status.account_id)
    facts = QuoteFacts(
        status.quote_policy, status.visibility, status.account_id, viewer.account_id, *relation
    )
    if not may_quote(facts):
        raise NotFound(_QUOTE_NOT_FOUND)
    return status


async def find_shared(tx: Transaction, viewer: Viewer, shared_id: StatusId) -> Status:
    """What is to be passed on by a medium: that is to quote it. It is held until the end."""
    try:
        return await find_quoted(tx, viewer, shared_id)
    except NotFound as fault:
        raise refuse_share() from fault


def refuse_share() -> InvalidInput:
    """The complaint about a share of what the viewer may not quote, or that is not there."""
    words = "Validation failed: Medias share what cannot be shared"
    return InvalidInput(words, field="medias", rule="does_not_exist")


async def requote(tx: Transaction, before: Status, after: Status) -> None:
    """Let a status that is held quote something else than before, or nothing; and count it.

    Whatever it is to quote was held by `find_quoted`.
    """
    changes = [quotes.requoting(after)]
    if before.quote_of_id is not None and before.counts_as_quote:
        changes.append(counting(before.quote_of_id, -1))
    if after.quote_of_id is not None and after.counts_as_quote:
        changes.append(counting(after.quote_of_id, 1))
    await tx.run_all(*changes)


def telling_quoted(env: Env, status: Status, quoted_author_id: AccountId) -> list[Statement]:
    """The statements that tell somebody that a new status quotes them, if it is for them to see."""
    notice_id, author_id = env.ids.next_id(), status.account_id
    is_named = any(mention.id == quoted_author_id for mention in status.mentions)
    # To whom something addressed is told is asked when the notice is written.
    is_addressed = status.visibility == Visibility.ADDRESSED
    if status.visibility <= Visibility.UNLISTED or is_named or is_addressed:
        told = notifications.telling(notice_id, quoted_author_id, "quote", author_id, status.id)
        return [told]
    if status.visibility == Visibility.PRIVATE:
        told = notifications.telling_follower(
            notice_id, quoted_author_id, "quote", author_id, status.id
        )
        return [told]
    return []


def telling_quoters(env: Env, status: Status) -> list[Statement]:
    """The statements that tell those who quote a status that its author changed it."""
    if not status.quotes:
        return []
    return [notifications.telling_quoters(env.ids.next_id(), status.account_id, status.id)]


async def change_policy(tx: Transaction, status: Status, policy: QuotePolicy) -> None:
    """Say anew who may quote a status, as far as its visibility lets anybody. No edit."""
    await quotes.update_policy(tx, status.id, effective_policy(policy, status.visibility))


async def set_policy(env: Env, viewer: Viewer, status_id: StatusId, policy: QuotePolicy) -> Glance:
    """Say who may quote a status of the viewer's own; those who did go on doing so."""

    async def work(tx: Transaction) -> Glance:
        await statuses.lock(tx, status_id)
        status = await _get_own(tx, viewer, status_id)
        await change_policy(tx, status, policy)
        return await views.get_glance(tx, viewer.account_id, status_id)

    return await env.db.write(work)


async def _get_own(tx: Transaction, viewer: Viewer, status_id: StatusId) -> Status:
    """The viewer's own status; NotAllowed for somebody else's that they see."""
    glance = await views.get_glance(tx, viewer.account_id, status_id)
    if glance.boost_of is not None:
        raise NotFound
    if glance.account_id != viewer.account_id:
        raise NotAllowed
    return await statuses.get_own(tx, status_id, viewer.account_id)


async def revoke_quote(
    env: Env, viewer: Viewer, quoted_id: StatusId, quoting_id: StatusId
) -> Glance:
    """Take the viewer's status out of one that quotes it; twice is once. The one that quoted.

    It works through a block too: nobody keeps a quote by shutting out whom they quote.
    """

    async def work(tx: Transaction) -> Glance:
        await _get_own(tx, viewer, quoted_id)
        await _get_quoting(tx, viewer, quoted_id, quoting_id)
        visibility = await quotes.revoke(tx, quoting_id, quoted_id)
        if visibility is not None and visibility <= Visibility.UNLISTED:
            await tx.run_all(quotes.counting(quoted_id, -1))
        return await _get_quoting(tx, viewer, quoted_id, quoting_id)

    return await env.db.write(work)


async def _get_quoting(
    tx: Transaction, viewer: Viewer, quoted_id: StatusId, quoting_id: StatusId
) -> Glance:
    glance = await views.find_unguarded(tx, viewer.account_id, quoting_id)
    status = None if glance is None else await statuses.find(tx, glance.id)
    if glance is None or status is None or status.quote_of_id != quoted_id:
        raise NotFound
    return glance


async def list_quoting(
    env: Env, viewer: Viewer, status_id: StatusId, cursor: Cursor
) -> Page[Glance]:
    """What quotes a status, newest first, as far as the viewer may see it. Four statements."""
    target = await views.get_original(env.db, viewer, status_id)
    rows = await quotes.list_quoting(env.db, target.id, viewer.account_id, cursor)
    found = await glances.load_glances(env.db, viewer.account_id, rows)
    if not rows:
        return Page(found)
    return Page(found, rows[0].id, rows[-1].id, len(rows) == cursor.limit)


async def load_quotes(
    env: Env, viewer: Viewer, kept: Sequence[KeptQuote]
) -> dict[StatusId, QuoteGlance]:
    """Quotes as a reader meets them, by the status that quotes. Three statements."""
    wanted = list(dict.fromkeys(quoted_id for _, quoted_id, state in kept if state == ACCEPTED))
    rows = await glances.load_rows(env.db, wanted)
    there = {key: row for key, row in rows.items() if row.deleted_ms is None}
    found = await glances.load_glances(env.db, viewer.account_id, list(there.values()))
    seen = {glance.id: glance for glance in found}
    decisions = await _load_decisions(env, viewer, {glance.account_id for glance in found})
    shown: dict[StatusId, QuoteGlance] = {}
    for quoting_id, quoted_id, stored_state in kept:
        glance = seen.get(quoted_id)
        author_id = NOBODY if glance is None else glance.account_id
        sight = QuoteSight(
            stored_state,
            is_there=quoted_id in there,
            is_visible=glance is not None,
            is_blocking=author_id in decisions.blocked,
            is_muting=author_id in decisions.muted,
        )
        state = shown_state(sight)
        shown[quoting_id] = QuoteGlance(state, quoted_id, glance if state in _SHOWN else None)
    return shown


async def _load_decisions(
    env: Env, viewer: Viewer, author_ids: Collection[AccountId]
) -> quotes.Decisions:
    others = sorted(set(author_ids) - {viewer.account_id})
    if viewer.account_id == NOBODY or not others:
        return quotes.Decisions(set(), set())
    return await quotes.load_decisions(env.db, viewer.account_id, others, env.clock.now_ms())


async def load_followed(
    env: Env, viewer: Viewer, author_ids: Collection[AccountId]
) -> set[AccountId]:
    """Those of some authors whom the viewer follows: who may quote can depend on it."""
    others = sorted(set(author_ids) - {viewer.account_id})
    if viewer.account_id == NOBODY or not others:
        return set()
    return await quotes.load_followed(env.db, viewer.account_id, others)
