"""Dynamic preferences: what interfaces of the community are told at their start."""

from collections.abc import Mapping

from stonechat.domain.dynamic_preferences import PREFERENCES, SeenPreference, Value
from stonechat.services.env import Env
from stonechat.storage import dynamic_preferences


async def see_preferences(env: Env) -> list[SeenPreference]:
    """All of them, with their values. One statement."""
    changed = await dynamic_preferences.load_values(env.db)
    return [
        SeenPreference(each, changed.get(each.key, each.value(env.settings)))
        for each in PREFERENCES
    ]


async def change_preferences(
    env: Env, changes: Mapping[str, Value | None]
) -> dict[str, SeenPreference]:
    """Change some, by whole names, to values that were checked; all of them afterwards."""
    await env.db.write(lambda tx: dynamic_preferences.update_values(tx, changes))
    return {seen.preference.key: seen for seen in await see_preferences(env)}
