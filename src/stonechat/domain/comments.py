"""Comments: answers to contributions, as a community shows them.

A comment is a status that answers, however deep, and whichever dialect it came from. Two levels
are shown: direct answers to the contribution, and under each of them everything that hangs on it.
A client says all three (the contribution, the first-level comment, the nested one that it
answers), and they have to fit together: `check_places` says whether they do.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain.contributions import Particulars
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.statuses import PostStatus, Status
from stonechat.kernel.errors import InvalidInput

LATEST: Final = 3
"""So many of the newest nested comments are shown with a first-level one."""
LATEST_CONSIDERED_MAX: Final = 60
"""Among so many of the newest are those looked for that the viewer may see."""
CONNECTED_CONSIDERED_MAX: Final = 10_100
"""So many comments are ordered by connection: all that a page can lie in."""


@dataclass(frozen=True, slots=True)
class PostComment:
    """The order to comment. `kind` is what the client calls the contribution."""

    kind: str
    contribution_id: StatusId
    text: str
    html: str | None = None
    parent_id: StatusId | None = None
    in_reply_to_id: StatusId | None = None
    idempotency_key: str | None = None

    @property
    def answered_id(self) -> StatusId:
        """What is answered: the nested comment, else the first-level one, else the contribution."""
        return self.in_reply_to_id or self.parent_id or self.contribution_id

    def as_status(self) -> PostStatus:
        """The order to say the same thing, as every dialect knows it.

        Whoever is answered is mentioned, be it not in the text: elsewhere that is how one learns
        of an answer.
        """
        return PostStatus(
            self.text,
            in_reply_to_id=self.answered_id,
            idempotency_key=self.idempotency_key,
            names_answered=True,
            about=Particulars(html=self.html, is_comment=True),
        )


class Sorting(NamedTuple):
    """The order of a list of comments."""

    is_newest_first: bool = False
    connection: int = 0
    """-1: by those whom the viewer follows first; 1: those last; 0: it does not matter."""


class Branch(NamedTuple):
    """Which comments are listed: on a contribution, or beneath one comment on it."""

    kind: str
    contribution_id: StatusId
    parent_id: StatusId | None = None


class Window(NamedTuple):
    """A part of a list."""

    limit: int
    offset: int


class Authored(NamedTuple):
    """The comments of one account, newest or oldest first."""

    account_id: AccountId
    is_newest_first: bool = False


def check_places(
    root: Status, parent: Status | None, answered: Status | None, command: PostComment
) -> None:
    """InvalidInput for comments that do not belong where the order says that they do.

    None stands for what is not there, or not for the viewer: both get the same words.
    """
    if command.parent_id is None:
        if command.in_reply_to_id is not None:
            raise _wrong("parent", "is required with a comment that is answered", "required")
        return
    if parent is None or parent.in_reply_to_id != root.id:
        raise refuse_missing("parent")
    if command.in_reply_to_id is None:
        return
    if answered is None or answered.top_id != parent.id:
        raise refuse_missing("in_reply_to")


def refuse_missing(field: str) -> InvalidInput:
    """The complaint about an id that names nothing which could stand there."""
    return _wrong(field, "does not exist", "does_not_exist")


def _wrong(field: str, words: str, rule: str) -> InvalidInput:
    subject = field.capitalize().replace("_", " ")
    return InvalidInput(f"Validation failed: {subject} {words}", field=field, rule=rule)
