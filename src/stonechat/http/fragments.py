"""Fragments: rendered JSON, kept by id and checked by version.

The version is read in the same statement as everything else about the request, so a fragment
that is not the current one is simply a miss: nothing is ever invalidated, in no process. The
cache has two generations: when the young one is full it becomes the old one, and what is still
asked for moves back. That costs one dictionary look-up, where a true LRU costs a list.
"""

from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T", bound=object)

_ENTRY_BYTES: Final = 500
"""What an entry takes besides its words, about."""


class Fragments(Generic[T]):
    """A cache of rendered things by id and version, bounded in bytes."""

    __slots__ = (
        "_generation_bytes_max",
        "_old",
        "_weigh",
        "_young",
        "_young_bytes",
        "hits",
        "misses",
    )

    def __init__(self, size_mb: int, weigh: Callable[[T], int]) -> None:
        """`size_mb` 0 keeps nothing; `weigh` gives the bytes of a fragment's words."""
        self._generation_bytes_max = size_mb * 1024 * 1024 // 2
        self._weigh = weigh
        self._young: dict[int, tuple[int, T]] = {}
        self._young_bytes = 0
        self._old: dict[int, tuple[int, T]] = {}
        self.hits = 0
        self.misses = 0

    def find_all(self, wanted: Iterable[tuple[int, int]]) -> tuple[dict[int, T], list[int]]:
        """The fragments of these keys and versions, and the keys that are missing."""
        found: dict[int, T] = {}
        missing: list[int] = []
        young, hits = self._young, self.hits
        for key, version in wanted:
            entry = young.get(key)
            if entry is not None and entry[0] == version:
                found[key] = entry[1]
                hits += 1
                continue
            fragment = self._find_old(key, version)
            if fragment is None:
                missing.append(key)
            else:
                found[key] = fragment
                hits += 1
        self.hits = hits
        self.misses += len(missing)
        return found, missing

    def _find_old(self, key: int, version: int) -> T | None:
        entry = self._old.get(key)
        if entry is None or entry[0] != version:
            return None
        self._keep(key, entry)
        return entry[1]

    def put(self, key: int, version: int, fragment: T) -> None:
        """Keep a fragment; an older version of it is replaced."""
        self._keep(key, (version, fragment))

    def _keep(self, key: int, entry: tuple[int, T]) -> None:
        size_bytes = self._weigh(entry[1]) + _ENTRY_BYTES
        if self._young_bytes + size_bytes > self._generation_bytes_max:
            if size_bytes > self._generation_bytes_max:
                return
            self._old, self._young, self._young_bytes = self._young, {}, 0
        self._young[key] = entry
        self._young_bytes += size_bytes
