"""Avatars and headers: what is taken in, what is made of it, and how it goes out."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stonechat.domain import limits
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests import pictures
from tests.contract.api import Api, Person, Reply

PATH = "/api/v1/accounts/update_credentials"
BOUNDARY = b"4f1d"


async def send(
    api: Api,
    who: Person,
    content: bytes,
    *,
    kind: str = "avatar",
    filename: str = "me.png",
    mime: str = "image/png",
) -> Reply:
    head = (
        f'Content-Disposition: form-data; name="{kind}"; filename="{filename}"\r\n'
        f"Content-Type: {mime}\r\n\r\n"
    )
    body = b"--" + BOUNDARY + b"\r\n" + head.encode() + content + b"\r\n--" + BOUNDARY + b"--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    return await api.call("PATCH", PATH, who, body=body, headers=headers)


async def fetch(api: Api, url: str) -> Reply:
    return await api.get(url.removeprefix("http://stonechat.test"))


async def made_of(api: Api, who: Person, content: bytes, kind: str = "avatar") -> bytes:
    reply = await send(api, who, content, kind=kind)
    assert reply.status == 200, reply.body
    return (await fetch(api, reply.json[kind])).body


def files(api: Api) -> list[Path]:
    folder = api.env.settings.data_dir / "pictures"
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("kind", "size"), [("avatar", (400, 400)), ("header", (1500, 500))])
async def test_a_picture_from_upload_to_removal(api: Api, kind: str, size: tuple[int, int]) -> None:
    """[AC9] [AC13]: a random name, a private file, headers that let it be nothing but data."""
    anna = await api.person("anna")
    plain = (await api.get(f"/api/v1/accounts/{anna.id}")).json[kind]
    me = (await send(api, anna, pictures.plain(), kind=kind)).json
    assert me[kind] == me[f"{kind}_static"] != plain
    assert me[kind].startswith("http://stonechat.test/pictures/")
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json[kind] == me[kind]
    sent = await fetch(api, me[kind])
    assert (sent.status, sent.headers["content-type"]) == (200, "image/jpeg")
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "immutable" in sent.headers["cache-control"]
    picture = pictures.opened(sent.body)
    assert picture.size == size
    red, green, blue = picture.convert("RGB").getpixel((200, 200))  # pyright: ignore[reportGeneralTypeIssues]
    assert (red > 240, green < 15, blue < 15) == (True, True, True)
    (file,) = files(api)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    again = (await send(api, anna, pictures.plain(colour="blue"), kind=kind)).json
    assert again[kind] != me[kind]
    assert (await fetch(api, me[kind])).status == 404
    assert len(files(api)) == 1
    for _ in range(2):
        gone = await api.call("DELETE", f"/api/v1/profile/{kind}", anna)
        assert (gone.status, gone.json[kind]) == (200, plain)
        assert "source" in gone.json
    assert files(api) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_s097_the_content_says_what_it_is(sqlite_api: Api, kind: str) -> None:
    """S097: names and types are not even looked at."""
    anna = await sqlite_api.person("anna")
    reply = await send(
        sqlite_api, anna, pictures.plain(kind), filename="me.svg", mime="image/svg+xml"
    )
    assert reply.status == 200
    assert reply.json["avatar"].endswith(".jpg")


async def test_what_can_be_seen_through_stays_so(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    glass = pictures.Image.new("RGBA", (50, 50), (255, 0, 0, 128))
    for content in (pictures.encode(glass, "PNG"), pictures.encode(glass, "WEBP", lossless=True)):
        reply = await send(sqlite_api, anna, content)
        assert reply.json["avatar"].endswith(".png")
        sent = await fetch(sqlite_api, reply.json["avatar"])
        assert sent.headers["content-type"] == "image/png"
        assert pictures.opened(sent.body).getpixel((9, 9)) == (255, 0, 0, 128)


NO_PICTURES: dict[str, bytes] = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
    "psd": b"8BPS\0\1" + b"\0" * 40,
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40,
    "zip": b"PK\x03\x04" + b"\0" * 40,
    "nothing": b"",
    "rubbish": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", [*NO_PICTURES, "TIFF", "BMP", "ICO", "PPM", "TGA"])
async def test_s097_what_is_no_picture_is_refused(sqlite_api: Api, name: str) -> None:
    """S097: 422 by its name and by its content, and nothing is left on the disk."""
    anna = await sqlite_api.person("anna")
    content = NO_PICTURES.get(name)
    if content is None:
        content = pictures.plain(name)
    reply = await send(sqlite_api, anna, content)
    assert reply.status == 422
    assert reply.json["details"]["avatar"][0]["error"] == "ERR_INVALID"
    assert files(sqlite_api) == []


async def test_s097_two_formats_in_one_become_a_picture(sqlite_api: Api) -> None:
    """S097: a GIF that is a script too, a PNG with an archive behind it: only pixels remain."""
    anna = await sqlite_api.person("anna")
    script = pictures.plain("GIF") + b"*/=1;alert(1)//<script>"
    archive = pictures.plain("PNG") + b"PK\x03\x04<script>"
    for content in (script, archive):
        kept = await made_of(sqlite_api, anna, content)
        assert kept.startswith(b"\xff\xd8\xff")
        assert b"script" not in kept
        assert b"alert" not in kept
        assert b"PK" not in kept


@pytest.mark.parametrize(
    "filename",
    ["../../x.png", "/etc/passwd", "con", "-rf", "x" * 3000, ".", "a%00.png", "\u202egnp.exe"],
)
async def test_s098_a_name_is_never_used(sqlite_api: Api, filename: str) -> None:
    """S098"""
    anna = await sqlite_api.person("anna")
    reply = await send(sqlite_api, anna, pictures.plain(), filename=filename)
    assert reply.status == 200
    root = sqlite_api.env.settings.data_dir
    (file,) = files(sqlite_api)
    assert file == root / "pictures" / file.name[:2] / file.name[2:4] / file.name
    assert reply.json["avatar"].endswith(f"/pictures/{file.name}")
    assert len(file.stem) == 32


BOMBS = {
    "50000 squared": lambda: pictures.claiming(50_000, 50_000, 100),
    "one very long row": lambda: pictures.claiming(1, 10**9, 100),
    "just too many pixels": lambda: pictures.claiming(8192, 4051, 4051),
    "10k frames of GIF": lambda: pictures.animated("GIF", 10_000),
    "cut JPEG": lambda: pictures.plain("JPEG", (900, 900))[:-300],
    "cut PNG": lambda: pictures.plain("PNG", (900, 900))[:-50],
    "cut WebP": lambda: pictures.plain("WEBP", (900, 900))[:-20],
    "cut GIF": lambda: pictures.plain("GIF", (900, 900))[:60],
}


@pytest.mark.parametrize("name", BOMBS)
async def test_s100_bombs_hurt_nobody(sqlite_api: Api, name: str) -> None:
    """S100: 422 in time, and this process has not grown by it."""
    anna = await sqlite_api.person("anna")
    content = BOMBS[name]()
    before = _resident_kb()
    reply = await send(sqlite_api, anna, content)
    assert reply.status == 422
    assert _resident_kb() - before < 10 * 1024
    assert files(sqlite_api) == []


def _resident_kb() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
async def test_s100_of_what_moves_the_first_frame_is_kept(sqlite_api: Api, kind: str) -> None:
    """S100: an APNG, an animated WebP and a GIF of a few frames are one still picture."""
    anna = await sqlite_api.person("anna")
    kept = pictures.opened(await made_of(sqlite_api, anna, pictures.animated(kind, 20)))
    assert getattr(kept, "n_frames", 1) == 1
    assert max(kept.convert("RGB").getpixel((200, 200))) < 20  # pyright: ignore[reportArgumentType]


async def test_s100_too_large_a_file(sqlite_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """S100: it is refused before anybody looks into it; beside it nothing is changed."""
    anna = await sqlite_api.person("anna")
    monkeypatch.setattr(limits, "PICTURE_BYTES_MAX", 100)
    reply = await send(sqlite_api, anna, pictures.plain("PNG", (500, 500)))
    assert (reply.status, reply.json["details"].keys()) == (422, {"avatar"})
    huge = await send(sqlite_api, anna, b"\0" * (19 * 1024 * 1024))
    assert huge.status == 413
    assert files(sqlite_api) == []


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_s101_the_picture_is_upright(sqlite_api: Api, orientation: int) -> None:
    """S101: whichever way the camera was held."""
    anna = await sqlite_api.person("anna")
    kept = pictures.opened(await made_of(sqlite_api, anna, pictures.cornered(orientation)))
    colours = [kept.convert("RGB").getpixel(at) for at in ((20, 20), (380, 20), (20, 380))]
    assert [each[1] < 128 for each in colours] == [True, False, False]  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


@pytest.mark.parametrize("name", pictures.telling())
@pytest.mark.parametrize("kind", ["avatar", "header"])
async def test_s101_nothing_tells_where_it_was_taken(sqlite_api: Api, name: str, kind: str) -> None:
    """S101"""
    anna = await sqlite_api.person("anna")
    content = pictures.telling()[name]
    assert pictures.SECRET in content
    kept = await made_of(sqlite_api, anna, content, kind)
    assert pictures.SECRET not in kept
    told: dict[Any, Any] = pictures.opened(kept).info
    assert not {"exif", "xmp", "comment", "icc_profile", "Comment"} & told.keys()


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + ".jpg",
        "x.jpg",
        "..%2f..%2fstonechat.db",
        "0" * 32 + ".svg",
        "0" * 33 + ".jpg",
        "..",
    ],
)
async def test_no_such_picture(sqlite_api: Api, name: str) -> None:
    assert (await sqlite_api.get(f"/pictures/{name}")).status == 404


async def test_pictures_use_up_no_rate_limit(sqlite: Database, settings: Settings) -> None:
    api = Api(sqlite, replace(settings, rate_limits=True))
    anna = await api.person("anna")
    url = (await send(api, anna, pictures.plain())).json["avatar"]
    for _ in range(302):
        assert (await fetch(api, url)).status == 200
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).headers["x-ratelimit-remaining"] == "299"


async def test_text_where_a_picture_belongs(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    reply = await sqlite_api.call("PATCH", PATH, anna, json={"avatar": "me.png"})
    assert reply.status == 422
    assert (await sqlite_api.call("PATCH", PATH, anna, json={"avatar": ""})).status == 200


async def test_of_two_pictures_one_is_broken(sqlite_api: Api) -> None:
    """Nothing is half done: the good one is not kept either."""
    anna = await sqlite_api.person("anna")
    good = pictures.plain()
    parts = b"".join(
        b"--"
        + BOUNDARY
        + f'\r\nContent-Disposition: form-data; name="{kind}"; filename="x"'.encode()
        + b"\r\n\r\n"
        + content
        + b"\r\n"
        for kind, content in (("avatar", good), ("header", good[:40]))
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    body = parts + b"--" + BOUNDARY + b"--\r\n"
    reply = await sqlite_api.call("PATCH", PATH, anna, body=body, headers=headers)
    assert (reply.status, reply.json["details"].keys()) == (422, {"header"})
    assert files(sqlite_api) == []
    me = (await sqlite_api.get("/api/v1/accounts/verify_credentials", anna)).json
    assert "/static/" in me["avatar"]
