"""Cleaning up: what has an end is taken away when it comes.

One job does it, every CLEAN_EVERY_MS, in small transactions. It enqueues the next run itself,
under a key of the period, so that many processes clean once.
"""

from collections.abc import Mapping
from typing import Final

from stonechat.domain import limits
from stonechat.services import cards, embeds, media
from stonechat.services.env import Env
from stonechat.storage import beacon_changes, cleaning
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing

CLEAN_EVERY_MS: Final = 3_600_000
ROWS_AT_ONCE: Final = 500
_DAY_MS: Final = 86_400_000


async def schedule(env: Env) -> None:
    """See to it that a clean-up is due in this period."""
    await env.db.write(lambda tx: _enqueue(env, tx, env.clock.now_ms()))


async def _enqueue(env: Env, tx: Transaction, run_ms: int) -> None:
    period = run_ms // CLEAN_EVERY_MS
    job = enqueueing(env.ids.next_id(), "clean_up", {}, run_ms, f"clean_up:{period}")
    await tx.run(job[0], *job[1])


async def clean_up(env: Env, payload: Mapping[str, object]) -> None:
    """Plan the next sweep, then sweep every kind of thing whose time is over."""
    del payload
    now_ms = env.clock.now_ms()
    # First: a sweep that is given up must not be the last one.
    next_ms = (now_ms // CLEAN_EVERY_MS + 1) * CLEAN_EVERY_MS
    await env.db.write(lambda tx: _enqueue(env, tx, next_ms))
    ends = cleaning.Ends(
        now_ms=now_ms,
        keys_before_ms=now_ms - limits.IDEMPOTENCY_HOURS * 3_600_000,
        codes_before_ms=now_ms - _DAY_MS,
        refresh_tokens_before_ms=now_ms - limits.REFRESH_TOKEN_DAYS * _DAY_MS,
        statuses_before_ms=now_ms - limits.DELETED_STATUS_DAYS * _DAY_MS,
        jobs_before_ms=now_ms - limits.GIVEN_UP_JOB_DAYS * _DAY_MS,
        cards_before_ms=now_ms - (limits.CARD_DAYS + 1) * _DAY_MS,
        notices_before_ms=now_ms - limits.BEACON_NOTICE_DAYS * _DAY_MS,
        deliveries_before_ms=now_ms - limits.WEBHOOK_LOG_DAYS * _DAY_MS,
    )
    # Before the statuses that held some of them are gone.
    while await env.db.write(lambda tx: media.sweep(env, tx, now_ms=now_ms, rows_max=ROWS_AT_ONCE)):
        pass
    # After the media that showed some of them are gone.
    await embeds.sweep(env)
    env.wake_jobs()
    for sweep in cleaning.SWEEPS:
        while await env.db.write(lambda tx, sweep=sweep: sweep(tx, ends, ROWS_AT_ONCE)):
            pass
    if env.settings.beacon_change_days:
        await _sweep_changes(env, now_ms - env.settings.beacon_change_days * _DAY_MS)
    # After the addresses and statuses that showed some of them are gone.
    await cards.sweep_pictures(env, ROWS_AT_ONCE)
    after_id: int | None = 0
    while after_id is not None:
        after_id = await env.db.write(
            lambda tx, after=after_id: cleaning.trim_homes(tx, after, ROWS_AT_ONCE)
        )


async def _sweep_changes(env: Env, before_ms: int) -> None:
    place: beacon_changes.Place | None = beacon_changes.START
    while place is not None:
        place = await env.db.write(
            lambda tx, after=place: beacon_changes.delete_old(tx, after, before_ms, ROWS_AT_ONCE)
        )
