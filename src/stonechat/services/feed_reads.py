"""What a member has had before their eyes: marking it, and counting what they have not.

To be seen for the first time by somebody else than its author is a view of a contribution.
"""

from collections import Counter
from collections.abc import Sequence

from stonechat.domain.feeds import Unseen
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Viewer
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.feeds import walker_of
from stonechat.storage import feed_reads, feeds
from stonechat.storage.database import Transaction


async def mark_seen(env: Env, viewer: Viewer, ids: Sequence[StatusId]) -> None:
    """Note what the viewer has seen; what is not there for them is passed over."""
    wanted = sorted(set(ids))

    async def work(tx: Transaction) -> None:
        glances = await views.glance_statuses(tx, viewer.account_id, wanted)
        me = viewer.account_id
        first = [each for each in glances if await feed_reads.insert(tx, me, each.id)]
        others = [each.id for each in first if each.account_id != me]
        await feed_reads.count_views(tx, others)

    if wanted:
        await env.db.write(work)


async def count_unseen(env: Env, viewer: Viewer) -> Unseen:
    """How much of their home the viewer has not seen."""
    found = await feeds.list_unseen(env.db, walker_of(env, viewer))
    counted = Counter(each for categories in found for each in categories)
    return Unseen(len(found), sorted(counted.items()))
