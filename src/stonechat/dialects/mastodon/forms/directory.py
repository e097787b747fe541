"""The parameters of the directory, which is paged by offset and has no links."""

from stonechat.domain import limits
from stonechat.domain.directory import ACCOUNTS_CONSIDERED_MAX, ORDERS, Listing
from stonechat.http.parameters import Parameters


def read_listing(parameters: Parameters) -> Listing:
    """Which part of the directory is asked for."""
    default, maximum = limits.ACCOUNTS_PAGE
    offset = parameters.integer("offset") or 0
    return Listing(
        is_by_age=parameters.choice("order", ORDERS) == "new",
        only_local=bool(parameters.flag("local")),
        offset=min(max(offset, 0), ACCOUNTS_CONSIDERED_MAX),
        limit=parameters.limit(default=default, maximum=maximum),
    )
