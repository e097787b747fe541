"""The store in a bucket of a server that speaks S3, through obstore.

This module is imported where such a bucket is set and nowhere else: obstore costs start time and
memory. Keys are the places that files have on disk, below the bucket's prefix. Nothing here looks
at AWS_* variables for what our own settings say.

No request waits for a client of ours: a file goes out in windows, each of them one request that
is read to its end at once, so a slow reader holds no connection to the bucket open. A failure is
told by S3's own word for it and never by its text, which may quote anything.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from stonechat.blobs import files
from stonechat.blobs.buckets import Bucket
from stonechat.blobs.store import (
    CHUNK_BYTES_MAX,
    SHELVES,
    Blob,
    ensure_size,
    find_place,
    get_place,
    refuse,
)
from stonechat.kernel.errors import NotFound, Unavailable

CONNECT_S_MAX: Final = 3
REQUEST_S_MAX: Final = 30
"""For one try of one request; the slowest is a part of an upload."""
RETRIES_MAX: Final = 2
RETRY_S_MAX: Final = 20
ANSWER_S_MAX: Final = 15
"""For everything but uploads, with all its tries: somebody is waiting."""
UPLOAD_S_MAX: Final = 300
PART_BYTES: Final = 8 * 1024 * 1024
"""What is longer goes up in parts, of which memory holds PARTS_AT_ONCE."""
PARTS_AT_ONCE: Final = 2
WINDOW_BYTES: Final = 1024 * 1024
FETCH_WINDOW_BYTES: Final = 8 * 1024 * 1024
PAGE_KEYS: Final = 1000

_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
_SENTENCES: Final = {
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "the bucket refuses the key",
    "InvalidAccessKeyId": "the bucket does not know the key",
    "SignatureDoesNotMatch": "the secret is not that of the key",
}


class BucketStore:
    """Files in a bucket."""

    def __init__(self, bucket: Bucket, key: str, secret: str) -> None:
        self._client = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config={
                "endpoint": bucket.endpoint,
                "aws_endpoint_url_s3": bucket.endpoint,
                "region": bucket.region,
                "virtual_hosted_style_request": False,
                "skip_signature": False,
                # Not every server knows how to delete many at once, and we delete one.
                "disable_bulk_delete": True,
            },
            credential_provider=lambda: {
                "access_key_id": key,
                "secret_access_key": secret,
                "token": None,
                "expires_at": None,
            },
            client_options={
                "allow_http": bucket.is_plain_http,
                "allow_invalid_certificates": False,
                "connect_timeout": timedelta(seconds=CONNECT_S_MAX),
                "timeout": timedelta(seconds=REQUEST_S_MAX),
            },
            retry_config={
                "max_retries": RETRIES_MAX,
                "retry_timeout": timedelta(seconds=RETRY_S_MAX),
            },
        )

    async def insert(self, shelf: str, name: str, source: Path) -> None:
        """Keep a copy of the file `source`, which is left alone."""
        place = get_place(shelf, name)
        ensure_size((await asyncio.to_thread(source.stat)).st_size)
        try:
            async with _bounded(UPLOAD_S_MAX):
                await obstore.put_async(
                    self._client,
                    place,
                    source,
                    chunk_size=PART_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )
        except FileNotFoundError as error:
            raise refuse("the bucket takes no file") from error

    async def find(self, shelf: str, name: str) -> Blob | None:
        """A file by its name, whatever somebody may have sent as a name."""
        place = find_place(shelf, name)
        if place is None:
            return None
        try:
            async with _bounded(ANSWER_S_MAX):
                return await self._find(place)
        except FileNotFoundError:
            return None

    async def fetch(self, shelf: str, name: str, target: Path) -> bool:
        """Copy a file to `target`; whether there is such a file."""
        blob = await self.find(shelf, name)
        if blob is None:
            return False
        chunks = self._read(get_place(shelf, name), FETCH_WINDOW_BYTES, 0, blob.size_bytes)
        try:
            with files.making(target) as writing:
                async for chunk in chunks:
                    await asyncio.to_thread(writing.write, chunk)
        except NotFound:
            return False
        except OSError as error:
            raise refuse(error.strerror or type(error).__name__) from error
        return True

    async def delete(self, shelf: str, name: str) -> None:
        """Take a file away, if it is there."""
        place = find_place(shelf, name)
        if place is None:
            return
        try:
            async with _bounded(ANSWER_S_MAX):
                await obstore.delete_async(self._client, place)
        except FileNotFoundError:
            return

    async def list_names(self, shelf: str) -> AsyncGenerator[str]:
        """Every file on a shelf, a page at a time."""
        assert shelf in SHELVES
        pages = self._client.list(shelf, chunk_size=PAGE_KEYS)  # pyright: ignore[reportUnknownMemberType] - another overload is for a package that is not here
        while True:
            async with _bounded(ANSWER_S_MAX):
                page = await anext(pages, None)
            if page is None:
                return
            for each in page:
                name = each["path"].rpartition("/")[2]
                if find_place(shelf, name) == each["path"]:
                    yield name

    async def close(self) -> None:
        """Nothing is held open but idle connections, which end with this object."""

    async def _find(self, place: str) -> Blob:
        # The first bytes come along: that is the whole of nearly every picture.
        rest = partial(self._read, place, WINDOW_BYTES)
        try:
            found = await obstore.get_async(
                self._client, place, options={"range": (0, CHUNK_BYTES_MAX)}
            )
            return Blob(found.meta["size"], bytes(await found.bytes_async()), rest)
        except BaseError as error:
            if _code(error) == "InvalidRange":
                # An empty file has no first bytes.
                return Blob(0, b"", rest)
            raise

    async def _read(
        self, place: str, window_bytes: int, start: int, end: int
    ) -> AsyncGenerator[bytes]:
        while start < end:
            stop = min(start + window_bytes, end)
            try:
                async with _bounded(ANSWER_S_MAX):
                    piece = memoryview(
                        await obstore.get_range_async(self._client, place, start=start, end=stop)
                    )
            except FileNotFoundError:
                raise NotFound from None
            if len(piece) != stop - start:
                raise refuse("a file is shorter than it was")
            for at in range(0, len(piece), CHUNK_BYTES_MAX):
                yield bytes(piece[at : at + CHUNK_BYTES_MAX])
            start = stop


@asynccontextmanager
async def _bounded(seconds: float) -> AsyncGenerator[None]:
    """Requests to the bucket; FileNotFoundError is left to say that there is no such file."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise refuse("the bucket does not answer in time") from error
    except FileNotFoundError as error:
        if _code(error) == "NoSuchBucket":
            raise _refusal(error) from error
        raise
    except BaseError as error:
        raise _refusal(error) from error


def _code(error: Exception) -> str | None:
    """S3's own word for what went wrong."""
    found = _CODE.search(str(error))
    return None if found is None else found[1]


def _refusal(error: Exception) -> Unavailable:
    code = _code(error)
    if code is None:
        return refuse("the bucket does not answer")
    return refuse(_SENTENCES.get(code, f"the bucket answers {code}"))
