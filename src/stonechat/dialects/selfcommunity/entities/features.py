"""Feature: a part of the interface, and whether it is switched on."""

import msgspec

from stonechat.domain.features import Feature as Facts


class Feature(msgspec.Struct, frozen=True):
    """The vendor's Feature."""

    id: int
    name: str
    enabled: bool


def present_feature(feature: Facts) -> Feature:
    """A feature on the wire."""
    return Feature(feature.id, feature.name, feature.is_enabled)
