"""Quote, ShallowQuote and who may quote, as bytes: they are spliced into rendered statuses.

A status in a status in a status would never end, so the inner one of two quotes is shallow: it
says which status it quotes, and the app asks for that one if it wants to.
"""

from itertools import product
from typing import Final

import msgspec

from stonechat.domain.quotes import AUTOMATIC, DENIED, QuoteGlance, QuotePolicy


class QuoteApproval(msgspec.Struct, frozen=True):
    """Who may quote a status, and whether its reader may. Nothing waits for anybody's yes here."""

    automatic: list[str]
    manual: list[str]
    current_user: str


def _approval(policy: QuotePolicy, current_user: str) -> bytes:
    automatic = [] if policy is QuotePolicy.NOBODY else [policy.label]
    return msgspec.json.encode(QuoteApproval(automatic, [], current_user))


_APPROVALS: Final = {
    (int(policy), current_user): _approval(policy, current_user)
    for policy, current_user in product(QuotePolicy, (AUTOMATIC, DENIED))
}


def approval_json(policy: int, current_user: str) -> bytes:
    """A QuoteApproval; there are so few of them that each is rendered once."""
    return _APPROVALS[policy, current_user]


def quote_json(state: str, quoted: bytes | None) -> bytes:
    """A Quote around a rendered status, or around none where the reader is not shown it."""
    status = b"null" if quoted is None else quoted
    return b'{"state":"' + state.encode() + b'","quoted_status":' + status + b"}"


def shallow_quote_json(quote: QuoteGlance) -> bytes:
    """A ShallowQuote: the id of what is quoted, or none where the reader is not shown it."""
    identifier = b"null" if quote.glance is None else b'"%d"' % quote.quoted_id
    state = quote.state.encode()
    return b'{"state":"' + state + b'","quoted_status_id":' + identifier + b"}"
