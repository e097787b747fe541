"""Interactions: what a community tells somebody, in groups; and that they have seen it.

How far somebody has read is the marker of the notifications of every dialect. A notice whose
status, or the contribution which that is a comment on, went out of its reader's sight is left
out; but what moderators took away is shown to whoever said it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stonechat.domain.ids import StatusId
from stonechat.domain.interactions import (
    Interaction,
    InteractionPage,
    InteractionView,
    belong_together,
    interaction_of,
)
from stonechat.domain.markers import MoveMarker
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.paging import Cursor
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.markers import move_markers
from stonechat.storage import custom_notices, interactions, notifications

READ_AT_ONCE: Final = 40
"""So many notices are read by one statement."""
READS_MAX: Final = 50
"""So often it is read for one page; what is not complete then leads on to the rest."""
UNSEEN_MAX: Final = 100
"""So many are counted that were not seen yet."""
NO_VERSION: Final = -1
"""Of an author who was not looked at: no fragment has it."""


@dataclass(slots=True)
class _Reading:
    """Groups while they are read, in the order of reading."""

    wanted: int
    is_upwards: bool
    groups: list[list[InteractionView]] = field(default_factory=list[list[InteractionView]])

    def take(self, each: InteractionView) -> bool:
        """Put one more into its group; False when it would begin one too many."""
        if self.groups and belong_together(self.groups[-1], each):
            self.groups[-1].append(each)
            return True
        if len(self.groups) == self.wanted:
            return False
        self.groups.append([each])
        return True

    def arranged(self, skip: int) -> list[list[InteractionView]]:
        """Newest first, without the first `skip`."""
        groups = self.groups[skip:]
        return [each[::-1] for each in reversed(groups)] if self.is_upwards else groups


async def list_groups(
    env: Env, viewer: Viewer, cursor: Cursor, *, skip: int = 0
) -> InteractionPage:
    """So many groups as the cursor says, the newest first, after `skip` of them."""
    read_id = await notifications.find_marker(env.db, viewer.account_id)
    reading = _Reading(cursor.limit + skip, cursor.upwards)
    below, above, last_id = cursor.below, cursor.above, None
    for _ in range(READS_MAX):
        part = Cursor(READ_AT_ONCE, below, above, cursor.upwards)
        rows, found = await _read(env, viewer, part)
        for each in reversed(found) if cursor.upwards else found:
            if not reading.take(each):
                return InteractionPage(reading.arranged(skip), read_id, last_id, has_more=True)
            last_id = each.id
        if rows:
            last_id = rows[0].id if cursor.upwards else rows[-1].id
        if len(rows) < READ_AT_ONCE:
            return InteractionPage(reading.arranged(skip), read_id, last_id, has_more=False)
        below, above = (below, last_id or above) if cursor.upwards else (last_id or below, above)
    return InteractionPage(reading.arranged(skip), read_id, last_id, has_more=True)


async def _read(
    env: Env, viewer: Viewer, cursor: Cursor
) -> tuple[list[Interaction], list[InteractionView]]:
    """A part of the rows, and those of them that are shown; both newest first."""
    rows = await interactions.list_rows(env.db, viewer.account_id, cursor, env.clock.now_ms())
    told = [interaction_of(row, viewer.account_id) for row in rows]
    return told, await _visible(env, viewer, told)


async def _visible(env: Env, viewer: Viewer, told: Sequence[Interaction]) -> list[InteractionView]:
    seen = await _glance(env, viewer, told)
    keys = [(each.from_id, each.words_id) for each in told if each.words_id is not None]
    words = await custom_notices.load(env.db, keys)
    found: list[InteractionView] = []
    for each in told:
        if each.words_id is not None:
            if each.words_id in words:
                found.append(InteractionView(each, words=words[each.words_id]))
            continue
        if each.subject_id is None:
            found.append(InteractionView(each))
            continue
        subject = seen.get(each.subject_id)
        root = None if each.root_id is None else seen.get(each.root_id)
        if subject is not None and root is not None:
            found.append(InteractionView(each, subject, root))
    return found


async def _glance(
    env: Env, viewer: Viewer, told: Sequence[Interaction]
) -> Mapping[StatusId, Glance]:
    ids = _ids_of(told)
    glances = await views.glance_statuses(env.db, viewer.account_id, ids)
    seen = {glance.id: glance for glance in glances}
    missing = [each for each in _ids_of([x for x in told if x.is_moderation]) if each not in seen]
    if missing:
        for key, view in (await views.load_statuses(env, missing)).items():
            if view.account_id == viewer.account_id:
                seen[key] = Glance(key, view.version, view.account_id, NO_VERSION)
    return seen


def _ids_of(told: Sequence[Interaction]) -> list[StatusId]:
    both = (each_id for each in told for each_id in (each.subject_id, each.root_id))
    return list(dict.fromkeys(each for each in both if each is not None))


async def count_unseen(env: Env, viewer: Viewer) -> int:
    """How many interactions came since the viewer read them last; at most UNSEEN_MAX."""
    above = await notifications.find_marker(env.db, viewer.account_id)
    _, found = await _read(env, viewer, Cursor(UNSEEN_MAX, above=above))
    return len(found)


async def mark_seen(env: Env, viewer: Viewer, page: InteractionPage) -> None:
    """Keep that the viewer has read a page, and so everything that is older."""
    if page.first_id is not None and page.first_id > page.read_id:
        await move_markers(env, viewer, [MoveMarker("notifications", page.first_id)])


async def mark_read(env: Env, viewer: Viewer, ids: Sequence[int]) -> None:
    """Keep that the viewer has read these, and so everything older; ids of nothing are let be."""
    newest = await interactions.find_newest(env.db, viewer.account_id, ids) if ids else None
    if newest is not None:
        await move_markers(env, viewer, [MoveMarker("notifications", newest)])
