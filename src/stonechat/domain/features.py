"""Features: which parts of the community's interface are switched on here.

What an interface does not find it does not ask for. Groups, events, courses, live streams,
payments and incubators are not here, so they are left out: each of them, even switched off, has
interfaces ask for its lists.
"""

from typing import Final, NamedTuple


class Feature(NamedTuple):
    """A part, by the vendor's name. Ids are for life: new ones go to the end."""

    id: int
    name: str
    is_enabled: bool


FEATURES: Final = (
    Feature(1, "reaction", is_enabled=True),
    Feature(2, "tagging", is_enabled=True),
    Feature(3, "moderation_flags", is_enabled=True),
    Feature(4, "moderation_contents", is_enabled=True),
    Feature(5, "moderation_users", is_enabled=True),
    Feature(6, "legal_pages", is_enabled=True),
    Feature(7, "advertising", is_enabled=False),
    Feature(8, "loyalty", is_enabled=False),
    Feature(9, "scoring", is_enabled=False),
)
