"""Write tokens: each sets the value of one beacon and can do nothing else.

They are for a sensor or a line of a script that anybody may find: whoever has one learns nothing
from it but whether it works. The owner makes, lists and revokes them, and a token sets a value
as they do: once its maker may not, it does not either (services/beacons.set_by_token).
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import OWNER
from stonechat.domain.ids import TokenId
from stonechat.domain.keys import WRITE, Key, NewKey, ensure_room_for_key, read_label
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound
from stonechat.services.beacons import Name, hold, see_as
from stonechat.services.env import Env
from stonechat.services.keys import ensure_in_plan, make_token
from stonechat.storage import tokens
from stonechat.storage.database import Transaction

_MOST: Final = limits.BEACON_TOKENS_MAX


async def list_tokens(env: Env, viewer: Viewer, name: Name) -> list[Key]:
    """The write tokens of a beacon, the oldest first; for its owner."""
    await see_as(env, viewer, name, OWNER)
    return await tokens.list_of_beacon(env.db, name.id, _MOST)


async def create_token(env: Env, viewer: Viewer, name: Name, label: str = "") -> NewKey:
    """A new write token for a beacon of the viewer's."""
    ensure_in_plan(env)
    label = read_label(label)
    new, token = make_token(env, viewer, WRITE, label, beacon_id=name.id)

    async def work(tx: Transaction) -> None:
        await hold(env, tx, viewer, name, OWNER)
        ensure_room_for_key(len(await tokens.list_of_beacon(tx, name.id, _MOST)), _MOST)
        await tokens.insert(tx, token)

    await env.db.write(work)
    return new


async def revoke_token(env: Env, viewer: Viewer, name: Name, token_id: TokenId) -> None:
    """End a write token of a beacon of the viewer's at once."""

    async def work(tx: Transaction) -> None:
        await hold(env, tx, viewer, name, OWNER)
        if not await tokens.revoke_of_beacon(tx, name.id, token_id, env.clock.now_ms()):
            raise NotFound

    await env.db.write(work)
