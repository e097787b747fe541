"""Tag and FeaturedTag. Their counters are strings on the wire, as Mastodon's are."""

import msgspec

from stonechat.dialects.mastodon.entities.times import day
from stonechat.domain.tags import FeaturedTagView, TagDay, TagView
from stonechat.domain.text.tags import tag_url
from stonechat.kernel.ids import ms_of_id


class TagHistory(msgspec.Struct, frozen=True):
    """One day of a tag."""

    day: str
    uses: str
    accounts: str


class Tag(msgspec.Struct, frozen=True):
    """Mastodon's Tag; its last two fields are there for signed-in callers only."""

    name: str
    url: str
    history: list[TagHistory]
    following: bool | msgspec.UnsetType = msgspec.UNSET
    featuring: bool | msgspec.UnsetType = msgspec.UNSET


class FeaturedTag(msgspec.Struct, frozen=True):
    """A tag on somebody's profile."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


def _present_day(each: TagDay) -> TagHistory:
    return TagHistory(str(each.begins_ms // 1000), str(each.uses), str(each.accounts))


def present_tag(tag: TagView, base_url: str) -> Tag:
    """A tag on the wire."""
    return Tag(
        name=tag.name,
        url=tag_url(base_url, tag.name),
        history=[_present_day(each) for each in tag.history],
        following=msgspec.UNSET if tag.is_followed is None else tag.is_followed,
        featuring=msgspec.UNSET if tag.is_featured is None else tag.is_featured,
    )


def present_featured_tag(tag: FeaturedTagView, base_url: str) -> FeaturedTag:
    """A featured tag on the wire."""
    last = tag.last_status_id
    return FeaturedTag(
        id=str(tag.id),
        name=tag.spelling,
        url=tag_url(base_url, tag.tag),
        statuses_count=str(tag.statuses),
        last_status_at=None if last is None else day(ms_of_id(last)),
    )
