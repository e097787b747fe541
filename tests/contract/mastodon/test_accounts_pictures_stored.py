"""Avatars and headers where files lie in a bucket, and where the store fails in between."""

from pathlib import Path

import pytest

from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.s3 import BucketStore
from stonechat.kernel.errors import Unavailable
from stonechat.kernel.settings import Settings
from stonechat.services import departures
from stonechat.storage.database import Database
from tests import pictures
from tests.bucket_server import KEY, SECRET, BucketServer
from tests.contract.api import Api, Person, Reply

PATH = "/api/v1/accounts/update_credentials"
BOUNDARY = "4f1d"


async def send(api: Api, who: Person, content: bytes, kind: str = "avatar") -> Reply:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{kind}"; filename="x"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await api.call("PATCH", PATH, who, body=body, headers=headers)


async def fetch(api: Api, url: str) -> Reply:
    return await api.get(url.removeprefix("http://stonechat.test"))


def opened(line: str) -> BucketStore:
    return BucketStore(read_bucket(line), KEY, SECRET)


async def names(store: BucketStore) -> list[str]:
    return [name async for name in store.list_names("pictures")]


@pytest.mark.parametrize("kind", ["avatar", "header"])
async def test_a_picture_in_a_bucket_from_upload_to_removal(
    sqlite: Database, settings: Settings, bucket_server: BucketServer, kind: str
) -> None:
    """[AC9] [AC13]: the same in every byte and header as from our own disk."""
    store = opened(bucket_server.create())
    api, plain = Api(sqlite, settings, blobs=store), Api(sqlite, settings)
    anna = await api.person("anna")
    without = (await api.get(f"/api/v1/accounts/{anna.id}")).json[kind]
    me = (await send(api, anna, pictures.plain(), kind)).json
    sent = await fetch(api, me[kind])
    assert (sent.status, sent.headers["content-type"]) == (200, "image/jpeg")
    assert [me[kind].rpartition("/")[2]] == await names(store)
    assert not (settings.data_dir / "pictures").exists()

    bert = await plain.person("bert")
    on_disk = await fetch(plain, (await send(plain, bert, pictures.plain(), kind)).json[kind])
    assert (on_disk.status, on_disk.body) == (sent.status, sent.body)
    assert on_disk.headers.keys() == sent.headers.keys()

    again = (await send(api, anna, pictures.plain(colour="blue"), kind)).json
    assert (await fetch(api, me[kind])).status == 404
    assert [again[kind].rpartition("/")[2]] == await names(store)
    gone = await api.call("DELETE", f"/api/v1/profile/{kind}", anna)
    assert (gone.status, gone.json[kind]) == (200, without)
    assert await names(store) == []


async def test_a_bucket_that_is_away_is_a_fault_that_passes(
    sqlite: Database, settings: Settings
) -> None:
    api = Api(sqlite, settings, blobs=opened("s3://town?endpoint=http://127.0.0.1:9"))
    anna = await api.person("anna")
    before = (await api.get("/api/v1/accounts/verify_credentials", anna)).json
    assert (await send(api, anna, pictures.plain())).status == 503
    assert (await api.get("/api/v1/accounts/verify_credentials", anna)).json == before
    assert (await api.get("/pictures/" + "0" * 32 + ".jpg")).status == 503
    assert (await api.get("/pictures/evil.jpg")).status == 404


def jam(settings: Settings, url: str) -> Path:
    """Put a folder in the place of a picture: no disk deletes that as a file."""
    name = url.rpartition("/")[2]
    path = settings.data_dir / "pictures" / name[:2] / name[2:4] / name
    path.unlink()
    path.mkdir()
    return path


async def test_what_is_committed_is_answered_so_whatever_is_left_behind(
    sqlite: Database, settings: Settings
) -> None:
    """Else somebody would be told that nothing had happened to a profile that has changed."""
    api = Api(sqlite, settings)
    anna = await api.person("anna")
    first = (await send(api, anna, pictures.plain())).json["avatar"]
    left = [jam(settings, first)]
    second = await send(api, anna, pictures.plain(colour="blue"))
    assert second.status == 200
    assert second.json["avatar"] != first
    left.append(jam(settings, second.json["avatar"]))
    assert (await api.call("DELETE", "/api/v1/profile/avatar", anna)).status == 200
    assert "/static/" in (await api.get(f"/api/v1/accounts/{anna.id}")).json["avatar"]
    assert all(path.is_dir() for path in left)


async def test_nobody_departs_whose_pictures_stay(sqlite: Database, settings: Settings) -> None:
    """Nothing is done then, so that asking again does all of it."""
    api = Api(sqlite, settings)
    anna = await api.person("anna")
    url = (await send(api, anna, pictures.plain())).json["avatar"]
    path = jam(settings, url)
    with pytest.raises(Unavailable):
        await departures.delete_account(api.env, "anna", lambda *_: None)
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["avatar"] == url
    path.rmdir()
    path.write_bytes(b"a picture")
    await departures.delete_account(api.env, "anna", lambda *_: None)
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).status == 404
    assert not path.exists()
