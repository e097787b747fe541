"""Drafts: contributions that wait, as a community shows them to their author and to nobody else.

An order that waits (services/scheduling) is no status yet: it has no row among them, and gets
another id when it is said. Here it is made to look like one, out of what the order says. A
newcomer gets wrong who sees its media: they are its author's alone, so it is shown as private.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.contributions import Particulars, check_particulars, facets_of
from stonechat.domain.ids import AccountId, ScheduledId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import open_poll
from stonechat.domain.scheduling import DRAFT_MS, Scheduled, ScheduledView, Wanted
from stonechat.domain.statuses import PostStatus
from stonechat.domain.text.mentions import Handle, hashtags, without_local_domain
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import MentionView, PollView, StatusView
from stonechat.kernel.errors import NotFound
from stonechat.services import scheduling as scheduling_service
from stonechat.services.env import Env
from stonechat.services.statuses import Posted, load_mentioned
from stonechat.storage import scheduling

NO_PARTICULARS: Final = Particulars()


class WaitingView(NamedTuple):
    """Something that waits, in the shape of what it will be."""

    status: StatusView
    due_ms: int | None
    """None for a draft."""


@dataclass(frozen=True, slots=True)
class FoundDrafts:
    """A part of what waits, and how much of it there is."""

    found: Sequence[WaitingView]
    count: int


async def list_waiting(
    env: Env, viewer: Viewer, wanted: Wanted, *, limit: int, offset: int
) -> FoundDrafts:
    """What the viewer has waiting: of a kind with a time, the next one first; or its drafts."""
    me = viewer.account_id
    found, count = await scheduling.list_of_kind(env.db, me, wanted, limit=limit, offset=offset)
    views = await scheduling_service.load_views(env, viewer, found)
    return FoundDrafts(await show(env, viewer, views), count)


async def get_waiting(env: Env, viewer: Viewer, status_id: int, kind: str) -> Scheduled:
    """One that the viewer has waiting, which must become this kind; or NotFound."""
    if not viewer.is_person:
        raise NotFound
    found = await scheduling.find(env.db, viewer.account_id, ScheduledId(status_id))
    if found is None or found.kind != kind:
        raise NotFound
    return found


async def see_waiting(env: Env, viewer: Viewer, status_id: int, kind: str) -> WaitingView:
    """The same, to be shown."""
    found = await get_waiting(env, viewer, status_id, kind)
    views = await scheduling_service.load_views(env, viewer, [found])
    return (await show(env, viewer, views))[0]


async def rewrite(
    env: Env, viewer: Viewer, status_id: int, command: PostStatus, due_ms: int
) -> WaitingView:
    """Put one in other words; the whole is replaced, also its time."""
    assert command.about is not None
    before = await get_waiting(env, viewer, status_id, command.about.kind)
    made = await scheduling_service.rewrite_scheduled(env, viewer, before, command, due_ms)
    return (await show(env, viewer, [made]))[0]


async def publish(env: Env, viewer: Viewer, status_id: int, kind: str) -> Posted:
    """Say one now."""
    found = await get_waiting(env, viewer, status_id, kind)
    return await scheduling_service.publish_now(env, viewer, found)


async def discard(env: Env, viewer: Viewer, status_id: int, kind: str) -> None:
    """Throw one away; it is never said."""
    found = await get_waiting(env, viewer, status_id, kind)
    await scheduling_service.cancel_scheduled(env, viewer, found.id)


async def show(env: Env, viewer: Viewer, views: Sequence[ScheduledView]) -> list[WaitingView]:
    """Orders in the shape of what they will be. Whom they mention is looked up for all at once."""
    texts = "\n".join(each.scheduled.command.text for each in views)
    mentioned = await load_mentioned(env, env.db, viewer.account_id, texts)
    return [
        WaitingView(
            _preview(env, viewer.account_id, each, mentioned),
            None if each.scheduled.is_draft else each.scheduled.due_ms,
        )
        for each in views
    ]


def _preview(
    env: Env, author_id: AccountId, view: ScheduledView, mentioned: Mapping[Handle, MentionView]
) -> StatusView:
    command = view.scheduled.command
    about = NO_PARTICULARS if command.about is None else check_particulars(command.about)
    text = without_local_domain(command.text, env.settings.domain)
    return StatusView(
        id=StatusId(view.scheduled.id),
        account_id=author_id,
        username="",
        kind=about.kind,
        in_reply_to_id=None,
        in_reply_to_account_id=None,
        boost_of_id=None,
        visibility=Visibility.PRIVATE,
        is_sensitive=command.is_sensitive or False,
        spoiler=command.spoiler,
        text=text,
        content="",
        language=command.language,
        app_name=None,
        app_website=None,
        mentions=tuple(mentioned.values()),
        tags=hashtags(text),
        edited_ms=None,
        replies=0,
        boosts=0,
        favourites=0,
        version=view.scheduled.edition,
        media=view.media,
        thread_id=view.scheduled.id,
        poll=_poll(env, view.scheduled),
        facets=facets_of(about),
        categories=about.category_ids,
    )


def _poll(env: Env, scheduled: Scheduled) -> PollView | None:
    """The poll as it will be opened. Of one that lasts so long, the end is counted from then."""
    draft = scheduled.command.poll
    if draft is None:
        return None
    latest_ms = DRAFT_MS - limits.POLL_SECONDS_MAX * 1000
    opened_ms = env.clock.now_ms() if scheduled.is_draft else min(scheduled.due_ms, latest_ms)
    return open_poll(draft, opened_ms)
