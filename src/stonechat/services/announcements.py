"""Announcements: a beacon speaks as a status of its owner, and hears what is answered to it.

Both are jobs, because a change and an answer are promised by commits of their own. What happens
once is decided in the job's own transaction: a change is announced by whoever finds that none
later has been, an answer is heard by whoever takes its job away. A newcomer expects an answer to
be refused where it is wrong or its author may not set anything; it is a status like any other,
and simply sets nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from stonechat.domain.announcements import announce, hearing_key
from stonechat.domain.beacons import ANNOUNCEMENTS
from stonechat.domain.ids import AccountId, BeaconId, StatusId
from stonechat.domain.statuses import PostStatus, check_post
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import beacon_notices
from stonechat.services.beacons import LIVE, Name, set_by_answer
from stonechat.services.env import Env
from stonechat.services.statuses import post_now
from stonechat.storage import accounts, announcements, beacons, jobs
from stonechat.storage.database import Transaction

_log: Final = structlog.stdlib.get_logger()


async def announce_change(env: Env, payload: Mapping[str, object]) -> None:
    """Say in a status what a beacon was set to, unless a later change was told of already."""
    beacon_id, number = BeaconId(str(payload["beacon_id"])), int(str(payload["number"]))
    value = str(payload["value"])

    async def work(tx: Transaction) -> None:
        owner_id = await announcements.find_owner(tx, beacon_id)
        if owner_id is None:
            return
        # Whoever locks both, locks accounts before beacons.
        await accounts.lock(tx, owner_id)
        found = await beacons.find_locked(tx, env.db.engine, beacon_id, owner_id)
        if found is None or found.beacon.announces is None:
            return
        if not await announcements.is_news(tx, beacon_id, owner_id, number):
            return
        text, visibility = announce(found.beacon.name, value), found.beacon.announces
        command = check_post(PostStatus(text, visibility=ANNOUNCEMENTS[visibility]))
        said = await post_now(env, tx, Viewer(owner_id), command)
        await tx.run_all(announcements.inserting(said.id, beacon_id, number))

    await env.db.write(work)
    env.wake_jobs()


async def hear_answer(env: Env, payload: Mapping[str, object]) -> None:
    """Set a beacon to what somebody answered to its announcement, where they may set it."""
    answer_id, value = StatusId(int(str(payload["status_id"]))), str(payload["value"])

    async def work(tx: Transaction) -> tuple[BeaconId, Sequence[AccountId]] | None:
        # This very job, taken away: of two that run it one goes on.
        sql, values = jobs.dropping(hearing_key(answer_id))
        heard = (
            await announcements.find_heard(tx, answer_id) if await tx.run(sql, *values) else None
        )
        if heard is None:
            return None
        beacon_id, author_id = heard
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
