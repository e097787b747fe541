"""Inlays: what of a status must be made anew for each viewer, although few statuses have any.

A poll says how the viewer voted and whether it is over, a quote shows what the viewer may see of
another status. A page without either pays nothing for them but a look at its fragments.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.mastodon.entities.polls import present_poll
from stonechat.dialects.mastodon.entities.quotes import quote_json, shallow_quote_json
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.media import shown_attachments
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance, PollView, StatusView
from stonechat.services import polls, quotes
from stonechat.services.env import Env

_encode: Final = msgspec.json.Encoder().encode


class Inlay(NamedTuple):
    """The makings of one status's inlay; the same for everybody, and kept with its fragment."""

    poll: PollView | None
    quote: tuple[StatusId, str] | None
    """Which status is quoted, and the state that is kept of the quote."""


class StatusFragment(NamedTuple):
    """A rendered head, the words in it that filters look at, and what it leaves out."""

    head: bytes
    searchable: str
    policy: int
    is_sealed: bool
    inlay: Inlay | None
    is_particular: bool
    """Whether a page with it asks for more than its heads: for whom one follows, for an inlay."""


def weigh_fragment(fragment: StatusFragment) -> int:
    """About how many bytes a fragment takes."""
    return len(fragment.head) + len(fragment.searchable)


Render = Callable[[Sequence[Glance]], Awaitable[Sequence[bytes]]]
"""Renders statuses that are quoted."""


def inlay_of(view: StatusView) -> Inlay | None:
    """What the head of a status leaves out; None for nearly every one."""
    if view.poll is None and view.quote_of_id is None:
        return None
    quote = None
    if view.quote_of_id is not None:
        quote = (view.quote_of_id, view.quote_state or "")
    return Inlay(view.poll, quote)


def searchable_words(view: StatusView) -> str:
    """Everything in a status that a reader's filters look at."""
    words = [view.spoiler, view.text]
    if view.poll is not None:
        words += view.poll.options
    words += (each.description for each in shown_attachments(view.media) if each.description)
    return "\n".join(words)


async def load_quotable(
    env: Env, viewer: Viewer, glances: Sequence[Glance], heads: Mapping[int, StatusFragment]
) -> set[AccountId]:
    """Those authors on a page whom the viewer follows, as far as a policy asks for it."""
    if not viewer.is_person:
        return set()
    asked = {
        each.account_id
        for each in glances
        if heads[each.id].policy == QuotePolicy.FOLLOWERS and each.account_id != viewer.account_id
    }
    return await quotes.load_followed(env, viewer, sorted(asked)) if asked else set()


async def make_inlays(
    env: Env,
    viewer: Viewer,
    glances: Sequence[Glance],
    heads: Mapping[int, StatusFragment],
    render: Render | None,
) -> dict[int, bytes]:
    """The inlays of a page, by status; a quote within a quote, without `render`, names it only."""
    wanted = {each.id: each for each in glances if heads[each.id].inlay is not None}
    if not wanted:
        return {}
    made = await _make_polls(env, viewer, wanted, heads)
    quoting = {key: heads[key].inlay for key in wanted}
    pairs = [
        (key, *inlay.quote)
        for key, inlay in quoting.items()
        if inlay is not None and inlay.quote is not None
    ]
    if pairs:
        for key, quote in (await _make_quotes(env, viewer, pairs, render)).items():
            made[key] = made.get(key, b"") + quote
    return made


async def _make_polls(
    env: Env, viewer: Viewer, wanted: Mapping[StatusId, Glance], heads: Mapping[int, StatusFragment]
) -> dict[int, bytes]:
    found = {
        key: inlay.poll
        for key in wanted
        if (inlay := heads[key].inlay) is not None and inlay.poll is not None
    }
    if not found:
        return {}
    # Nobody votes in a poll of their own.
    others = [key for key in found if wanted[key].account_id != viewer.account_id]
    own = await polls.load_own_votes(env, viewer, others) if viewer.is_person else None
    now_ms = env.clock.now_ms()
    return {
        key: b',"poll":'
        + _encode(
            present_poll(
                poll,
                status_id=key,
                now_ms=now_ms,
                own_votes=None if own is None else own.get(key, ()),
                is_own=wanted[key].account_id == viewer.account_id,
            )
        )
        for key, poll in found.items()
    }


async def _make_quotes(
    env: Env,
    viewer: Viewer,
    pairs: Sequence[tuple[StatusId, StatusId, str]],
    render: Render | None,
) -> dict[int, bytes]:
    found = await quotes.load_quotes(env, viewer, pairs)
    if render is None:
        return {key: b',"quote":' + shallow_quote_json(each) for key, each in found.items()}
    shown = {each.glance.id: each.glance for each in found.values() if each.glance is not None}
    rendered = dict(zip(shown, await render(list(shown.values())), strict=True)) if shown else {}
    return {
        key: b',"quote":'
        + quote_json(each.state, None if each.glance is None else rendered[each.glance.id])
        for key, each in found.items()
    }
