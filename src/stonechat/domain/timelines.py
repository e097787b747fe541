"""Timelines: the choices a reader has. What stands in them is a matter of SQL."""

from typing import NamedTuple


class Origin(NamedTuple):
    """What a reader of public statuses asks for; the three may be combined."""

    is_local: bool = False
    is_remote: bool = False
    only_media: bool = False
