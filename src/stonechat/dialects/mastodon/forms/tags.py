"""The parameters of a tag's timeline."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.tags import TagChoice, read_tag
from stonechat.http.parameters import Parameters

KEPT: Final = ("local", "remote", "only_media", "any", "all", "none")
"""What the links of a page repeat."""
_NO_TAG: Final = ""
"""Stands for a text that is no tag: no status carries it, so it is simply not found."""


def _read_name(text: str) -> str:
    tag = read_tag(text)
    return _NO_TAG if tag is None else tag.name


def _read_names(parameters: Parameters, field: str) -> tuple[str, ...]:
    given = parameters.texts(field)[: limits.TAGS_PER_TIMELINE_MAX]
    return tuple(dict.fromkeys(_read_name(text) for text in given))


def read_choice(name: str, parameters: Parameters) -> TagChoice:
    """Which tags are asked for; of each list the first few count."""
    tag = _read_name(name)
    return TagChoice(
        tag,
        tuple(each for each in _read_names(parameters, "any") if each != tag),
        _read_names(parameters, "all"),
        _read_names(parameters, "none"),
    )
