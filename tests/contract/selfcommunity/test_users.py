"""Users of a community: oneself, the others, finding them, telling about oneself, leaving."""

from base64 import b64encode
from typing import Any

import pytest

from stonechat.domain import limits
from tests import pictures
from tests.contract.api import Api, Person
from tests.contract.people import change, names, run_jobs
from tests.contract.selfcommunity.community import USER, ask, contribute, label, see
from tests.contract.uploads import multipart

PERMISSIONS = [
    "create_contribute",
    "create_poll",
    "locate_post",
    "create_post",
    "create_group",
    "create_event",
    "create_course",
    "create_live_stream",
    "follow_user",
    "request_connection",
    "accept_connection",
]


async def see_user(api: Api, whom: Person, who: Person | None = None) -> dict[str, Any]:
    reply = await ask(api, "GET", f"/user/{whom.id}/", who)
    assert reply.status == 200, reply.body
    return reply.json


async def amend(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    reply = await ask(api, "PATCH", f"/user/{who.id}/", who, **fields)
    assert reply.status == 200, reply.body
    return reply.json


async def refused(api: Api, who: Person, **fields: Any) -> tuple[str, str]:
    """Field and code of a change that is refused."""
    reply = await ask(api, "PATCH", f"/user/{who.id}/", who, **fields)
    assert reply.status == 400, (fields, reply.body)
    item = reply.json["errors"][0]
    return item["field"], item["messages"][0]["code"]


async def found(api: Api, path: str, who: Person | None = None) -> list[str]:
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    return [each["username"] for each in reply.json["results"]]


async def test_a_user_as_the_documents_show_the_author(api: Api) -> None:
    """[S] [3.7]: the seed's keys in the seed's order, the newer ones behind them."""
    admin, anna = await api.person("rooty", role="admin"), await api.person("anna")
    await label(api, admin, "Gardener", anna)
    user = await see_user(api, anna)
    assert list(user)[: len(USER)] == USER
    assert (user["id"], user["username"], user["ext_id"]) == (int(anna.id), "anna", anna.id)
    assert user["avatar"] == "http://stonechat.test/static/avatar.png"
    assert [tag["name"] for tag in user["tags"]] == ["Gardener"]
    assert (user["gender"], user["deleted"], user["reg_approved"]) == ("Unspecified", False, True)
    assert user["community_badge"] is user["can_send_pm_to"] is False
    assert user["date_joined"].endswith("+00:00")
    assert "email" not in user
    said = await contribute(api, anna, "hello", categories=[])
    assert said["author"]["statuses_counter"] == 1
    staff = await see_user(api, admin, anna)
    assert staff["community_badge"] is staff["can_send_pm_to"] is True


async def test_me(api: Api) -> None:
    """[3.7] [6.1]: what only I may know; the boot calls of the vendor's interface."""
    anna, bert = await api.person("anna"), await api.person("bert", role="moderator")
    await ask(api, "POST", f"/user/{anna.id}/follow/", bert)
    me = (await ask(api, "GET", "/user/me/", anna)).json
    assert list(me)[: len(USER)] == USER
    assert (me["email"], me["role"], me["status"]) == ("anna@example.org", None, "a")
    assert me["unseen_interactions_counter"] == 1
    assert set(PERMISSIONS) <= me["permission"].keys()
    assert (await ask(api, "GET", "/user/me/", bert)).json["role"] == "moderator"
    assert (await ask(api, "GET", "/user/me/avatar/", anna)).json == {"avatar": me["avatar"]}
    assert (await ask(api, "GET", "/user/me/permission/", anna)).json == me["permission"]
    for path in ("/user/me/", f"/user/{anna.id}/settings/", "/user/hidden_users_id/"):
        assert (await ask(api, "GET", path)).status == 401
    platform = "/user/me/platform_url/?next="
    assert (await ask(api, "GET", platform + "/x", anna)).status == 403
    reply = await ask(api, "GET", platform + "/x", bert)
    assert reply.json["platform_url"] == "http://stonechat.test/x"
    for elsewhere in ("//evil.test", "https://evil.test", "/%5Cevil.test"):
        assert (await ask(api, "GET", platform + elsewhere, bert)).status == 400


async def test_telling_about_oneself(api: Api) -> None:
    """[2.8] [T]: each field alone; nothing at all; null takes away; one text in every dialect."""
    anna, bert = await api.person("anna"), await api.person("bert")
    told = await amend(
        api,
        anna,
        real_name="Anna  A.",
        bio="I <b>grow</b>\nthings",
        location="Bern",
        date_of_birth="1990-02-28",
        description="gardener",
        gender="Female",
        website="https://anna.example/garden",
        company_name="Beds",
        company_role="Weeder",
        shoe_size="39",
    )
    assert (told["real_name"], told["bio"]) == ("Anna A.", "I <b>grow</b>\nthings")
    assert (told["date_of_birth"], told["shoe_size"]) == ("1990-02-28", "39")
    assert list(told)[-1] == "shoe_size"
    assert await see_user(api, anna) == told | {"can_send_pm_to": False}
    profile = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert profile["display_name"] == "Anna A."
    assert "<b>" not in profile["note"]
    for method, body in (("PATCH", {}), ("PUT", {"username": "anna"})):
        reply = await ask(api, method, f"/user/{anna.id}/", anna, **body)
        assert (reply.status, reply.json) == (200, told)
    assert (await ask(api, "GET", "/user/me/", anna)).json["shoe_size"] == "39"
    said = await contribute(api, anna, "by a gardener")
    assert said["author"]["description"] == "gardener"
    await amend(api, anna, description="farmer")
    assert (await see(api, None, said)).json["author"]["description"] == "farmer"
    less = await amend(api, anna, location=None, gender=None, date_of_birth="", shoe_size="")
    assert "shoe_size" not in less
    assert less["location"] is less["date_of_birth"] is None
    assert (less["gender"], less["website"]) == ("Unspecified", told["website"])
    other = await ask(api, "PATCH", f"/user/{anna.id}/", bert, bio="mine")
    assert (other.status, other.json["errors"][0]["code"]) == (403, "permission_denied")
    form = await api.call("PATCH", f"/api/v2/user/{anna.id}/", anna, form={"bio": "by form"})
    assert form.json["bio"] == "by form"


async def test_s080_positions_are_coarse_when_they_are_kept(api: Api) -> None:
    """S080: rounded on the way in; no numbers, no earth, no position; no search by distance."""
    anna = await api.person("anna")
    told = await amend(
        api, anna, location_lat_lng="46.948271, 7.4514512", position_lat_lng="-0.001,179.999"
    )
    assert (told["location_lat_lng"], told["position_lat_lng"]) == ("46.95,7.45", "0.0,180.0")
    for bad in (
        "1e308,0",
        "NaN,0",
        "here",
        "91,0",
        "0,181",
        "1",
        "1,2,3",
        "\uff11,\uff12",
        {"lat": 1},
    ):
        field, code = await refused(api, anna, position_lat_lng=bad)
        assert (field, code) == ("position_lat_lng", "invalid")
    assert (await see_user(api, anna))["position_lat_lng"] == "0.0,180.0"
    for query in ("lat_lng=46.9,7.4", "user_position=46.9,7.4", "ordering=distance"):
        assert (await ask(api, "GET", f"/user/search/?{query}")).status == 400
    kept = await amend(api, anna, location_lat_lng=None)
    assert kept["location_lat_lng"] is None


async def test_s086_what_is_no_text_and_what_is_too_much(api: Api) -> None:
    """S086 S084: told by the name of the field; the most that is allowed is kept whole."""
    anna = await api.person("anna")
    await amend(api, anna, description="x" * limits.MEMBER_DESCRIPTION_CHARACTERS_MAX)
    bounds = {
        "real_name": limits.DISPLAY_NAME_CHARACTERS_MAX,
        "bio": limits.NOTE_CHARACTERS_MAX,
        "location": limits.MEMBER_LOCATION_CHARACTERS_MAX,
        "description": limits.MEMBER_DESCRIPTION_CHARACTERS_MAX,
        "company_name": limits.MEMBER_COMPANY_CHARACTERS_MAX,
        "shoe_size": limits.MEMBER_METADATA_CHARACTERS_MAX,
    }
    for field, maximum in bounds.items():
        assert await refused(api, anna, **{field: "x" * (maximum + 1)}) == (field, "max_length")
        assert await refused(api, anna, **{field: ["x"]}) == (field, "invalid")
    wrongs: dict[str, Any] = {
        "gender": "Other",
        "website": "javascript:alert(1)",
        "date_of_birth": "2999-01-01",
        "username": "other",
        "avatar": {},
        "avatar_base64": "@@@@",
    }
    for field, value in wrongs.items():
        assert (await refused(api, anna, **{field: value}))[0] == field
    assert (await refused(api, anna, date_of_birth="1990-02-30"))[1] == "invalid"
    many = {f"own_{number}": "x" for number in range(limits.MEMBER_METADATA_MAX + 1)}
    assert await refused(api, anna, **many) == ("non_field_errors", "max_length")
    shown = await amend(api, anna, email="x@y.example", role="admin", reputation="9", id="1")
    assert "email" not in shown
    assert (shown["reputation"], shown["id"]) == (0, int(anna.id))


async def test_finding_users(api: Api) -> None:
    """[2.8]: by name as everywhere; without one, only those who want to be found."""
    admin, anna = await api.person("rooty", role="admin"), await api.person("anna")
    bert, hans = await api.person("bert"), await api.person("hans")
    await amend(api, anna, real_name="Anna Alder", location="Bern", gender="Female")
    await amend(api, bert, real_name="Bert Alder", location="Basel", date_of_birth="1990-06-01")
    assert sorted(await found(api, "/user/search/?user=alder")) == ["anna", "bert"]
    assert await found(api, "/user/?search=alder&ordering=-username", hans) == ["bert", "anna"]
    assert await found(api, "/user/search/?user=alder&location=bern") == ["anna"]
    assert await found(api, "/user/search/?real_name=alder&gender=Female") == ["anna"]
    for name, age in {"bert": "30-45", "": "-30"}.items():
        assert await found(api, f"/user/search/?user=alder&age={age}") == [name] * bool(name)
    assert await found(api, "/user/search/?username=be&real_name=x") == []
    assert await found(api, "/user/", hans) == []
    assert set(await found(api, "/user/", admin)) == {"rooty", "anna", "bert", "hans"}
    for who in (anna, bert):
        await change(api, who, discoverable=True)
    page = (await ask(api, "GET", "/user/?limit=1", hans)).json
    assert (page["count"], len(page["results"])) == (2, 1)
    assert page["next"] == "http://stonechat.test/api/v2/user/?limit=1&offset=1"
    tag = await label(api, admin, "Bees", anna, hans)
    assert await found(api, f"/user/search/?tag={tag}") == ["anna"]
    assert await found(api, f"/user/search/?tag={tag}&user=alder") == ["anna"]
    assert await found(api, f"/user/search/?tag={tag}&user=bert") == []
    assert await found(api, f"/user/search/?tag={tag}&category=7") == []
    assert await found(api, "/user/search/?is_staff=true", admin) == ["rooty"]
    assert (await ask(api, "GET", "/user/")).status == 401


async def test_completing_and_matching_names(api: Api) -> None:
    """[C] [W]: five fields; `exclude` with commas; a bare list in, a bare list out."""
    anna = await api.person("anna")
    await api.person("annabel")
    shown = (await ask(api, "GET", "/user/autocomplete/?search=ann")).json["results"]
    assert [list(each) for each in shown] == [
        ["id", "username", "real_name", "ext_id", "avatar"]
    ] * 2
    path = f"/user/autocomplete/?search=ann&exclude={anna.id}%2C1"
    assert await found(api, path) == ["annabel"]
    json = {"content-type": "application/json"}
    for raw, expected in ((b'["ANNA","nobody"]', ["anna"]), (b"[]", [])):
        reply = await api.post("/api/v2/user/match/", anna, body=raw, headers=json)
        assert [each["username"] for each in reply.json] == expected
    for raw in (b"", b"[", b'{"a":1}', b'[{"a":1}]', b'["a"],"usernames":["b"]', b"[1]]"):
        reply = await api.post("/api/v2/user/match/", anna, body=raw, headers=json)
        assert reply.status == 400, raw
    many = b"[" + b",".join([b'"x"'] * (limits.MEMBERS_MATCHED_MAX + 1)) + b"]"
    assert (await api.post("/api/v2/user/match/", anna, body=many, headers=json)).status == 400


@pytest.mark.parametrize("text", ["%", "_", "*", "a' OR '1'='1", 'an" NEAR(a', "{{7*7}}", "\\"])
async def test_s083_what_is_looked_for_means_itself(sqlite_api: Api, text: str) -> None:
    """S083: literal, in every parameter of a search."""
    api = sqlite_api
    anna = await api.person("anna")
    await amend(api, anna, location="Bern")
    for field in ("user", "username", "real_name", "location", "description"):
        query = f"/api/v2/user/search/?{field}="
        reply = await api.get(query + "".join(f"%{byte:02X}" for byte in text.encode()))
        assert (reply.status, reply.json["results"]) == (200, []), field


async def test_settings_and_what_clients_keep(api: Api) -> None:
    """[3.7] [T]: an empty PATCH is fine; small JSON under a name, for oneself and for staff."""
    admin, anna = await api.person("rooty", role="admin"), await api.person("anna")
    bert = await api.person("bert")
    path = f"/user/{anna.id}/settings/"
    before = (await ask(api, "GET", path, anna)).json
    assert before.keys() == {
        "qa_frequency",
        "email_notification_not_qa",
        "mobile_notifications_scmty",
        "show_toast_notifications",
        "toast_notifications_emit_sound",
    }
    assert (await ask(api, "PATCH", path, anna)).json == before
    after = (await ask(api, "PATCH", path, anna, qa_frequency=0)).json
    assert after == before | {"qa_frequency": 0}
    assert (await ask(api, "GET", path, anna)).json == after
    for value in (7, "x", [1], "1e1"):
        assert (await ask(api, "PATCH", path, anna, qa_frequency=value)).status == 400
    assert (await ask(api, "GET", path, bert)).status == 403

    root = "/user/me/preference/"
    kept = await ask(api, "POST", root, anna, key="theme", value={"dark": [1, None]})
    assert kept.status == 201
    assert list(kept.json) == [
        "id",
        "user_id",
        "key",
        "value",
        "created_at",
        "last_updated_at",
    ]
    one = f"/user/{anna.id}/preference/{kept.json['id']}/"
    assert (await ask(api, "GET", one, admin)).json == kept.json
    assert (await ask(api, "POST", root, anna, key="theme", value=1)).status == 400
    assert (await ask(api, "PATCH", one, anna, value=False)).json["value"] is False
    assert (await ask(api, "PUT", one, anna, value=1)).status == 400
    long = "x" * limits.MEMBER_PREFERENCE_BYTES_MAX
    assert (await ask(api, "PATCH", one, anna, value=long)).status == 400
    assert (await ask(api, "GET", one, bert)).status == 403
    assert (
        await ask(api, "GET", f"/user/{bert.id}/preference/{kept.json['id']}/", bert)
    ).status == 404
    assert (await ask(api, "GET", root, anna)).json["count"] == 1
    assert (await ask(api, "DELETE", one, anna)).status == 204
    assert (await ask(api, "GET", one, anna)).status == 404


async def test_pictures_to_choose_from(api: Api) -> None:
    """[W]: add, choose, remove with the id in the body of a DELETE; Mastodon's is one of them."""
    anna, bert = await api.person("anna"), await api.person("bert")
    red, blue = (b64encode(pictures.plain(colour=each)).decode() for each in ("red", "blue"))
    first = await amend(api, anna, avatar_base64=f"data:image/png;base64,{red}")
    [shown] = (await ask(api, "GET", "/user/avatar/", anna)).json["results"]
    assert (shown["primary"], shown["avatar"]) == (True, first["avatar"])
    added = await ask(api, "POST", "/user/avatar/", anna, avatar_base64=blue)
    assert (added.status, added.json["primary"]) == (201, True)
    assert added.json["user"] == int(anna.id)
    both = (await ask(api, "GET", "/user/avatar/", anna)).json["results"]
    assert {each["avatar"]: each["primary"] for each in both} == {
        first["avatar"]: False,
        added.json["avatar"]: True,
    }
    old = next(each["id"] for each in both if not each["primary"])
    assert (await ask(api, "PATCH", "/user/avatar/", bert, avatar_id=old)).status == 400
    assert (await ask(api, "PATCH", "/user/avatar/", anna, avatar_id=old)).status == 204
    assert (await see_user(api, anna))["avatar"] == first["avatar"]
    assert (await ask(api, "DELETE", "/user/avatar/", anna, avatar_id=old)).status == 204
    assert (await see_user(api, anna))["avatar"] == added.json["avatar"]
    assert (await api.get(first["avatar"].removeprefix("http://stonechat.test"))).status == 404
    profile = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert profile["avatar"] == added.json["avatar"]
    removed = await api.call("DELETE", "/api/v1/profile/avatar", anna)
    assert removed.status == 200
    assert (await ask(api, "GET", "/user/avatar/", anna)).json["count"] == 0
    assert (await ask(api, "POST", "/user/avatar/", anna)).status == 400
    path = f"/api/v2/user/{anna.id}/"
    files = {"avatar": pictures.plain(), "cover": pictures.plain()}
    sent = await api.call("PATCH", path, anna, **multipart({"bio": "with pictures"}, files))
    assert (sent.status, sent.json["bio"]) == (200, "with pictures")
    assert "/pictures/" in sent.json["cover"]
    assert (await ask(api, "PATCH", path[7:], anna, **sent.json)).status == 200
    form = multipart({}, {"avatar": pictures.plain(colour="blue")})
    assert (await api.call("POST", "/api/v2/user/avatar/", anna, **form)).status == 201
    assert (await ask(api, "GET", "/user/avatar/", anna)).json["count"] == 2
    cover = await refused(api, anna, cover_base64=b64encode(b"no picture").decode())
    assert cover[0] == "cover"


async def test_leaving_and_being_sent_away(api: Api) -> None:
    """[2.8]: soft hides all and can be undone by the operator; hard takes all away."""
    admin, anna = await api.person("rooty", role="admin"), await api.person("anna")
    bert, owner = await api.person("bert"), await api.person("chief", role="owner")
    said = await contribute(api, anna, "gone soon")
    content = b64encode(pictures.plain()).decode()
    two = [await ask(api, "POST", "/user/avatar/", anna, avatar_base64=content) for _ in range(2)]
    spare = two[0].json["avatar"].removeprefix("http://stonechat.test")
    absent = await ask(api, "GET", "/user/999/")
    path = f"/user/{anna.id}/"
    assert (await ask(api, "DELETE", path, bert)).status == 403
    for slip in ("2", "yes", "hard", "-1"):
        assert (await ask(api, "DELETE", f"{path}?hard={slip}", anna)).status == 400
    assert (await ask(api, "DELETE", path, anna)).status == 204
    for gone in (path, f"/user/{anna.id}/followers/", f"/user/{anna.id}/counters/"):
        reply = await ask(api, "GET", gone)
        assert (reply.status, reply.body) == (404, absent.body)
    assert (await ask(api, "GET", "/user/me/", anna)).status in (401, 403)
    assert (await ask(api, "POST", f"{path}follow/", bert)).status == 404
    assert (await ask(api, "DELETE", path, bert)).body == absent.body
    assert (await ask(api, "DELETE", path, admin)).status == 400
    assert (await ask(api, "DELETE", f"{path}?hard=1", admin)).status == 204
    assert (await ask(api, "DELETE", f"{path}?hard=1", admin)).status == 404
    assert (await api.get(spare)).status == 200
    await run_jobs(api)
    assert (await api.get(spare)).status == 404
    assert (await api.get(f"/api/v1/statuses/{said['id']}")).status == 404
    assert await names(api, "/api/v1/accounts/search?q=anna", bert) == []
    assert (await ask(api, "DELETE", f"/user/{owner.id}/", admin)).status == 403
    assert (await ask(api, "DELETE", f"/user/{owner.id}/?hard=1", owner)).status == 403
