"""The parameters of flags and of moderation.

The vendor's client sends a flag as a bare number, or under a name that is not the documented one;
both are read here. A reason that is no reason is a fault, never another reason.
"""

import re
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall
from stonechat.domain import limits
from stonechat.domain.bans import ORDERS as BAN_ORDERS
from stonechat.domain.bans import STATES as BAN_STATES
from stonechat.domain.bans import BanSearch
from stonechat.domain.flags import check_reason
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.moderation import (
    ACTIONS,
    COMMENT,
    ORDERS,
    STATES,
    TYPES,
    ModerationOrder,
    RulingSearch,
)
from stonechat.http.parameters import Parameters, merge, parse_body
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import MissingParameter
from stonechat.services.contributions import Target

_JSON: Final = "application/json"
_is_number: Final = re.compile(rb"\s{0,8}(-?(?:0|[1-9][0-9]{0,15}))\s{0,8}").fullmatch


def read_flag(call: CommunityCall, raw: bytes) -> Parameters | None:
    """What an order to flag says with this body; None where it says nothing."""
    content_type = call.header("content-type") or ""
    encoding = call.header("content-encoding")
    bare = _is_number(raw)
    is_json = content_type.partition(";")[0].strip().lower() == _JSON
    if bare and is_json and encoding is None:
        return Parameters({"flag_type": int(bare[1])})
    body = parse_body(content_type, raw, content_encoding=encoding)
    fields = merge(call.read_query(), body.fields)
    return Parameters(fields) if fields else None


def reason_of(parameters: Parameters) -> int | None:
    """The reason of a flag, by either of its names."""
    reason = parameters.integer("flag_type")
    return parameters.integer("flagType") if reason is None else reason


def read_reason(parameters: Parameters, name: str) -> int | None:
    """A reason that need not be given."""
    reason = parameters.integer(name)
    return None if reason is None else check_reason(reason, name)


def read_target(call: CommunityCall) -> Target:
    """What a path means together with `contribution_type`."""
    kind = call.parameters.choice("contribution_type", TYPES)
    if kind is None:
        raise MissingParameter("contribution_type")
    return Target(StatusId(call.path_id()), None if kind == COMMENT else kind)


def read_moderation(parameters: Parameters) -> ModerationOrder:
    """What is to be done about something."""
    action = parameters.choice("action", ACTIONS)
    if action is None:
        raise MissingParameter("action")
    flagger_id = parameters.identifier("user")
    return ModerationOrder(
        action,
        read_reason(parameters, "moderation_type"),
        None if flagger_id is None else AccountId(flagger_id),
    )


def read_ruling_search(parameters: Parameters) -> RulingSearch:
    """Which of what was flagged is asked for."""
    order, is_rising = _read_order(parameters, ORDERS, "last_flagged_at")
    return RulingSearch(
        flags_min=parameters.integer("min_flags"),
        type=parameters.choice("contribution_type", TYPES),
        status_id=parameters.identifier("contribution_id"),
        author_id=parameters.identifier("author"),
        flagger_id=parameters.identifier("flagged_by"),
        words=_words(parameters, "content"),
        state=parameters.choice("moderation_status", STATES),
        order=order,
        is_rising=is_rising,
    )


def read_ban_search(parameters: Parameters) -> BanSearch:
    """Which members are asked for."""
    order, is_rising = _read_order(parameters, BAN_ORDERS, "id")
    letter = parameters.choice("status", BAN_STATES)
    return BanSearch(
        words=_words(parameters, "search"),
        state=None if letter is None else BAN_STATES[letter],
        days=read_days(parameters),
        order=order,
        is_rising=is_rising,
    )


def read_days(parameters: Parameters) -> int | None:
    """For how many days somebody is blocked; None for no end."""
    days = parameters.integer("days_blocked")
    if days is not None and not 1 <= days <= limits.BAN_DAYS_MAX:
        raise wrong("days_blocked", f"must lie between 1 and {limits.BAN_DAYS_MAX}")
    return days


def read_state(parameters: Parameters) -> str:
    """What is to become of an account, by the vendor's letter."""
    letter = parameters.choice("status", BAN_STATES)
    if letter is None:
        raise MissingParameter("status")
    return letter


def _words(parameters: Parameters, name: str) -> str:
    return parameters.text(name, characters_max=limits.MODERATION_SEARCH_CHARACTERS_MAX) or ""


def _read_order(parameters: Parameters, names: tuple[str, ...], default: str) -> tuple[str, bool]:
    """By what a list is ordered, and whether the smallest comes first."""
    said = parameters.choice("order_by", [*names, *(f"-{name}" for name in names)])
    if said is None:
        return default, False
    return said.removeprefix("-"), not said.startswith("-")
