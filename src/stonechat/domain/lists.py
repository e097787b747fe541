"""Lists: some of the people whom somebody follows, read apart from the rest.

An exclusive list takes its members' statuses out of its owner's home; they stand there still
and are left out at reading (storage/timelines), so that a list can be deleted at any time.
"""

from dataclasses import dataclass, replace
from typing import Final

from stonechat.domain import limits
from stonechat.kernel.errors import InvalidInput

REPLIES_POLICIES: Final = ("followed", "list", "none")
"""Which answers a list shows: to all whom its owner follows, to its members, or none."""


@dataclass(frozen=True, slots=True)
class ListView:
    """A list, without its members."""

    id: int
    title: str
    replies_policy: str = "list"
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class ListChange:
    """What is to become of a list. None leaves a part as it is."""

    title: str | None = None
    replies_policy: str | None = None
    is_exclusive: bool | None = None


def new_list(list_id: int, change: ListChange) -> ListView:
    """A list that did not exist before; its title cannot be left out."""
    return changed_list(ListView(list_id, ""), replace(change, title=change.title or ""))


def changed_list(before: ListView, change: ListChange) -> ListView:
    """The list after a change, or InvalidInput."""
    after = before
    if change.title is not None:
        after = replace(after, title=_check_title(change.title))
    if change.replies_policy is not None:
        if change.replies_policy not in REPLIES_POLICIES:
            raise InvalidInput(
                "Validation failed: Replies policy is not included in the list",
                field="replies_policy",
                rule="inclusion",
            )
        after = replace(after, replies_policy=change.replies_policy)
    if change.is_exclusive is not None:
        after = replace(after, is_exclusive=change.is_exclusive)
    return after


def _check_title(title: str) -> str:
    if not title:
        raise InvalidInput("Validation failed: Title can't be blank", field="title", rule="blank")
    maximum = limits.LIST_TITLE_CHARACTERS_MAX
    if len(title) > maximum:
        raise InvalidInput(
            f"Validation failed: Title is too long (maximum is {maximum} characters)",
            field="title",
            rule="too_long",
        )
    return title


def ensure_room_for_list(count: int) -> None:
    """InvalidInput when an account that has `count` lists may have no other."""
    if count >= limits.LISTS_MAX:
        raise InvalidInput("Validation failed: You have reached the maximum number of lists")


def ensure_room_for_members(count: int, added: int) -> None:
    """InvalidInput when a list of `count` members may not get so many more."""
    if count + added > limits.LIST_MEMBERS_MAX:
        raise InvalidInput(
            f"Validation failed: A list can have at most {limits.LIST_MEMBERS_MAX} accounts"
        )
