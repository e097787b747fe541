"""The parameters of Categories, and of lists of them.

A whole Category must have a name and a slug; of a change everything is optional. Null empties a
text and takes an image away; for anything else it is not given. The sizes of an image, counters
and dates are ours, and are passed over where a client sends back what it got.
"""

from typing import Any, Final

from stonechat.domain import limits
from stonechat.domain.categories import (
    AUTO_FOLLOWS,
    STREAM_ORDERS,
    CategoryChange,
    CategoryChoice,
    name_key,
)
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.domain.text.rich import read_rich
from stonechat.domain.text.rich_markup import render_community
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput
from stonechat.services.category_changes import ImageChange
from stonechat.services.category_images import FIELDS

_TEXTS: Final = (
    ("name_synonyms", "synonyms", limits.CATEGORY_SYNONYMS_CHARACTERS_MAX),
    ("slogan", "slogan", limits.CATEGORY_SLOGAN_CHARACTERS_MAX),
    ("seo_title", "seo_title", limits.CATEGORY_SEO_TITLE_CHARACTERS_MAX),
    ("seo_description", "seo_description", limits.CATEGORY_SEO_DESCRIPTION_CHARACTERS_MAX),
)


def read_change(parameters: Parameters, base_url: str, *, is_whole: bool) -> CategoryChange:
    """What an administrator wants of a category."""
    fields: dict[str, Any] = {
        "name": _name(
            parameters, "name", limits.CATEGORY_NAME_CHARACTERS_MAX, is_required=is_whole
        ),
        "slug": _name(
            parameters, "slug", limits.CATEGORY_SLUG_CHARACTERS_MAX, is_required=is_whole
        ),
        "auto_follow": parameters.choice("auto_follow", AUTO_FOLLOWS),
        "is_staff_only": parameters.flag("content_only_staff"),
        "is_active": parameters.flag("active"),
        "place": _within(parameters, "order", limits.CATEGORY_PLACE_MAX),
        "stream_order": parameters.choice("stream_order_by", STREAM_ORDERS),
        "label_ids": _ids(parameters, "tags", limits.CATEGORY_LABELS_MAX),
        "parent_ids": _ids(parameters, "parents", limits.CATEGORY_PARENTS_MAX),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return CategoryChange(given, _read_details(parameters, base_url))


def _read_details(parameters: Parameters, base_url: str) -> dict[str, Any]:
    details: dict[str, Any] = {}
    for name, ours, characters_max in _TEXTS:
        if parameters.says(name):
            text = parameters.text(name, characters_max=characters_max)
            details[ours] = clean_text(text, field=name) or None if text else None
    if parameters.says("html_info"):
        info = parameters.text("html_info", characters_max=limits.CATEGORY_INFO_CHARACTERS_MAX)
        details["info"] = _clean_info(info, base_url) if info else None
    position = _within(parameters, "emotional_image_position", limits.CATEGORY_IMAGE_POSITION_MAX)
    if position is not None:
        details["emotional_image_position"] = position
    return details


def _clean_info(source: str, base_url: str) -> str | None:
    """HTML that is safe to show, made anew out of what came; nobody is mentioned in it."""
    try:
        return render_community(read_rich(source), {}, base_url) or None
    except InvalidInput as fault:
        raise wrong("html_info", "cannot be kept", rule=fault.rule) from None


def _name(
    parameters: Parameters, name: str, characters_max: int, *, is_required: bool
) -> str | None:
    text = parameters.text(name, characters_max=characters_max)
    if text is None:
        if parameters.says(name):
            raise wrong(name, "may not be null", rule="null")
        if is_required:
            raise wrong(name, "is required", rule="required")
        return None
    text = clean_name(text, field=name)
    if not name_key(text):
        raise wrong(name, "may not be blank", rule="blank")
    return text


def _within(parameters: Parameters, name: str, maximum: int) -> int | None:
    number = parameters.integer(name)
    if number is not None and not 0 <= number <= maximum:
        raise wrong(name, f"must lie between 0 and {maximum}")
    return number


def _ids(parameters: Parameters, name: str, items_max: int) -> tuple[int, ...] | None:
    if not parameters.says(name):
        return None
    return tuple(dict.fromkeys(parameters.identifiers(name, items_max=items_max)))


def read_images(parameters: Parameters, base_url: str) -> ImageChange:
    """New images, and those that are to go. An address of ours is what a client was shown."""
    uploads: dict[str, bytes] = {}
    removed: set[str] = set()
    for field in FIELDS:
        sent = parameters.fields.get(field)
        if isinstance(sent, str) and sent.startswith(f"{base_url}/pictures/"):
            continue
        upload = parameters.upload(field)
        if upload is not None:
            uploads[field] = upload.content
        elif parameters.says(field):
            removed.add(field)
    return ImageChange(uploads, frozenset(removed))


def read_choice(parameters: Parameters) -> CategoryChoice:
    """Which categories are asked for."""
    return CategoryChoice(
        search=parameters.text("search", characters_max=limits.SEARCH_CHARACTERS_MAX),
        can_create=parameters.flag("can_create_content"),
        is_active=parameters.flag("active"),
        is_deleted=parameters.flag("deleted") or False,
    )


def read_days(parameters: Parameters) -> int:
    """How many days back the liveliest followers are looked for."""
    default, maximum = limits.CATEGORY_TREND_DAYS
    days = parameters.integer("days")
    if days is None:
        return default
    if days < 1:
        raise wrong("days", "must be one or more")
    return min(days, maximum)
