"""Categories: made and changed by administrators, found, followed by whichever dialect."""

import asyncio
from typing import Any

from stonechat.domain import limits
from stonechat.services.departures import delete_account
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.uploads import multipart
from tests.pictures import opened, plain

BASE = "/api/v2/category/"
SIZES = ("image_original", "image_bigger", "image_big", "image_medium", "image_small")
FIELDS = (
    "id tags followed order name name_synonyms slug slogan html_info seo_title seo_description"
    " auto_follow content_only_staff active deleted image_original image_bigger image_big"
    " image_medium image_small emotional_image_original emotional_image_position"
    " lastmod_datetime stream_order_by followers_counter parents"
)
NOT_FOUND = {"errors": [{"message": "Record not found", "code": "not_found"}]}


async def make(api: Api, admin: Person, name: str, **fields: Any) -> dict[str, Any]:
    """A new category."""
    api.clock.move(milliseconds=1)
    sent = {"name": name, "slug": "_GENERATE_", **fields}
    reply = await api.post(BASE, admin, json=sent)
    assert reply.status == 201, reply.body
    return reply.json


async def patch(api: Api, admin: Person, category: dict[str, Any], **fields: Any) -> Reply:
    return await api.call("PATCH", f"{BASE}{category['id']}/", admin, json=fields)


async def read(api: Api, category: dict[str, Any], who: Person | None = None) -> dict[str, Any]:
    reply = await api.get(f"{BASE}{category['id']}/", who)
    assert reply.status == 200, reply.body
    return reply.json


async def toggle(api: Api, who: Person, category: dict[str, Any]) -> Reply:
    return await api.post(f"{BASE}{category['id']}/follow/", who)


async def names(api: Api, path: str, who: Person | None = None) -> list[str]:
    """The names of a list of categories, or of people, after a look at its frame."""
    reply = await api.get(path, who)
    assert reply.status == 200, reply.body
    assert list(reply.json) == ["count", "next", "previous", "results"]
    return [each.get("name") or each["username"] for each in reply.json["results"]]


def fault(reply: Reply) -> tuple[str, str]:
    """The field and the code of a refusal."""
    assert reply.status == 400, reply.body
    (error,) = reply.json["errors"]
    return error["field"], error["messages"][0]["code"]


async def test_a_category_is_made_with_every_field_of_the_document(api: Api) -> None:
    """3.4, 5.4 row 4: name and slug are required, `_GENERATE_` derives the slug; 201."""
    admin = await api.person("admin", role="admin")
    made = await make(api, admin, "Café & Küche")
    assert " ".join(made) == FIELDS
    assert (made["name"], made["slug"], made["followed"]) == ("Café & Küche", "cafe-kuche", False)
    assert (made["auto_follow"], made["stream_order_by"]) == ("none", "recent")
    assert (made["order"], made["active"], made["content_only_staff"]) == (0, True, False)
    assert (made["tags"], made["parents"], made["followers_counter"]) == ([], [], 0)
    assert made["emotional_image_position"] == 50
    assert all(made[size] is None for size in SIZES)
    assert made["lastmod_datetime"].endswith("+00:00")
    assert await read(api, made) == made
    # The hashtag is the slug without hyphens; where there is one already, a number follows.
    for name, slug in (("cafe kuche!", "cafe-kuche-2"), ("日本", "category"), ("2024", "2024")):
        assert (await make(api, admin, name))["slug"] == slug
    assert await names(api, BASE) == ["Café & Küche", "cafe kuche!", "日本", "2024"]


async def test_what_is_refused_names_its_field(api: Api) -> None:
    """1.2, S084, S086: the field and the code of every fault; nothing is made."""
    admin = await api.person("admin", role="admin")
    there = await make(api, admin, "News", slug="news")
    whole = {"name": "Else", "slug": "else"}
    for sent, field, code in (
        ({"slug": "else"}, "name", "required"),
        ({"name": "Else"}, "slug", "required"),
        ({"name": None, "slug": "else"}, "name", "null"),
        ({"name": " ", "slug": "else"}, "name", "blank"),
        ({"name": "n" * 129, "slug": "else"}, "name", "max_length"),
        ({"name": ["a"], "slug": "else"}, "name", "invalid"),
        ({"name": "NEWS", "slug": "else"}, "name", "unique"),
        ({"name": "Else", "slug": "news"}, "slug", "unique"),
        ({"name": "Else", "slug": "a/b"}, "slug", "invalid"),
        (whole | {"auto_follow": "always"}, "auto_follow", "invalid_choice"),
        (whole | {"stream_order_by": 3}, "stream_order_by", "invalid_choice"),
        (whole | {"order": -1}, "order", "invalid"),
        (whole | {"order": "1e3"}, "order", "invalid"),
        (whole | {"emotional_image_position": 101}, "emotional_image_position", "invalid"),
        (whole | {"slogan": "s" * 256}, "slogan", "max_length"),
        (whole | {"html_info": "i" * 20_001}, "html_info", "max_length"),
        (whole | {"active": [1]}, "active", "invalid"),
        (whole | {"tags": [7]}, "tags", "does_not_exist"),
        (whole | {"parents": ["x"]}, "parents", "does_not_exist"),
        (whole | {"parents": list(range(1, 12))}, "parents", "max_length"),
        (whole | {"image_original": "http://elsewhere/x.png"}, "image_original", "invalid"),
    ):
        reply = await api.post(BASE, admin, json=sent)
        assert fault(reply) == (field, code), (sent, reply.body)
    assert fault(await patch(api, admin, there, parents=[there["id"]])) == ("parents", "invalid")
    assert await names(api, BASE) == ["News"]


async def test_only_administrators_change_categories(api: Api) -> None:
    """2.4: adm. Nobody else is told whether the category is there."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    moderator = await api.person("mod", role="moderator")
    there = await make(api, admin, "News")
    for path in (f"{BASE}{there['id']}/", f"{BASE}77/"):
        for method in ("PUT", "PATCH", "DELETE"):
            assert (await api.call(method, path, json={"name": "x", "slug": "x"})).status == 401
            for who in (anna, moderator):
                reply = await api.call(method, path, who, json={"name": "x", "slug": "x"})
                assert reply.status == 403
                assert reply.json["errors"][0]["code"] == "permission_denied"
    assert (await api.post(BASE, anna, json={"name": "x", "slug": "x"})).status == 403
    assert (await read(api, there))["name"] == "News"


async def test_put_replaces_and_patch_changes(api: Api) -> None:
    """2.4: PUT and PATCH answer 200 and the Category; HTML comes out clean."""
    admin = await api.person("admin", role="admin")
    there = await make(api, admin, "News", slogan="All that is new", order=5, seo_title="N")
    api.clock.move(minutes=1)
    info = '<p onclick="x()">Read <strong>this</strong><script>alert(1)</script></p>'
    reply = await patch(
        api,
        admin,
        there,
        html_info=info,
        name_synonyms="Nova\nNews of today",
        stream_order_by="relevance",
        content_only_staff=True,
        followers_counter=99,
        id=1,
    )
    assert reply.status == 200, reply.body
    changed = reply.json
    assert changed["html_info"] == "<p>Read <strong>this</strong></p>"
    assert (changed["slogan"], changed["order"], changed["slug"]) == ("All that is new", 5, "news")
    assert (changed["id"], changed["followers_counter"]) == (there["id"], 0)
    assert changed["lastmod_datetime"] > there["lastmod_datetime"]
    assert await read(api, there) == changed
    assert (await patch(api, admin, there, slogan=None)).json["slogan"] is None

    path = f"{BASE}{there['id']}/"
    assert fault(await api.call("PUT", path, admin, json={"name": "x"})) == ("slug", "required")
    put = await api.call("PUT", path, admin, json={"name": "News", "slug": "the-news"})
    assert put.status == 200, put.body
    assert (put.json["slug"], put.json["order"], put.json["name_synonyms"]) == ("the-news", 0, None)
    assert (put.json["content_only_staff"], put.json["stream_order_by"]) == (False, "recent")
    # A category's hashtag is for life, so whoever follows it goes on following it.
    assert (await toggle(api, admin, there)).status == 204
    assert (await api.get("/api/v1/tags/news", admin)).json["following"] is True


async def test_images_come_in_their_sizes(api: Api) -> None:
    """3.4: image_original and what is derived of it; the old files go with a new image."""
    admin = await api.person("admin", role="admin")
    there = await make(api, admin, "News")
    path = f"{BASE}{there['id']}/"

    async def served(url: str) -> Reply:
        return await api.get(url.removeprefix("http://stonechat.test"))

    files = {"image_original": plain(size=(700, 600)), "emotional_image_original": plain()}
    reply = await api.call("PATCH", path, admin, **multipart({"slogan": "Seen"}, files))
    assert reply.status == 200, reply.body
    first = reply.json
    sides = [opened((await served(first[size])).body).size for size in SIZES]
    assert sides == [(side, side) for side in (1200, 600, 400, 200, 100)]
    emotional = await served(first["emotional_image_original"])
    assert opened(emotional.body).size == (1920, 1080)

    # What a client sends back of what it got changes nothing, and another image takes the place.
    put = await api.call("PUT", path, admin, json={**first, "slogan": "Still"})
    assert put.status == 200, put.body
    assert {size: put.json[size] for size in SIZES} == {size: first[size] for size in SIZES}
    files = {"image_original": plain(colour="blue")}
    second = (await api.call("PATCH", path, admin, **multipart({}, files))).json
    assert (await served(first["image_small"])).status == 404
    assert (await served(second["image_small"])).status == 200
    assert second["emotional_image_original"] == first["emotional_image_original"]
    for broken in (b"", b"no picture", b"\x89PNG" + bytes(40)):
        reply = await api.call("PATCH", path, admin, **multipart({}, {"image_original": broken}))
        assert fault(reply) == ("image_original", "invalid")
    bare = await patch(api, admin, there, image_original=None, emotional_image_original=None)
    assert all(bare.json[size] is None for size in (*SIZES, "emotional_image_original"))
    assert (await served(second["image_small"])).status == 404


async def test_the_tree_has_no_circle_and_a_height(api: Api) -> None:
    """2.4: children and parents are one level of the graph; a category is never above itself."""
    admin = await api.person("admin", role="admin")
    top = await make(api, admin, "Top")
    side = await make(api, admin, "Side")
    middle = await make(api, admin, "Middle", parents=[top["id"], str(side["id"])])
    low = await make(api, admin, "Low", parents=[middle["id"]])
    assert middle["parents"] == [top["id"], side["id"]]
    assert await names(api, f"{BASE}{top['id']}/children/") == ["Middle"]
    assert await names(api, f"{BASE}{middle['id']}/parents/?limit=1") == ["Top"]
    assert await names(api, f"{BASE}{low['id']}/children/") == []
    assert fault(await patch(api, admin, top, parents=[low["id"]])) == ("parents", "invalid")
    above = low
    for number in range(limits.CATEGORY_DEPTH_MAX - 2):
        above = await make(api, admin, f"Deep {number}", parents=[above["id"]])
    sent = {"name": "Deeper", "slug": "deeper", "parents": [above["id"]]}
    assert fault(await api.post(BASE, admin, json=sent)) == ("parents", "invalid")
    # Lowering the whole tree would make it as high.
    over = await make(api, admin, "Over")
    assert fault(await patch(api, admin, top, parents=[over["id"]])) == ("parents", "invalid")

    # What is filed below is filed above as well (4.2), here by the hashtag of the lowest.
    await toggle(api, admin, top)
    await api.say(admin, "at home #low")
    assert await names(api, f"{BASE}{top['id']}/followers/trending/") == ["admin"]

    assert (await api.call("DELETE", f"{BASE}{middle['id']}/", admin)).status == 204
    assert (await read(api, low))["parents"] == []
    assert await names(api, f"{BASE}{top['id']}/children/") == []
    # Two who would close a circle together: one of them is too late.
    replies = await asyncio.gather(
        patch(api, admin, top, parents=[side["id"]]), patch(api, admin, side, parents=[top["id"]])
    )
    assert sorted(reply.status for reply in replies) == [200, 400]


async def test_closed_and_deleted_categories_are_there_for_administrators_alone(api: Api) -> None:
    """2.4: `active` and `deleted` are asked for by administrators; for others they are absent."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    closed = await make(api, admin, "Closed", active=False)
    gone = await make(api, admin, "Gone")
    await make(api, admin, "Open")
    assert (await api.call("DELETE", f"{BASE}{gone['id']}/", admin)).status == 204
    for path in (BASE, f"{BASE}?deleted=true", f"{BASE}?active=false", f"{BASE}search/"):
        assert await names(api, path, anna) == ["Open"]
        assert await names(api, path) == ["Open"]
    assert await names(api, BASE, admin) == ["Closed", "Open"]
    assert await names(api, f"{BASE}?active=true", admin) == ["Open"]
    assert await names(api, f"{BASE}?deleted=true", admin) == ["Gone"]
    for category in (closed, gone):
        for rest in ("", "children/", "audience/", "followers/", "is_followed/"):
            reply = await api.get(f"{BASE}{category['id']}/{rest}", anna)
            assert (reply.status, reply.json) == (404, NOT_FOUND)
        reply = await toggle(api, anna, category)
        assert (reply.status, reply.json) == (404, NOT_FOUND)
    absent = await api.get(f"{BASE}77/", anna)
    assert (absent.status, absent.json) == (404, NOT_FOUND)
    assert (await read(api, gone, admin))["deleted"] is True
    assert (await patch(api, admin, gone, name="Back")).status == 404
    assert (await api.call("DELETE", f"{BASE}{gone['id']}/", admin)).status == 404
    # Its name, its slug and its hashtag are free again.
    assert (await make(api, admin, "Gone"))["slug"] == "gone"


async def test_lists_are_whole_or_in_pages_and_searched(api: Api) -> None:
    """1.3, S083: without a limit `/category/` comes complete, `next` is null; search is literal."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    for number in range(25):
        await make(api, admin, f"Room {number}", order=25 - number)
    staff = await make(api, admin, "100%_sure", content_only_staff=True, name_synonyms="Männer")
    whole = (await api.get(BASE)).json
    assert (whole["count"], whole["next"], len(whole["results"])) == (26, None, 26)
    assert [each["name"] for each in whole["results"]][:2] == ["100%_sure", "Room 24"]
    page = (await api.get(f"{BASE}?limit=10&offset=10&search=room")).json
    assert page["next"] == f"http://stonechat.test{BASE}?limit=10&offset=20&search=room"
    assert page["previous"] == f"http://stonechat.test{BASE}?limit=10&offset=0&search=room"
    assert (page["count"], page["results"][0]["name"]) == (25, "Room 14")
    for search, found in (("%25_", ["100%_sure"]), ("manner", ["100%_sure"]), ("'\"", [])):
        assert await names(api, f"{BASE}search/?search={search}", anna) == found
    assert await names(api, f"{BASE}?can_create_content=false", anna) == ["100%_sure"]
    assert len(await names(api, f"{BASE}?can_create_content=true", anna)) == 25
    assert len(await names(api, f"{BASE}?can_create_content=true", admin)) == 26
    assert await names(api, f"{BASE}?can_create_content=true") == []
    await toggle(api, anna, staff)
    assert (await names(api, f"{BASE}popular/?limit=2"))[0] == "100%_sure"
    assert await names(api, f"{BASE}followed/", anna) == ["100%_sure"]
    assert (await api.get(f"{BASE}followed/")).status == 401
    for path in (f"{BASE}?limit[]=3", f"{BASE}?offset=-1", f"{BASE}?search[]=a"):
        assert (await api.get(path)).status == 400


async def test_s073_a_follow_is_one_row_in_both_dialects(api: Api) -> None:
    """2.4: follow is a toggle, 204 and empty; S073: 64 at once leave an exact number."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    bert = await api.person("bert")
    # Who followed the hashtag before there was a category follows the category.
    await api.post("/api/v1/tags/breadnews/follow", bert)
    news = await make(api, admin, "Bread news")
    assert news["followers_counter"] == 1
    reply = await toggle(api, anna, news)
    assert (reply.status, reply.body) == (204, b"")
    assert (await read(api, news, anna))["followed"] is True
    assert (await api.get("/api/v1/tags/breadnews", anna)).json["following"] is True
    followed = await api.get(f"{BASE}{news['id']}/is_followed/", anna)
    assert followed.json == {"is_followed": True}
    assert (await read(api, news))["followers_counter"] == 2
    for _ in range(2):
        assert (await api.post("/api/v1/tags/breadnews/unfollow", anna)).status == 200
    seen = await read(api, news, anna)
    assert (seen["followed"], seen["followers_counter"]) == (False, 1)

    replies = await asyncio.gather(
        *(toggle(api, anna, news) for _ in range(64)), *(toggle(api, admin, news) for _ in range(5))
    )
    assert {reply.status for reply in replies} == {204}
    assert (await read(api, news, anna))["followed"] is False
    assert (await read(api, news, admin))["followed"] is True
    assert (await read(api, news))["followers_counter"] == 2
    # The count that comes later finds nothing to mend.
    api.clock.move(minutes=2)
    assert await run_jobs(api)
    assert (await read(api, news))["followers_counter"] == 2
    await delete_account(api.env, "bert", lambda *_: None)
    assert (await read(api, news))["followers_counter"] == 1
    assert await names(api, f"{BASE}{news['id']}/followers/", anna) == ["admin"]


async def test_s073_who_follows_a_hashtag_while_its_category_is_made_is_counted(api: Api) -> None:
    """S073: exact whatever happens at once; a count a minute later finds who slipped through."""
    admin = await api.person("admin", role="admin")
    people = [await api.person(f"p{number}") for number in range(6)]
    follows = [asyncio.ensure_future(api.post("/api/v1/tags/race/follow", who)) for who in people]
    made = await make(api, admin, "Race", auto_follow="forced")
    await asyncio.gather(*follows)
    await run_jobs(api)
    api.clock.move(minutes=2)
    await run_jobs(api)
    assert (await read(api, made))["followers_counter"] == len(people) + 1
    for who in people:
        assert (await read(api, made, who))["followed"] is True


async def test_s081_what_is_no_id_is_no_category(api: Api) -> None:
    """S081: 404 in the path, does_not_exist in the body; S029: a reading token changes nothing."""
    admin = await api.person("admin", role="admin")
    there = await make(api, admin, "News")
    for key in ("0", "-1", "2147483648", "9007199254740993", "1e3", "0x1", "9" * 400, "%EF%BC%91"):
        assert (await api.get(f"{BASE}{key}/", admin)).status == 404, key
    for key in (0, -1, 2**53, 1e3, "0x1", "9" * 400, True):
        refused = await patch(api, admin, there, parents=[key])
        assert fault(refused) == ("parents", "does_not_exist"), key
    reading = await api.token("admin", "read")
    for method in ("PATCH", "PUT", "DELETE"):
        reply = await api.call(method, f"{BASE}{there['id']}/", reading, json={"name": "x"})
        assert reply.status == 403
    assert (await api.post(f"{BASE}{there['id']}/follow/", reading)).status == 403


async def test_newcomers_follow_by_default_and_everybody_by_force(api: Api) -> None:
    """3.4: default = new users follow it; forced = everybody, and nobody can leave."""
    admin, old = await api.person("admin", role="admin"), await api.person("old")
    start = await make(api, admin, "Start", auto_follow="default")
    rules = await make(api, admin, "Rules")
    assert await run_jobs(api) == 0
    new = await api.person("new")
    assert await names(api, f"{BASE}followed/", new) == ["Start"]
    assert await names(api, f"{BASE}followed/", old) == []
    assert (await toggle(api, new, start)).status == 204
    await toggle(api, old, rules)

    assert (await patch(api, admin, rules, auto_follow="forced")).status == 200
    assert await run_jobs(api) == 1
    assert (await read(api, rules))["followers_counter"] == 3
    last = await api.person("last")
    assert await names(api, f"{BASE}followed/", last) == ["Start", "Rules"]
    for who in (old, new, last):
        assert (await read(api, rules, who))["followed"] is True
        refused = await toggle(api, who, rules)
        assert refused.status == 403
        assert refused.json["errors"][0]["code"] == "permission_denied"
        assert (await api.post("/api/v1/tags/rules/unfollow", who)).status == 403
    assert (await read(api, rules))["followers_counter"] == 4
    # Once nobody is forced any more, everybody may go.
    assert (await patch(api, admin, rules, auto_follow="none")).status == 200
    assert (await toggle(api, old, rules)).status == 204
    assert (await read(api, rules))["followers_counter"] == 3


async def test_followers_and_the_liveliest_of_them(api: Api) -> None:
    """2.4: followers, trending followers within days, and the audience with one's own people."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    bert, carl = await api.person("bert"), await api.person("carl")
    news = await make(api, admin, "News")
    at = f"{BASE}{news['id']}/"
    for who in (anna, bert, carl):
        await toggle(api, who, news)
    for who, times in ((anna, 1), (carl, 2)):
        for _ in range(times):
            await api.say(who, "so it goes #news")
    await api.say(bert, "not for all #news", visibility="private")
    await api.say(admin, "who follows nothing #news")
    assert await names(api, at + "followers/trending/") == ["carl", "anna"]
    assert await names(api, at + "followers/trending/?limit=1&offset=1&days=3") == ["anna"]
    assert await names(api, at + "followers/", anna) == ["carl", "bert", "anna"]
    page = (await api.get(at + "followers/?limit=2", anna)).json
    assert page["count"] == 3
    assert page["next"].endswith("?limit=2&offset=2")
    assert (await api.get(at + "followers/")).status == 401
    await api.post(f"/api/v1/accounts/{bert.id}/follow", anna)
    for who, known in ((anna, 1), (carl, 0), (None, 0)):
        audience = (await api.get(at + "audience/", who)).json
        assert audience == {"category_audience": 3, "connections_audience": known}
    # Between two of whom one blocks the other there is nothing to see.
    await api.post(f"/api/v1/accounts/{carl.id}/block", anna)
    assert await names(api, at + "followers/", anna) == ["bert", "anna"]
    assert await names(api, at + "followers/trending/", carl) == ["carl"]
    api.clock.move(days=91)
    assert await names(api, at + "followers/trending/") == []
    assert await names(api, at + "followers/trending/?days=120") == ["carl", "anna"]
    assert fault(await api.get(at + "followers/trending/?days=0")) == ("days", "invalid")
