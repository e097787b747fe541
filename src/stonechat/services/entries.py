"""Entries: glances that somebody was found to be allowed to have, as what a page shows of them.

Pages are the same for everybody, so what a status quotes is shown as far as everybody may see it;
of a quote that was taken back nothing is looked up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from stonechat.domain.entries import EntryView
from stonechat.domain.ids import StatusId
from stonechat.domain.views import Glance
from stonechat.services.env import Env
from stonechat.storage import entries


async def load_entries(env: Env, glances: Sequence[Glance]) -> list[EntryView]:
    """What was said, in the order of the glances. One statement, one more if any of it quotes.

    A boost is shown as what it passes on. What was erased in the meantime is left out.
    """
    if not glances:
        return []
    wanted = {each.id: None for each in glances}
    wanted |= {each.boost_of.id: None for each in glances if each.boost_of is not None}
    found = await entries.load_views(env.db, list(wanted))
    quoted = await _load_quoted(env, found.values())
    shown = (_shown(glance, found) for glance in glances)
    return [_quoting(entry, quoted) for entry in shown if entry is not None]


async def _load_quoted(env: Env, found: Iterable[EntryView]) -> dict[StatusId, EntryView]:
    wanted = dict.fromkeys(each.quoted_id for each in found if each.quoted_id is not None)
    return await entries.load_public(env.db, list(wanted)) if wanted else {}


def _quoting(entry: EntryView, quoted: dict[StatusId, EntryView]) -> EntryView:
    shown = None if entry.quoted_id is None else quoted.get(entry.quoted_id)
    return entry if shown is None else replace(entry, quoted=shown)


def _shown(glance: Glance, found: dict[StatusId, EntryView]) -> EntryView | None:
    own = found.get(glance.id)
    if glance.boost_of is None or own is None:
        return own
    original = found.get(glance.boost_of.id)
    return None if original is None else replace(original, boost_id=own.id, booster=own.author)
