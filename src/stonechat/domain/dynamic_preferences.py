"""Dynamic preferences: what an interface of the community asks at its start about everything.

Most of them follow from our settings, or from what this server can do, and can be changed by
nobody; looks and texts are an administrator's. Interfaces read many of them without looking
whether they are there, so each of these is always there, as real JSON. Ids are for life: a new
one goes to the end of its section. The preferences that each account has are another thing
(domain/preferences).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from stonechat.domain.text.cleaning import clean_name
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.settings import Settings

Value = bool | int | str
Source = Value | Callable[[Settings], Value]

ADDRESS_CHARACTERS_MAX: Final = 2000
COLOR_CHARACTERS_MAX: Final = 7
MEDIA_TYPES: Final = "image/jpeg,image/png,image/gif,image/webp,application/pdf"
_IDS_PER_SECTION: Final = 100

_is_color: Final = re.compile(r"#(?:[0-9A-Fa-f]{3}){1,2}").fullmatch
_is_address: Final = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE).fullmatch


class Kind(Enum):
    """What sort of value a preference has."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    STRING = "string"
    COLOR = "color"
    ADDRESS = "image"


@dataclass(frozen=True, slots=True)
class Preference:
    """One of them. `source` is its value, or makes it of the settings, where nobody changed it."""

    id: int
    section: str
    name: str
    kind: Kind
    source: Source
    help: str
    is_editable: bool
    """Whether an administrator may change it."""
    characters_max: int
    """Of what they may write there, where it is a text."""

    @property
    def key(self) -> str:
        """Its whole name."""
        return f"{self.section}.{self.name}"

    def value(self, settings: Settings) -> Value:
        """Its value where nobody changed it."""
        return self.source(settings) if callable(self.source) else self.source


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    source: Source
    help: str = ""
    kind: Kind = Kind.STRING
    is_editable: bool = False
    characters_max: int = 0


def _flag(name: str, source: Source, help_text: str = "", *, is_theirs: bool = False) -> _Row:
    """Something that is so, or is not."""
    return _Row(name, source, help_text, Kind.BOOLEAN, is_theirs)


def _number(name: str, value: int) -> _Row:
    return _Row(name, value, "", Kind.INTEGER)


def _theirs(name: str, characters_max: int, source: Source, help_text: str) -> _Row:
    """A text of an administrator."""
    return _Row(
        name, source, help_text, Kind.STRING, is_editable=True, characters_max=characters_max
    )


def _color(name: str, value: str, help_text: str) -> _Row:
    return _Row(
        name, value, help_text, Kind.COLOR, is_editable=True, characters_max=COLOR_CHARACTERS_MAX
    )


def _picture(name: str, file: str, help_text: str, *, is_theirs: bool = False) -> _Row:
    """An address of a picture; ours, where an administrator has named none."""
    return _Row(
        name,
        lambda settings: f"{settings.base_url}/static/{file}",
        help_text,
        Kind.ADDRESS,
        is_theirs,
        ADDRESS_CHARACTERS_MAX,
    )


def _off(*names: str) -> tuple[_Row, ...]:
    """What this server does not have."""
    return tuple(_flag(name, source=False) for name in names)


_TEXT: Final = (
    _Row("application_name", lambda settings: settings.title, "Name of the community."),
    _theirs("application_slogan1", 200, lambda settings: settings.description, "First slogan."),
    _theirs("application_slogan2", 200, "", "Second slogan."),
    _theirs("application_copyright", 500, "", "Who holds the rights."),
    _theirs("errorpages_title", 200, "", "Title of pages about errors."),
    _theirs("errorpages_subtitle", 500, "", "What stands below that title."),
)
_LOGO: Final = (
    _picture("navbar_logo", "icon.svg", "Logo of wide pages.", is_theirs=True),
    _picture("navbar_logo_mobile", "icon.svg", "Logo of narrow pages.", is_theirs=True),
)
_COLORS: Final = (
    _color("colorback", "#f4efe7", "Colour of the page."),
    _color("colorprimary", "#bc521e", "First colour."),
    _color("colorsecondary", "#1f6fb5", "Second colour."),
    _color("navbarback", "#ffffff", "Colour of the bar at the top."),
    _color("font_color", "#26221c", "Colour of text."),
    _color("font_color_secondary", "#5b544a", "Colour of small text."),
)
_IMAGES: Final = (
    _picture("app_icon", "icon.png", "Icon of the community."),
    _picture("user_default_cover", "header.png", "Cover of people who have none."),
    _picture("error_404", "icon.svg", "Picture of what is not there."),
    _picture("error_503", "icon.svg", "Picture of what is out of order."),
    _picture("errorpages_image", "icon.svg", "Picture of all other errors."),
)
_STAFF: Final = (
    _picture("staff_badge_icon", "icon.svg", "Badge of who runs the community."),
    _Row("staff_badge_label", "Staff", "Words for that badge."),
)
_ADDONS: Final = (
    _flag("polls_enabled", source=True, help_text="Whether one may ask questions."),
    _flag("post_geolocation_enabled", source=True, help_text="Whether one may say where one is."),
    _flag(
        "private_messages_enabled", source=False, help_text="Whether there are private messages."
    ),
    _flag("share_post_enabled", source=True, help_text="Whether one may pass on what others said."),
    *_off(
        "share_post_on_facebook_enabled",
        "share_post_on_twitter_enabled",
        "share_post_on_linkedin_enabled",
        "incubator_enabled",
        "loyalty_points_collection",
        "affinity_enabled",
        "registration_wizard",
    ),
    _flag("closed_community", lambda settings: settings.registrations == "closed"),
    _number("incubator_subscribers", 0),
)
_ADVERTISING: Final = _off("custom_adv_enabled", "custom_adv_only_for_anonymous_users_enabled")
_CONFIGURATIONS: Final = (
    _Row("url_template_post", "/post/{id}/"),
    _Row("url_template_discussion", "/discussion/{id}/"),
    _Row("url_template_status", "/status/{id}/"),
    _Row("url_template_comment", "/{contribution_type}/{contribution_id}/comment/{id}/"),
    _Row("url_template_category", "/category/{id}/{slug}/"),
    _Row("url_template_categories_list", "/categories/"),
    _Row("url_template_profile", "/@{username}"),
    _Row("url_template_profile_settings", "/user/{id}/edit/"),
    _Row("url_template_notifications", "/notification/"),
    _Row("url_template_private_message", "/messages/{id}/"),
    _Row("url_template_incubator", "/incubator/{id}/"),
    _Row("url_template_live_stream", "/live/{id}/"),
    _flag("follow_enabled", source=True, help_text="Whether people follow each other."),
    _flag(
        "connection_enabled", source=False, help_text="Whether they befriend each other instead."
    ),
    _flag(
        "content_availability",
        lambda settings: settings.community_is_open,
        "Whether strangers may read.",
    ),
    _flag(
        "explore_stream_enabled", source=True, help_text="Whether there is a list of everything."
    ),
    _flag("post_only_staff_enabled", source=False, help_text="Whether staff alone may speak."),
    _flag("status_type_enabled", source=True, help_text="Whether there are statuses."),
    _flag("post_type_enabled", source=True, help_text="Whether there are posts."),
    _flag("discussion_type_enabled", source=True, help_text="Whether there are discussions."),
    _Row("home_stream_order_by", "recent", "Order of one's own list: recent or last_activity."),
    _Row("explore_stream_order_by", "recent", "Order of the list of everything."),
    _flag(
        "scheduled_posts_enabled",
        source=True,
        help_text="Whether one may say here what is to be seen later.",
    ),
    _flag(
        "post_category_required_enabled",
        lambda settings: settings.community_category_required,
        "Whether everything that is said has a category.",
    ),
    _flag("category_follow_enabled", source=True, help_text="Whether one may follow categories."),
    _flag("comments_enabled", source=True, help_text="Whether one may answer."),
    _Row("accepted_media_mimetypes", MEDIA_TYPES, "Types of files that are taken."),
    _flag("people_search_enabled", source=True, help_text="Whether one may look for people."),
    _flag(
        "manual_categories_order_enabled",
        source=True,
        help_text="Whether categories have an order.",
    ),
    _flag("context_menu_enabled", source=True),
    _flag("users_approval_enabled", lambda settings: settings.registrations == "approval"),
    _Row("app_url", lambda settings: settings.base_url, "Address of the community."),
    _Row("user_metadata_definition", "{}", "What people may tell of themselves besides."),
    _flag("onboarding_hidden", source=False, help_text="Hides first steps.", is_theirs=True),
    _number("video_play_tracking_delay_seconds", 3),
    _Row("subscription_tier", ""),
    _Row("custom_navbar_item_text", ""),
    _Row("custom_navbar_item_url", ""),
    _Row("custom_navbar_item_image", ""),
    *_off(
        "custom_navbar_item_enabled",
        "groups_enabled",
        "groups_visibility_enabled",
        "groups_private_enabled",
        "groups_only_staff_enabled",
        "events_enabled",
        "events_visibility_enabled",
        "events_private_enabled",
        "events_only_staff_enabled",
        "courses_enabled",
        "courses_visibility_enabled",
        "courses_private_enabled",
        "courses_only_staff_enabled",
        "courses_advanced_enabled",
        "live_stream_enabled",
        "live_stream_only_staff_enabled",
        "live_stream_video_conference_enabled",
        "onboarding_enabled",
        "payments_enabled",
        "contact_api_enabled",
        "post_addressing_required_enabled",
        "post_user_addressing_enabled",
        "sidebar_show_all_categories_enabled",
        "video_autoplay_enabled",
    ),
)
_PROVIDERS: Final = (
    *_off(
        "facebook_signin_enabled",
        "linkedin_signin_enabled",
        "twitter_signin_enabled",
        "google_signin_enabled",
        "web_push_enabled",
    ),
    _Row("web_push_public_key", ""),
    _Row("google_geocoding_api_key", ""),
    _Row("app_url_on_app_store", ""),
    _Row("app_url_on_google_play", ""),
)
_WEBMASTER: Final = (
    _theirs("meta_robots", 100, "", "What is said to crawlers."),
    _theirs(
        "meta_title_home_not_logged", 200, lambda settings: settings.title, "Title for strangers."
    ),
    _theirs(
        "meta_description", 500, lambda settings: settings.description, "Description for crawlers."
    ),
)
# In the order of their ids: a new section goes to the end.
_SECTIONS: Final = (
    ("configurations", _CONFIGURATIONS),
    ("addons", _ADDONS),
    ("text", _TEXT),
    ("logo", _LOGO),
    ("colors", _COLORS),
    ("images", _IMAGES),
    ("staff", _STAFF),
    ("advertising", _ADVERTISING),
    ("providers", _PROVIDERS),
    ("webmaster", _WEBMASTER),
)


assert all(len(rows) < _IDS_PER_SECTION for _, rows in _SECTIONS)
PREFERENCES: Final = tuple(
    Preference(
        section_number * _IDS_PER_SECTION + number,
        section,
        row.name,
        row.kind,
        row.source,
        row.help,
        row.is_editable,
        row.characters_max,
    )
    for section_number, (section, rows) in enumerate(_SECTIONS)
    for number, row in enumerate(rows, 1)
)
EDITABLE: Final = MappingProxyType(
    {name: each for each in PREFERENCES if each.is_editable for name in (each.key, each.name)}
)
"""Those of an administrator, by their whole names and by their short ones."""
KNOWN: Final = frozenset(name for each in PREFERENCES for name in (each.key, each.name))


@dataclass(frozen=True, slots=True)
class SeenPreference:
    """A preference with the value that it has."""

    preference: Preference
    value: Value


def check_text(preference: Preference, name: str, text: str) -> str | None:
    """A text as it will be kept for a preference; None for its own value. Or InvalidInput.

    `name` is what the caller calls it by.
    """
    text = clean_name(text, field=name)
    if preference.kind is Kind.STRING:
        return text
    if not text:
        return None
    if preference.kind is Kind.COLOR:
        if not _is_color(text):
            raise _wrong(name, "must be a colour such as #bc521e")
        return text.lower()
    if not _is_address(text) or not text.isprintable():
        raise _wrong(name, "must be the address of a picture, with http or https")
    return text


def _wrong(name: str, words: str) -> InvalidInput:
    return InvalidInput(f"Validation failed: {name} {words}", field=name)
