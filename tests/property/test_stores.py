"""S098, S102: whatever is asked for, a store reads nothing but files that it was given."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import SHELVES, find_place, is_name, new_name

SECRET = b"nobody may read this"
KEPT = "abcd" + "0" * 28 + ".png"
PIECES = st.sampled_from(
    ["..", ".", "/", "\\", "\0", "%2e", "ab", "cd", "media", "secret", "secret.png", KEPT, "~", ""]
)
NAMES = st.one_of(
    st.text(max_size=50),
    st.lists(PIECES, max_size=6).map("".join),
    st.from_regex(r"[0-9a-fA-F./]{30,34}\.?[a-z0-9/.]{0,6}\n?", fullmatch=True),
)
WORDS = st.one_of(st.sampled_from(SHELVES), st.text(max_size=20), st.lists(PIECES).map("".join))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one file, and secrets beside it, above it and in it."""
    folder = tmp_path_factory.mktemp("stores")
    source = folder / "source"
    source.write_bytes(b"a file")
    asyncio.run(DiskStore(folder / "data").insert("media", KEPT, source))
    for place in ("secret", "secret.png", "data/secret", "data/media/secret", KEPT, f"data/{KEPT}"):
        (folder / place).write_bytes(SECRET)
    source.write_bytes(SECRET)
    return folder


@given(shelf=WORDS, name=NAMES)
def test_nothing_is_read_or_deleted_but_what_was_kept(shelf: str, name: str, folder: Path) -> None:
    store, target = DiskStore(folder / "data"), folder / "target"

    async def ask() -> bytes | None:
        blob = await store.find(shelf, name)
        was_fetched = await store.fetch(shelf, name, target)
        assert was_fetched == (blob is not None)
        if (shelf, name) != ("media", KEPT):
            await store.delete(shelf, name)
        return None if blob is None else await blob.read_all()

    before = sorted(path for path in folder.rglob("*") if path != target)
    content = asyncio.run(ask())
    assert (content == b"a file") == ((shelf, name) == ("media", KEPT))
    assert content in (b"a file", None)
    assert sorted(path for path in folder.rglob("*") if path != target) == before


@given(shelf=WORDS, name=NAMES)
def test_a_place_is_a_file_on_its_own_shelf(shelf: str, name: str) -> None:
    place = find_place(shelf, name)
    assert (place is not None) == (shelf in SHELVES and is_name(name))
    if place is not None:
        assert Path(place).parts == (shelf, name[:2], name[2:4], name)


@given(suffix=st.from_regex(r"[a-z0-9]{2,5}", fullmatch=True))
def test_every_name_that_is_made_has_a_place_on_every_shelf(suffix: str) -> None:
    name = new_name(suffix)
    assert all(find_place(shelf, name) is not None for shelf in SHELVES)
