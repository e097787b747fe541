"""Static files: the style, and the pictures that stand in for missing ones."""

import io

import pytest
from PIL import Image

from tests.contract.api import Api


@pytest.mark.parametrize(
    ("name", "size"),
    [("avatar.png", (400, 400)), ("header.png", (1500, 500)), ("icon.png", (128, 128))],
)
async def test_the_pictures_are_small_and_real(
    sqlite_api: Api, name: str, size: tuple[int, int]
) -> None:
    reply = await sqlite_api.get(f"/static/{name}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["cache-control"] == "public, max-age=86400"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert len(reply.body) < 16 * 1024
    assert Image.open(io.BytesIO(reply.body)).size == size


async def test_the_style_is_a_style(sqlite_api: Api) -> None:
    reply = await sqlite_api.get("/static/style.css?v=1")
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    head = await sqlite_api.call("HEAD", "/static/style.css")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("name", ["nothing.png", "..%2Fpages.py", "%2e%2e%2fpages.py", "pages.py"])
async def test_nothing_else_is_on_the_shelf(sqlite_api: Api, name: str) -> None:
    reply = await sqlite_api.get(f"/static/{name}")
    assert reply.status == 404
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
