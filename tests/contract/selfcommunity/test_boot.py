"""What an interface of the community asks for before it shows anything."""

from dataclasses import replace
from typing import Any

import pytest

from stonechat.blobs.formats import DOCUMENT_TYPES, SUPPORTED_MIME_TYPES
from stonechat.domain.dynamic_preferences import PREFERENCES
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person
from tests.contract.selfcommunity.community import ask, category

PATH = "/dynamic_preference/"
URL_TEMPLATES = (
    *("post", "discussion", "status", "comment", "category", "categories_list", "profile"),
    *("profile_settings", "notifications", "private_message", "incubator", "live_stream"),
)
# 6.1: each of these was removed once, and the page died.
MANDATORY: dict[str, Any] = {
    "configurations.follow_enabled": True,
    "configurations.connection_enabled": False,
    "configurations.content_availability": True,
    "configurations.explore_stream_enabled": True,
    "configurations.post_only_staff_enabled": False,
}
# 6.1: read without a look whether they are there, as soon as composer or profile open.
UNGUARDED: dict[str, Any] = {
    "addons.polls_enabled": True,
    "addons.post_geolocation_enabled": True,
    "addons.private_messages_enabled": False,
    "addons.share_post_enabled": True,
    "addons.share_post_on_facebook_enabled": False,
    "addons.share_post_on_twitter_enabled": False,
    "addons.share_post_on_linkedin_enabled": False,
    "configurations.scheduled_posts_enabled": True,
    "configurations.groups_enabled": False,
    "configurations.events_enabled": False,
    "configurations.category_follow_enabled": True,
    "configurations.comments_enabled": True,
    "configurations.status_type_enabled": True,
    "configurations.post_type_enabled": True,
    "configurations.discussion_type_enabled": True,
    "configurations.post_category_required_enabled": False,
    "configurations.home_stream_order_by": "recent",
    "configurations.explore_stream_order_by": "recent",
    "images.user_default_cover": "http://stonechat.test/static/header.png",
    "text.application_name": "Stonechat",
    "logo.navbar_logo": "http://stonechat.test/static/icon.svg",
    "staff.staff_badge_icon": "http://stonechat.test/static/icon.svg",
    "staff.staff_badge_label": "Staff",
}


async def _preferences(api: Api, query: str = "") -> dict[str, Any]:
    reply = await api.get(f"/api/v2{PATH}{query}")
    assert reply.status == 200, reply.body
    assert reply.json["next"] is reply.json["previous"] is None
    assert reply.json["count"] == len(reply.json["results"])
    return {f"{each['section']}.{each['name']}": each["value"] for each in reply.json["results"]}


async def _names(api: Api, path: str, who: Person | None = None) -> list[Any]:
    reply = await api.get(f"/api/v2{path}", who)
    assert reply.status == 200, reply.body
    return [each.get("name") or each.get("label") for each in reply.json["results"]]


async def test_preferences_come_whole_and_as_real_json(api: Api) -> None:
    """1.3, 6.1: all seventeen that are mandatory, and those that are read unguarded."""
    found = await _preferences(api)
    assert len(found) == len(PREFERENCES)
    assert (MANDATORY | UNGUARDED).items() <= found.items()
    for name in URL_TEMPLATES:
        assert found[f"configurations.url_template_{name}"].startswith("/")
    taken = set(found["configurations.accepted_media_mimetypes"].split(","))
    assert {"image/png", "application/pdf"} <= taken
    assert taken <= {*SUPPORTED_MIME_TYPES, *DOCUMENT_TYPES.values()}
    assert len([key for key in found if key.startswith("colors.")]) == 6
    # A token of yesterday is no reason to show nothing.
    assert (await api.get(f"/api/v2{PATH}", "made-up")).status == 200


async def test_preferences_are_found(api: Api) -> None:
    """2.11, 5.3: search, section, keys, ordering; the exact name comes first."""
    found = list(await _preferences(api, "?search=follow_enabled"))
    assert found == ["configurations.follow_enabled", "configurations.category_follow_enabled"]
    found = list(await _preferences(api, "search/?section=logo&ordering=-name"))
    assert found == ["logo.navbar_logo_mobile", "logo.navbar_logo"]
    keys = "keys=text.application_name,colors.colorback,no.such"
    assert set(await _preferences(api, f"?{keys}")) == {"text.application_name", "colors.colorback"}
    assert await _preferences(api, "?search=%25") == {}
    reply = await api.get(f"/api/v2{PATH}?ordering=password")
    assert reply.status == 400
    assert reply.json["errors"][0]["messages"][0]["code"] == "invalid_choice"
    one = (await api.get(f"/api/v2{PATH}?search=onboarding_hidden")).json["results"][0]
    assert (await api.get(f"/api/v2{PATH}{one['id']}/")).json == one
    assert one == {
        "id": one["id"],
        "section": "configurations",
        "name": "onboarding_hidden",
        "value": False,
        "type": "boolean",
        "help": one["help"],
    }
    for nothing in ("0", "99999", "x", "9" * 400):
        assert (await api.get(f"/api/v2{PATH}{nothing}/")).status == 404
    page = (await api.get(f"/api/v2{PATH}?limit=2&offset=2")).json
    assert [each["id"] for each in page["results"]] == [3, 4]
    assert page["next"] == f"http://stonechat.test/api/v2{PATH}?limit=2&offset=4"


async def test_an_administrator_changes_looks_and_texts(api: Api) -> None:
    """2.11: PATCH {name: value} of an allow-list, kept for good; null goes back."""
    root = await api.person("root", role="owner")
    before = await _preferences(api)
    reply = await ask(
        api,
        "PATCH",
        PATH,
        root,
        colorprimary="#ABC",
        **{"text.application_copyright": " (c)  Ann\u202e ", "onboarding_hidden": True},
        navbar_logo="https://example.org/l.svg?x=1",
        meta_robots="noindex",
    )
    assert reply.status == 200, reply.body
    assert reply.json == {
        "colorprimary": "#abc",
        "text.application_copyright": "(c) Ann",
        "onboarding_hidden": True,
        "navbar_logo": "https://example.org/l.svg?x=1",
        "meta_robots": "noindex",
    }
    api.renderer_forget()
    after = await _preferences(api)
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "colors.colorprimary": "#abc",
        "text.application_copyright": "(c) Ann",
        "configurations.onboarding_hidden": True,
        "logo.navbar_logo": "https://example.org/l.svg?x=1",
        "webmaster.meta_robots": "noindex",
    }
    reply = await ask(api, "PATCH", PATH, root, colorprimary=None, navbar_logo="", meta_robots="")
    assert reply.json == {
        "colorprimary": before["colors.colorprimary"],
        "navbar_logo": before["logo.navbar_logo"],
        "meta_robots": "",
    }
    assert (await ask(api, "PATCH", PATH, root)).json == {}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such_thing", "x", "does_not_exist"),
        ("configurations.content_availability", False, "permission_denied"),
        ("application_name", "x", "permission_denied"),
        ("colorback", "red", "invalid"),
        ("colorback", "#1234567", "max_length"),
        ("colorback", "#12345g", "invalid"),
        ("colorback", ["#fff"], "invalid"),
        ("navbar_logo", "javascript:alert(1)", "invalid"),
        ("navbar_logo", "https://user@example.org/x", "invalid"),
        ("navbar_logo", "https://e.org/" + "x" * 2000, "max_length"),
        ("application_slogan1", "x" * 201, "max_length"),
        ("application_slogan1", True, "invalid"),
        ("meta_description", "a\0b", "invalid"),
        ("onboarding_hidden", {"a": 1}, "invalid"),
    ],
)
async def test_s086_what_nobody_may_write_there(
    sqlite_api: Api, name: str, value: object, code: str
) -> None:
    """S084, S086: bounds and types of each, told of the field; and nothing is half written."""
    root = await sqlite_api.person("root", role="admin")
    body = {"application_slogan2": "kept?", name: value}
    reply = await ask(sqlite_api, "PATCH", PATH, root, **body)
    assert reply.status == 400, reply.body
    fault = reply.json["errors"][0]
    assert (fault["field"], fault["messages"][0]["code"]) == (name, code)
    assert (await _preferences(sqlite_api))["text.application_slogan2"] == ""


async def test_others_change_nothing(api: Api) -> None:
    """2.11: PATCH is for administrators."""
    people = [await api.person("mod", role="moderator"), await api.person("anna")]
    for who, status in ((None, 401), (people[0], 403), (people[1], 403)):
        assert (await ask(api, "PATCH", PATH, who, colorback="#000")).status == status
    assert (await _preferences(api))["colors.colorback"] != "#000"


def test_ids_of_preferences_are_for_life() -> None:
    """Clients keep them: a new one goes to the end of its section."""
    ids = {each.key: each.id for each in PREFERENCES}
    assert len(set(ids.values())) == len(ids) == len({each.name for each in PREFERENCES})
    known = ("configurations.url_template_post", "addons.polls_enabled", "text.application_name")
    assert [ids[each] for each in known] == [1, 101, 201]
    assert ids["webmaster.meta_robots"] == 901


@pytest.fixture
def closed(sqlite: Database, settings: Settings) -> Api:
    """A server for members alone, with rules, where everything has a category."""
    return Api(
        sqlite,
        replace(
            settings,
            community_is_open=False,
            community_category_required=True,
            title="Our <Town>",
            rules=("Be <kind>",),
            contact_email="us@example.org",
        ),
    )


async def test_a_closed_community_says_so(closed: Api) -> None:
    """1.1, 6.1: what never needs a token, needs none there either; all else does."""
    found = await _preferences(closed)
    assert found["configurations.content_availability"] is False
    assert found["configurations.post_category_required_enabled"] is True
    assert found["text.application_name"] == "Our <Town>"
    for path in ("/feature/", "/reaction/", "/reaction/1/", "/custom_menu/base/"):
        assert (await closed.get(f"/api/v2{path}")).status == 200, path
    assert (await closed.get("/api/v2/category/")).status == 401
    menu = (await closed.get("/api/v2/custom_menu/not_logged/")).json
    assert [(each["label"], each["url"]) for each in menu["items"]] == [
        ("About", "http://stonechat.test/about"),
        ("Contact", "mailto:us@example.org"),
    ]
    rules = (await closed.get("/api/v2/legal_page/tec/")).json
    assert (rules["title"], rules["html_body"]) == ("Rules", "<ol><li>Be &lt;kind&gt;</li></ol>")
    assert (await closed.get("/api/v2/legal_page/1/")).json == rules
    assert [each["slug"] for each in (await closed.get("/api/v2/legal_page/")).json["results"]] == [
        "tec",
        "privacy",
    ]


async def test_features_reactions_and_menus(api: Api) -> None:
    """3.8, 6.1: reaction 1 is the default; features of what is not here are left out."""
    features = (await api.get("/api/v2/feature/")).json
    assert features["next"] is None
    enabled = {each["name"] for each in features["results"] if each["enabled"]}
    assert {"reaction", "tagging"} <= enabled
    left_out = {"grouping", "event", "course", "live_stream", "payments", "incubators"}
    assert not left_out & {each["name"] for each in features["results"]}
    assert await _names(api, "/feature/?name=tagging") == ["tagging"]
    assert await _names(api, "/feature/?search=moderation_u") == ["moderation_users"]
    reactions = (await api.get("/api/v2/reaction/")).json
    assert (reactions["count"], reactions["next"]) == (6, None)
    for number, each in enumerate(reactions["results"], 1):
        assert (each["id"], each["active"]) == (number, True)
        assert (await api.get(f"/api/v2/reaction/{number}/")).json == each
        picture = await api.get(each["image"].removeprefix("http://stonechat.test"))
        assert picture.headers["content-type"] == "image/svg+xml"
    assert await _names(api, "/reaction/search/?search=LIK") == ["Like"]
    assert (await _names(api, "/reaction/?ordering=-sentiment"))[0] == "Love"
    assert await _names(api, "/reaction/?active=false") == []
    for nothing in ("0", "7", "like"):
        assert (await api.get(f"/api/v2/reaction/{nothing}/")).status == 404
    assert await _names(api, "/custom_menu/") == ["base", "not_logged", "user"]
    assert (await api.get("/api/v2/custom_menu/1/")).json["items"][0]["label"] == "About"
    assert (await api.get("/api/v2/custom_menu/other/")).status == 404
    assert (await api.get("/api/v2/legal_page/last_revisions/")).json == []
    assert (await api.get("/api/v2/legal_page/tec/")).status == 404
    assert len((await api.get("/api/v2/legal_page/privacy/revisions/")).json) == 1


async def test_what_is_not_here_is_empty(api: Api) -> None:
    """6.3: empty pages, so that interfaces go on; what is switched off is absent."""
    anna, mod = await api.person("anna"), await api.person("mod", role="moderator")
    empty = {"count": 0, "next": None, "previous": None, "results": []}
    for path in ("/custom_page/", "/custom_page/search/?search=x", "/custom_adv/?position=x"):
        assert (await api.get(f"/api/v2{path}")).json == empty, path
    for path in (
        "/incubator/?limit=3",
        "/suggestion/incubator/",
        "/notification/banner/?limit=3",
        "/loyalty/prize/",
    ):
        assert (await api.get(f"/api/v2{path}", anna)).json == empty, path
        assert (await api.get(f"/api/v2{path}")).status == 401, path
    for path in ("unseen", "undisposed"):
        reply = await api.get(f"/api/v2/notification/banner/{path}/count/", anna)
        assert reply.json == {"count": 0}
    for path in ("read", "dispose"):
        reply = await ask(api, "POST", f"/notification/banner/{path}/", anna, banner_ids=[1])
        assert (reply.status, reply.body) == (204, b"")
    assert (await api.get("/api/v2/insight/user/", mod)).json == empty
    assert (await api.get("/api/v2/insight/user/", anna)).status == 403
    for path in ("/group/", "/event/", "/course/", "/live_stream/1/", "/payments/paywall/"):
        assert (await api.get(f"/api/v2{path}", anna)).status == 404, path


async def test_suggestions(api: Api) -> None:
    """2.11: whom and what to follow, of what the viewer does not follow yet."""
    root = await api.person("root", role="admin")
    anna, bert = await api.person("anna"), await api.person("bert")
    change = {"discoverable": True, "display_name": "Bert of Bread"}
    assert (
        await api.call("PATCH", "/api/v1/accounts/update_credentials", bert, json=change)
    ).status == 200
    bread = await category(api, root, "Bread")
    await category(api, root, "Wine")
    assert (await ask(api, "POST", f"/category/{bread['id']}/follow/", bert)).status == 204
    assert await _names(api, "/suggestion/category/?limit=3", anna) == ["Bread", "Wine"]
    assert await _names(api, "/suggestion/category/", bert) == ["Wine"]
    users = (await api.get("/api/v2/suggestion/user/?limit=3", anna)).json
    assert ([each["username"] for each in users["results"]], users["count"]) == (["bert"], 1)
    found = (await api.get("/api/v2/suggestion/?search=BREAD", anna)).json
    assert [each["type"] for each in found["results"]] == ["category", "user"]
    assert found["results"][0]["category"]["name"] == "Bread"
    assert found["results"][1] == {"type": "user", "score": 0, "user": users["results"][0]}
    assert (await api.get("/api/v2/suggestion/")).status == 401
