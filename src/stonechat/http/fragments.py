"""Fragments: rendered JSON, kept by id and checked by version.

The version is read in the same statement as everything else about the request, so a fragment
that is not the current one is simply a miss: nothing is ever invalidated, in no process. The
cache has two generations: when the young one is full it becomes the old one, and what is still
asked for moves back. That costs one dictionary look-up, where a true LRU costs a list.
"""

from typing import Final, Generic, TypeVar

T = TypeVar("T", bound=object)

_FRAGMENT_BYTES: Final = 1500
"""What a rendered status takes, about; the cache is bounded in entries by it."""


class Fragments(Generic[T]):
    """A bounded cache of rendered things by id and version."""

    __slots__ = ("_capacity", "_old", "_young", "hits", "misses")

    def __init__(self, size_mb: int) -> None:
        """`size_mb` 0 keeps nothing."""
        self._capacity = size_mb * 1024 * 1024 // _FRAGMENT_BYTES // 2
        self._young: dict[int, tuple[int, T]] = {}
        self._old: dict[int, tuple[int, T]] = {}
        self.hits = 0
        self.misses = 0

    def find(self, key: int, version: int) -> T | None:
        """The fragment of this very version, or None."""
        entry = self._young.get(key)
        if entry is None:
            entry = self._old.get(key)
            if entry is not None and entry[0] == version:
                self._keep(key, entry)
        if entry is None or entry[0] != version:
            self.misses += 1
            return None
        self.hits += 1
        return entry[1]

    def put(self, key: int, version: int, fragment: T) -> None:
        """Keep a fragment; an older version of it is replaced."""
        self._keep(key, (version, fragment))

    def _keep(self, key: int, entry: tuple[int, T]) -> None:
        if len(self._young) >= self._capacity:
            if self._capacity == 0:
                return
            self._old, self._young = self._young, {}
        self._young[key] = entry
