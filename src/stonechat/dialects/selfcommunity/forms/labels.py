"""The parameters of Tags, and of who carries them."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import LabelId
from stonechat.domain.labels import (
    CATEGORY,
    CONTRIBUTION,
    NEWEST,
    ORDERS,
    TYPES,
    USER,
    Carrier,
    LabelChoice,
    LabelForm,
    LabelName,
)
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong

_CARRIERS: Final = (USER, CATEGORY, CONTRIBUTION)
_CARRIER_ORDERS: Final = ("created_at", "-created_at", "id", "-id")


def read_label(parameters: Parameters, *, needs_name: bool) -> LabelForm:
    """What is to become of a Tag; what is not sent stays as it is."""
    name = parameters.text("name", characters_max=limits.LABEL_NAME_CHARACTERS_MAX)
    if name is None and (needs_name or parameters.says("name")):
        is_null = parameters.says("name")
        raise wrong("name", "must be given", rule="null" if is_null else "required")
    description = parameters.text(
        "description", characters_max=limits.LABEL_DESCRIPTION_CHARACTERS_MAX
    )
    if description is None and parameters.says("description"):
        description = ""
    return LabelForm(
        type=parameters.choice("type", TYPES),
        name=name,
        description=description,
        color=parameters.text("color", characters_max=limits.LABEL_COLOR_CHARACTERS_MAX),
        is_visible=parameters.flag("visible"),
        boosts_visibility=parameters.flag("visibility_boost"),
        is_active=parameters.flag("active"),
        is_deleted=parameters.flag("deleted"),
    )


def read_choice(parameters: Parameters) -> LabelChoice:
    """Which Tags are asked for."""
    return LabelChoice(
        text=parameters.text("search", characters_max=limits.SEARCH_CHARACTERS_MAX) or "",
        type=parameters.choice("type", TYPES),
        is_active=parameters.flag("active"),
        is_visible=parameters.flag("visible"),
        boosts_visibility=parameters.flag("visibility_boost"),
        is_deleted=parameters.flag("deleted") or False,
        order=parameters.choice("ordering", ORDERS) or NEWEST,
    )


def read_carrier(parameters: Parameters) -> Carrier:
    """Who or what is to carry a Tag: exactly one is named."""
    named = [(type_, parameters.identifier(type_)) for type_ in _CARRIERS]
    found = [Carrier(type_, carrier_id) for type_, carrier_id in named if carrier_id is not None]
    if not found:
        raise wrong(USER, "or category or contribution must be given", rule="required")
    if len(found) > 1:
        raise wrong("non_field_errors", "allow one of user, category and contribution")
    return found[0]


def read_label_name(parameters: Parameters) -> LabelName:
    """Whose carriers are asked for: a Tag by its id, or by its name."""
    label_id = parameters.identifier("tag_id")
    name = parameters.text("tag_name", characters_max=limits.LABEL_NAME_CHARACTERS_MAX)
    if label_id is None and not name:
        raise wrong("tag_id", "or tag_name must be given", rule="required")
    return LabelName(None if label_id is None else LabelId(label_id), name)


def wants_oldest_first(parameters: Parameters) -> bool:
    """In which order carriers are asked for: the newest first, unless it says otherwise."""
    order = parameters.choice("ordering", _CARRIER_ORDERS) or NEWEST
    return not order.startswith("-")
