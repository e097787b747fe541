"""MutedAccount: an account, and when it will be heard of again."""

import msgspec

from stonechat.dialects.mastodon.entities.times import instant_or_none

_encode = msgspec.json.Encoder().encode


def splice_mute(account: bytes, expires_ms: int | None) -> bytes:
    """A rendered account with the end of its mute; null is until further notice."""
    return account[:-1] + b',"mute_expires_at":' + _encode(instant_or_none(expires_ms)) + b"}"
