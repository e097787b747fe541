"""Media links: media that are made of an address or of something that is there already.

A page becomes a medium whether it can be reached or not: then it is shown by its bare address. Its
picture is a copy of our own that goes with the medium, so nobody who looks at it asks another
server. Fetching is done before the transaction, and within the patience of a client.

A newcomer gets wrong whom a share leads to: the contribution itself, never one that shares it.
Whether somebody may see what is shared is asked when they look at it, not here.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from stonechat.blobs import formats, workshop
from stonechat.blobs.refusals import UNVERIFIED
from stonechat.blobs.spool import Growing, working_folder
from stonechat.blobs.store import new_name
from stonechat.domain import limits
from stonechat.domain.addresses import WebAddress, host_of_domain
from stonechat.domain.ids import AccountId, MediaId, StatusId
from stonechat.domain.media import EMBED, FAILED, SHARE, URL, MediaChange, Medium, UploadMedia
from stonechat.domain.media_links import (
    EmbedDraft,
    MediaLink,
    find_share,
    link_to_contribution,
    link_to_page,
    meta_of,
)
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import CardView, MediaView, StatusView
from stonechat.kernel.errors import InvalidInput, NotFound, StonechatError
from stonechat.outgoing.errors import OutgoingError
from stonechat.outgoing.messages import Bounds
from stonechat.services import embeds, previews, uploads, views
from stonechat.services.env import Env
from stonechat.services.media import (
    PICTURE,
    discarding,
    naming,
    store_unnamed,
)
from stonechat.services.once import make_once
from stonechat.storage import media
from stonechat.storage.database import Transaction
from stonechat.storage.media import Files, Shown
from stonechat.storage.statuses import Statement

ONCE_KIND: Final = "media_link"
IN_USE: Final = "Media attachment is currently used by a status"
_PICTURES: Final = "image/webp, image/png, image/jpeg, image/*;q=0.8"
_OK: Final = 200


class _Picture(NamedTuple):
    """A picture that was stored for a medium, and how large it is."""

    name: str
    measures: dict[str, object]
    blurhash: str | None


async def see_medium(env: Env, viewer: Viewer, media_id: MediaId) -> Shown:
    """A medium of the viewer's own, or one of a status that they may see; else NotFound."""
    shown = await media.find_shown(env.db, media_id, viewer.account_id)
    if shown is None:
        raise NotFound
    if shown.medium.state == FAILED:
        raise InvalidInput(shown.medium.refusal)
    return shown


async def click_medium(env: Env, viewer: Viewer, media_id: MediaId) -> None:
    """Count that somebody has followed a medium that they may see."""
    shown = await see_medium(env, viewer, media_id)
    medium = shown.medium
    await env.db.write(lambda tx: media.count_click(tx, medium.account_id, medium.id))


# Pages ------------------------------------------------------------------------------------------


async def link_page(env: Env, viewer: Viewer, address: WebAddress, key: str | None) -> Medium:
    """Make a medium of a page, with what the page says of itself if it can be reached."""
    card = await _find_card(env, address)
    media_id = MediaId(env.ids.next_id())
    link, description = link_to_page(media_id, address.url, card)
    picture = None if card is None else await _copy_picture(env, card)
    view = _view(viewer.account_id, media_id, URL, link)
    if picture is None:
        shown = replace(view, description=description or None)
        return await _insert(env, viewer, shown, key)
    shown = replace(
        view,
        description=description or None,
        preview=picture.name,
        meta={**view.meta, "small": picture.measures},
        blurhash=picture.blurhash,
    )
    return await _insert(env, viewer, shown, key, naming(picture.name))


async def _find_card(env: Env, address: WebAddress) -> CardView | None:
    # What is here is shown by its own page, to those who may see it, and by no card.
    is_ours = address.host == host_of_domain(env.settings.domain)
    if is_ours or not env.settings.link_cards:
        return None
    try:
        async with asyncio.timeout(limits.COMMUNITY_PREVIEW_SECONDS_MAX):
            return await previews.find_preview(env, address)
    except (previews.Later, TimeoutError):
        return None


async def _copy_picture(env: Env, card: CardView) -> _Picture | None:
    """The picture of a card, as a file of the medium's own: the card's may go before it."""
    blob = None if card.image is None else await env.blobs.find(previews.SHELF, card.image)
    if card.image is None or blob is None:
        return None
    name = new_name(card.image.rpartition(".")[2])
    async with working_folder(env.settings.data_dir) as folder:
        copy = await _write(folder / "copy", await blob.read_all())
        await store_unnamed(env, name, copy)
    return _Picture(name, _measures(card.width, card.height), card.blurhash)


def _measures(width: int, height: int) -> dict[str, object]:
    """As Mastodon has them for every picture."""
    aspect = width / height if height else 1.0
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": aspect}


# Shares and embeds ------------------------------------------------------------------------------


async def share_contribution(
    env: Env, viewer: Viewer, shared_id: StatusId, key: str | None
) -> Medium:
    """Make a medium that shares a contribution; of one that shares another, the other one."""
    target = await _find_contribution(env, viewer, shared_id)
    original_id = find_share(target.media)
    if original_id is not None:
        target = await _find_contribution(env, viewer, original_id)
    media_id = MediaId(env.ids.next_id())
    link = link_to_contribution(media_id, target.kind, target.id)
    return await _insert(env, viewer, _view(viewer.account_id, media_id, SHARE, link), key)


async def _find_contribution(env: Env, viewer: Viewer, status_id: StatusId) -> StatusView:
    """A contribution that the viewer may see; what is none is refused like what is not there."""
    try:
        glance = await views.get_glance(env.db, viewer.account_id, status_id)
    except NotFound:
        raise _not_shareable() from None
    view = (await views.load_statuses(env, [status_id])).get(status_id)
    is_contribution = (
        view is not None
        and glance.boost_of is None
        and view.boost_of_id is None
        and view.in_reply_to_id is None
        and view.visibility != Visibility.DIRECT
    )
    if view is None or not is_contribution:
        raise _not_shareable()
    return view


def _not_shareable() -> InvalidInput:
    return InvalidInput(
        "There is no such contribution", field="shared_object", rule="does_not_exist"
    )


async def embed_object(env: Env, viewer: Viewer, draft: EmbedDraft, key: str | None) -> Medium:
    """Make a medium of an object of somewhere else, which is kept if it was not known yet."""
    media_id, made = MediaId(env.ids.next_id()), embeds.made_of(env, draft)

    async def work(tx: Transaction) -> tuple[int, None]:
        await uploads.ensure_room(env, tx, viewer.account_id)
        embed = await embeds.find_or_make(tx, made)
        view = _view(viewer.account_id, media_id, EMBED, MediaLink(url=embed.url, embed=embed))
        sql, values = media.inserting_link(view)
        await tx.run(sql, *values)
        return media_id, None

    kept_id, _ = await make_once(env, viewer, key, ONCE_KIND, work)
    return await see_own(env, viewer, MediaId(kept_id))


def _view(account_id: AccountId, media_id: MediaId, kind: str, link: MediaLink) -> MediaView:
    return MediaView(media_id, account_id, kind, None, None, None, None, meta_of(link), None)


async def _insert(
    env: Env, viewer: Viewer, view: MediaView, key: str | None, *besides: Statement
) -> Medium:
    async def work(tx: Transaction) -> tuple[int, None]:
        await uploads.ensure_room(env, tx, view.account_id)
        await tx.run_all(media.inserting_link(view), *besides)
        return view.id, None

    kept_id, _ = await make_once(env, viewer, key, ONCE_KIND, work)
    return await see_own(env, viewer, MediaId(kept_id))


async def see_own(env: Env, viewer: Viewer, media_id: MediaId) -> Medium:
    """A medium of the viewer's own; NotFound for everything else."""
    found = await media.find(env.db, viewer.account_id, media_id)
    if found is None:
        raise NotFound
    return found


# Pictures by their address ----------------------------------------------------------------------


async def fetch_picture(env: Env, viewer: Viewer, address: WebAddress, key: str | None) -> Medium:
    """Make a medium of a picture of another server, as if it had been uploaded."""
    async with working_folder(env.settings.data_dir) as folder:
        path, size_bytes = await _fetch(env, address, folder, field="url")
        order = UploadMedia(idempotency_key=key)
        made = await uploads.upload_media(env, viewer, order, uploads.Sent(path, size_bytes))
    return await uploads.wait_for_media(env, made, limits.COMMUNITY_WAIT_SECONDS_MAX)


async def choose_picture(
    env: Env, viewer: Viewer, media_id: MediaId, address: WebAddress
) -> Medium:
    """Show another picture of a page; only as long as no status holds the medium."""
    before = await see_own(env, viewer, media_id)
    if before.view.type != URL:
        raise InvalidInput("Only a page has a picture to choose", field="image")
    if not before.is_free:
        raise InvalidInput(IN_USE)
    wanted = address.target.partition("?")[0]
    if before.preview_name is not None and wanted.endswith(f"/{before.preview_name}"):
        # The one that is shown, by the address that we gave out.
        return before
    async with working_folder(env.settings.data_dir) as folder:
        path, _ = await _fetch(env, address, folder, field="image")
        try:
            made = await workshop.make(path, folder, kind=PICTURE)
        except InvalidInput as refusal:
            raise InvalidInput(refusal.message, field="image") from None
        shown = made.preview or made.file
        name = new_name(shown.suffix[1:])
        await store_unnamed(env, name, shown)
    measured = made.meta.get("small") or made.meta["original"]
    picture = _Picture(name, {**_record(measured)}, made.blurhash)
    changed = await env.db.write(lambda tx: _change_picture(env, tx, before, picture))
    env.wake_jobs()
    return changed


def _record(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value  # pyright: ignore[reportUnknownVariableType]


async def _change_picture(env: Env, tx: Transaction, before: Medium, picture: _Picture) -> Medium:
    # A change of nothing: the row is ours from here on, unless a status has taken it.
    if not await media.change(tx, before.account_id, MediaChange(before.id)):
        raise InvalidInput(IN_USE)
    current = await media.find(tx, before.account_id, before.id)
    assert current is not None
    view = replace(
        current.view,
        preview=picture.name,
        meta={**current.view.meta, "small": picture.measures},
        blurhash=picture.blurhash,
    )
    await media.update_preview(tx, view)
    old = () if current.preview_name is None else (current.preview_name,)
    await tx.run_all(naming(picture.name), *discarding(env, Files(old, ())))
    return replace(current, view=view, preview_name=picture.name)


async def _fetch(env: Env, address: WebAddress, folder: Path, *, field: str) -> tuple[Path, int]:
    """A picture of another server, through the guard; InvalidInput for anything else."""
    bounds = Bounds(
        seconds_max=limits.COMMUNITY_FETCH_SECONDS_MAX,
        body_bytes_max=limits.COMMUNITY_IMAGE_BYTES_MAX,
    )
    try:
        answer = await env.web.get(address.url, accept=_PICTURES, bounds=bounds)
    except OutgoingError:
        raise _not_fetched(field) from None
    if answer.status != _OK:
        raise _not_fetched(field)
    if formats.identify(answer.body[: formats.HEAD_BYTES]) not in formats.PICTURES:
        raise InvalidInput(UNVERIFIED, field=field)
    return await _write(folder / "fetched", answer.body), len(answer.body)


def _not_fetched(field: str) -> StonechatError:
    # Why is no business of a stranger: it would tell what can be reached from here.
    return InvalidInput("No picture could be fetched from this address", field=field)


async def _write(path: Path, content: bytes) -> Path:
    file = Growing(path)
    try:
        await file.write(content)
        await file.finish()
    finally:
        file.close()
    return path
