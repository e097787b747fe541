"""Media over the wire, as the vendor's client makes them: of addresses, and of files in pieces."""

import hashlib
from typing import Any

from tests.contract.api import Api, Person, Reply
from tests.contract.uploads import multipart

CHUNK = "/api/v2/media/upload/chunk/"
COMPLETE = "/api/v2/media/upload/complete/"
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


async def chunk(
    api: Api,
    who: Person,
    content: bytes,
    stretch: str,
    *,
    upload_id: str | None = None,
    field: str = "image",
    name: str | None = None,
) -> Reply:
    """Send one piece with a Content-Range."""
    sent = multipart({} if upload_id is None else {"upload_id": upload_id}, {field: content})
    if name is not None:
        sent["body"] = sent["body"].replace(b'filename="x"', b'filename="' + name.encode() + b'"')
    sent["headers"]["Content-Range"] = stretch
    return await api.post(CHUNK, who, **sent)


async def send_pieces(
    api: Api, who: Person, content: bytes, size: int = 204_800, *, name: str = "x"
) -> str:
    """Send a file in pieces; the upload's id."""
    upload_id = None
    for start in range(0, len(content), size):
        piece = content[start : start + size]
        stretch = f"bytes {start}-{start + len(piece) - 1}/{len(content)}"
        reply = await chunk(api, who, piece, stretch, upload_id=upload_id, name=name)
        assert reply.status == 201, reply.body
        upload_id = reply.json["upload_id"]
    assert upload_id is not None
    return upload_id


async def complete(api: Api, who: Person, upload_id: str, content: bytes, **fields: Any) -> Reply:
    """Say that all of a file is there."""
    body = {"upload_id": upload_id, "md5": md5_of(content), **fields}
    return await api.post(COMPLETE, who, json=body)


async def uploaded(api: Api, who: Person, content: bytes, **fields: Any) -> dict[str, Any]:
    """Send a file in pieces, and the medium that it became."""
    reply = await complete(api, who, await send_pieces(api, who, content), content, **fields)
    assert reply.status == 201, reply.body
    return reply.json


MEDIA = "/api/v2/media/"
KEYS = [
    "id",
    "added_at",
    "type",
    "title",
    "description",
    "url",
    "image",
    "image_width",
    "image_height",
    "order",
    "embed",
    "image_thumbnail",
    "image_mimetype",
    "size",
    "mimetype",
]


async def make(api: Api, who: Person, **fields: Any) -> dict[str, Any]:
    reply = await api.post(MEDIA, who, json=fields)
    assert reply.status == 201, reply.body
    return reply.json


def fault(reply: Reply) -> tuple[str, str]:
    """The field and the code of the one fault."""
    (item,) = reply.json["errors"]
    field = ""
    while "messages" in item:
        field, (item,) = item["field"], item["messages"]
    return field, item["code"]


def path_of(url: str) -> str:
    return url.removeprefix("http://stonechat.test")
