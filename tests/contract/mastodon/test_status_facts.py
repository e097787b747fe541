"""Posting, reading and editing: the facts that no other module tells, one test each."""

from dataclasses import replace
from typing import Any

import pytest

from stonechat.kernel.settings import Settings
from tests.contract.api import Api, Person, Reply
from tests.contract.people import change, raw_verb

POSTS_PER_WINDOW = 300
WINDOW_MS = 3 * 3_600_000


async def _post(api: Api, who: Person | str, **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    return await api.post("/api/v1/statuses", who, json=fields)


async def test_st2_a_token_that_only_reads(api: Api) -> None:
    await api.person("anna")
    token = await api.token("anna", "read")
    reply = await _post(api, token, status="hello")
    assert reply.status == 403
    assert reply.json == {"error": "This action is outside the authorized scopes"}


class TestRates:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    async def test_st5_over_the_post_rate(self, sqlite_api: Api) -> None:
        api = sqlite_api
        # A window that ends meanwhile would count anew.
        api.clock.move(milliseconds=-api.clock.now_ms() % WINDOW_MS)
        anna = await api.person("anna")
        for number in range(POSTS_PER_WINDOW):
            # A window of the token itself is shorter than that of posting.
            api.clock.move(milliseconds=2_000)
            assert (await _post(api, anna, status=str(number))).status == 200
        reply = await _post(api, anna, status="one more")
        assert reply.status == 429
        assert reply.json == {"error": "Too many requests"}
        assert reply.headers["x-ratelimit-limit"] == str(POSTS_PER_WINDOW)
        assert reply.headers["x-ratelimit-remaining"] == "0"
        found = await api.get(f"/api/v1/accounts/{anna.id}", anna)
        assert found.json["statuses_count"] == POSTS_PER_WINDOW


async def test_st8_defaults_of_the_author(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "plain")
    assert (said["visibility"], said["sensitive"], said["language"]) == ("public", False, "en")
    source = {"privacy": "unlisted", "sensitive": True, "language": "de"}
    await change(api, anna, source=source)
    said = await api.say(anna, "by default")
    assert (said["visibility"], said["sensitive"], said["language"]) == ("unlisted", True, "de")
    said = await api.say(anna, "chosen", visibility="private", sensitive=False, language="fr")
    assert (said["visibility"], said["sensitive"], said["language"]) == ("private", False, "fr")


async def test_st8_a_locked_account_says_it_to_followers(api: Api) -> None:
    anna = await api.person("anna")
    await change(api, anna, locked=True)
    assert (await api.say(anna, "quietly"))["visibility"] == "private"


FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


@pytest.mark.parametrize(
    ("text", "spoiler", "status"),
    [
        pytest.param("a" * 500, "", 200, id="500"),
        pytest.param("a" * 501, "", 422, id="501"),
        pytest.param("a" * 400, "b" * 100, 200, id="text and warning, 500"),
        pytest.param("a" * 400, "b" * 101, 422, id="text and warning, 501"),
        pytest.param(FAMILY * 500, "", 200, id="500 families"),
        pytest.param(FAMILY * 501, "", 422, id="501 families"),
        pytest.param("\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}" * 500, "", 200),
    ],
)
async def test_st13_characters_are_graphemes(
    sqlite_api: Api, text: str, spoiler: str, status: int
) -> None:
    anna = await sqlite_api.person("anna")
    reply = await _post(sqlite_api, anna, status=text, spoiler_text=spoiler)
    assert reply.status == status
    if status == 422:
        wording = "Validation failed: Text character limit of 500 exceeded"
        assert reply.json == {"error": wording}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("a" * 476 + " https://example.org/" + "x" * 300, 200, id="a link is 23"),
        pytest.param("a" * 477 + " https://example.org/" + "x" * 300, 422, id="one too many"),
        pytest.param("a" * 480 + "https://example.org/x", 422, id="glued to a word"),
        pytest.param("a" * 490 + " @bert@remote.example", 200, id="a domain is free"),
        pytest.param("a" * 495 + " @bert@remote.example", 422, id="a name is not"),
    ],
)
async def test_st14_links_and_handles_count_by_their_own_rules(
    sqlite_api: Api, text: str, status: int
) -> None:
    anna = await sqlite_api.person("anna")
    assert (await _post(sqlite_api, anna, status=text)).status == status


async def test_st31_direct_makes_a_conversation_for_each(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "@bert psst", visibility="direct")
    for who, is_unread, other in ((anna, False, "bert"), (bert, True, "anna")):
        (found,) = (await api.get("/api/v1/conversations", who)).json
        assert found["last_status"]["id"] == said["id"]
        assert (found["unread"], found["accounts"][0]["acct"]) == (is_unread, other)


async def test_sr1_who_reads_one_status(api: Api) -> None:
    anna = await api.person("anna")
    public = await api.say(anna, "for all")
    private = await api.say(anna, "for some", visibility="private")
    assert (await api.get(f"/api/v1/statuses/{public['id']}")).status == 200
    hidden = await api.get(f"/api/v1/statuses/{private['id']}")
    absent = await api.get("/api/v1/statuses/1")
    assert (hidden.status, hidden.body) == (404, absent.body)
    writer = await api.token("anna", "write")
    assert (await api.get(f"/api/v1/statuses/{public['id']}", writer)).status == 403


async def test_sr6_whose_status_is_deleted(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mine")
    path = f"/api/v1/statuses/{said['id']}"
    foreign = await api.call("DELETE", path, bert)
    absent = await api.call("DELETE", "/api/v1/statuses/1", bert)
    assert (foreign.status, foreign.body) == (404, absent.body)
    reader = await api.token("anna", "read")
    assert (await api.call("DELETE", path, reader)).status == 403
    assert (await api.get(path)).status == 200


async def test_sr11_what_an_edit_cannot_change(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root, other = await api.say(bert, "root"), await api.say(bert, "other")
    said = await api.say(anna, "@bert one", in_reply_to_id=root["id"], visibility="unlisted")
    api.clock.move(seconds=1)
    reply = await api.call(
        "PUT",
        f"/api/v1/statuses/{said['id']}",
        anna,
        json={
            "status": "@bert two",
            "spoiler_text": "careful",
            "sensitive": True,
            "language": "de",
            "visibility": "public",
            "in_reply_to_id": other["id"],
        },
    )
    assert reply.status == 200
    after = reply.json
    assert (after["spoiler_text"], after["sensitive"], after["language"]) == ("careful", True, "de")
    assert (after["visibility"], after["in_reply_to_id"]) == ("unlisted", root["id"])
    assert after["edited_at"] is not None


async def test_sr22_unfavourite_through_a_block_and_never_seen(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "hello")
    path = f"/api/v1/statuses/{said['id']}"
    assert (await api.post(f"{path}/favourite", bert)).json["favourites_count"] == 1
    await raw_verb(api, anna, "block", bert)
    taken = await api.post(f"{path}/unfavourite", bert)
    assert (taken.status, taken.json["favourited"]) == (200, False)
    assert (await api.get(path)).json["favourites_count"] == 0
    hidden = await api.say(anna, "for some", visibility="private")
    assert (await api.post(f"/api/v1/statuses/{hidden['id']}/unfavourite", bert)).status == 404
