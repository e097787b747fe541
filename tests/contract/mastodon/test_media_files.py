"""The files of media: who may fetch them, with which headers, and in which parts."""

import asyncio
from typing import Any

import pytest

from stonechat.http.files import KEPT_S, read_range
from stonechat.kernel.seals import MARK, Seals
from stonechat.services.seals import open_seals
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs, verb
from tests.contract.uploads import multipart, picture, ready_film, send
from tests.pictures import SECRET, animated, opened, plain, telling

SITE = "http://stonechat.test"
PRIVATE = "private, no-store"


def path_of(url: str) -> str:
    assert url.startswith(f"{SITE}/media/")
    return url.removeprefix(SITE)


async def show(api: Api, who: Person | None, status_id: str) -> dict[str, Any]:
    reply = await api.get(f"/api/v1/statuses/{status_id}", who)
    assert reply.status == 200, reply.body
    return reply.json


def files_of(status: dict[str, Any]) -> list[str]:
    return [
        path_of(each[key]) for each in status["media_attachments"] for key in ("url", "preview_url")
    ]


async def statuses(api: Api, paths: list[str]) -> set[int]:
    """What comes back for all of these addresses."""
    return {(await api.get(path)).status for path in paths}


async def absent(api: Api) -> Reply:
    """What a file is answered with that was never there."""
    reply = await api.get(f"/media/1/1/{'0' * 32}.jpg")
    assert reply.status == 404
    return reply


async def test_me10_everybody_fetches_what_is_public(api: Api) -> None:
    """ME10, S103: without a token, as what it is, and with headers that make it nothing else."""
    anna = await api.person("anna")
    said = await api.say(anna, "look", media_ids=[await picture(api, anna)])
    url, preview = files_of(said)
    for path in (url, preview):
        reply = await api.get(path)
        assert reply.status == 200
        picture_format = opened(reply.body).format
        assert reply.headers["content-type"] == f"image/{str(picture_format).lower()}"
        assert int(reply.headers["content-length"]) == len(reply.body)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert reply.headers["content-disposition"] == "inline"
        assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["cache-control"] == f"public, max-age={KEPT_S}"
        assert "set-cookie" not in reply.headers
        head = await api.call("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        for name in ("content-length", "content-type", "etag"):
            assert head.headers[name] == reply.headers[name]
    assert KEPT_S <= 86_400


async def test_a_film_is_served_as_one(api: Api) -> None:
    """ME10"""
    anna = await api.person("anna")
    begun = await send(api, anna, animated("GIF", 3))
    await run_jobs(api)
    said = await api.say(anna, "look", media_ids=[begun.json["id"]])
    url, preview = files_of(said)
    assert (await api.get(url)).headers["content-type"] == "video/mp4"
    assert (await api.get(preview)).headers["content-type"].startswith("image/")


async def test_me13_s101_what_a_file_told_of_its_maker_is_gone(sqlite_api: Api) -> None:
    """ME13, S101: places, cameras and comments are in neither of the files that are served."""
    anna = await sqlite_api.person("anna")
    for name, content in telling().items():
        if content[:3] == b"GIF":
            reply = await ready_film(sqlite_api, anna, content)
        else:
            reply = (await send(sqlite_api, anna, content)).json
        for key in ("url", "preview_url"):
            fetched = await sqlite_api.get(path_of(reply[key]))
            assert fetched.status == 200, name
            assert SECRET not in fetched.body, (name, key)
            assert not dict(opened(fetched.body).getexif()), (name, key)


async def test_what_is_unchanged_is_not_sent_again(api: Api) -> None:
    anna = await api.person("anna")
    url = files_of(await api.say(anna, "look", media_ids=[await picture(api, anna)]))[0]
    etag = (await api.get(url)).headers["etag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        reply = await api.get(url, headers={"If-None-Match": sent})
        assert (reply.status, reply.body) == (304, b""), sent
        assert reply.headers["etag"] == etag
    for sent in ('"other"', etag.strip('"'), etag + "," * 5000):
        assert (await api.get(url, headers={"If-None-Match": sent})).status == 200, sent


async def test_parts_of_a_file(api: Api) -> None:
    """What players ask for: from somewhere, up to somewhere, the end."""
    anna = await api.person("anna")
    url = files_of(
        await api.say(anna, "x", media_ids=[await picture(api, anna)]),
    )[0]
    whole = (await api.get(url)).body
    size = len(whole)
    for sent, start, end in (
        ("bytes=0-", 0, size),
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        (f"bytes={size - 1}-", size - 1, size),
        ("bytes=-5", size - 5, size),
        ("bytes=-1000000", 0, size),
        ("bytes=1-99999999", 1, size),
    ):
        reply = await api.get(url, headers={"Range": sent})
        assert reply.status == 206, sent
        assert reply.body == whole[start:end]
        assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert int(reply.headers["content-length"]) == end - start
        assert reply.headers["accept-ranges"] == "bytes"
    etag = (await api.get(url)).headers["etag"]
    part = {"Range": "bytes=0-0"}
    assert (await api.get(url, headers={**part, "If-Range": etag})).status == 206
    assert (await api.get(url, headers={**part, "If-Range": '"other"'})).status == 200
    assert (await api.call("HEAD", url, headers=part)).status == 200


async def test_s130_ranges_that_nobody_means(api: Api) -> None:
    """S130: thousands of parts, overlapping, negative, beyond: 416, or the whole once."""
    anna = await api.person("anna")
    url = files_of(await api.say(anna, "x", media_ids=[await picture(api, anna)]))[0]
    whole = (await api.get(url)).body
    for sent in (
        "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000)),
        "bytes=0-,0-,0-",
        "bytes=0-10,5-15",
        "bytes=--1",
        "bytes=-1-5",
        "bytes=9-5",
        "bytes=-",
        "bytes=a-b",
        "bytes=1e3-",
        "bytes=٣-",
        "bytes",
        "items=0-5",
        "bytes=" + "9" * 5000 + "-",
        "",
    ):
        reply = await api.get(url, headers={"Range": sent} if sent.isascii() else {})
        assert (reply.status, reply.body) == (200, whole), sent[:30]
    for sent in (
        f"bytes={len(whole)}-",
        "bytes=999999999-",
        "bytes=999999999-9999999999",
        "bytes=-0",
    ):
        reply = await api.get(url, headers={"Range": sent})
        assert (reply.status, reply.body) == (416, b""), sent
        assert reply.headers["content-range"] == f"bytes */{len(whole)}"


def test_s130_a_range_is_read_in_one_look() -> None:
    assert read_range("bytes=0-" + ",0-" * 1_000_000, 100) is None
    assert read_range("bytes=" + "0" * 1_000_000 + "-", 100) is None


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_s102_media_of_what_is_not_for_everybody(api: Api, visibility: str) -> None:
    """S102: readers get addresses of their own; without a seal, with another's or a broken one
    there is nothing, in the very bytes of nothing."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await verb(api, bert, "follow", anna)
    said = await api.say(
        anna, "@bert look", visibility=visibility, media_ids=[await picture(api, anna)]
    )
    own, berts = files_of(said), files_of(await show(api, bert, said["id"]))
    nothing = await absent(api)
    assert MARK not in str(said)
    for mine, theirs in zip(own, berts, strict=True):
        assert mine != theirs
        for path in (mine, theirs):
            reply = await api.get(path)
            assert reply.status == 200
            assert reply.headers["cache-control"] == PRIVATE
        bare, _, seal = theirs.partition("?for=")
        viewer, _, mac = seal.partition(".")
        forged = Seals(b"another key, but a good one").seal(int(bert.id), bare.rpartition("/")[2])
        for bad in (
            "",
            f"?for={carl.id}.{mac}",
            f"?for={viewer}.{mac[::-1]}",
            f"?for={viewer}",
            f"?for={forged}",
            f"?for={seal}x",
            "?for=",
            "?for[]=1",
            f"?for={'9' * 5000}",
            f"{MARK}",
        ):
            reply = await api.get(bare + bad)
            assert (reply.status, reply.body) == (404, nothing.body), bad[:40]
            assert reply.headers == {
                **nothing.headers,
                "x-request-id": reply.headers["x-request-id"],
            }
        # A token opens nothing that the address does not open.
        assert (await api.get(bare, bert)).status == 404
    # The seal of one file is none on another.
    other = own[0].partition("?")[0] + "?" + own[1].partition("?")[2]
    assert (await api.get(other)).status == 404
    assert (await api.get(f"/api/v1/statuses/{said['id']}", carl)).status == 404


async def test_s102_all_processes_of_a_server_share_one_key(api: Api) -> None:
    """S102: whoever starts first makes it; addresses are good at all, and after a restart."""
    opened_at_once = await asyncio.gather(*(open_seals(api.env.db) for _ in range(8)))
    seals = {each.seal(7, "x.png") for each in (*opened_at_once, await open_seals(api.env.db))}
    assert len(seals) == 1
    assert opened_at_once[0].open(seals.pop(), "x.png") == 7


async def test_s102_an_address_ends_when_its_reader_may_see_no_more(api: Api) -> None:
    """S102, S050: after an unfollow, a block, a deletion, at once."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    for each in (bert, carl):
        await verb(api, each, "follow", anna)
    said = await api.say(anna, "look", visibility="private", media_ids=[await picture(api, anna)])
    own = files_of(said)
    berts, carls = [files_of(await show(api, each, said["id"])) for each in (bert, carl)]
    assert await statuses(api, [*own, *berts, *carls]) == {200}
    await verb(api, bert, "unfollow", anna)
    assert await statuses(api, berts) == {404}
    await verb(api, anna, "block", carl)
    assert await statuses(api, carls) == {404}
    assert await statuses(api, own) == {200}
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    await verb(api, bert, "follow", anna)
    assert await statuses(api, berts) == {404}
    # Until they are thrown away the files are their owner's, for delete and redraft.
    assert await statuses(api, own) == {200}


async def test_s050_a_deleted_status_takes_its_files_along(api: Api) -> None:
    """S050: what everybody could fetch is gone for everybody, and no cache may keep it a day."""
    anna = await api.person("anna")
    said = await api.say(anna, "look", media_ids=[await picture(api, anna)])
    paths = files_of(said)
    etag = (await api.get(paths[0])).headers["etag"]
    assert await statuses(api, paths) == {200}
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    nothing = await absent(api)
    for path in paths:
        for headers in ({}, {"If-None-Match": etag}, {"Range": "bytes=0-1"}):
            reply = await api.get(path, headers=headers)
            assert (reply.status, reply.body) == (404, nothing.body)
        assert reply.headers["cache-control"] == "no-store"


async def test_s102_what_no_status_shows_is_for_its_owner(api: Api) -> None:
    """S102: unattached and scheduled files are fetched with the owner's address alone."""
    anna, bert = await api.person("anna"), await api.person("bert")
    reply = await send(api, anna, plain())
    path = path_of(reply.json["url"])
    bare, _, _ = path.partition("?")
    fetched = await api.get(path)
    assert (fetched.status, fetched.headers["cache-control"]) == (200, PRIVATE)
    seal = api.env.seals.seal(int(bert.id), bare.rpartition("/")[2])
    for bad in (bare, f"{bare}?for={seal}"):
        assert (await api.get(bad)).status == 404
    due = "2031-01-01T00:00:00Z"
    planned = await api.post(
        "/api/v1/statuses",
        anna,
        json={"status": "x", "scheduled_at": due, "media_ids": [reply.json["id"]]},
    )
    assert planned.status == 200, planned.body
    shown = planned.json["media_attachments"][0]
    assert MARK not in planned.body.decode()
    assert (await api.get(path_of(shown["url"]))).status == 200
    assert (await api.get(bare)).status == 404


async def test_s102_a_closed_account_shows_nothing(api: Api) -> None:
    anna = await api.person("anna")
    public = await api.say(anna, "look", media_ids=[await picture(api, anna)])
    free = path_of((await send(api, anna, plain())).json["url"])
    assert await statuses(api, [*files_of(public), free]) == {200}
    await api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'suspended' WHERE id = $1", int(anna.id))
    )
    assert await statuses(api, [*files_of(public), free]) == {404}


async def test_s102_history_and_pages_seal_as_well(api: Api) -> None:
    """Every place that shows a private status shows addresses that are good for its reader."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, bert, "follow", anna)
    said = await api.say(anna, "look", visibility="private", media_ids=[await picture(api, anna)])
    for path, pick in (
        (f"/api/v1/statuses/{said['id']}/history", lambda found: found[0]),
        ("/api/v1/timelines/home", lambda found: found[0]),
        (f"/api/v1/statuses?id[]={said['id']}", lambda found: found[0]),
        (f"/api/v1/accounts/{anna.id}/statuses", lambda found: found[0]),
        (f"/api/v1/statuses/{said['id']}", lambda found: found),
    ):
        for _ in range(2):
            reply = await api.get(path, bert)
            assert MARK not in reply.body.decode(), path
            paths = files_of(pick(reply.json))
            assert all(f"?for={bert.id}." in each for each in paths), path
            assert await statuses(api, paths) == {200}, path


async def test_addresses_that_are_none(api: Api) -> None:
    """S098: a name in an address only ever finds the file of that row."""
    anna = await api.person("anna")
    said = await api.say(anna, "look", media_ids=[await picture(api, anna)])
    path = files_of(said)[0]
    head, _, name = path.rpartition("/")
    nothing = await absent(api)
    for bad in (
        f"{head}/{name.upper()}",
        f"{head}/{name[:-1]}",
        f"{head}/{name}x",
        f"{head}/none.png",
        f"{head}/..%2f..%2fstonechat.db",
        f"{head}/%00",
        f"/media/{anna.id}/x/{name}",
        f"/media/x/{said['id']}/{name}",
        f"/media/{anna.id}/{'9' * 400}/{name}",
        f"/media/-1/-1/{name}",
    ):
        reply = await api.get(bad)
        assert (reply.status, reply.body) == (404, nothing.body), bad


async def test_s105_a_file_is_never_what_its_reader_asks_for(api: Api) -> None:
    """S105: whatever is accepted, a file is what it was made as; JSON and HTML are no media."""
    anna = await api.person("anna")
    activity = b'{"@context": "https://www.w3.org/ns/activitystreams", "type": "Note"}'
    for content in (activity, b"<!DOCTYPE html><script>alert(1)</script>"):
        assert (await send(api, anna, content)).status == 422
    hidden = await send(api, anna, plain() + activity)
    assert hidden.status == 200
    said = await api.say(anna, "look", media_ids=[hidden.json["id"]])
    for path in files_of(said):
        for accept in ("application/activity+json", "application/ld+json", "text/html"):
            reply = await api.get(path, headers={"Accept": accept})
            assert reply.headers["content-type"].startswith("image/")
            assert b"activitystreams" not in reply.body


async def test_a_file_costs_one_statement(api: Api) -> None:
    """With or without a seal, there or not; and its attachment one more than the token."""
    anna = await api.person("anna")
    public = files_of(await api.say(anna, "a", media_ids=[await picture(api, anna)]))[0]
    private = files_of(
        await api.say(anna, "b", visibility="private", media_ids=[await picture(api, anna)])
    )[0]
    for path in (public, private, private.partition("?")[0], "/media/1/1/none.jpg"):
        api.recorder.forget()
        await api.get(path)
        assert api.recorder.count == 1, path
    media_id = await picture(api, anna)
    api.recorder.forget()
    assert (await api.get(f"/api/v1/media/{media_id}", anna)).status == 200
    assert api.recorder.count == 2


async def test_many_pieces_make_the_whole(sqlite_api: Api) -> None:
    """A file of several chunks arrives whole, and in parts across their borders."""
    anna = await sqlite_api.person("anna")
    form = multipart({}, {"file": plain("PNG", (1, 1)), "other": b"x"})
    media_id = (await sqlite_api.post("/api/v2/media", anna, **form)).json["id"]
    path = files_of(await sqlite_api.say(anna, "x", media_ids=[media_id]))[0]
    content = bytes(range(256)) * 4096
    source = sqlite_api.env.settings.data_dir / "long"
    source.write_bytes(content)
    await sqlite_api.env.blobs.insert("media", path.rpartition("/")[2], source)
    assert (await sqlite_api.get(path)).body == content
    part = await sqlite_api.get(path, headers={"Range": "bytes=262100-524400"})
    assert part.body == content[262100:524401]
