"""Cards of statuses: the work that a new text leaves behind, and what it leads to.

A status is said without its card; a job looks at its link afterwards and adds what it found, if
the status still says the same by then. Reading never fetches anything, whoever reads. How an
address becomes a card is in services/previews.
"""

from collections.abc import Mapping
from typing import Final

import structlog

from stonechat.domain import limits
from stonechat.domain.cards import find_link, find_link_of
from stonechat.domain.ids import StatusId
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import CardView
from stonechat.kernel.errors import NotFound, Unavailable
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.previews import SHELF, Later, find_preview
from stonechat.storage import cards
from stonechat.storage.jobs import enqueueing
from stonechat.storage.statuses import Statement

FETCH_CARD_JOB: Final = "fetch_card"
IMAGE_CHECK_EVERY_MS: Final = 86_400_000

_log: Final = structlog.stdlib.get_logger()


def enqueueing_card(env: Env, status: Status, before: Status | None = None) -> list[Statement]:
    """The statement that leaves the work of finding a card; none where there is nothing to find.

    `before` is the status before an edit: what has its card already needs no other one.
    """
    if not env.settings.link_cards or find_link_of(status, env.settings.domain) is None:
        return []
    if before is not None and before.card is not None and before.text == status.text:
        return []
    return [_enqueueing(env, status.id, tries=0, wait_ms=0)]


def _enqueueing(env: Env, status_id: StatusId, *, tries: int, wait_ms: int) -> Statement:
    payload = {"status_id": status_id, "tries": tries}
    run_ms = env.clock.now_ms() + wait_ms
    # Another try is left once, even by a job that is run twice.
    once_key = f"{FETCH_CARD_JOB}:{status_id}:{tries}" if tries else None
    return enqueueing(env.ids.next_id(), FETCH_CARD_JOB, payload, run_ms, once_key)


async def fetch_card(env: Env, payload: Mapping[str, object]) -> None:
    """Find the card of a status's link, and show it."""
    status_id, tries = payload["status_id"], payload["tries"]
    assert isinstance(status_id, int)
    assert isinstance(tries, int)
    await _fetch_card(env, StatusId(status_id), tries)


async def _fetch_card(env: Env, status_id: StatusId, tries: int) -> None:
    text = await cards.find_text(env.db, status_id)
    address = None if text is None else find_link(text, env.settings.domain)
    if text is None or address is None or not env.settings.link_cards:
        return
    try:
        card = await find_preview(env, address)
    except Later as later:
        if tries < limits.CARD_WAITS_MAX:
            sql, values = _enqueueing(env, status_id, tries=tries + 1, wait_ms=later.wait_ms)
            await env.db.write(lambda tx: tx.run(sql, *values))
        return
    if card is not None:
        await env.db.write(lambda tx: cards.show(tx, status_id, text, card))


async def see_card(env: Env, viewer: Viewer, status_id: StatusId) -> CardView | None:
    """The card of a status, or of what it boosts; NotFound where the viewer sees no status."""
    glance = await views.get_original(env.db, viewer, status_id)
    return await cards.find_card(env.db, glance.id)


async def see_picture(env: Env, name: str) -> bytes:
    """The picture of a card; whoever knows its name may see it, as they may see the page's own."""
    blob = await env.blobs.find(SHELF, name)
    if blob is None:
        raise NotFound
    return await blob.read_all()


async def sweep_pictures(env: Env, rows_max: int) -> None:
    """Throw away pictures that neither an address that is remembered nor a status shows."""
    now_ms = env.clock.now_ms()
    before_ms = now_ms - IMAGE_CHECK_EVERY_MS
    is_more = True
    while is_more:
        unused, is_more = await env.db.write(
            lambda tx: cards.list_unused_images(tx, before_ms, now_ms, rows_max)
        )
        for name in unused:
            try:
                await env.blobs.delete(SHELF, name)
            except Unavailable:
                # It is asked about again tomorrow.
                _log.warning("card.picture_left_behind", file=name)
                continue
            await env.db.write(lambda tx, name=name: cards.forget_image(tx, name))
