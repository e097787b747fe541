"""Translations: there is no translator here, so every status that may be translated has none.

Whether it may be is asked all the same: a translation goes to somebody else's machine, so only
what is for everybody may be sent, and what the viewer does not see is not there at all.
"""

from typing import NoReturn

from stonechat.domain.ids import StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import statuses


async def translate_status(env: Env, viewer: Viewer, status_id: StatusId) -> NoReturn:
    """NotAllowed for what is not for everybody; NotFound for the rest, for want of a translator."""
    target = await views.get_original(env.db, viewer, status_id)
    status = await statuses.find(env.db, target.id)
    if status is not None and status.visibility > Visibility.UNLISTED:
        raise NotAllowed
    raise NotFound
