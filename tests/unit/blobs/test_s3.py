"""The store in a bucket: servers that fail, are not there or do not answer, and odd buckets."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from stonechat.blobs import s3
from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.s3 import RETRIES_MAX, BucketStore
from stonechat.blobs.store import CHUNK_BYTES_MAX, new_name
from stonechat.kernel.errors import NotFound, Unavailable
from tests.bucket_server import KEY, PREFIX, SECRET, BucketServer, failing_server, look_into

NAME = "abcd" + "0" * 28 + ".png"
LARGE = os.urandom(12 * 1024 * 1024)


def opened(line: str) -> BucketStore:
    return BucketStore(read_bucket(line), KEY, SECRET)


@pytest.fixture
def store(bucket_server: BucketServer) -> BucketStore:
    return opened(bucket_server.create())


async def keep(store: BucketStore, folder: Path, content: bytes = b"a file") -> str:
    source, name = folder / "source", new_name("bin")
    source.write_bytes(content)
    await store.insert("media", name, source)
    return name


async def tried(store: BucketStore, folder: Path, what: str) -> None:
    match what:
        case "insert":
            await keep(store, folder)
        case "insert in parts":
            await keep(store, folder, LARGE)
        case "find":
            await store.find("media", NAME)
        case "fetch":
            await store.fetch("media", NAME, folder / "target")
        case "delete":
            await store.delete("media", NAME)
        case _:
            [name async for name in store.list_names("media")]


VERBS = ["insert", "insert in parts", "find", "fetch", "delete", "list"]


async def test_what_is_large_goes_up_in_parts(bucket_server: BucketServer, tmp_path: Path) -> None:
    line = bucket_server.create()
    name = await keep(opened(line), tmp_path, LARGE)
    found = await look_into(line).head_async(f"{PREFIX}/media/{name[:2]}/{name[2:4]}/{name}")
    # So S3 marks what was put together of two parts.
    assert (found["e_tag"] or "").strip('"').endswith("-2")


async def test_files_lie_below_the_prefix_and_nowhere_else(
    bucket_server: BucketServer, tmp_path: Path
) -> None:
    line = bucket_server.create()
    ours, others = opened(line), opened(line.replace(PREFIX, "site/other"))
    whole = opened(line.replace(PREFIX, ""))
    name = await keep(ours, tmp_path)
    place = f"media/{name[:2]}/{name[2:4]}/{name}"
    found = await look_into(line).list().collect_async()
    assert [each["path"] for each in found] == [f"{PREFIX}/{place}"]
    assert await others.find("media", name) is None
    assert [each async for each in others.list_names("media")] == []
    assert [each async for each in whole.list_names("media")] == []


async def test_what_others_put_there_is_not_listed(
    bucket_server: BucketServer, tmp_path: Path
) -> None:
    line = bucket_server.create()
    store = opened(line)
    name = await keep(store, tmp_path)
    for stray in ("media/readme.txt", f"media/{NAME}", f"media/ff/ff/{NAME}", f"medias/ab/{NAME}"):
        await look_into(line).put_async(f"{PREFIX}/{stray}", b"x")
    assert [each async for each in store.list_names("media")] == [name]


async def test_a_file_that_is_deleted_meanwhile_is_not_half_a_file(
    store: BucketStore, tmp_path: Path
) -> None:
    name = await keep(store, tmp_path, LARGE)
    blob = await store.find("media", name)
    await store.delete("media", name)
    assert blob is not None
    reading = blob.read()
    assert await anext(reading) == LARGE[:CHUNK_BYTES_MAX]
    with pytest.raises(NotFound):
        await anext(reading)


async def test_a_target_that_cannot_be_written_is_told(store: BucketStore, tmp_path: Path) -> None:
    name = await keep(store, tmp_path)
    with pytest.raises(Unavailable):
        await store.fetch("media", name, tmp_path / "no folder" / "target")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_bucket_that_is_not_there_is_told(
    bucket_server: BucketServer, tmp_path: Path, verb: str
) -> None:
    """It must not look like a bucket in which there is nothing."""
    with pytest.raises(Unavailable) as refused:
        await tried(opened(bucket_server.line("nobodys-bucket")), tmp_path, verb)
    assert refused.value.details["reason"] == "there is no such bucket"
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("verb", VERBS)
async def test_a_dead_endpoint_is_told_soon(tmp_path: Path, verb: str) -> None:
    start = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        await tried(opened("s3://town?endpoint=http://127.0.0.1:9"), tmp_path, verb)
    assert time.monotonic() - start < 10
    assert refused.value.details["reason"] == "the bucket does not answer"


@pytest.mark.parametrize("verb", VERBS)
async def test_an_endpoint_that_never_answers_is_given_up(
    tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "ANSWER_S_MAX", 0.3)
    monkeypatch.setattr(s3, "UPLOAD_S_MAX", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        store = opened(f"s3://town?endpoint=http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unavailable) as refused:
            await tried(store, tmp_path, verb)
        assert time.monotonic() - start < 5
    assert refused.value.details["reason"] == "the bucket does not answer in time"


def test_somebody_who_waits_does_not_wait_long() -> None:
    assert s3.ANSWER_S_MAX <= 15
    assert s3.UPLOAD_S_MAX <= 300


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, "AccessDenied", "the bucket refuses the key"),
        (403, "InvalidAccessKeyId", "the bucket does not know the key"),
        (403, "SignatureDoesNotMatch", "the secret is not that of the key"),
        (400, "RequestTimeTooSkewed", "the bucket answers RequestTimeTooSkewed"),
        (404, "NoSuchBucket", "there is no such bucket"),
    ],
)
@pytest.mark.parametrize("verb", VERBS)
async def test_a_refusal_is_told_by_its_own_word(
    tmp_path: Path, verb: str, status: int, code: str, reason: str
) -> None:
    quoted = "a private word of somebody's"
    body = f"<Error><Code>{code}</Code><Message>{quoted}</Message></Error>".encode()
    with failing_server(status, body) as server:
        with pytest.raises(Unavailable) as refused:
            await tried(BucketStore(server.bucket, KEY, SECRET), tmp_path, verb)
        assert len(server.asked) == 1
    assert refused.value.details["reason"] == reason
    assert quoted not in f"{refused.value!r} {refused.value.details}"


@pytest.mark.parametrize("verb", VERBS)
async def test_a_server_in_trouble_is_asked_again_but_not_for_ever(
    tmp_path: Path, verb: str
) -> None:
    body = b"<Error><Code>SlowDown</Code></Error>"
    with failing_server(503, body) as server:
        with pytest.raises(Unavailable) as refused:
            await tried(BucketStore(server.bucket, KEY, SECRET), tmp_path, verb)
        assert len(server.asked) == 1 + RETRIES_MAX
    assert refused.value.details["reason"] == "the bucket answers SlowDown"


async def test_a_web_server_that_is_no_bucket_takes_nothing(tmp_path: Path) -> None:
    """It has never heard of our file, nor does it take one: that is no success."""
    with failing_server(404, b"<html>Not here</html>") as server:
        store = BucketStore(server.bucket, KEY, SECRET)
        with pytest.raises(Unavailable):
            await keep(store, tmp_path)
        assert await store.find("media", NAME) is None


async def test_a_server_that_sends_less_than_it_was_asked_for_is_told(tmp_path: Path) -> None:
    with failing_server(200, b"a page of somebody's") as server:
        store = BucketStore(server.bucket, KEY, SECRET)
        with pytest.raises(Unavailable):
            await store.find("media", NAME)


async def test_only_our_own_settings_say_who_is_asked_and_with_what_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_SECRET_ACCESS_KEY": "theirs",
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_REGION": "mars-1",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with failing_server(403) as server:
        with pytest.raises(Unavailable):
            await keep(BucketStore(server.bucket, KEY, SECRET), tmp_path)
        (asked,) = server.asked
    assert f"Credential={KEY}/" in asked["authorization"]
    assert "/us-east-1/s3/" in asked["authorization"]
    assert "x-amz-security-token" not in asked
    assert SECRET not in str(asked)


async def test_an_upload_that_is_given_up_leaves_no_file(
    store: BucketStore, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(LARGE)
    uploading = asyncio.create_task(store.insert("media", NAME, source))
    await asyncio.sleep(0)
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert await store.find("media", NAME) is None
