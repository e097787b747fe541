"""Rendering: from glances to bytes, with as much as possible out of the cache.

This is the dialect's room: every handler finds it at `call.room`. Contributions, people and
categories are rendered once per version; which version is the current one was read in this very
request, so nothing is ever invalidated. A page of contributions costs one statement for the
viewer's marks, and one each for the pieces that are missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.comments import CommentRenderer
from stonechat.dialects.selfcommunity.entities.categories import (
    present_category,
    splice_followed,
)
from stonechat.dialects.selfcommunity.entities.contributions import (
    ContributionFragment,
    Labels,
    Waits,
    present_contribution,
    weigh,
)
from stonechat.dialects.selfcommunity.entities.labels import present_label
from stonechat.dialects.selfcommunity.entities.reactions import present_reaction
from stonechat.dialects.selfcommunity.entities.users import user_bytes
from stonechat.dialects.selfcommunity.inlays import make_polls
from stonechat.domain.ids import AccountId, CategoryId, StatusId
from stonechat.domain.labels import LabelView
from stonechat.domain.reactions import DEFAULT, REACTIONS
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.domain.views import FAVOURITED, MUTED, Glance, StatusView
from stonechat.http.fragments import Fragments
from stonechat.http.rates import RateLimits
from stonechat.kernel.errors import NotFound
from stonechat.services import contributions, members, views
from stonechat.services.contributions import Marks
from stonechat.services.drafts import WaitingView
from stonechat.services.env import Env

_encode: Final = msgspec.json.Encoder().encode
_JSON: Final = (b"false", b"true")
_NO_VERSION: Final = -1
"""What nothing has: a fragment of this version is loaded anew."""


def _labels(carried: Sequence[LabelView]) -> Labels:
    return Labels(
        tuple(each.id for each in carried if each.is_visible),
        any(each.boosts_visibility for each in carried),
    )


class Renderer:
    """Renders contributions, people and categories for any viewer."""

    def __init__(self, env: Env, rates: RateLimits) -> None:
        self._env = env
        self.rates = rates
        self.clock = env.clock
        self.base_url = env.settings.base_url
        self._seals = env.seals
        self._shows_tags = env.settings.community_addressing == "tags"
        size_mb = env.settings.fragment_cache_mb
        self._contributions: Fragments[ContributionFragment] = Fragments(size_mb // 2, weigh)
        self._users: Fragments[bytes] = Fragments(size_mb // 4, len)
        self._categories: Fragments[tuple[bytes, bytes]] = Fragments(
            size_mb // 4, lambda pair: 2 * len(pair[0])
        )
        self.reactions = {
            key: _encode(present_reaction(each, self.base_url)) for key, each in REACTIONS.items()
        }
        self.comments = CommentRenderer(env, self.authors, self.reactions)

    async def contributions(self, viewer: Viewer, glances: Sequence[Glance]) -> list[bytes]:
        """Statuses, posts and discussions in the order given."""
        if not glances:
            return []
        fragments = await self.fragments(glances)
        marks = await self._marks(viewer, fragments)
        return await self._join(viewer, glances, fragments, marks)

    async def contribution(self, viewer: Viewer, glance: Glance, kind: str) -> bytes:
        """One of them, which must be of this kind; NotFound for a comment and for other kinds."""
        fragment = (await self.fragments([glance]))[glance.id]
        if fragment.kind != kind or fragment.is_comment:
            raise NotFound
        return (await self.contributions(viewer, [glance]))[0]

    async def deleted(self, viewer: Viewer, view: StatusView, kind: str) -> bytes:
        """One that is not there any more, for whom may see it still."""
        glance = Glance(view.id, view.version, view.account_id, _NO_VERSION)
        return await self.contribution(viewer, glance, kind)

    async def waiting(self, viewer: Viewer, found: Sequence[WaitingView]) -> list[bytes]:
        """What the viewer has not said yet, as it will be; none of it is kept."""
        if not found:
            return []
        category_tags = await contributions.load_category_tags(
            self._env, (each.status for each in found)
        )
        fragments = {
            int(view.id): present_contribution(
                view,
                self.base_url,
                category_tags,
                shows_tags=self._shows_tags,
                waits=Waits(due_ms),
            )
            for view, due_ms in found
        }
        glances = [Glance(view.id, view.version, view.account_id, _NO_VERSION) for view, _ in found]
        marks = await self._marks(viewer, fragments)
        return await self._join(viewer, glances, fragments, marks)

    async def units(self, viewer: Viewer, glances: Sequence[Glance]) -> list[bytes]:
        """The same as they stand in feeds: each under the name of its kind, seen or not."""
        if not glances:
            return []
        fragments = await self.fragments(glances)
        marks = await self._marks(viewer, fragments)
        objects = await self._join(viewer, glances, fragments, marks)
        units: list[bytes] = []
        for glance, rendered in zip(glances, objects, strict=True):
            kind = fragments[glance.id].kind.encode()
            seen = glance.id in marks.seen
            seen_by = b"%d" % viewer.account_id if seen else b""
            units.append(
                b'{"type":"%b","%b":%b,"seen_by_id":[%b],"seen":%b,"has_boost":%b,"activities":[]}'
                % (
                    kind,
                    kind,
                    rendered,
                    seen_by,
                    _JSON[seen],
                    _JSON[fragments[glance.id].is_lifted],
                )
            )
        return units

    async def _join(
        self,
        viewer: Viewer,
        glances: Sequence[Glance],
        fragments: Mapping[int, ContributionFragment],
        marks: Marks,
    ) -> list[bytes]:
        authors = await self.authors({each.account_id: each.account_version for each in glances})
        categories = await self._category_pieces(marks)
        polls = await make_polls(self._env, viewer, glances, fragments)
        tags = await self._addressed(viewer, glances, fragments) if self._shows_tags else {}
        me, is_staff = viewer.account_id, viewer.role in STAFF
        joined: list[bytes] = []
        for glance in glances:
            fragment = fragments[glance.id]
            beginning, middle, ending = fragment.beginning, fragment.middle, fragment.ending
            poll = polls.get(glance.id, b"")
            if fragment.veiled is not None and glance.account_id != me and not is_staff:
                (beginning, middle, ending), poll = fragment.veiled, b""
            if fragment.is_sealed:
                middle, ending = self._seals.apply(middle, me), self._seals.apply(ending, me)
            shown = b",".join(
                categories[each] for each in fragment.categories if each in categories
            )
            joined.append(
                b"".join(
                    (
                        beginning,
                        shown,
                        middle,
                        authors[glance.account_id],
                        ending,
                        poll,
                        tags.get(glance.id, b""),
                        self.marks_of(glance, marks),
                        b"}",
                    )
                )
            )
        return joined

    async def _addressed(
        self,
        viewer: Viewer,
        glances: Sequence[Glance],
        fragments: Mapping[int, ContributionFragment],
    ) -> dict[int, bytes]:
        """Whom contributions are addressed to, as tags; for those only that are.

        Tags that not everybody may know of are named to who carries them, to staff and authors.
        """
        wanted = {each for fragment in fragments.values() for each in fragment.addressing}
        if not wanted:
            return {}
        found = await contributions.load_tags(self._env, sorted(wanted))
        known = {key for key, view in found.items() if view.is_open or viewer.role in STAFF}
        if len(known) < len(found):
            known |= await contributions.load_held(self._env, viewer)
        shown = {key: present_label(view, is_full=False) for key, view in found.items()}
        told: dict[int, bytes] = {}
        for glance in glances:
            is_own = glance.account_id == viewer.account_id
            addressing = fragments[glance.id].addressing
            if addressing:
                tags = [shown[each] for each in addressing if is_own or each in known]
                told[glance.id] = b',"addressing":' + _encode(tags)
        return told

    def marks_of(self, glance: Glance, marks: Marks) -> bytes:
        """What ends an object: what the viewer did with it."""
        reaction = DEFAULT if glance.flags & FAVOURITED else marks.reactions.get(glance.id)
        return b',"voted":%b,"reaction":%b,"followed":%b,"suspended":%b' % (
            _JSON[reaction is not None],
            b"null" if reaction is None else self.reactions[reaction],
            _JSON[glance.id in marks.followed],
            _JSON[bool(glance.flags & MUTED)],
        )

    async def fragments(self, glances: Sequence[Glance]) -> dict[int, ContributionFragment]:
        """The rendered pieces of contributions, by id; what is missing is loaded."""
        found, missing = self._contributions.find_all([each[:2] for each in glances])
        if missing:
            loaded = await views.load_statuses(self._env, [StatusId(each) for each in missing])
            found |= await self._render(loaded)
        return found

    async def keep(self, view: StatusView) -> None:
        """Render what was just said, which is at hand, ahead of the question for it."""
        await self._render({view.id: view})

    async def _render(
        self, loaded: Mapping[StatusId, StatusView]
    ) -> dict[int, ContributionFragment]:
        category_tags = await contributions.load_category_tags(self._env, loaded.values())
        labelled = await contributions.load_labels(self._env, list(loaded))
        shared = {view.boost_of_id for view in loaded.values() if view.boost_of_id is not None}
        originals = await views.load_statuses(self._env, shared) if shared else {}
        rendered: dict[int, ContributionFragment] = {}
        for key, view in loaded.items():
            original = None if view.boost_of_id is None else originals.get(view.boost_of_id)
            fragment = present_contribution(
                view,
                self.base_url,
                category_tags,
                labels=_labels(labelled.get(key, ())),
                shared=original,
                shows_tags=self._shows_tags,
            )
            self._contributions.put(key, view.version, fragment)
            rendered[key] = fragment
        return rendered

    async def _marks(self, viewer: Viewer, fragments: Mapping[int, ContributionFragment]) -> Marks:
        ids = [StatusId(each) for each in fragments]
        wanted = {each for fragment in fragments.values() for each in fragment.categories}
        return await contributions.load_marks(self._env, viewer, ids, sorted(wanted))

    async def authors(self, versions: Mapping[AccountId, int]) -> dict[int, bytes]:
        """Users by id, whose versions were just read."""
        found, missing = self._users.find_all(versions.items())
        if missing:
            found |= await self.users([AccountId(each) for each in missing])
        return found

    async def users(self, ids: Iterable[AccountId]) -> dict[int, bytes]:
        """Users as they are now, by id; freshly loaded."""
        found: dict[int, bytes] = {}
        for account_id, view in (await members.load_members(self._env, list(ids))).items():
            rendered = user_bytes(view, self.base_url)
            self._users.put(account_id, view.version, rendered)
            found[account_id] = rendered
        return found

    async def user_list(self, ids: Sequence[AccountId]) -> list[bytes]:
        """Users in the order given; those that are gone are left out."""
        found = await self.users(ids)
        return [found[each] for each in ids if each in found]

    async def categories(self, viewer: Viewer, ids: Sequence[CategoryId]) -> list[bytes]:
        """Open categories in the order given."""
        marks = await contributions.load_marks(self._env, viewer, [], ids)
        pieces = await self._category_pieces(marks)
        return [pieces[each] for each in ids if each in pieces]

    async def _category_pieces(self, marks: Marks) -> dict[int, bytes]:
        if not marks.categories:
            return {}
        found, missing = self._categories.find_all(marks.categories.items())
        if missing:
            loaded = await contributions.load_categories(
                self._env, [CategoryId(each) for each in missing]
            )
            for key, view in loaded.items():
                encoded = _encode(present_category(view, self.base_url))
                pair = (
                    splice_followed(encoded, is_followed=False),
                    splice_followed(encoded, is_followed=True),
                )
                self._categories.put(key, view.version, pair)
                found[key] = pair
        followed = marks.followed_categories
        return {key: pair[key in followed] for key, pair in found.items()}
