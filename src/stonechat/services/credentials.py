"""Credentials: what the owner of an account sees of it, and changes on it.

Pictures are decoded and kept before the transaction begins: it may be run again, and decoding
takes long. The file that a new one replaces goes after the commit, when no profile names it. What
is done by then is done: a store that fails there leaves a file behind, and nobody is told of it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from stonechat.blobs import pictures
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.names import words_of
from stonechat.domain.profiles import ProfileChange, refuse_picture
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import AccountView, CredentialView
from stonechat.kernel.errors import NotFound, StonechatError, Unavailable
from stonechat.kernel.paging import Cursor
from stonechat.services import relationships
from stonechat.services.env import Env
from stonechat.storage import accounts, credentials, names
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing

ACCEPT_REQUESTS_JOB: Final = "accept_requests"
_SHAPES: Final = {
    "avatar": pictures.Shape(400, 400, limits.PICTURE_PIXELS_MAX),
    "header": pictures.Shape(1500, 500, limits.PICTURE_PIXELS_MAX),
}

_log: Final = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a profile, ready to be sent."""

    content: bytes
    content_type: str


async def see_credentials(env: Env, viewer: Viewer) -> CredentialView:
    """The viewer's own account, with what only they may know of it."""
    return await accounts.get_credentials(env.db, viewer.account_id)


async def change_profile(
    env: Env,
    viewer: Viewer,
    change: ProfileChange,
    uploads: Mapping[str, bytes],
    besides: Callable[[Transaction], Awaitable[None]] | None = None,
) -> CredentialView:
    """Change one's profile; `uploads` are new pictures by their kind.

    `besides` writes in the same transaction what only one dialect shows of the profile.
    """
    if change == ProfileChange() and not uploads and besides is None:
        return await see_credentials(env, viewer)
    kept = await keep_pictures(env, uploads)
    me = viewer.account_id

    async def work(tx: Transaction) -> tuple[AccountView, CredentialView]:
        await tx.run_all(accounts.touching(me))
        before = (await accounts.get_credentials(tx, me)).account
        statements = credentials.changing(me, change, kept)
        if change.display_name is not None:
            statements += _renaming(before, change.display_name)
        if before.is_locked and change.is_locked is False:
            payload = {"account_id": me}
            now_ms = env.clock.now_ms()
            statements.append(enqueueing(env.ids.next_id(), ACCEPT_REQUESTS_JOB, payload, now_ms))
        await tx.run_all(*statements)
        if besides is not None:
            await besides(tx)
        return before, await accounts.get_credentials(tx, me)

    try:
        before, view = await env.db.write(work)
    except StonechatError:
        await delete_pictures(env, kept.values())
        raise
    await delete_pictures(env, [_picture(before, kind) for kind in kept])
    env.wake_jobs()
    return view


def _renaming(before: AccountView, display_name: str) -> list[names.Statement]:
    return names.renaming(
        before.id,
        words_of(before.username, before.display_name),
        words_of(before.username, display_name),
    )


async def keep_pictures(env: Env, uploads: Mapping[str, bytes]) -> dict[str, str]:
    """The names of new pictures by their kind; InvalidInput where one is none."""
    for kind, content in uploads.items():
        if len(content) > limits.PICTURE_BYTES_MAX:
            raise refuse_picture(kind, "is too large (maximum is 8 MB)")
    kept: dict[str, str] = {}
    try:
        for kind, content in uploads.items():
            name = await pictures.insert(env.blobs, env.settings.data_dir, content, _SHAPES[kind])
            if name is None:
                raise refuse_picture(kind, "is not a picture that can be read")
            kept[kind] = name
    except StonechatError:
        await delete_pictures(env, kept.values())
        raise
    return kept


async def delete_pictures(env: Env, given: Iterable[str | None]) -> None:
    """Take away pictures that no profile names any more."""
    for name in given:
        if name is None:
            continue
        try:
            await env.blobs.delete(pictures.SHELF, name)
        except Unavailable:
            _log.warning("picture.left_behind", file=name)


def _picture(account: AccountView, kind: str) -> str | None:
    return account.avatar if kind == "avatar" else account.header


async def remove_picture(env: Env, viewer: Viewer, kind: str) -> CredentialView:
    """Go without a picture; the plain one stands in. Also where there was none."""
    me = viewer.account_id

    async def work(tx: Transaction) -> tuple[AccountView, CredentialView]:
        await tx.run_all(accounts.touching(me))
        before = (await accounts.get_credentials(tx, me)).account
        await tx.run_all(*credentials.removing_picture(me, kind))
        return before, await accounts.get_credentials(tx, me)

    before, view = await env.db.write(work)
    await delete_pictures(env, [_picture(before, kind)])
    return view


async def see_picture(env: Env, name: str) -> Picture:
    """A picture by the name of its file; anybody may see every one of them."""
    content_type = pictures.find_content_type(name)
    if content_type is None:
        raise NotFound
    blob = await env.blobs.find(pictures.SHELF, name)
    if blob is None:
        raise NotFound
    return Picture(await blob.read_all(), content_type)


async def accept_requests(env: Env, payload: Mapping[str, object]) -> None:
    """Let everybody follow who had asked to, now that the account is no longer locked."""
    me = Viewer(AccountId(int(str(payload["account_id"]))))
    account = await accounts.load_views(env.db, [me.account_id])
    if me.account_id not in account or account[me.account_id].is_locked:
        return
    cursor = Cursor(limits.ACCOUNTS_PAGE[1])
    page = await relationships.list_requests(env, me, cursor)
    while page.last_id is not None:
        for requester_id in page.items:
            # One that was taken back in the meantime is not there any more.
            with suppress(NotFound):
                await relationships.accept_request(env, me, requester_id)
        page = await relationships.list_requests(env, me, cursor._replace(below=page.last_id))
