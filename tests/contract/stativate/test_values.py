"""`PUT /s/{shareId}/value`: the body is the value, and who may send it."""

import pytest

from tests.contract.api import Api, Reply
from tests.contract.stativate.programs import DETAILS, Program, is_bad, program, same

FORM = "application/x-www-form-urlencoded"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.fixture
async def anna(api: Api) -> Program:
    return await program(api, "anna")


async def new_token(owner: Program, status: dict[str, str]) -> str:
    made = await owner.post(f"/v1/status/{status['id']}/tokens", json={"label": "door"})
    assert made.status == 201, made.body
    return made.json["token"]


async def put(
    api: Api, who: str, share_id: str, body: bytes, content_type: str | None = None
) -> Reply:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return await api.call("PUT", f"/s/{share_id}/value", who, body=body, headers=headers)


async def test_the_body_is_the_value(api: Api, anna: Program) -> None:
    """As plain text, as a shell's form that is none, as JSON and as a form; never guessed."""
    status = await anna.make()
    share_id, token = status["shareId"], await new_token(anna, status)
    sent = [
        (b"open", "text/plain", "OPEN"),
        (b"12:30\n", None, "12:30"),
        (b"+1 %20", FORM, "+1 %20"),
        ("straße".encode(), "text/plain; charset=UTF-8", "STRASSE"),
        (b'{"value": "open"}', "application/json", "OPEN"),
        (b"value=%F0%9F%94%B4+ok", FORM, "\U0001f534 OK"),
        (b"a=b", "text/plain", "A=B"),
        (b'{"a":1}', "text/plain", '{"A":1}'),
        ((FAMILY * 9 + "x").encode(), "application/octet-stream", FAMILY * 9 + "X"),
    ]
    for body, content_type, value in sent:
        reply = await put(api, token, share_id, body, content_type)
        assert reply.status == 200, (body, reply.body)
        # Nothing that the sender did not say, or knows from the address.
        assert set(reply.json) == {"shareId", "value", "changedAt"}
        assert reply.json["value"] == value
    history = (await anna.get(f"/v1/status/{status['id']}/history")).json
    assert [each["value"] for each in history[::-1]] == ["PACKED", *(each[2] for each in sent)]
    assert {each["source"] for each in history[:-1]} == {"token"}
    by_key = await anna.put(f"/s/{share_id}/value", body=b"by key")
    assert (by_key.status, by_key.json["value"]) == (200, "BY KEY")
    newest = (await anna.get(f"/v1/status/{status['id']}/history?limit=1")).json[0]
    assert (newest["source"], newest["changedBy"]) == ("api", "anna")


@pytest.mark.parametrize(
    ("body", "content_type", "field"),
    [
        (b"", "text/plain", "value"),
        (b"  \n", "text/plain", "value"),
        (b"eleven  ones", "text/plain", "value"),
        (b"a\nb", "text/plain", "value"),
        (b"a\x00b", "text/plain", "value"),
        (b"a\x1b[31m", "text/plain", "value"),
        (("e" + "\u0301" * 80).encode(), "text/plain", "value"),
        (b"\xff\xfe", "text/plain", "body"),
        (b"open", "text/plain; charset=utf-16", "body"),
        (b"open", "text/html", "body"),
        (b'{"value": 5}', "application/json", "value"),
        (b'{"value": null}', "application/json", "value"),
        (b'{"value": "x", "name": "Mine now"}', "application/json", "name"),
        (b'["x"]', "application/json", "body"),
        (b"{}", "application/json", "value"),
        (b"value[]=x", FORM, "value"),
        (b"other=x", FORM, "other"),
    ],
)
async def test_s071_s086_s092_s095_what_is_no_value(
    sqlite_api: Api, body: bytes, content_type: str, field: str
) -> None:
    anna = await program(sqlite_api, "anna")
    status = await anna.make()
    token = await new_token(anna, status)
    assert is_bad(await put(sqlite_api, token, status["shareId"], body, content_type), field)
    assert (await anna.get(f"/v1/status/{status['id']}{DETAILS}")).json["changes"] == 1


async def test_s084_s095_long_and_compressed_bodies(sqlite_api: Api) -> None:
    anna = await program(sqlite_api, "anna")
    status = await anna.make()
    token = await new_token(anna, status)
    path = f"/s/{status['shareId']}/value"
    large = await put(sqlite_api, token, status["shareId"], b"x" * 5000, "text/plain")
    assert (large.status, large.json["errorCode"]) == (413, "tooLarge")
    packed = await sqlite_api.call(
        "PUT", path, token, body=b"x", headers={"Content-Encoding": "gzip"}
    )
    assert is_bad(packed, "body")


async def test_s028_a_write_token_sets_one_value_and_does_nothing_else(
    api: Api, anna: Program
) -> None:
    """S028: on any other status, and on any other route, it finds nothing at all."""
    status, other = await anna.make(), await anna.make(accessType="public")
    token = await new_token(anna, status)
    absent = await put(api, token, "234567", b"x")
    assert (absent.status, absent.body) == (404, b"")
    for share_id in (other["shareId"], "1", "%C3%A9", f"{status['shareId']}-{'a' * 22}"):
        assert same(await put(api, token, share_id, b"x"), absent), share_id
    path = f"/v1/status/{status['id']}"
    for method, where in (
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("GET", f"{path}/history"),
        ("POST", f"{path}/subscription"),
        ("POST", "/v1/status"),
        ("PUT", "/v1/status-keys/mine"),
        ("GET", "/v1/user/status"),
        ("GET", "/v1/checkAuth"),
    ):
        reply = await api.call(method, where, token)
        assert same(reply, await api.call(method, "/v1/no/such", token)) or reply.body == b""
        assert reply.status == 404, (method, where)
    for where in ("/api/v1/timelines/home", "/api/v1/accounts/verify_credentials"):
        missing = await api.get(where, token)
        assert (missing.status, missing.json) == (404, {"error": "Record not found"})
    # Nor does it work as what it is not: where the key of a program stands it is still one.
    in_header = await api.call(
        "PUT",
        f"/s/{status['shareId']}/value",
        body=b"x",
        headers={"stativate-api-key": token},
    )
    assert in_header.status == 200


async def test_s028_a_write_token_is_no_token_of_an_app(api: Api, anna: Program) -> None:
    """S028: where apps end their tokens a good one is as unknown as one that nobody has."""
    status = await anna.make()
    token = await new_token(anna, status)
    unknown = await api.post("/oauth/revoke", form={"token": "nobody's"})
    reply = await api.post("/oauth/revoke", form={"token": token})
    assert (reply.status, reply.body) == (unknown.status, unknown.body) == (200, b"{}")
    assert (await put(api, token, status["shareId"], b"open")).status == 200


async def test_a_write_token_sets_the_version_that_it_means(api: Api, anna: Program) -> None:
    """RFC 9110 13.1.1: `If-Match` counts for whoever sends it; 412 and nothing is set."""
    status = await anna.make()
    token, path = await new_token(anna, status), f"/s/{status['shareId']}/value"
    tag = (await anna.get(f"/v1/status/{status['id']}")).headers["etag"]
    for body, expected in ((b"one", 200), (b"two", 412)):
        reply = await api.call("PUT", path, token, body=body, headers={"If-Match": tag})
        assert reply.status == expected, reply.body
    for wanted, expected in (('"nonsense"', 412), ("*", 200)):
        reply = await api.call("PUT", path, token, body=b"x", headers={"If-Match": wanted})
        assert reply.status == expected
    history = (await anna.get(f"/v1/status/{status['id']}/history")).json
    assert [each["value"] for each in history] == ["X", "ONE", "PACKED"]


async def test_a_write_token_ends(api: Api, anna: Program) -> None:
    """When it is revoked, when the beacon goes, when its maker loses the right."""
    status = await anna.make()
    path = f"/v1/status/{status['id']}/tokens"
    made = [(await anna.post(path, json={"label": label})).json for label in ("one", "two")]
    listed = (await anna.get(path)).json
    assert [(each["id"], each["label"]) for each in listed] == [
        (each["id"], each["label"]) for each in made
    ]
    assert all("token" not in each for each in listed)
    assert (await anna.delete(f"{path}/{made[0]['id']}")).status == 204
    assert (await anna.delete(f"{path}/{made[0]['id']}")).status == 404
    revoked = await put(api, made[0]["token"], status["shareId"], b"x")
    assert (revoked.status, revoked.json) == (401, {"message": "Unauthorized"})
    assert (await put(api, made[1]["token"], status["shareId"], b"x")).status == 200
    await anna.delete(f"/v1/status/{status['id']}")
    gone = await put(api, made[1]["token"], status["shareId"], b"x")
    assert (gone.status, gone.json) == (401, {"message": "Unauthorized"})


async def test_a_value_by_key_is_for_owners_and_updaters(api: Api, anna: Program) -> None:
    bert = await program(api, "bert")
    status = await anna.make(accessType="public")
    path = f"/s/{status['shareId']}/value"
    refused = await bert.put(path, body=b"x" * 80)
    assert (refused.status, refused.json["errorCode"]) == (403, "notAllowed")
    given = await anna.put(f"/v1/status/{status['id']}/users/bert", json={"role": "updater"})
    assert given.status == 200
    assert is_bad(await bert.put(path, body=b"x" * 80), "value")
    assert (await bert.put(path, body=b"x")).status == 200
    nobody = await api.call("PUT", path, body=b"x")
    assert (nobody.status, nobody.json) == (401, {"message": "Unauthorized"})
