"""The timeline of a tag: what stands in it, for whom, and how it is paged."""

import re
from typing import Any

from tests.contract.api import Api, Person, Reply

SOUP = "/api/v1/timelines/tag/soup"


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [status["id"] for status in reply.json]


def link(reply: Reply, relation: str) -> str:
    found = re.search(rf'<http://stonechat\.test([^>]*)>; rel="{relation}"', reply.headers["link"])
    assert found, reply.headers["link"]
    return found[1]


async def say(api: Api, who: Person, text: str, **fields: Any) -> str:
    return (await api.say(who, text, **fields))["id"]


async def test_tl10_what_stands_in_it(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    first = await say(api, anna, "#Soup")
    answer = await say(api, bert, "@anna more #SOUP", in_reply_to_id=first)
    for visibility in ("unlisted", "private", "direct"):
        await say(api, anna, "@bert #soup", visibility=visibility)
    await api.post(f"/api/v1/statuses/{first}/reblog", bert)
    await say(api, anna, "#soupy")
    for who in (None, anna, bert):
        assert ids(await api.get(SOUP, who)) == [answer, first]
    assert ids(await api.get("/api/v1/timelines/tag/%23SoUp")) == [answer, first]
    assert ids(await api.get(f"{SOUP}?local=true")) == [answer, first]
    assert ids(await api.get(f"{SOUP}?remote=true")) == []
    assert ids(await api.get(f"{SOUP}?only_media=true")) == []
    assert ids(await api.get(f"{SOUP}?limit=0")) == []

    gone = await api.call("DELETE", f"/api/v1/statuses/{answer}", bert)
    assert gone.status == 200
    edit = {"status": "no tag any more"}
    assert (await api.call("PUT", f"/api/v1/statuses/{first}", anna, json=edit)).status == 200
    assert ids(await api.get(SOUP)) == []


async def test_tl11_unknown_tags_are_empty(api: Api) -> None:
    for name in ("neverused", "no-tag", "1234", "x" * 200):
        reply = await api.get(f"/api/v1/timelines/tag/{name}")
        assert (reply.status, reply.json) == (200, [])
        assert "link" not in reply.headers


async def test_tl10_any_all_and_none(api: Api) -> None:
    anna = await api.person("anna")
    soup = await say(api, anna, "#soup")
    tea = await say(api, anna, "#tea")
    both = await say(api, anna, "#soup #tea")
    three = await say(api, anna, "#soup #tea #cake")
    cake = await say(api, anna, "#cake")
    for query, expected in {
        "any[]=Tea": [three, both, tea, soup],
        "any[]=tea&any[]=cake": [cake, three, both, tea, soup],
        "any[]=soup": [three, both, soup],
        "all[]=tea": [three, both],
        "all[]=tea&all[]=cake": [three],
        "none[]=cake": [both, soup],
        "none[]=cake&none[]=tea": [soup],
        "any[]=tea&all[]=soup&none[]=cake": [both, soup],
        "all[]=no-tag": [],
        "none[]=no-tag": [three, both, soup],
        "any[]=a&any[]=b&any[]=c&any[]=d&any[]=tea": [three, both, soup],
    }.items():
        for who in (None, anna):
            assert ids(await api.get(f"{SOUP}?{query}", who)) == expected, query


async def test_tl10_pages_keep_their_filters(api: Api) -> None:
    anna = await api.person("anna")
    every = [await say(api, anna, f"#{'soup' if n % 2 else 'tea'} {n}") for n in range(10)][::-1]
    query = "any[]=tea&local=true&limit=3"
    page = await api.get(f"{SOUP}?{query}", anna)
    assert ids(page) == every[:3]
    assert link(page, "next") == f"{SOUP}?any[]=tea&limit=3&local=true&max_id={every[2]}"
    seen = ids(page)
    while page.json:
        page = await api.get(link(page, "next"), anna)
        seen += ids(page)
    assert seen == every
    up = await api.get(f"{SOUP}?{query}&min_id={every[-1]}", anna)
    assert ids(up) == every[-4:-1]
    assert ids(await api.get(link(up, "prev"), anna)) == every[-7:-4]
    between = f"max_id={every[1]}&since_id={every[5]}"
    assert ids(await api.get(f"{SOUP}?any[]=tea&{between}")) == every[2:5]


async def test_whom_the_viewer_hides_is_left_out(api: Api) -> None:
    anna, bert, cora, dora = [await api.person(name) for name in ("anna", "bert", "cora", "dora")]
    said = [await say(api, who, "#soup") for who in (anna, bert, cora, dora)]
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    await api.post(f"/api/v1/accounts/{anna.id}/block", cora)
    await api.post(f"/api/v1/accounts/{dora.id}/mute", anna)
    assert ids(await api.get(SOUP, anna)) == said[:1]
    assert ids(await api.get(f"{SOUP}?any[]=tea", anna)) == said[:1]
    assert ids(await api.get(SOUP)) == said[::-1]


async def test_s055_a_thousand_hidden_statuses_do_not_end_it(api: Api) -> None:
    """S055: pages reach what lies below, are full, and cost what every page costs."""
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    oldest = [await say(api, cora, f"#soup {number}") for number in range(3)]
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    for number in range(500):
        await say(api, bert, f"#soup {number}")
        await say(api, cora, f"#soup {number}", visibility="private")
    newest = await say(api, cora, "#soup at last")

    api.recorder.forget()
    page = await api.get(f"{SOUP}?limit=2", anna)
    assert ids(page) == [newest, oldest[2]]
    # The page with its token, the marks; the heads and the authors that are not kept yet.
    assert api.recorder.count <= 4
    assert ids(await api.get(link(page, "next"), anna)) == [oldest[1], oldest[0]]
    api.recorder.forget()
    assert len(ids(await api.get(f"{SOUP}?limit=100"))) == 40
    assert api.recorder.count <= 4
