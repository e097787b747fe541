"""DynamicPreference: one thing that an interface asks about at its start."""

import msgspec

from stonechat.domain.dynamic_preferences import SeenPreference


class DynamicPreference(msgspec.Struct, frozen=True):
    """The vendor's DynamicPreference; the last two are in its client, not in its documents."""

    id: int
    section: str
    name: str
    value: bool | int | str
    type: str
    help: str


def present_preference(seen: SeenPreference) -> DynamicPreference:
    """A preference on the wire."""
    about = seen.preference
    return DynamicPreference(
        about.id, about.section, about.name, seen.value, about.kind.value, about.help
    )
