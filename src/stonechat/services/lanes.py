"""Lanes: which jobs may hold up which.

A runner works on several jobs at once, and each lane has places of its own: ten videos that take
minutes leave a scheduled status its place. Which kind goes in which lane is said in
services/consequences.py. A newcomer gives a lane many places because its jobs "only wait": each
of them may still hold a connection to the database that a request wants.
"""

from typing import Final, NamedTuple


class Lane(NamedTuple):
    """So many jobs of these kinds at once in one process."""

    name: str
    places: int


PROMPT: Final = Lane("prompt", 8)
"""What takes milliseconds and is waited for; every kind that is not said to be elsewhere."""
PAGES: Final = Lane("pages", 4)
"""What waits for other people's servers."""
HOOKS: Final = Lane("hooks", 8)
"""What waits for receivers of webhooks: some of them are slow, and some never answer."""
SPEECH: Final = Lane("speech", 1)
"""What beacons say and are told by statuses: one after the other, in the order of its causes."""
NEWS: Final = Lane("news", 1)
"""What tells very many people, one thing after the other."""
DEPARTURES: Final = Lane("departures", 1)
"""What takes away all that somebody said: thousands of transactions."""
MEDIA: Final = Lane("media", 2)
"""What keeps a processor busy."""
