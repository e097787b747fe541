"""Beacons: the bounds of each part, ids and addresses, rights."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.domain.beacons import (
    OWNER,
    SECRET_ALPHABET,
    SHARE_ALPHABET,
    SUBSCRIBER,
    UPDATER,
    Beacon,
    BeaconForm,
    BeaconView,
    NewIds,
    Preset,
    apply_form,
    check_form,
    check_key,
    ensure_role,
    has_link,
    id_to_number,
    make_beacon,
    number_to_id,
    read_address,
    read_name,
    read_status_id,
    read_value,
)
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound

IDS = NewIds(BeaconId("7v7x3e"), "abcdefghijkmnop")
FAMILY = "👨‍👩‍👧‍👦"


def beacon(**parts: object) -> Beacon:
    form = check_form(BeaconForm(name="Bakery", value="open"))
    return replace(make_beacon(IDS, AccountId(1), form, 1_000_000), **parts)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("open", "OPEN"),
        ("  12:30 ", "12:30"),
        ("🔴", "🔴"),
        ("straße", "STRASSE"),
        ("ﬁve", "FIVE"),
        # Without regard to any language: no dot is added, and none is lost.
        ("i", "I"),
        (FAMILY * 5, FAMILY * 5),
        ("<script>", "<SCRIPT>"),
        ("שלום", "שלום"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ],
)
def test_s071_values_are_upper_cased_by_one_rule(text: str, value: str) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "eleven char",
        # Ten letters before they are made upper case, eleven after.
        "ßaaaaaaaaa",
        "x" * 10_240,
        "a\nb",
        "a\tb",
        "a\0b",
        "\ud800",
        "a\u202eb",
        "\u200b",
        "\u200d\u200d",
        "\ufe0f",
        "\u200f",
        "open \u200d",
        "a\u0085b",
        "\ufffe",
        "a\U000e0041",
        # Ten graphemes, and a thousand marks on one of them.
        "a" + "\u0301" * 1000,
    ],
)
def test_s071_s091_what_is_no_value(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_value(text)
    assert refusal.value.field == "value"


@settings(max_examples=50)
@given(st.integers(0, 60))
def test_s084_names_have_3_to_42_graphemes(length: int) -> None:
    for letter in ("x", "👩🏽‍🚀"):
        text = letter * length
        if 3 <= length <= 42 and len(text) <= 210:
            assert read_name(text) == text
        else:
            with pytest.raises(InvalidInput):
                read_name(text)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (BeaconForm(color_no=0), "colorNo"),
        (BeaconForm(color_no=13), "colorNo"),
        (BeaconForm(type="number"), "type"),
        (BeaconForm(access="owner"), "accessType"),
        (BeaconForm(users_access="owners"), "accessTypeUserList"),
        (BeaconForm(history_access=""), "accessTypeHistory"),
        (BeaconForm(announces="direct"), "announce"),
        (BeaconForm(description="x" * 401), "description"),
        (BeaconForm(stale_after_s=59), "staleAfter"),
        (BeaconForm(presets=(Preset("x" * 11),)), "presets"),
        (BeaconForm(presets=(Preset("x", 13),)), "presets"),
        (BeaconForm(presets=(Preset("x"),) * 13), "presets"),
        (BeaconForm(presets=(Preset("a", 1), Preset("A", 2))), "presets"),
        (BeaconForm(), None),
    ],
)
def test_a_form_names_the_part_that_is_wrong(form: BeaconForm, field: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_form(form)
    assert refusal.value.field == field


@pytest.mark.parametrize("missing", ["name", "value"])
def test_a_new_beacon_has_a_name_and_a_value(missing: str) -> None:
    form = replace(BeaconForm(name="Bakery", value="OPEN"), **{missing: None})
    with pytest.raises(InvalidInput) as refusal:
        make_beacon(IDS, AccountId(1), form, 1)
    assert refusal.value.field == missing


def test_a_new_beacon_gives_nothing_away() -> None:
    made = beacon()
    assert (made.access, made.users_access, made.history_access) == ("private", "owner", "private")
    assert (made.announces, made.hears_answers, made.changes, made.color_no) == (None, False, 1, 1)


def test_the_same_value_again_is_a_change_and_a_rename_is_none() -> None:
    made = beacon()
    confirmed = apply_form(made, BeaconForm(value="OPEN"), 2_000_000)
    assert (confirmed.changes, confirmed.changed_ms, confirmed.version) == (2, 2_000_000, 2)
    renamed = apply_form(confirmed, BeaconForm(name="Baker"), 3_000_000)
    assert (renamed.changes, renamed.changed_ms, renamed.version) == (2, 2_000_000, 3)


def test_nobody_confirmed_it_for_too_long() -> None:
    made = beacon(stale_after_s=60)
    assert made.shown_value(1_000_000 + 59_999) == "OPEN"
    assert made.shown_value(1_000_000 + 60_000) == "?"
    assert beacon().shown_value(10**15) == "OPEN"


@given(st.text(SHARE_ALPHABET, min_size=6, max_size=6))
def test_an_id_is_a_number_and_back(text: str) -> None:
    number = id_to_number(BeaconId(text))
    assert 0 <= number < 2**53
    assert number_to_id(number) == text


def test_addresses_and_status_ids() -> None:
    secret = SECRET_ALPHABET[:22]
    assert read_address("7v7x3e") == ("7v7x3e", None)
    assert read_address(f"7v7x3e-{secret}") == ("7v7x3e", secret)
    assert read_status_id("7v7x3eabcdefghijkmnop") == ("7v7x3e", "abcdefghijkmnop")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "7v7x3",
        "7V7X3E",
        "7v7x3e1",
        "7v7x3e-",
        "7v7x3e-short",
        "\uff17v7x3e",
        "7v7x3e\n",
    ],
)
def test_s081_what_names_no_beacon(text: str) -> None:
    for read in (read_address, read_status_id):
        with pytest.raises(NotFound):
            read(text)


@pytest.mark.parametrize("key", ["order-8812", "a", "x" * 128, "A_b.c:d~e"])
def test_keys(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "a/b", "ä", "a\n"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(InvalidInput):
        check_key(key)


def test_links_in_descriptions() -> None:
    for text in ("see https://x.example", "www.example.org", "go to example.org/menu"):
        assert has_link(text), text
    for text in ("open 9.30-18.00", "a. b/c", "ring at no. 5/6"):
        assert not has_link(text), text


@pytest.mark.parametrize(
    ("role", "access", "error"),
    [
        (OWNER, "private", None),
        (UPDATER, "private", NotAllowed),
        (SUBSCRIBER, "public", NotAllowed),
        (None, "public", NotAllowed),
        (None, "private", NotFound),
    ],
)
def test_s065_s069_rights(role: str | None, access: str, error: type[Exception] | None) -> None:
    view = BeaconView(beacon(access=access), role)
    if error is None:
        assert ensure_role(view, OWNER) is view
        return
    with pytest.raises(error):
        ensure_role(view, OWNER)


def test_who_sees_a_list() -> None:
    shown = {
        role: [access for access in ("public", "private", "owner") if view.may(access)]
        for role in (OWNER, UPDATER, SUBSCRIBER, None)
        for view in [BeaconView(beacon(), role)]
    }
    assert shown == {
        OWNER: ["public", "private", "owner"],
        UPDATER: ["public", "private"],
        SUBSCRIBER: ["public", "private"],
        None: ["public"],
    }
