"""What clients keep for a user, as the vendor shows it."""

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.members import KeptView
from stonechat.kernel.ids import ms_of_id


class UserPreference(msgspec.Struct, frozen=True):
    """The vendor's preference of a user."""

    id: int
    user_id: int
    key: str
    value: msgspec.Raw
    created_at: str
    last_updated_at: str


def present_kept(kept: KeptView) -> UserPreference:
    """One thing that is kept, on the wire."""
    return UserPreference(
        kept.id,
        kept.account_id,
        kept.name,
        msgspec.Raw(kept.value.encode()),
        instant(ms_of_id(kept.id)),
        instant(kept.changed_ms),
    )
