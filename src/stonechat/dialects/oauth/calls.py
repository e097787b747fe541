"""The dialect's own names for the furniture that all doors share.

What programs ask needs no room of its own; the pages need templates, and the rate limits that
count wrong passwords.
"""

from pathlib import Path
from typing import Final, TypeAlias

from stonechat.http.operations import Call, Operation
from stonechat.http.pages import Pages
from stonechat.http.rates import RateLimits
from stonechat.services.env import Env

TEMPLATES: Final = Path(__file__).parent / "templates"


class PageRoom:
    """What the handlers of pages find at `call.room`."""

    def __init__(self, env: Env, rates: RateLimits) -> None:
        self.pages = Pages(env.settings, TEMPLATES)
        self.rates = rates


class RenewalRoom:
    """What the handlers of renewable tokens find at `call.room`."""

    def __init__(self, rates: RateLimits) -> None:
        self.rates = rates


OAuthCall: TypeAlias = Call[None]
OAuthOperation: TypeAlias = Operation[None]
PageCall: TypeAlias = Call[PageRoom]
PageOperation: TypeAlias = Operation[PageRoom]
RenewalCall: TypeAlias = Call[RenewalRoom]
RenewalOperation: TypeAlias = Operation[RenewalRoom]
