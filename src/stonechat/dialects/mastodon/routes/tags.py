"""Tags: one tag, following and featuring it, the lists of those, and a tag's timeline."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.tags import Tag, present_featured_tag, present_tag
from stonechat.dialects.mastodon.forms.tags import KEPT, read_choice
from stonechat.dialects.mastodon.routes.timelines import answer_page, read_origin
from stonechat.domain import limits
from stonechat.domain.tags import TagView
from stonechat.domain.viewers import Caller, Viewer
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.services import tags
from stonechat.services.env import Env

Verb = Callable[[Env, Viewer, str], Awaitable[TagView]]


def _present(call: MastodonCall, found: Sequence[TagView]) -> list[Tag]:
    return [present_tag(tag, call.env.settings.base_url) for tag in found]


async def _answer(call: MastodonCall, verb: Verb) -> Answer:
    tag = await verb(call.env, call.viewer, call.path["name"])
    return Answer(present_tag(tag, call.env.settings.base_url))


async def followed(call: MastodonCall) -> Answer:
    """The tags that the viewer follows."""
    cursor = read_cursor(call.parameters, limits.TAGS_PAGE, has_min=False)
    page = await tags.list_followed(call.env, call.viewer, cursor)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, previous="since_id")
    return Answer(_present(call, page.items), headers=links)


async def featured(call: MastodonCall) -> Answer:
    """The tags on the viewer's profile."""
    found = await tags.list_featured(call.env, call.viewer.account_id)
    base_url = call.env.settings.base_url
    return Answer([present_featured_tag(tag, base_url) for tag in found])


async def feature(call: MastodonCall) -> Answer:
    """Put a tag on the viewer's profile."""
    maximum = limits.TAG_CHARACTERS_MAX + 1
    name = call.parameters.required_text("name", characters_max=maximum)
    tag = await tags.add_featured(call.env, call.viewer, name)
    return Answer(present_featured_tag(tag, call.env.settings.base_url))


async def unfeature(call: MastodonCall) -> Answer:
    """Take a tag off the viewer's profile."""
    await tags.remove_featured(call.env, call.viewer, call.path_id())
    return Answer({})


async def suggestions(call: MastodonCall) -> Answer:
    """Tags that the viewer might put on their profile."""
    return Answer(_present(call, await tags.suggest_featured(call.env, call.viewer)))


async def timeline(call: MastodonCall) -> Answer:
    """What everybody here said to everybody under a tag, answers included."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    choice = read_choice(call.path["name"], call.parameters)
    call.viewer, page = await tags.see_tagged(
        call.env, call.bearer, cursor, choice, read_origin(call)
    )
    return await answer_page(call, call.viewer, page, kept=KEPT)


def _verb(name: str, verb: Verb, scope: str, limit: str = "api") -> MastodonOperation:
    path = f"/api/v1/tags/{{name}}/{name}"
    return MastodonOperation(
        "POST", path, partial(_answer, verb=verb), "Tag", scope=scope, limit=limit
    )


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/tags/{name}", partial(_answer, verb=tags.see_tag), "Tag", Caller.ANYONE
    ),
    _verb("follow", tags.follow_tag, "write:follows", "follow"),
    _verb("unfollow", tags.unfollow_tag, "write:follows"),
    _verb("feature", tags.feature_tag, "write:accounts"),
    _verb("unfeature", tags.unfeature_tag, "write:accounts"),
    MastodonOperation("GET", "/api/v1/followed_tags", followed, "[Tag]", scope="read:follows"),
    MastodonOperation(
        "GET", "/api/v1/featured_tags", featured, "[FeaturedTag]", scope="read:accounts"
    ),
    MastodonOperation(
        "POST", "/api/v1/featured_tags", feature, "FeaturedTag", scope="write:accounts"
    ),
    MastodonOperation(
        "GET", "/api/v1/featured_tags/suggestions", suggestions, "[Tag]", scope="read:accounts"
    ),
    MastodonOperation(
        "DELETE", "/api/v1/featured_tags/{id}", unfeature, "{}", scope="write:accounts"
    ),
    MastodonOperation(
        "GET",
        "/api/v1/timelines/tag/{name}",
        timeline,
        "[Status]",
        Caller.ANYONE,
        "read:statuses",
        rides=True,
    ),
)
