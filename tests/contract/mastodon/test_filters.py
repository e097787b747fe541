"""Filters of the second API: made in every form of input, kept apart, and matched."""

import json
from typing import Any

from stonechat.domain import limits
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api, Person, Reply
from tests.recording import RecordingDatabase

FILTERS = "/api/v2/filters"


async def made(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    """A filter with a title and a context, unless the test says others."""
    reply = await api.post(FILTERS, who, json={"title": "Quiet", "context": ["home"], **fields})
    assert reply.status == 200, reply.body
    return reply.json


async def test_a_filter_from_its_making_to_its_end(api: Api) -> None:
    """[FI1] [FI3]"""
    anna = await api.person("anna")
    assert (await api.get(FILTERS, anna)).json == []

    one = await made(
        api,
        anna,
        context=["public", "home"],
        filter_action="hide",
        expires_in=3600,
        keywords_attributes=[{"keyword": "rain"}, {"keyword": "sn", "whole_word": False}],
    )
    assert one["title"] == "Quiet"
    assert one["context"] == ["home", "public"]
    assert one["filter_action"] == "hide"
    assert one["expires_at"].endswith("Z")
    assert [(each["keyword"], each["whole_word"]) for each in one["keywords"]] == [
        ("rain", True),
        ("sn", False),
    ]
    assert one["statuses"] == []

    assert (await api.get(FILTERS, anna)).json == [one]
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).json == one
    deleted = await api.call("DELETE", f"{FILTERS}/{one['id']}", anna)
    assert (deleted.status, deleted.json) == (200, {})
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).status == 404
    assert (await api.get(FILTERS, anna)).json == []
    gone = await api.get(f"{FILTERS}/keywords/{one['keywords'][0]['id']}", anna)
    assert gone.status == 404


MULTIPART = "".join(
    f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in (
        ("title", "Rain"),
        ("context[]", "home"),
        ("context[]", "thread"),
        ("filter_action", "blur"),
        ("keywords_attributes[][keyword]", "rain"),
        ("keywords_attributes[][whole_word]", "false"),
        ("keywords_attributes[][keyword]", "hail"),
    )
)


JSON_LIST = {
    "title": "Rain",
    "context": ["home", "thread"],
    "filter_action": "blur",
    "keywords_attributes": [{"keyword": "rain", "whole_word": False}, {"keyword": "hail"}],
}
JSON_NUMBERED = JSON_LIST | {
    "keywords_attributes": {
        "0": {"keyword": "rain", "whole_word": "0"},
        "1": {"keyword": "hail", "whole_word": 1},
    }
}
FORM_LIST = (
    "title=Rain&context[]=home&context[]=thread&filter_action=blur"
    "&keywords_attributes[][keyword]=rain&keywords_attributes[][whole_word]=false"
    "&keywords_attributes[][keyword]=hail&keywords_attributes[][whole_word]=true"
)
FORM_NUMBERED = (
    "title=Rain&context%5B%5D=home&context%5B%5D=thread&filter_action=blur"
    "&keywords_attributes%5B0%5D%5Bkeyword%5D=rain&keywords_attributes%5B0%5D%5Bwhole_word%5D=0"
    "&keywords_attributes%5B1%5D%5Bkeyword%5D=hail"
)


async def test_every_form_of_input_makes_the_same_filter(api: Api) -> None:
    """[FI1] [GEN21]"""
    anna = await api.person("anna")
    for content_type, body in (
        ("application/json", json.dumps(JSON_LIST)),
        ("application/json", json.dumps(JSON_NUMBERED)),
        ("application/x-www-form-urlencoded", FORM_LIST),
        ("application/x-www-form-urlencoded", FORM_NUMBERED),
        ("multipart/form-data; boundary=cut", MULTIPART + "--cut--\r\n"),
    ):
        headers = {"Content-Type": content_type}
        reply = await api.post(FILTERS, anna, body=body.encode(), headers=headers)
        assert reply.status == 200, (body, reply.body)
        assert reply.json["context"] == ["home", "thread"], body
        assert reply.json["filter_action"] == "blur", body
        assert reply.json["expires_at"] is None, body
        assert [(each["keyword"], each["whole_word"]) for each in reply.json["keywords"]] == [
            ("rain", False),
            ("hail", True),
        ], body


OF = {"title": "a", "context": ["home"]}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"context": ["home"]}, "Title can't be blank"),
    (OF | {"title": ""}, "Title can't be blank"),
    (OF | {"title": None}, "Title can't be blank"),
    (OF | {"title": "a" * 257}, "Title is too long"),
    (OF | {"title": ["a"]}, "Title must be text"),
    ({"title": "a"}, "Context None or invalid context supplied"),
    (OF | {"context": []}, "Context None or invalid context supplied"),
    (OF | {"context": ["everywhere"]}, "Context None or invalid context supplied"),
    (OF | {"context": ["home", "nowhere"]}, "Context None or invalid context supplied"),
    (OF | {"context": [["home"]]}, "Context must be text"),
    (OF | {"filter_action": "explode"}, "Action is not included in the list"),
    (OF | {"filter_action": ["warn"]}, "Filter action must be text"),
    (OF | {"expires_in": "soon"}, "Expires in is not a whole number"),
    (OF | {"expires_in": 10**15}, "Expires in is too far away"),
    (OF | {"keywords_attributes": [{"keyword": " "}]}, "Keyword can't be blank"),
    (OF | {"keywords_attributes": [{"keyword": "k" * 513}]}, "Keyword is too long"),
    (OF | {"keywords_attributes": [{"keyword": {"a": 1}}]}, "Keyword must be text"),
    (OF | {"keywords_attributes": ["rain"]}, "must be a list of named values"),
]


async def test_what_is_wrong_with_a_filter_is_said_and_nothing_is_made(api: Api) -> None:
    """[FI2] [FI10] S086 S087"""
    anna = await api.person("anna")
    for fields, words in WRONG:
        reply = await api.post(FILTERS, anna, json=fields)
        assert reply.status == 422, fields
        assert words in reply.json["error"], fields
    assert (await api.get(FILTERS, anna)).json == []


async def test_a_change_touches_only_what_it_names(api: Api) -> None:
    anna = await api.person("anna")
    one = await made(
        api, anna, expires_in=600, filter_action="hide", keywords_attributes=[{"keyword": "rain"}]
    )
    renamed = await api.call("PUT", f"{FILTERS}/{one['id']}", anna, form={"title": "Louder"})
    assert renamed.json == one | {"title": "Louder"}
    patched = await api.call("PATCH", f"{FILTERS}/{one['id']}", anna, json={"context": ["thread"]})
    assert patched.json == one | {"title": "Louder", "context": ["thread"]}


async def test_a_filter_can_be_made_to_last(api: Api) -> None:
    """Blank, null and 0 all clear the end; left out, it stays."""
    anna = await api.person("anna")
    for never in (None, "", 0, "0"):
        one = await made(api, anna, expires_in=600)
        path = f"{FILTERS}/{one['id']}"
        kept = await api.call("PUT", path, anna, json={"title": "Quiet"})
        assert kept.json["expires_at"] == one["expires_at"], never
        cleared = await api.call("PUT", path, anna, json={"expires_in": never})
        assert cleared.json["expires_at"] is None, never


async def test_keywords_are_added_changed_and_removed_in_one_request(api: Api) -> None:
    """[FI4]"""
    anna = await api.person("anna")
    one = await made(
        api, anna, keywords_attributes=[{"keyword": word} for word in ("one", "two", "three")]
    )
    ids = [each["id"] for each in one["keywords"]]
    form = [
        ("keywords_attributes[0][id]", ids[0]),
        ("keywords_attributes[0][keyword]", "uno"),
        ("keywords_attributes[1][id]", ids[1]),
        ("keywords_attributes[1][_destroy]", "true"),
        ("keywords_attributes[2][id]", ids[2]),
        ("keywords_attributes[2][whole_word]", "false"),
        ("keywords_attributes[3][keyword]", "four"),
    ]
    changed = await api.call("PUT", f"{FILTERS}/{one['id']}", anna, form=dict(form))
    assert changed.status == 200
    assert [
        (each["id"] in ids, each["keyword"], each["whole_word"])
        for each in changed.json["keywords"]
    ] == [(True, "uno", True), (True, "three", False), (False, "four", True)]
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).json == changed.json


async def test_a_change_is_made_whole_or_not_at_all(api: Api) -> None:
    anna = await api.person("anna")
    one = await made(api, anna, keywords_attributes=[{"keyword": "one"}])
    other = await made(api, anna, keywords_attributes=[{"keyword": "other"}])
    for keywords, status in (
        ([{"keyword": "two"}, {"keyword": ""}], 422),
        ([{"keyword": "two"}, {"id": "nonsense", "keyword": "three"}], 404),
        # A keyword of another filter of one's own is not one of this filter.
        ([{"keyword": "two"}, {"id": other["keywords"][0]["id"], "_destroy": "1"}], 404),
    ):
        change = {"title": "Changed", "keywords_attributes": keywords}
        reply = await api.call("PUT", f"{FILTERS}/{one['id']}", anna, json=change)
        assert reply.status == status
        assert (await api.get(FILTERS, anna)).json == [one, other]


async def test_keywords_by_themselves(api: Api) -> None:
    """[FI5]"""
    anna = await api.person("anna")
    one = await made(api, anna)
    path = f"{FILTERS}/{one['id']}/keywords"
    added = await api.post(path, anna, form={"keyword": "rain", "whole_word": "false"})
    assert added.json["keyword"] == "rain"
    assert added.json["whole_word"] is False
    assert (await api.get(path, anna)).json == [added.json]
    own = f"{FILTERS}/keywords/{added.json['id']}"
    assert (await api.get(own, anna)).json == added.json
    changed = await api.call("PUT", own, anna, json={"whole_word": True})
    assert changed.json == added.json | {"whole_word": True}
    blank = await api.call("PUT", own, anna, json={"keyword": ""})
    assert blank.status == 422
    assert (await api.post(path, anna, json={})).status == 422
    assert (await api.call("DELETE", own, anna)).json == {}
    assert (await api.get(own, anna)).status == 404
    assert (await api.get(path, anna)).json == []


async def test_statuses_by_themselves(api: Api) -> None:
    """[FI5] [SR4]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    status = await api.say(bert, "Rain again")
    one = await made(api, anna)
    path = f"{FILTERS}/{one['id']}/statuses"
    added = await api.post(path, anna, form={"status_id": status["id"]})
    assert added.status == 200
    assert added.json["status_id"] == status["id"]
    assert (await api.post(path, anna, json={"status_id": status["id"]})).status == 422
    assert (await api.get(path, anna)).json == [added.json]
    assert (await api.get(f"{FILTERS}/{one['id']}", anna)).json["statuses"] == [added.json]

    seen = (await api.get(f"/api/v1/statuses/{status['id']}", anna)).json
    assert [match["status_matches"] for match in seen["filtered"]] == [[status["id"]]]
    assert seen["filtered"][0]["keyword_matches"] is None

    own = f"{FILTERS}/statuses/{added.json['id']}"
    assert (await api.get(own, anna)).json == added.json
    assert (await api.call("DELETE", own, anna)).json == added.json
    assert (await api.get(own, anna)).status == 404
    assert (await api.get(f"/api/v1/statuses/{status['id']}", anna)).json["filtered"] == []


async def test_a_filter_cannot_tell_that_a_status_exists(api: Api) -> None:
    """S042: what one may not see answers as what is not there."""
    anna, bert = await api.person("anna"), await api.person("bert")
    secret = await api.say(bert, "Only for me", visibility="private")
    one = await made(api, anna)
    replies = [
        await api.post(f"{FILTERS}/{one['id']}/statuses", anna, json={"status_id": each})
        for each in (secret["id"], "1", "nonsense", "9" * 400)
    ]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) == 1
    missing = await api.post(f"{FILTERS}/{one['id']}/statuses", anna, json={})
    assert missing.status == 400


async def foreign_calls(api: Api, who: Person, ids: dict[str, str]) -> list[Reply]:
    """Everything that can be tried with a filter, a keyword and an entry of somebody else."""
    one, word, entry = ids["filter"], ids["keyword"], ids["status"]
    tries = [
        *(
            (method, f"{path}")
            for path in (
                f"{FILTERS}/{one}",
                f"{FILTERS}/keywords/{word}",
                f"{FILTERS}/statuses/{entry}",
                f"/api/v1/filters/{word}",
            )
            for method in ("GET", "PUT", "DELETE")
            if (method, path) != ("PUT", f"{FILTERS}/statuses/{entry}")
        ),
        *(
            (method, f"{FILTERS}/{one}/{part}")
            for part in ("keywords", "statuses")
            for method in ("GET", "POST")
        ),
    ]
    sent = {"title": "Mine", "keyword": "mine", "phrase": "mine", "status_id": ids["said"]}
    return [
        await api.call(method, path, who, json=None if method in ("GET", "DELETE") else sent)
        for method, path in tries
    ]


async def test_filters_of_others_are_not_there(api: Api) -> None:
    """[GT15] [FI3] [FI5] S038"""
    anna, bert = await api.person("anna"), await api.person("bert")
    status = await api.say(bert, "Rain again")
    one = await made(api, anna, keywords_attributes=[{"keyword": "rain"}])
    await api.post(f"{FILTERS}/{one['id']}/statuses", anna, json={"status_id": status["id"]})
    before = (await api.get(FILTERS, anna)).json
    whole = before[0]
    foreign = await foreign_calls(
        api,
        bert,
        {
            "filter": whole["id"],
            "keyword": whole["keywords"][0]["id"],
            "status": whole["statuses"][0]["id"],
            "said": status["id"],
        },
    )
    absent = await foreign_calls(
        api, bert, {"filter": "17", "keyword": "17", "status": "17", "said": status["id"]}
    )
    assert len(foreign) == 15
    for there, nowhere in zip(foreign, absent, strict=True):
        assert there.status == nowhere.status == 404
        assert there.body == nowhere.body
    assert (await api.get(FILTERS, bert)).json == []
    assert (await api.get(FILTERS, anna)).json == before


async def test_scopes_and_callers(api: Api) -> None:
    anna = await api.person("anna")
    reads = await api.token("anna", "read:filters")
    writes = await api.token("anna", "write:filters")
    assert (await api.get(FILTERS)).status == 401
    assert (await api.get(FILTERS, "nonsense")).status == 401
    assert (await api.get(FILTERS, reads)).status == 200
    assert (await api.get(FILTERS, writes)).status == 403
    sent = {"title": "a", "context": ["home"]}
    assert (await api.post(FILTERS, reads, json=sent)).status == 403
    assert (await api.post(FILTERS, writes, json=sent)).status == 200
    assert len((await api.get(FILTERS, anna)).json) == 1


async def test_matches_are_told_where_a_status_is_shown(api: Api) -> None:
    """[SR3] [SR4] [FI8]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    one = await made(
        api,
        anna,
        title="Weather",
        context=["home", "thread"],
        filter_action="hide",
        keywords_attributes=[{"keyword": "rain"}, {"keyword": "hail"}, {"keyword": "snow"}],
    )
    status = await api.say(bert, "Rain!", spoiler_text="Snow?")
    boosted = await api.post(f"/api/v1/statuses/{status['id']}/reblog", bert)
    expected = [
        {
            "filter": {
                key: one[key] for key in ("id", "title", "context", "expires_at", "filter_action")
            },
            "keyword_matches": ["rain", "snow"],
            "status_matches": None,
        }
    ]
    assert "keywords" not in expected[0]["filter"]

    shown = (await api.get(f"/api/v1/statuses/{status['id']}", anna)).json
    assert shown["filtered"] == expected
    public = (await api.get("/api/v1/timelines/public", anna)).json
    # To hide is the client's work: the status is there, with the reason beside it.
    assert [each["filtered"] for each in public] == [expected]
    wrapper = (await api.get(f"/api/v1/statuses/{boosted.json['id']}", anna)).json
    assert wrapper["reblog"]["filtered"] == expected
    assert wrapper["filtered"] == expected

    for nobody in (bert, None):
        seen = (await api.get(f"/api/v1/statuses/{status['id']}", nobody)).json
        assert seen.get("filtered", []) == []
    assert "filtered" not in (await api.get(f"/api/v1/statuses/{status['id']}")).json


async def test_a_filter_that_is_over_matches_nothing(api: Api) -> None:
    """[FI8]"""
    anna = await api.person("anna")
    one = await made(api, anna, expires_in=60, keywords_attributes=[{"keyword": "rain"}])
    status = await api.say(anna, "Rain")
    assert len(status["filtered"]) == 1
    api.clock.move(seconds=61)
    again = await api.get(f"/api/v1/statuses/{status['id']}", anna)
    assert again.json["filtered"] == []
    # Phanpy sends the time that is left, which is less than nothing, with every change.
    kept = await api.call("PUT", f"{FILTERS}/{one['id']}", anna, json={"expires_in": -5})
    assert kept.status == 200
    assert (await api.get(f"/api/v1/statuses/{status['id']}", anna)).json["filtered"] == []


async def test_a_filter_names_the_original_of_a_boost(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    status = await api.say(bert, "Rain again")
    boost = (await api.post(f"/api/v1/statuses/{status['id']}/reblog", bert)).json
    one = await made(api, anna)
    added = await api.post(f"{FILTERS}/{one['id']}/statuses", anna, json={"status_id": boost["id"]})
    assert added.json["status_id"] == status["id"]
    seen = (await api.get(f"/api/v1/statuses/{boost['id']}", anna)).json
    assert seen["reblog"]["filtered"][0]["status_matches"] == [status["id"]]


async def test_an_account_has_so_many_filters_and_no_more(api: Api) -> None:
    """S094"""
    anna = await api.person("anna")
    for number in range(limits.FILTERS_MAX):
        await made(api, anna, title=f"Filter {number}")
    sent = {"title": "One more", "context": ["home"]}
    reply = await api.post(FILTERS, anna, json=sent)
    assert reply.status == 422
    assert (await api.post("/api/v1/filters", anna, json=sent | {"phrase": "x"})).status == 422
    assert len((await api.get(FILTERS, anna)).json) == limits.FILTERS_MAX


async def test_a_filter_has_so_many_keywords_and_all_of_them_so_many(api: Api) -> None:
    """S094"""
    anna = await api.person("anna")
    words = [{"keyword": f"word {number}"} for number in range(limits.FILTER_KEYWORDS_MAX)]
    full = await made(api, anna, keywords_attributes=words)
    assert len(full["keywords"]) == limits.FILTER_KEYWORDS_MAX
    one_more = await api.post(f"{FILTERS}/{full['id']}/keywords", anna, json={"keyword": "x"})
    assert one_more.status == 422
    sent = {"title": "a", "context": ["home"], "keywords_attributes": [*words, {"keyword": "x"}]}
    assert (await api.post(FILTERS, anna, json=sent)).status == 422

    for _ in range(limits.FILTER_ITEMS_PER_ACCOUNT_MAX // limits.FILTER_KEYWORDS_MAX - 1):
        await made(api, anna, keywords_attributes=words)
    last = await made(api, anna)
    status = await api.say(anna, "Said")
    for path, body in (
        (f"{FILTERS}/{last['id']}/keywords", {"keyword": "x"}),
        (f"{FILTERS}/{last['id']}/statuses", {"status_id": status["id"]}),
        (FILTERS, {"title": "a", "context": ["home"], "keywords_attributes": [{"keyword": "x"}]}),
    ):
        assert (await api.post(path, anna, json=body)).status == 422


async def test_filters_cost_a_reader_one_statement(database: Database, settings: Settings) -> None:
    """However many there are; and nothing for those who have none."""
    recorder = RecordingDatabase(database)
    api = Api(recorder, settings)
    anna = await api.person("anna")
    status = await api.say(anna, "Rain")
    path = f"/api/v1/statuses/{status['id']}"
    costs: list[int] = []
    for _ in range(3):
        await api.get(path, anna)
        recorder.forget()
        assert (await api.get(path, anna)).status == 200
        costs.append(recorder.count)
        await made(api, anna, keywords_attributes=[{"keyword": "rain"}, {"keyword": "hail"}])
    assert costs == [1, 2, 2]
