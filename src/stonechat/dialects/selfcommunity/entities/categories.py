"""Category, as everybody sees one. Whether the viewer follows it is put in by `category_bytes`.

So one rendering serves every viewer, and `followed` is the only field that is not in the struct.
"""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.categories import CategoryView

_encode: Final = msgspec.json.Encoder().encode
_NAME: Final = b',"order":'
_FOLLOWED: Final = (b',"followed":false', b',"followed":true')


class Category(msgspec.Struct, frozen=True):
    """SelfCommunity's Category, without `followed`, which stands before `order`."""

    id: int
    tags: tuple[int, ...]
    order: int
    name: str
    name_synonyms: str | None
    slug: str
    slogan: str | None
    html_info: str | None
    seo_title: str | None
    seo_description: str | None
    auto_follow: str
    content_only_staff: bool
    active: bool
    deleted: bool
    image_original: str | None
    image_bigger: str | None
    image_big: str | None
    image_medium: str | None
    image_small: str | None
    emotional_image_original: str | None
    emotional_image_position: int
    lastmod_datetime: str
    stream_order_by: str
    followers_counter: int
    parents: tuple[int, ...]


def present_category(view: CategoryView, site_base_url: str) -> Category:
    """A category on the wire, all but `followed`."""
    pictures = [f"{site_base_url}/pictures/{name}" for name in view.image] or [None] * 5
    emotional, details = view.emotional_image, view.details
    return Category(
        id=view.id,
        tags=view.label_ids,
        order=view.place,
        name=view.name,
        name_synonyms=details.synonyms,
        slug=view.slug,
        slogan=details.slogan,
        html_info=details.info,
        seo_title=details.seo_title,
        seo_description=details.seo_description,
        auto_follow=view.auto_follow,
        content_only_staff=view.is_staff_only,
        active=view.is_active,
        deleted=view.is_deleted,
        image_original=pictures[0],
        image_bigger=pictures[1],
        image_big=pictures[2],
        image_medium=pictures[3],
        image_small=pictures[4],
        emotional_image_original=f"{site_base_url}/pictures/{emotional}" if emotional else None,
        emotional_image_position=details.emotional_image_position,
        lastmod_datetime=instant(view.changed_ms),
        stream_order_by=view.stream_order,
        followers_counter=view.followers,
        parents=view.parent_ids,
    )


def category_bytes(view: CategoryView, base_url: str, *, is_followed: bool) -> bytes:
    """A category as JSON, for somebody who follows it or does not."""
    return splice_followed(_encode(present_category(view, base_url)), is_followed=is_followed)


def splice_followed(rendered: bytes, *, is_followed: bool) -> bytes:
    """`followed` put into an encoded Category, behind its tags."""
    # Before `order` stand numbers alone, so this is the first place and no text of anybody.
    head, name, tail = rendered.partition(_NAME)
    return b"".join((head, _FOLLOWED[is_followed], name, tail))


class Audience(msgspec.Struct, frozen=True):
    """How many hear of what is filed in a category, and how many of them the viewer follows."""

    category_audience: int
    connections_audience: int


class CategoryIsFollowed(msgspec.Struct, frozen=True):
    """Whether the viewer follows a category."""

    is_followed: bool
