"""Names of people and of tags, spelled by somebody who wants to be taken for another.

S088: a handle has one canonical form, and lookup, search, mentions and WebFinger agree on it.
S089: nobody is told of a mention of their look-alike, tags fold by one rule, and what is too much
stays plain text.
"""

# ruff: noqa: RUF001 - look-alikes are the subject here

import json
from urllib.parse import quote

from stonechat.config import read_settings
from stonechat.domain import limits
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person

OF_ANNA = [
    "anna@stonechat.test",
    "@anna@stonechat.test",
    "ANNA@STONECHAT.TEST",
    "anna@stonechat.test.",
    "anna@ｓtonechat.test",
]
OF_NOBODY = [
    "anna@stonechat.test:8000",
    "anna@sub.stonechat.test",
    "anna@stonechat.test.evil.test",
    "anna@evil.test",
    "anna@ѕtonechat.test",
    "anna@xn--tonechat-tdh.test",
    "аnna@stonechat.test",
    "@anna@evil.test@stonechat.test",
    "@anna@stonechat.test@evil.test",
    "anna@@stonechat.test",
    "@@anna@stonechat.test",
    "@@",
    "@",
]
# In a text a colon ends a name, and what stands before the @ is another word.
NAMED_IN_TEXTS = {"anna@stonechat.test:8000", "@@anna@stonechat.test"}


async def found_by(api: Api, handle: str, who: Person) -> dict[str, list[str]]:
    """Whom each way of asking finds under a handle."""
    typed = quote(handle, safe="")
    looked_up = await api.get(f"/api/v1/accounts/lookup?acct={typed}", who)
    assert looked_up.status in (200, 404)
    searched = await api.get(f"/api/v1/accounts/search?q={typed}", who)
    every = await api.get(f"/api/v2/search?q={typed}&resolve=true", who)
    finger = await api.get(f"/.well-known/webfinger?resource=acct:{typed}", who)
    assert finger.status in (200, 400, 404)
    written = handle if handle.startswith("@") else f"@{handle}"
    said = await api.say(who, f"x {written} x", visibility="direct")
    subject = json.loads(finger.body)["subject"] if finger.status == 200 else ""
    return {
        "lookup": [looked_up.json["acct"]] if looked_up.status == 200 else [],
        "search": [account["acct"] for account in searched.json],
        "search for all": [account["acct"] for account in every.json["accounts"]],
        "webfinger": [subject.removeprefix("acct:").partition("@")[0]] if subject else [],
        "mention": [mention["acct"] for mention in said["mentions"]],
    }


async def test_s088_all_spellings_of_a_handle_are_one_account(api: Api) -> None:
    await api.person("Anna")
    bert = await api.person("bert")
    for handle in OF_ANNA:
        found = await found_by(api, handle, bert)
        assert found == {key: ["Anna"] for key in found}, handle


async def test_s088_a_handle_of_somebody_else_is_nobody_here(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for handle in OF_NOBODY:
        found = await found_by(api, handle, bert)
        if handle in NAMED_IN_TEXTS:
            assert found.pop("mention") == ["anna"]
        assert found == {key: [] for key in found}, handle
    notices = (await api.get("/api/v1/notifications", anna)).json
    assert len(notices) == len(NAMED_IN_TEXTS)


async def test_s088_a_server_whose_own_name_is_foreign(
    sqlite: Database, settings: Settings
) -> None:
    environment = {
        "STONECHAT_DATA_DIR": str(settings.data_dir),
        "STONECHAT_BASE_URL": "https://Bücher.example/",
        "STONECHAT_RATE_LIMITS": "off",
    }
    api = Api(sqlite, read_settings(environment))
    await api.person("anna")
    bert = await api.person("bert")
    for domain in (
        "bücher.example",
        "BÜCHER.example",
        "bu\u0308cher.example",
        "xn--bcher-kva.example",
    ):
        found = await found_by(api, f"anna@{domain}", bert)
        assert found == {key: ["anna"] for key in found}, domain
    found = await found_by(api, "anna@bucher.example", bert)
    assert found == {key: [] for key in found}


LOOK_ALIKES = [
    "@аnna",  # Cyrillic
    "@αnna",  # Greek
    "@ａｎｎａ",  # full width
    "@ann\u200ba",
    "@anna\u200b",
    "@anna\u0301",
    "@an\u00adna",
    "\u202e@anna",
    "@\u202eanna",
    "@𝐚nna",
    "@annа",
    "@anna_",
    "＠anna",
    "@anna@ѕtonechat.test",
    "anna@anna",
    "x@anna",
    "/@anna",
    "https://evil.test/@anna",
    "https://evil.test/?@anna",
]


async def test_s089_nobody_is_told_of_a_look_alike(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for text in LOOK_ALIKES:
        reply = await api.post("/api/v1/statuses", bert, json={"status": f"{text} x"})
        assert reply.status == 200, text
        is_marked = "\u202e@" in text
        assert len(reply.json["mentions"]) == is_marked, text
    notices = (await api.get("/api/v1/notifications", anna)).json
    # What only turns the reading direction names her all the same.
    assert len(notices) == 1


async def test_s089_five_hundred_mentions_and_tags_are_bounded(api: Api) -> None:
    """More names than a status may tell: those beyond the bound are plain text."""
    bert = await api.person("bert")
    people = [await api.person(f"p{number}") for number in range(3)]
    names = " ".join(f"@n{number}" for number in range(limits.MENTIONS_PER_STATUS_MAX))
    crowd = await api.say(bert, f"{names} @p0")
    assert crowd["mentions"] == []
    assert (await api.get("/api/v1/notifications", people[0])).json == []
    tags = " ".join(f"#t{number}" for number in range(100))
    said = await api.say(bert, tags)
    assert len(said["tags"]) == limits.TAGS_PER_STATUS_MAX
    assert said["content"].count("<a ") == limits.TAGS_PER_STATUS_MAX
    again = await api.say(bert, "@p1 " * 90)
    assert [mention["acct"] for mention in again["mentions"]] == ["p1"]
    assert len((await api.get("/api/v1/notifications", people[1])).json) == 1
    far_too_many = " ".join(f"@q{number}" for number in range(500))
    reply = await api.post("/api/v1/statuses", bert, json={"status": far_too_many})
    assert reply.status == 422


SPELLINGS = {
    "Straße": "straße",
    "CAFE\u0301": "cafe",
    "ﬁne": "fine",
    "ｓｏｕｐ": "soup",
    "so\u200cup": "soup",
    "soup\u202e": "soup",
    "ѕoup": "ѕoup",  # the first letter is Cyrillic
}


async def test_s089_tags_fold_by_one_rule(sqlite_api: Api) -> None:
    """What a status is filed under is what its address, its timeline and its follow lead to."""
    bert = await sqlite_api.person("bert")
    for spelling, name in SPELLINGS.items():
        said = await sqlite_api.say(bert, f"#{spelling} x")
        assert [tag["name"] for tag in said["tags"]] == [name]
        typed = quote(spelling.rstrip("\u202e"), safe="")
        page = await sqlite_api.get(f"/api/v1/timelines/tag/{typed}", bert)
        assert said["id"] in [each["id"] for each in page.json]
        followed = await sqlite_api.post(f"/api/v1/tags/{typed}/follow", bert)
        assert followed.json["name"] == name
    soup = await sqlite_api.get("/api/v1/timelines/tag/soup", bert)
    assert len(soup.json) == list(SPELLINGS.values()).count("soup")


async def test_s089_s128_what_is_typed_around_a_tag_ends_no_header(sqlite_api: Api) -> None:
    """Blanks around a tag do not count, so an address with a line break in it finds something."""
    bert = await sqlite_api.person("bert")
    await sqlite_api.say(bert, "#soup")
    for typed in ("soup\r\n", "soup\r\n\r\n", "\tsoup", "soup\x85", "soup\u2028", "soup "):
        reply = await sqlite_api.get(f"/api/v1/timelines/tag/{quote(typed, safe='')}", bert)
        link = reply.headers["link"]
        assert link.isascii()
        assert link.isprintable()
        assert f"/tag/{quote(typed)}?" in link
    for typed in ('soup>; rel="next", <x', "soup\r\nX-a: b", "soup%0d%0aX-a: b"):
        reply = await sqlite_api.get(f"/api/v1/timelines/tag/{quote(typed, safe='')}", bert)
        assert (reply.json, "link" in reply.headers, "x-a" in reply.headers) == ([], False, False)


async def test_s089_a_tag_of_ten_thousand_letters_is_none(api: Api) -> None:
    bert = await api.person("bert")
    long = "a" * 10_000
    assert (await api.post("/api/v1/statuses", bert, json={"status": f"#{long}"})).status == 422
    said = await api.say(bert, "#" + "a" * 400)
    assert said["tags"] == []
    assert (await api.get(f"/api/v1/timelines/tag/{long}")).json == []
    for verb in ("follow", "feature"):
        assert (await api.post(f"/api/v1/tags/{long}/{verb}", bert)).status in (404, 422)
    made = await api.post("/api/v1/featured_tags", bert, json={"name": long})
    assert made.status == 422
    assert (await api.get("/api/v1/followed_tags", bert)).json == []
