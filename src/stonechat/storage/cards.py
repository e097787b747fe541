"""Cards in SQL: what is remembered of addresses that were fetched, and which status shows what.

A row of `cards` is also the right to fetch its address: whoever writes it first, or renews it when
it is too old, goes there, and nobody else does meanwhile, in this process or in another one. The
rows of a host within an hour are what it was troubled with by us.

Pictures are shown by many: the file of one is kept for as long as an address or a status has it.
That is found out by looking, not by counting, so nobody who edits or deletes a status has to
think of it.
"""

from typing import Final

from stonechat.domain.addresses import WebAddress
from stonechat.domain.cards import Memory
from stonechat.domain.ids import StatusId
from stonechat.domain.media_links import find_page_card
from stonechat.domain.views import CardView
from stonechat.storage import documents
from stonechat.storage.database import Reader, Transaction

_FIND: Final = "SELECT fetched_ms, content, image FROM cards WHERE url = $1"
_COUNT: Final = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM cards WHERE host = $1 AND fetched_ms > $2 LIMIT $3) recent"
)
_CLAIM: Final = (
    "INSERT INTO cards (url, host, fetched_ms, content) VALUES ($1, $2, $3, '')"
    " ON CONFLICT (url) DO UPDATE SET fetched_ms = excluded.fetched_ms, content = ''"
    " WHERE cards.fetched_ms = $4"
)
_NEVER_MS: Final = -1


async def find_memory(tx: Reader, address: WebAddress) -> Memory | None:
    """What is remembered of an address."""
    row = await tx.one(_FIND, address.url)
    return None if row is None else Memory._make(row)


async def count_fetches(tx: Reader, host: str, since_ms: int, limit: int) -> int:
    """How many addresses of a host were fetched since then; no more than `limit` are counted."""
    row = await tx.one(_COUNT, host, since_ms, limit)
    assert row is not None
    return int(row[0])


async def claim(tx: Transaction, address: WebAddress, before: Memory | None, now_ms: int) -> bool:
    """Take the right to fetch an address; False when somebody else was first since `before`."""
    before_ms = _NEVER_MS if before is None else before.fetched_ms
    return bool(await tx.run(_CLAIM, address.url, address.host, now_ms, before_ms))


_KEEP: Final = "UPDATE cards SET content = $3, image = $4 WHERE url = $1 AND fetched_ms = $2"
_EXPECT_IMAGE: Final = "INSERT INTO card_images (name, checked_ms) VALUES ($1, $2)"


async def keep(
    tx: Transaction, address: WebAddress, claimed_ms: int, content: str | None, image: str | None
) -> None:
    """Remember what was found at an address, unless the claim on it is somebody else's by now."""
    await tx.run(_KEEP, address.url, claimed_ms, content, image)


async def expect_image(tx: Transaction, name: str, now_ms: int) -> None:
    """Note that there will be a file of this name."""
    await tx.run(_EXPECT_IMAGE, name, now_ms)


_FIND_TEXT: Final = (
    "SELECT text FROM statuses WHERE id = $1 AND deleted_ms IS NULL AND boost_of_id IS NULL"
    " AND quote_of_id IS NULL AND media = '[]'"
)
_SHOW: Final = (
    "UPDATE statuses SET card = $3, version = version + 1 WHERE id = $1 AND text = $2"
    " AND deleted_ms IS NULL AND quote_of_id IS NULL AND media = '[]'"
    " AND (card IS NULL OR card <> $3)"
)
_USE: Final = (
    "INSERT INTO card_uses (image, status_id) VALUES ($1, $2)"
    " ON CONFLICT (image, status_id) DO NOTHING"
)
_FIND_CARD: Final = "SELECT card, media FROM statuses WHERE id = $1"


async def find_text(tx: Reader, status_id: StatusId) -> str | None:
    """The text of a status that may have a card; None where there is none such any more."""
    row = await tx.one(_FIND_TEXT, status_id)
    return None if row is None else str(row[0])


async def show(tx: Transaction, status_id: StatusId, text: str, card: CardView) -> bool:
    """Give a card to a status that still says `text`; False where it shows that card, or none."""
    is_shown = bool(await tx.run(_SHOW, status_id, text, documents.card_text(card)))
    if is_shown and card.image is not None:
        await tx.run(_USE, card.image, status_id)
    return is_shown


async def find_card(tx: Reader, status_id: StatusId) -> CardView | None:
    """The card that a status shows."""
    row = await tx.one(_FIND_CARD, status_id)
    if row is None:
        return None
    return documents.card_of(row[0]) or find_page_card(documents.media_of(row[1]))


_LIST_IMAGES: Final = (
    "SELECT name FROM card_images WHERE checked_ms < $1 ORDER BY checked_ms LIMIT $2"
)
_IS_ON_PAGE: Final = "SELECT 1 FROM cards WHERE image = $1 LIMIT 1"
# A name is random, so a card that has it in it shows it. An edit may have taken the card away.
_IS_ON_STATUS: Final = (
    "SELECT 1 FROM card_uses u JOIN statuses s ON s.id = u.status_id"
    " WHERE u.image = $1 AND s.card LIKE $2 LIMIT 1"
)
_CHECKED: Final = "UPDATE card_images SET checked_ms = $2 WHERE name = $1"
_FORGET: Final = "DELETE FROM card_images WHERE name = $1"
_FORGET_USES: Final = "DELETE FROM card_uses WHERE image = $1"


async def list_unused_images(
    tx: Transaction, before_ms: int, now_ms: int, limit: int
) -> tuple[list[str], bool]:
    """Pictures that nothing shows, of `limit` that were last looked at before then.

    And whether there may be more to look at.
    """
    names = [str(row[0]) for row in await tx.all(_LIST_IMAGES, before_ms, limit)]
    unused: list[str] = []
    for name in names:
        # Whether it is used or goes now, it need not be looked at again soon.
        await tx.run(_CHECKED, name, now_ms)
        if not await _is_used(tx, name):
            unused.append(name)
    return unused, len(names) == limit


async def _is_used(tx: Reader, name: str) -> bool:
    is_on_page = await tx.one(_IS_ON_PAGE, name)
    return bool(is_on_page or await tx.one(_IS_ON_STATUS, name, f"%{name}%"))


async def forget_image(tx: Transaction, name: str) -> None:
    """Strike off a picture whose file is gone."""
    await tx.run_all((_FORGET, (name,)), (_FORGET_USES, (name,)))
