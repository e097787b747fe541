"""What may stand on a profile."""

from collections.abc import Callable

import pytest

from stonechat.domain.profiles import (
    check_default_visibility,
    check_display_name,
    check_fields,
    check_note,
    refuse_picture,
)
from stonechat.domain.views import FieldView
from stonechat.kernel.errors import InvalidInput


@pytest.mark.parametrize("name", ["", "Anna", "x" * 30, "\N{SNOWMAN}" * 30])
def test_names_that_fit(name: str) -> None:
    assert check_display_name(name) == name


def test_a_note_is_counted_like_a_status() -> None:
    link = "https://example.org/" + "x" * 300
    for note in ("", "x" * 500, link + " " + "x" * 476, "@a@example.org " + "x" * 497):
        assert check_note(note) == note


def test_fields() -> None:
    line = FieldView("site", "https://example.org")
    empty, bare = FieldView("", ""), FieldView("name", "")
    assert check_fields([]) == ()
    assert check_fields([empty, line, empty, bare]) == (line, bare)
    assert check_fields([line] * 4 + [empty] * 9) == (line,) * 4
    assert check_fields([FieldView("x" * 255, "y" * 255)])


def test_default_visibility() -> None:
    for visibility in ("public", "unlisted", "private", "direct"):
        assert check_default_visibility(visibility) == visibility


REFUSED: dict[str, tuple[Callable[[], object], str, str, str]] = {
    "name": (
        lambda: check_display_name("x" * 31),
        "display_name",
        "too_long",
        "Display name is too long (maximum is 30 characters)",
    ),
    "note": (
        lambda: check_note("x" * 501),
        "note",
        "too_long",
        "Note character limit of 500 exceeded",
    ),
    "note in bytes": (
        lambda: check_note("a" + "\u0301" * 40_000),
        "note",
        "too_long",
        "Note character limit of 500 exceeded",
    ),
    "five lines": (
        lambda: check_fields([FieldView("a", "b")] * 5),
        "fields",
        "too_long",
        "Fields has too many entries (maximum is 4)",
    ),
    "long label": (
        lambda: check_fields([FieldView("x" * 256, "y")]),
        "fields",
        "too_long",
        "Fields is too long (maximum is 255 characters)",
    ),
    "long value": (
        lambda: check_fields([FieldView("x", "y" * 256)]),
        "fields",
        "too_long",
        "Fields is too long (maximum is 255 characters)",
    ),
    "no label": (
        lambda: check_fields([FieldView("", "y")]),
        "fields",
        "invalid",
        "Fields with a value must have a label",
    ),
    "audience": (
        lambda: check_default_visibility("everyone"),
        "source[privacy]",
        "inclusion",
        "Privacy is not included in the list",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    check, field, rule, words = REFUSED[name]
    with pytest.raises(InvalidInput) as refusal:
        check()
    assert (refusal.value.field, refusal.value.rule) == (field, rule)
    assert refusal.value.message == f"Validation failed: {words}"
    assert words.endswith(str(refusal.value.details["description"]))


def test_the_complaint_about_a_picture() -> None:
    refusal = refuse_picture("avatar", "is odd")
    assert (refusal.field, refusal.message) == ("avatar", "Validation failed: Avatar is odd")
