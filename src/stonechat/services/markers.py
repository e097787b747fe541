"""Markers of a viewer: read, and moved on."""

from collections.abc import Collection, Sequence

from stonechat.domain.markers import MarkerView, MoveMarker
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict
from stonechat.services.env import Env
from stonechat.storage import markers
from stonechat.storage.database import Transaction


async def see_markers(env: Env, viewer: Viewer, timelines: Collection[str]) -> list[MarkerView]:
    """The viewer's markers of these timelines."""
    found = await markers.list_all(env.db, viewer.account_id)
    return [each for each in found if each.timeline in timelines]


async def move_markers(env: Env, viewer: Viewer, moves: Sequence[MoveMarker]) -> list[MarkerView]:
    """Move markers on, all or none; the markers as they then stand.

    A marker that is further on already stays where it is. Conflict when a version was given
    that is no longer the marker's.
    """

    async def work(tx: Transaction) -> list[MarkerView]:
        now_ms = env.clock.now_ms()
        unmoved = [
            move for move in moves if not await markers.update(tx, viewer.account_id, move, now_ms)
        ]
        found = {each.timeline: each for each in await markers.list_all(tx, viewer.account_id)}
        for move in unmoved:
            if move.version not in (None, found[move.timeline].version):
                raise Conflict
        return [found[move.timeline] for move in moves]

    return await env.db.write(work)
