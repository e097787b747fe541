"""The directory of accounts whose owners want to be found."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.forms.directory import read_listing
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import directory


async def index(call: MastodonCall) -> Answer:
    """A page of the directory."""
    listing = read_listing(call.parameters)
    found = await directory.see_directory(call.env, call.viewer, listing)
    return Answer(await call.room.account_list(found))


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/directory", index, "[Account]", Caller.ANYONE),
)
