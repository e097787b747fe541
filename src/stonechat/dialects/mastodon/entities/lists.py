"""List."""

import msgspec

from stonechat.domain.lists import ListView


class List(msgspec.Struct, frozen=True):
    """Mastodon's List."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


def present_list(view: ListView) -> List:
    """A list on the wire."""
    return List(str(view.id), view.title, view.replies_policy, view.is_exclusive)
