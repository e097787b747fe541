"""Translations: the instance says that there are none, and an app that asks anyway is told so."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.domain.ids import StatusId
from stonechat.http.operations import Answer
from stonechat.services import translations


async def translate(call: MastodonCall) -> Answer:
    """A status in another language; there is no translator."""
    await translations.translate_status(call.env, call.viewer, StatusId(call.path_id()))


OPERATIONS: Final = (
    MastodonOperation(
        "POST",
        "/api/v1/statuses/{id}/translate",
        translate,
        "Translation",
        scope="read:statuses",
    ),
)
