"""Standing: what `checkAuth` says of the caller, and of the plan that the operator gives."""

import msgspec

from stonechat.domain.standings import Standing
from stonechat.kernel.settings import Settings


class Plan(msgspec.Struct, frozen=True, rename="camel"):
    """What the operator's settings allow; null where there is no limit."""

    api: bool
    links_in_descriptions: bool
    list_access: bool
    status_max: int | None
    requests_per_hour: int | None
    share_link_days_max: int | None


class Checked(msgspec.Struct, frozen=True, rename="camel"):
    """Who a key speaks for, and how far they are."""

    auth_level: str
    user_id: str
    name: str
    plan: Plan


def present_standing(standing: Standing, settings: Settings) -> Checked:
    """The answer to somebody who asks what their key is good for."""
    level = "Verified" if standing.is_verified else "Authenticated"
    return Checked(level, str(standing.account_id), standing.name, _plan(settings))


def _plan(settings: Settings) -> Plan:
    return Plan(
        api=settings.beacon_api,
        links_in_descriptions=settings.beacon_links,
        list_access=settings.beacon_lists,
        status_max=settings.beacons_max or None,
        requests_per_hour=settings.beacon_requests_per_hour or None,
        share_link_days_max=settings.beacon_link_days_max or None,
    )
