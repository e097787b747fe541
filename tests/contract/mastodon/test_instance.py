"""What clients ask of a server before and after they sign in, and that it is so."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from toot.entities import Instance, from_dict

import stonechat
from stonechat.blobs.formats import SUPPORTED_MIME_TYPES
from stonechat.domain import limits
from stonechat.domain.text.languages import LANGUAGES
from stonechat.http.operations import PUBLIC
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.recording import RecordingDatabase

V1 = "/api/v1/instance"
V2 = "/api/v2/instance"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url="",
        base_url="https://stonechat.test",
        registrations="approval",
        rate_limits=False,
        title="The Pier",
        description="Who is where.",
        extended_description="More of it.\n\nAnd <b>more</b>.",
        contact_email="harbour@example.org",
        contact_account="@Anna",
        rules=("Be brief.", "Be kind."),
        languages=("en", "fi"),
        approval_message="Say why.",
    )


def strings_in(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings_in(each)]
    return [value] if isinstance(value, str) else []


async def test_the_server_tells_of_itself(api: Api) -> None:
    """[IN1] [IN3]"""
    anna = await api.person("anna")
    reply = await api.get(V2)
    assert reply.status == 200
    assert reply.headers["cache-control"] == PUBLIC
    assert reply.headers["access-control-allow-origin"] == "*"
    body = reply.json
    assert body["domain"] == "stonechat.test"
    assert body["title"] == "The Pier"
    assert body["version"] == f"4.2.10 (compatible; Stonechat {stonechat.__version__})"
    assert body["description"] == "Who is where."
    assert body["languages"] == ["en", "fi"]
    assert body["thumbnail"]["url"] == "https://stonechat.test/static/thumbnail.png"
    assert body["registrations"] == {
        "enabled": True,
        "approval_required": True,
        "reason_required": True,
        "message": "Say why.",
        "min_age": None,
        "url": None,
    }
    assert body["contact"]["email"] == "harbour@example.org"
    assert body["contact"]["account"] == (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert [(rule["id"], rule["text"]) for rule in body["rules"]] == [
        ("1", "Be brief."),
        ("2", "Be kind."),
    ]
    assert body["api_versions"] == {"mastodon": 0}
    assert body["configuration"]["urls"]["streaming"] == "wss://stonechat.test"
    assert body["configuration"]["translation"] == {"enabled": False}
    assert body["configuration"]["vapid"] == {"public_key": ""}


async def test_announced_bounds_are_those_that_hold(api: Api) -> None:
    """[IN1]: what is announced is tried, one over and exactly."""
    anna = await api.person("anna")
    configuration = (await api.get(V2)).json["configuration"]
    statuses = configuration["statuses"]
    length = statuses["max_characters"]
    await api.say(anna, "a" * length)
    over = await api.post("/api/v1/statuses", anna, json={"status": "a" * (length + 1)})
    assert over.status == 422
    url = "https://example.org/" + "a" * 100
    filled = "a" * (length - statuses["characters_reserved_per_url"] - 1)
    await api.say(anna, f"{filled} {url}")
    assert configuration["accounts"]["max_pinned_statuses"] == limits.PINNED_STATUSES_MAX
    assert configuration["accounts"]["max_note_length"] == limits.NOTE_CHARACTERS_MAX
    assert configuration["accounts"]["max_featured_tags"] == limits.FEATURED_TAGS_MAX
    assert statuses["max_media_attachments"] == limits.STATUS_MEDIA_MAX
    assert configuration["media_attachments"] == {
        "supported_mime_types": list(SUPPORTED_MIME_TYPES),
        "description_limit": limits.MEDIA_DESCRIPTION_CHARACTERS_MAX,
        "image_size_limit": limits.MEDIA_IMAGE_BYTES_MAX,
        "image_matrix_limit": limits.MEDIA_IMAGE_PIXELS_MAX,
        "video_size_limit": limits.MEDIA_FILM_BYTES_MAX,
        "video_frame_rate_limit": limits.MEDIA_FRAMES_PER_SECOND_MAX,
        "video_matrix_limit": limits.MEDIA_VIDEO_PIXELS_MAX,
    }
    assert {"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "audio/mpeg"} <= set(
        SUPPORTED_MIME_TYPES
    )
    assert configuration["polls"] == {
        "max_options": limits.POLL_OPTIONS_MAX,
        "max_characters_per_option": limits.POLL_OPTION_CHARACTERS_MAX,
        "min_expiration": limits.POLL_SECONDS_MIN,
        "max_expiration": limits.POLL_SECONDS_MAX,
    }


async def test_version_1_says_the_same(api: Api) -> None:
    """[IN2]"""
    await api.person("anna")
    reply = await api.get(V1)
    assert reply.headers["cache-control"] == PUBLIC
    old, new = reply.json, (await api.get(V2)).json
    assert old["uri"] == new["domain"]
    assert old["thumbnail"] == new["thumbnail"]["url"]
    assert old["registrations"] is True
    assert old["approval_required"] is True
    assert old["invites_enabled"] is False
    assert old["urls"] == {"streaming_api": "wss://stonechat.test"}
    assert old["email"] == new["contact"]["email"]
    assert old["contact_account"] == new["contact"]["account"]
    assert old["short_description"] == new["description"]
    assert old["stats"] == {"user_count": 1, "status_count": 0, "domain_count": 0}
    for name in ("title", "version", "languages", "rules"):
        assert old[name] == new[name], name
    for name in ("statuses", "media_attachments", "polls"):
        assert old["configuration"][name] == new["configuration"][name], name
    # toot reads the answer into strict data classes.
    read = from_dict(Instance, old)
    assert read.configuration.statuses.max_characters == limits.STATUS_CHARACTERS_MAX


async def test_counts_are_true_within_a_minute(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.person("carl")

    async def counts() -> tuple[int, int, int]:
        old, new = (await api.get(V1)).json, (await api.get(V2)).json
        month: int = new["usage"]["users"]["active_month"]
        return old["stats"]["user_count"], old["stats"]["status_count"], month

    await api.say(anna, "One")
    assert await counts() == (3, 1, 1)
    await api.say(bert, "Two")
    await api.say(bert, "For Anna alone @anna", visibility="direct")
    assert await counts() == (3, 1, 1)
    api.clock.move(seconds=60)
    assert await counts() == (3, 2, 2)
    api.clock.move(days=31)
    assert await counts() == (3, 2, 0)


async def test_nobody_is_the_contact_where_none_was_named(api: Api) -> None:
    assert (await api.get(V2)).json["contact"]["account"] is None
    assert (await api.get(V1)).json["contact_account"] is None


async def test_every_text_is_a_text_and_every_list_is_a_list(api: Api) -> None:
    """Trap 3: null instead of [] breaks clients."""
    await api.person("anna")
    for path in (V1, V2):
        body = (await api.get(path)).json
        for name in ("languages", "rules"):
            assert isinstance(body[name], list)
        assert all(text.isprintable() for text in strings_in(body))


async def test_activity_has_twelve_weeks_of_texts(api: Api) -> None:
    """[IN4]"""
    api.clock.moment = datetime(2026, 11, 18, 12, tzinfo=UTC)
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.say(anna, "One")
    api.clock.move(days=7)
    for text in ("Two", "Three"):
        await api.say(bert, text)
    weeks = (await api.get(f"{V1}/activity")).json
    assert len(weeks) == 12
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert weeks[0] == {
        "week": str(int(monday.timestamp())),
        "statuses": "2",
        "logins": "1",
        "registrations": "0",
    }
    assert weeks[1] == {
        "week": str(int(monday.timestamp()) - 7 * 86_400),
        "statuses": "1",
        # Bert signed in in that week, though he said nothing.
        "logins": "2",
        "registrations": "2",
    }
    began = [int(week["week"]) for week in weeks]
    assert {later - earlier for later, earlier in pairwise(began)} == {7 * 86_400}
    assert {week["statuses"] for week in weeks[2:]} == {"0"}


async def test_texts_about_the_server(api: Api) -> None:
    """[IN4]"""
    rules = (await api.get(f"{V1}/rules")).json
    assert rules == (await api.get(V2)).json["rules"]
    described = (await api.get(f"{V1}/extended_description")).json
    assert described["content"].startswith("<p>More of it.</p><p>And &lt;b&gt;more")
    policy = (await api.get(f"{V1}/privacy_policy")).json
    assert f"{limits.DELETED_STATUS_DAYS} days" in policy["content"]
    assert policy["updated_at"].endswith(".000Z")
    languages = (await api.get(f"{V1}/languages")).json
    assert {"code": "fi", "name": "Finnish"} in languages
    assert len(languages) == len(LANGUAGES)


async def test_what_there_is_none_of(api: Api) -> None:
    """[IN4]: empty where it is a collection, absent where it is one thing."""
    for path, expected in (
        (f"{V1}/peers", []),
        (f"{V1}/translation_languages", {}),
        ("/api/v1/custom_emojis", []),
    ):
        reply = await api.get(path)
        assert (reply.status, reply.json) == (200, expected), path
        assert reply.headers["cache-control"] == PUBLIC
    for path in (
        f"{V1}/domain_blocks",
        f"{V1}/terms_of_service",
        f"{V1}/terms_of_service/2026-01-01",
    ):
        reply = await api.get(path)
        assert (reply.status, reply.json) == (404, {"error": "Record not found"}), path
        assert reply.headers["cache-control"] == "no-store"


async def test_streams_are_not_there_and_say_so(api: Api) -> None:
    """[SS1]: a client that looks for a stream gets an answer that it can read."""
    anna = await api.person("anna")
    for path in ("", "/user", "/public", "/public/local", "/health"):
        reply = await api.get(f"/api/v1/streaming{path}", anna)
        assert reply.status == 404
        assert reply.json["error"]
        assert reply.headers["access-control-allow-origin"] == "*"


async def test_announcements_need_a_person_and_are_none(api: Api) -> None:
    """[AN1]"""
    anna = await api.person("anna")
    path = "/api/v1/announcements"
    assert (await api.get(path)).status == 401
    assert (await api.get(path, anna)).json == []
    for method, rest in (
        ("POST", "1/dismiss"),
        ("PUT", "1/reactions/smile"),
        ("DELETE", "1/reactions/%F0%9F%91%8D"),
    ):
        reply = await api.call(method, f"{path}/{rest}", anna)
        assert (reply.status, reply.json) == (404, {"error": "Record not found"})
        reads = await api.token("anna", "read")
        assert (await api.call(method, f"{path}/{rest}", reads)).status == 403


async def test_there_is_no_push_subscription(api: Api) -> None:
    """[PU1] [GT8]: none is found, none is made, and there is none after DELETE."""
    anna = await api.person("anna")
    path = "/api/v1/push/subscription"
    sent = {"subscription": {"endpoint": "https://example.org/", "keys": {}}}
    assert (await api.get(path, anna)).json == {"error": "Record not found"}
    assert (await api.post(path, anna, json=sent)).status == 404
    assert (await api.call("PUT", path, anna, json={"data": {}})).status == 404
    gone = await api.call("DELETE", path, anna)
    assert (gone.status, gone.json) == (200, {})
    assert (await api.get(path, await api.token("anna", "read write"))).status == 403


async def test_the_directory_lists_who_wants_to_be_found(api: Api) -> None:
    """[AC38]"""
    people = {}
    for name in ("anna", "bert", "carl", "dora"):
        api.clock.move(milliseconds=1)
        people[name] = await api.person(name)
    for name in ("anna", "bert", "carl"):
        reply = await api.call(
            "PATCH",
            "/api/v1/accounts/update_credentials",
            people[name],
            json={"discoverable": True},
        )
        assert reply.status == 200
    for name in ("carl", "anna", "dora"):
        await api.say(people[name], "Hello")

    async def listed(query: str, who: str | None = None) -> list[str]:
        reply = await api.get(f"/api/v1/directory{query}", None if who is None else people[who])
        assert reply.status == 200
        return [account["acct"] for account in reply.json]

    assert await listed("") == ["anna", "carl", "bert"]
    assert await listed("?order=active&local=true") == ["anna", "carl", "bert"]
    assert await listed("?order=new") == ["carl", "bert", "anna"]
    assert await listed("?order=new&limit=1&offset=1") == ["bert"]
    assert await listed("?offset=1&limit=500") == ["carl", "bert"]
    assert await listed("?limit=0") == []
    assert (await api.get("/api/v1/directory?order=sideways")).status == 422
    await api.post(f"/api/v1/accounts/{people['carl'].id}/block", people["dora"])
    assert await listed("", "dora") == ["anna", "bert"]
    assert await listed("?order=new", "carl") == ["carl", "bert", "anna"]


async def test_the_server_tells_of_itself_in_two_statements(
    database: Database, settings: Settings
) -> None:
    """What was counted, and the contact; counting itself is done once a minute."""
    recorder = RecordingDatabase(database)
    api = Api(recorder, settings)
    await api.person("anna")
    await api.get(V2)
    for path in (V1, V2, "/nodeinfo/2.0"):
        recorder.forget()
        assert (await api.get(path)).status == 200
        assert recorder.count == 2, path
    await api.get(f"{V1}/activity")
    recorder.forget()
    await api.get(f"{V1}/activity")
    assert recorder.count == 1
