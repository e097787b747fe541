"""Search: accounts and tags by their beginnings, things of this server by their address."""

from urllib.parse import quote

import pytest

from stonechat.domain.search import Address, read_address
from tests.contract.api import Api, Person, Reply

SEARCH = "/api/v2/search"


async def find(api: Api, q: str, who: Person | None = None, **fields: object) -> Reply:
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    reply = await api.get(f"{SEARCH}?q={quote(q, safe='')}&{query}", who)
    assert reply.status == 200, reply.body
    assert reply.json.keys() == {"accounts", "statuses", "hashtags"}
    return reply


def people(reply: Reply) -> list[str]:
    return [account["username"] for account in reply.json["accounts"]]


def tags(reply: Reply) -> list[str]:
    return [tag["name"] for tag in reply.json["hashtags"]]


async def test_se1_se10_accounts_are_found_at_once(api: Api) -> None:
    anna = await api.person("anna")
    await api.person("Annabel")
    await api.person("bert")
    for who in (None, anna):
        assert set(people(await find(api, "ann", who))) == {"anna", "Annabel"}
    assert people(await find(api, "@anna", anna))[0] == "anna"
    resolved = await find(api, "ANNABEL", anna, type="accounts", resolve="true")
    assert people(resolved) == ["Annabel"]
    assert people(await find(api, "zoe")) == []


async def test_se1_q_is_required(api: Api) -> None:
    anna = await api.person("anna")
    for path in (SEARCH, f"{SEARCH}?q=", f"{SEARCH}?q=%20%20"):
        reply = await api.get(path, anna)
        assert reply.status == 400
        words = "param is missing or the value is empty or invalid: q"
        assert reply.json == {"error": words}


async def test_se2_one_kind_alone(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "#annual report")
    every = await find(api, "ann", anna)
    assert (people(every), tags(every)) == (["anna"], ["annual"])
    for kind in ("accounts", "hashtags", "statuses"):
        reply = await find(api, "ann", anna, type=kind)
        assert [name for name, found in reply.json.items() if found] == [kind][: kind != "statuses"]
    unknown = await api.get(f"{SEARCH}?q=ann&type=cats", anna)
    assert unknown.status == 400


async def test_se3_negative_pages_are_refused(api: Api) -> None:
    anna = await api.person("anna")
    for query in ("limit=-1", "offset=-1", "limit=-5&offset=2"):
        reply = await api.get(f"{SEARCH}?q=a&{query}", anna)
        words = "Pagination values for `offset` and `limit` must be positive"
        assert (reply.status, reply.json) == (400, {"error": words})
    assert (await find(api, "a", anna, limit=0)).json["accounts"] == []


async def test_se4_what_needs_somebody_to_sign_in(api: Api) -> None:
    for query, words in {
        "resolve=1": "Search queries that resolve remote resources are not supported",
        "resolve=true&offset=1": "Search queries that resolve remote resources are not supported",
        "offset=1": "Search queries pagination is not supported",
    }.items():
        reply = await api.get(f"{SEARCH}?q=a&{query}")
        assert reply.status == 401
        assert reply.json == {"error": f"{words} without authentication"}
    assert (await api.get(f"{SEARCH}?q=a&resolve=false&offset=")).status == 200


async def test_se5_only_whom_one_follows_and_pages(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.person("berta")
    assert (await api.post(f"/api/v1/accounts/{bert.id}/follow", anna)).status == 200
    assert set(people(await find(api, "bert", anna))) == {"bert", "berta"}
    assert people(await find(api, "bert", anna, following="true")) == ["bert"]
    first = people(await find(api, "bert", anna, type="accounts", limit=1))
    second = people(await find(api, "bert", anna, type="accounts", limit=1, offset=1))
    assert {*first, *second} == {"bert", "berta"}
    assert people(await find(api, "bert", anna, type="accounts", offset=2)) == []


async def test_se6_an_address_finds_what_it_names(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    seen = await api.say(anna, "for all")
    hidden = await api.say(anna, "for some", visibility="private")
    for address in (seen["url"], seen["uri"]):
        reply = await find(api, address, bert, resolve="true")
        assert [status["id"] for status in reply.json["statuses"]] == [seen["id"]]
        assert (people(reply), tags(reply)) == ([], [])
        assert (await find(api, address, bert)).json["statuses"] == []
        of_people = await find(api, address, bert, resolve="true", type="accounts")
        assert of_people.json["statuses"] == []
    for address in (hidden["url"], "http://stonechat.test/@anna/1", "http://[", "https://a.test/"):
        reply = await find(api, address, bert, resolve="true")
        assert reply.json == {"accounts": [], "statuses": [], "hashtags": []}
    account = (await api.get("/api/v1/accounts/verify_credentials", anna)).json
    for address in (account["url"], account["uri"]):
        assert people(await find(api, address, bert, resolve="true")) == ["anna"]
    assert people(await find(api, "http://stonechat.test/@nobody", bert, resolve="true")) == []


async def test_se7_full_names(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for q in ("@bert@stonechat.test", "bert@stonechat.test", "BERT@STONECHAT.TEST", "ber"):
        assert people(await find(api, q, anna)) == ["bert"], q
    assert people(await find(api, "@bert@elsewhere.test", anna)) == []
    assert (await api.post(f"/api/v1/accounts/{bert.id}/block", anna)).status == 200
    assert people(await find(api, "@bert@stonechat.test", anna)) == ["bert"]


async def test_se8_tags_by_their_beginning(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.say(anna, "#soup #Soupçon #soufflé #tea")
    await api.say(bert, "#soupcon and @anna #soulfood")
    for visibility in ("unlisted", "private", "direct"):
        await api.say(bert, "#soupsecret", visibility=visibility)
    for q in ("#soup", "soup", "#SOUP", "  soup "):
        assert tags(await find(api, q)) == ["soup", "soupcon"]
    # In full first, then by the people who use it, then by name.
    assert tags(await find(api, "sou", bert)) == ["soupcon", "souffle", "soulfood", "soup"]
    assert tags(await find(api, "sou", bert, limit=2)) == ["soupcon", "souffle"]
    assert tags(await find(api, "sou", bert, limit=2, offset=2, type="hashtags")) == [
        "soulfood",
        "soup",
    ]
    for q in ("#soup @anna", "#", "12", "soup tea", "😀"):
        assert tags(await find(api, q)) == [], q
    found = (await find(api, "#tea", anna)).json["hashtags"][0]
    assert (len(found["history"]), found["following"]) == (7, False)
    assert found["history"][0]["uses"] == "1"
    assert people(await find(api, "#anna", anna)) == []
    assert (await find(api, "#tea", type="accounts")).json["hashtags"] == []

    await api.post("/api/v1/tags/followedonly/follow", anna)
    assert tags(await find(api, "followed", anna)) == []


async def test_a_tag_that_nobody_uses_any_more_is_not_found(api: Api) -> None:
    anna = await api.person("anna")
    slip = await api.say(anna, "#passw0rd")
    assert tags(await find(api, "passw")) == ["passw0rd"]
    await api.call("DELETE", f"/api/v1/statuses/{slip['id']}", anna)
    assert tags(await find(api, "passw")) == []


async def test_se8_the_first_version_names_tags(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "#annual")
    reply = await api.get("/api/v1/search?q=ann", anna)
    assert reply.json["hashtags"] == ["annual"]
    assert people(reply) == ["anna"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://here.test/@anna", Address(username="anna")),
        ("http://HERE.test/users/anna/", Address(username="anna")),
        ("https://here.test/web/@anna", Address(username="anna")),
        ("https://here.test/@anna/12", Address(status_id=12)),  # type: ignore[arg-type]
        ("https://here.test/users/a/statuses/12/activity?x=1#y", Address(status_id=12)),  # type: ignore[arg-type]
        ("https://here.test/web/statuses/12", Address(status_id=12)),  # type: ignore[arg-type]
        ("https://here.test/@anna/12/edit", None),
        ("https://here.test/about", None),
        ("https://here.test.evil.test/@anna", None),
        ("https://here.test@evil.test/@anna", None),
        ("https://[", None),
    ],
)
def test_addresses_are_read(address: str, expected: Address | None) -> None:
    assert read_address(address, "here.test") == expected
