"""The directory: whom one may find here."""

from stonechat.domain.directory import Listing
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.storage import directory


async def see_directory(env: Env, viewer: Viewer, listing: Listing) -> list[AccountId]:
    """Accounts whose owners want to be found, those who spoke last or came last first."""
    return await directory.list_page(env.db, viewer.account_id, env.clock.now_ms(), listing)
