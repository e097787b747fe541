"""The parameters of posting and editing."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import VISIBILITIES, Visibility
from stonechat.domain.statuses import EditStatus, PostStatus
from stonechat.domain.text.cleaning import clean_text
from stonechat.domain.text.languages import normalise_language
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput

ALLOWED_MENTIONS_MAX: Final = 100
LANGUAGE_CHARACTERS_MAX: Final = 35
# Counting in graphemes is exact and comes later; this only bounds what is looked at.
_TEXT_MAX: Final = limits.STATUS_TEXT_BYTES_MAX


def _words(parameters: Parameters, name: str) -> str | None:
    try:
        given = parameters.text(name, characters_max=_TEXT_MAX)
    except InvalidInput as refusal:
        if refusal.rule == "too_long":
            maximum = limits.STATUS_CHARACTERS_MAX
            raise InvalidInput(
                f"Validation failed: Text character limit of {maximum} exceeded",
                field=name,
                rule="too_long",
            ) from None
        raise
    return None if given is None else clean_text(given, field=name)


def _language(parameters: Parameters) -> str | None:
    given = parameters.text("language", characters_max=LANGUAGE_CHARACTERS_MAX)
    return None if given is None else normalise_language(given)


def read_visibility(parameters: Parameters) -> Visibility | None:
    """The visibility asked for; an unknown one is refused, never widened."""
    given = parameters.text("visibility", characters_max=20)
    if not given:
        return None
    if given not in VISIBILITIES:
        raise InvalidInput(
            "Validation failed: Visibility is not included in the list", field="visibility"
        )
    return VISIBILITIES[given]


def read_post(parameters: Parameters, idempotency_key: str | None) -> PostStatus:
    """The order to post."""
    allowed: tuple[AccountId, ...] | None = None
    if "allowed_mentions" in parameters:
        found = parameters.identifiers("allowed_mentions", items_max=ALLOWED_MENTIONS_MAX)
        allowed = tuple(AccountId(each) for each in found)
    parent = parameters.identifier("in_reply_to_id")
    return PostStatus(
        text=_words(parameters, "status") or "",
        spoiler=_words(parameters, "spoiler_text") or "",
        in_reply_to_id=None if parent is None else StatusId(parent),
        visibility=read_visibility(parameters),
        is_sensitive=parameters.flag("sensitive"),
        language=_language(parameters),
        allowed_mentions=allowed,
        idempotency_key=_key(idempotency_key),
    )


def _key(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) > limits.IDEMPOTENCY_KEY_CHARACTERS_MAX:
        maximum = limits.IDEMPOTENCY_KEY_CHARACTERS_MAX
        raise InvalidInput(f"The Idempotency-Key is longer than {maximum} characters")
    return value


def read_edit(parameters: Parameters, status_id: StatusId) -> EditStatus:
    """The order to edit. A part that is not given stays as it is."""
    return EditStatus(
        status_id=status_id,
        text=_words(parameters, "status"),
        spoiler=_words(parameters, "spoiler_text"),
        is_sensitive=parameters.flag("sensitive"),
        language=_language(parameters),
    )
