"""Categories: names made of names, and a tree without circles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.domain import limits
from stonechat.domain.categories import derive_slug, derive_tag, ensure_tree
from stonechat.domain.ids import CategoryId
from stonechat.domain.text.tags import normalise_tag
from stonechat.kernel.errors import InvalidInput

ROOMS = [CategoryId(number) for number in range(1, 8)]


@given(st.text(max_size=200), st.sets(st.sampled_from(["a", "a-2", "category", "category-2"])))
@settings(max_examples=50)
def test_whatever_a_name_is_a_slug_and_a_hashtag_can_be_made_of_it(
    name: str, taken: set[str]
) -> None:
    slug = derive_slug(name, taken)
    assert slug not in taken
    assert slug.isascii()
    assert 0 < len(slug) <= limits.CATEGORY_SLUG_CHARACTERS_MAX
    tag = derive_tag(slug, {"a", "category"}, CategoryId(7))
    assert normalise_tag(tag) == tag
    assert tag not in {"a", "category"}


@pytest.mark.parametrize(
    ("slug", "tag"),
    [("bread-news", "breadnews"), ("News", "news2"), ("2024", "c7"), ("---", "c7"), ("a_b", "a_b")],
)
def test_the_hashtag_of_a_slug(slug: str, tag: str) -> None:
    assert derive_tag(slug, {"news"}, CategoryId(7)) == tag


@given(st.lists(st.tuples(st.sampled_from(ROOMS), st.sampled_from(ROOMS)), max_size=20))
@settings(max_examples=50)
def test_ties_that_are_taken_one_by_one_never_close_a_circle(
    ties: list[tuple[CategoryId, CategoryId]],
) -> None:
    parents: dict[CategoryId, set[CategoryId]] = {}
    for child, parent in ties:
        wanted = {**parents, child: parents.get(child, set()) | {parent}}
        try:
            ensure_tree(wanted, child)
        except InvalidInput:
            # It was refused for a reason: the child is above the parent, or is the parent.
            assert child == parent or child in _above(parents, parent)
        else:
            parents = wanted
            assert not any(each in _above(parents, each) for each in ROOMS)


def _above(parents: dict[CategoryId, set[CategoryId]], start: CategoryId) -> set[CategoryId]:
    found: set[CategoryId] = set()
    waiting = [start]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
