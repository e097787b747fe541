"""Flags: reference 2.1 rows 17 to 19, 2.2 for comments, and 5.2 for what clients send."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from stonechat.domain import limits
from tests.contract.api import Api, Person, Reply
from tests.contract.selfcommunity.community import ask, contribute, label, see

NONE = {"added_at": None, "flag_type": None, "flag_type_description": None}


async def answer(api: Api, who: Person, said: dict[str, Any], text: str) -> dict[str, Any]:
    """An answer by way of the other dialect, as a comment is one."""
    return await api.say(who, text, in_reply_to_id=str(said["id"]))


async def send(api: Api, who: Person, path: str, body: bytes, kind: str = "json") -> Reply:
    api.clock.move(milliseconds=1)
    kinds = {"json": "application/json", "text": "text/plain", "none": ""}
    headers = {"Content-Type": kinds[kind]} if kinds[kind] else {}
    return await api.post(f"/api/v2{path}", who, body=body, headers=headers)


async def test_a_flag_is_given_told_and_taken_back(api: Api) -> None:
    """Rows 18 and 19: a toggle that answers nothing; its reason is told to whom it is of."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/flag/"
    assert (await ask(api, "GET", f"{path}status/", cara)).json == NONE
    given = await ask(api, "POST", path, cara, flag_type=2)
    assert (given.status, given.body) == (204, b"")
    own = (await ask(api, "GET", f"{path}status/", cara)).json
    assert (own["flag_type"], own["flag_type_description"]) == (2, "Vulgar")
    assert own["added_at"].endswith("+00:00")
    assert (await see(api, bert, said)).json["flag_count"] == 1
    assert (await ask(api, "GET", f"{path}status/", bert)).json == NONE
    # Another reason takes the place of the first one.
    assert (await ask(api, "POST", path, cara, flag_type=0)).status == 204
    assert (await ask(api, "GET", f"{path}status/", cara)).json["flag_type"] == 0
    assert (await see(api, bert, said)).json["flag_count"] == 1
    assert (await ask(api, "POST", path, cara, flag_type=0)).status == 204
    assert (await ask(api, "GET", f"{path}status/", cara)).json == NONE
    assert (await see(api, bert, said)).json["flag_count"] == 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"2", 2), (b" 0 ", 0), (b'{"flagType":1}', 1), (b'{"flag_type":"3"}', 3)],
)
async def test_flags_as_the_vendors_client_sends_them(api: Api, body: bytes, expected: int) -> None:
    """5.2: a bare number, the wrong key, the documented body; for comments as well."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread", kind="post")
    comment = await answer(api, bert, said, "Butter")
    for path in (f"/post/{said['id']}/flag/", f"/comment/{comment['id']}/flag/"):
        assert (await send(api, cara, path, body)).status == 204, body
        own = (await ask(api, "GET", f"{path}status/", cara)).json
        assert own["flag_type"] == expected


async def test_who_flagged_is_for_staff(api: Api) -> None:
    """Row 17: a page of Flag for staff; 5.2: the client asks for it by an empty POST."""
    staff = await api.person("mona", role="moderator")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/flag/"
    await ask(api, "POST", path, cara, flag_type=1)
    await ask(api, "POST", path, dora, flag_type=4)
    page = (await ask(api, "GET", path, staff)).json
    assert [(each["user"]["username"], each["flag_type"]) for each in page["results"]] == [
        ("dora", 4),
        ("cara", 1),
    ]
    assert list(page["results"][0]) == ["user", "added_at", "flag_type", "flag_type_description"]
    assert (page["count"], page["next"]) == (2, None)
    assert (await send(api, staff, path, b"")).json == page
    assert (await ask(api, "GET", f"{path}?limit=1", staff)).json["next"] is not None
    assert (await ask(api, "GET", f"{path}?flag_type=4", staff)).json["count"] == 1
    by_type = f"/moderation/contribution/{said['id']}/flag/?contribution_type=status"
    assert (await ask(api, "GET", by_type, staff)).json["results"] == page["results"]
    # The client sends a body with that GET.
    with_body = await ask(api, "GET", by_type, staff, flag_type=None)
    assert with_body.json["results"] == page["results"]
    for who in (bert, cara):
        assert (await ask(api, "GET", path, who)).status == 403
        assert (await ask(api, "GET", by_type, who)).status == 403
        refused = await send(api, who, path, b"")
        code = refused.json["errors"][0]
        assert (refused.status, code["field"]) == (400, "flag_type")


async def test_nobody_flags_their_own(api: Api) -> None:
    """4.6 (I): flagging one's own is refused, and changes nothing."""
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    reply = await ask(api, "POST", f"/status/{said['id']}/flag/", bert, flag_type=2)
    assert (reply.status, reply.json["errors"][0]["code"]) == (403, "permission_denied")
    assert (await see(api, bert, said)).json["flag_count"] == 0


async def test_what_is_not_there_for_one_is_not_flagged(api: Api) -> None:
    """Private means absent: the same bytes as for what does not exist."""
    admin = await api.person("anna", role="admin")
    bert, cara = await api.person("bert"), await api.person("cara")
    some = await label(api, admin, "bakers", bert)
    closed = await contribute(api, bert, "For bakers", addressing=[some])
    post = await contribute(api, bert, "A post", kind="post")
    absent = await ask(api, "POST", "/status/123456/flag/", cara, flag_type=1)
    assert absent.status == 404
    for found in (closed, post):
        reply = await ask(api, "POST", f"/status/{found['id']}/flag/", cara, flag_type=1)
        assert (reply.status, reply.body) == (404, absent.body)
    assert (await ask(api, "POST", f"/comment/{post['id']}/flag/", cara, flag_type=1)).status == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"flag_type":5}', "json", 400),
        (b"-1", "json", 400),
        (b"9999999999999999", "json", 400),
        (b'{"flag_type":[2]}', "json", 400),
        (b'{"flag_type":true}', "json", 400),
        (b"{}", "json", 400),
        (b"2.5", "json", 400),
        (b"[2]", "json", 400),
        (b"9" * 400, "json", 400),
        (b"2", "text", 415),
    ],
)
async def test_s086_a_flag_that_is_none(api: Api, body: bytes, kind: str, status: int) -> None:
    """S086: what is no reason is a fault, and flags nothing."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    reply = await send(api, cara, f"/status/{said['id']}/flag/", body, kind)
    assert reply.status == status, reply.body
    assert (await see(api, bert, said)).json["flag_count"] == 0


async def test_s076_many_flags_at_once_are_counted_exactly(api: Api) -> None:
    """S076: 64 at once of eight people, in two kinds, leave exact numbers."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    people = [await api.person(f"flagger{number}") for number in range(8)]
    said = await contribute(api, bert, "Bread")
    path = f"/status/{said['id']}/flag/"
    replies = await asyncio.gather(
        *(ask(api, "POST", path, people[number % 8], flag_type=number % 3) for number in range(64))
    )
    assert {reply.status for reply in replies} <= {204, 409}
    listed = (await ask(api, "GET", f"{path}?limit=50", staff)).json
    names = [each["user"]["username"] for each in listed["results"]]
    assert len(names) == len(set(names)) == listed["count"]
    assert (await see(api, bert, said)).json["flag_count"] == len(names)
    page = (await ask(api, "GET", "/moderation/contribution/", staff)).json["results"]
    assert sum(page[0]["contribution"]["flag_count_detail"].values()) == len(names)


async def test_s076_flags_of_a_day_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """S076: flag spam ends at a number; on the next day there is room again."""
    monkeypatch.setattr(limits, "FLAGS_PER_DAY_MAX", 3)
    bert, cara = await api.person("bert"), await api.person("cara")
    said = [await contribute(api, bert, f"Bread {number}") for number in range(4)]
    paths = [f"/status/{each['id']}/flag/" for each in said]
    for path in paths[:3]:
        assert (await ask(api, "POST", path, cara, flag_type=1)).status == 204
    refused = await ask(api, "POST", paths[3], cara, flag_type=1)
    assert (refused.status, refused.json["errors"][0]["code"]) == (429, "throttled")
    assert 86_300 < int(refused.headers["retry-after"]) <= 86_401
    # What is taken back makes room.
    assert (await ask(api, "POST", paths[0], cara, flag_type=1)).status == 204
    assert (await ask(api, "POST", paths[3], cara, flag_type=1)).status == 204
    assert (await ask(api, "POST", paths[0], cara, flag_type=1)).status == 429
    api.clock.move(milliseconds=int(timedelta(days=1).total_seconds() * 1000))
    assert (await ask(api, "POST", paths[0], cara, flag_type=1)).status == 204
