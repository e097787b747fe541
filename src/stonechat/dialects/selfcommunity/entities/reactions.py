"""Reaction: one way of voting, as votes and the list of all show it."""

import msgspec

from stonechat.domain.reactions import Reaction as Facts


class Reaction(msgspec.Struct, frozen=True):
    """The vendor's Reaction. The one with the id 1 is what a vote is that names none."""

    id: int
    label: str
    sentiment: int
    image: str
    active: bool


def present_reaction(reaction: Facts, base_url: str) -> Reaction:
    """A reaction on the wire. All of ours are active."""
    image = f"{base_url}/static/{reaction.picture}"
    return Reaction(reaction.id, reaction.label, reaction.sentiment, image, active=True)
