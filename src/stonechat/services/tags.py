"""Tags: seeing, following and featuring them, and what is said under them.

Following a tag brings what is said under it from now on into one's home, by the transaction
that says it (`delivering`), or by a job where very many follow.
"""

from collections.abc import Mapping, Sequence

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.tags import (
    FeaturedTagView,
    TagChoice,
    TagView,
    first_id_of_history,
    make_history,
    read_tag,
)
from stonechat.domain.text.entities import Hashtag
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Glance
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.storage import category_followers, glances, statuses, tag_timelines, tags
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.jobs import enqueueing
from stonechat.storage.statuses import Statement


async def see_tags(env: Env, viewer: Viewer, names: Sequence[str]) -> list[TagView]:
    """Tags in the order given, each with its last days. Two statements, one for nobody."""
    now_ms = env.clock.now_ms()
    days = await tags.load_days(env.db, names, first_id_of_history(now_ms))
    histories = {name: make_history(days.get(name, {}), now_ms) for name in names}
    if not viewer.is_person:
        return [TagView(name, histories[name]) for name in names]
    marks = await tags.load_marks(env.db, viewer.account_id, names)
    return [
        TagView(name, histories[name], name in marks.followed, name in marks.featured)
        for name in names
    ]


def _tag_at(spelling: str) -> str:
    tag = read_tag(spelling)
    if tag is None:
        raise NotFound
    return tag.name


async def see_tag(env: Env, viewer: Viewer, spelling: str) -> TagView:
    """One tag, used or not; NotFound where the text is no tag at all."""
    return (await see_tags(env, viewer, [_tag_at(spelling)]))[0]


async def follow_tag(env: Env, viewer: Viewer, spelling: str) -> TagView:
    """Have what is said under a tag in one's home from now on. Twice is once."""
    name = _tag_at(spelling)

    async def work(tx: Transaction) -> None:
        marks = await tags.load_marks(tx, viewer.account_id, [name])
        if name in marks.followed:
            return
        if await tags.count_follows(tx, viewer.account_id) >= limits.FOLLOWED_TAGS_MAX:
            raise InvalidInput(
                f"Validation failed: More than {limits.FOLLOWED_TAGS_MAX} tags cannot be followed"
            )
        await tags.insert_follow(tx, viewer.account_id, name, env.ids.next_id())

    await env.db.write(work)
    return (await see_tags(env, viewer, [name]))[0]


async def unfollow_tag(env: Env, viewer: Viewer, spelling: str) -> TagView:
    """Follow a tag no more; what came into one's home through it stays there."""
    name = _tag_at(spelling)

    async def work(tx: Transaction) -> None:
        if await category_followers.is_forced(tx, name):
            raise NotAllowed("This category is followed by everybody")
        await tags.delete_follow(tx, viewer.account_id, name)

    await env.db.write(work)
    return (await see_tags(env, viewer, [name]))[0]


async def list_followed(env: Env, viewer: Viewer, cursor: Cursor) -> Page[TagView]:
    """The tags that the viewer follows, the newest follow first."""
    rows = await tags.list_follows(env.db, viewer.account_id, cursor)
    found = await see_tags(env, viewer, [name for _, name in rows])
    if not rows:
        return Page(found)
    return Page(found, rows[0][0], rows[-1][0], len(rows) == cursor.limit)


async def _feature(env: Env, viewer: Viewer, tag: Hashtag) -> None:
    async def work(tx: Transaction) -> None:
        featured = await tags.list_featured_names(tx, viewer.account_id)
        if tag.name in featured:
            return
        if len(featured) >= limits.FEATURED_TAGS_MAX:
            raise InvalidInput(
                f"Validation failed: More than {limits.FEATURED_TAGS_MAX} tags cannot be featured"
            )
        await tags.insert_featured(
            tx,
            viewer.account_id,
            tag=tag.name,
            spelling=tag.spelling,
            featured_id=env.ids.next_id(),
        )

    await env.db.write(work)


async def feature_tag(env: Env, viewer: Viewer, spelling: str) -> TagView:
    """Show a tag on one's profile. Twice is once."""
    tag = read_tag(spelling)
    if tag is None:
        raise NotFound
    await _feature(env, viewer, tag)
    return (await see_tags(env, viewer, [tag.name]))[0]


async def unfeature_tag(env: Env, viewer: Viewer, spelling: str) -> TagView:
    """Show a tag on one's profile no more."""
    name = _tag_at(spelling)
    await env.db.write(lambda tx: tags.delete_featured(tx, viewer.account_id, name))
    return (await see_tags(env, viewer, [name]))[0]


async def list_featured(env: Env, account_id: AccountId) -> list[FeaturedTagView]:
    """What an account features, oldest first; whether its profile may be seen was asked before."""
    return await tags.list_featured(env.db, account_id)


async def add_featured(env: Env, viewer: Viewer, spelling: str) -> FeaturedTagView:
    """Show a tag on one's profile, named in a form; a wrong name is the form's fault."""
    tag = read_tag(spelling)
    if tag is None:
        raise InvalidInput("Validation failed: Name is not a hashtag", field="name")
    await _feature(env, viewer, tag)
    found = await tags.list_featured(env.db, viewer.account_id)
    return next(each for each in found if each.tag == tag.name)


async def remove_featured(env: Env, viewer: Viewer, featured_id: int) -> None:
    """Show a tag on one's profile no more, named by the id that it has there."""

    async def work(tx: Transaction) -> bool:
        return await tags.delete_featured_by_id(tx, viewer.account_id, featured_id)

    if not await env.db.write(work):
        raise NotFound


async def suggest_featured(env: Env, viewer: Viewer) -> list[TagView]:
    """The tags that the viewer used most of late and does not feature."""
    names = await tags.list_used(env.db, viewer.account_id, limits.FEATURED_TAGS_MAX)
    return await see_tags(env, viewer, names)


async def see_tagged(
    env: Env, bearer: Bearer, cursor: Cursor, choice: TagChoice, origin: Origin
) -> tuple[Viewer, Page[Glance]]:
    """What everybody here said to everybody under tags. Two statements."""
    now_ms = env.clock.now_ms()
    facts, rows = await tag_timelines.list_tagged(
        env.db, bearer.hash, cursor, choice, origin, now_ms=now_ms
    )
    viewer = admit(bearer, facts)
    found = await glances.load_glances(env.db, viewer.account_id, rows, is_visible=True)
    if not rows:
        return viewer, Page(found)
    return viewer, Page(found, rows[0].id, rows[-1].id, len(rows) == cursor.limit)


async def delivering(env: Env, tx: Reader, status: Status) -> list[Statement]:
    """The statements that bring a new status, if it is public, to those who follow its tags.

    They look at its mentions, so they belong behind the write set of the status itself.
    """
    if not status.tags or status.visibility != Visibility.PUBLIC:
        return []
    most = limits.FANOUT_IN_TRANSACTION_FOLLOWERS_MAX
    followers = await tag_timelines.count_followers(tx, status.tags, most + 1)
    if followers > most:
        payload = {"status_id": status.id}
        return [enqueueing(env.ids.next_id(), "fan_out_tags", payload, ms_of_id(status.id))]
    return [tag_timelines.fanning_out_tags(status)] if followers else []


async def fan_out_tags(env: Env, payload: Mapping[str, object]) -> None:
    """Bring a status to very many followers of its tags; those that have it keep it."""
    status_id = StatusId(int(str(payload["status_id"])))

    async def work(tx: Transaction) -> None:
        status = await statuses.find(tx, status_id)
        if status is not None and status.deleted_ms is None and status.tags:
            await tx.run_all(tag_timelines.fanning_out_tags(status))

    await env.db.write(work)
