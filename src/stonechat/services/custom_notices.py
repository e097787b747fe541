"""Custom notices: telling people something in an administrator's own words.

One person is told at once, followers by a job, so many at a time. Whoever blocks or mutes the one
who says it hears nothing, and the caller has made sure that they run the community.
"""

from collections.abc import Mapping
from typing import Final

from stonechat.domain.custom_notices import GiveNotice
from stonechat.domain.ids import NOBODY, AccountId, CustomNoticeId, EmbedId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput
from stonechat.services.env import Env
from stonechat.storage import accounts, custom_notices, embeds, notifications
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing

GIVE_NOTICE_JOB: Final = "give_notice"
FOLLOWERS_AT_ONCE: Final = 1000
"""So many followers are told in one transaction."""


async def give_notice(env: Env, viewer: Viewer, order: GiveNotice) -> None:
    """Tell one account something, or everybody who follows the viewer."""

    async def work(tx: Transaction) -> None:
        await _check(tx, order.embed_id, order.to_id)
        me, notice_id = viewer.account_id, CustomNoticeId(env.ids.next_id())
        if order.to_id is not None:
            follows = notifications.telling_in_words(notice_id, me, order.to_id)
        else:
            payload = {"account_id": me, "notice_id": notice_id}
            job_id, now_ms = env.ids.next_id(), env.clock.now_ms()
            follows = enqueueing(job_id, GIVE_NOTICE_JOB, payload, now_ms)
        await tx.run_all(custom_notices.inserting(me, notice_id, order), follows)

    await env.db.write(work)
    env.wake_jobs()


async def _check(tx: Transaction, embed_id: EmbedId | None, to_id: AccountId | None) -> None:
    # It is told of for as long as the notice is there, so it stays.
    if embed_id is not None and not await embeds.keep(tx, embed_id):
        raise _missing("embed")
    if to_id is not None:
        found = (await accounts.load_views(tx, [to_id])).get(to_id)
        if found is None or found.state != "active":
            raise _missing("user")


def _missing(field: str) -> InvalidInput:
    words = f"Validation failed: {field.capitalize()} does not exist"
    return InvalidInput(words, field=field, rule="does_not_exist")


async def give_to_followers(env: Env, payload: Mapping[str, object]) -> None:
    """Tell everybody who follows an account what it says; who was told it already is not again."""
    from_id = AccountId(int(str(payload["account_id"])))
    notice_id = CustomNoticeId(int(str(payload["notice_id"])))
    after_id: AccountId = NOBODY
    while found := await custom_notices.list_followers(
        env.db, from_id, after_id, FOLLOWERS_AT_ONCE
    ):
        told = notifications.telling_followers_in_words(
            notice_id, from_id, above=after_id, up_to=found[-1]
        )
        await env.db.write(lambda tx, told=told: tx.run_all(told))
        after_id = found[-1]
