"""Instance, in both versions, and what else the server says of itself.

What is announced is what is so: the bounds here are the very constants that hold. Version 4.2
tells clients not to ask for grouped notifications, and `api_versions` 0 that nothing newer is to
be had.
"""

from typing import Final

import msgspec

from stonechat import __version__
from stonechat.blobs.formats import SUPPORTED_MIME_TYPES
from stonechat.dialects.mastodon.entities.accounts import Account, Site, present_account
from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain import limits
from stonechat.domain.instance import InstanceView, WeekView
from stonechat.domain.legal_pages import PRIVACY_UPDATED_MS, privacy_html
from stonechat.domain.text.languages import LANGUAGES
from stonechat.domain.text.markup import render_note
from stonechat.kernel.settings import Settings

COMPATIBLE_VERSION: Final = "4.2.10"
VERSION: Final = f"{COMPATIBLE_VERSION} (compatible; Stonechat {__version__})"

JsonObject = dict[str, object]

STATUSES: Final[JsonObject] = {
    "max_characters": limits.STATUS_CHARACTERS_MAX,
    "max_media_attachments": limits.STATUS_MEDIA_MAX,
    "characters_reserved_per_url": limits.URL_CHARACTERS_RESERVED,
}
MEDIA: Final[JsonObject] = {
    "supported_mime_types": list(SUPPORTED_MIME_TYPES),
    "description_limit": limits.MEDIA_DESCRIPTION_CHARACTERS_MAX,
    "image_size_limit": limits.MEDIA_IMAGE_BYTES_MAX,
    "image_matrix_limit": limits.MEDIA_IMAGE_PIXELS_MAX,
    "video_size_limit": limits.MEDIA_FILM_BYTES_MAX,
    "video_frame_rate_limit": limits.MEDIA_FRAMES_PER_SECOND_MAX,
    "video_matrix_limit": limits.MEDIA_VIDEO_PIXELS_MAX,
}
POLLS: Final[JsonObject] = {
    "max_options": limits.POLL_OPTIONS_MAX,
    "max_characters_per_option": limits.POLL_OPTION_CHARACTERS_MAX,
    "min_expiration": limits.POLL_SECONDS_MIN,
    "max_expiration": limits.POLL_SECONDS_MAX,
}
ACCOUNTS: Final[JsonObject] = {
    "max_featured_tags": limits.FEATURED_TAGS_MAX,
    "max_pinned_statuses": limits.PINNED_STATUSES_MAX,
    "max_display_name_length": limits.DISPLAY_NAME_CHARACTERS_MAX,
    "max_note_length": limits.NOTE_CHARACTERS_MAX,
    "max_profile_fields": limits.PROFILE_FIELDS_MAX,
    "profile_field_name_limit": limits.PROFILE_FIELD_CHARACTERS_MAX,
    "profile_field_value_limit": limits.PROFILE_FIELD_CHARACTERS_MAX,
}
_OPEN: Final = {"local": "public", "remote": "public"}
_CLOSED: Final = {"local": "disabled", "remote": "disabled"}
TIMELINES: Final[JsonObject] = {
    "live_feeds": _OPEN,
    "hashtag_feeds": _OPEN,
    "trending_link_feeds": _CLOSED,
}


class Rule(msgspec.Struct, frozen=True):
    """One rule of the server."""

    id: str
    text: str
    hint: str = ""


class ExtendedDescription(msgspec.Struct, frozen=True):
    """A longer text about the server, as HTML."""

    updated_at: str | None
    content: str


class Language(msgspec.Struct, frozen=True):
    """A language that statuses may be in."""

    code: str
    name: str


class Week(msgspec.Struct, frozen=True):
    """What happened in a week; every number is text."""

    week: str
    statuses: str
    logins: str
    registrations: str


LANGUAGE_LIST: Final = [Language(code, name) for code, name in LANGUAGES.items()]


def present_instance(view: InstanceView, site: Site) -> JsonObject:
    """The server, as version 2 of the endpoint has it."""
    settings = view.settings
    contact = _present_contact(view, site)
    return {
        "domain": settings.domain,
        "title": settings.title,
        "version": VERSION,
        "source_url": "",
        "description": settings.description,
        "usage": {"users": {"active_month": view.statistics.active_month}},
        "thumbnail": {"url": thumbnail_url(site)},
        "icon": [{"src": f"{site.base_url}/static/icon.png", "size": "128x128"}],
        "languages": list(settings.languages),
        "configuration": {
            "urls": {"streaming": _streaming_url(site), "about": f"{site.base_url}/about"},
            "vapid": {"public_key": ""},
            "accounts": ACCOUNTS,
            "statuses": STATUSES,
            "media_attachments": MEDIA,
            "polls": POLLS,
            "translation": {"enabled": False},
            "timelines_access": TIMELINES,
        },
        "registrations": {
            "enabled": settings.registrations != "closed",
            "approval_required": settings.registrations == "approval",
            "reason_required": settings.registrations == "approval",
            "message": settings.approval_message or None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {"mastodon": 0},
        "contact": {"email": settings.contact_email, "account": contact},
        "rules": present_rules(settings),
    }


def present_old_instance(view: InstanceView, site: Site) -> JsonObject:
    """The server, as version 1 of the endpoint has it; `uri` is a bare domain."""
    settings = view.settings
    return {
        "uri": settings.domain,
        "title": settings.title,
        "short_description": settings.description,
        "description": settings.description,
        "email": settings.contact_email,
        "version": VERSION,
        "urls": {"streaming_api": _streaming_url(site)},
        "stats": {
            "user_count": view.statistics.accounts,
            "status_count": view.statistics.statuses,
            "domain_count": 0,
        },
        "thumbnail": thumbnail_url(site),
        "languages": list(settings.languages),
        "registrations": settings.registrations != "closed",
        "approval_required": settings.registrations == "approval",
        "invites_enabled": False,
        "configuration": {
            "accounts": ACCOUNTS,
            "statuses": STATUSES,
            "media_attachments": MEDIA,
            "polls": POLLS,
        },
        "contact_account": _present_contact(view, site),
        "rules": present_rules(settings),
    }


def thumbnail_url(site: Site) -> str:
    """The picture of the server."""
    return f"{site.base_url}/static/thumbnail.png"


def _streaming_url(site: Site) -> str:
    """Where streams will be: Mastodon.py and toot need an address, and what is there is 404."""
    return "ws" + site.base_url.removeprefix("http")


def _present_contact(view: InstanceView, site: Site) -> Account | None:
    return None if view.contact is None else present_account(view.contact, site)


def present_rules(settings: Settings) -> list[Rule]:
    """The rules, numbered from 1."""
    return [Rule(str(number), text) for number, text in enumerate(settings.rules, start=1)]


def present_extended_description(settings: Settings) -> ExtendedDescription:
    """The longer text. It stands in the settings, which do not say when it was written."""
    text = settings.extended_description
    return ExtendedDescription(None, render_note(text, {}, settings.base_url))


def present_privacy_policy() -> ExtendedDescription:
    """What the server keeps about people, and for how long."""
    return ExtendedDescription(instant(PRIVACY_UPDATED_MS), privacy_html())


def present_week(view: WeekView) -> Week:
    """A week on the wire."""
    return Week(
        str(view.began_ms // 1000), str(view.statuses), str(view.logins), str(view.registrations)
    )
