"""Filters of the first API: one for each keyword of the second API's filters."""

from typing import Any

from tests.contract.api import Api, Person

FILTERS = "/api/v1/filters"
WHOLE = "/api/v2/filters"


async def made(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    """A filter of the second API with two keywords."""
    sent = {
        "title": "Weather",
        "context": ["home"],
        "keywords_attributes": [{"keyword": "rain"}, {"keyword": "hail"}],
    }
    reply = await api.post(WHOLE, who, json=sent | fields)
    assert reply.status == 200, reply.body
    return reply.json


async def test_a_phrase_from_its_making_to_its_end(api: Api) -> None:
    """[FI6]"""
    anna = await api.person("anna")
    form = {
        "phrase": "rain",
        "context[]": ["home", "public"],
        "irreversible": "true",
        "whole_word": "false",
        "expires_in": "600",
    }
    one = (await api.post(FILTERS, anna, form=form)).json
    assert one["phrase"] == "rain"
    assert one["context"] == ["home", "public"]
    assert one["irreversible"] is True
    assert one["whole_word"] is False
    assert one["expires_at"] is not None
    assert (await api.get(FILTERS, anna)).json == [one]
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).json == one

    (whole,) = (await api.get(WHOLE, anna)).json
    assert whole["title"] == "rain"
    assert whole["filter_action"] == "hide"
    assert [each["id"] for each in whole["keywords"]] == [one["id"]]

    change = {"phrase": "hail", "context": ["thread"], "irreversible": False, "expires_in": ""}
    changed = (await api.call("PUT", f"{FILTERS}/{one['id']}", anna, json=change)).json
    assert changed == {
        "id": one["id"],
        "phrase": "hail",
        "context": ["thread"],
        "whole_word": False,
        "expires_at": None,
        "irreversible": False,
    }
    (whole,) = (await api.get(WHOLE, anna)).json
    assert (whole["title"], whole["filter_action"]) == ("hail", "warn")

    assert (await api.call("DELETE", f"{FILTERS}/{one['id']}", anna)).json == {}
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).status == 404
    # Nothing is left that could be seen nowhere and still count.
    assert (await api.get(WHOLE, anna)).json == []


async def test_a_filter_of_two_keywords_is_two_here(api: Api) -> None:
    """[FI6]"""
    anna = await api.person("anna")
    whole = await made(api, anna)
    listed = (await api.get(FILTERS, anna)).json
    assert [(each["id"], each["phrase"]) for each in listed] == [
        (each["id"], each["keyword"]) for each in whole["keywords"]
    ]
    assert (await api.call("DELETE", f"{FILTERS}/{listed[0]['id']}", anna)).status == 200
    left = (await api.get(f"{WHOLE}/{whole['id']}", anna)).json
    assert left["keywords"] == whole["keywords"][1:]


async def test_what_siblings_share_cannot_be_changed_through_one(api: Api) -> None:
    """[FI7]"""
    anna = await api.person("anna")
    whole = await made(api, anna)
    path = f"{FILTERS}/{whole['keywords'][0]['id']}"
    for change in ({"context": ["public"]}, {"irreversible": True}, {"expires_in": 60}):
        reply = await api.call("PUT", path, anna, json={"phrase": "snow"} | change)
        assert reply.status == 422
        assert "more than one filter keyword" in reply.json["error"]
    assert (await api.get(f"{WHOLE}/{whole['id']}", anna)).json == whole

    # Old clients send everything: what is as it was is no change.
    same = {"phrase": "snow", "context": ["home"], "irreversible": False, "expires_in": ""}
    changed = await api.call("PUT", path, anna, json=same | {"whole_word": False})
    assert changed.status == 200
    assert (changed.json["phrase"], changed.json["whole_word"]) == ("snow", False)
    now = (await api.get(f"{WHOLE}/{whole['id']}", anna)).json
    assert now["title"] == "Weather"
    assert [each["keyword"] for each in now["keywords"]] == ["snow", "hail"]


async def test_a_title_of_its_own_is_kept(api: Api) -> None:
    anna = await api.person("anna")
    whole = await made(api, anna, filter_action="blur", keywords_attributes=[{"keyword": "rain"}])
    path = f"{FILTERS}/{whole['keywords'][0]['id']}"
    await api.call("PUT", path, anna, json={"phrase": "snow", "irreversible": False})
    now = (await api.get(f"{WHOLE}/{whole['id']}", anna)).json
    assert (now["title"], now["filter_action"]) == ("Weather", "blur")


async def test_what_is_wrong_with_a_phrase_is_said_and_nothing_is_made(api: Api) -> None:
    """[FI6] S086 S087"""
    anna = await api.person("anna")
    for fields, words in (
        ({"context": ["home"]}, "Phrase can't be blank"),
        ({"phrase": " ", "context": ["home"]}, "Phrase can't be blank"),
        ({"phrase": ["a"], "context": ["home"]}, "Phrase must be text"),
        ({"phrase": "a" * 513, "context": ["home"]}, "Phrase is too long"),
        ({"phrase": "a"}, "Context None or invalid context supplied"),
        ({"phrase": "a", "context": ["nowhere"]}, "Context None or invalid context supplied"),
        ({"phrase": "a", "context": ["home"], "irreversible": [1]}, "must be true or false"),
    ):
        reply = await api.post(FILTERS, anna, json=fields)
        assert reply.status == 422, fields
        assert words in reply.json["error"], fields
    assert (await api.get(FILTERS, anna)).json == []

    one = (await api.post(FILTERS, anna, json={"phrase": "a" * 512, "context": ["home"]})).json
    blank = await api.call("PUT", f"{FILTERS}/{one['id']}", anna, json={"phrase": ""})
    assert blank.status == 422
    assert (await api.get(FILTERS, anna)).json == [one]


async def test_phrases_belong_to_their_owner_and_to_their_scopes(api: Api) -> None:
    """[GT15] S038"""
    anna, bert = await api.person("anna"), await api.person("bert")
    one = (await api.post(FILTERS, anna, json={"phrase": "rain", "context": ["home"]})).json
    for identifier in (one["id"], "17", "nonsense"):
        for method in ("GET", "PUT", "DELETE"):
            sent = {"phrase": "mine"} if method == "PUT" else None
            reply = await api.call(method, f"{FILTERS}/{identifier}", bert, json=sent)
            assert reply.status == 404
            assert reply.body == b'{"error":"Record not found"}'
    assert (await api.get(FILTERS, anna)).json == [one]
    assert (await api.get(FILTERS)).status == 401
    writes = await api.token("anna", "write:filters")
    assert (await api.get(FILTERS, writes)).status == 403
