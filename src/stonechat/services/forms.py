"""Forms: one that a browser sends twice makes one thing.

For things whose making has no key of its own to be told again by, and whose secret is shown in the
one answer that makes them: the second sending of a form makes nothing and shows nothing.
"""

from typing import Final

from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.services.once import make_once
from stonechat.storage.database import Transaction

_KIND: Final = "form"


async def take(env: Env, viewer: Viewer, key: str) -> bool:
    """Take a form of the viewer's by its key; False where the same one was taken before."""

    async def work(tx: Transaction) -> tuple[int, bool]:
        del tx
        return 0, True

    _, is_new = await make_once(env, viewer, key, _KIND, work)
    return bool(is_new)
