"""Uploading over the wire: a multipart form with a file, as apps send it."""

import secrets
from typing import Any

from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.pictures import animated, plain

V1 = "/api/v1/media"
V2 = "/api/v2/media"
BROKEN = b"\x1a\x45\xdf\xa3" + b"\0" * 500
"""It begins as a film, and is none."""


def multipart(fields: dict[str, str], files: dict[str, bytes]) -> dict[str, Any]:
    """The body and the header of a form; what the files are called says nothing."""
    boundary = secrets.token_hex(8)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in files.items()
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return {"body": body, "headers": headers}


async def send(
    api: Api, who: Person | str | None, content: bytes, path: str = "/api/v2/media", **fields: str
) -> Reply:
    """Upload something; whatever comes of it."""
    return await api.post(path, who, **multipart(fields, {"file": content}))


async def picture(api: Api, who: Person, **fields: str) -> str:
    """Upload a picture; its id."""
    reply = await send(api, who, plain(), **fields)
    assert reply.status == 200, reply.body
    return reply.json["id"]


async def film(api: Api, who: Person, **fields: str) -> Reply:
    """Upload something that takes its time."""
    return await send(api, who, animated("GIF", 3), **fields)


async def ready_film(
    api: Api, who: Person, content: bytes | None = None, **fields: str
) -> dict[str, Any]:
    """Upload something that takes its time, and wait for it; the attachment."""
    begun = await send(api, who, content or animated("GIF", 3), **fields)
    assert begun.status == 202, begun.body
    await run_jobs(api)
    reply = await api.get(f"{V1}/{begun.json['id']}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def stored(api: Api, shelf: str = "media") -> set[str]:
    """What lies on a shelf."""
    return {name async for name in api.env.blobs.list_names(shelf)}
