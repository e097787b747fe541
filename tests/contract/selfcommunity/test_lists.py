"""Lists of contributions: reference 2.1 rows 3-6 and 11-14, 2.3 embeds and likethis, 4.10, 4.12."""

from typing import Any

from tests.contract.api import Api, Person
from tests.contract.people import boost, verb
from tests.contract.selfcommunity.community import ask, category, contribute, label
from tests.contract.selfcommunity.feeds import comment, ids, listed, units

ABSENT = "1"
ABOUT = ("related", "contributors", "shares", "shares_users")


async def page(api: Api, path: str, who: Person | None = None) -> dict[str, Any]:
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    return reply.json


async def test_own_lists(api: Api) -> None:
    """2.1 rows 4, 5, 6: without comments, followed, suspended; of one kind, for members only."""
    ann, bob = await api.person("ann"), await api.person("bob")
    made = [await contribute(api, ann, str(each)) for each in range(3)]
    post = await contribute(api, ann, "x", "post")
    await comment(api, bob, made[1])
    a, b, c = [each["id"] for each in made]
    assert await listed(api, "/status/uncommented/", bob) == [c, a]
    for each in (made[2], made[0], post):
        for name in ("follow", "suspend"):
            path = f"/{each['type']}/{each['id']}/{name}/"
            assert (await ask(api, "POST", path, bob)).status == 204
    assert await listed(api, "/status/following/", bob) == [a, c]
    assert await listed(api, "/post/following/", bob) == [post["id"]]
    assert await listed(api, "/status/suspended/", bob) == [c, a]
    assert (await page(api, "/status/following/?limit=1&offset=1", bob))["count"] == 2
    assert await listed(api, "/status/following/", ann) == []
    await verb(api, ann, "block", bob)
    for name in ("uncommented", "following", "suspended"):
        assert await listed(api, f"/status/{name}/", bob) == []
        assert (await ask(api, "GET", f"/status/{name}/")).status == 401
    assert b not in await listed(api, "/status/uncommented/", ann)


async def test_shares_and_who_made_them(api: Api) -> None:
    """2.1 rows 13 and 14, 4.10: contributions with a share of it, and boosts of other dialects."""
    ann, bob, cyd = [await api.person(name) for name in ("ann", "bob", "cyd")]
    said = await contribute(api, ann, "x")
    medium = await ask(api, "POST", "/media/", bob, type="share", shared_object=said["id"])
    assert medium.status == 201, medium.body
    shared = await contribute(api, bob, "look", "post", medias=[medium.json["id"]])
    passed = int(await boost(api, cyd, str(said["id"])))
    root = f"/status/{said['id']}"
    assert await listed(api, f"{root}/shares/") == [passed, shared["id"]]
    people = await page(api, f"{root}/shares_users/")
    assert [each["username"] for each in people["results"]] == ["cyd", "bob"]
    assert (people["count"], people["next"]) == (2, None)
    assert (await page(api, f"{root}/"))["share_count"] == 2
    await verb(api, ann, "mute", cyd)
    assert await listed(api, f"{root}/shares/", ann) == [shared["id"]]
    assert (await page(api, f"{root}/shares_users/", ann))["count"] == 1


async def test_contributors(api: Api) -> None:
    """2.1 row 12: who commented, each once, the last one first; what is private tells nothing."""
    ann, bob, cyd, dan = [await api.person(name) for name in ("ann", "bob", "cyd", "dan")]
    said = await contribute(api, ann, "x")
    path = f"/status/{said['id']}/contributors/"
    for who in (bob, cyd, bob):
        await comment(api, who, said)
    await api.say(dan, "@ann psst", in_reply_to_id=str(said["id"]), visibility="direct")
    found = await page(api, f"{path}?limit=1")
    assert [each["username"] for each in found["results"]] == ["bob"]
    assert (found["count"], found["next"] is None) == (2, False)
    assert (await page(api, path, ann))["results"][0]["username"] == "dan"


async def test_s075_around_what_one_may_not_see(api: Api) -> None:
    """S075: lists about something hidden answer as those about nothing; other kinds do as well."""
    admin, ann, bob = [
        await api.person(n, role=r) for n, r in (("adm", "admin"), ("ann", "user"), ("bob", "user"))
    ]
    tag = await label(api, admin, "V", ann)
    secret = await contribute(api, ann, "x", addressing=[tag])
    for name in ABOUT:
        absent = await ask(api, "GET", f"/status/{ABSENT}/{name}/", bob)
        assert absent.status == 404
        for path in (f"/status/{secret['id']}/{name}/", f"/post/{secret['id']}/{name}/"):
            hidden = await ask(api, "GET", path, bob)
            assert (hidden.status, hidden.body) == (404, absent.body), path
        assert (await ask(api, "GET", f"/status/{secret['id']}/{name}/", ann)).status == 200
    for path in ("/status/search/?search=x", "/post/search/?search=x"):
        assert (await page(api, path, bob))["count"] == 0
    assert (await page(api, "/status/search/?search=x", ann))["count"] == 1


async def test_what_is_alike(api: Api) -> None:
    """2.1 row 11, 2.3 likethis: of the same categories and hashtags, what shares most first."""
    admin, ann = await api.person("admin", role="admin"), await api.person("ann")
    tea, milk = await category(api, admin, "Tea"), await category(api, admin, "Milk")
    both = [tea["id"], milk["id"]]
    model = await contribute(api, ann, "one #cup", categories=both)
    near = await contribute(api, ann, "two", categories=both)
    far = await contribute(api, ann, "three", "post", categories=[milk["id"]])
    cup = await contribute(api, ann, "four #cup")
    await contribute(api, ann, "five #pot")
    await comment(api, ann, cup, "so #cup")
    assert await listed(api, f"/status/{model['id']}/related/") == [near["id"], cup["id"]]
    path = "/feed/likethis/"

    async def alike(*wanted: int, query: str = "") -> list[int]:
        reply = await ask(api, "POST", f"{path}{query}", ann, object=list(wanted))
        assert reply.status == 200, reply.body
        return [each[each["type"]]["id"] for each in reply.json["results"]]

    assert await alike(model["id"]) == [near["id"], far["id"], cup["id"]]
    assert await alike(model["id"], query="?limit=1&offset=1") == [far["id"]]
    assert await alike(model["id"], near["id"]) == [far["id"], cup["id"]]
    assert await alike(int(ABSENT)) == []
    for body in ({}, {"object": list(range(21))}):
        reply = await ask(api, "POST", path, ann, **body)
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "object")


async def test_s083_search(api: Api) -> None:
    """2.1 row 3, S083: every character is meant; hits stand in <b>, and nothing else is markup."""
    ann = await api.person("ann")
    first = await contribute(api, ann, "<p>Straße &amp; 100% of it_all</p>")
    second = await contribute(api, ann, "100 of them", "discussion", title='A "big" TITLE')
    path = "/status/search/"

    async def hits(kind: str, words: str) -> list[str]:
        found = await page(api, f"/{kind}/search/?search={words}")
        return [each["matches"][0]["object"]["html"] for each in found["results"]]

    assert await hits("status", "100%25") == ["Straße &amp; <b>100%</b> of it_all"]
    assert await hits("status", "%25%25") == []
    assert await hits("status", "t_a") == ["Straße &amp; 100% of i<b>t_a</b>ll"]
    assert await hits("status", "txa") == []
    assert await hits("status", "OF+IT") == ["Straße &amp; 100% <b>of it</b>_all"]
    assert await hits("status", "stra%C3%9FE") == ["<b>Straße</b> &amp; 100% of it_all"]
    assert await hits("discussion", "%22BIG%22") == ["A <b>&quot;big&quot;</b> TITLE"]
    (match,) = (await page(api, f"{path}?search=100"))["results"]
    assert match["id"] == first["id"]
    assert match["matches"][0]["object"]["type"] == "status"
    assert match["matches"][0]["author"]["id"] == int(ann.id)
    everything = await page(api, "/discussion/search/?search=")
    assert [(each["id"], each["matches"]) for each in everything["results"]] == [(second["id"], [])]
    assert (await ask(api, "GET", f"{path}?search={'x' * 201}")).status == 400
    await ask(api, "DELETE", f"/status/{first['id']}/", ann)
    assert (await page(api, f"{path}?search=100"))["count"] == 0


async def test_feeds_of_embeds(api: Api) -> None:
    """2.3: contributions that carry an embed, each once, by its id or by its type and name."""
    ann = await api.person("ann")

    async def shown(name: str, text: str) -> tuple[int, int]:
        embed = {"embed_type": "product", "embed_id": name, "metadata": {"colour": name}}
        media = [await ask(api, "POST", "/media/", ann, type="embed", embed=embed) for _ in "12"]
        assert [each.status for each in media] == [201, 201], media[0].body
        said = await contribute(api, ann, text, medias=[each.json["id"] for each in media])
        return media[0].json["embed"]["id"], said["id"]

    red, one = await shown("red", "one")
    _, two = await shown("red", "two")
    _, three = await shown("blue", "three")
    await contribute(api, ann, "four")
    assert await ids(api, f"/embed/{red}/feed/") == [two, one]
    assert await ids(api, "/embed/feed/?embed_type=product") == [three, two, one]
    assert await ids(api, "/embed/feed/?embed_type=product&embed_id=blue") == [three]
    assert await ids(api, '/embed/feed/?metadata={"colour":"red"}') == [two, one]
    assert await ids(api, "/embed/feed/?embed_type=other") == []
    await comment(api, ann, {"id": one})
    assert await ids(api, f"/embed/{red}/feed/?ordering=last_activity") == [one, two]
    assert (await ask(api, "GET", f"/embed/{ABSENT}/feed/")).status == 404
    for metadata in ("[1]", "{", "[" * 5000):
        reply = await ask(api, "GET", f"/embed/feed/?metadata={metadata}")
        assert (reply.status, reply.json["errors"][0]["field"]) == (400, "metadata")


async def test_suggested_polls(api: Api) -> None:
    """2.10: contributions with a poll that is still open, the newest first."""
    ann, bob = await api.person("ann"), await api.person("bob")
    made: list[str] = []
    for seconds in (600, 7200):
        poll = {"options": ["a", "b"], "expires_in": seconds}
        made.append((await api.say(ann, "which?", poll=poll))["id"])
    assert await listed(api, "/suggestion/poll/", bob) == [int(each) for each in reversed(made)]
    api.clock.move(seconds=700)
    found = await page(api, "/suggestion/poll/", bob)
    assert ([each["id"] for each in found["results"]], found["count"]) == ([int(made[1])], 1)
    assert await units(api, "/suggestion/poll/?offset=1", bob) == []
    assert (await ask(api, "GET", "/suggestion/poll/")).status == 401
