"""Rendering: from glances to bytes, with as much as possible out of the cache.

This is the dialect's room: every handler finds it at `call.room`. It holds the rendered heads
of statuses and the rendered accounts, and it is the only place that knows when a view must be
loaded: for the fragments that are missing, all of them in one statement each.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site, present_account
from stonechat.dialects.mastodon.entities.filters import present_results
from stonechat.dialects.mastodon.entities.statuses import (
    ANONYMOUS_TAIL,
    TAILS,
    UNFILTERED,
    present_head,
    splice,
)
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.http.fragments import Fragments
from stonechat.services import filters, views
from stonechat.services.env import Env

_encode: Final = msgspec.json.Encoder().encode


class StatusFragment(NamedTuple):
    """A rendered head, and the words in it that filters look at."""

    head: bytes
    searchable: str


class Renderer:
    """Renders statuses and accounts for any viewer."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self.site = Site(env.settings.base_url, env.settings.domain)
        self.heads: Fragments[StatusFragment] = Fragments(env.settings.fragment_cache_mb)
        self.accounts_kept: Fragments[bytes] = Fragments(env.settings.fragment_cache_mb // 4)

    async def status(self, viewer: Viewer, glance: Glance) -> bytes:
        """One Status."""
        return (await self.statuses(viewer, (glance,)))[0]

    async def statuses(self, viewer: Viewer, glances: Sequence[Glance]) -> list[bytes]:
        """Statuses in the order given."""
        every = [*glances, *(each.boost_of for each in glances if each.boost_of is not None)]
        heads = await self._heads(every)
        accounts = await self._accounts({each.account_id: each.account_version for each in every})
        results: dict[int, bytes] = {}
        if viewer.has_filters:
            words = {each.id: heads[each.id].searchable for each in every}
            found = await filters.match_statuses(self._env, viewer, words)
            results = {key: _encode(present_results(each)) for key, each in found.items()}
        is_person = viewer.is_person

        def render(glance: Glance) -> bytes:
            inner = b"null" if glance.boost_of is None else render(glance.boost_of)
            tail = ANONYMOUS_TAIL
            if is_person:
                key = glance.id if glance.boost_of is None else glance.boost_of.id
                tail = TAILS[glance.flags] + results.get(key, UNFILTERED) + b"}"
            return splice(heads[glance.id].head, accounts[glance.account_id], inner, tail)

        return [render(glance) for glance in glances]

    async def status_list(self, viewer: Viewer, glances: Sequence[Glance]) -> bytes:
        """A JSON array of Statuses."""
        return b"[" + b",".join(await self.statuses(viewer, glances)) + b"]"

    async def _heads(self, glances: Sequence[Glance]) -> dict[int, StatusFragment]:
        found: dict[int, StatusFragment] = {}
        missing: list[Glance] = []
        for glance in glances:
            fragment = self.heads.find(glance.id, glance.version)
            if fragment is None:
                missing.append(glance)
            else:
                found[glance.id] = fragment
        if missing:
            loaded = await views.load_statuses(self._env, [each.id for each in missing])
            for status_id, view in loaded.items():
                fragment = StatusFragment(
                    _encode(present_head(view, self.site)), f"{view.spoiler}\n{view.text}"
                )
                self.heads.put(status_id, view.version, fragment)
                found[status_id] = fragment
        return found

    async def _accounts(self, versions: dict[AccountId, int]) -> dict[AccountId, bytes]:
        found: dict[AccountId, bytes] = {}
        missing: list[AccountId] = []
        for account_id, version in versions.items():
            fragment = self.accounts_kept.find(account_id, version)
            if fragment is None:
                missing.append(account_id)
            else:
                found[account_id] = fragment
        if missing:
            found.update(await self.accounts(missing))
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
