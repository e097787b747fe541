"""The parameters of changing one's own profile.

Everything comes in every form: fields as a list, under numbers, or in JSON; choices under
`source`. What is not given stays as it is; what is given empty is emptied.
"""

from typing import Final

from stonechat.domain.profiles import (
    PICTURE_KINDS,
    ProfileChange,
    check_default_quote_policy,
    check_default_visibility,
    check_display_name,
    check_fields,
    check_note,
)
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.domain.text.languages import normalise_language
from stonechat.domain.views import FieldView
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import TEXT_BYTES_MAX
from stonechat.kernel.errors import InvalidInput

FIELDS_SENT_MAX: Final = 40
"""Lines that may be sent; those that say nothing are dropped before they are counted."""
# The rules of domain/profiles say in their own words what is too long; a request has a bound.
_ANY: Final = TEXT_BYTES_MAX


def _name(parameters: Parameters, name: str, field: str) -> str | None:
    given = parameters.text(name, characters_max=_ANY)
    return None if given is None else clean_name(given, field=field)


def _fields(parameters: Parameters) -> tuple[FieldView, ...] | None:
    if "fields_attributes" not in parameters:
        return None
    sent = parameters.records("fields_attributes", items_max=FIELDS_SENT_MAX)
    return check_fields(
        [
            FieldView(_name(each, "name", "fields") or "", _name(each, "value", "fields") or "")
            for each in sent
        ]
    )


def _language(source: Parameters) -> str | None:
    given = source.text("language", characters_max=_ANY)
    if not given:
        return given
    language = normalise_language(given)
    if language is None:
        raise InvalidInput(
            "Validation failed: Language is invalid",
            field="source[language]",
            description="is invalid",
        )
    return language


def read_profile(parameters: Parameters) -> ProfileChange:
    """What is to become of a profile."""
    name = _name(parameters, "display_name", "display_name")
    note = parameters.text("note", characters_max=_ANY)
    source = parameters.nested("source")
    visibility = source.text("privacy", characters_max=_ANY)
    policy = source.text("quote_policy", characters_max=_ANY)
    return ProfileChange(
        display_name=None if name is None else check_display_name(name),
        note=None if note is None else check_note(clean_text(note, field="note")),
        is_locked=parameters.flag("locked"),
        is_bot=parameters.flag("bot"),
        is_discoverable=parameters.flag("discoverable"),
        is_indexable=parameters.flag("indexable"),
        hides_collections=parameters.flag("hide_collections"),
        fields=_fields(parameters),
        default_visibility=check_default_visibility(visibility) if visibility else None,
        default_sensitive=source.flag("sensitive"),
        default_language=_language(source),
        default_quote_policy=check_default_quote_policy(policy) if policy else None,
    )


def read_pictures(parameters: Parameters) -> dict[str, bytes]:
    """New pictures by their kind."""
    sent = {kind: parameters.upload(kind) for kind in PICTURE_KINDS}
    return {kind: upload.content for kind, upload in sent.items() if upload is not None}
