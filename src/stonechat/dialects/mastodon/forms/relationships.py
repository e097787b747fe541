"""The parameters of following, muting and noting."""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import (
    FOLLOW_LANGUAGES_MAX,
    FollowChoices,
    MuteAccount,
    check_duration,
    check_languages,
    check_note,
)
from stonechat.domain.text.cleaning import clean_text
from stonechat.domain.text.hosts import canonical_host, is_web_host
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import TEXT_BYTES_MAX
from stonechat.kernel.errors import InvalidInput

DOMAIN_CHARACTERS_MAX: Final = 255
_LANGUAGE_CHARACTERS_MAX: Final = 35


def read_follow(parameters: Parameters) -> FollowChoices:
    """What is wanted of a follow; an empty list of languages means all of them."""
    languages: tuple[str, ...] | None = None
    if "languages" in parameters:
        languages = check_languages(
            parameters.texts(
                "languages",
                items_max=FOLLOW_LANGUAGES_MAX,
                characters_max=_LANGUAGE_CHARACTERS_MAX,
            )
        )
    return FollowChoices(parameters.flag("reblogs"), parameters.flag("notify"), languages)


def read_mute(parameters: Parameters, target_id: AccountId) -> MuteAccount:
    """The order to mute."""
    hides = parameters.flag("notifications")
    return MuteAccount(
        target_id,
        hides_notifications=True if hides is None else hides,
        duration_s=check_duration(parameters.integer("duration") or 0),
    )


def read_note(parameters: Parameters) -> str:
    """A private note; empty where none is given."""
    # What does not fit is let through to the rule, which says so in its own words.
    given = parameters.text("comment", characters_max=TEXT_BYTES_MAX) or ""
    return check_note(clean_text(given, field="comment"))


def read_domain(parameters: Parameters) -> str:
    """A domain in its one spelling."""
    given = parameters.text("domain", characters_max=DOMAIN_CHARACTERS_MAX) or ""
    domain = canonical_host(given.strip().rstrip("."))
    if not given.strip():
        raise InvalidInput("Validation failed: Domain can't be blank", field="domain", rule="blank")
    if domain is None or not is_web_host(domain):
        raise InvalidInput("Validation failed: Domain is not a valid domain name", field="domain")
    return domain
