"""The vendor's Tag: whole for administrators, short for everybody else."""

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.labels import LabelView


class BriefTag(msgspec.Struct, frozen=True):
    """A Tag as everybody may see it."""

    id: int
    type: str
    name: str
    description: str
    color: str


class HeldTag(BriefTag, frozen=True):
    """A Tag as those see it who carry it, even where others do not."""

    visible: bool


class Tag(HeldTag, frozen=True):
    """A Tag as administrators see it."""

    visibility_boost: bool
    created_at: str
    active: bool
    deleted: bool


def present_label(view: LabelView, *, is_full: bool) -> BriefTag | Tag:
    """A Tag, whole or as everybody may see it."""
    if not is_full:
        return BriefTag(view.id, view.type, view.name, view.description, view.color)
    return Tag(
        view.id,
        view.type,
        view.name,
        view.description,
        view.color,
        view.is_visible,
        view.boosts_visibility,
        instant(view.created_ms),
        view.is_active,
        view.deleted_ms is not None,
    )


def present_held(view: LabelView) -> HeldTag:
    """A Tag for one of those who carry it."""
    return HeldTag(view.id, view.type, view.name, view.description, view.color, view.is_visible)
