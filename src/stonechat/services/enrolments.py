"""Enrolments: accounts that an administrator, or another system in their name, makes for others."""

from collections.abc import Mapping

from stonechat.domain.enrolments import Enrol
from stonechat.domain.ids import AccountId, LabelId
from stonechat.domain.labels import USER, Carrier
from stonechat.domain.profiles import ProfileChange
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound, StonechatError
from stonechat.kernel.secrets import new_secret
from stonechat.services import accounts, credentials, labels
from stonechat.services.env import Env
from stonechat.storage import credentials as store


async def enrol(env: Env, viewer: Viewer, order: Enrol) -> AccountId:
    """Make an account; who has given no password for it gets in by tokens alone.

    Only the owner makes administrators, as on the command line, which only they can reach.
    """
    if order.role == "admin" and viewer.role != "owner":
        raise NotAllowed
    for label_id in order.labels:
        await _ensure_label(env, viewer, label_id)
    # A picture that is none is found out before there is an account.
    kept = await credentials.keep_pictures(env, order.pictures)
    try:
        account_id = await _create(env, order, kept)
    except StonechatError:
        await credentials.delete_pictures(env, kept.values())
        raise
    if order.real_name:
        change = ProfileChange(display_name=order.real_name)
        await credentials.change_profile(env, Viewer(account_id), change, {})
    for label_id in order.labels:
        await labels.give_label(env, viewer, label_id, Carrier(USER, account_id), is_given=True)
    return account_id


async def _create(env: Env, order: Enrol, kept: Mapping[str, str]) -> AccountId:
    made = await accounts.create_account(
        env,
        username=order.username,
        email=order.email,
        password=order.password or new_secret(),
        role=order.role,
    )
    if kept:
        dressing = store.changing(made.id, ProfileChange(), kept)
        await env.db.write(lambda tx: tx.run_all(*dressing))
    return made.id


async def _ensure_label(env: Env, viewer: Viewer, label_id: LabelId) -> None:
    """What `give_label` would refuse is refused before there is an account."""
    try:
        label = await labels.see_label(env, viewer, label_id)
    except NotFound:
        label = None
    if label is None or label.type != USER or not label.counts:
        raise InvalidInput("Tags do not exist", field="tags", rule="does_not_exist")
