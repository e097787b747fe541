"""Accounts: found by id, by name and by the beginning of a name, and the people around them."""

import pytest

from stonechat.dialects.mastodon.entities.accounts import Account
from tests.contract.api import Api, Person
from tests.contract.people import change, names, page_link, verb

KEYS = set(Account.__struct_fields__) - {"suspended"}


async def people(api: Api, *given: str) -> list[Person]:
    made: list[Person] = []
    for name in given:
        api.clock.move(milliseconds=1)
        made.append(await api.person(name))
    return made


async def set_state(api: Api, who: Person, state: str) -> None:
    sql = "UPDATE accounts SET state = $2 WHERE id = $1"
    await api.env.db.write(lambda tx: tx.run(sql, int(who.id), state))
    sql_counters = "UPDATE account_counters SET version = version + 1 WHERE account_id = $1"
    await api.env.db.write(lambda tx: tx.run(sql_counters, int(who.id)))


async def test_one_account(api: Api) -> None:
    """[AC6] [AC39] [AC40]"""
    (anna,) = await people(api, "Anna")
    said = await api.say(anna, "hello")
    reply = await api.get(f"/api/v1/accounts/{anna.id}")
    shown = reply.json
    assert set(shown) == KEYS
    assert (shown["id"], shown["username"], shown["acct"]) == (anna.id, "Anna", "Anna")
    assert shown["display_name"] == shown["note"] == ""
    assert shown["statuses_count"] == 1
    assert shown["last_status_at"] == said["created_at"][:10]
    assert shown["created_at"].endswith("T00:00:00.000Z")
    assert shown["url"] == "http://stonechat.test/@Anna"
    for picture in ("avatar", "avatar_static", "header", "header_static"):
        assert shown[picture].startswith("http://stonechat.test/static/")
    assert reply.json == (await api.get(f"/api/v1/accounts/{anna.id}", anna)).json
    for nobody in ("1", "-1", "rubbish", "9" * 40):
        missing = await api.get(f"/api/v1/accounts/{nobody}")
        assert (missing.status, missing.json) == (404, {"error": "Record not found"})


@pytest.mark.parametrize("state", ["deleted", "pending", "unconfirmed"])
async def test_an_account_that_is_not_there(api: Api, state: str) -> None:
    """[AC6]: the same bytes as for one that never was, wherever one asks."""
    anna, bert = await people(api, "anna", "bert")
    await set_state(api, anna, state)
    for suffix in ("", "/statuses", "/followers", "/following", "/endorsements", "/featured_tags"):
        gone = await api.get(f"/api/v1/accounts/{anna.id}{suffix}", bert)
        never = await api.get(f"/api/v1/accounts/999{suffix}", bert)
        assert (gone.status, gone.body) == (404, never.body), suffix
    for name in ("follow", "block", "mute", "note", "unfollow", "remove_from_followers"):
        assert (await api.post(f"/api/v1/accounts/{anna.id}/{name}", bert)).status == 404
    assert (await api.get("/api/v1/accounts/lookup?acct=anna")).status == 404
    assert await names(api, "/api/v1/accounts/search?q=anna", bert) == []
    assert await names(api, "/api/v1/accounts/search?q=@anna@stonechat.test", bert) == []
    assert (await api.get(f"/api/v1/accounts?id[]={anna.id}")).json == []


async def test_a_suspended_account_is_a_shell(api: Api) -> None:
    anna, bert = await people(api, "anna", "bert")
    await change(api, anna, display_name="Anna A.", note="me")
    await verb(api, bert, "follow", anna)
    await api.say(anna, "hello")
    await set_state(api, anna, "suspended")
    shown = (await api.get(f"/api/v1/accounts/{anna.id}", bert)).json
    assert shown["suspended"] is True
    assert shown["display_name"] == shown["note"] == ""
    assert shown["fields"] == []
    for suffix in ("statuses", "followers", "following"):
        assert (await api.get(f"/api/v1/accounts/{anna.id}/{suffix}", bert)).json == []
    assert await names(api, f"/api/v1/accounts/{bert.id}/following") == []
    assert await names(api, "/api/v1/accounts/search?q=anna", bert) == []


async def test_several_accounts(api: Api) -> None:
    """[AC7]"""
    anna, bert = await people(api, "anna", "bert")
    query = f"id[]={bert.id}&id[]=999&id[]={anna.id}&id[]={bert.id}&id[]=x"
    assert await names(api, f"/api/v1/accounts?{query}") == ["bert", "anna"]
    assert (await api.get("/api/v1/accounts")).json == []
    many = "&".join(f"id[]={number}" for number in range(41))
    assert (await api.get(f"/api/v1/accounts?{many}")).status == 422


async def test_lookup(api: Api) -> None:
    """[AC25]"""
    (anna,) = await people(api, "Anna")
    for acct in ("Anna", "anna", "@ANNA", "anna@stonechat.test", "@Anna@Stonechat.Test"):
        reply = await api.get(f"/api/v1/accounts/lookup?acct={acct}")
        assert (reply.status, reply.json["id"]) == (200, anna.id), acct
    for acct in ("", "ann", "anna@elsewhere.example", "@", "anna@stonechat.test@x", "%20"):
        reply = await api.get(f"/api/v1/accounts/lookup?acct={acct}")
        assert (reply.status, reply.json) == (404, {"error": "Record not found"}), acct
    assert (await api.get("/api/v1/accounts/lookup")).status == 404


async def test_search_by_the_beginning_of_a_name(api: Api) -> None:
    """[AC26] [SE7] [SE10]"""
    anna, anton, bert = await people(api, "anna", "anton_k", "bert")
    path = "/api/v1/accounts/search"
    assert await names(api, f"{path}?q=an", bert) == ["anna", "anton_k"]
    assert await names(api, f"{path}?q=ANNA", bert) == ["anna"]
    assert await names(api, f"{path}?q=@anna", bert) == ["anna"]
    assert await names(api, f"{path}?q=anton_", bert) == ["anton_k"]
    for full in ("@anna@stonechat.test", "anna@STONECHAT.test", "anna@stone"):
        assert await names(api, f"{path}?q={full}", bert) == ["anna"], full
    for nothing in ("nna", "anna@elsewhere.example", "!!!", "@@", "anna bert"):
        assert await names(api, f"{path}?q={nothing}", bert) == [], nothing
    assert (await api.get(path, bert)).status == 400
    assert (await api.get(f"{path}?q=%20", bert)).status == 400
    assert (await api.get(f"{path}?q=an")).status == 401

    await change(api, anna, display_name="Ánna-Lena Müller")
    await change(api, bert, display_name="Lena")
    assert await names(api, f"{path}?q=len", anton) == ["anna", "bert"]
    for words in ("muller", "MÜLL", "lena mul", "müller ann"):
        assert await names(api, f"{path}?q={words}", anton) == ["anna"], words
    await change(api, anna, display_name="Anna")
    assert await names(api, f"{path}?q=len", anton) == ["bert"]
    assert await names(api, f"{path}?q=anna", anton) == ["anna"]


async def test_search_puts_the_exact_name_and_the_followed_first(api: Api) -> None:
    """[AC26]"""
    anna, annas, annika, bert = await people(api, "anna", "annas", "annika", "bert")
    path = "/api/v1/accounts/search"
    await verb(api, annas, "follow", annika)
    assert await names(api, f"{path}?q=ann", bert) == ["annika", "anna", "annas"]
    await verb(api, bert, "follow", annas)
    await verb(api, annika, "follow", annas)
    await verb(api, anna, "follow", annika)
    assert await names(api, f"{path}?q=ann", bert) == ["annas", "annika", "anna"]
    assert await names(api, f"{path}?q=anna", bert) == ["anna", "annas"]
    assert await names(api, f"{path}?q=ann&following=true", bert) == ["annas"]
    assert await names(api, f"{path}?q=ann&limit=1&offset=1", bert) == ["annika"]
    assert await names(api, f"{path}?q=ann&limit=0", bert) == []
    await verb(api, annika, "block", bert)
    assert await names(api, f"{path}?q=ann", bert) == ["annas", "anna"]
    assert await names(api, f"{path}?q=ber", annika) == []
    assert await names(api, f"{path}?q=@bert@stonechat.test", annika) == ["bert"]


async def test_followers_and_followings(api: Api) -> None:
    """[AC21] [GT1]: every one of them once, whichever way one walks, by ids of the follows."""
    host, *others = await people(api, "host", "a", "b", "c", "d", "e")
    for other in others:
        await verb(api, other, "follow", host)
        await verb(api, host, "follow", other)
    for kind in ("followers", "following"):
        path = f"/api/v1/accounts/{host.id}/{kind}"
        assert await names(api, path) == ["e", "d", "c", "b", "a"]
        seen: list[str] = []
        at = f"{path}?limit=2"
        while at:
            page = await api.get(at)
            seen += [each["username"] for each in page.json]
            at = page_link(page.headers, "next")
        assert seen == ["e", "d", "c", "b", "a"]
        oldest = await api.get(f"{path}?max_id={await last_row(api, path)}")
        assert oldest.json == []
        assert "link" not in oldest.headers
        first = await api.get(f"{path}?limit=2")
        assert "since_id=" in page_link(first.headers, "prev")
        assert (await api.get(page_link(first.headers, "prev"))).json == []
        ignored = await api.get(f"{path}?min_id=1&limit=2")
        assert [each["username"] for each in ignored.json] == ["e", "d"]


async def last_row(api: Api, path: str) -> str:
    """The paging id of the oldest one."""
    page = await api.get(f"{path}?limit=5")
    return page_link(page.headers, "next").rpartition("=")[2].rpartition("&")[2]


async def test_who_is_left_out_of_followers(api: Api) -> None:
    """[AC21] S047 S051"""
    host, viewer, blocked, blocker, muted = await people(
        api, "host", "viewer", "blocked", "blocker", "muted"
    )
    for other in (blocked, blocker, muted):
        await verb(api, other, "follow", host)
        await verb(api, host, "follow", other)
    await verb(api, viewer, "block", blocked)
    await verb(api, blocker, "block", viewer)
    await verb(api, viewer, "mute", muted)
    await verb(api, host, "mute", muted)
    for kind in ("followers", "following"):
        path = f"/api/v1/accounts/{host.id}/{kind}"
        everybody = ["muted", "blocker", "blocked"]
        assert await names(api, path, viewer) == []
        assert await names(api, path) == everybody
        assert await names(api, path, host) == everybody
    await change(api, host, hide_collections=True)
    assert (await api.get(f"/api/v1/accounts/{host.id}", muted)).json["hide_collections"] is True
    for kind in ("followers", "following"):
        path = f"/api/v1/accounts/{host.id}/{kind}"
        assert await names(api, path) == await names(api, path, muted) == []
        assert await names(api, path, host) == ["muted", "blocker", "blocked"]
    await change(api, host, hide_collections=False)
    await verb(api, host, "block", viewer)
    reply = await api.get(f"/api/v1/accounts/{host.id}/followers", viewer)
    assert (reply.status, reply.json) == (200, [])


async def test_featured_tags_and_identity_proofs(api: Api) -> None:
    """[AC31] [AC32]"""
    anna, bert = await people(api, "anna", "bert")
    await api.post("/api/v1/featured_tags", anna, json={"name": "Lunch"})
    said = await api.say(anna, "#lunch")
    await api.say(anna, "#lunch for friends", visibility="private")
    (tag,) = (await api.get(f"/api/v1/accounts/{anna.id}/featured_tags")).json
    assert (tag["name"], tag["statuses_count"]) == ("Lunch", "1")
    assert tag["last_status_at"] == said["created_at"][:10]
    assert (await api.get(f"/api/v1/accounts/{anna.id}/identity_proofs", bert)).json == []
    assert (await api.get("/api/v1/accounts/999/identity_proofs", bert)).status == 404
    assert (await api.get("/api/v1/accounts/999/lists", bert)).status == 404
