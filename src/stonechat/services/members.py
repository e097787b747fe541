"""Members: accounts as a community shows them, found, looked at, changed.

An account that is suspended, deleted or not let in yet answers as one that does not exist. A name
finds everybody, as it does elsewhere; lists without a name have only those who want to be found,
except for those who run the community.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stonechat.domain import limits
from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.members import (
    SETTINGS,
    Details,
    MemberSearch,
    MemberView,
    Window,
)
from stonechat.domain.profiles import ProfileChange
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.domain.views import CredentialView, RelationshipView
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.kernel.paging import Cursor
from stonechat.services.accounts import SearchAccounts, search_accounts
from stonechat.services.credentials import change_profile, see_credentials
from stonechat.services.env import Env
from stonechat.storage import accounts, blocks, members, relationships
from stonechat.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a list of members, how many the list has, and whether it goes on."""

    members: Sequence[MemberView]
    count: int
    has_more: bool


async def load_members(env: Env, ids: Sequence[AccountId]) -> dict[AccountId, MemberView]:
    """Members by id, whatever the state of their accounts."""
    return await members.load_views(env.db, list(dict.fromkeys(ids))) if ids else {}


async def see_member(env: Env, account_id: AccountId) -> MemberView:
    """One member, or NotFound."""
    member = (await load_members(env, [account_id])).get(account_id)
    if member is None or member.account.state not in PRESENT_STATES:
        raise NotFound
    return member


async def see_pair(env: Env, viewer: Viewer, account_id: AccountId) -> RelationshipView:
    """What lies between the viewer and a member."""
    pairs = await relationships.load_pairs(
        env.db, viewer.account_id, [account_id], env.clock.now_ms()
    )
    pair = pairs.get(account_id)
    if pair is None or pair.state not in PRESENT_STATES:
        raise NotFound
    return pair.view


async def see_own(env: Env, viewer: Viewer) -> tuple[MemberView, CredentialView]:
    """The viewer's own account, with what only they may know."""
    member = await see_member(env, viewer.account_id)
    return member, await see_credentials(env, viewer)


async def find_members(env: Env, viewer: Viewer, search: MemberSearch, window: Window) -> Found:
    """Members who are looked for."""
    is_staff = viewer.role in STAFF
    hider_id, now_ms = NOBODY if is_staff else viewer.account_id, env.clock.now_ms()
    if not search.compares:
        ids, count = await members.list_page(
            env.db,
            hider_id,
            now_ms,
            only_findable=not is_staff,
            window=Window(window.limit + 1, window.offset),
        )
        shown = await _in_order(env, ids[: window.limit])
        return Found(shown, count, len(ids) > window.limit)
    pools = [
        await members.list_candidates(env.db, hider_id, now_ms, source, only_findable=not is_staff)
        for source in search.sources
    ]
    if search.words:
        order = SearchAccounts(search.words, limits.MEMBERS_CONSIDERED_MAX)
        pools.insert(0, await search_accounts(env, viewer, order))
    # The first one says in which order they come.
    ids = [each for each in pools[0] if all(each in pool for pool in pools[1:])]
    today = env.clock.now().date()
    fitting = [each for each in await _in_order(env, ids) if search.fits(each, today)]
    return cut(search.put_in_order(fitting), window)


async def _in_order(env: Env, ids: Sequence[AccountId]) -> list[MemberView]:
    found = await load_members(env, ids)
    return [found[account_id] for account_id in ids if account_id in found]


def cut(found: Sequence[MemberView], window: Window) -> Found:
    """A part of a list that is at hand whole."""
    end = window.offset + window.limit
    return Found(found[window.offset : end], len(found), len(found) > end)


async def match_usernames(env: Env, usernames: Sequence[str]) -> list[MemberView]:
    """Those of the names that somebody has here."""
    known = await accounts.load_local_ids(env.db, usernames)
    ids = [account_id for account_id, _, state in known.values() if state in PRESENT_STATES]
    return await _in_order(env, ids)


async def list_hidden_ids(env: Env, viewer: Viewer) -> list[AccountId]:
    """Whom the viewer hides, the newest first, up to a bound."""
    cursor = Cursor(limits.HIDDEN_MEMBERS_MAX)
    rows = await blocks.list_mutes(env.db, viewer.account_id, cursor, env.clock.now_ms())
    return [account_id for _, account_id, _ in rows]


async def list_hidden(env: Env, viewer: Viewer, search: MemberSearch, window: Window) -> Found:
    """Whom the viewer hides, as far as they are looked for."""
    hidden = await _in_order(env, await list_hidden_ids(env, viewer))
    today = env.clock.now().date()
    fitting = [each for each in hidden if search.fits(each, today) and _is_named(each, search)]
    return cut(search.put_in_order(fitting), window)


def _is_named(member: MemberView, search: MemberSearch) -> bool:
    name = search.name.casefold()
    account = member.account
    return name in account.username.casefold() or name in account.display_name.casefold()


def ensure_self(viewer: Viewer, account_id: AccountId) -> None:
    """NotAllowed for whoever is not that member."""
    if viewer.account_id != account_id:
        raise NotAllowed


async def change_member(
    env: Env,
    viewer: Viewer,
    change: ProfileChange,
    amend: Callable[[Details, date], Details],
    uploads: Mapping[str, bytes],
) -> MemberView:
    """Change what the viewer tells about themselves; `amend` makes new details of the old."""

    async def besides(tx: Transaction) -> None:
        before = await members.get_details(tx, viewer.account_id)
        after = amend(before, env.clock.now().date())
        if after != before:
            await members.update_details(tx, viewer.account_id, after)

    await change_profile(env, viewer, change, uploads, besides)
    return await see_member(env, viewer.account_id)


async def see_settings(env: Env, viewer: Viewer) -> dict[str, int]:
    """What the viewer set, and the defaults of the rest."""
    return _whole(await members.get_settings(env.db, viewer.account_id))


def _whole(said: Mapping[str, int]) -> dict[str, int]:
    return {name: said.get(name, default) for name, (default, _) in SETTINGS.items()}


async def change_settings(env: Env, viewer: Viewer, change: Mapping[str, int]) -> dict[str, int]:
    """Set something otherwise; everything as it is then."""

    async def work(tx: Transaction) -> dict[str, int]:
        await accounts.lock(tx, viewer.account_id)
        said = await members.get_settings(tx, viewer.account_id) | dict(change)
        await members.update_settings(tx, viewer.account_id, said)
        return _whole(said)

    return await env.db.write(work) if change else await see_settings(env, viewer)
