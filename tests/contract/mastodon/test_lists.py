"""Lists: kept apart, filled with those who are followed, and read as timelines."""

from itertools import pairwise
from typing import Any

from stonechat.domain import limits
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person, Reply
from tests.recording import RecordingDatabase

LISTS = "/api/v1/lists"


async def follow(api: Api, who: Person, *others: Person) -> None:
    for other in others:
        reply = await api.post(f"/api/v1/accounts/{other.id}/follow", who)
        assert reply.status == 200, reply.body


async def made(api: Api, who: Person, *members: Person, **fields: Any) -> str:
    """The id of a list with these members."""
    reply = await api.post(LISTS, who, json={"title": "Near", **fields})
    assert reply.status == 200, reply.body
    identifier: str = reply.json["id"]
    if members:
        added = await add(api, who, identifier, *members)
        assert (added.status, added.json) == (200, {})
    return identifier


async def add(api: Api, who: Person, list_id: str, *members: Person) -> Reply:
    ids = [member.id for member in members]
    return await api.post(f"{LISTS}/{list_id}/accounts", who, json={"account_ids": ids})


async def members_of(api: Api, who: Person, list_id: str) -> set[str]:
    reply = await api.get(f"{LISTS}/{list_id}/accounts?limit=0", who)
    return {account["acct"] for account in reply.json}


async def said_in(api: Api, who: Person, list_id: str, query: str = "") -> list[str]:
    reply = await api.get(f"/api/v1/timelines/list/{list_id}{query}", who)
    assert reply.status == 200
    return [status["id"] for status in reply.json]


async def test_a_list_from_its_making_to_its_end(api: Api) -> None:
    """[LI1] [LI2] [LI3] [LI8]"""
    anna = await api.person("anna")
    assert (await api.get(LISTS, anna)).json == []
    plain = (await api.post(LISTS, anna, form={"title": "Near"})).json
    assert plain == {
        "id": plain["id"],
        "title": "Near",
        "replies_policy": "list",
        "exclusive": False,
    }
    form = {"title": "  Far   away ", "replies_policy": "none", "exclusive": "true"}
    other = (await api.post(LISTS, anna, form=form)).json
    assert (other["title"], other["replies_policy"], other["exclusive"]) == (
        "Far away",
        "none",
        True,
    )
    assert (await api.get(LISTS, anna)).json == [plain, other]
    assert (await api.get(f"{LISTS}/{other['id']}", anna)).json == other

    path = f"{LISTS}/{other['id']}"
    renamed = await api.call("PUT", path, anna, json={"title": "Farther"})
    assert renamed.json == other | {"title": "Farther"}
    opened = await api.call("PATCH", path, anna, form={"exclusive": "0"})
    assert opened.json == other | {"title": "Farther", "exclusive": False}

    deleted = await api.call("DELETE", path, anna)
    assert (deleted.status, deleted.json) == (200, {})
    assert (await api.get(path, anna)).status == 404
    assert (await api.call("DELETE", path, anna)).status == 404
    assert (await api.get(LISTS, anna)).json == [plain]


async def test_what_is_wrong_with_a_list_is_said_and_nothing_is_made(api: Api) -> None:
    """[LI2] S086 S087"""
    anna = await api.person("anna")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "Title can't be blank"),
        ({"title": "  "}, "Title can't be blank"),
        ({"title": None}, "Title can't be blank"),
        ({"title": ["a", "b"]}, "Title must be text"),
        ({"title": "a" * 257}, "Title is too long"),
        ({"title": "a", "replies_policy": "some"}, "Replies policy is not included in the list"),
        ({"title": "a", "replies_policy": ["list"]}, "Replies policy must be text"),
        ({"title": "a", "exclusive": {"a": 1}}, "Exclusive must be true or false"),
    ]
    for fields, words in wrong:
        reply = await api.post(LISTS, anna, json=fields)
        assert reply.status == 422, fields
        assert words in reply.json["error"], fields
    assert (await api.get(LISTS, anna)).json == []
    identifier = await made(api, anna, replies_policy="none")
    for fields in ({"title": ""}, {"title": "a", "replies_policy": "some"}):
        assert (await api.call("PUT", f"{LISTS}/{identifier}", anna, json=fields)).status == 422
    kept = (await api.get(f"{LISTS}/{identifier}", anna)).json
    assert (kept["title"], kept["replies_policy"]) == ("Near", "none")


async def test_an_account_has_so_many_lists_and_no_more(api: Api) -> None:
    """[LI7] S094"""
    anna = await api.person("anna")
    for _ in range(limits.LISTS_MAX):
        await made(api, anna)
    assert (await api.post(LISTS, anna, json={"title": "One more"})).status == 422
    assert len((await api.get(LISTS, anna)).json) == limits.LISTS_MAX


async def test_members_must_be_followed_and_are_added_once(api: Api) -> None:
    """[LI5]: all of the accounts of a request, or none."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await follow(api, anna, bert)
    identifier = await made(api, anna)
    assert (await add(api, anna, identifier, carl)).status == 422
    assert (await add(api, anna, identifier, bert, carl)).status == 422
    assert (await add(api, anna, identifier, anna)).status == 422
    unknown = Person("17", "nobody", "")
    assert (await add(api, anna, identifier, bert, unknown)).status == 404
    assert await members_of(api, anna, identifier) == set()

    assert (await add(api, anna, identifier, bert, bert)).status == 200
    assert (await add(api, anna, identifier, bert)).status == 422
    assert await members_of(api, anna, identifier) == {"bert"}
    held = await api.get(f"/api/v1/accounts/{bert.id}/lists", anna)
    assert [each["id"] for each in held.json] == [identifier]


async def test_members_are_taken_off_by_any_form_of_input(api: Api) -> None:
    """[LI6] [GEN21]: Tusky sends DELETE with a body."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await follow(api, anna, bert, carl)
    identifier = await made(api, anna, bert, carl)
    path = f"{LISTS}/{identifier}/accounts"
    form = {"account_ids[]": [bert.id, "17", "nonsense"]}
    assert (await api.call("DELETE", path, anna, form=form)).json == {}
    assert await members_of(api, anna, identifier) == {"carl"}
    assert (await api.call("DELETE", f"{path}?account_ids[]={carl.id}", anna)).json == {}
    assert await members_of(api, anna, identifier) == set()
    assert (await api.call("DELETE", path, anna)).json == {}


async def test_who_is_followed_no_more_leaves_the_lists(api: Api) -> None:
    """[LI7]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    await follow(api, anna, bert)
    first, second = await made(api, anna, bert), await made(api, anna, bert)
    await api.call("DELETE", f"{LISTS}/{first}", anna)
    relation = await api.get(f"/api/v1/accounts/relationships?id[]={bert.id}", anna)
    assert relation.json[0]["following"] is True
    assert (await api.post(f"/api/v1/accounts/{bert.id}/unfollow", anna)).status == 200
    assert await members_of(api, anna, second) == set()


async def test_members_are_paged_by_links_and_0_means_all(api: Api) -> None:
    """[LI4] [GT1]"""
    anna = await api.person("anna")
    people: list[Person] = []
    for number in range(5):
        api.clock.move(milliseconds=1)
        people.append(await api.person(f"member{number}"))
    await follow(api, anna, *people)
    identifier = await made(api, anna, *people)
    newest_first = [person.name for person in reversed(people)]
    path = f"{LISTS}/{identifier}/accounts"

    everybody = await api.get(f"{path}?limit=0", anna)
    assert [account["acct"] for account in everybody.json] == newest_first
    assert "link" not in everybody.headers

    seen: list[str] = []
    url = f"{path}?limit=2"
    for _ in range(3):
        page = await api.get(url, anna)
        seen += [account["acct"] for account in page.json]
        links = {
            part.split("; ")[1]: part.split("; ")[0].strip("<> ")
            for part in page.headers["link"].split(",")
        }
        assert "since_id=" in links['rel="prev"']
        assert "limit=2" in links['rel="prev"']
        if 'rel="next"' not in links:
            break
        url = links['rel="next"'].removeprefix("http://stonechat.test")
    assert seen == newest_first
    assert (await api.get(f"{path}?limit=nonsense", anna)).json == []


async def test_lists_of_others_are_not_there(api: Api) -> None:
    """[LI1] [LI3] [LI5] [LI6] [TL12] S038 S042"""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await follow(api, anna, carl)
    await follow(api, bert, carl)
    own = await made(api, anna, carl)
    members = {"account_ids": [carl.id]}
    bodies: set[bytes] = set()
    for identifier in (own, "17", "0", "-1", "9" * 400, "nonsense"):
        for method, path, sent in (
            ("GET", f"{LISTS}/{identifier}", None),
            ("PUT", f"{LISTS}/{identifier}", {"title": "Mine"}),
            ("DELETE", f"{LISTS}/{identifier}", None),
            ("GET", f"{LISTS}/{identifier}/accounts", None),
            ("POST", f"{LISTS}/{identifier}/accounts", members),
            ("DELETE", f"{LISTS}/{identifier}/accounts", members),
            ("GET", f"/api/v1/timelines/list/{identifier}", None),
        ):
            reply = await api.call(method, path, bert, json=sent)
            assert reply.status == 404, (method, path)
            bodies.add(reply.body)
    assert bodies == {b'{"error":"Record not found"}'}
    assert (await api.get(LISTS, bert)).json == []
    assert (await api.get(f"/api/v1/accounts/{carl.id}/lists", bert)).json == []
    assert await members_of(api, anna, own) == {"carl"}


async def test_scopes_and_callers(api: Api) -> None:
    """[TL12]"""
    anna = await api.person("anna")
    identifier = await made(api, anna)
    reads = await api.token("anna", "read:lists")
    writes = await api.token("anna", "write:lists")
    for path in (LISTS, f"{LISTS}/{identifier}", f"/api/v1/timelines/list/{identifier}"):
        assert (await api.get(path)).status == 401
        assert (await api.get(path, reads)).status == 200
        assert (await api.get(path, writes)).status == 403
    assert (await api.post(LISTS, reads, json={"title": "a"})).status == 403
    assert (await api.post(LISTS, writes, json={"title": "a"})).status == 200


async def test_a_list_shows_what_its_members_say_and_boost(api: Api) -> None:
    """[TL12]"""
    anna, bert, carl, dora = [await api.person(name) for name in ("anna", "bert", "carl", "dora")]
    await follow(api, anna, bert, carl)
    identifier = await made(api, anna, bert)
    first = await api.say(bert, "One")
    await api.say(carl, "Not on the list")
    await api.say(anna, "Mine")
    private = await api.say(bert, "Two", visibility="private")
    other = await api.say(dora, "From afar")
    api.clock.move(milliseconds=1)
    boost = (await api.post(f"/api/v1/statuses/{other['id']}/reblog", bert)).json
    expected = [boost["id"], private["id"], first["id"]]
    assert await said_in(api, anna, identifier) == expected

    for limit in (1, 2):
        seen: list[str] = []
        query = f"?limit={limit}"
        while page := await said_in(api, anna, identifier, query):
            seen += page
            query = f"?limit={limit}&max_id={page[-1]}"
        assert seen == expected
    above = await said_in(api, anna, identifier, f"?limit=1&min_id={first['id']}")
    assert above == [private["id"]]
    newest = await said_in(api, anna, identifier, f"?limit=1&since_id={first['id']}")
    assert newest == [boost["id"]]
    assert await said_in(api, anna, identifier, "?limit=0") == []
    reply = await api.get(f"/api/v1/timelines/list/{identifier}?limit=2", anna)
    assert f"max_id={private['id']}" in reply.headers["link"]
    assert f"min_id={boost['id']}" in reply.headers["link"]

    await api.call("DELETE", f"/api/v1/statuses/{private['id']}", bert)
    assert await said_in(api, anna, identifier) == [boost["id"], first["id"]]


async def test_answers_stand_in_a_list_as_its_policy_says(api: Api) -> None:
    """[TL13]"""
    anna, bert, carl, dora = [await api.person(name) for name in ("anna", "bert", "carl", "dora")]
    await follow(api, anna, bert, carl, dora)
    lists = {
        policy: await made(api, anna, bert, carl, replies_policy=policy)
        for policy in ("none", "list", "followed")
    }
    said = {person.name: await api.say(person, "Said") for person in (anna, bert, carl, dora)}
    answers = {
        name: (await api.say(bert, f"To {name}", in_reply_to_id=said[name]["id"]))["id"]
        for name in ("bert", "anna", "carl", "dora")
    }
    plain = [said["carl"]["id"], said["bert"]["id"]]
    for policy, names in (
        ("none", ["anna", "bert"]),
        ("list", ["carl", "anna", "bert"]),
        ("followed", ["dora", "carl", "anna", "bert"]),
    ):
        expected = [*(answers[name] for name in names), *plain]
        assert await said_in(api, anna, lists[policy]) == expected, policy


async def test_an_exclusive_list_takes_its_members_out_of_the_home(api: Api) -> None:
    """[LI8] [TL4]"""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await follow(api, anna, bert, carl)
    identifier = await made(api, anna, bert)
    hidden, shown = await api.say(bert, "One"), await api.say(carl, "Two")

    async def home() -> list[str]:
        return [each["id"] for each in (await api.get("/api/v1/timelines/home", anna)).json]

    assert await home() == [shown["id"], hidden["id"]]
    path = f"{LISTS}/{identifier}"
    await api.call("PUT", path, anna, json={"exclusive": True})
    assert await home() == [shown["id"]]
    assert await said_in(api, anna, identifier) == [hidden["id"]]
    await api.call("DELETE", path, anna)
    assert await home() == [shown["id"], hidden["id"]]


async def test_paging_forward_misses_nothing_while_others_post(api: Api) -> None:
    """[TL15]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    await follow(api, anna, bert)
    identifier = await made(api, anna, bert)
    said = [(await api.say(bert, f"Number {number}"))["id"] for number in range(3)]
    seen = await said_in(api, anna, identifier, "?limit=1&min_id=0")
    while page := await said_in(api, anna, identifier, f"?limit=2&min_id={seen[-1]}"):
        seen += reversed(page)
        if len(said) < 7:
            said += [(await api.say(bert, f"Number {len(said)}"))["id"] for _ in range(2)]
    assert seen == said
    assert all(int(before) < int(after) for before, after in pairwise(seen))


async def test_a_list_has_so_many_members_and_no_more(api: Api, monkeypatch: Any) -> None:
    """S094: the bound itself is small here, the rule is the same."""
    monkeypatch.setattr(limits, "LIST_MEMBERS_MAX", 2)
    anna = await api.person("anna")
    people = [await api.person(f"member{number}") for number in range(3)]
    await follow(api, anna, *people)
    identifier = await made(api, anna, *people[:2])
    assert (await add(api, anna, identifier, people[2])).status == 422
    assert len(await members_of(api, anna, identifier)) == 2
    too_many = {"account_ids": [str(number) for number in range(300)]}
    reply = await api.post(f"{LISTS}/{identifier}/accounts", anna, json=too_many)
    assert reply.status == 422


async def test_a_page_of_a_list_costs_two_statements(
    database: Database, settings: Settings
) -> None:
    """The token, the list and the page in one; the viewer's marks in the other."""
    recorder = RecordingDatabase(database)
    api = Api(recorder, settings)
    anna, bert = await api.person("anna"), await api.person("bert")
    await follow(api, anna, bert)
    identifier = await made(api, anna, bert)
    for length in (1, 5, 20):
        while len(await said_in(api, anna, identifier)) < length:
            await api.say(bert, "Said")
        recorder.forget()
        assert len(await said_in(api, anna, identifier)) == length
        assert recorder.count == 2
