"""S094: what one account may make has an end, and each piece of it, too.

Every kind of thing that a person can make more of by asking again is here with its bound, and
beyond it is a refusal that leaves nothing behind. Lists and filters are filled up to their bounds
in the tests of their own.
"""

from typing import Any

import pytest

from stonechat.dialects.mastodon.dialect import OPERATIONS
from stonechat.domain import limits
from tests.contract.api import Api, Person

LONG = "x" * 10_000
TEXTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/v1/lists", {"title": LONG}),
    ("POST", "/api/v2/filters", {"title": LONG, "context": ["home"]}),
    (
        "POST",
        "/api/v2/filters",
        {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": LONG}]},
    ),
    ("POST", "/api/v1/filters", {"phrase": LONG, "context": ["home"]}),
    ("POST", "/api/v1/featured_tags", {"name": LONG}),
    ("POST", "/api/v1/apps", {"client_name": LONG, "redirect_uris": "https://a.test/"}),
    ("POST", "/api/v1/apps", {"client_name": "x", "redirect_uris": f"https://a.test/{LONG}"}),
    ("POST", "/api/v1/apps", {"client_name": "x", "redirect_uris": "a:/", "website": f"a:/{LONG}"}),
    ("PATCH", "/api/v1/accounts/update_credentials", {"display_name": LONG}),
    ("PATCH", "/api/v1/accounts/update_credentials", {"note": LONG}),
    (
        "PATCH",
        "/api/v1/accounts/update_credentials",
        {"fields_attributes": [{"name": LONG, "value": LONG}]},
    ),
    ("POST", "/api/v1/markers", {"home": {"last_read_id": LONG}}),
    ("POST", "/api/v1/domain_blocks", {"domain": f"{LONG}.test"}),
]


async def test_s094_s084_ten_kilobytes_fit_nowhere(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    before = await _everything(sqlite_api, anna)
    for method, path, body in TEXTS:
        reply = await sqlite_api.call(method, path, anna, json=body)
        assert reply.status in (404, 422), (path, body.keys(), reply.body)
        assert LONG[:300].encode() not in reply.body
        assert await _everything(sqlite_api, anna) == before


async def test_s094_an_idempotency_key_has_an_end(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    headers = {"Idempotency-Key": LONG}
    reply = await sqlite_api.post("/api/v1/statuses", anna, json={"status": "x"}, headers=headers)
    assert reply.status == 422
    assert (await sqlite_api.get("/api/v1/timelines/home", anna)).json == []


async def _everything(api: Api, who: Person) -> list[bytes]:
    paths = ("lists", "filters", "featured_tags", "domain_blocks", "markers?timeline[]=home")
    found = [(await api.get(f"/api/v1/{path}", who)).body for path in paths]
    return [*found, (await api.get("/api/v1/accounts/verify_credentials", who)).body]


async def test_s094_only_so_many_tags_are_featured(api: Api) -> None:
    anna = await api.person("anna")
    for number in range(limits.FEATURED_TAGS_MAX):
        assert (await _feature(api, anna, number)) == 200
    assert (await _feature(api, anna, limits.FEATURED_TAGS_MAX)) == 422
    kept = (await api.get("/api/v1/featured_tags", anna)).json
    assert len(kept) == limits.FEATURED_TAGS_MAX


async def _feature(api: Api, who: Person, number: int) -> int:
    reply = await api.post("/api/v1/featured_tags", who, json={"name": f"tag{number}"})
    return reply.status


async def test_s094_only_so_many_lists_are_made(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    made = [
        (await sqlite_api.post("/api/v1/lists", anna, json={"title": str(number)})).status
        for number in range(limits.LISTS_MAX + 5)
    ]
    assert made == [200] * limits.LISTS_MAX + [422] * 5
    assert len((await sqlite_api.get("/api/v1/lists", anna)).json) == limits.LISTS_MAX


async def test_s094_only_so_many_domains_are_blocked(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound itself is small here, the rule is the same."""
    monkeypatch.setattr(limits, "DOMAIN_BLOCKS_MAX", 3)
    anna = await api.person("anna")

    async def block(number: int) -> int:
        domain = {"domain": f"d{number}.test"}
        return (await api.post("/api/v1/domain_blocks", anna, json=domain)).status

    assert [await block(number) for number in range(4)] == [200, 200, 200, 422]
    assert await block(0) == 200
    blocked = (await api.get("/api/v1/domain_blocks", anna)).json
    assert sorted(blocked) == ["d0.test", "d1.test", "d2.test"]


# Whatever makes a row by a POST or PUT, and what bounds the rows of one account.
BOUNDED_BY: dict[str, str] = {
    "/api/v1/accounts": "rate of sign-ups",
    "/api/v1/apps": "rate of apps",
    "/api/v1/statuses": "rate of posts",
    "/api/v1/statuses/{id}/reblog": "rate of posts",
    "/api/v1/accounts/{id}/follow": "FOLLOWINGS_MAX",
    "/api/v1/domain_blocks": "DOMAIN_BLOCKS_MAX",
    "/api/v1/lists": "LISTS_MAX",
    "/api/v1/lists/{id}/accounts": "LIST_MEMBERS_MAX",
    "/api/v1/filters": "FILTERS_MAX",
    "/api/v2/filters": "FILTERS_MAX",
    "/api/v2/filters/{id}/keywords": "FILTER_KEYWORDS_MAX",
    "/api/v2/filters/{id}/statuses": "FILTER_STATUSES_MAX",
    "/api/v1/featured_tags": "FEATURED_TAGS_MAX",
    "/api/v1/tags/{name}/feature": "FEATURED_TAGS_MAX",
    "/api/v1/tags/{name}/follow": "FOLLOWED_TAGS_MAX",
}


def test_s094_every_bound_that_is_named_exists() -> None:
    paths = {each.path for each in OPERATIONS if each.method == "POST"}
    assert BOUNDED_BY.keys() <= paths
    for bound in BOUNDED_BY.values():
        assert " " in bound or getattr(limits, bound) > 0
