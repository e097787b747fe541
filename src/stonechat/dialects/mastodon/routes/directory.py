"""The directory of accounts whose owners want to be found."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.domain import limits
from stonechat.domain.directory import ACCOUNTS_CONSIDERED_MAX, ORDERS, Listing
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.parameters import Parameters
from stonechat.services import directory


def read_listing(parameters: Parameters) -> Listing:
    """Which part of the directory is asked for. It is paged by offset, without links."""
    default, maximum = limits.ACCOUNTS_PAGE
    offset = parameters.integer("offset") or 0
    return Listing(
        is_by_age=parameters.choice("order", ORDERS) == "new",
        only_local=bool(parameters.flag("local")),
        offset=min(max(offset, 0), ACCOUNTS_CONSIDERED_MAX),
        limit=parameters.limit(default=default, maximum=maximum),
    )


async def index(call: MastodonCall) -> Answer:
    """A page of the directory."""
    listing = read_listing(call.parameters)
    found = await directory.see_directory(call.env, call.viewer, listing)
    return Answer(await call.room.account_list(found))


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/directory", index, "[Account]", Caller.ANYONE),
)
