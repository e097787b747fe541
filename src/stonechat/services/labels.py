"""Labels: made and changed by administrators, stuck on people, categories and contributions.

Giving a label to somebody, or taking it, opens or closes at once what is addressed to it: who may
see is asked whenever something is shown. Only rendered copies must be told, by their versions.
"""

from collections.abc import Mapping
from dataclasses import replace

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, CategoryId, LabelId, StatusId
from stonechat.domain.labels import (
    CATEGORY,
    TOUCH_LABEL_JOB,
    USER,
    Carrier,
    LabelChoice,
    LabelForm,
    LabelName,
    LabelView,
    changed_label,
    chosen,
    name_taken,
    new_label,
)
from stonechat.domain.relationships import ABSENT_STATES
from stonechat.domain.viewers import ADMINISTRATORS, STAFF, Viewer, covers
from stonechat.domain.views import Glance
from stonechat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import accounts, categories, label_carriers, labels, statuses
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.jobs import enqueueing


def is_administrator(viewer: Viewer) -> bool:
    """Whether a viewer sees every label whole, and may change it, with the token in their hand."""
    is_let = covers(viewer.scopes, "admin:read|admin:write")
    return is_let and viewer.role in ADMINISTRATORS


async def list_labels(env: Env, viewer: Viewer, choice: LabelChoice) -> list[LabelView]:
    """The labels that are asked for, as far as everybody may know of them or the viewer runs us."""
    if not is_administrator(viewer):
        if choice.is_deleted:
            return []
        found = [label for label in await labels.list_all(env.db) if label.is_open]
        return chosen(found, replace(choice, boosts_visibility=None))
    return chosen(await labels.list_all(env.db), choice)


async def see_label(env: Env, viewer: Viewer, label_id: LabelId) -> LabelView:
    """One label, likewise."""
    label = (await labels.load_views(env.db, [label_id])).get(label_id)
    if label is None or not (label.is_open or is_administrator(viewer)):
        raise NotFound
    return label


async def list_addressable(env: Env, viewer: Viewer) -> list[LabelView]:
    """The labels to which the viewer may address a contribution."""
    is_staff = viewer.role in STAFF
    return await labels.list_addressable(env.db, viewer.account_id, is_staff=is_staff)


async def list_held(env: Env, viewer: Viewer, account_id: AccountId) -> list[LabelView]:
    """The labels that somebody carries; only they and administrators may know of all of them."""
    if viewer.account_id != account_id and not is_administrator(viewer):
        raise NotAllowed
    account = (await accounts.load_views(env.db, [account_id])).get(account_id)
    if account is None or account.state in ABSENT_STATES:
        raise NotFound
    return await labels.list_held(env.db, account_id)


# Administrators' verbs ------------------------------------------------------------------------


async def create_label(env: Env, form: LabelForm) -> LabelView:
    """Make a label."""
    label = new_label(LabelId(env.ids.next_id()), form, env.clock.now_ms())

    async def work(tx: Transaction) -> None:
        if await labels.count(tx) >= limits.LABELS_MAX:
            raise InvalidInput(f"There are {limits.LABELS_MAX} tags already")
        await labels.insert(tx, label)

    try:
        await env.db.write(work)
    except Conflict:
        raise name_taken() from None
    return label


async def change_label(env: Env, label_id: LabelId, form: LabelForm) -> LabelView:
    """Change a label; what is not said stays."""

    async def work(tx: Transaction) -> LabelView:
        await labels.lock(tx, label_id)
        before = (await labels.load_views(tx, [label_id])).get(label_id)
        if before is None:
            raise NotFound
        after = changed_label(before, form, env.clock.now_ms())
        if after != before:
            await labels.update(tx, after)
            await _touch_some(env, tx, after)
        return after

    try:
        changed = await env.db.write(work)
    except Conflict:
        raise name_taken() from None
    env.wake_jobs()
    return changed


async def _touch_some(env: Env, tx: Transaction, label: LabelView) -> None:
    """Make rendered copies old of what shows a label, and leave the rest of many to jobs."""
    for kind in range(label_carriers.kinds_showing(label.type)):
        reached = await label_carriers.touch_some(tx, label.type, kind, label.id, 0)
        if reached is not None:
            payload = {"label_id": label.id, "type": label.type, "kind": kind, "after": reached}
            job_id, now_ms = env.ids.next_id(), env.clock.now_ms()
            await tx.run_all(enqueueing(job_id, TOUCH_LABEL_JOB, payload, now_ms))


async def touch_label(env: Env, payload: Mapping[str, object]) -> None:
    """Make the rest of the rendered copies old that show a label."""
    label_id, type_ = LabelId(int(str(payload["label_id"]))), str(payload["type"])
    kind, after = int(str(payload["kind"])), int(str(payload["after"]))
    reached: int | None = after
    while reached is not None:
        at = reached
        reached = await env.db.write(
            lambda tx, at=at: label_carriers.touch_some(tx, type_, kind, label_id, at)
        )


async def give_label(
    env: Env, viewer: Viewer, label_id: LabelId, carrier: Carrier, *, is_given: bool | None
) -> None:
    """Give a label or take it; with None whichever of the two changes something."""

    async def work(tx: Transaction) -> None:
        await _ensure_fits(tx, label_id, carrier)
        await _hold_carrier(tx, viewer, carrier)
        if await _give(tx, label_id, carrier, is_given=is_given):
            await label_carriers.touch(tx, carrier.type, carrier.id)

    await env.db.write(work)


async def _ensure_fits(tx: Reader, label_id: LabelId, carrier: Carrier) -> None:
    label = (await labels.load_views(tx, [label_id])).get(label_id)
    if label is None or label.deleted_ms is not None:
        raise NotFound
    if label.type != carrier.type:
        raise _wrong(carrier.type, f"cannot carry a tag of type {label.type}", "invalid")


async def _hold_carrier(tx: Transaction, viewer: Viewer, carrier: Carrier) -> None:
    is_there = await label_carriers.lock(tx, carrier.type, carrier.id)
    if not is_there or not await _may_carry(tx, viewer, carrier):
        raise _wrong(carrier.type, "does not exist", "does_not_exist")


async def _may_carry(tx: Reader, viewer: Viewer, carrier: Carrier) -> bool:
    if carrier.type == USER:
        account = (await accounts.load_views(tx, [AccountId(carrier.id)])).get(
            AccountId(carrier.id)
        )
        return account is not None and account.state not in ABSENT_STATES
    if carrier.type == CATEGORY:
        found = (await categories.load_views(tx, [CategoryId(carrier.id)])).get(
            CategoryId(carrier.id)
        )
        return found is not None and not found.is_deleted
    glance = await views.glance_status(tx, viewer.account_id, StatusId(carrier.id))
    status = None if glance is None else await statuses.find(tx, glance.id)
    return status is not None and status.is_contribution


async def _give(
    tx: Transaction, label_id: LabelId, carrier: Carrier, *, is_given: bool | None
) -> bool:
    """Whether anything changed."""
    if is_given is not True:
        is_taken = await label_carriers.delete(tx, carrier.type, label_id, carrier.id)
        if is_taken or is_given is False:
            return is_taken
    is_new = await label_carriers.insert(tx, carrier.type, label_id, carrier.id)
    if is_new and await label_carriers.has_too_many(tx, carrier.type, carrier.id):
        raise _wrong(carrier.type, "carries too many tags", "max_length")
    return is_new


def _wrong(field: str, words: str, rule: str) -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {field.capitalize()} {words}",
        field=field,
        rule=rule,
        description=words,
    )


# Who carries a label --------------------------------------------------------------------------


async def find_named(env: Env, type_: str, name: LabelName) -> LabelView:
    """The label of a type that is meant; InvalidInput where there is none."""
    if name.id is not None:
        label, field = (await labels.load_views(env.db, [name.id])).get(name.id), "tag_id"
    else:
        label, field = await labels.find_by_name(env.db, type_, name.name or ""), "tag_name"
    if label is None or label.deleted_ms is not None or label.type != type_:
        raise _wrong(field, "does not exist", "does_not_exist")
    return label


async def list_carriers(
    env: Env, label: LabelView, part: tuple[int, int], *, upwards: bool
) -> list[int]:
    """The ids of some who carry a label, whether or not it counts; `part` is limit and offset."""
    return await label_carriers.list_page(env.db, label.type, label.id, part, upwards=upwards)


async def count_carriers(env: Env, label: LabelView, most: int) -> int:
    """How many carry a label; at most `most`."""
    return await label_carriers.count(env.db, label.type, label.id, most)


async def glance_contributions(env: Env, viewer: Viewer, ids: list[int]) -> list[Glance]:
    """Those of the contributions that carry a label that the viewer may see."""
    return await views.glance_statuses(env.db, viewer.account_id, [StatusId(each) for each in ids])
