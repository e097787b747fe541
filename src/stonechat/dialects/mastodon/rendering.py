"""Rendering: from glances to bytes, with as much as possible out of the cache.

This is the dialect's room: every handler finds it at `call.room`. It holds the rendered heads
of statuses and the rendered accounts, and it is the only place that knows when a view must be
loaded: for the fragments that are missing, all of them in one statement each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site, present_account
from stonechat.dialects.mastodon.entities.filters import present_results
from stonechat.dialects.mastodon.entities.statuses import (
    ANONYMOUS_TAILS,
    PERSON_TAILS,
    approval_of,
    is_sealed,
    open_head,
    policy_of,
    present_head,
)
from stonechat.dialects.mastodon.inlays import (
    StatusFragment,
    inlay_of,
    load_quotable,
    make_inlays,
    searchable_words,
    weigh_fragment,
)
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance, StatusView
from stonechat.http.fragments import Fragments
from stonechat.services import filters, views
from stonechat.services.env import Env

_encode: Final = msgspec.json.Encoder().encode
# As plain numbers, for they are looked at once for every status of a page.
_EVERYBODY: Final = int(QuotePolicy.PUBLIC)
_FOLLOWERS: Final = int(QuotePolicy.FOLLOWERS)


class Renderer:
    """Renders statuses and accounts for any viewer."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self.site = Site(env.settings.base_url, env.settings.domain)
        size_mb = env.settings.fragment_cache_mb
        self.heads: Fragments[StatusFragment] = Fragments(size_mb, weigh_fragment)
        self.accounts_kept: Fragments[bytes] = Fragments(size_mb // 4, len)
        self.seals = env.seals

    async def status(self, viewer: Viewer, glance: Glance) -> bytes:
        """One Status."""
        return (await self.statuses(viewer, (glance,)))[0]

    async def statuses(self, viewer: Viewer, glances: Sequence[Glance]) -> list[bytes]:
        """Statuses in the order given."""
        pieces_of = await self._pieces_of(viewer, glances)
        return [b"".join(pieces_of(glance)) for glance in glances]

    async def _quoted(self, viewer: Viewer, glances: Sequence[Glance]) -> list[bytes]:
        """Statuses inside of others; what they quote themselves is only named."""
        pieces_of = await self._pieces_of(viewer, glances, is_quoted=True)
        return [b"".join(pieces_of(glance)) for glance in glances]

    async def status_list(self, viewer: Viewer, glances: Sequence[Glance]) -> bytes:
        """A JSON array of Statuses."""
        if not glances:
            return b"[]"
        pieces_of = await self._pieces_of(viewer, glances)
        pieces: list[bytes] = [b"["]
        for glance in glances:
            pieces += pieces_of(glance)
            pieces.append(b",")
        pieces[-1] = b"]"
        return b"".join(pieces)

    async def _pieces_of(
        self, viewer: Viewer, glances: Sequence[Glance], *, is_quoted: bool = False
    ) -> Callable[[Glance], list[bytes]]:
        """What makes the pieces of a Status; joining them is the only copy of the page."""
        every = [*glances, *(each.boost_of for each in glances if each.boost_of is not None)]
        heads = await self._heads(every)
        accounts = await self._accounts({each.account_id: each.account_version for each in every})
        results = await self._filtered(viewer, every, heads)
        followed: set[AccountId] = set()
        inlays: dict[int, bytes] = {}
        if any(head.is_particular for head in heads.values()):
            followed = await load_quotable(self._env, viewer, every, heads)
            render = None if is_quoted else partial(self._quoted, viewer)
            inlays = await make_inlays(self._env, viewer, every, heads, render)
        tails = PERSON_TAILS if viewer.is_person else ANONYMOUS_TAILS
        me, is_person = viewer.account_id, viewer.is_person

        def pieces_of(glance: Glance) -> list[bytes]:
            original, author_id = glance.boost_of, glance.account_id
            head, _, policy, is_sealed_for_each, inlay, _ = heads[glance.id]
            if is_sealed_for_each:
                head = self.seals.apply(head, me)
            begun = [head, accounts[author_id]]
            if inlay is not None:
                begun.append(inlays[glance.id])
            is_allowed = is_person and (
                policy == _EVERYBODY
                or author_id == me
                or (policy == _FOLLOWERS and author_id in followed)
            )
            approval = approval_of(policy, is_allowed)
            if original is None:
                filtered = results.get(glance.id)
                return (
                    [*begun, tails.whole[approval][glance.flags]]
                    if filtered is None
                    else [
                        *begun,
                        b',"reblog":null',
                        tails.open[approval][glance.flags],
                        filtered,
                        b"}",
                    ]
                )
            filtered = results.get(original.id, tails.unfiltered)
            end = [tails.open[approval][glance.flags], filtered, b"}"]
            return [*begun, b',"reblog":', *pieces_of(original), *end]

        return pieces_of

    async def _filtered(
        self, viewer: Viewer, glances: Sequence[Glance], heads: Mapping[int, StatusFragment]
    ) -> Mapping[int, bytes]:
        """The viewer's FilterResults by status, rendered; only those that are not empty."""
        if not viewer.has_filters:
            return {}
        words = {each.id: heads[each.id].searchable for each in glances}
        found = await filters.match_statuses(self._env, viewer, words)
        return {key: _encode(present_results(each)) for key, each in found.items()}

    async def _heads(self, glances: Sequence[Glance]) -> dict[int, StatusFragment]:
        found, missing = self.heads.find_all([glance[:2] for glance in glances])
        if missing:
            loaded = await views.load_statuses(self._env, [StatusId(each) for each in missing])
            found.update((status_id, self.keep(view)) for status_id, view in loaded.items())
        return found

    def keep(self, view: StatusView) -> StatusFragment:
        """Render a status's head ahead of the question for it."""
        policy, inlay = policy_of(view), inlay_of(view)
        fragment = StatusFragment(
            open_head(present_head(view, self.site)),
            searchable_words(view),
            policy,
            bool(view.media) and is_sealed(view.visibility),
            inlay,
            policy == _FOLLOWERS or inlay is not None,
        )
        self.heads.put(view.id, view.version, fragment)
        return fragment

    async def _accounts(self, versions: Mapping[AccountId, int]) -> Mapping[int, bytes]:
        found, missing = self.accounts_kept.find_all(versions.items())
        if missing:
            found |= await self.accounts([AccountId(each) for each in missing])
        return found

    async def accounts(self, account_ids: Iterable[AccountId]) -> dict[AccountId, bytes]:
        """Accounts as they are now, by id; freshly loaded."""
        loaded = await views.load_accounts(self._env, account_ids)
        found: dict[AccountId, bytes] = {}
        for account_id, view in loaded.items():
            rendered = _encode(present_account(view, self.site))
            self.accounts_kept.put(account_id, view.version, rendered)
            found[account_id] = rendered
        return found

    async def account_list(self, account_ids: Sequence[AccountId]) -> bytes:
        """A JSON array of Accounts in the order given; those that are gone are left out."""
        found = await self.accounts(account_ids)
        return b"[" + b",".join(found[key] for key in account_ids if key in found) + b"]"
