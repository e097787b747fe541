"""Attachments: statuses take media, keep them, and describe them in other words.

Everything here runs inside the transaction of the verb that it is a part of: posting,
scheduling, editing. What a status has once shown it goes on holding, because its history shows
it still: an edit takes media off a status without letting go of them. Only a scheduled status
lets go (services/scheduling), and one whose history is forgotten (storage/edits).
"""

from collections.abc import Sequence
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId, StatusId
from stonechat.domain.inline_media import find_inline
from stonechat.domain.media import (
    ATTACHMENTS,
    CONTRIBUTION_ROOM,
    READY,
    STATUS_ROOM,
    Holder,
    MediaChange,
    check_attachable,
    refuse_missing,
)
from stonechat.domain.statuses import Status
from stonechat.domain.views import MediaView
from stonechat.services.env import Env
from stonechat.services.media import discarding
from stonechat.storage import media
from stonechat.storage.database import Transaction

NOBODY: Final = Holder()
LOOKED_UP_MAX: Final = 2 * limits.CONTRIBUTION_MEDIA_MAX
"""Ids that are looked up at all; with more of them the answer is known."""


async def take(
    tx: Transaction,
    account_id: AccountId,
    media_ids: Sequence[MediaId],
    *,
    holder: Holder,
    held: Holder = NOBODY,
    is_contribution: bool = False,
    html: str | None = None,
) -> tuple[MediaView, ...]:
    """Give an account's own media to a holder, in the order of their ids, each once.

    They must be ready, and free or held by `holder` or `held`; else InvalidInput. What a status
    has room for is more where a community's order says it (domain/media.Room), and pictures inside
    its HTML are taken, too.
    """
    room = CONTRIBUTION_ROOM if is_contribution else STATUS_ROOM
    # A card is shown as a medium of the status's own id, and comes back with the others.
    wanted = [each for each in dict.fromkeys(media_ids) if each != holder.status_id]
    wanted += await _find_inline(tx, account_id, html, wanted, (holder, held))
    if not wanted:
        return ()
    found = await media.load(tx, account_id, wanted[:LOOKED_UP_MAX])
    check_attachable(wanted, found, (holder, held), room)
    taken = await media.take(tx, account_id, wanted, holder=holder, held=held)
    if taken != len(wanted):
        # Another request has taken some since they were read.
        raise refuse_missing(wanted, room)
    # They are held now: what was changed since they were read is shown, too.
    return check_attachable(wanted, await media.load(tx, account_id, wanted), (holder,), room)


async def _find_inline(
    tx: Transaction,
    account_id: AccountId,
    html: str | None,
    wanted: Sequence[MediaId],
    holders: Sequence[Holder],
) -> list[MediaId]:
    """Pictures inside a text that it may have. One that it may not have is only not shown."""
    inside = [each for each in find_inline(html, account_id) if each not in wanted]
    inside = inside[: max(0, CONTRIBUTION_ROOM.media_max - len(wanted))]
    if not inside:
        return []
    found = {each.id: each for each in await media.load(tx, account_id, inside)}
    return [
        media_id
        for media_id in inside
        if (each := found.get(media_id)) is not None
        and each.state == READY
        and (each.is_free or each.holder in holders)
    ]


def keep_links(before: Sequence[MediaView], taken: Sequence[MediaView]) -> tuple[MediaView, ...]:
    """What an edit took, and at its place what it could not name: its dialect does not show it."""
    kept = list(taken)
    for place, each in enumerate(before):
        if each.type not in ATTACHMENTS:
            kept.insert(place, each)
    return tuple(kept)


async def reword(
    tx: Transaction, account_id: AccountId, holder: Holder, changes: Sequence[MediaChange]
) -> None:
    """Describe media of a status anew, and free ones that it is about to take.

    What is neither is left as it is: whether the status may have it, `take` will say.
    """
    for change in changes:
        await media.change(tx, account_id, change, holder.status_id)


async def regain(tx: Transaction, status: Status) -> tuple[MediaView, ...]:
    """Those of a deleted status's media that are there and that no other one shows by now."""
    if not status.media:
        return ()
    holder, wanted = Holder(status_id=status.id), [each.id for each in status.media]
    await media.take(tx, status.account_id, wanted, holder=holder, held=NOBODY)
    found = {each.id: each for each in await media.load(tx, status.account_id, wanted)}
    return tuple(
        found[media_id].view
        for media_id in wanted
        if media_id in found and found[media_id].holder == holder
    )


async def forget(env: Env, tx: Transaction, status_id: StatusId) -> None:
    """Take away what a status holds; the files follow after the commit, by a job."""
    files = await media.delete_of_status(tx, status_id)
    await tx.run_all(*discarding(env, files))
