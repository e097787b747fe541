"""Moderation: reference 2.11 and 4.6; and what the other doors show of what moderators hid."""

import asyncio
from typing import Any

import pytest

from stonechat.domain.bans import DAY_MS
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.community import ask, category, contribute, label, see
from tests.contract.uploads import send
from tests.pictures import plain

LIST = "/moderation/contribution/"


async def moderate(
    api: Api, who: Person, said: dict[str, Any], action: str, kind: str | None = None, **more: Any
) -> Reply:
    path = f"{LIST}{said['id']}/"
    kind = kind or said["type"]
    return await ask(api, "PATCH", path, who, contribution_type=kind, action=action, **more)


async def state(api: Api, who: Person, said: dict[str, Any], kind: str | None = None) -> Any:
    path = f"{LIST}{said['id']}/status/?contribution_type={kind or said['type']}"
    return (await ask(api, "GET", path, who)).json


async def flagged(api: Api, who: Person, query: str = "") -> list[int]:
    reply = await ask(api, "GET", f"{LIST}?{query}", who)
    assert reply.status == 200, reply.body
    return [each["contribution"]["id"] for each in reply.json["results"]]


async def told(api: Api, who: Person) -> list[tuple[str, int]]:
    """The kinds of notices by which somebody heard of moderation, the newest first."""
    reply = await ask(api, "GET", "/notification/", who)
    assert reply.status == 200, reply.body
    return [each["type"] for group in reply.json["results"] for each in group["aggregated"]]


async def test_flag_list_hide_and_back(api: Api) -> None:
    """5.4 step 19: an entry with one flag; hidden it is collapsed; the same again undoes it."""
    staff = await api.person("mona", role="moderator")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread and butter")
    await ask(api, "POST", f"/status/{said['id']}/flag/", cara, flag_type=2)
    (entry,) = (await ask(api, "GET", f"{LIST}?contribution_type=status", staff)).json["results"]
    assert list(entry) == [
        *("contribution_type", "contribution", "last_flagged_at", "moderation_status"),
        *("moderation_type", "moderation_at", "moderation_by"),
    ]
    assert (entry["moderation_status"], entry["moderation_by"]) == ("open", None)
    shown = entry["contribution"]
    assert (shown["id"], shown["flag_count"], shown["has_poll"]) == (said["id"], 1, False)
    assert shown["flag_count_detail"] == {"0": 0, "1": 0, "2": 1, "3": 0, "4": 0}
    assert set(shown["media_count_detail"]) == {"url", "embed", "image", "eimage", "doc", "share"}
    assert (shown["thread_id"], shown["thread_type"]) == (said["id"], "status")
    assert (shown["thread_slug"], shown["author"]["username"]) == (said["slug"], "bert")
    for _ in range(2):
        assert (await moderate(api, staff, said, "hide")).body == b""
        seen = (await see(api, cara, said)).json
        assert (seen["collapsed"], seen["html"], seen["summary"]) == (True, "", "")
        for who in (bert, staff):
            assert "butter" in (await see(api, who, said)).json["html"]
        assert (await state(api, staff, said))["status"] == "hidden"
        (entry,) = (await ask(api, "GET", LIST, staff)).json["results"]
        assert (entry["moderation_status"], entry["moderation_type"]) == ("hidden", 2)
        assert entry["moderation_by"]["username"] == "mona"
        assert (await moderate(api, staff, said, "hide")).status == 204
        seen = (await see(api, cara, said)).json
        assert (seen["collapsed"], "butter" in seen["html"]) == (False, True)
        assert await state(api, staff, said) == {
            "status": "open",
            "flag_type": None,
            "flag_type_description": None,
        }


async def test_many_decisions_at_once_leave_one(api: Api) -> None:
    """4.6: 32 toggles at once of two moderators leave what the last of them said, everywhere."""
    staff = [await api.person(name, role="moderator") for name in ("mona", "mark")]
    bert = await api.person("bert")
    said = await contribute(api, bert, "Bread")
    actions = ("hide", "delete", "ignore")
    replies = await asyncio.gather(
        *(moderate(api, staff[each % 2], said, actions[each % 3]) for each in range(32))
    )
    assert {reply.status for reply in replies} <= {204, 409}
    left = (await state(api, staff[0], said))["status"]
    seen = (await see(api, bert, said)).json
    assert (seen["collapsed"], seen["deleted"]) == (left == "hidden", left == "deleted")
    counters = (await ask(api, "GET", f"/user/{bert.id}/counters/")).json
    assert counters["statuses"] == int(left != "deleted")


async def test_what_is_hidden_stands_behind_a_warning_elsewhere(api: Api) -> None:
    """one-core: collapsed is a content warning in Mastodon's dialect, on pages and in feeds."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    picture = (await send(api, bert, plain("PNG"))).json["id"]
    said = await api.say(bert, "Rude words", media_ids=[picture])
    path = f"/api/v1/statuses/{said['id']}"
    await moderate(api, staff, said, "hide", "status", moderation_type=1)
    for who in (bert, staff, None):
        seen = (await api.get(path, who)).json
        assert (seen["spoiler_text"], seen["sensitive"]) == ("Hidden by moderation", True)
        assert "Rude words" in seen["content"]
    for wording in (await api.get(f"{path}/history", staff)).json:
        assert (wording["spoiler_text"], wording["sensitive"]) == ("Hidden by moderation", True)
    page = (await api.get(f"/@bert/{said['id']}")).body.decode()
    head, _, body = page.partition("</head>")
    assert "Hidden by moderation" in head
    assert "Rude words" not in head
    assert body.index("Hidden by moderation") < body.index("Rude words")
    feed = (await api.get("/@bert/feed.atom")).body.decode()
    assert feed.index("Hidden by moderation") < feed.index("Rude words")
    assert "/media/" not in head
    assert "Sensitive media" in feed
    await moderate(api, staff, said, "hide", "status")
    seen = (await api.get(path)).json
    assert (seen["spoiler_text"], seen["sensitive"]) == ("", False)
    assert "/media/" in (await api.get(f"/@bert/{said['id']}")).body.decode().split("</head>")[0]
    # Its author's own warning may be what it was hidden for.
    warned = await api.say(bert, "More words", spoiler_text="rude")
    await moderate(api, staff, warned, "hide", "status")
    shown = await api.get(f"/api/v1/statuses/{warned['id']}")
    assert shown.json["spoiler_text"] == "Hidden by moderation"
    assert "rude" not in (await api.get(f"/@bert/{warned['id']}")).body.decode()


async def test_what_a_moderator_deletes_its_author_does_not_bring_back(api: Api) -> None:
    """4.6 (I): the creator's restore must not undo it; the moderator's second delete does."""
    admin, staff = (
        await api.person("anna", role="admin"),
        await api.person("mona", role="moderator"),
    )
    bert, cara = await api.person("bert"), await api.person("cara")
    room = await category(api, admin, "Bread")
    said = await contribute(api, bert, "Bread", categories=[room["id"]])
    comment = await api.say(cara, "Butter", in_reply_to_id=str(said["id"]))
    await moderate(api, staff, said, "delete", moderation_type=0)
    assert (await see(api, cara, said)).status == 404
    assert (await see(api, bert, said)).json["deleted"] is True
    feed = f"/category/{room['id']}/feed/"
    assert (await ask(api, "GET", feed, cara)).json["results"] == []
    refused = await ask(api, "POST", f"/status/{said['id']}/restore/", bert)
    assert (refused.status, refused.json["errors"][0]["code"]) == (403, "permission_denied")
    assert (await state(api, staff, said))["status"] == "deleted"
    assert (await moderate(api, staff, said, "delete")).status == 204
    await run_jobs(api)
    seen = (await see(api, cara, said)).json
    assert (seen["deleted"], seen["comment_count"]) == (False, 1)
    assert len((await ask(api, "GET", feed, cara)).json["results"]) == 1
    # The same for a comment, whose root counts it.
    await moderate(api, staff, comment, "delete", "comment")
    assert (await see(api, bert, said)).json["comment_count"] == 0
    (entry,) = (await ask(api, "GET", f"{LIST}?contribution_type=comment", staff)).json["results"]
    shown = entry["contribution"]
    assert (shown["type"], shown["thread_id"], shown["deleted"]) == ("comment", said["id"], True)
    await moderate(api, staff, comment, "delete", "comment")
    assert (await see(api, bert, said)).json["comment_count"] == 1


async def test_what_its_author_deleted_first_stays_deleted(api: Api) -> None:
    """A moderator's delete on top of the author's bars the way back, and no more than that."""
    staff, bert, cara = (
        await api.person("mona", role="moderator"),
        await api.person("bert"),
        await api.person("cara"),
    )
    said = await contribute(api, bert, "Bread")
    await ask(api, "POST", f"/status/{said['id']}/flag/", cara, flag_type=1)
    await ask(api, "DELETE", f"/status/{said['id']}/", bert)
    await moderate(api, staff, said, "delete")
    assert (await ask(api, "POST", f"/status/{said['id']}/restore/", bert)).status == 403
    await moderate(api, staff, said, "delete")
    assert (await see(api, cara, said)).status == 404
    assert (await ask(api, "POST", f"/status/{said['id']}/restore/", bert)).status == 204
    assert (await see(api, cara, said)).json["html"] == said["html"]


async def test_one_decision_replaces_another(api: Api) -> None:
    """4.6: ignore, hide and delete are toggles; there is one state at a time."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    said = await contribute(api, bert, "Bread")
    steps = [("ignore", "ignored"), ("hide", "hidden"), ("delete", "deleted"), ("hide", "hidden")]
    for action, expected in [*steps, ("ignore", "ignored"), ("ignore", "open")]:
        assert (await moderate(api, staff, said, action)).status == 204
        assert (await state(api, staff, said))["status"] == expected
        seen = (await see(api, bert, said)).json
        assert (seen["collapsed"], seen["deleted"]) == (expected == "hidden", expected == "deleted")


async def test_authors_and_flaggers_are_told(api: Api) -> None:
    """3.9: the author hears of each decision, by its reason; a scolded flagger hears of that."""
    staff = await api.person("mona", role="moderator")
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    await ask(api, "POST", f"/status/{said['id']}/flag/", cara, flag_type=4)
    await moderate(api, staff, said, "scold_author", moderation_type=3)
    await moderate(api, staff, said, "hide", moderation_type=1)
    await moderate(api, staff, said, "hide")
    assert (await told(api, bert))[:3] == [
        "uncollapsed_for",
        "collapsed_for_aggressive",
        "kindly_notice_poor",
    ]
    # Without a reason, the flags give it.
    await moderate(api, staff, said, "delete")
    assert (await told(api, bert))[0] == "deleted_for_offtopic"
    await moderate(api, staff, said, "delete")
    assert (await told(api, bert))[0] == "undeleted_for"
    assert (await moderate(api, staff, said, "scold_flagger", user=int(cara.id))).status == 204
    assert (await told(api, cara))[0] == "kindly_notice_flag"
    none = await moderate(api, staff, said, "scold_flagger", user=int(bert.id))
    fault = none.json["errors"][0]
    assert (none.status, fault["field"]) == (400, "user")
    assert fault["messages"][0]["code"] == "does_not_exist"
    # Mastodon's list has no word for any of it.
    assert (await api.get("/api/v1/notifications", bert)).json == []


async def test_the_list_is_narrowed_and_ordered(api: Api) -> None:
    """2.11: filters of the list of what was flagged, and its orders."""
    staff = await api.person("mona", role="moderator")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    one = await contribute(api, bert, "Straßenfest und Brot")
    two = await contribute(api, cara, "Butter", kind="post")
    await contribute(api, bert, "Nobody minds this")
    for who, said in ((dora, one), (dora, two), (bert, two)):
        path = f"/{said['type']}/{said['id']}/flag/"
        await ask(api, "POST", path, who, flag_type=1)
    ids = {"one": one["id"], "two": two["id"]}

    async def names(query: str) -> list[str]:
        found = await flagged(api, staff, query)
        return [name for each in found for name, known in ids.items() if known == each]

    assert await names("") == ["two", "one"]
    assert await names("order_by=last_flagged_at") == ["one", "two"]
    assert await names("order_by=-flag_count") == ["two", "one"]
    assert await names("min_flags=2") == ["two"]
    assert await names("contribution_type=status") == ["one"]
    assert await names("contribution_type=comment") == []
    assert await names(f"contribution_id={one['id']}") == ["one"]
    assert await names(f"author={cara.id}") == ["two"]
    assert await names(f"flagged_by={bert.id}") == ["two"]
    assert await names("content=STRASSENFEST") == ["one"]
    assert await names("content=brot&min_flags=2") == []
    assert await names("limit=1&offset=1") == ["one"]
    await moderate(api, staff, one, "ignore")
    assert await names("moderation_status=ignored") == ["one"]
    assert await names("moderation_status=open") == ["two"]
    assert await names("order_by=-last_moderated_at") == ["one", "two"]
    # What nobody flags any more and nobody decided about is not listed; what was decided about is.
    for who, said in ((dora, one), (dora, two), (bert, two)):
        path = f"/{said['type']}/{said['id']}/flag/"
        await ask(api, "POST", path, who, flag_type=1)
    assert await names("") == ["one"]


async def test_what_was_said_to_few_is_moderated_once_it_is_flagged(api: Api) -> None:
    """Private means absent for moderators too, until one who may see it shows it to them."""
    admin, staff = (
        await api.person("anna", role="admin"),
        await api.person("mona", role="moderator"),
    )
    bert, cara = await api.person("bert"), await api.person("cara")
    some = await label(api, admin, "bakers", bert, cara)
    said = await contribute(api, bert, "Secret bread", addressing=[some])
    absent = await moderate(api, staff, {"id": 123456, "type": "status"}, "hide")
    reply = await moderate(api, staff, said, "hide")
    assert (reply.status, reply.body) == (absent.status, absent.body)
    assert reply.status == 404
    await ask(api, "POST", f"/status/{said['id']}/flag/", cara, flag_type=1)
    assert (await moderate(api, staff, said, "hide")).status == 204
    assert (await see(api, cara, said)).json["collapsed"] is True


async def test_moderation_is_for_staff(api: Api) -> None:
    """Permission mod: everybody else is refused, whatever they name."""
    bert, cara = await api.person("bert"), await api.person("cara")
    said = await contribute(api, bert, "Bread")
    for who, expected in ((cara, 403), (bert, 403), (None, 401)):
        for method, path in (
            ("GET", LIST),
            ("GET", f"{LIST}{said['id']}/status/?contribution_type=status"),
            ("PATCH", f"{LIST}{said['id']}/"),
            ("PATCH", f"{LIST}123/"),
            ("GET", "/moderation/user/"),
            ("PATCH", f"/moderation/user/{cara.id}/"),
        ):
            assert (await ask(api, method, path, who, status="b")).status == expected, path


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contribution_type": "status"}, "action"),
        ({"action": "hide"}, "contribution_type"),
        ({"action": "burn", "contribution_type": "status"}, "action"),
        ({"action": "hide", "contribution_type": "user"}, "contribution_type"),
        (
            {"action": "hide", "contribution_type": "status", "moderation_type": 5},
            "moderation_type",
        ),
        ({"action": "hide", "contribution_type": ["status"]}, "contribution_type"),
        ({"action": "scold_flagger", "contribution_type": "status"}, "user"),
    ],
)
async def test_s086_an_order_that_is_none(api: Api, body: dict[str, Any], field: str) -> None:
    """S086: the field is named, and nothing is decided."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    said = await contribute(api, bert, "Bread")
    reply = await ask(api, "PATCH", f"{LIST}{said['id']}/", staff, **body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, field)
    assert (await state(api, staff, said))["status"] == "open"


async def test_a_block_of_some_days_ends_by_itself(api: Api) -> None:
    """2.11, 4.6: who is blocked must not write; after the days a job lets them in again."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    said = await contribute(api, bert, "Bread")
    path = f"/moderation/user/{bert.id}/"
    # As the vendor's client sends it: the days in the query.
    assert (await ask(api, "PATCH", f"{path}?days_blocked=3", staff, status="b")).body == b""
    refused = await ask(api, "POST", "/status/", bert, text="More", categories=[])
    assert (refused.status, refused.json["errors"][0]["code"]) == (403, "permission_denied")
    assert (await see(api, staff, said)).status == 200
    (shown,) = (await ask(api, "GET", "/moderation/user/?status=b", staff)).json["results"]
    assert (shown["username"], shown["days_blocked"]) == ("bert", 3)
    assert shown["blocked_at"] < shown["expire_at"]
    api.clock.move(milliseconds=3 * DAY_MS - 1000)
    await run_jobs(api)
    assert (await ask(api, "GET", "/user/me/", bert)).status == 403
    api.clock.move(milliseconds=1000)
    await run_jobs(api)
    assert (await ask(api, "GET", "/user/me/", bert)).status == 200
    assert (await ask(api, "GET", "/moderation/user/?status=b", staff)).json["results"] == []
    assert (await told(api, bert))[:2] == ["unblocked_user", "blocked_user"]


async def test_a_block_is_made_longer_and_lifted(api: Api) -> None:
    """The last order holds: an older end lifts nothing, and `a` lets somebody in at once."""
    staff, bert = await api.person("mona", role="moderator"), await api.person("bert")
    path = f"/moderation/user/{bert.id}/"
    await ask(api, "PATCH", path, staff, status="b", days_blocked=1)
    await ask(api, "PATCH", path, staff, status="b")
    api.clock.move(milliseconds=2 * DAY_MS)
    await run_jobs(api)
    assert (await ask(api, "GET", "/user/me/", bert)).status == 403
    assert (await ask(api, "PATCH", path, staff, status="a")).status == 204
    assert (await ask(api, "GET", "/user/me/", bert)).status == 200
    await ask(api, "PATCH", path, staff, status="b", days_blocked=1)
    await ask(api, "PATCH", path, staff, status="a")
    await ask(api, "PATCH", path, staff, status="b")
    api.clock.move(milliseconds=2 * DAY_MS)
    await run_jobs(api)
    assert (await ask(api, "GET", "/user/me/", bert)).status == 403


async def test_nobody_moderates_whom_they_do_not_stand_above(api: Api) -> None:
    """S086: the order of ranks holds; the owner stands above administrators, and below nobody."""
    people = {
        name: await api.person(name, role=role)
        for name, role in (
            ("olga", "owner"),
            ("anna", "admin"),
            ("arno", "admin"),
            ("mona", "moderator"),
            ("mark", "moderator"),
            ("bert", "user"),
        )
    }

    async def block(who: str, whom: str, letter: str = "b") -> int:
        path = f"/moderation/user/{people[whom].id}/"
        return (await ask(api, "PATCH", path, people[who], status=letter)).status

    for who, whom in (
        *(("mona", "mona"), ("mona", "mark"), ("mona", "anna"), ("mona", "olga")),
        *(("anna", "arno"), ("anna", "olga"), ("anna", "anna"), ("olga", "olga")),
    ):
        for letter in "abdu":
            assert await block(who, whom, letter) == 403, (who, whom, letter)
    # To close somebody's account, and to open it again, is for administrators.
    assert await block("mona", "bert", "d") == 403
    assert await block("anna", "bert", "d") == 204
    assert await block("mona", "bert", "a") == 403
    assert await block("mona", "bert", "b") == 400
    assert await block("anna", "bert", "a") == 204
    assert await block("anna", "mona") == 204
    assert await block("olga", "anna") == 204


async def test_members_as_moderators_see_them(api: Api) -> None:
    """3.7 ModerationUser: flags given and received; found by name, state and days."""
    staff = await api.person("mona", role="moderator")
    bert, cara, dora = [await api.person(name) for name in ("bert", "cara", "dora")]
    said = await contribute(api, bert, "Bread")
    for who in (cara, dora):
        await ask(api, "POST", f"/status/{said['id']}/flag/", who, flag_type=1)
    await ask(api, "PATCH", f"/moderation/user/{cara.id}/", staff, status="b", days_blocked=2)
    await ask(api, "PATCH", f"/moderation/user/{dora.id}/", staff, status="b")

    async def names(query: str) -> list[str]:
        reply = await ask(api, "GET", f"/moderation/user/?{query}", staff)
        assert reply.status == 200, reply.body
        return [each["username"] for each in reply.json["results"]]

    by_name = {
        each["username"]: each
        for each in (await ask(api, "GET", "/moderation/user/", staff)).json["results"]
    }
    assert list(by_name) == ["dora", "cara", "bert", "mona"]
    assert (by_name["bert"]["flags_given"], by_name["bert"]["flags_received"]) == (0, 2)
    assert (by_name["cara"]["flags_given"], by_name["cara"]["flags_received"]) == (1, 0)
    assert by_name["bert"]["blocked_at"] is None
    assert by_name["bert"]["last_seen"] is not None
    assert by_name["dora"]["expire_at"] is None
    assert list(by_name["bert"])[-7:] == [
        *("blocked_at", "days_blocked", "expire_at", "last_seen", "flags_given"),
        *("flags_received", "last_score_variation"),
    ]
    assert await names("search=ber") == ["bert"]
    assert await names("search=zz") == []
    assert await names("status=b") == ["dora", "cara"]
    assert await names("status=b&order_by=blocked_at") == ["cara", "dora"]
    assert await names("days_blocked=2") == ["cara"]
    assert await names("status=b&search=car") == ["cara"]
    assert await names("order_by=username&limit=2") == ["bert", "cara"]
    assert await names("status=d") == await names("status=u") == []
    assert await names("status=a") == ["bert", "mona"]
    for query in ("status=x", "order_by=role", "days_blocked=0", "days_blocked=99999"):
        assert (await ask(api, "GET", f"/moderation/user/?{query}", staff)).status == 400
