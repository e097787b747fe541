"""Uploading over the wire: a multipart form with a file, as apps send it."""

import secrets
from typing import Any

from tests.contract.api import Api, Person, Reply
from tests.pictures import plain


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
