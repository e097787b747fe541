"""How many statements the community's requests cost: bounds, so that nobody adds a trip unseen.

The first request of a server renders and looks things up that it keeps; the second is what counts.
"""

import pytest

from tests.contract.api import Api
from tests.contract.selfcommunity.community import ask, category, contribute

COUNTS = {
    ("GET", "/post/{said}/"): 2,
    ("PUT", "/post/{said}/"): 15,
    ("POST", "/post/{said}/vote/"): 9,
    ("GET", "/comment/?post={said}"): 6,
    ("GET", "/feed/"): 4,
    ("GET", "/feed/explore/"): 4,
    ("GET", "/category/{room}/feed/"): 6,
    ("GET", "/post/"): 4,
    ("GET", "/user/{user}/feed/"): 6,
    ("GET", "/feed/unseen/count/"): 2,
    ("GET", "/category/"): 4,
    ("GET", "/user/me/"): 8,
}


@pytest.mark.parametrize(("method", "path"), COUNTS)
async def test_statements(api: Api, method: str, path: str) -> None:
    """The same on both engines, however much is on the page."""
    admin, bert, cara = (
        await api.person("anna", role="admin"),
        await api.person("bert"),
        await api.person("cara"),
    )
    room = await category(api, admin, "Bread")
    for number in range(5):
        who = (bert, cara)[number % 2]
        said = await contribute(api, who, f"Rye {number}", "post", categories=[room["id"]])
    said = await contribute(api, bert, "Rye", "post", title="T", categories=[room["id"]])
    await ask(api, "POST", "/comment/", cara, post=said["id"], text="Fresh")
    target = path.format(said=said["id"], room=room["id"], user=bert.id)
    body = {"text": "Wheat", "title": "T", "categories": [room["id"]]} if method == "PUT" else {}
    for _ in range(2):
        api.recorder.forget()
        reply = await ask(api, method, target, bert, **body)
        assert reply.status < 300, reply.body
    assert api.recorder.count <= COUNTS[method, path]
