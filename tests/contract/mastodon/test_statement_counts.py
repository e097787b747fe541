"""How many statements each request costs: speed by design, and no surprise with the length.

A page costs the same for 1, 5 and 40 statuses. `run_all` counts as one, as it is one trip.
"""

import pytest

from tests.contract.api import Api, Person


async def _count(api: Api, method: str, path: str, who: Person | None = None, **how: object) -> int:
    api.recorder.forget()
    reply = await api.call(method, path, who, **how)  # pyright: ignore[reportArgumentType]
    assert reply.status == 200, reply.body
    return api.recorder.count


async def test_one_status(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    path = f"/api/v1/statuses/{said['id']}"
    api.renderer_forget()
    assert await _count(api, "GET", path, anna) == 3
    assert await _count(api, "GET", path, anna) == 1
    assert await _count(api, "GET", path) == 1


@pytest.mark.parametrize("length", [1, 5, 40])
async def test_pages(api: Api, length: int) -> None:
    anna = await api.person("anna")
    for number in range(length):
        await api.say(anna, str(number))
    api.renderer_forget()
    for path in ("/api/v1/timelines/home?limit=40", "/api/v1/timelines/public?limit=40"):
        first = await _count(api, "GET", path, anna)
        assert first <= 4
        assert await _count(api, "GET", path, anna) == 2
    assert await _count(api, "GET", "/api/v1/timelines/public?limit=40") == 2


async def test_verbs(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
    said = await api.say(anna, "hello")
    path = f"/api/v1/statuses/{said['id']}"
    plain = await _count(api, "POST", "/api/v1/statuses", anna, json={"status": "plain"})
    named = await _count(api, "POST", "/api/v1/statuses", anna, json={"status": "@bert hi"})
    assert (plain, named) == (PLAIN_POST, NAMED_POST)
    assert await _count(api, "POST", f"{path}/favourite", bert) <= FAVOURITE
    assert await _count(api, "POST", f"{path}/unfavourite", bert) <= FAVOURITE
    assert await _count(api, "POST", f"{path}/reblog", bert) <= BOOST
    assert await _count(api, "GET", f"{path}/context", bert) <= CONTEXT


async def test_polls(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    fields = {"status": "which?", "poll": {"options": ["tea", "coffee"], "expires_in": 600}}
    assert await _count(api, "POST", "/api/v1/statuses", anna, json=fields) <= PLAIN_POST + 1
    said = (await api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json[0]
    path = f"/api/v1/polls/{said['id']}"
    assert await _count(api, "POST", f"{path}/votes", bert, json={"choices": [0]}) == VOTE
    assert await _count(api, "GET", path, bert) == POLL
    assert await _count(api, "GET", path) == POLL - 2


# The viewer; in the transaction the author and the write set; the marks on what was made, and
# the account, whose counters changed.
PLAIN_POST = 5
# As above, with the names looked up, their blocks, and the write set in two parts.
NAMED_POST = 8
FAVOURITE = 10
BOOST = 13
CONTEXT = 10
# The viewer, the row, the marks; then the status, held before it is read, what the voter chose
# before, and the write set.
VOTE = 7
# The viewer, the row, the marks, the status, what the viewer chose.
POLL = 5
