"""The parameters of lists and of their members."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.lists import ListChange
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.links import read_cursor
from stonechat.http.parameters import Parameters
from stonechat.kernel.paging import Cursor

MEMBERS_PER_REQUEST_MAX: Final = 200
_POLICY_CHARACTERS_MAX: Final = 20


def read_list(parameters: Parameters) -> ListChange:
    """What is to become of a list."""
    title = parameters.text("title", characters_max=limits.LIST_TITLE_CHARACTERS_MAX)
    policy = parameters.text("replies_policy", characters_max=_POLICY_CHARACTERS_MAX)
    return ListChange(
        title=None if title is None else clean_name(title, field="title"),
        replies_policy=policy or None,
        is_exclusive=parameters.flag("exclusive"),
    )


def read_members(parameters: Parameters) -> list[AccountId]:
    """The accounts to put on a list or to take off it."""
    found = parameters.identifiers("account_ids", items_max=MEMBERS_PER_REQUEST_MAX)
    return [AccountId(each) for each in found]


def wants_all_members(parameters: Parameters) -> bool:
    """Whether everybody on a list is asked for: `limit=0` means that here, and only here."""
    return parameters.get("limit") in ("0", 0)


def read_members_cursor(parameters: Parameters) -> Cursor:
    """Which of the members are asked for."""
    if wants_all_members(parameters):
        return Cursor(limits.LIST_MEMBERS_MAX)
    return read_cursor(parameters, limits.ACCOUNTS_PAGE, has_min=False)
