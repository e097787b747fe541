"""Private links: made, listed, rotated and ended by the owner of a beacon.

A good link shows the beacon to whoever has it, and lets them follow. What they got by it they
keep when the link ends: only the owner takes a role away. A link that is over, was rotated, or
belongs to another beacon is the same as one that never was.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacon_links import BeaconLink, check_secret, ensure_room_for_link
from stonechat.domain.beacons import LINK_CHARACTERS, OWNER, SECRET_ALPHABET
from stonechat.domain.ends import DAY_MS, find_end
from stonechat.domain.keys import read_label
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound, NotInPlan
from stonechat.kernel.secrets import new_word
from stonechat.services.beacons import LIVE, Name, hold, see_as
from stonechat.services.env import Env
from stonechat.storage import beacon_links, beacons
from stonechat.storage.database import Transaction

_LISTED_MAX: Final = limits.BEACON_LINKS_MAX


async def list_links(env: Env, viewer: Viewer, name: Name) -> list[BeaconLink]:
    """The links to a beacon that are good, the oldest first; for its owner."""
    await see_as(env, viewer, name, OWNER)
    return await beacon_links.list_good(env.db, name.id, env.clock.now_ms(), _LISTED_MAX)


async def create_link(
    env: Env,
    viewer: Viewer,
    name: Name,
    *,
    label: str = "",
    days: int | None = None,
    expires_ms: int | None = None,
) -> BeaconLink:
    """A new link, with an end in days or at a moment, or with none where the plan allows that."""
    label = read_label(label)
    end_ms = _find_end(env, days, expires_ms)

    async def work(tx: Transaction) -> BeaconLink:
        await hold(env, tx, viewer, name, OWNER)
        now_ms = env.clock.now_ms()
        good = await beacon_links.list_good(tx, name.id, now_ms, _LISTED_MAX)
        ensure_room_for_link(len(good))
        link = BeaconLink(name.id, _new_secret(), label, now_ms, end_ms)
        await beacon_links.insert(tx, link)
        return link

    return await env.db.write(work)


def _find_end(env: Env, days: int | None, expires_ms: int | None) -> int | None:
    now_ms, plan_days = env.clock.now_ms(), env.settings.beacon_link_days_max
    most = limits.BEACON_LINK_DAYS_MAX
    end_ms = find_end(now_ms, days=days, expires_ms=expires_ms, days_max=most)
    if plan_days == 0:
        return end_ms
    latest_ms = now_ms + plan_days * DAY_MS
    if end_ms is not None and end_ms > latest_ms:
        raise NotInPlan(f"In your plan a link ends after {plan_days} days at the latest")
    return latest_ms if end_ms is None else end_ms


def _new_secret() -> str:
    return new_word(SECRET_ALPHABET, LINK_CHARACTERS)


async def rotate_link(env: Env, viewer: Viewer, name: Name, secret: str) -> BeaconLink:
    """Give a link another secret: the address of before is good for nothing, its end stays."""

    async def work(tx: Transaction) -> BeaconLink:
        await hold(env, tx, viewer, name, OWNER)
        new, now_ms = _new_secret(), env.clock.now_ms()
        if not await beacon_links.rotate(tx, name.id, check_secret(name.id, secret), new, now_ms):
            raise NotFound
        await _touch(tx, name)
        good = await beacon_links.list_good(tx, name.id, now_ms, _LISTED_MAX)
        return next(link for link in good if link.secret == new)

    link = await env.db.write(work)
    env.wake_live(LIVE, name.id)
    return link


async def end_link(env: Env, viewer: Viewer, name: Name, secret: str) -> None:
    """End a link. Who watches by it sees nothing more."""

    async def work(tx: Transaction) -> None:
        await hold(env, tx, viewer, name, OWNER)
        if not await beacon_links.end(tx, name.id, check_secret(name.id, secret)):
            raise NotFound
        await _touch(tx, name)

    await env.db.write(work)
    env.wake_live(LIVE, name.id)


async def _touch(tx: Transaction, name: Name) -> None:
    # Pages that were opened by the link look again, and find that they may not.
    sql, values = beacons.touching(name.id)
    await tx.run(sql, *values)
