"""Consequences: what follows from a verb after its commit. The only such table.

A verb enqueues a job by its kind in its own transaction; this is what each kind means. Every
handler may be run twice for one job, and leaves the same behind as when run once.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from stonechat.domain.announcements import HEAR_ANSWER_JOB
from stonechat.domain.bans import LIFT_BAN_JOB
from stonechat.domain.beacon_notices import TELL_JOB
from stonechat.domain.beacons import ANNOUNCE_JOB, DELETE_HISTORY_JOB, GO_STALE_JOB
from stonechat.domain.categories import COUNT_FOLLOWERS_JOB, FOLLOW_ALL_JOB
from stonechat.domain.labels import TOUCH_LABEL_JOB
from stonechat.domain.webhooks import DELIVER_JOB, FORGET_JOB
from stonechat.services.announcements import announce_change, hear_answer
from stonechat.services.bans import lift_ban
from stonechat.services.beacon_changes import delete_history
from stonechat.services.beacon_notices import tell_many
from stonechat.services.beacons import go_stale
from stonechat.services.blocks import END_MUTE_JOB, end_mute
from stonechat.services.cards import FETCH_CARD_JOB, fetch_card
from stonechat.services.category_follows import count_followers, follow_all
from stonechat.services.cleaning import clean_up
from stonechat.services.credentials import ACCEPT_REQUESTS_JOB, accept_requests
from stonechat.services.custom_notices import GIVE_NOTICE_JOB, give_to_followers
from stonechat.services.departures import DELETE_ACCOUNT_JOB, delete_closed_account
from stonechat.services.env import Env
from stonechat.services.fanout import FAN_OUT_BOOSTS_JOB, fan_out, fan_out_boosts
from stonechat.services.labels import touch_label
from stonechat.services.lanes import DEPARTURES, HOOKS, MEDIA, NEWS, PAGES, SPEECH, Lane
from stonechat.services.media import DISCARD_JOB, discard_files
from stonechat.services.polls import CLOSE_POLL_JOB, close_poll
from stonechat.services.processing import PROCESS_JOB, process_media
from stonechat.services.returns import TAKE_UP_JOB, take_up
from stonechat.services.scheduling import PUBLISH_SCHEDULED_JOB, publish_scheduled
from stonechat.services.tags import fan_out_tags
from stonechat.services.webhook_deliveries import deliver_webhook, forget_deliveries

HANDLERS: Final[Mapping[str, Callable[[Env, Mapping[str, object]], Awaitable[None]]]] = {
    ACCEPT_REQUESTS_JOB: accept_requests,
    ANNOUNCE_JOB: announce_change,
    "clean_up": clean_up,
    DELETE_ACCOUNT_JOB: delete_closed_account,
    DELETE_HISTORY_JOB: delete_history,
    GO_STALE_JOB: go_stale,
    HEAR_ANSWER_JOB: hear_answer,
    CLOSE_POLL_JOB: close_poll,
    COUNT_FOLLOWERS_JOB: count_followers,
    DISCARD_JOB: discard_files,
    END_MUTE_JOB: end_mute,
    LIFT_BAN_JOB: lift_ban,
    "fan_out": fan_out,
    FAN_OUT_BOOSTS_JOB: fan_out_boosts,
    GIVE_NOTICE_JOB: give_to_followers,
    FOLLOW_ALL_JOB: follow_all,
    "fan_out_tags": fan_out_tags,
    PROCESS_JOB: process_media,
    DELIVER_JOB: deliver_webhook,
    FORGET_JOB: forget_deliveries,
    TAKE_UP_JOB: take_up,
    TOUCH_LABEL_JOB: touch_label,
    TELL_JOB: tell_many,
    FETCH_CARD_JOB: fetch_card,
    PUBLISH_SCHEDULED_JOB: publish_scheduled,
}

LANES: Final[Mapping[str, Lane]] = {
    ANNOUNCE_JOB: SPEECH,
    DELETE_ACCOUNT_JOB: DEPARTURES,
    HEAR_ANSWER_JOB: SPEECH,
    DELIVER_JOB: HOOKS,
    FETCH_CARD_JOB: PAGES,
    PROCESS_JOB: MEDIA,
    FAN_OUT_BOOSTS_JOB: NEWS,
    FOLLOW_ALL_JOB: NEWS,
    TELL_JOB: NEWS,
}
"""Kinds that are slow, or keep an order; every other one is prompt."""
