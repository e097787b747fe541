"""Sharing: bodies that give roles, make links and tokens, and choose what to hear."""

from datetime import datetime
from typing import Final, NamedTuple

from stonechat.dialects.stativate.forms.properties import (
    ensure_known,
    read_flag,
    read_list,
    read_text,
    read_whole,
)
from stonechat.domain.beacon_roles import BeaconFilter, read_filters
from stonechat.http.parameters import NO_ID, Fields, Json, parse_id
from stonechat.kernel.clock import to_ms
from stonechat.kernel.errors import InvalidInput

INSTANT_CHARACTERS_MAX: Final = 40


class Choices(NamedTuple):
    """What somebody wants to hear; None leaves a part as it is."""

    notifies: bool | None
    filters: tuple[BeaconFilter, ...] | None


class LinkOrder(NamedTuple):
    """The link that somebody wants."""

    label: str
    days: int | None
    expires_ms: int | None


def read_role(fields: Fields) -> str:
    """The role that is given."""
    ensure_known(fields, "role")
    return _required(fields, "role")


def read_label(fields: Fields) -> str:
    """The label of what is made, and nothing else; none is an empty one."""
    ensure_known(fields, "label")
    return read_text(fields.get("label", ""), "label")


def read_url(fields: Fields) -> str:
    """The address of a webhook."""
    ensure_known(fields, "url")
    return _required(fields, "url")


def _required(fields: Fields, name: str) -> str:
    if name not in fields:
        raise InvalidInput(f"The {name} is required", field=name, rule="missing")
    return read_text(fields[name], name)


def read_link(fields: Fields) -> LinkOrder:
    """A link with a label, and an end in days or at a moment."""
    ensure_known(fields, "label", "days", "expiresAt")
    if "days" in fields and "expiresAt" in fields:
        raise InvalidInput("Either days or expiresAt can be given", field="expiresAt")
    days = read_whole(fields["days"], "days") if "days" in fields else None
    end_ms = _read_instant(fields["expiresAt"], "expiresAt") if "expiresAt" in fields else None
    return LinkOrder(read_text(fields.get("label", ""), "label"), days, end_ms)


def _read_instant(value: Json, name: str) -> int:
    text = read_text(value, name)
    try:
        moment = datetime.fromisoformat(text[:INSTANT_CHARACTERS_MAX])
        if moment.tzinfo is not None:
            return to_ms(moment)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        f"The {name} has to be a time such as 2030-01-31T12:00:00Z, with its zone", field=name
    )


def read_choices(fields: Fields) -> Choices:
    """What somebody wants to hear of a status."""
    ensure_known(fields, "notifies", "filters")
    notifies = read_flag(fields["notifies"], "notifies") if "notifies" in fields else None
    if "filters" not in fields:
        return Choices(notifies, None)
    return Choices(notifies, read_filters(read_list(fields["filters"], "filters", _read_filter)))


def _read_filter(value: Json, name: str) -> tuple[str, str]:
    if not isinstance(value, dict) or value.keys() != {"kind", "value"}:
        raise InvalidInput("The filters have to be objects with kind and value", field=name)
    return read_text(value["kind"], name), read_text(value["value"], name)


def read_seen(fields: Fields) -> int:
    """The notice up to which somebody has seen all of them, as lists spell its id."""
    ensure_known(fields, "upTo")
    number = parse_id(_required(fields, "upTo"))
    if number == NO_ID:
        raise InvalidInput("The upTo has to be the id of a notice", field="upTo")
    return number
