"""Once: a request that carries an Idempotency-Key does its work one time, however often it comes.

The key is kept by the transaction that does the work, so either both are there or neither. Of
several that come at once, one commits; the others wait for that, fail, and find what it made. A
first one that failed kept nothing: the retry does the work. A key holds for IDEMPOTENCY_HOURS and
belongs to one account and one kind of verb; a status and a scheduled one are the same verb.

The key decides even where a request has become wrong since: a late retry of a favourite that was
taken back in the meantime does not favourite again. It is answered with the status as it is now.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeVar

from stonechat.domain import limits
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, StonechatError
from stonechat.services.env import Env
from stonechat.storage import idempotency
from stonechat.storage.database import Transaction

T = TypeVar("T")

POSTING: Final = frozenset({"status", "scheduled"})
"""The kinds whose keys are kept as they come; all others have a name before theirs."""
_HOLDS_MS: Final = limits.IDEMPOTENCY_HOURS * 3_600_000


class Kept(NamedTuple):
    """What was made before, under the same key."""

    kind: str
    id: int


async def make_once(
    env: Env,
    viewer: Viewer,
    key: str | None,
    kind: str,
    work: Callable[[Transaction], Awaitable[tuple[int, T]]],
) -> tuple[int, T | None]:
    """Run `work` in a transaction; the id of what it made, and what it gave besides.

    A retry gives the same id and None.
    """
    if key is None:
        return await env.db.write(work)
    # No header can hold a line's end, so no key of one kind is ever spelled like another one's.
    name = key if kind in POSTING else f"{kind}\n{key}"

    async def keep(tx: Transaction) -> tuple[int, T]:
        made = await work(tx)
        now_ms = env.clock.now_ms()
        await tx.run_all(
            idempotency.keeping(
                viewer.account_id, name, kind=kind, result_id=made[0], now_ms=now_ms
            )
        )
        return made

    found = await unless_kept(env, viewer, name, lambda: env.db.write(keep))
    return (found.id, None) if isinstance(found, Kept) else found


async def unless_kept(
    env: Env, viewer: Viewer, name: str | None, attempt: Callable[[], Awaitable[T]]
) -> T | Kept:
    """What `attempt` gives, or what was made under the key `name` before.

    For work that keeps its key itself, as publishing does: `attempt` is one transaction.
    """
    if name is None:
        return await attempt()
    try:
        return await attempt()
    except StonechatError as failure:
        kept = await find_kept(env, viewer, name)
        if kept is not None:
            return kept
        if not isinstance(failure, Conflict):
            raise
    # The key was kept, and holds no more; or it did so a moment ago, and somebody forgot it.
    before_ms = env.clock.now_ms() - _HOLDS_MS
    await env.db.write(lambda tx: idempotency.delete(tx, viewer.account_id, name, before_ms))
    try:
        return await attempt()
    except StonechatError:
        kept = await find_kept(env, viewer, name)
        if kept is None:
            raise
        return kept


async def find_kept(env: Env, viewer: Viewer, name: str | None) -> Kept | None:
    """What is kept under a key that holds; the name of a key of posting is the key itself."""
    if name is None:
        return None
    since_ms = env.clock.now_ms() - _HOLDS_MS
    found = await idempotency.find(env.db, viewer.account_id, name, since_ms)
    return None if found is None else Kept(*found)
