"""Cards: the preview of a status's link by itself, as clients before 2.6 ask; and the pictures."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.cards import present_card
from stonechat.dialects.mastodon.routes.credentials import FOR_EVER, PICTURE_HEADERS
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.rates import UNCOUNTED
from stonechat.kernel.errors import NotFound
from stonechat.services import cards

_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


async def show(call: MastodonCall) -> Answer:
    """The card of a status; an empty object where it has none."""
    card = await cards.see_card(call.env, call.viewer, StatusId(call.path_id()))
    return Answer({} if card is None else present_card(card, call.room.site))


async def show_picture(call: MastodonCall) -> Answer:
    """The file of a card's picture."""
    name = call.path["name"]
    content_type = _TYPES.get(name.rpartition(".")[2])
    if content_type is None:
        raise NotFound
    picture = await cards.see_picture(call.env, name)
    return Answer(picture, headers=PICTURE_HEADERS, content_type=content_type)


OPERATIONS: Final = (
    MastodonOperation(
        "GET",
        "/api/v1/statuses/{id}/card",
        show,
        "PreviewCard",
        Caller.ANYONE,
        "read:statuses",
    ),
    MastodonOperation(
        "GET",
        "/cards/{name}",
        show_picture,
        "image",
        Caller.ANYONE,
        rides=True,
        # A page of statuses may have forty of them, and must not use up what itself needs.
        limit=UNCOUNTED,
        cache=FOR_EVER,
    ),
)
