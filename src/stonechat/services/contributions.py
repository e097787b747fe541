"""Contributions: what a community's dialect asks of statuses beyond what every dialect does.

Posting, editing and deleting are the verbs of all dialects (services/statuses, edits); bringing
back is in services/restoring. Here is what is looked up besides to show one.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stonechat.domain.categories import CategoryView
from stonechat.domain.ids import CategoryId, LabelId, StatusId
from stonechat.domain.labels import LabelView
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.domain.views import StatusView
from stonechat.kernel.errors import NotFound
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import categories, contributions, labels, statuses
from stonechat.storage.contributions import Marks
from stonechat.storage.database import Reader, Transaction


async def load_marks(
    env: Env, viewer: Viewer, ids: Sequence[StatusId], category_ids: Sequence[CategoryId]
) -> Marks:
    """The viewer's marks on a page of contributions. One statement."""
    return await contributions.load_marks(env.db, viewer.account_id, ids, category_ids)


async def load_categories(env: Env, ids: Iterable[CategoryId]) -> dict[CategoryId, CategoryView]:
    """Categories by id, as everybody may see them."""
    found = await categories.load_views(env.db, sorted(set(ids)))
    return {key: view.for_everybody() for key, view in found.items()}


async def load_category_tags(
    env: Env, found: Iterable[StatusView | Status]
) -> dict[CategoryId, str]:
    """The hashtags, which they have for life, of the categories of some statuses."""
    wanted = {each for status in found for each in status.categories}
    return await categories.load_tags(env.db, sorted(wanted)) if wanted else {}


async def load_labels(env: Env, ids: Sequence[StatusId]) -> dict[StatusId, tuple[LabelView, ...]]:
    """The labels that contributions carry."""
    return await labels.load_of_statuses(env.db, ids)


async def load_tags(env: Env, ids: Sequence[LabelId]) -> dict[LabelId, LabelView]:
    """Labels by id, as whom something is addressed to is told by them."""
    return await labels.load_views(env.db, ids)


async def load_held(env: Env, viewer: Viewer) -> frozenset[LabelId]:
    """Which labels the viewer carries."""
    return frozenset(each.id for each in await labels.list_held(env.db, viewer.account_id))


async def see_deleted(env: Env, viewer: Viewer, status_id: StatusId) -> StatusView:
    """A deleted contribution, for its author and for staff; NotFound for everybody else."""
    found = await statuses.find(env.db, status_id)
    if found is None or found.deleted_ms is None or found.boost_of_id is not None:
        raise NotFound
    # Staff had no right to see what was for some, and deleting it gives them none.
    is_open_to_staff = viewer.role in STAFF and found.visibility <= Visibility.UNLISTED
    if found.account_id != viewer.account_id and not is_open_to_staff:
        raise NotFound
    author = (await views.load_accounts(env, [found.account_id]))[found.account_id]
    if author.state == "deleted":
        raise NotFound
    return (await views.load_statuses(env, [status_id]))[status_id]


class Target(NamedTuple):
    """What a path names: a contribution of a kind, or a comment where that is None."""

    id: StatusId
    kind: str | None

    def fits(self, status: Status) -> bool:
        """Whether something is what the path says that it is."""
        if self.kind is None:
            return status.in_reply_to_id is not None
        return status.kind == self.kind and status.is_contribution


async def find_target(tx: Reader, viewer: Viewer, target: Target) -> Status:
    """What a path names, if the viewer may see it; NotFound for everything else."""
    glance = await views.glance_status(tx, viewer.account_id, target.id)
    status = None if glance is None else await statuses.find(tx, target.id)
    if status is None or not target.fits(status):
        raise NotFound
    if target.kind is None:
        # A comment is there for whom its contribution is.
        await views.get_glance(tx, viewer.account_id, StatusId(status.thread_id))
    return status


async def hold(tx: Transaction, viewer: Viewer, target: Target) -> Status:
    """The same, held until the commit: what is counted of it stays true."""
    await statuses.lock(tx, target.id)
    return await find_target(tx, viewer, target)


async def ensure_own(env: Env, viewer: Viewer, status_id: StatusId, kind: str) -> None:
    """NotFound but for a contribution of the viewer's own that is of this kind, deleted or not."""
    found = await statuses.find(env.db, status_id)
    if (
        found is None
        or found.account_id != viewer.account_id
        or found.kind != kind
        or not found.is_contribution
    ):
        raise NotFound
