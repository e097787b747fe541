"""The parameters of finding accounts and of reading what one of them said."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.profiles import StatusChoice
from stonechat.domain.text.tags import normalise_tag
from stonechat.http.parameters import Parameters
from stonechat.kernel.paging import Cursor
from stonechat.services.accounts import SearchAccounts

ACCT_CHARACTERS_MAX: Final = 300
OFFSET_MAX: Final = 10_000

CHOICE_NAMES: Final = ("pinned", "tagged", "only_media", "exclude_replies", "exclude_reblogs")
"""What the links of a page of statuses repeat."""


def read_acct(parameters: Parameters) -> str:
    """The full name of an account; empty where none is given."""
    return parameters.text("acct", characters_max=ACCT_CHARACTERS_MAX) or ""


def read_ids(parameters: Parameters, items_max: int) -> list[AccountId]:
    """The accounts that are asked for."""
    return [AccountId(each) for each in parameters.identifiers("id", items_max=items_max)]


def read_search(parameters: Parameters) -> SearchAccounts:
    """What somebody types to find somebody."""
    default, maximum = limits.ACCOUNTS_PAGE
    return SearchAccounts(
        text=parameters.required_text("q", characters_max=limits.SEARCH_CHARACTERS_MAX),
        limit=parameters.limit(default=default, maximum=maximum),
        offset=min(abs(parameters.integer("offset") or 0), OFFSET_MAX),
        only_followed=bool(parameters.flag("following")),
    )


def read_status_choice(parameters: Parameters) -> StatusChoice | None:
    """Which statuses are asked for; None where the tag is none, so that nothing can have it."""
    tagged = parameters.text("tagged", characters_max=limits.TAG_CHARACTERS_MAX + 1)
    tag = normalise_tag(tagged.removeprefix("#")) if tagged else None
    if tagged and tag is None:
        return None
    return StatusChoice(
        only_media=bool(parameters.flag("only_media")),
        no_replies=bool(parameters.flag("exclude_replies")),
        no_boosts=bool(parameters.flag("exclude_reblogs")),
        no_direct=bool(parameters.flag("exclude_direct")),
        only_pinned=bool(parameters.flag("pinned")),
        tag=tag,
    )


def wants_everybody(parameters: Parameters) -> bool:
    """Whether all endorsed accounts are asked for at once, which is what `limit=0` means there."""
    return parameters.get("limit") in ("0", 0)


def everybody(maximum: int) -> Cursor:
    """The one page on which they all are."""
    return Cursor(maximum)
