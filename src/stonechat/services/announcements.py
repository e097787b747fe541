"""Announcements: a beacon speaks as a status of its owner, and hears what is answered to it.

Both are jobs, because a change and an answer are promised by commits of their own, and both keep
an order whoever runs them: they decide while they hold the beacon. Before a change is told of,
those before it are that still wait; an answer is obeyed unless a later one was. A newcomer takes
the lane with its one place for enough: every process has one. They also expect an answer to be
refused where it is wrong or its author may not set anything; it is a status like any other, and
simply sets nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from stonechat.domain.announcements import announce, announcing_key
from stonechat.domain.beacons import ANNOUNCEMENTS, Beacon
from stonechat.domain.composing import check_post
from stonechat.domain.ids import AccountId, BeaconId, StatusId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import beacon_notices
from stonechat.services.beacons import LIVE, Name, set_by_answer
from stonechat.services.env import Env
from stonechat.services.statuses import post_now
from stonechat.storage import accounts, announcements, beacons, jobs, partings
from stonechat.storage.database import Transaction

_log: Final = structlog.stdlib.get_logger()


class _Change(NamedTuple):
    """What a job is to tell of."""

    beacon_id: BeaconId
    number: int
    value: str


def _read_change(payload: Mapping[str, object]) -> _Change:
    beacon_id, number = BeaconId(str(payload["beacon_id"])), int(str(payload["number"]))
    return _Change(beacon_id, number, str(payload["value"]))


async def announce_change(env: Env, payload: Mapping[str, object]) -> None:
    """Say in a status what a beacon was set to, once, and after what it was set to before."""
    change = _read_change(payload)
    while not await env.db.write(lambda tx: _announce_next(env, tx, change)):
        pass
    env.wake_jobs()


async def _announce_next(env: Env, tx: Transaction, own: _Change) -> bool:
    """Tell of the oldest change that waits for it, up to our own; whether that was our own."""
    beacon_id = own.beacon_id
    owner_id = await announcements.find_owner(tx, beacon_id)
    if owner_id is None:
        return True
    # Whoever locks both, locks accounts before beacons.
    await accounts.lock(tx, owner_id)
    found = await beacons.find_locked(tx, env.db.engine, beacon_id, owner_id)
    if found is None or found.beacon.announces is None:
        return True
    before = announcing_key(beacon_id, own.number - 1)
    older = await jobs.find_waiting(tx, announcing_key(beacon_id, 0), before)
    if older is None:
        await _announce(env, tx, found.beacon, own)
        return True
    await _announce(env, tx, found.beacon, _read_change(older.payload))
    await tx.run_all(jobs.dropping(older.once_key))
    return False


async def _announce(env: Env, tx: Transaction, beacon: Beacon, change: _Change) -> None:
    assert beacon.announces is not None
    owner_id, number = beacon.owner_id, change.number
    if not await announcements.is_news(tx, beacon.id, owner_id, number):
        return
    text, visibility = announce(beacon.name, change.value), ANNOUNCEMENTS[beacon.announces]
    said = await post_now(
        env, tx, Viewer(owner_id), check_post(PostStatus(text, visibility=visibility))
    )
    await tx.run_all(announcements.inserting(said.id, beacon.id, number))


async def hear_answer(env: Env, payload: Mapping[str, object]) -> None:
    """Set a beacon to what somebody answered to its announcement, where they may set it."""
    answer_id, value = StatusId(int(str(payload["status_id"]))), str(payload["value"])

    async def work(tx: Transaction) -> tuple[BeaconId, Sequence[AccountId]] | None:
        heard = await announcements.find_heard(tx, answer_id)
        if heard is None:
            return None
        beacon_id, author_id = heard
        await partings.hold(tx, beacon_id)
        if not await announcements.obey(tx, beacon_id, answer_id):
            return None
        told = await set_by_answer(tx, env, Viewer(author_id), Name(beacon_id), value)
        return beacon_id, told

    try:
        done = await env.db.write(work)
    except (InvalidInput, NotAllowed, NotFound) as refusal:
        _log.info("answer.sets_nothing", status_id=answer_id, code=refusal.code)
        return
    if done is not None:
        env.wake_live(LIVE, done[0])
        beacon_notices.wake(env, done[1])
        env.wake_jobs()
