"""The page of an account."""

import pytest

from tests.contract.api import Api, Person
from tests.contract.web.pages import open_page


async def _introduce(api: Api, who: Person, **fields: object) -> None:
    path = "/api/v1/accounts/update_credentials"
    assert (await api.call("PATCH", path, who, json=fields)).status == 200


async def test_what_somebody_says_of_themselves(api: Api) -> None:
    anna = await api.person("anna", role="owner")
    await _introduce(
        api,
        anna,
        display_name="Anna Lindqvist",
        note="Watches #birds.\n\nSee https://anna.example.org",
        bot=True,
        fields_attributes=[{"name": "Site", "value": "https://anna.example.org/me"}],
    )
    page = await open_page(api, "/@anna")
    assert page.one("title").text == "Anna Lindqvist (@anna@stonechat.test) · Stonechat"
    assert page.one("h1").text == "Anna Lindqvist"
    assert page.one("ul", "badges").text.split() == ["Owner", "Automated"]
    assert (page.all("dt")[0].text, page.all("dd")[0].text) == (
        "Site",
        "https://anna.example.org/me",
    )
    (mine,) = [each for each in page.all("a") if "me" in each.attributes.get("rel", "").split()]
    assert mine["href"] == "https://anna.example.org/me"
    assert page.link("canonical") == "http://stonechat.test/@anna"
    assert page.link("alternate") == "http://stonechat.test/@anna/feed.atom"
    assert page.meta("og:type") == "profile"
    assert page.meta("og:title") == "Anna Lindqvist (@anna@stonechat.test)"
    assert page.meta("og:description") == "Watches #birds. See https://anna.example.org"
    assert page.meta("og:image") == "http://stonechat.test/static/avatar.png"
    assert page.meta("robots") == "noindex"
    await _introduce(api, anna, indexable=True)
    assert (await open_page(api, "/@anna")).meta("robots") is None


async def test_pinned_first_then_the_newest(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    pinned = await api.say(anna, "pinned")
    said = await api.say(bert, "of bert's")
    await api.say(anna, "unlisted", visibility="unlisted")
    await api.say(anna, "private", visibility="private")
    await api.say(anna, "direct", visibility="direct")
    await api.say(anna, "@bert answered", in_reply_to_id=said["id"])
    await api.post(f"/api/v1/statuses/{said['id']}/reblog", anna)
    await api.post(f"/api/v1/statuses/{pinned['id']}/pin", anna)

    page = await open_page(api, "/@anna")
    assert page.posts == ["pinned", "of bert's", "unlisted"]
    reasons = [" ".join(each.text.split()) for each in page.all("p", "why")]
    assert reasons == ["Pinned", "Boosted by anna"]
    answers = await open_page(api, "/@anna/with_replies")
    assert answers.posts == ["of bert's", "@bert answered", "unlisted", "pinned"]
    assert answers.one("p", "answers").text == "In answer to @bert"


async def test_older_posts(api: Api) -> None:
    anna = await api.person("anna")
    for number in range(23):
        await api.say(anna, f"number {number}")
    first = await open_page(api, "/@anna")
    assert first.posts == [f"number {number}" for number in range(22, 2, -1)]
    second = await open_page(api, "/@anna" + first.one("a", "older")["href"])
    assert second.posts == ["number 2", "number 1", "number 0"]
    assert "/@anna" in [each["href"] for each in second.all("a")]


@pytest.mark.parametrize("length", [1, 20])
async def test_the_number_of_statements_does_not_grow(api: Api, length: int) -> None:
    anna = await api.person("anna")
    for number in range(length):
        await api.say(anna, f"number {number}")
    api.recorder.forget()
    await open_page(api, "/@anna")
    # The account; door, rows and versions of what it said, and of what it pinned; the contents.
    # What is not pinned has no versions to load.
    assert api.recorder.count == 7


@pytest.mark.parametrize("state", ["suspended", "deleted", "pending", "unconfirmed"])
async def test_hidden_states_are_absent(api: Api, state: str) -> None:
    """S046: neither page nor feed nor posts, and the same bytes as where nobody ever was."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    nobody = await api.get("/@nobody")
    assert nobody.status == 404
    sql = "UPDATE accounts SET state = $2 WHERE id = $1"
    await api.env.db.write(lambda tx: tx.run(sql, int(anna.id), state))
    paths = ["/@anna", "/@anna/with_replies", "/@anna/feed.atom"]
    if state != "unconfirmed":  # Nobody can have said anything before that state ends.
        paths += [f"/@anna/{said['id']}", f"/@anna/{said['id']}/activity"]
    for path in paths:
        reply = await api.get(path)
        assert (reply.status, reply.body) == (404, nobody.body)


async def test_a_disabled_login_hides_nothing(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "hello")
    sql = "UPDATE accounts SET state = 'disabled' WHERE id = $1"
    await api.env.db.write(lambda tx: tx.run(sql, int(anna.id)))
    assert (await open_page(api, "/@anna")).posts == ["hello"]


async def test_names_are_found_in_any_case_and_in_no_other_spelling(api: Api) -> None:
    await api.person("anna")
    page = await open_page(api, "/@ANNA")
    assert page.link("canonical") == "http://stonechat.test/@anna"
    for name in (
        "@anna",
        "%20anna",
        "anna@",
        "ann%C3%A1",
        "anna@stonechat.test",
        "anna@other.test",
    ):
        await open_page(api, f"/@{name}", 404)


async def test_old_addresses_lead_to_the_page(api: Api) -> None:
    reply = await api.get("/users/anna")
    assert (reply.status, reply.headers["location"]) == (301, "/@anna")
    reply = await api.get("/users/anna/statuses/17")
    assert (reply.status, reply.headers["location"]) == (301, "/@anna/17")
    for path in ("/users/an%0d%0ana", "/users/%2F", "/users/anna%20b", "/users/anna/statuses/1e3"):
        assert (await api.get(path)).status == 404, path


async def test_what_was_said_in_the_meantime_is_seen_at_once(api: Api) -> None:
    """A mark of the content, and a browser that asks each time."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    for path in ("/", "/@anna", f"/@anna/{said['id']}", "/@anna/feed.atom"):
        first = await api.get(path)
        mark = first.headers["etag"]
        for held in (mark, f"W/{mark}", f'"other", {mark}', "*"):
            again = await api.get(path, headers={"If-None-Match": held})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == mark
            assert again.headers["cache-control"] == first.headers["cache-control"]
        assert (await api.get(path, headers={"If-None-Match": '"other"'})).status == 200
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    reply = await api.get("/@anna", headers={"If-None-Match": mark})
    assert reply.status == 200
    assert b"hello" not in reply.body
