"""One's own account: what it says, and how it is changed, in every form that clients send."""

import asyncio
from typing import Any

import pytest

from tests.contract.api import Api, Person, Reply
from tests.contract.people import change, names

PATH = "/api/v1/accounts/update_credentials"
SOURCE_KEYS = {
    "privacy",
    "sensitive",
    "language",
    "note",
    "fields",
    "follow_requests_count",
    "hide_collections",
    "discoverable",
    "indexable",
    "attribution_domains",
    "quote_policy",
}
BOUNDARY = "4f1d"


def multipart(*parts: tuple[str, str]) -> dict[str, Any]:
    """Body and headers of a form that some clients send."""
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    ]
    return {
        "body": ("".join(lines) + f"--{BOUNDARY}--\r\n").encode(),
        "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    }


async def patch(api: Api, who: Person, **sent: Any) -> Reply:
    return await api.call("PATCH", PATH, who, **sent)


async def test_verify_credentials(api: Api) -> None:
    """[AC8]"""
    anna = await api.person("anna", role="moderator")
    path = "/api/v1/accounts/verify_credentials"
    me = (await api.get(path, anna)).json
    assert me["source"].keys() == SOURCE_KEYS
    assert me["source"]["privacy"] == "public"
    assert me["source"]["sensitive"] is False
    assert me["source"]["language"] is None
    assert me["source"]["fields"] == []
    assert me["source"]["follow_requests_count"] == 0
    assert me["role"].keys() == {"id", "name", "permissions", "color", "highlighted"}
    assert (me["role"]["name"], me["role"]["highlighted"]) == ("Moderator", True)
    shown = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert {key: value for key, value in me.items() if key not in ("source", "role")} == shown
    for scopes in ("profile", "read:accounts", "read"):
        assert (await api.get(path, await api.token("anna", scopes))).status == 200
    assert (await api.get(path, await api.token("anna", "write"))).status == 403


async def test_everything_in_json(api: Api) -> None:
    """[AC9] [AC12]"""
    anna = await api.person("anna")
    sent = {
        "display_name": " Anna  \u202eA. ",
        "note": "I am <b>.\n\nhttps://example.org/me",
        "locked": True,
        "bot": "true",
        "discoverable": 1,
        "indexable": True,
        "hide_collections": True,
        "fields_attributes": [
            {"name": "site", "value": "https://example.org"},
            {"name": "", "value": ""},
            {"name": "empty", "value": ""},
        ],
        "source": {"privacy": "unlisted", "sensitive": True, "language": "de-AT"},
    }
    reply = await patch(api, anna, json=sent)
    assert reply.status == 200
    me = reply.json
    assert me["display_name"] == "Anna A."
    assert me["note"].startswith("<p>I am &lt;b&gt;.</p><p><a href=")
    assert me["source"]["note"] == sent["note"]
    for flag in ("locked", "bot", "discoverable", "indexable", "hide_collections"):
        assert me[flag] is True, flag
    for flag in ("discoverable", "indexable", "hide_collections"):
        assert me["source"][flag] is True, flag
    assert me["noindex"] is False
    assert [field["name"] for field in me["fields"]] == ["site", "empty"]
    assert me["fields"][0]["value"].startswith('<a href="https://example.org"')
    assert me["source"]["fields"][0]["value"] == "https://example.org"
    source = me["source"]
    assert (source["privacy"], source["sensitive"], source["language"]) == ("unlisted", True, "de")
    shown = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert shown["note"] == me["note"]
    assert "source" not in shown
    said = (await api.post("/api/v1/statuses", anna, json={"status": "hallo"})).json
    assert (said["visibility"], said["sensitive"], said["language"]) == ("unlisted", True, "de")
    assert said["account"]["display_name"] == "Anna A."


@pytest.mark.parametrize("brackets", ["[0]", "[]"])
@pytest.mark.parametrize("kind", ["form", "multipart", "query"])
async def test_every_form_of_the_same(sqlite_api: Api, kind: str, brackets: str) -> None:
    """[AC11] [GEN21]"""
    anna = await sqlite_api.person("anna")
    parts = [
        ("display_name", "Anna"),
        ("bot", "1"),
        ("source[privacy]", "private"),
        (f"fields_attributes{brackets}[name]", "site"),
        (f"fields_attributes{brackets}[value]", "example.org"),
        (f"fields_attributes{brackets.replace('0', '7')}[name]", "mail"),
        (f"fields_attributes{brackets.replace('0', '7')}[value]", "a@b"),
    ]
    if kind == "form":
        reply = await patch(sqlite_api, anna, form=parts)
    elif kind == "multipart":
        reply = await patch(sqlite_api, anna, **multipart(*parts))
    else:
        query = "&".join(f"{name}={value}" for name, value in parts)
        reply = await sqlite_api.call("PATCH", f"{PATH}?{query}", anna)
    assert reply.status == 200, reply.body
    me = reply.json
    assert (me["display_name"], me["bot"], me["source"]["privacy"]) == ("Anna", True, "private")
    assert [(field["name"], field["value"]) for field in me["source"]["fields"]] == [
        ("site", "example.org"),
        ("mail", "a@b"),
    ]


async def test_what_is_not_sent_stays(api: Api) -> None:
    """[AC9] [AC11]"""
    anna = await api.person("anna")
    before = await change(
        api,
        anna,
        display_name="Anna",
        note="me",
        bot=True,
        fields_attributes={"0": {"name": "a", "value": "b"}},
        source={"language": "fr"},
    )
    for nothing in ({}, {"source": {}}, {"display_name": None}, {"unknown": "x"}):
        assert await change(api, anna, **nothing) == before
    assert (await patch(api, anna)).json == before
    after = await change(api, anna, note="", source={"language": ""})
    assert after["display_name"] == "Anna"
    assert after["note"] == after["source"]["note"] == ""
    assert after["fields"] == [{"name": "a", "value": "b", "verified_at": None}]
    assert after["source"]["language"] is None
    for emptying in ([], [{"name": "", "value": ""}]):
        emptied = await change(api, anna, display_name="", fields_attributes=emptying)
        assert (emptied["display_name"], emptied["fields"]) == ("", [])


BROKEN = {
    "note": ({"note": "x" * 501}, "note", "ERR_TOO_LONG"),
    "note in graphemes": ({"note": "\U0001f468\u200d\U0001f469" * 501}, "note", "ERR_TOO_LONG"),
    "huge note": ({"note": "x" * 200_000}, "note", "ERR_TOO_LONG"),
    "name": ({"display_name": "x" * 31}, "display_name", "ERR_TOO_LONG"),
    "huge name": ({"display_name": "x" * 200_000}, "display_name", "ERR_TOO_LONG"),
    "five fields": (
        {"fields_attributes": [{"name": "a", "value": "b"}] * 5},
        "fields",
        "ERR_TOO_LONG",
    ),
    "field name": (
        {"fields_attributes": [{"name": "a" * 256, "value": "b"}]},
        "fields",
        "ERR_TOO_LONG",
    ),
    "field value": (
        {"fields_attributes": [{"name": "a", "value": "b" * 256}]},
        "fields",
        "ERR_TOO_LONG",
    ),
    "nameless": ({"fields_attributes": [{"value": "b"}]}, "fields", "ERR_INVALID"),
    "privacy": ({"source": {"privacy": "everyone"}}, "source[privacy]", "ERR_INCLUSION"),
    "language": ({"source": {"language": "klingon"}}, "source[language]", "ERR_INVALID"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_refused(sqlite_api: Api, name: str) -> None:
    """[AC9] [AC10] S084: 422 with the field and the rule, and nothing is half done."""
    sent, field, code = BROKEN[name]
    anna = await sqlite_api.person("anna")
    before = await change(sqlite_api, anna, note="before")
    reply = await patch(sqlite_api, anna, json={"bot": True, **sent})
    assert reply.status == 422
    assert reply.json["error"].startswith("Validation failed: ")
    (problem,) = reply.json["details"][field]
    assert (problem["error"], bool(problem["description"])) == (code, True)
    after = (await sqlite_api.get("/api/v1/accounts/verify_credentials", anna)).json
    assert after == before


async def test_s084_what_just_fits_is_kept_whole(api: Api) -> None:
    """S084"""
    anna = await api.person("anna")
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    longest = {
        "display_name": "\N{SNOWMAN}" * 30,
        "note": family * 500,
        "fields_attributes": [{"name": "\u00e9" * 255, "value": "\u4e2d" * 255}] * 4,
    }
    me = await change(api, anna, **longest)
    assert me["display_name"] == longest["display_name"]
    assert me["source"]["note"] == longest["note"]
    assert [(each["name"], each["value"]) for each in me["source"]["fields"]] == [
        ("\u00e9" * 255, "\u4e2d" * 255)
    ] * 4
    linked = "https://example.org/" + "x" * 400 + " " + "y" * (500 - 24)
    assert (await change(api, anna, note=linked))["source"]["note"] == linked


async def test_s051_a_field_that_was_taken_away_is_nowhere(api: Api) -> None:
    """S051: not in the profile, nor beside a status, nor in a search."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await change(
        api, anna, display_name="Zaubernuss", fields_attributes=[{"name": "z", "value": "q"}]
    )
    said = await api.say(anna, "hello")
    assert await names(api, "/api/v1/accounts/search?q=zauber", bert) == ["anna"]
    await change(api, anna, display_name="", fields_attributes=[{"name": "", "value": ""}])
    assert await names(api, "/api/v1/accounts/search?q=zauber", bert) == []
    for path in (f"/api/v1/statuses/{said['id']}", f"/api/v1/accounts/{anna.id}/statuses"):
        assert b"Zaubernuss" not in (await api.get(path, bert)).body
        assert b'"fields":[]' in (await api.get(path, bert)).body


async def test_two_changes_of_different_parts_do_not_undo_each_other(api: Api) -> None:
    anna = await api.person("anna")
    await asyncio.gather(
        *(change(api, anna, **sent) for sent in ({"note": "a"}, {"bot": True}, {"locked": True})),
        *(change(api, anna, display_name=f"Anna {number}") for number in range(4)),
    )
    me = (await api.get("/api/v1/accounts/verify_credentials", anna)).json
    assert (me["source"]["note"], me["bot"], me["locked"]) == ("a", True, True)
    rows = await api.env.db.all(
        "SELECT word FROM account_words WHERE account_id = $1 ORDER BY word", int(anna.id)
    )
    assert [row[0] for row in rows] == sorted({"anna", me["display_name"][-1]})
