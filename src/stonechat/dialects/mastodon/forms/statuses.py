"""The parameters of posting and editing."""

from typing import Final

from stonechat.dialects.mastodon.forms.media import read_media_changes
from stonechat.dialects.mastodon.forms.polls import read_poll
from stonechat.dialects.mastodon.forms.quotes import read_quote_policy
from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId, StatusId
from stonechat.domain.policies import VISIBILITIES, Visibility
from stonechat.domain.statuses import EditStatus, PostStatus
from stonechat.domain.text.cleaning import clean_text
from stonechat.domain.text.languages import normalise_language
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput

ALLOWED_MENTIONS_MAX: Final = 100
LANGUAGE_CHARACTERS_MAX: Final = 35
MEDIA_SENT_MAX: Final = 100
"""How many ids of media are read; how many may be attached is for the rules to say."""
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
    quoted = parameters.identifier("quoted_status_id")
    return PostStatus(
        text=_words(parameters, "status") or "",
        spoiler=_words(parameters, "spoiler_text") or "",
        in_reply_to_id=None if parent is None else StatusId(parent),
        visibility=read_visibility(parameters),
        is_sensitive=parameters.flag("sensitive"),
        language=_language(parameters),
        allowed_mentions=allowed,
        idempotency_key=idempotency_key,
        media_ids=_media_ids(parameters),
        poll=read_poll(parameters),
        quoted_id=None if quoted is None else StatusId(quoted),
        quote_policy=read_quote_policy(parameters),
    )


def _media_ids(parameters: Parameters) -> tuple[MediaId, ...]:
    sent = parameters.identifiers("media_ids", items_max=MEDIA_SENT_MAX)
    return tuple(MediaId(each) for each in dict.fromkeys(sent))


def read_edit(parameters: Parameters, status_id: StatusId) -> EditStatus:
    """The order to edit. Words that are not given stay; media and poll that are not given go."""
    return EditStatus(
        status_id=status_id,
        text=_words(parameters, "status"),
        spoiler=_words(parameters, "spoiler_text"),
        is_sensitive=parameters.flag("sensitive"),
        language=_language(parameters),
        media_ids=_media_ids(parameters),
        media_changes=read_media_changes(parameters),
        poll=read_poll(parameters),
        quote_policy=read_quote_policy(parameters),
    )
