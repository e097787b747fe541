"""The instance: what a client asks of a server before and after it signs in."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.instance import (
    LANGUAGE_LIST,
    present_extended_description,
    present_instance,
    present_old_instance,
    present_privacy_policy,
    present_rules,
    present_week,
)
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.domain.viewers import Caller
from stonechat.http.operations import PUBLIC, Answer, Handler
from stonechat.kernel.errors import NotFound
from stonechat.services import instance


async def show(call: MastodonCall) -> Answer:
    """The server."""
    view = await instance.see_instance(call.env)
    return Answer(present_instance(view, call.room.site))


async def show_old(call: MastodonCall) -> Answer:
    """The server, as version 1 has it."""
    view = await instance.see_instance(call.env)
    return Answer(present_old_instance(view, call.room.site))


async def peers(call: MastodonCall) -> Answer:
    """The servers known here: none, as nothing is federated."""
    del call
    return Answer([])


async def activity(call: MastodonCall) -> Answer:
    """The last twelve weeks."""
    return Answer([present_week(each) for each in await instance.see_activity(call.env)])


async def rules(call: MastodonCall) -> Answer:
    """The rules of the server."""
    return Answer(present_rules(call.env.settings))


async def extended_description(call: MastodonCall) -> Answer:
    """A longer text about the server."""
    return Answer(present_extended_description(call.env.settings))


async def privacy_policy(call: MastodonCall) -> Answer:
    """What the server keeps about people."""
    del call
    return Answer(present_privacy_policy())


async def languages(call: MastodonCall) -> Answer:
    """Every language that a status may be in."""
    del call
    return Answer(LANGUAGE_LIST)


async def translation_languages(call: MastodonCall) -> Answer:
    """From which languages into which others is translated: from none."""
    del call
    return Answer({})


async def absent(call: MastodonCall) -> Answer:
    """Terms of service and a list of blocked servers: there are none."""
    del call
    raise NotFound


def _public(path: str, handler: Handler[Renderer], entity: str) -> MastodonOperation:
    return MastodonOperation("GET", path, handler, entity, Caller.ANYONE, cache=PUBLIC)


OPERATIONS: Final = (
    _public("/api/v1/instance", show_old, "V1::Instance"),
    _public("/api/v2/instance", show, "Instance"),
    _public("/api/v1/instance/peers", peers, "[String]"),
    _public("/api/v1/instance/activity", activity, "[Week]"),
    _public("/api/v1/instance/rules", rules, "[Rule]"),
    _public("/api/v1/instance/extended_description", extended_description, "ExtendedDescription"),
    _public("/api/v1/instance/privacy_policy", privacy_policy, "PrivacyPolicy"),
    _public("/api/v1/instance/terms_of_service", absent, "TermsOfService"),
    _public("/api/v1/instance/terms_of_service/{date}", absent, "TermsOfService"),
    _public("/api/v1/instance/languages", languages, "[Language]"),
    _public("/api/v1/instance/translation_languages", translation_languages, "{}"),
    _public("/api/v1/instance/domain_blocks", absent, "[DomainBlock]"),
)
