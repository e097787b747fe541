"""What is taken back is gone from every surface with the very next request.

S045: an unfollow, a removed follower, a block, an edit, a deletion. S043: marks do not outlive
the right to see. S047: a block between two people, also where a third one stands between them.
Rendered fragments are kept between requests, so each test reads everything before the change,
too: a copy that was not invalidated would show here.
"""

import pytest

from tests.contract.api import Api, Person
from tests.contract.security.surfaces import TAG, Scene, befriend, keep, places

WORD = "quincequince"
NEW_WORD = "medlarmedlar"

# What a follower meets of a private status that somebody else told them nothing of.
FOLLOWERS_PLACES = {
    "bookmarks",
    "favourites",
    "history",
    "home",
    "list",
    "notifications",
    "profile",
    "profile by tag",
    "profile, pinned",
    "search",
    "several",
    "source",
    "status",
    "thread",
}


async def _private_scene(api: Api) -> tuple[Person, Person, Scene]:
    """What anna pinned for her followers, and one of them, bert, marked twice and answered."""
    anna, bert = await api.person("anna"), await api.person("bert")
    list_id = await befriend(api, bert, anna)
    said = await api.say(anna, f"{WORD} #{TAG}", visibility="private")
    await keep(api, anna, said, "pin")
    await keep(api, bert, said, "favourite", "bookmark")
    answer = await api.say(bert, "I see", in_reply_to_id=said["id"])
    return anna, bert, Scene(anna, said, answer, list_id)


@pytest.mark.parametrize("end", ["unfollow", "remove_from_followers", "block", "blocked"])
async def test_s043_s045_the_end_of_a_follow_hides_what_was_for_followers(
    api: Api, end: str
) -> None:
    anna, bert, scene = await _private_scene(api)
    assert await places(api, scene, bert, WORD) == FOLLOWERS_PLACES
    actor, target = (bert, anna) if end in ("unfollow", "block") else (anna, bert)
    verb = end.removesuffix("ed")
    reply = await api.post(f"/api/v1/accounts/{target.id}/{verb}", actor)
    assert reply.status == 200
    assert await places(api, scene, bert, WORD) == set()
    # Its author has lost nothing.
    assert "home" in await places(api, scene, anna, WORD)
    # And following again gives the marks back, for they were never taken away.
    if end == "unfollow":
        await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
        assert {"bookmarks", "favourites", "status"} <= await places(api, scene, bert, WORD)


async def test_s045_an_entry_that_was_left_behind_shows_nothing(api: Api) -> None:
    """On PostgreSQL a status can be put into a home in the moment in which the follow ends."""
    anna, bert, scene = await _private_scene(api)
    await api.post(f"/api/v1/accounts/{anna.id}/unfollow", bert)
    places_in_homes = (
        ("INSERT INTO home_entries (account_id, status_id, author_id) VALUES ($1, $2, $3)"),
        ("INSERT INTO list_members (account_id, list_id, target_id) VALUES ($1, $2, $3)"),
    )
    ids = (int(scene.status["id"]), int(scene.list_id or 0))
    for sql, second in zip(places_in_homes, ids, strict=True):
        await api.env.db.write(
            lambda tx, sql=sql, second=second: tx.run(sql, int(bert.id), second, int(anna.id))
        )
    assert await places(api, scene, bert, WORD) == set()


async def test_s043_taking_a_mark_back_shows_nothing_once_more(api: Api) -> None:
    anna, bert, scene = await _private_scene(api)
    public = await api.say(anna, f"{NEW_WORD} for all")
    await keep(api, bert, public, "favourite", "bookmark")
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    for verb in ("unfavourite", "unbookmark"):
        # [SR22] [SR23] What everybody may see is answered with, through a block, too.
        assert (await api.post(f"/api/v1/statuses/{public['id']}/{verb}", bert)).status == 200
        absent = await api.post(f"/api/v1/statuses/{api.env.ids.next_id()}/{verb}", bert)
        reply = await api.post(f"/api/v1/statuses/{scene.status['id']}/{verb}", bert)
        assert (reply.status, reply.body) == (404, absent.body)


async def test_s045_an_author_who_is_shut_out_is_gone_everywhere(api: Api) -> None:
    anna, bert, scene = await _private_scene(api)
    cleo = await api.person("cleo")
    public = await api.say(anna, f"{NEW_WORD} #{TAG}")
    await keep(api, cleo, public, "reblog")
    shown = Scene(anna, public, scene.near, scene.list_id)

    async def turn(state: str) -> None:
        sql = "UPDATE accounts SET state = $2 WHERE id = $1"
        await api.env.db.write(lambda tx: tx.run(sql, int(anna.id), state))

    for state in ("suspended", "deleted", "pending"):
        assert "home" in await places(api, scene, bert, WORD)
        assert "public" in await places(api, shown, None, NEW_WORD)
        await turn(state)
        assert await places(api, scene, bert, WORD) == set(), state
        for who in (bert, None):
            assert await places(api, shown, who, NEW_WORD) == set(), state
        await turn("active")


async def test_s045_a_deleted_status_is_gone_everywhere(api: Api) -> None:
    anna, bert, scene = await _private_scene(api)
    assert await places(api, scene, bert, WORD) == FOLLOWERS_PLACES
    gone = await api.call("DELETE", f"/api/v1/statuses/{scene.status['id']}", anna)
    assert gone.status == 200
    for who in (anna, bert, None):
        assert await places(api, scene, who, WORD) == set()


async def test_s045_an_edit_replaces_the_words_everywhere(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    list_id = await befriend(api, bert, anna)
    said = await api.say(anna, f"{WORD} #{TAG} for @cleo")
    answer = await api.say(cleo, "I see", in_reply_to_id=said["id"])
    await keep(api, bert, said, "favourite", "bookmark", "reblog")
    await keep(api, anna, said, "pin")
    scene = Scene(anna, said, answer, list_id)
    readers = (anna, bert, cleo, None)
    before = {who: await places(api, scene, who, WORD) for who in readers}
    assert {"home", "list", "notifications", "public", "tag", "bookmarks"} <= before[bert]
    assert {"notifications", "public", "tag", "status"} <= before[cleo]
    edit = {"status": f"{NEW_WORD} #{TAG} for @cleo"}
    edited = await api.call("PUT", f"/api/v1/statuses/{said['id']}", anna, json=edit)
    assert edited.status == 200
    for who in readers:
        assert await places(api, scene, who, WORD) == {"history"}
        assert await places(api, scene, who, NEW_WORD) >= before[who]


@pytest.mark.parametrize("who_blocks", ["reader", "author"])
async def test_s047_a_block_hides_both_from_each_other(api: Api, who_blocks: str) -> None:
    """A boost by a third one leads nowhere, either; what the other said before is gone."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    await befriend(api, anna, cleo)
    list_id = await befriend(api, anna, bert)
    said = await api.say(bert, f"@anna {WORD} #{TAG}")
    answer = await api.say(cleo, "I see", in_reply_to_id=said["id"])
    boost = (await api.post(f"/api/v1/statuses/{said['id']}/reblog", cleo)).json
    scene = Scene(bert, said, answer, list_id)
    before = await places(api, scene, anna, WORD)
    assert {"home", "list", "notifications", "public", "tag", "thread"} <= before

    actor, target = (anna, bert) if who_blocks == "reader" else (bert, anna)
    await api.post(f"/api/v1/accounts/{target.id}/block", actor)
    left = await places(api, scene, anna, WORD)
    # Who blocks may still look somebody up; who is blocked finds nothing at all.
    by_hand = {"profile", "profile by tag", "status", "several", "history", "source", "search"}
    assert left == (by_hand if who_blocks == "reader" else set())
    boosted = await api.get(f"/api/v1/statuses/{boost['id']}", anna)
    assert boosted.status == (200 if who_blocks == "reader" else 404)
    of_cleo = await api.get(f"/api/v1/accounts/{cleo.id}/statuses", anna)
    assert WORD.encode() not in of_cleo.body
    # Everybody else goes on as before.
    assert {"public", "tag", "status"} <= await places(api, scene, cleo, WORD)


async def test_s047_nothing_reaches_somebody_who_blocks(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "a beginning")
    for follower in (bert, cleo):
        await api.post(f"/api/v1/accounts/{anna.id}/follow", follower)
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    for verb in ("favourite", "reblog", "bookmark"):
        reply = await api.post(f"/api/v1/statuses/{said['id']}/{verb}", bert)
        assert reply.status == 404, verb
    answer = {"status": f"{WORD} @anna", "in_reply_to_id": said["id"]}
    assert (await api.post("/api/v1/statuses", bert, json=answer)).status == 404
    await api.say(bert, f"{WORD} @anna #{TAG}")
    await api.say(bert, f"{WORD} @anna", visibility="direct")
    assert (await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)).status == 403
    notices = (await api.get("/api/v1/notifications", anna)).json
    assert {notice["account"]["acct"] for notice in notices} == {"cleo"}
    scene = Scene(bert, said, said)
    assert await places(api, scene, anna, WORD) == {"profile", "profile by tag"}


async def test_s047_lists_of_people_leave_the_other_one_out(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(cleo, "a beginning")
    for who in (anna, bert):
        await api.post(f"/api/v1/accounts/{cleo.id}/follow", who)
        await keep(api, who, said, "favourite", "reblog")
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    status, account = f"/api/v1/statuses/{said['id']}", f"/api/v1/accounts/{cleo.id}"
    for path in (
        f"{status}/favourited_by",
        f"{status}/reblogged_by",
        f"{account}/followers",
        "/api/v2/search?q=ber",
    ):
        assert b'"bert"' not in (await api.get(path, anna)).body, path
    for path in (f"{status}/favourited_by", f"{status}/reblogged_by", f"{account}/followers"):
        assert b'"anna"' not in (await api.get(path, bert)).body, path
        assert b'"anna"' in (await api.get(path, cleo)).body, path
    # The one who is blocked finds an empty house.
    for page in ("statuses", "followers", "following"):
        assert (await api.get(f"/api/v1/accounts/{anna.id}/{page}", bert)).json == []
