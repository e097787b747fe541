"""Quotes: one status shown inside another, and the author's say in it.

A quote is kept with the status that quotes: `accepted`, or `revoked` by whoever is quoted. What a
reader is shown may be less than that, and is found out when they read: nothing here is written
back when something quoted is deleted, or is no longer for the reader. Who may quote is asked once,
when the quoting status is posted; a stricter policy later takes nothing away.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.text.markup import render_address
from stonechat.domain.views import Glance, MentionView
from stonechat.kernel.errors import InvalidInput


class QuotePolicy(IntEnum):
    """Who may quote a status. The numbers are what the database holds."""

    PUBLIC = 0
    FOLLOWERS = 1
    NOBODY = 2

    @property
    def label(self) -> str:
        """The word on the wire."""
        return self.name.lower()


QUOTE_POLICIES: Final = {policy.label: policy for policy in QuotePolicy}

ACCEPTED: Final = "accepted"
REVOKED: Final = "revoked"
"""What is kept of a quote. Those below are only ever shown."""
DELETED: Final = "deleted"
UNAUTHORIZED: Final = "unauthorized"
BLOCKED_ACCOUNT: Final = "blocked_account"
MUTED_ACCOUNT: Final = "muted_account"

_QUOTE_LINE: Final = '<p class="quote-inline">'

AUTOMATIC: Final = "automatic"
DENIED: Final = "denied"
"""What would become of a reader's quote: nobody is asked first."""


class Said(Protocol):
    """What the rules of quoting look at in a status."""

    @property
    def account_id(self) -> AccountId:
        """Its author."""
        ...

    @property
    def visibility(self) -> int:
        """For whom it is."""
        ...

    @property
    def mentions(self) -> Sequence[MentionView]:
        """Whom it names."""
        ...


class QuoteFacts(NamedTuple):
    """The facts on which it depends whether one account may quote a status that it sees."""

    policy: int
    visibility: int
    author_id: AccountId
    viewer_id: AccountId
    is_following: bool = False
    """The viewer follows the author."""
    is_blocked: bool = False
    """Either of the two has blocked the other."""


class QuoteSight(NamedTuple):
    """The facts on which it depends what a reader is shown of a quote."""

    stored_state: str
    is_there: bool
    """The quoted status has not been deleted."""
    is_visible: bool = False
    is_blocking: bool = False
    is_muting: bool = False
    """The reader's own decisions about the quoted author."""


class QuoteGlance(NamedTuple):
    """One quote as one reader meets it. `glance` is there only where the quoted one is shown."""

    state: str
    quoted_id: StatusId
    glance: Glance | None = None


def effective_policy(policy: int, visibility: int) -> QuotePolicy:
    """The policy that holds: what is not for everybody is nobody else's to quote."""
    if visibility >= Visibility.PRIVATE:
        return QuotePolicy.NOBODY
    return QuotePolicy(policy)


def may_quote(facts: QuoteFacts) -> bool:
    """Whether somebody who sees a status may quote it; its author may, unless it is for a few."""
    if facts.viewer_id == NOBODY:
        return False
    if facts.visibility in (Visibility.DIRECT, Visibility.ADDRESSED):
        return False
    if facts.viewer_id == facts.author_id:
        return True
    if facts.is_blocked:
        return False
    policy = effective_policy(facts.policy, facts.visibility)
    return policy == QuotePolicy.PUBLIC or (policy == QuotePolicy.FOLLOWERS and facts.is_following)


def ensure_mentioned(quoted: Said, status: Said) -> None:
    """InvalidInput where somebody is quoted to others behind their back."""
    if status.visibility != Visibility.DIRECT or quoted.account_id == status.account_id:
        return
    if all(mention.id != quoted.account_id for mention in status.mentions):
        raise InvalidInput(
            "Validation failed: Cannot quote a non-mentioned user in a Private Mention post.",
            field="quoted_status_id",
        )


def shown_state(sight: QuoteSight) -> str:
    """The state of a quote as its reader is told of it."""
    if sight.stored_state != ACCEPTED:
        return sight.stored_state
    if not sight.is_there:
        return DELETED
    if not sight.is_visible:
        return UNAUTHORIZED
    if sight.is_blocking:
        return BLOCKED_ACCOUNT
    return MUTED_ACCOUNT if sight.is_muting else ACCEPTED


def with_quote_line(content: str, text: str, url: str) -> str:
    """The HTML with a line that leads to what is quoted, for apps that know of no quotes.

    Not where the author put that address into the text already.
    """
    # Ids are the ends of addresses: one that goes on is another status's.
    if re.search(re.escape(url) + "(?![0-9])", text):
        return content
    return f"{_QUOTE_LINE}RE: {render_address(url)}</p>{content}"


def without_quote_line(content: str) -> str:
    """The HTML without that line, for readers who are shown the quoted status itself."""
    return content.partition("</p>")[2] if content.startswith(_QUOTE_LINE) else content
