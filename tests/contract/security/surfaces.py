"""Surfaces: every place at which a status may show itself to somebody, read one after the other.

A test marks a status with a word that stands nowhere else, changes something between two people,
and asks `places` where the word is still to be read. A new place belongs into `Scene.paths`, and
then every test of this folder looks there, too.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.contract.api import Api, Person

TAG = "soup"


@dataclass(frozen=True)
class Scene:
    """One status, who said it, another one of its thread, and a list of the reader's."""

    author: Person
    status: dict[str, Any]
    near: dict[str, Any]
    list_id: str | None = None

    def paths(self) -> dict[str, str]:
        """Where the status may be met, by the name of the place."""
        status = f"/api/v1/statuses/{self.status['id']}"
        author = f"/api/v1/accounts/{self.author.id}/statuses?limit=40"
        found = {
            "home": "/api/v1/timelines/home?limit=40",
            "public": "/api/v1/timelines/public?limit=40",
            "tag": f"/api/v1/timelines/tag/{TAG}?limit=40",
            "direct": "/api/v1/timelines/direct?limit=40",
            "notifications": "/api/v1/notifications?limit=80",
            "conversations": "/api/v1/conversations?limit=40",
            "bookmarks": "/api/v1/bookmarks?limit=40",
            "favourites": "/api/v1/favourites?limit=40",
            "profile": author,
            "profile by tag": f"{author}&tagged={TAG}",
            "profile, pinned": f"{author}&pinned=true",
            "status": status,
            "several": f"/api/v1/statuses?id[]={self.status['id']}",
            "history": f"{status}/history",
            "source": f"{status}/source",
            "thread": f"/api/v1/statuses/{self.near['id']}/context",
            "search": f"/api/v2/search?resolve=true&q={quote(self.status['url'], safe='')}",
            "trends": "/api/v1/trends/statuses",
        }
        if self.list_id is not None:
            found["list"] = f"/api/v1/timelines/list/{self.list_id}?limit=40"
        return found


async def places(api: Api, scene: Scene, who: Person | None, word: str) -> set[str]:
    """The names of the places at which somebody reads this word."""
    found: set[str] = set()
    for name, path in scene.paths().items():
        reply = await api.get(path, who)
        assert reply.status in (200, 401, 404), (name, reply.body)
        if word.encode() in reply.body:
            found.add(name)
    return found


async def befriend(api: Api, reader: Person, author: Person) -> str:
    """Let one account follow another with all that hangs on it; the id of a list of theirs."""
    followed = await api.post(f"/api/v1/accounts/{author.id}/follow", reader, json={"notify": True})
    assert followed.json["following"] is True, followed.body
    made = await api.post("/api/v1/lists", reader, json={"title": "Friends"})
    added = await api.post(
        f"/api/v1/lists/{made.json['id']}/accounts", reader, json={"account_ids": [author.id]}
    )
    assert added.status == 200
    return made.json["id"]


async def keep(api: Api, who: Person, status: dict[str, Any], *verbs: str) -> None:
    """Put marks on a status."""
    for verb in verbs:
        reply = await api.post(f"/api/v1/statuses/{status['id']}/{verb}", who)
        assert reply.status == 200, (verb, reply.body)
