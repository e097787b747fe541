"""Search for words in contributions: in the newest of a kind, in title and text."""

from typing import NamedTuple

from stonechat.domain.contribution_search import Hit, find_hits, mark
from stonechat.domain.feeds import Span
from stonechat.domain.ids import StatusId
from stonechat.domain.names import fold
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.feeds import walker_of
from stonechat.storage import contribution_search


class Match(NamedTuple):
    """A contribution that says what was looked for, and where, as HTML."""

    id: StatusId
    excerpt: str


class FoundContributions(NamedTuple):
    """A part of what was found, in its order, and how many were found in all."""

    glances: list[Glance]
    excerpts: dict[StatusId, str]
    total: int


async def search_contributions(
    env: Env, viewer: Viewer, kind: str, words: str, span: Span
) -> FoundContributions:
    """The newest contributions of a kind that say what is looked for, letter by letter."""
    wanted = fold(words)
    candidates = await contribution_search.list_candidates(
        env.db, walker_of(env, viewer), kind, words
    )
    matches = [
        Match(each.id, excerpt)
        for each in candidates
        if (excerpt := _excerpt(each.title, each.text, wanted)) is not None
    ]
    shown = matches[span.offset : span.offset + span.limit]
    glances = await views.glance_statuses(env.db, viewer.account_id, [each.id for each in shown])
    return FoundContributions(glances, {each.id: each.excerpt for each in shown}, len(matches))


def _excerpt(title: str, text: str, wanted: str) -> str | None:
    for said in (text, title):
        hits: list[Hit] = find_hits(said, wanted)
        if hits:
            return mark(said, hits)
    return None
