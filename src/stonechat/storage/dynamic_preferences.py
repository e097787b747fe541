"""Dynamic preferences in SQL: those that an administrator changed. All others have no row."""

import json
from collections.abc import Mapping
from typing import Final

from stonechat.domain.dynamic_preferences import PREFERENCES, Value
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import padded, parameters

_NAMES: Final = padded(tuple(each.key for each in PREFERENCES if each.is_editable))
_LOAD: Final = (
    "SELECT name, value FROM preferences WHERE name IN (" + parameters(1, len(_NAMES)) + ")"
)
_KEEP: Final = (
    "INSERT INTO preferences (name, value) VALUES ($1, $2)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_DELETE: Final = "DELETE FROM preferences WHERE name = $1"


async def load_values(tx: Reader) -> dict[str, Value]:
    """What was changed, by whole names."""
    return {name: json.loads(value) for name, value in await tx.all(_LOAD, *_NAMES)}


async def update_values(tx: Transaction, changes: Mapping[str, Value | None]) -> None:
    """Keep values; None goes back to what holds where nobody changed anything."""
    # Always in one order: two administrators at once wait for each other, and do not get stuck.
    for name in sorted(changes):
        value = changes[name]
        if value is None:
            await tx.run(_DELETE, name)
        else:
            await tx.run(_KEEP, name, json.dumps(value))
