"""Metadata: what programs are told that show a link to a post. OpenGraph, as most of them read it.

Properties of a picture follow its address, so their order is the meaning. What is folded away on
the page is not told here either.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from stonechat.domain.media import AUDIO, IMAGE
from stonechat.web.entities.media import Exhibit, File

Property: TypeAlias = tuple[str, str | int]


def describe_media(exhibits: Iterable[Exhibit], base_url: str) -> tuple[Property, ...]:
    """The properties of some media, as names and values."""
    return tuple(found for each in exhibits for found in _describe(each, base_url))


def _describe(exhibit: Exhibit, base_url: str) -> Iterator[Property]:
    if exhibit.shown is not None:
        yield from _file("og:image", exhibit.shown, base_url)
        if exhibit.description:
            yield "og:image:alt", exhibit.description
    if exhibit.kind != IMAGE:
        name = "og:audio" if exhibit.kind == AUDIO else "og:video"
        yield from _file(name, exhibit.file, base_url)


def _file(name: str, file: File, base_url: str) -> Iterator[Property]:
    yield name, base_url + file.path
    yield f"{name}:type", file.content_type
    if file.width is not None and file.height is not None:
        yield f"{name}:width", file.width
        yield f"{name}:height", file.height
