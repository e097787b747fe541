"""Reactions: the ways in which somebody can say what they think of a status by one tap.

The set is fixed: their ids are in votes. The first one is the favourite of the other
dialects. What is switched off in a later release stays here, as votes with it stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Reaction:
    """One of them. `picture` is a static file; `sentiment` is above zero where it is kind."""

    id: int
    label: str
    sentiment: int
    picture: str


DEFAULT: Final = 1
REACTIONS: Final[Mapping[int, Reaction]] = MappingProxyType(
    {
        each.id: each
        for each in (
            Reaction(DEFAULT, "Like", 1, "reaction-like.svg"),
            Reaction(2, "Love", 2, "reaction-love.svg"),
            Reaction(3, "Insightful", 1, "reaction-insightful.svg"),
            Reaction(4, "Funny", 1, "reaction-funny.svg"),
            Reaction(5, "Sad", -1, "reaction-sad.svg"),
            Reaction(6, "Angry", -2, "reaction-angry.svg"),
        )
    }
)
