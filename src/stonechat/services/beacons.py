"""Beacons: making, seeing, changing and deleting them.

Every verb is for a viewer whose role decides; where they may not know that a beacon is there,
it is not. What follows from a change (notices, webhooks, a status that announces it, the moment
at which the value gets stale) is written by the transaction that makes the change.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeVar

from stonechat.domain import limits
from stonechat.domain.announcements import announcing_key
from stonechat.domain.beacons import (
    ANNOUNCE_JOB,
    DELETE_HISTORY_JOB,
    GO_STALE_JOB,
    ID_CHARACTERS,
    OWNER,
    SECRET_ALPHABET,
    SHARE_ALPHABET,
    TAIL_CHARACTERS,
    UPDATER,
    Address,
    Beacon,
    BeaconChange,
    BeaconEvent,
    BeaconForm,
    BeaconView,
    NewIds,
    apply_form,
    check_form,
    check_key,
    ensure_role,
    has_link,
    id_to_number,
    make_beacon,
    number_to_id,
)
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, NotAllowed, NotFound, NotInPlan, Outdated
from stonechat.kernel.secrets import is_same, new_word
from stonechat.services import beacon_notices
from stonechat.services.env import Env
from stonechat.services.once import make_once
from stonechat.storage import accounts, beacon_changes, beacon_links, beacon_roles, beacons, jobs
from stonechat.storage.database import Transaction
from stonechat.storage.statuses import Statement

LIVE: Final = "beacon"
"""The kind under which open pages watch beacons."""
_IDS_TRIED_MAX: Final = 5
_CHANGES_BETWEEN_TRIMS: Final = 100

T = TypeVar("T")


class Name(NamedTuple):
    """A beacon as a program names it; where `tail` is given it must be the right one."""

    id: BeaconId
    tail: str | None = None


class Made(NamedTuple):
    """A beacon, and whether this request made it."""

    view: BeaconView
    is_new: bool


# Seeing --------------------------------------------------------------------------------------


async def see_own(env: Env, viewer: Viewer, name: Name) -> BeaconView:
    """A beacon as its owner and its updaters see it. One statement."""
    return await see_as(env, viewer, name, OWNER, UPDATER)


async def see_as(env: Env, viewer: Viewer, name: Name, *roles: str) -> BeaconView:
    """A beacon for a viewer with one of the roles. One statement."""
    found = await beacons.find(env.db, name.id, viewer.account_id)
    return ensure_role(_named(found, name.tail), *roles)


async def find_name(env: Env, viewer: Viewer, key: str) -> Name:
    """What the viewer's own key leads to; NotFound where it leads nowhere."""
    found = await beacons.find_by_key(env.db, viewer.account_id, check_key(key))
    if found is None:
        raise NotFound
    return Name(found)


async def see_shared(env: Env, account_id: AccountId, address: Address) -> BeaconView:
    """A beacon by the address of its page: public, by a good link, or by a role. One statement."""
    if address.secret is None:
        found = await beacons.find(env.db, address.id, account_id)
        if found is None or not (found.beacon.is_public or found.role is not None):
            raise NotFound
        return found
    now_ms = env.clock.now_ms()
    found = await beacons.find_by_link(env.db, address.id, account_id, address.secret, now_ms)
    if found is None:
        raise NotFound
    return found


async def list_own(env: Env, viewer: Viewer, limit: int = limits.BEACONS_PAGE[1]) -> list[Beacon]:
    """What the viewer owns, the newest first."""
    return await beacons.list_own(env.db, viewer.account_id, limit)


async def list_watched(env: Env, viewer: Viewer) -> list[BeaconView]:
    """Every beacon on which the viewer has a role."""
    most = limits.BEACONS_PER_ACCOUNT_MAX + limits.BEACON_ROLES_PER_ACCOUNT_MAX
    return await beacons.list_watched(env.db, viewer.account_id, most)


async def list_changes(
    env: Env, view: BeaconView, *, below: int | None = None, limit: int
) -> list[BeaconChange]:
    """The history of a beacon that the viewer sees, the newest first; or NotAllowed.

    Who made a change stands there only for whoever may see the list of users.
    """
    if not view.may(view.beacon.history_access):
        raise NotAllowed
    before = view.beacon.changes + 1 if below is None else below
    found = await beacon_changes.list_page(env.db, view.beacon.id, before, limit)
    if view.may(view.beacon.users_access):
        return found
    return [replace(each, account_id=None, changer=None) for each in found]


async def hold(env: Env, tx: Transaction, viewer: Viewer, name: Name, *roles: str) -> BeaconView:
    """A beacon that nobody else changes until the commit, for a viewer with one of the roles."""
    found = await beacons.find_locked(tx, env.db.engine, name.id, viewer.account_id)
    return ensure_role(_named(found, name.tail), *roles)


def _named(view: BeaconView | None, tail: str | None) -> BeaconView | None:
    if view is not None and tail is not None and not is_same(view.beacon.tail, tail):
        return None
    return view


# Making --------------------------------------------------------------------------------------


async def create_beacon(
    env: Env,
    viewer: Viewer,
    form: BeaconForm,
    *,
    source: str = "api",
    idempotency_key: str | None = None,
) -> BeaconView:
    """A new beacon of the viewer's; a repeated idempotency key makes nothing more."""
    checked = _check(env, form)

    async def attempt() -> _Changed:
        async def work(tx: Transaction) -> tuple[int, _Changed]:
            made = await _create(env, tx, viewer, checked, source=source)
            return id_to_number(made.view.beacon.id), made

        kept, made = await make_once(env, viewer, idempotency_key, "beacon", work)
        if made is not None:
            return made
        return _Changed(await see_own(env, viewer, Name(number_to_id(kept))))

    made = await _with_free_id(attempt)
    _wake(env, made.view.beacon.id, made.told)
    return made.view


async def put_beacon(
    env: Env,
    viewer: Viewer,
    key: str,
    form: BeaconForm,
    *,
    source: str = "api",
    version: int | None = None,
    idempotency_key: str | None = None,
) -> Made:
    """Change the beacon that the viewer calls so, or make it. Of two that make it one does.

    Outdated where `version` is not the one that is there, or nothing is there. A repeated
    idempotency key makes and changes nothing more.
    """
    check_key(key)
    checked = _check(env, form)

    async def attempt() -> tuple[Made, Sequence[AccountId]]:
        async def work(tx: Transaction) -> tuple[int, tuple[Made, Sequence[AccountId]]]:
            found = await beacons.find_by_key(tx, viewer.account_id, key)
            if found is None:
                if version is not None:
                    raise Outdated
                made = await _create(env, tx, viewer, checked, key=key, source=source)
                return id_to_number(made.view.beacon.id), (Made(made.view, is_new=True), made.told)
            order = _Order(viewer, Name(found), checked, source, version)
            try:
                changed = await _change(env, tx, order)
            except NotFound:
                # It was deleted a moment ago, and the key is free.
                raise Conflict from None
            return id_to_number(found), (Made(changed.view, is_new=False), changed.told)

        name = _for_target(key, idempotency_key)
        kept, made = await make_once(env, viewer, name, "beacon_put", work)
        if made is not None:
            return made
        return Made(await see_own(env, viewer, Name(number_to_id(kept))), is_new=False), ()

    made, told = await _with_free_id(attempt)
    _wake(env, made.view.beacon.id, told)
    return made


async def _with_free_id(attempt: Callable[[], Awaitable[T]]) -> T:
    # A short id may be taken; a key may have been taken a moment ago, and is found then.
    for _ in range(_IDS_TRIED_MAX - 1):
        try:
            return await attempt()
        except Outdated:
            raise
        except Conflict:
            continue
    return await attempt()


def _check(env: Env, form: BeaconForm) -> BeaconForm:
    checked = check_form(form)
    settings = env.settings
    if checked.description and not settings.beacon_links and has_link(checked.description):
        raise NotInPlan("Links in descriptions are not part of your plan")
    lists = (checked.users_access, checked.history_access)
    if not settings.beacon_lists and lists != (None, None):
        raise NotInPlan("Access to the user list and to the history is not part of your plan")
    return checked


async def _create(
    env: Env,
    tx: Transaction,
    viewer: Viewer,
    form: BeaconForm,
    *,
    source: str,
    key: str | None = None,
) -> "_Changed":
    me, now_ms = viewer.account_id, env.clock.now_ms()
    maximum = env.settings.beacons_max or limits.BEACONS_PER_ACCOUNT_MAX
    await accounts.lock(tx, me)
    if await beacons.count_own(tx, me) >= maximum:
        raise NotInPlan(f"Your plan has room for {maximum}, and you have that many already")
    ids = NewIds(
        BeaconId(new_word(SHARE_ALPHABET, ID_CHARACTERS)),
        new_word(SECRET_ALPHABET, TAIL_CHARACTERS),
    )
    if await beacons.has_remains(tx, ids.id):
        # What is left of a beacon that is gone must not become a part of another one.
        raise Conflict
    beacon = make_beacon(ids, me, form, now_ms, key=key)
    # The owner is among those who are told, so their role has to be there first.
    await tx.run_all(
        *beacons.inserting(beacon),
        beacon_roles.inserting(beacon.id, me, role=OWNER, via="made", now_ms=now_ms),
        beacon_changes.recording(beacon.id, _first_change(beacon, source)),
        *_going_stale(env, beacon),
        *_announcing(env, beacon),
    )
    event = BeaconEvent("value", beacon, now_ms, source=source)
    return _Changed(BeaconView(beacon, OWNER), await beacon_notices.tell(env, tx, event))


def _first_change(beacon: Beacon, source: str) -> BeaconChange:
    return BeaconChange(
        1, beacon.value, beacon.color_no, beacon.changed_ms, source, beacon.owner_id
    )


# Changing ------------------------------------------------------------------------------------


class _Order(NamedTuple):
    """Who wants what of which beacon, by which way, and of which version they know."""

    viewer: Viewer
    name: Name
    form: BeaconForm
    source: str
    version: int | None = None


async def change_beacon(
    env: Env,
    viewer: Viewer,
    name: Name,
    form: BeaconForm,
    *,
    source: str = "api",
    version: int | None = None,
    idempotency_key: str | None = None,
) -> BeaconView:
    """Change parts of a beacon: its owner any of them, its updaters the value alone.

    A value that is given is a change, also where it is the same. Outdated where `version` is not
    the one that is there. A repeated idempotency key changes nothing more.
    """
    order = _Order(viewer, name, _check(env, form), source, version)

    async def work(tx: Transaction) -> tuple[int, _Changed]:
        changed = await _change(env, tx, order)
        return id_to_number(changed.view.beacon.id), changed

    _, made = await make_once(
        env, viewer, _for_target(name.id, idempotency_key), "beacon_change", work
    )
    if made is None:
        return await see_own(env, viewer, name)
    _wake(env, name.id, made.told)
    return made.view


def _for_target(target: str, idempotency_key: str | None) -> str | None:
    """A key that counts for one beacon: programs of one owner number their requests alike."""
    return None if idempotency_key is None else f"{target}\n{idempotency_key}"


async def set_by_answer(
    tx: Transaction, env: Env, viewer: Viewer, name: Name, value: str
) -> Sequence[AccountId]:
    """Set a value within somebody else's transaction; who calls it wakes pages and inboxes then."""
    order = _Order(viewer, name, check_form(BeaconForm(value=value)), "answer")
    return (await _change(env, tx, order)).told


async def set_by_token(
    env: Env,
    viewer: Viewer,
    beacon_id: BeaconId,
    value: str,
    *,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> BeaconView:
    """Set the value with a write token, whose maker `viewer` may no longer have any role."""
    form, name = BeaconForm(value=value), Name(beacon_id)
    return await change_beacon(
        env, viewer, name, form, source="token", version=version, idempotency_key=idempotency_key
    )


class _Changed(NamedTuple):
    """A beacon after a change, and whose inboxes are to be woken after the commit."""

    view: BeaconView
    told: Sequence[AccountId] = ()


async def _change(env: Env, tx: Transaction, order: _Order) -> _Changed:
    form, viewer = order.form, order.viewer
    found = await beacons.find_locked(tx, env.db.engine, order.name.id, viewer.account_id)
    roles = (OWNER, UPDATER) if form.is_value_alone else (OWNER,)
    view = ensure_role(_named(found, order.name.tail), *roles)
    before, now_ms = view.beacon, env.clock.now_ms()
    if order.version is not None and order.version != before.version:
        raise Outdated
    # The clock may step back; the history does not.
    after = apply_form(before, form, max(now_ms, before.changed_ms))
    statements = [beacons.updating(after)]
    if before.is_public and not after.is_public:
        # Whoever has a role keeps it, and nobody else finds the way.
        statements.append(beacon_links.ending_all(after.id))
    if form.value is None:
        if form.stale_after_s is not None:
            statements += _going_stale(env, after)
        await tx.run_all(*statements)
        return _Changed(replace(view, beacon=after))
    change = BeaconChange(
        after.changes,
        after.value,
        after.color_no,
        after.changed_ms,
        order.source,
        viewer.account_id,
    )
    statements += [beacon_changes.recording(after.id, change)]
    statements += [*_going_stale(env, after), *_announcing(env, after), *_trimming(env, after)]
    await tx.run_all(*statements)
    event = BeaconEvent("value", after, after.changed_ms, before.value, order.source)
    told = await beacon_notices.tell(env, tx, event)
    return _Changed(replace(view, beacon=after), told)


def _going_stale(env: Env, beacon: Beacon) -> list[Statement]:
    once_key = f"{GO_STALE_JOB}:{beacon.id}"
    if beacon.stale_after_s is None:
        # A job of before finds nothing to tell.
        return []
    run_ms = beacon.changed_ms + beacon.stale_after_s * 1000
    payload = {"beacon_id": beacon.id}
    return [jobs.moving(env.ids.next_id(), GO_STALE_JOB, payload, run_ms, once_key)]


def _trimming(env: Env, beacon: Beacon) -> list[Statement]:
    most, number = env.settings.beacon_changes_max, beacon.changes
    if most == 0 or number <= most or number % _CHANGES_BETWEEN_TRIMS:
        return []
    oldest = {"beacon_id": beacon.id, "changes": number - most}
    return [jobs.enqueueing(env.ids.next_id(), DELETE_HISTORY_JOB, oldest, env.clock.now_ms())]


def _announcing(env: Env, beacon: Beacon) -> list[Statement]:
    if beacon.announces is None:
        return []
    payload = {"beacon_id": beacon.id, "number": beacon.changes, "value": beacon.value}
    once_key = announcing_key(beacon.id, beacon.changes)
    now_ms = env.clock.now_ms()
    return [jobs.enqueueing(env.ids.next_id(), ANNOUNCE_JOB, payload, now_ms, once_key)]


def _wake(env: Env, beacon_id: BeaconId, told: Sequence[AccountId] = ()) -> None:
    env.wake_live(LIVE, beacon_id)
    beacon_notices.wake(env, told)
    env.wake_jobs()


# Getting stale -------------------------------------------------------------------------------


async def go_stale(env: Env, payload: Mapping[str, object]) -> None:
    """Tell watchers, once, that nobody has confirmed a value for as long as its owner allows."""
    beacon_id = BeaconId(str(payload["beacon_id"]))

    async def work(tx: Transaction) -> Sequence[AccountId] | None:
        found = await beacons.find_locked(tx, env.db.engine, beacon_id, AccountId(0))
        now_ms = env.clock.now_ms()
        # It may have been confirmed, or deleted, while this job was on its way.
        if found is None or not found.beacon.is_stale(now_ms):
            return None
        if not await beacons.tell_stale(tx, beacon_id):
            return None
        after = replace(found.beacon, version=found.beacon.version + 1)
        event = BeaconEvent("stale", after, now_ms, after.value)
        return await beacon_notices.tell(env, tx, event)

    told = await env.db.write(work)
    if told is not None:
        _wake(env, beacon_id, told)


# Deleting ------------------------------------------------------------------------------------


async def delete_beacon(
    env: Env, viewer: Viewer, name: Name, *, version: int | None = None
) -> BeaconView:
    """Take a beacon away, with all that belongs to it; what it was at its end.

    Everybody with a role hears of it. Outdated where `version` is not the one that is there.
    """

    async def work(tx: Transaction) -> _Changed:
        found = await beacons.find_locked(tx, env.db.engine, name.id, viewer.account_id)
        view = ensure_role(_named(found, name.tail), OWNER)
        if version is not None and version != view.beacon.version:
            raise Outdated
        return _Changed(view, await take_away(env, tx, view.beacon))

    gone = await env.db.write(work)
    _wake(env, name.id, gone.told)
    return gone.view


async def take_away(env: Env, tx: Transaction, beacon: Beacon) -> Sequence[AccountId]:
    """Delete a beacon, whoever asks for it, within the transaction that holds it.

    The answer is for beacon_notices.wake, after the commit.
    """
    now_ms = env.clock.now_ms()
    event = BeaconEvent("deleted", replace(beacon, version=beacon.version + 1), now_ms)
    told = await beacon_notices.tell(env, tx, event)
    history = {"beacon_id": beacon.id, "changes": beacon.changes}
    await tx.run_all(
        *beacons.deleting(beacon, keeps_roles=beacon_notices.keeps_roles(beacon)),
        jobs.dropping(f"{GO_STALE_JOB}:{beacon.id}"),
        jobs.enqueueing(env.ids.next_id(), DELETE_HISTORY_JOB, history, now_ms),
    )
    return told
