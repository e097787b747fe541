"""The cache of rendered things: what it finds, and what it takes."""

from stonechat.http.fragments import Fragments

MEGABYTE = 1024 * 1024


def test_only_the_current_version_is_found() -> None:
    kept: Fragments[bytes] = Fragments(1, len)
    kept.put(1, 1, b"old")
    kept.put(1, 2, b"new")
    assert kept.find_all([(1, 1)]) == ({}, [1])
    assert kept.find_all([(1, 2), (3, 1)]) == ({1: b"new"}, [3])
    assert (kept.hits, kept.misses) == (1, 2)


def test_it_is_bounded_in_bytes_and_not_in_entries() -> None:
    kept: Fragments[bytes] = Fragments(1, len)
    large = bytes(100_000)
    for key in range(100):
        kept.put(key, 1, large)
    found, _ = kept.find_all([(key, 1) for key in range(100)])
    assert 1 <= len(found) <= MEGABYTE // len(large)
    assert 99 in found


def test_what_is_asked_for_outlives_a_flood_of_others() -> None:
    kept: Fragments[bytes] = Fragments(1, len)
    kept.put(0, 1, b"asked for")
    for key in range(1, 20_000):
        kept.put(key, 1, b"once")
        if key % 100 == 0:
            assert kept.find_all([(0, 1)])[0] == {0: b"asked for"}


def test_what_is_larger_than_the_cache_and_a_cache_of_nothing() -> None:
    small: Fragments[bytes] = Fragments(1, len)
    small.put(1, 1, bytes(MEGABYTE))
    nothing: Fragments[bytes] = Fragments(0, len)
    nothing.put(1, 1, b"x")
    assert small.find_all([(1, 1)])[1] == nothing.find_all([(1, 1)])[1] == [1]
