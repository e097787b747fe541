"""Entries: glances that somebody was found to be allowed to have, as what a page shows of them."""

from collections.abc import Sequence
from dataclasses import replace

from stonechat.domain.entries import EntryView
from stonechat.domain.ids import StatusId
from stonechat.domain.views import Glance
from stonechat.services.env import Env
from stonechat.storage import entries


async def load_entries(env: Env, glances: Sequence[Glance]) -> list[EntryView]:
    """What was said, in the order of the glances. One statement for any number of them.

    A boost is shown as what it passes on. What was erased in the meantime is left out.
    """
    if not glances:
        return []
    wanted = {each.id: None for each in glances}
    wanted |= {each.boost_of.id: None for each in glances if each.boost_of is not None}
    found = await entries.load_views(env.db, list(wanted))
    shown = (_shown(glance, found) for glance in glances)
    return [entry for entry in shown if entry is not None]


def _shown(glance: Glance, found: dict[StatusId, EntryView]) -> EntryView | None:
    own = found.get(glance.id)
    if glance.boost_of is None or own is None:
        return own
    original = found.get(glance.boost_of.id)
    return None if original is None else replace(original, boost_id=own.id, booster=own.author)
