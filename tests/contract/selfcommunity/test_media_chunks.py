"""Files of the community that come in pieces: pictures and documents."""

import asyncio

import pytest

from stonechat.domain import limits
from tests.contract.api import Api
from tests.contract.people import run_jobs
from tests.contract.selfcommunity.media_calls import (
    COMPLETE,
    KEYS,
    MEDIA,
    PDF,
    chunk,
    complete,
    fault,
    md5_of,
    path_of,
    send_pieces,
    uploaded,
)
from tests.contract.uploads import multipart
from tests.pictures import animated, plain


async def test_a_picture_in_pieces(api: Api) -> None:
    """2.5, 3.5: chunks with Content-Range, then the medium with its measures in the 201."""
    amy, bob = await api.person("amy"), await api.person("bob")
    content = plain(size=(300, 200))
    upload_id = await send_pieces(api, amy, content, size=200)
    made = await complete(api, amy, upload_id, content)
    assert made.status == 201, made.body
    media = made.json
    assert list(media) == KEYS
    shown = (media["type"], media["image_width"], media["image_height"], media["order"])
    assert shown == ("image", 300, 200, 0)
    assert media["image_thumbnail"]["url"].startswith("http://stonechat.test/media/")
    assert isinstance(media["id"], int)
    assert media["image_mimetype"] == media["mimetype"] == "image/png"
    # A retry gives the same; so do several at once.
    again = await asyncio.gather(*(complete(api, amy, upload_id, content) for _ in range(3)))
    assert [each.json["id"] for each in again] == [media["id"]] * 3
    # The vendor's interface sends this as a form, and its documents say it may be one.
    told = {"upload_id": upload_id, "md5": md5_of(content), "type": "image"}
    formed = await api.post(COMPLETE, amy, **multipart(told, {}))
    assert formed.json["id"] == (await api.post(COMPLETE, amy, form=told)).json["id"] == media["id"]
    # The file is the owner's as long as nothing shows it; so is the medium.
    assert (await api.get(path_of(media["image"]))).status == 200
    assert (await api.get(path_of(media["image"]).partition("?")[0])).status == 404
    assert (await api.get(f"{MEDIA}{media['id']}/", amy)).json["id"] == media["id"]
    assert (await api.get(f"{MEDIA}{media['id']}/", bob)).status == 404
    assert (await complete(api, bob, upload_id, content)).status == 400


async def test_retries_and_order_of_pieces(api: Api) -> None:
    """A piece that comes again is answered like the first; out of order or otherwise it is not."""
    amy, bob = await api.person("amy"), await api.person("bob")
    first = await chunk(api, amy, b"abc", "bytes 0-2/7")
    upload_id = first.json["upload_id"]
    assert list(first.json) == ["upload_id", "offset", "expires"]
    assert (first.json["offset"], isinstance(upload_id, str)) == (3, True)
    last = await chunk(api, amy, b"fg", "bytes 5-6/7", upload_id=upload_id)
    assert (last.status, fault(last)) == (400, ("content_range", "invalid"))
    both = await asyncio.gather(
        *(chunk(api, amy, b"de", "bytes 3-4/7", upload_id=upload_id) for _ in range(4))
    )
    assert [(each.status, each.json["offset"]) for each in both] == [(201, 5)] * 4
    for content, stretch in (
        (b"xyz", "bytes 0-2/7"),
        (b"cd", "bytes 2-3/7"),
        (b"de", "bytes 3-4/8"),
        (b"abcd", "bytes 0-3/7"),
    ):
        wrong = await chunk(api, amy, content, stretch, upload_id=upload_id)
        assert (wrong.status, fault(wrong)[0]) == (400, "content_range")
    assert (await chunk(api, amy, b"abc", "bytes 0-2/7", upload_id=upload_id)).status == 201
    stranger = await chunk(api, bob, b"fg", "bytes 5-6/7", upload_id=upload_id)
    nothing = await chunk(api, bob, b"fg", "bytes 5-6/7", upload_id="12345")
    assert fault(stranger) == ("upload_id", "does_not_exist")
    assert stranger.body == nothing.body
    early = await complete(api, amy, upload_id, b"abcdefg")
    assert fault(early) == ("upload_id", "incomplete")
    assert (await chunk(api, amy, b"fg", "bytes 5-6/7", upload_id=upload_id)).status == 201
    assert fault(await complete(api, amy, upload_id, b"else")) == ("md5", "invalid")
    assert fault(await complete(api, amy, upload_id, b"abcdefg")) == ("image", "invalid")
    api.clock.move(hours=limits.UPLOAD_HOURS)
    assert fault(await complete(api, amy, upload_id, b"abcdefg")) == ("upload_id", "expired")
    late = await chunk(api, amy, b"fg", "bytes 5-6/7", upload_id=upload_id)
    assert fault(late) == ("upload_id", "expired")


@pytest.mark.parametrize(
    "stretch",
    [
        "bytes 5-1/3",
        "bytes 0-2/2",
        "bytes -1-2/3",
        "bytes 0-2/*",
        "bytes */3",
        "bytes a-b/c",
        "bytes 0-1/3",
        "0-2/3",
        "bytes=0-2/3",
        "bytes 0-2/99999999999999999999",
        f"bytes 0-2/{limits.COMMUNITY_DOCUMENT_BYTES_MAX + 1}",
        "bytes \u0660-\u0662/\u0663",
        "bytes 0-2/3, 0-2/3",
        "x" * 5000,
        "",
    ],
)
async def test_s096_ranges_that_say_nothing_sensible(api: Api, stretch: str) -> None:
    """S096: a missing or a wrong range is a fault of the caller."""
    amy = await api.person("amy")
    reply = await chunk(api, amy, b"abc", stretch.encode().decode("latin-1"))
    assert (reply.status, fault(reply)[0]) == (400, "content_range"), reply.body


async def test_s085_s094_sizes_and_numbers(api: Api) -> None:
    """S085, S094: chunk, picture, announced bytes and open uploads are bounded."""
    amy = await api.person("amy")
    most = limits.UPLOAD_CHUNK_BYTES_MAX
    whole = await chunk(api, amy, b"a" * most, f"bytes 0-{most - 1}/{most}")
    assert whole.status == 201
    more = await chunk(api, amy, b"a" * (most + 1), f"bytes 0-{most}/{most + 1}")
    assert fault(more) == ("image", "max_size")
    huge = await chunk(api, amy, b"a" * 300_000, "bytes 0-299999/300000")
    assert huge.status == 413
    document = limits.COMMUNITY_DOCUMENT_BYTES_MAX
    assert (await chunk(api, amy, b"abc", f"bytes 0-2/{document}")).status == 201
    refused = await chunk(api, amy, b"abc", f"bytes 0-2/{document}")
    assert fault(refused) == ("image", "too_many")
    for _ in range(limits.UPLOADS_PER_ACCOUNT_MAX - 2):
        assert (await chunk(api, amy, b"abc", "bytes 0-2/3")).status == 201
    assert fault(await chunk(api, amy, b"abc", "bytes 0-2/3")) == ("image", "too_many")
    # What has expired counts no more, and is swept with its pieces.
    api.clock.move(hours=limits.UPLOAD_HOURS, seconds=1)
    replies = [await chunk(api, amy, b"abc", "bytes 0-2/3") for _ in range(6)]
    assert replies[-1].status == 201
    api.clock.move(hours=limits.UPLOAD_HOURS, seconds=1)
    await run_jobs(api)
    large = plain() + b"\0" * limits.COMMUNITY_IMAGE_BYTES_MAX
    upload_id = await send_pieces(api, amy, large)
    assert fault(await complete(api, amy, upload_id, large)) == ("image", "max_size")


async def test_documents(api: Api) -> None:
    """2.5: `doc`, `document`, or by the name's end; served to be kept, never to be shown."""
    amy = await api.person("amy")
    first_id = await send_pieces(api, amy, PDF, size=20, name="../../etc/Report 1.PDF")
    made = await complete(api, amy, first_id, PDF)
    assert made.status == 201, made.body
    document = made.json
    assert list(document) == KEYS
    assert (document["type"], document["mimetype"]) == ("doc", "application/pdf")
    assert (document["size"], document["image"]) == (len(PDF), None)
    assert document["title"].endswith("Report 1.PDF")
    assert ".." not in document["url"]
    again = await complete(api, amy, first_id, PDF)
    assert (again.status, again.json["id"]) == (201, document["id"])
    file = await api.get(path_of(document["url"]))
    assert (file.status, file.body) == (200, PDF)
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == "attachment"
    assert file.headers["x-content-type-options"] == "nosniff"
    for content in (PDF, plain()):
        # Nobody has completed it yet, and all want to.
        upload_id = await send_pieces(api, amy, content, name="x.pdf" if content == PDF else "x")
        raced = await asyncio.gather(*(complete(api, amy, upload_id, content) for _ in range(6)))
        assert {each.status for each in raced} == {201}
        assert len({each.json["id"] for each in raced}) == 1
        assert all(each.json["url"] for each in raced)
    for kind in ("doc", "document"):
        assert (await uploaded(api, amy, PDF, type=kind))["type"] == "doc"
    # Thrown away with its file.
    assert (await api.call("DELETE", f"{MEDIA}{document['id']}/", amy)).status == 204
    await run_jobs(api)
    assert (await api.get(path_of(document["url"]))).status == 404
    assert (await complete(api, amy, first_id, PDF)).status == 400


async def test_s097_polyglots(api: Api) -> None:
    """S097: type by content; what is two things at once is none of them."""
    amy = await api.person("amy")
    for content, kind, field in (
        (b"<html>" + PDF, "doc", "document"),
        (PDF + b"PK\x03\x04 an archive", "doc", "document"),
        (plain(), "doc", "document"),
        (PDF, "image", "image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image", "image"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 500, "image", "image"),
    ):
        upload_id = await send_pieces(api, amy, content)
        reply = await complete(api, amy, upload_id, content, type=kind)
        assert (reply.status, fault(reply)[0]) == (400, field), reply.body
    hidden = plain("GIF") + b"/*<script>alert(1)</script>*/"
    hidden_id = await send_pieces(api, amy, hidden)
    made, _ = await asyncio.gather(complete(api, amy, hidden_id, hidden), _soon(api))
    file = await api.get(path_of(made.json["image"]))
    assert b"script" not in file.body


async def _soon(api: Api) -> None:
    """Run jobs as soon as there are some."""
    for _ in range(100):
        await asyncio.sleep(0.05)
        if await run_jobs(api):
            return


async def test_pictures_that_move_and_that_stand_in_a_text(api: Api) -> None:
    """3.5: an `eimage` is shown by the text itself; what moves is shown by its first frame."""
    amy = await api.person("amy")
    inline = await uploaded(api, amy, plain(), type="eimage")
    assert (inline["type"], inline["image_width"]) == ("eimage", 60)
    content = animated("GIF", 3)
    upload_id = await send_pieces(api, amy, content)
    made, _ = await asyncio.gather(
        complete(api, amy, upload_id, content, type="eimage"), _soon(api)
    )
    moving = made.json
    assert (moving["type"], moving["mimetype"]) == ("eimage", "video/mp4")
    assert moving["image_mimetype"] in ("image/png", "image/jpeg", "image/webp")
    assert moving["image_width"] == 8
