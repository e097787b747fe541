"""When one account may decide something about another."""

from dataclasses import replace

import pytest

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import (
    ENDORSEMENTS_MAX,
    MUTE_SECONDS_MAX,
    Follow,
    FollowChoices,
    Pair,
    check_duration,
    check_languages,
    check_note,
    ensure_may_endorse,
    ensure_may_follow,
    ensure_other,
    ensure_present,
    ensure_room_to_follow,
    followings_max,
)
from stonechat.domain.views import RelationshipView
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound

VIEW = RelationshipView(AccountId(2))
PAIR = Pair(VIEW, "active", is_locked=False)


def seen(**facts: object) -> Pair:
    return replace(PAIR, view=replace(VIEW, **facts))  # pyright: ignore[reportArgumentType]


def test_choices_change_what_they_name() -> None:
    follow = Follow(shows_boosts=True, notifies=False, languages=("de",))
    assert follow.with_choices(FollowChoices()) == follow
    assert follow.with_choices(FollowChoices(notifies=True)) == Follow(
        notifies=True, languages=("de",)
    )
    other = FollowChoices(shows_boosts=False, languages=())
    assert follow.with_choices(other) == Follow(shows_boosts=False)


def test_the_follow_of_a_pair() -> None:
    assert PAIR.follow is None
    wanted = Follow(shows_boosts=False, notifies=True, languages=("de",))
    facts = {"shows_boosts": False, "notifies": True, "languages": ("de",)}
    assert seen(is_following=True, **facts).follow == wanted
    assert seen(is_requested=True, **facts).follow == wanted


def test_who_is_there() -> None:
    assert ensure_present(PAIR) is PAIR
    assert ensure_present(replace(PAIR, state="suspended")).state == "suspended"
    for nobody in (None, *(replace(PAIR, state=s) for s in ("deleted", "pending", "unconfirmed"))):
        with pytest.raises(NotFound):
            ensure_present(nobody)


def test_oneself() -> None:
    ensure_other(AccountId(1), AccountId(2))
    with pytest.raises(NotAllowed, match="so it is"):
        ensure_other(AccountId(1), AccountId(1), "so it is")


def test_who_may_be_followed() -> None:
    ensure_may_follow(PAIR)
    ensure_may_follow(seen(is_muting=True))
    with pytest.raises(NotFound):
        ensure_may_follow(replace(PAIR, state="suspended"))
    for fact in ("is_blocking", "is_blocked_by"):
        with pytest.raises(NotAllowed):
            ensure_may_follow(seen(**{fact: True}))


def test_how_many_may_be_followed() -> None:
    assert followings_max(0) == limits.FOLLOWINGS_MAX
    assert followings_max(20_000) == 22_000
    ensure_room_to_follow(followings=7499, followers=0)
    ensure_room_to_follow(followings=10_999, followers=10_000)
    with pytest.raises(InvalidInput, match="more than 7500 people"):
        ensure_room_to_follow(followings=7500, followers=0)
    with pytest.raises(InvalidInput, match="more than 11000 people"):
        ensure_room_to_follow(followings=11_000, followers=10_000)


def test_who_may_be_endorsed() -> None:
    ensure_may_endorse(seen(is_following=True), ENDORSEMENTS_MAX - 1)
    ensure_may_endorse(seen(is_following=True, is_endorsed=True), ENDORSEMENTS_MAX)
    with pytest.raises(InvalidInput, match="already following"):
        ensure_may_endorse(seen(is_requested=True), 0)
    with pytest.raises(InvalidInput, match="more than 500"):
        ensure_may_endorse(seen(is_following=True), ENDORSEMENTS_MAX)


def test_languages() -> None:
    assert check_languages(["DE", "de-AT", "en"]) == ("de", "en")
    assert check_languages([]) == ()
    with pytest.raises(InvalidInput):
        check_languages(["de", "klingon"])


def test_durations_and_notes() -> None:
    assert check_duration(0) == 0
    assert check_duration(MUTE_SECONDS_MAX) == MUTE_SECONDS_MAX
    for odd in (-1, MUTE_SECONDS_MAX + 1):
        with pytest.raises(InvalidInput):
            check_duration(odd)
    assert check_note("x" * 2000) == "x" * 2000
    with pytest.raises(InvalidInput) as refusal:
        check_note("x" * 2001)
    assert (refusal.value.field, refusal.value.rule) == ("comment", "too_long")
