"""Rendering comments: from glances to bytes, with as much as possible out of the cache.

A part of the dialect's room, as rendering.py is for contributions. A page costs one statement for
the viewer's votes and one for each kind of piece that is missing, however many comments are shown
beneath those of the page.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain
from typing import Final, TypeAlias

from stonechat.dialects.selfcommunity.entities.comments import (
    CommentFragment,
    OwnerFragment,
    present_comment,
    present_owner,
)
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.reactions import DEFAULT
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.domain.views import FAVOURITED, Glance, StatusView
from stonechat.http.fragments import Fragments
from stonechat.services import contributions, views
from stonechat.services.comments import FoundComments
from stonechat.services.env import Env

Authors: TypeAlias = Callable[[Mapping[AccountId, int]], Awaitable[dict[int, bytes]]]
_JSON: Final = (b"false", b"true")


def _weigh(fragment: CommentFragment) -> int:
    return len(fragment.words)


def _weigh_owner(fragment: OwnerFragment) -> int:
    return len(fragment.whole) + len(fragment.brief)


class _Page:
    """The pieces of one answer, all of them at hand."""

    __slots__ = ("authors", "fragments", "owners", "reactions", "votes")

    def __init__(self) -> None:
        self.fragments: dict[int, CommentFragment] = {}
        self.owners: dict[int, OwnerFragment] = {}
        self.authors: dict[int, bytes] = {}
        self.votes: Mapping[StatusId, int] = {}
        self.reactions: Mapping[int, bytes] = {}

    def vote(self, glance: Glance) -> bytes:
        """What the viewer gave."""
        reaction = DEFAULT if glance.flags & FAVOURITED else self.votes.get(glance.id)
        return b',"voted":%b,"reaction":%b,"flag_count":%b' % (
            _JSON[reaction is not None],
            b"null" if reaction is None else self.reactions[reaction],
            self.fragments[glance.id].flags,
        )


class CommentRenderer:
    """Renders comments for any viewer."""

    def __init__(self, env: Env, authors: Authors, reactions: Mapping[int, bytes]) -> None:
        """`authors` renders users, `reactions` are rendered already: both are the room's."""
        self._env = env
        self._authors = authors
        self._reactions = reactions
        size_mb = env.settings.fragment_cache_mb // 4
        self._comments: Fragments[CommentFragment] = Fragments(size_mb, _weigh)
        self._owners: Fragments[OwnerFragment] = Fragments(size_mb, _weigh_owner)

    async def one(self, viewer: Viewer, found: FoundComments) -> bytes:
        """The only comment that was found."""
        return (await self.page(viewer, found))[0]

    async def page(self, viewer: Viewer, found: FoundComments) -> list[bytes]:
        """Comments in the order given, with those beneath them."""
        if not found.comments:
            return []
        page = await self._load(viewer, found)
        return [self._whole(viewer, page, found, each) for each in found.comments]

    async def _load(self, viewer: Viewer, found: FoundComments) -> _Page:
        page = _Page()
        glances = list(chain(found.comments, *found.latest.values()))
        marks = await contributions.load_marks(
            self._env, viewer, list({each.id: None for each in glances}), []
        )
        page.votes, page.reactions = marks.reactions, self._reactions
        page.fragments = await self._load_fragments(glances)
        page.owners = await self._load_owners(dict(found.roots[each.id] for each in glances))
        page.authors = await self._authors(
            {each.account_id: each.account_version for each in glances}
        )
        return page

    async def _load_fragments(self, glances: Sequence[Glance]) -> dict[int, CommentFragment]:
        found, missing = self._comments.find_all([each[:2] for each in glances])
        if missing:
            loaded = await views.load_statuses(self._env, [StatusId(each) for each in missing])
            found |= await self._render(loaded)
        return found

    async def _render(self, loaded: Mapping[StatusId, StatusView]) -> dict[int, CommentFragment]:
        category_tags = await contributions.load_category_tags(self._env, loaded.values())
        rendered: dict[int, CommentFragment] = {}
        for key, view in loaded.items():
            rendered[key] = present_comment(view, self._env.settings.base_url, category_tags)
            self._comments.put(key, view.version, rendered[key])
        return rendered

    async def _load_owners(self, versions: Mapping[StatusId, int]) -> dict[int, OwnerFragment]:
        found, missing = self._owners.find_all(versions.items())
        if missing:
            loaded = await views.load_statuses(self._env, [StatusId(each) for each in missing])
            for key, view in loaded.items():
                found[key] = present_owner(view, self._env.settings.base_url)
                self._owners.put(key, view.version, found[key])
        return found

    def _words(self, viewer: Viewer, fragment: CommentFragment, glance: Glance) -> bytes:
        is_trusted = glance.account_id == viewer.account_id or viewer.role in STAFF
        if fragment.veiled is not None and not is_trusted:
            return fragment.veiled
        if fragment.is_sealed:
            return self._env.seals.apply(fragment.words, viewer.account_id)
        return fragment.words

    def _whole(self, viewer: Viewer, page: _Page, found: FoundComments, glance: Glance) -> bytes:
        beneath = found.latest.get(glance.id, ())
        return b'{"id":%d,"type":"comment","author":%b,%b%b,"latest_comments":[%b],%b}' % (
            glance.id,
            page.authors[glance.account_id],
            self._words(viewer, page.fragments[glance.id], glance),
            page.vote(glance),
            b",".join(self._brief(viewer, page, found, each) for each in beneath),
            page.owners[found.roots[glance.id][0]].whole,
        )

    def _brief(self, viewer: Viewer, page: _Page, found: FoundComments, glance: Glance) -> bytes:
        return b'{"id":%d,%b,"author":%b,%b%b}' % (
            glance.id,
            page.owners[found.roots[glance.id][0]].brief,
            page.authors[glance.account_id],
            self._words(viewer, page.fragments[glance.id], glance),
            page.vote(glance),
        )
