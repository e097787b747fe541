"""Comments: answering what is said in a community, and reading the answers.

A comment is an answer like any other: it is published, edited, deleted and brought back by the
verbs of all dialects. What is here besides is where it has to belong, and which ones are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stonechat.domain.comments import (
    Authored,
    Branch,
    PostComment,
    Sorting,
    Window,
    check_places,
    refuse_missing,
)
from stonechat.domain.composing import check_post
from stonechat.domain.contributions import Particulars
from stonechat.domain.ids import StatusId
from stonechat.domain.statuses import EditStatus, Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance, StatusView
from stonechat.kernel.errors import Conflict, NotFound
from stonechat.services import contributions, edits, members, restoring, statuses, views
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.services.once import Kept, unless_kept
from stonechat.storage import comments, glances
from stonechat.storage import statuses as status_rows
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.glances import GlanceRow

NO_VERSION: Final = -1
"""Of an author who was not looked at: no fragment has it."""


@dataclass(frozen=True, slots=True)
class FoundComments:
    """Comments in their order, and what is shown with them."""

    comments: Sequence[Glance]
    roots: Mapping[StatusId, tuple[StatusId, int]]
    """Of each comment, nested ones too: the contribution that it is on, and its version."""
    latest: Mapping[StatusId, Sequence[Glance]] = field(
        default_factory=dict[StatusId, Sequence[Glance]]
    )
    """The newest comments beneath first-level ones, oldest first."""
    count: int = 0
    has_more: bool = False


async def post_comment(env: Env, viewer: Viewer, command: PostComment) -> FoundComments:
    """Comment on a contribution that the viewer may see; a repeated key gives the first one.

    The contribution is held while it is looked at: what is deleted in the meantime takes no
    comment any more.
    """
    order = check_post(command.as_status())

    async def work(tx: Transaction) -> StatusView:
        await _check_places(tx, viewer, command)
        return await statuses.post_now(env, tx, viewer, order, key=order.idempotency_key)

    made = await unless_kept(env, viewer, order.idempotency_key, lambda: env.db.write(work))
    if isinstance(made, Kept) and made.kind != statuses.STATUS:
        raise Conflict("This Idempotency-Key belongs to something that is scheduled")
    env.wake_jobs()
    return await see_comment(env, viewer, StatusId(made.id))


async def _check_places(tx: Transaction, viewer: Viewer, command: PostComment) -> None:
    kind, me = command.kind, viewer.account_id
    found = await comments.find_root(tx, me, Branch(kind, command.contribution_id))
    if found is None:
        raise refuse_missing(kind)
    root_id = found[0].contribution_id
    nested_id = command.in_reply_to_id or command.parent_id
    await status_rows.lock_in_thread(tx, nested_id or root_id)
    root = await status_rows.find(tx, root_id)
    if root is None or root.deleted_ms is not None:
        raise refuse_missing(kind)
    parent, answered = [
        None if each is None else await _find(tx, viewer, Target(each, None))
        for each in (command.parent_id, command.in_reply_to_id)
    ]
    check_places(root, parent, answered, command)


async def _find(tx: Reader, viewer: Viewer, target: Target) -> Status | None:
    try:
        return await contributions.find_target(tx, viewer, target)
    except NotFound:
        return None


async def edit_comment(
    env: Env, viewer: Viewer, comment_id: StatusId, text: str, html: str | None
) -> FoundComments:
    """Put one's own comment in other words; NotFound where its contribution is gone."""
    await see_comment(env, viewer, comment_id)
    about = Particulars(html=html, is_comment=True)
    command = EditStatus(comment_id, text, None, None, None, about=about)
    await edits.edit_status(env, viewer, command)
    return await see_comment(env, viewer, comment_id)


async def delete_comment(env: Env, viewer: Viewer, comment_id: StatusId) -> None:
    """Take one's own comment back; it can be restored for a while."""
    await _ensure_own(env, viewer, comment_id)
    await statuses.delete_status(env, viewer, comment_id)


async def restore_comment(env: Env, viewer: Viewer, comment_id: StatusId) -> None:
    """Bring one's own comment back."""
    await _ensure_own(env, viewer, comment_id)
    await restoring.restore_status(env, viewer, comment_id)


async def _ensure_own(env: Env, viewer: Viewer, comment_id: StatusId) -> None:
    found = await status_rows.find(env.db, comment_id)
    if found is None or found.account_id != viewer.account_id or found.in_reply_to_id is None:
        raise NotFound


async def see_comment(env: Env, viewer: Viewer, comment_id: StatusId) -> FoundComments:
    """One comment, on something that the viewer may see, too."""
    found = await comments.find(env.db, viewer.account_id, comment_id)
    if found is None:
        raise NotFound
    roots = {comment_id: (_root_id(found.row), found.root_version)}
    return await _gather(env, viewer, [found.row], roots)


async def see_deleted(env: Env, viewer: Viewer, comment_id: StatusId) -> FoundComments:
    """A deleted comment, for its author; and for staff, if it was not for few alone."""
    view = await contributions.see_deleted(env, viewer, comment_id)
    found = await status_rows.find(env.db, comment_id)
    if found is None or found.in_reply_to_id is None:
        raise NotFound
    if found.account_id != viewer.account_id and not found.counts_as_reply:
        raise NotFound
    root = await views.get_glance(env.db, viewer.account_id, StatusId(found.thread_id))
    glance = Glance(view.id, view.version, view.account_id, NO_VERSION)
    return FoundComments([glance], {view.id: (root.id, root.version)})


async def list_comments(
    env: Env, viewer: Viewer, branch: Branch, by: Sorting, window: Window, *, counted_max: int
) -> FoundComments:
    """Comments on a contribution, or beneath one comment; NotFound where the viewer sees none."""
    me, now_ms = viewer.account_id, env.clock.now_ms()
    place = await comments.find_root(env.db, me, branch)
    if place is None:
        raise NotFound
    branch, root_version = place
    reach = Window(window.limit + 1, window.offset)
    rows = await comments.list_comments(env.db, me, now_ms, branch, by=by, window=reach)
    count = _known_count(rows, window)
    if count is None:
        count = await comments.count_comments(env.db, me, now_ms, branch, counted_max)
    shown = rows[: window.limit]
    root = (branch.contribution_id, root_version)
    return await _gather(
        env,
        viewer,
        shown,
        {row.id: root for row in shown},
        has_latest=branch.parent_id is None,
        page=(count, len(rows) > window.limit),
    )


async def list_authored(
    env: Env, viewer: Viewer, wanted: Authored, window: Window, *, counted_max: int
) -> FoundComments:
    """Somebody's comments at any level, on whatever the viewer may see."""
    await members.see_member(env, wanted.account_id)
    me = viewer.account_id
    reach = Window(window.limit + 1, window.offset)
    found = await comments.list_authored(env.db, me, wanted, reach)
    count = _known_count(found, window)
    if count is None:
        count = await comments.count_authored(env.db, me, wanted.account_id, counted_max)
    shown = found[: window.limit]
    return await _gather(
        env,
        viewer,
        [each.row for each in shown],
        {each.row.id: (_root_id(each.row), each.root_version) for each in shown},
        page=(count, len(found) > window.limit),
    )


def _known_count(rows: Sequence[object], window: Window) -> int | None:
    """How many there are in all, where a page that ends the list tells."""
    if len(rows) > window.limit or (window.offset and not rows):
        return None
    return window.offset + len(rows)


def _root_id(row: GlanceRow) -> StatusId:
    return StatusId(row.thread_id)


async def _gather(
    env: Env,
    viewer: Viewer,
    rows: Sequence[GlanceRow],
    roots: dict[StatusId, tuple[StatusId, int]],
    *,
    has_latest: bool = True,
    page: tuple[int, bool] = (0, False),
) -> FoundComments:
    """The comments of rows that the viewer may see, with the latest ones beneath them."""
    me, beneath = viewer.account_id, dict[StatusId, list[GlanceRow]]()
    if has_latest:
        ids = [row.id for row in rows]
        beneath = await comments.load_latest(env.db, me, env.clock.now_ms(), ids)
    below = [row for latest in beneath.values() for row in latest]
    # A list of somebody's comments may have one that also lies beneath another one.
    every = {row.id: row for row in (*rows, *below)}
    found = await glances.load_glances(env.db, me, list(every.values()), is_visible=True)
    seen = {glance.id: glance for glance in found}
    for top, latest in beneath.items():
        roots |= {row.id: roots[top] for row in latest}
    return FoundComments(
        [seen[row.id] for row in rows if row.id in seen],
        roots,
        {
            top: [seen[row.id] for row in latest if row.id in seen]
            for top, latest in beneath.items()
        },
        *page,
    )
