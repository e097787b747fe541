"""Avatars: the pictures that a member may choose from, added, chosen, taken away.

A new picture is shown at once. The one that was shown before stays to choose from, also where
another dialect had put it there. Files are kept before the transaction and deleted after it, as
in services/credentials.
"""

from collections.abc import Sequence

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.members import AvatarView
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, StonechatError
from stonechat.kernel.ids import ms_of_id
from stonechat.services.credentials import delete_pictures, keep_pictures
from stonechat.services.env import Env
from stonechat.storage import accounts, avatars
from stonechat.storage.avatars import AvatarRow
from stonechat.storage.database import Reader, Transaction


async def list_avatars(env: Env, viewer: Viewer) -> list[AvatarView]:
    """The viewer's pictures, newest first."""
    return _views(*await _load(env.db, viewer.account_id))


async def _load(tx: Reader, account_id: AccountId) -> tuple[list[AvatarRow], str | None]:
    """The pictures and which one is shown; one without a row has its account's id for its own."""
    rows = await avatars.list_all(tx, account_id)
    chosen = await avatars.find_chosen(tx, account_id)
    if chosen is not None and all(row.file != chosen for row in rows):
        rows.append(AvatarRow(account_id, chosen))
    return rows, chosen


def _views(rows: Sequence[AvatarRow], chosen: str | None) -> list[AvatarView]:
    return [AvatarView(row.id, row.file, row.file == chosen, ms_of_id(row.id)) for row in rows]


async def add_avatar(env: Env, viewer: Viewer, content: bytes) -> AvatarView:
    """Another picture, which is shown from now on."""
    kept = (await keep_pictures(env, {"avatar": content}))["avatar"]
    me = viewer.account_id

    async def work(tx: Transaction) -> AvatarView:
        await tx.run_all(accounts.touching(me))
        rows, _ = await _load(tx, me)
        if len(rows) >= limits.MEMBER_AVATARS_MAX:
            words = f"You cannot keep more than {limits.MEMBER_AVATARS_MAX} pictures"
            raise InvalidInput(words, field="avatar", rule="too_many")
        await _keep_chosen(env, tx, me, rows)
        added = AvatarRow(env.ids.next_id(), kept)
        await avatars.insert(tx, me, added)
        await avatars.choose(tx, me, kept)
        return AvatarView(added.id, kept, is_chosen=True, kept_ms=ms_of_id(added.id))

    try:
        return await env.db.write(work)
    except StonechatError:
        await delete_pictures(env, [kept])
        raise


async def _keep_chosen(env: Env, tx: Transaction, me: AccountId, rows: Sequence[AvatarRow]) -> None:
    """Give a row to the picture that has none, before another one is shown in its place."""
    for row in rows:
        if row.id == me:
            await avatars.insert(tx, me, AvatarRow(env.ids.next_id(), row.file))


def _find(rows: Sequence[AvatarRow], avatar_id: int) -> AvatarRow:
    for row in rows:
        if row.id == avatar_id:
            return row
    raise InvalidInput(
        "Validation failed: Avatar id is none of your pictures",
        field="avatar_id",
        rule="does_not_exist",
    )


async def choose_avatar(env: Env, viewer: Viewer, avatar_id: int) -> None:
    """Show another one of the viewer's pictures."""
    me = viewer.account_id

    async def work(tx: Transaction) -> None:
        await tx.run_all(accounts.touching(me))
        rows, chosen = await _load(tx, me)
        wanted = _find(rows, avatar_id)
        if wanted.file != chosen:
            await _keep_chosen(env, tx, me, rows)
            await avatars.choose(tx, me, wanted.file)

    await env.db.write(work)


async def remove_avatar(env: Env, viewer: Viewer, avatar_id: int) -> None:
    """Take a picture away. Where it was the one shown, the newest of the others is shown."""
    me = viewer.account_id

    async def work(tx: Transaction) -> str:
        await tx.run_all(accounts.touching(me))
        rows, chosen = await _load(tx, me)
        gone = _find(rows, avatar_id)
        await avatars.delete(tx, me, gone.id)
        if gone.file == chosen:
            left = [row.file for row in rows if row.id != gone.id]
            await avatars.choose(tx, me, left[0] if left else None)
        return gone.file

    await delete_pictures(env, [await env.db.write(work)])
