"""What could be known of somebody or something through a side door.

Hidden labels, places, media, embeds, followed categories: each of them tells no more than the
thing itself would.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from stonechat.domain.ids import StatusId
from stonechat.domain.places import Place
from stonechat.kernel.settings import Settings
from stonechat.services import places
from stonechat.services.cleaning import clean_up
from stonechat.storage.database import Transaction
from tests.contract.api import Api, Person
from tests.contract.people import change
from tests.contract.selfcommunity.community import ask, category, contribute, label, see

OSLO = {"location": "Oslo", "lat": 1.0, "lng": 2.0}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, community_addressing="tags")


async def _count(api: Api, path: str, who: Person | None = None) -> int:
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    assert len(reply.json["results"]) == reply.json["count"]
    return reply.json["count"]


async def _hide(api: Api, moderator: Person, said: dict[str, Any]) -> None:
    order = {"contribution_type": "status", "action": "hide", "moderation_type": 1}
    reply = await ask(api, "PATCH", f"/moderation/contribution/{said['id']}/", moderator, **order)
    assert reply.status < 300, reply.body


async def _embed(api: Api, who: Person, name: str) -> tuple[int, int]:
    """A medium of a new embed, and the embed."""
    embed = {"embed_type": "film", "embed_id": name, "metadata": {"title": name}}
    reply = await ask(api, "POST", "/media/", who, type="embed", embed=embed)
    assert reply.status == 201, reply.body
    return reply.json["id"], reply.json["embed"]["id"]


# Labels and categories ------------------------------------------------------------------------


async def test_s075_hidden_labels_in_an_addressing(api: Api) -> None:
    """S075, 4.3: who holds one label is not told the names of the hidden ones beside it."""
    admin, bob, cyd = [
        await api.person(name, role=role)
        for name, role in (("admin", "admin"), ("bob", "user"), ("cyd", "user"))
    ]
    everyone = await label(api, admin, "everyone", bob, cyd)
    suspects, gone = [await label(api, admin, name, cyd) for name in ("suspects", "gone")]
    wanted = [everyone, suspects, gone]
    said = await contribute(api, admin, "hello", addressing=wanted)
    await ask(api, "PATCH", f"/tag/{suspects}/", admin, visible=False)
    await ask(api, "PATCH", f"/tag/{gone}/", admin, deleted=True)
    for who, names in (
        (bob, ["everyone"]),
        (cyd, ["everyone", "suspects"]),
        (admin, ["everyone", "suspects", "gone"]),
    ):
        seen = (await see(api, who, said)).json
        assert [each["name"] for each in seen["addressing"]] == names, who.name


async def test_what_hidden_labels_and_closed_parents_a_category_names(api: Api) -> None:
    """3.2: to administrators all of them, also after a change of something else."""
    admin, bob = await api.person("admin", role="admin"), await api.person("bob")
    shown, hidden = [
        (await ask(api, "POST", "/tag/", admin, name=name, type="category", visible=is_open)).json[
            "id"
        ]
        for name, is_open in (("shown", True), ("hidden", False))
    ]
    parent, other = [await category(api, admin, name) for name in ("Above", "Beside")]
    parents = [parent["id"], other["id"]]
    made = await category(api, admin, "News", tags=[shown, hidden], parents=parents)
    said = await contribute(api, bob, "x", categories=[made["id"]])

    async def named(who: Person) -> list[tuple[list[int], list[int]]]:
        alone = (await ask(api, "GET", f"/category/{made['id']}/", who)).json
        # Behind it stand the parents, in which it is filed as well.
        filed = (await see(api, who, said)).json["categories"][0]
        return [(each["tags"], each["parents"]) for each in (alone, filed)]

    assert await named(bob) == [([shown], parents)] * 2
    await ask(api, "PATCH", f"/category/{other['id']}/", admin, active=False)
    await ask(api, "PATCH", f"/category/{made['id']}/", admin, slogan="New")
    assert await named(bob) == [([shown], [parent["id"]])] * 2
    assert (await named(admin))[0] == ([shown, hidden], parents)


async def test_s087_names_that_look_alike(api: Api) -> None:
    """2.7, 2.6: what cannot be seen makes no other name, and no name at all."""
    admin = await api.person("admin", role="admin")
    await category(api, admin, "News")
    await label(api, admin, "News")
    for name in ("Ne\ufe0fws", "n\u200de\u200cws", "N\u115f\u0301ews\U000e0100"):
        again = await ask(api, "POST", "/category/", admin, name=name, slug="other")
        assert (again.status, again.json["errors"][0]["field"]) == (400, "name"), name
        assert (await ask(api, "POST", "/tag/", admin, name=name)).status == 400, name
    for path, more in (("/category/", {"slug": "blank"}), ("/tag/", {})):
        assert (await ask(api, "POST", path, admin, name="\ufe0f\u200d", **more)).status == 400


async def test_followed_categories_of_who_hides_them(api: Api) -> None:
    """2.2, S074: what a member follows is closed like whom; a count counts what the list has."""
    admin, anna, bob, cyd = [
        await api.person(name, role="admin" if name == "admin" else "user")
        for name in ("admin", "anna", "bob", "cyd")
    ]
    made = await category(api, admin, "Ills")
    for who in (anna, cyd):
        await ask(api, "POST", f"/category/{made['id']}/follow/", who)

    async def told(who: Person) -> tuple[int, int]:
        path = f"/user/{anna.id}"
        listed = (await ask(api, "GET", f"{path}/categories/", who)).json
        counters = (await ask(api, "GET", f"{path}/counters/", who)).json
        return len(listed), next(n for name, n in counters.items() if "categor" in name)

    followers = f"/category/{made['id']}/followers/"
    assert (await told(bob), await _count(api, followers, bob)) == ((1, 1), 2)
    await api.post(f"/api/v1/accounts/{bob.id}/block", anna)
    assert (await told(bob), await told(anna), await told(cyd)) == ((0, 0), (1, 1), (1, 1))
    assert await _count(api, followers, bob) == 1
    await change(api, anna, hide_collections=True)
    assert (await told(cyd), await told(anna)) == ((0, 0), (1, 1))
    await ask(api, "DELETE", f"/user/{cyd.id}/", admin)
    assert (await _count(api, followers, bob), await _count(api, followers, admin)) == (0, 1)


# Places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_named_first", [True, False], ids=["named", "left"])
async def test_a_place_that_is_named_while_it_is_left(
    postgres_api: Api, *, is_named_first: bool
) -> None:
    """2.6: whichever of the two is first, a place that something names is there."""
    api = postgres_api
    anna = await api.person("anna")
    where = {**OSLO, "location": "Old Oslo"}
    left = await contribute(api, anna, "x", location=where)
    other = StatusId((await contribute(api, anna, "y"))["id"])
    place = Place(**where)
    said, go = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Transaction) -> None:
        found = (
            places.noting(other, None, place)
            if is_named_first
            else places.noting(StatusId(left["id"]), place, None)
        )
        await tx.run_all(*found)
        # Sends them.
        await tx.one("SELECT 1 FROM accounts WHERE id = $1", int(anna.id))
        said.set()
        await go.wait()

    async def quickly(tx: Transaction) -> None:
        found = (
            places.noting(StatusId(left["id"]), place, None)
            if is_named_first
            else places.noting(other, None, place)
        )
        await tx.run_all(*found)

    first = asyncio.create_task(api.env.db.write(slowly))
    await said.wait()
    second = asyncio.create_task(api.env.db.write(quickly))
    await asyncio.sleep(0.2)
    assert not second.done()
    go.set()
    await asyncio.gather(first, second)
    assert [await _count(api, f"/locality/?search={text}") for text in ("old", "")] == [1, 1]


async def test_s074_places_of_who_is_gone_and_of_what_is_hidden(api: Api) -> None:
    """S074, 2.6: closed accounts and what moderators hid name no places; in a search nor a list."""
    admin, anna, bob = [
        await api.person(name, role="admin" if name == "admin" else "user")
        for name in ("admin", "anna", "bob")
    ]
    await contribute(api, anna, "x", location=OSLO)
    said = await contribute(api, bob, "x", location={**OSLO, "location": "Oslo fjord"})
    paths = [f"/locality/?search={text}" for text in ("oslo", "")]
    assert [await _count(api, path) for path in paths] == [2, 2]
    await _hide(api, admin, said)
    assert [await _count(api, path) for path in paths] == [1, 1]
    await ask(api, "DELETE", f"/user/{anna.id}/", admin)
    assert [await _count(api, path) for path in paths] == [0, 0]


async def test_a_closed_community_tells_strangers_no_places(
    sqlite_api: Api, settings: Settings
) -> None:
    """1.2, 2.6: what members said in a closed community is for members."""
    api = Api(sqlite_api.env.db, replace(settings, community_is_open=False))
    anna = await api.person("anna")
    await contribute(api, anna, "x", location=OSLO)
    for path in ("/locality/", "/locality/search/?search=oslo"):
        assert (await ask(api, "GET", path)).status == 401
        assert await _count(api, path, anna) == 1


# Media and embeds -----------------------------------------------------------------------------


async def test_media_of_what_moderators_hid(api: Api) -> None:
    """4.8, 2.5: hidden from all but the author and staff, and so is the embed that it shows."""
    anna, bob = await api.person("anna"), await api.person("bob")
    staff = await api.person("staff", role="moderator")
    medium, embed = await _embed(api, anna, "bad words")
    said = await contribute(api, anna, "bad words", medias=[medium])
    paths = f"/media/{medium}/", f"/embed/{embed}/"
    assert [(await ask(api, "GET", path, bob)).status for path in paths] == [200, 200]
    await _hide(api, staff, said)
    for who, status in ((bob, 404), (anna, 200), (staff, 200)):
        assert (await ask(api, "GET", paths[0], who)).status == status
    for who, status in ((bob, 404), (None, 404), (anna, 200)):
        assert (await ask(api, "GET", paths[1], who)).status == status
    assert await _count(api, "/embed/") == 0


async def test_embeds_that_nothing_public_shows(api: Api) -> None:
    """2.5, 3.5: listed is what an administrator keeps and what a public contribution shows."""
    admin, anna, bob = [
        await api.person(name, role="admin" if name == "admin" else "user")
        for name in ("admin", "anna", "bob")
    ]
    crew = await label(api, admin, "Crew", anna)
    free, unused = await _embed(api, anna, "unused")
    assert (await ask(api, "DELETE", f"/media/{free}/", anna)).status == 204
    closed, secret = await _embed(api, anna, "secret")
    await contribute(api, anna, "x", medias=[closed], addressing=[crew])
    medium, shown = await _embed(api, anna, "shown")
    await contribute(api, anna, "x", medias=[medium])
    body = {"embed_type": "film", "embed_id": "kept"}
    kept = (await ask(api, "POST", "/embed/", admin, **body)).json["id"]

    async def listed(query: str, who: Person | None) -> set[int]:
        path = f"/embed/search/?{query}"
        assert await _count(api, path, who) == len(
            (await ask(api, "GET", path, who)).json["results"]
        )
        return {each["id"] for each in (await ask(api, "GET", path, who)).json["results"]}

    for query in ("", "embed_type=film"):
        assert await listed(query, bob) == {shown, kept}
        assert await listed(query, None) == {shown, kept}
        assert await listed(query, admin) == {unused, secret, shown, kept}
    for query in ("embed_id=secret", "embed_type=film&embed_id=secret"):
        assert (await listed(query, bob), await listed(query, admin)) == (set(), {secret})
    absent = (await ask(api, "GET", "/embed/77/", bob)).body
    for path in (f"/embed/{secret}/", f"/embed/{unused}/", f"/embed/{secret}/feed/"):
        assert (await ask(api, "GET", path, bob)).body == absent, path
    assert (await ask(api, "GET", f"/embed/{secret}/", anna)).status == 200
    await clean_up(api.env, {})
    assert await listed("", admin) == {secret, shown, kept}


@pytest.mark.parametrize("is_swept_first", [True, False], ids=["swept", "named"])
async def test_an_embed_that_is_named_while_it_is_swept(
    postgres_api: Api, *, is_swept_first: bool
) -> None:
    """2.5: a medium never shows an embed that is not there."""
    api = postgres_api
    anna = await api.person("anna")
    free, _ = await _embed(api, anna, "twice")
    assert (await ask(api, "DELETE", f"/media/{free}/", anna)).status == 204
    first, second = [
        asyncio.create_task(work)
        for work in (
            (clean_up(api.env, {}), _embed(api, anna, "twice"))
            if is_swept_first
            else (_embed(api, anna, "twice"), clean_up(api.env, {}))
        )
    ]
    found = await asyncio.gather(first, second)
    (embed,) = [each[1] for each in found if each is not None]
    assert (await ask(api, "GET", f"/embed/{embed}/", anna)).status == 200
