"""Which part of a feed is asked for, in which order; and lists of contributions by their ids."""

from collections.abc import Collection
from typing import Any, Final

import msgspec

from stonechat.dialects.selfcommunity.forms.media import read_search
from stonechat.dialects.selfcommunity.pages import Window
from stonechat.domain import limits
from stonechat.domain.feeds import Order, Span
from stonechat.domain.ids import StatusId
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.services.contribution_lists import EmbedChoice

_decode_metadata: Final = msgspec.json.Decoder(dict[str, Any]).decode
_ORDERINGS: Final = {
    "-added_at": Order(),
    "added_at": Order(is_rising=True),
    "-last_activity_at": Order(by_activity=True),
    "last_activity_at": Order(by_activity=True, is_rising=True),
}


def span_of(window: Window) -> Span:
    """A window of a page, as the core asks for it."""
    return Span(window.limit, window.offset)


def read_ordering(parameters: Parameters) -> Order:
    """The order of a list of one kind; the newest first unless another one is asked for."""
    asked = parameters.choice("ordering", _ORDERINGS)
    return _ORDERINGS[asked or "-added_at"]


def read_order(parameters: Parameters, orders: Collection[str]) -> str | None:
    """The order of a feed, if one is asked for."""
    return parameters.choice("ordering", orders)


def read_embed_choice(parameters: Parameters) -> EmbedChoice:
    """Which embeds are asked for; `metadata` is the text of a JSON object."""
    embed_type, embed_id = read_search(parameters)
    text = parameters.text("metadata", characters_max=limits.EMBED_METADATA_BYTES_MAX)
    if not text:
        return EmbedChoice(embed_type, embed_id)
    try:
        metadata = _decode_metadata(text)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise wrong("metadata", "is not a JSON object") from fault
    return EmbedChoice(embed_type, embed_id, metadata)


def read_objects(parameters: Parameters, items_max: int) -> list[StatusId]:
    """The contributions that a body names under `object`."""
    if "object" not in parameters:
        raise wrong("object", "is required", rule="required")
    ids = parameters.identifiers("object", items_max=items_max)
    return [StatusId(each) for each in ids]
