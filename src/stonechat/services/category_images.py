"""Images of categories: made in their sizes before the transaction, thrown away after it.

The image is cut to a square and kept once for every size; the emotional image, which fills the
head of a category's page, is kept once. What a store that fails leaves behind is only a file.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

import structlog

from stonechat.blobs import pictures
from stonechat.domain import limits
from stonechat.domain.categories import EMOTIONAL_IMAGE_SIDES, IMAGE_SIDES, refuse
from stonechat.kernel.errors import StonechatError, Unavailable
from stonechat.services.env import Env

IMAGE: Final = "image_original"
EMOTIONAL: Final = "emotional_image_original"
FIELDS: Final = (IMAGE, EMOTIONAL)
"""The images that may come, by the names that they have in complaints."""

_log: Final = structlog.stdlib.get_logger()


async def insert(env: Env, uploads: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Keep new images; the names of their files. InvalidInput where one is no picture."""
    for field, content in uploads.items():
        if len(content) > limits.PICTURE_BYTES_MAX:
            raise refuse(field, "is too large (maximum is 8 MB)")
    kept: dict[str, tuple[str, ...]] = {}
    try:
        if IMAGE in uploads:
            kept[IMAGE] = await _insert_sizes(env, uploads[IMAGE])
        if EMOTIONAL in uploads:
            content = uploads[EMOTIONAL]
            kept[EMOTIONAL] = (await _insert_one(env, EMOTIONAL, content, EMOTIONAL_IMAGE_SIDES),)
    except StonechatError:
        await delete(env, [name for names in kept.values() for name in names])
        raise
    return kept


async def _insert_sizes(env: Env, content: bytes) -> tuple[str, ...]:
    """The largest size is made of what came, the others of the largest: that is quicker."""
    largest = await _insert_one(env, IMAGE, content, (IMAGE_SIDES[0], IMAGE_SIDES[0]))
    made: list[str | BaseException] = [largest]
    blob = await env.blobs.find(pictures.SHELF, largest)
    if blob is None:
        raise Unavailable
    plain = await blob.read_all()
    smaller = (_insert_one(env, IMAGE, plain, (side, side)) for side in IMAGE_SIDES[1:])
    made += await asyncio.gather(*smaller, return_exceptions=True)
    names = tuple(each for each in made if isinstance(each, str))
    for each in made:
        if isinstance(each, BaseException):
            await delete(env, names)
            raise each
    return names


async def _insert_one(env: Env, field: str, content: bytes, sides: tuple[int, int]) -> str:
    shape = pictures.Shape(*sides, limits.PICTURE_PIXELS_MAX)
    name = await pictures.insert(env.blobs, env.settings.data_dir, content, shape)
    if name is None:
        raise refuse(field, "is not a picture that can be read")
    return name


async def delete(env: Env, names: Iterable[str]) -> None:
    """Throw files away that nothing names any more."""
    for name in names:
        try:
            await env.blobs.delete(pictures.SHELF, name)
        except Unavailable:
            _log.warning("picture.left_behind", file=name)
