"""Attachments: statuses take media, keep them, and describe them in other words.

Everything here runs inside the transaction of the verb that it is a part of: posting,
scheduling, editing. What a status has once shown it goes on holding, because its history shows
it still: an edit takes media off a status without letting go of them. Only a scheduled status
lets go (services/scheduling).
"""

from collections.abc import Sequence
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId, StatusId
from stonechat.domain.media import Holder, MediaChange, check_attachable, refuse_missing
from stonechat.domain.views import MediaView
from stonechat.services.env import Env
from stonechat.services.media import discarding
from stonechat.storage import media
from stonechat.storage.database import Transaction

NOBODY: Final = Holder()
LOOKED_UP_MAX: Final = 2 * limits.STATUS_MEDIA_MAX
"""Ids that are looked up at all; with more of them the answer is known."""


async def take(
    tx: Transaction,
    account_id: AccountId,
    media_ids: Sequence[MediaId],
    *,
    holder: Holder,
    held: Holder = NOBODY,
) -> tuple[MediaView, ...]:
    """Give an account's own media to a holder, in the order of their ids, each once.

    They must be ready, and free or held by `holder` or `held`; else InvalidInput.
    """
    wanted = list(dict.fromkeys(media_ids))
    if not wanted:
        return ()
    found = await media.load(tx, account_id, wanted[:LOOKED_UP_MAX])
    check_attachable(wanted, found, (holder, held))
    taken = await media.take(tx, account_id, wanted, holder=holder, held=held)
    if taken != len(wanted):
        # Another request has taken some since they were read.
        raise refuse_missing(wanted)
    # They are held now: what was changed since they were read is shown, too.
    return check_attachable(wanted, await media.load(tx, account_id, wanted), (holder,))


async def reword(
    tx: Transaction, account_id: AccountId, holder: Holder, changes: Sequence[MediaChange]
) -> None:
    """Describe media of a status anew, and free ones that it is about to take.

    What is neither is left as it is: whether the status may have it, `take` will say.
    """
    for change in changes:
        await media.change(tx, account_id, change, holder.status_id)


async def forget(env: Env, tx: Transaction, status_id: StatusId) -> None:
    """Take away what a status holds; the files follow after the commit, by a job."""
    files = await media.delete_of_status(tx, status_id)
    await tx.run_all(*discarding(env, files))
