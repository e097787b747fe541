"""What an account said, as each of its visitors finds it."""

from typing import Any

from stonechat.domain.ids import StatusId
from tests.contract.api import Api, Person
from tests.contract.people import boost, page_link, verb


async def statuses(api: Api, host: Person, who: Person | None = None, query: str = "") -> list[str]:
    reply = await api.get(f"/api/v1/accounts/{host.id}/statuses?{query}", who)
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.json]


async def world(api: Api) -> tuple[dict[str, Person], dict[str, str]]:
    """A host with a status of every kind, and four visitors; the ids by what they are."""
    who = {name: await api.person(name) for name in ("host", "fan", "guest", "other")}
    await verb(api, who["fan"], "follow", who["host"])
    said: dict[str, dict[str, Any]] = {
        "public": await api.say(who["host"], "public #Tea"),
        "unlisted": await api.say(who["host"], "unlisted", visibility="unlisted"),
        "private": await api.say(who["host"], "private #tea", visibility="private"),
        "named": await api.say(who["host"], "@guest private", visibility="private"),
        "direct": await api.say(who["host"], "@guest direct", visibility="direct"),
    }
    of_other = await api.say(who["other"], "by another #tea")
    said["answer"] = await api.say(who["host"], "an answer", in_reply_to_id=of_other["id"])
    said["self"] = await api.say(who["host"], "more", in_reply_to_id=said["public"]["id"])
    ids = {kind: status["id"] for kind, status in said.items()}
    ids["boost"] = await boost(api, who["host"], of_other["id"])
    return who, ids


async def test_each_visitor_sees_their_part(api: Api) -> None:
    """[AC24] and section 1.6."""
    who, ids = await world(api)
    everything = list(reversed(ids.values()))

    def without(*kinds: str) -> list[str]:
        return [each for each in everything if each not in [ids[kind] for kind in kinds]]

    assert await statuses(api, who["host"], who["host"]) == everything
    assert await statuses(api, who["host"], who["fan"]) == without("direct")
    assert await statuses(api, who["host"], who["guest"]) == without("private")
    assert await statuses(api, who["host"], who["other"]) == without("private", "named", "direct")
    assert await statuses(api, who["host"]) == without("private", "named", "direct")
    await verb(api, who["host"], "block", who["guest"])
    assert await statuses(api, who["host"], who["guest"]) == []


async def test_filters(api: Api) -> None:
    """[AC22] [AC23]"""
    who, ids = await world(api)
    host = who["host"]

    async def found(query: str) -> set[str]:
        here = set(await statuses(api, host, host, query))
        return {kind for kind, status_id in ids.items() if status_id in here}

    every = set(ids)
    assert await found("exclude_replies=true") == every - {"answer"}
    assert await found("exclude_reblogs=1") == every - {"boost"}
    assert await found("exclude_direct=on") == every - {"direct"}
    assert await found("exclude_replies=true&exclude_reblogs=true") == every - {"answer", "boost"}
    assert await found("exclude_replies=false&exclude_reblogs=0") == every
    for spelling in ("tea", "TEA", "%23tea"):
        assert await found(f"tagged={spelling}") == {"public", "private"}
    assert await found("tagged=coffee") == await found("tagged=no+tag") == set()
    assert await found("only_media=true") == set()
    assert await statuses(api, host, who["other"], "tagged=tea") == [ids["public"]]
    sql = "UPDATE statuses SET has_media = 1 WHERE id = $1"
    await api.env.db.write(lambda tx: tx.run(sql, StatusId(int(ids["unlisted"]))))
    assert await found("only_media=true") == {"unlisted"}

    path = f"/api/v1/accounts/{host.id}/statuses"
    page = await api.get(f"{path}?limit=2&exclude_replies=true&tagged=tea", host)
    following = page_link(page.headers, "next")
    assert following.startswith(f"{path}?exclude_replies=true&limit=2&max_id=")
    assert following.endswith("&tagged=tea")
    assert "min_id=" in page_link(page.headers, "prev")


async def test_pages_visit_everything_once(api: Api) -> None:
    """[AC22] [GEN18]"""
    who, ids = await world(api)
    everything = list(reversed(ids.values()))
    path = f"/api/v1/accounts/{who['host'].id}/statuses"
    seen: list[str] = []
    at = f"{path}?limit=3"
    while at:
        page = await api.get(at, who["host"])
        seen += [each["id"] for each in page.json]
        at = page_link(page.headers, "next")
    assert seen == everything
    upwards = await api.get(f"{path}?limit=3&min_id={everything[-1]}", who["host"])
    assert [each["id"] for each in upwards.json] == everything[-4:-1]
    newest = await api.get(f"{path}?limit=3&since_id={everything[-1]}", who["host"])
    assert [each["id"] for each in newest.json] == everything[:3]


async def test_pinned(api: Api) -> None:
    """[AC23] [AC24]: the newest pin first; a private one is for followers."""
    who, ids = await world(api)
    for kind in ("private", "public", "unlisted"):
        api.clock.move(milliseconds=1)
        reply = await api.post(f"/api/v1/statuses/{ids[kind]}/pin", who["host"])
        assert reply.status == 200
    wanted = [ids["unlisted"], ids["public"], ids["private"]]
    assert await statuses(api, who["host"], who["fan"], "pinned=true") == wanted
    assert await statuses(api, who["host"], None, "pinned=true") == wanted[:2]
    assert await statuses(api, who["host"], who["fan"], f"pinned=true&max_id={wanted[0]}") == [
        ids["public"]
    ]
    await api.call("DELETE", f"/api/v1/statuses/{ids['public']}", who["host"])
    assert await statuses(api, who["host"], None, "pinned=true") == [ids["unlisted"]]


async def test_boosts_of_those_whom_a_visitor_shut_out(api: Api) -> None:
    """S047: a block or a mute holds behind somebody else's boost too; the host sees their own."""
    who, ids = await world(api)
    for kind in ("block", "mute"):
        await verb(api, who["fan"], kind, who["other"])
        assert ids["boost"] not in await statuses(api, who["host"], who["fan"])
        await verb(api, who["fan"], f"un{kind}", who["other"])
        assert ids["boost"] in await statuses(api, who["host"], who["fan"])
    await verb(api, who["other"], "block", who["guest"])
    assert ids["boost"] not in await statuses(api, who["host"], who["guest"])
    await verb(api, who["host"], "mute", who["other"])
    assert ids["boost"] in await statuses(api, who["host"], who["host"])


async def test_a_deleted_status_is_gone_with_its_boosts(api: Api) -> None:
    who, ids = await world(api)
    await api.call("DELETE", f"/api/v1/statuses/{ids['public']}", who["host"])
    found = await statuses(api, who["host"], who["host"])
    assert ids["public"] not in found
    assert ids["self"] in found
    answered = (await api.get(f"/api/v1/statuses/{ids['answer']}")).json["in_reply_to_id"]
    await api.call("DELETE", f"/api/v1/statuses/{answered}", who["other"])
    assert ids["boost"] not in await statuses(api, who["host"], who["host"])
