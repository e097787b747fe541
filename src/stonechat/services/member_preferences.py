"""What clients keep for a member: small JSON under names of the clients' own.

Only the member themselves and those who run the community get at it; for everybody else there is
no such member.
"""

from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.members import KeptView
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services.env import Env
from stonechat.storage import accounts, member_preferences
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.member_preferences import PreferenceRow


class KeepOrder(NamedTuple):
    """What is to be kept; None leaves a part as it is."""

    name: str | None
    value: str | None


async def _ensure_allowed(tx: Reader, viewer: Viewer, account_id: AccountId) -> None:
    if viewer.account_id != account_id and viewer.role not in ADMINISTRATORS:
        raise NotAllowed
    found = (await accounts.load_views(tx, [account_id])).get(account_id)
    if found is None or found.state not in PRESENT_STATES:
        raise NotFound


async def list_kept(env: Env, viewer: Viewer, account_id: AccountId) -> list[KeptView]:
    """All that is kept for a member, newest first."""
    await _ensure_allowed(env.db, viewer, account_id)
    return [_view(account_id, row) for row in await member_preferences.list_all(env.db, account_id)]


def _view(account_id: AccountId, row: PreferenceRow) -> KeptView:
    return KeptView(row.id, account_id, row.name, row.value, row.changed_ms)


async def see_kept(env: Env, viewer: Viewer, account_id: AccountId, preference_id: int) -> KeptView:
    """One thing that is kept for a member."""
    await _ensure_allowed(env.db, viewer, account_id)
    row = await member_preferences.find(env.db, account_id, preference_id)
    if row is None:
        raise NotFound
    return _view(account_id, row)


async def keep(env: Env, viewer: Viewer, account_id: AccountId, order: KeepOrder) -> KeptView:
    """Keep something more for a member; a name is taken once."""
    name, value = order.name or "", order.value or "null"

    async def work(tx: Transaction) -> KeptView:
        await accounts.lock(tx, account_id)
        await _ensure_allowed(tx, viewer, account_id)
        await _ensure_free(tx, account_id, name)
        if len(await member_preferences.list_all(tx, account_id)) >= limits.MEMBER_PREFERENCES_MAX:
            words = f"No more than {limits.MEMBER_PREFERENCES_MAX} preferences can be kept"
            raise InvalidInput(words, rule="too_many")
        row = PreferenceRow(env.ids.next_id(), name, value, env.clock.now_ms())
        await member_preferences.insert(tx, account_id, row)
        return _view(account_id, row)

    return await env.db.write(work)


async def _ensure_free(tx: Reader, account_id: AccountId, name: str) -> None:
    if await member_preferences.find_by_name(tx, account_id, name) is not None:
        message = "Validation failed: Key has already been taken"
        raise InvalidInput(message, field="key", rule="taken")


async def keep_otherwise(
    env: Env, viewer: Viewer, account_id: AccountId, preference_id: int, order: KeepOrder
) -> KeptView:
    """Change what is kept."""

    async def work(tx: Transaction) -> KeptView:
        await accounts.lock(tx, account_id)
        await _ensure_allowed(tx, viewer, account_id)
        row = await member_preferences.find(tx, account_id, preference_id)
        if row is None:
            raise NotFound
        name = row.name if order.name is None else order.name
        if name != row.name:
            await _ensure_free(tx, account_id, name)
        value = row.value if order.value is None else order.value
        changed = PreferenceRow(row.id, name, value, env.clock.now_ms())
        await member_preferences.update(tx, account_id, changed)
        return _view(account_id, changed)

    return await env.db.write(work)


async def keep_no_longer(
    env: Env, viewer: Viewer, account_id: AccountId, preference_id: int
) -> None:
    """Take away what is kept."""

    async def work(tx: Transaction) -> None:
        await _ensure_allowed(tx, viewer, account_id)
        if not await member_preferences.delete(tx, account_id, preference_id):
            raise NotFound

    await env.db.write(work)
