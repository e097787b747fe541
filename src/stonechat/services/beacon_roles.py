"""Roles on beacons: following, leaving, and what an owner gives and takes; and who hears of what.

Whoever changes roles holds the beacon's row, and the number of rows that really changed decides,
so that the count of subscribers is exact however many come and go at once. What changes raises
the version too: open pages look again at who may see what.
"""

from collections.abc import Sequence

from stonechat.domain import limits
from stonechat.domain.accounts import check_username
from stonechat.domain.beacon_roles import (
    BeaconSettings,
    BeaconUser,
    check_given_role,
    ensure_room_for_role,
    ensure_room_for_user,
    read_filters,
)
from stonechat.domain.beacons import (
    OWNER,
    ROLES,
    SUBSCRIBER,
    Address,
    Beacon,
    BeaconEvent,
    BeaconView,
    ensure_role,
)
from stonechat.domain.ids import NOBODY, AccountId, BeaconId
from stonechat.domain.relationships import ABSENT_STATES
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import beacon_notices
from stonechat.services.beacons import LIVE, Name, hold, see_as, see_shared
from stonechat.services.env import Env
from stonechat.storage import accounts, beacon_roles, beacons, relationships
from stonechat.storage import beacon_notices as notices
from stonechat.storage.database import Transaction

_UNFIT_STATES = ABSENT_STATES | {"suspended"}

# Lists ---------------------------------------------------------------------------------------


async def list_users(
    env: Env,
    view: BeaconView,
    *,
    above: AccountId = NOBODY,
    limit: int = limits.BEACON_USERS_PAGE[0],
) -> list[BeaconUser]:
    """Who has a role on a beacon that the viewer sees, by their account ids; or NotAllowed.

    The next page is above the last account of this one.
    """
    if not view.may(view.beacon.users_access):
        raise NotAllowed
    return await beacon_roles.list_users(env.db, view.beacon.id, above, limit)


# Following -----------------------------------------------------------------------------------


async def follow(env: Env, viewer: Viewer, address: Address) -> BeaconView:
    """Become a subscriber: of a public beacon at once, of a private one by a link that is good.

    Whoever has a role keeps it as it is, so that twice is once.
    """
    me = viewer.account_id

    async def work(tx: Transaction) -> bool:
        found = await beacons.find(tx, address.id, me)
        if found is None:
            raise NotFound
        if found.role is not None:
            return False
        owner_id = found.beacon.owner_id
        # Before the beacon: whoever blocks somebody holds both, and then takes roles away.
        pair = await relationships.find_locked_pair(tx, me, owner_id, env.clock.now_ms())
        view = await _hold_seen(env, tx, viewer, address)
        if pair is None or pair.view.is_blocking or pair.view.is_blocked_by:
            raise NotAllowed
        await _ensure_room(tx, view.beacon, me)
        via = "followed" if address.secret is None else "link"
        now_ms = env.clock.now_ms()
        return await beacon_roles.add(
            tx, view.beacon.id, me, role=SUBSCRIBER, via=via, now_ms=now_ms
        )

    if await env.db.write(work):
        env.wake_live(LIVE, address.id)
    return await see_shared(env, me, Address(address.id))


async def _ensure_room(tx: Transaction, beacon: Beacon, account_id: AccountId) -> None:
    # Both are held, the account by its pair: nobody gives it another role before the commit.
    ensure_room_for_user(beacon)
    ensure_room_for_role(await beacon_roles.count_of(tx, account_id))


async def _hold_seen(env: Env, tx: Transaction, viewer: Viewer, address: Address) -> BeaconView:
    """The beacon of an address that is good for the viewer, held until the commit."""
    me, engine = viewer.account_id, env.db.engine
    held = await beacons.find_locked(tx, engine, address.id, me)
    if held is None or (address.secret is None and not held.beacon.is_public):
        raise NotFound
    if address.secret is not None:
        now_ms = env.clock.now_ms()
        # Looked up while nobody ends it: a link that is ended lets nobody in any more.
        if await beacons.find_by_link(tx, address.id, me, address.secret, now_ms) is None:
            raise NotFound
    return held


async def leave(env: Env, viewer: Viewer, beacon_id: BeaconId) -> None:
    """Have no role on a beacon any more. An owner cannot leave."""

    async def work(tx: Transaction) -> bool:
        view = await beacons.find_locked(tx, env.db.engine, beacon_id, viewer.account_id)
        if view is None or (view.role is None and not view.beacon.is_public):
            raise NotFound
        if view.role == OWNER:
            raise NotAllowed("An owner cannot leave; they may delete it")
        return await _end(tx, beacon_id, viewer.account_id)

    if await env.db.write(work):
        env.wake_live(LIVE, beacon_id)


async def _end(tx: Transaction, beacon_id: BeaconId, account_id: AccountId) -> bool:
    """Take a role with all that hung on it, for whoever holds the beacon; whether there was one."""
    if not await beacon_roles.remove(tx, beacon_id, account_id):
        return False
    await notices.forget(tx, beacon_id, account_id)
    return True


# Giving and taking ---------------------------------------------------------------------------


async def give_role(env: Env, viewer: Viewer, name: Name, username: str, role: str) -> BeaconUser:
    """Invite somebody as an updater or subscriber, or make the one the other; for the owner.

    They hear of it. Nobody can be invited across a block, in whichever direction.
    """
    check_given_role(role)

    async def work(tx: Transaction) -> BeaconUser:
        # Rights first: whoever has none learns nothing about names.
        ensure_role(await beacons.find(tx, name.id, viewer.account_id), OWNER)
        account = await _find_fit(env, tx, viewer, username)
        view = await hold(env, tx, viewer, name, OWNER)
        await _give(env, tx, view, account.id, role)
        user = await beacon_roles.find_user(tx, name.id, account.id)
        assert user is not None
        return user

    user = await env.db.write(work)
    env.wake_live(LIVE, name.id)
    beacon_notices.wake(env, [user.account_id])
    env.wake_jobs()
    return user


async def _find_fit(env: Env, tx: Transaction, viewer: Viewer, username: str) -> AccountView:
    account = await accounts.find_by_handle(tx, _bare(username))
    if account is None or account.state in _UNFIT_STATES:
        raise _unfit()
    if account.id == viewer.account_id:
        raise NotAllowed("An owner keeps their role")
    now_ms = env.clock.now_ms()
    pair = await relationships.find_locked_pair(tx, viewer.account_id, account.id, now_ms)
    # Who is blocked learns nothing of it: the answer is the same as for a name that nobody has.
    if pair is None or pair.view.is_blocking or pair.view.is_blocked_by:
        raise _unfit()
    return account


def _bare(username: str) -> str:
    try:
        return check_username(username.removeprefix("@"))
    except InvalidInput:
        # Nobody is called so; what cannot be a name is not looked up.
        return ""


def _unfit() -> InvalidInput:
    return InvalidInput("Nobody of this name can be given a role", field="username")


async def _give(
    env: Env, tx: Transaction, view: BeaconView, account_id: AccountId, role: str
) -> None:
    beacon, now_ms = view.beacon, env.clock.now_ms()
    user = await beacon_roles.find_user(tx, beacon.id, account_id)
    if user is not None and user.role == role:
        return
    if user is None:
        await _ensure_room(tx, beacon, account_id)
        await beacon_roles.add(tx, beacon.id, account_id, role=role, via="invited", now_ms=now_ms)
    else:
        await beacon_roles.change(tx, beacon.id, account_id, role)
    await beacon_notices.tell_one(env, tx, account_id, BeaconEvent("role", beacon, now_ms))


async def take_role(env: Env, viewer: Viewer, name: Name, username: str) -> BeaconUser:
    """Take somebody's role with all that hung on it; for the owner. Who had it, and how.

    From the commit on they are told nothing more; their open pages of a private beacon end.
    """

    async def work(tx: Transaction) -> BeaconUser:
        view = await hold(env, tx, viewer, name, OWNER)
        user = await _find_member(tx, view, username)
        if user.role == OWNER:
            raise NotAllowed("An owner keeps their role")
        await _end(tx, view.beacon.id, user.account_id)
        return user

    user = await env.db.write(work)
    env.wake_live(LIVE, name.id)
    return user


async def _find_member(tx: Transaction, view: BeaconView, username: str) -> BeaconUser:
    account = await accounts.find_by_handle(tx, _bare(username))
    user = account and await beacon_roles.find_user(tx, view.beacon.id, account.id)
    if user is None:
        raise NotFound
    return user


# Settings ------------------------------------------------------------------------------------


async def see_settings(env: Env, viewer: Viewer, name: Name) -> BeaconSettings:
    """What the viewer, who has a role, wants to hear of a beacon."""
    await see_as(env, viewer, name, *ROLES)
    settings = await beacon_roles.find_settings(env.db, name.id, viewer.account_id)
    if settings is None:
        raise NotFound
    return settings


async def set_settings(
    env: Env,
    viewer: Viewer,
    name: Name,
    *,
    notifies: bool | None = None,
    filters: Sequence[tuple[str, str]] | None = None,
) -> BeaconSettings:
    """Choose what to hear of a beacon; None leaves a part as it is. It is nobody else's choice."""
    wanted = None if filters is None else read_filters(filters)

    async def work(tx: Transaction) -> BeaconSettings:
        # Held, or filters could be written for somebody whose role is being taken.
        await hold(env, tx, viewer, name, *ROLES)
        me = viewer.account_id
        if not await beacon_roles.change_notifies(tx, name.id, me, notifies=notifies):
            raise NotFound
        if wanted is not None:
            await beacon_roles.replace_filters(tx, name.id, me, wanted)
        settings = await beacon_roles.find_settings(tx, name.id, me)
        assert settings is not None
        return settings

    return await env.db.write(work)
