"""Forms of dynamic preferences: which ones are looked for, and what an administrator changes."""

from typing import Final

from stonechat.domain.dynamic_preferences import (
    EDITABLE,
    KNOWN,
    Kind,
    Preference,
    Value,
    check_text,
)
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong

KEYS_CHARACTERS_MAX: Final = 10_000
KEYS_MAX: Final = 200
_TOKENS: Final = frozenset({"access_token", "bearer_token"})

Changes = dict[str, tuple[Preference, Value | None]]


def read_keys(parameters: Parameters) -> frozenset[str] | None:
    """The whole names that are asked for, with commas between them; None for all."""
    text = parameters.text("keys", characters_max=KEYS_CHARACTERS_MAX)
    if not text:
        return None
    keys = [key.strip() for key in text.split(",", KEYS_MAX)]
    if len(keys) > KEYS_MAX:
        raise wrong("keys", f"has too many items (maximum is {KEYS_MAX})", rule="too_long")
    return frozenset(keys)


def read_changes(parameters: Parameters) -> Changes:
    """What is to be changed, by the names that the caller used; null goes back to our own."""
    changes: Changes = {}
    for name in parameters.fields:
        if name in _TOKENS:
            continue
        if name not in KNOWN:
            raise wrong(name, "is not a preference", rule="does_not_exist")
        if name not in EDITABLE:
            raise wrong(name, "cannot be changed", rule="permission_denied")
        preference = EDITABLE[name]
        if any(preference is other for other, _ in changes.values()):
            raise wrong(name, "is given twice")
        changes[name] = (preference, _read_value(parameters, name, preference))
    return changes


def _read_value(parameters: Parameters, name: str, preference: Preference) -> Value | None:
    if preference.kind is Kind.BOOLEAN:
        return parameters.flag(name)
    text = parameters.text(name, characters_max=preference.characters_max)
    return None if text is None else check_text(preference, name, text)
