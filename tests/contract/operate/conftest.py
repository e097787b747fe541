"""A small town for the operator's commands: three people who have to do with each other."""

import pytest
import pytest_asyncio

from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.towns import Town, settle


@pytest.fixture
def whole(request: pytest.FixtureRequest, api: Api) -> WholeDatabase:
    """The database under the server, with what only the operator asks of it."""
    return request.getfixturevalue(api.env.db.engine)


@pytest_asyncio.fixture
async def town(api: Api) -> Town:
    """Three people, and whatever may lie between them."""
    return await settle(api)
