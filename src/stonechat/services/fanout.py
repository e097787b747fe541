"""Fan-out by a job: for authors with more followers than a post's transaction should wait for."""

from collections.abc import Mapping
from typing import Final

from stonechat.domain.ids import StatusId
from stonechat.services.env import Env
from stonechat.storage import statuses, timelines
from stonechat.storage.database import Transaction

FAN_OUT_BOOSTS_JOB: Final = "fan_out_boosts"
BOOSTS_AT_ONCE: Final = 500


async def fan_out(env: Env, payload: Mapping[str, object]) -> None:
    """Put a status into its followers' homes. Those that have it already keep it."""
    status_id = StatusId(int(str(payload["status_id"])))

    async def work(tx: Transaction) -> None:
        status = await statuses.find(tx, status_id)
        if status is None or status.deleted_ms is not None:
            return
        original = None
        if status.boost_of_id is not None:
            original = await statuses.find(tx, status.boost_of_id)
        author_id = None if original is None else original.account_id
        await tx.run_all(timelines.fanning_out(status, author_id))

    await env.db.write(work)


async def fan_out_boosts(env: Env, payload: Mapping[str, object]) -> None:
    """Put a status that was restored into homes, and then its boosts, the oldest first.

    One after the other: who finds it in their home already is not shown the boost.
    """
    of_id, after_id = StatusId(int(str(payload["status_id"]))), StatusId(0)
    await fan_out(env, payload)
    while page := await statuses.list_boosts(env.db, of_id, after_id, BOOSTS_AT_ONCE):
        for boost_id in page:
            await fan_out(env, {"status_id": boost_id})
        after_id = page[-1]
