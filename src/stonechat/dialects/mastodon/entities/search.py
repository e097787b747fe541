"""Search: three lists side by side, none of them ever null."""

import msgspec

from stonechat.dialects.mastodon.entities.tags import Tag


class Search(msgspec.Struct, frozen=True):
    """Mastodon's Search, around accounts and statuses that were rendered before."""

    accounts: msgspec.Raw
    statuses: msgspec.Raw
    hashtags: list[Tag]


class OldSearch(msgspec.Struct, frozen=True):
    """The same as the first version of the API has it: tags are names."""

    accounts: msgspec.Raw
    statuses: msgspec.Raw
    hashtags: list[str]
