"""Embeds: objects of somewhere else, kept by administrators, named by members on the fly."""

from typing import Any

import pytest

from tests.contract.api import Api
from tests.contract.selfcommunity.media_calls import MEDIA, fault, make

EMBED = "/api/v2/embed/"


async def test_administrators_keep_embeds(api: Api) -> None:
    """2.5: create, read, search, PUT and PATCH; a type and a name are there once."""
    ada, bob = await api.person("ada", role="admin"), await api.person("bob")
    body = {"embed_type": "video", "embed_id": "v1", "url": "https://a.example/v1"}
    made = await api.post(EMBED, ada, json={**body, "metadata": {"title": "One"}})
    assert made.status == 201, made.body
    assert list(made.json) == ["id", "embed_type", "embed_id", "url", "metadata"]
    assert fault(await api.post(EMBED, ada, json=body)) == ("non_field_errors", "unique")
    second = await api.post(EMBED, ada, json={"embed_type": "song", "embed_id": "v1"})
    assert (second.json["url"], second.json["metadata"]) == (None, {})
    path = f"{EMBED}{made.json['id']}/"
    assert (await api.get(path)).json == made.json
    page = (await api.get(f"{EMBED}?limit=1")).json
    assert (page["count"], page["results"]) == (2, [made.json])
    assert page["next"].endswith("?limit=1&offset=1")
    for query, count in (
        ("embed_type=video", 1),
        ("embed_id=v1", 2),
        ("embed_type=song&embed_id=v1", 1),
        ("embed_type=song&embed_id=v2", 0),
        ("", 2),
    ):
        found = (await api.get(f"{EMBED}search/?{query}")).json
        assert (found["count"], len(found["results"])) == (count, count), query
    patched = await api.call("PATCH", path, ada, json={"metadata": {"a": [1]}})
    assert (patched.json["url"], patched.json["metadata"]) == (body["url"], {"a": [1]})
    put = await api.call("PUT", path, ada, json={"url": "https://b.example/"})
    assert (put.json["url"], put.json["metadata"]) == ("https://b.example/", {})
    for method, where in (("POST", EMBED), ("PUT", path), ("PATCH", path)):
        assert (await api.call(method, where, bob, json=body)).status == 403
    assert (await api.call("PUT", f"{EMBED}77/", ada, json={})).status == 404
    assert (await api.get(f"{EMBED}77/")).status == 404


async def test_members_name_embeds(api: Api) -> None:
    """2.5, 3.5: a medium of the type embed makes the embed; one that is there stays as it is."""
    amy, bob = await api.person("amy"), await api.person("bob")
    embed = {
        "embed_type": "recipe",
        "embed_id": 7,
        "url": "https://a.example/7",
        "metadata": {"title": "Soup", "html": "<script>alert(1)</script>"},
    }
    first = await make(api, amy, type="embed", embed=embed)
    assert (first["type"], first["embed"]["embed_id"]) == ("embed", "7")
    assert first["embed"]["metadata"] == {"title": "Soup"}
    second = await make(api, bob, type="embed", embed={**embed, "metadata": {"title": "Mine"}})
    assert (second["embed"], second["id"] != first["id"]) == (first["embed"], True)
    assert (await api.get(f"{EMBED}{first['embed']['id']}/", bob)).json == first["embed"]
    again = [
        await api.post(
            MEDIA, amy, json={"type": "embed", "embed": embed}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert again[0].json == again[1].json


@pytest.mark.parametrize(
    ("embed", "field"),
    [
        ("x", "embed"),
        ({}, "embed_type"),
        ({"embed_type": "a"}, "embed_id"),
        ({"embed_type": "sc_shared_object", "embed_id": "1"}, "embed_type"),
        ({"embed_type": "a" * 65, "embed_id": "1"}, "embed_type"),
        ({"embed_type": "a", "embed_id": "1" * 201}, "embed_id"),
        ({"embed_type": "a", "embed_id": "1", "url": "javascript:alert(1)"}, "url"),
        ({"embed_type": "a", "embed_id": "1", "metadata": "x"}, "metadata"),
        ({"embed_type": "a", "embed_id": "1", "metadata": {"url": "javascript:x"}}, "url"),
        ({"embed_type": "a", "embed_id": "1", "metadata": {"a": "é" * 10_000}}, "metadata"),
    ],
)
async def test_s084_s086_embeds_that_are_none(api: Api, embed: Any, field: str) -> None:
    """S084, S086: bounds, shapes, reserved types, addresses that are none."""
    amy = await api.person("amy")
    reply = await api.post(MEDIA, amy, json={"type": "embed", "embed": embed})
    assert (reply.status, fault(reply)[0]) == (400, field), reply.body
