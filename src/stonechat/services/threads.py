"""Threads: what a status answers, and what answers it, as far as the viewer may see."""

from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits, threads
from stonechat.domain.ids import StatusId
from stonechat.domain.threads import ThreadLimits
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.errors import NotFound
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import glances, statuses
from stonechat.storage.visibility import load_hidden_accounts

_PERSON: Final = ThreadLimits(
    limits.CONTEXT_ANCESTORS_MAX, limits.CONTEXT_DESCENDANTS_MAX, limits.CONTEXT_DEPTH_MAX
)
_ANONYMOUS: Final = ThreadLimits(
    limits.CONTEXT_ANCESTORS_ANONYMOUS_MAX,
    limits.CONTEXT_DESCENDANTS_ANONYMOUS_MAX,
    limits.CONTEXT_DEPTH_ANONYMOUS_MAX,
)


@dataclass(frozen=True, slots=True)
class Context:
    """A status's surroundings; the status itself is in neither list."""

    ancestors: list[Glance]
    descendants: list[Glance]


async def see_context(env: Env, viewer: Viewer, status_id: StatusId) -> Context:
    """The thread around a status. A hidden link of it leaves a gap; what hangs on it stays."""
    target = await views.get_original(env.db, viewer, status_id)
    status = await statuses.find(env.db, target.id)
    if status is None:
        raise NotFound
    rows = await statuses.list_thread(env.db, status.thread_id, limits.THREAD_ROWS_MAX)
    bounds = _PERSON if viewer.is_person else _ANONYMOUS
    above = threads.ancestors(rows, target.id, bounds.ancestors)
    below = threads.descendants(rows, target.id, bounds)
    hidden = await load_hidden_accounts(env.db, viewer.account_id, env.clock.now_ms())
    places = {row.id: row for row in rows}
    shown = [
        glances.row_in_thread(status.thread_id, places[each])
        for each in (*above, *below)
        if places[each].account_id not in hidden
    ]
    found = await glances.load_glances(env.db, viewer.account_id, shown)
    seen = {glance.id: glance for glance in found}
    return Context([seen[i] for i in above if i in seen], [seen[i] for i in below if i in seen])
