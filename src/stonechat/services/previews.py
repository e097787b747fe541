"""Previews: from an address to a card, at most once a day, and never twice at the same time.

Before anything is asked of another server, its address is claimed in the database: a thousand
statuses with one link, on any number of workers, are one fetch. Each redirect and each picture is
an address of its own and is claimed like a page, so that nobody is troubled more by us because it
is pointed at from elsewhere; and a circle of redirects ends where it began, at our own claim.

A server that fails, lies or is slow gives no card. That is remembered, too.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple, cast

import structlog

from stonechat.blobs import formats, workshop
from stonechat.blobs.spool import Growing, working_folder
from stonechat.blobs.store import new_name
from stonechat.domain import limits
from stonechat.domain.addresses import WebAddress
from stonechat.domain.cards import Memory, State, is_keepable, sketch
from stonechat.domain.views import CardView
from stonechat.kernel.errors import StonechatError
from stonechat.outgoing.client import find_redirect
from stonechat.outgoing.errors import OutgoingError
from stonechat.outgoing.messages import Answer, Bounds
from stonechat.outgoing.pages import read_page
from stonechat.services.env import Env
from stonechat.storage import cards, documents
from stonechat.storage.database import Transaction

SHELF: Final = "cards"
CLAIMED_WAIT_MS: Final = 10_000
CLAIMED_LOOK_S: Final = 0.2
BUDGET_WAIT_MS: Final = 15 * 60_000
_HOUR_MS: Final = 3_600_000
_PAGES: Final = "text/html, application/xhtml+xml;q=0.9"
_PICTURES: Final = "image/webp, image/png, image/jpeg, image/*;q=0.8"
_OK: Final = 200

_log: Final = structlog.stdlib.get_logger()


class Later(Exception):
    """The address may not be asked now."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__()
        self.wait_ms = wait_ms


class _Picture(NamedTuple):
    """A picture of our own making."""

    name: str
    width: int
    height: int
    blurhash: str | None


class _Claim(NamedTuple):
    """The right to fetch an address, and since when."""

    address: WebAddress
    since_ms: int


class _Word(NamedTuple):
    """What the database says to somebody who wants to fetch an address."""

    claim: _Claim | None = None
    memory: Memory | None = None
    wait_ms: int = 0


async def find_preview(env: Env, address: WebAddress) -> CardView | None:
    """The card of an address, remembered or made now; Later when that has to wait."""
    word = await _ask(env, address)
    if word.wait_ms:
        raise Later(word.wait_ms)
    if word.claim is None:
        return _card_of(word.memory)
    return await _Journey(env).find_card(word.claim)


async def _ask(env: Env, address: WebAddress) -> _Word:
    """Claim an address, unless it is remembered, claimed by somebody else or asked too often."""
    now_ms = env.clock.now_ms()
    budget = limits.CARD_FETCHES_PER_HOST_AND_HOUR_MAX

    async def work(tx: Transaction) -> _Word:
        memory = await cards.find_memory(tx, address)
        state = State.UNKNOWN if memory is None else memory.state(now_ms)
        if state is State.KNOWN:
            return _Word(memory=memory)
        if state is State.CLAIMED:
            return _Word(wait_ms=CLAIMED_WAIT_MS)
        # Two workers may count at one moment: then a host is asked once more, which is no harm.
        if await cards.count_fetches(tx, address.host, now_ms - _HOUR_MS, budget) >= budget:
            return _Word(wait_ms=BUDGET_WAIT_MS)
        is_ours = await cards.claim(tx, address, memory, now_ms)
        return _Word(claim=_Claim(address, now_ms)) if is_ours else _Word(wait_ms=CLAIMED_WAIT_MS)

    return await env.db.write(work)


async def _ask_patiently(env: Env, address: WebAddress) -> _Word:
    """The same, and while somebody else is fetching it, wait for what they find.

    Only for what a claimed address leads to, such as the picture that many pages of a site have;
    whoever calls has a deadline.
    """
    word = await _ask(env, address)
    while word.wait_ms == CLAIMED_WAIT_MS:
        await asyncio.sleep(CLAIMED_LOOK_S)
        memory = await cards.find_memory(env.db, address)
        if memory is None or memory.state(env.clock.now_ms()) is not State.CLAIMED:
            word = await _ask(env, address)
    return word


class _Steps:
    """The addresses that are claimed on the way to one page or picture."""

    def __init__(self, env: Env, claim: _Claim, held: set[WebAddress]) -> None:
        self._env = env
        self._claims = [claim]
        self._held = held
        """What is claimed for the page and its picture together: there the way must not lead."""
        held.add(claim.address)
        self.known: Memory | None = None
        """What is remembered of the address that a redirect led to, if we did not go there."""

    async def may_follow(self, address: WebAddress) -> bool:
        """Claim where a redirect leads."""
        if not is_keepable(address) or address in self._held:
            return False
        word = await _ask_patiently(self._env, address)
        self.known = word.memory
        if word.claim is None:
            return False
        self._claims.append(word.claim)
        self._held.add(address)
        return True

    async def keep(self, content: str | None, image: str | None) -> None:
        """Remember of each address on the way what was found at its end."""

        async def work(tx: Transaction) -> None:
            for claim in self._claims:
                await cards.keep(tx, claim.address, claim.since_ms, content, image)

        await self._env.db.write(work)


class _Journey:
    """One preview in the making. One clock runs for the page and its picture."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self._clock = asyncio.get_running_loop().time
        self._ends_at = self._clock() + limits.CARD_SECONDS_MAX
        self._held: set[WebAddress] = set()

    async def find_card(self, claim: _Claim) -> CardView | None:
        """Fetch a page, and make its card."""
        steps = _Steps(self._env, claim, self._held)
        card = None
        try:
            answer = await self._get(claim, steps, _PAGES, limits.CARD_PAGE_BYTES_MAX)
            card = _card_of(steps.known) if find_redirect(answer) else await self._read(answer)
        except OutgoingError as failure:
            _log.info("card.failed", reason=failure.reason)
        await steps.keep(documents.card_text(card), None if card is None else card.image)
        return card

    def _left_s(self) -> float:
        return max(self._ends_at - self._clock(), 0)

    async def _get(self, claim: _Claim, steps: _Steps, accept: str, bytes_max: int) -> Answer:
        # What a page says of itself stands at its beginning; half a picture is none.
        bounds = Bounds(
            seconds_max=self._left_s(), body_bytes_max=bytes_max, is_cut=accept is _PAGES
        )
        return await self._env.web.get(
            claim.address.url, accept=accept, bounds=bounds, may_follow=steps.may_follow
        )

    async def _read(self, answer: Answer) -> CardView | None:
        if answer.status != _OK:
            return None
        kind = answer.headers.get("content-type", "")
        page = await asyncio.to_thread(read_page, answer.body, kind)
        drawn = None if page is None else sketch(page, answer.address)
        if drawn is None:
            return None
        picture = None if drawn.picture is None else await self._find_picture(drawn.picture)
        if picture is None:
            return drawn.card
        return replace(
            drawn.card,
            image=picture.name,
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
        )

    async def _find_picture(self, address: WebAddress) -> _Picture | None:
        if address in self._held:
            return None
        try:
            async with asyncio.timeout(self._left_s()):
                word = await _ask_patiently(self._env, address)
        except TimeoutError:
            return None
        return await self._fetch_picture(word.claim) if word.claim else _picture_of(word.memory)

    async def _fetch_picture(self, claim: _Claim) -> _Picture | None:
        steps = _Steps(self._env, claim, self._held)
        picture = None
        try:
            answer = await self._get(claim, steps, _PICTURES, limits.CARD_IMAGE_BYTES_MAX)
            if find_redirect(answer):
                picture = _picture_of(steps.known)
            elif answer.status == _OK:
                picture = await _make_picture(self._env, answer.body)
        except OutgoingError as failure:
            _log.info("card.picture_failed", reason=failure.reason)
        content = None if picture is None else json.dumps(picture)
        await steps.keep(content, None if picture is None else picture.name)
        return picture


async def _make_picture(env: Env, content: bytes) -> _Picture | None:
    """Keep what the decoder makes of a picture; None where it makes nothing of it."""
    # A page may call a film its picture; what moves shows its first frame, if that is quick.
    if formats.identify(content[: formats.HEAD_BYTES]) not in formats.PICTURES:
        return None
    try:
        async with (
            asyncio.timeout(limits.CARD_PICTURE_SECONDS_MAX),
            working_folder(env.settings.data_dir) as folder,
        ):
            source = Growing(folder / "source")
            await source.write(content)
            await source.finish()
            return await _keep(env, await workshop.make(source.path, folder, kind="picture"))
    except (StonechatError, TimeoutError) as failure:
        _log.info("card.picture_failed", reason=type(failure).__name__)
        return None


async def _keep(env: Env, made: workshop.Made) -> _Picture | None:
    if made.preview is None:
        return None
    size = cast("Mapping[str, int]", made.meta["small"])
    name = new_name(made.preview.suffix[1:])
    # Noted before it is there, so that it can never be forgotten on the disk.
    now_ms = env.clock.now_ms()
    await env.db.write(lambda tx: cards.expect_image(tx, name, now_ms))
    await env.blobs.insert(SHELF, name, made.preview)
    return _Picture(name, size["width"], size["height"], made.blurhash)


def _card_of(memory: Memory | None) -> CardView | None:
    """The card in what is remembered of an address; a picture has none."""
    content = None if memory is None else memory.content
    return documents.card_of(content) if content and content.startswith("{") else None


def _picture_of(memory: Memory | None) -> _Picture | None:
    """The picture in what is remembered of an address; a page is none."""
    content = None if memory is None else memory.content
    return _Picture(*json.loads(content)) if content and content.startswith("[") else None
