"""Relationships: what one account decided about another, and when it may.

Two accounts are a *pair* as one of them sees it: the viewer and the target. A follow of a locked
account is first a request, which becomes a follow only by the target's hand; choices that a
request was made with (boosts, notices, languages) go over into the follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.text.languages import normalise_language
from stonechat.domain.views import RelationshipView
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound

ABSENT_STATES: Final = frozenset({"deleted", "pending", "unconfirmed"})
"""States in which an account is nobody's business: it answers as one that does not exist."""
PRESENT_STATES: Final = frozenset({"active", "disabled"})
"""States in which an account can be found. A suspended one is neither: its shell is shown."""

FOLLOWINGS_PER_FOLLOWER: Final = 1.1
"""Whoever is followed by many may follow that many times as many."""
FOLLOW_LANGUAGES_MAX: Final = 30
ENDORSEMENTS_MAX: Final = 500
MUTE_SECONDS_MAX: Final = 10 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class FollowChoices:
    """What somebody wants of a follow. None leaves a choice as it is."""

    shows_boosts: bool | None = None
    notifies: bool | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """What a follow, or a request for one, says."""

    shows_boosts: bool = True
    notifies: bool = False
    languages: tuple[str, ...] = ()

    def with_choices(self, choices: FollowChoices) -> "Follow":
        """The same follow with what was chosen anew."""
        return Follow(
            self.shows_boosts if choices.shows_boosts is None else choices.shows_boosts,
            self.notifies if choices.notifies is None else choices.notifies,
            self.languages if choices.languages is None else choices.languages,
        )


@dataclass(frozen=True, slots=True)
class MuteAccount:
    """The order to see nothing more of an account."""

    target_id: AccountId
    hides_notifications: bool = True
    duration_s: int = 0
    """How long; 0 is until further notice."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known of a viewer and a target at one moment."""

    view: RelationshipView
    state: str
    is_locked: bool

    @property
    def follow(self) -> Follow | None:
        """The follow from viewer to target, or the request for one."""
        if not (self.view.is_following or self.view.is_requested):
            return None
        return Follow(self.view.shows_boosts, self.view.notifies, self.view.languages)


def ensure_present(pair: Pair | None) -> Pair:
    """The pair, if its target is somebody; NotFound otherwise."""
    if pair is None or pair.state in ABSENT_STATES:
        raise NotFound
    return pair


def ensure_other(viewer_id: AccountId, target_id: AccountId, message: str | None = None) -> None:
    """Nobody blocks, mutes or follows themselves."""
    if viewer_id == target_id:
        raise NotAllowed(message)


def ensure_may_follow(pair: Pair) -> None:
    """A follow may begin only where neither of the two has blocked the other."""
    if pair.state == "suspended":
        raise NotFound
    if pair.view.is_blocking or pair.view.is_blocked_by:
        raise NotAllowed


def followings_max(followers: int) -> int:
    """How many an account with so many followers may follow."""
    return max(limits.FOLLOWINGS_MAX, round(followers * FOLLOWINGS_PER_FOLLOWER))


def ensure_room_to_follow(*, followings: int, followers: int) -> None:
    """One more follow must be within the bound."""
    maximum = followings_max(followers)
    if followings >= maximum:
        raise InvalidInput(
            f"Validation failed: You cannot follow more than {maximum} people",
            rule="too_many",
        )


def ensure_may_endorse(pair: Pair, endorsed: int) -> None:
    """Only somebody whom one follows is shown on one's profile, and not too many."""
    if not pair.view.is_following:
        raise InvalidInput(
            "Validation failed: You must be already following the person you want to endorse"
        )
    if endorsed >= ENDORSEMENTS_MAX and not pair.view.is_endorsed:
        raise InvalidInput(
            f"Validation failed: You cannot endorse more than {ENDORSEMENTS_MAX} people",
            rule="too_many",
        )


def check_languages(languages: Sequence[str]) -> tuple[str, ...]:
    """The languages that a follow is narrowed to, each once; none at all is every language."""
    known = [normalise_language(language) for language in languages]
    if None in known:
        raise InvalidInput("Validation failed: Languages is invalid", field="languages")
    return tuple(dict.fromkeys(language for language in known if language))


def check_duration(duration_s: int) -> int:
    """How long a mute is to last, or InvalidInput."""
    if not 0 <= duration_s <= MUTE_SECONDS_MAX:
        raise InvalidInput(
            f"Validation failed: Duration must be between 0 and {MUTE_SECONDS_MAX} seconds",
            field="duration",
        )
    return duration_s


def check_note(comment: str) -> str:
    """A private note on an account, or InvalidInput."""
    if len(comment) > limits.ACCOUNT_NOTE_CHARACTERS_MAX:
        maximum = limits.ACCOUNT_NOTE_CHARACTERS_MAX
        raise InvalidInput(
            f"Validation failed: Comment is too long (maximum is {maximum} characters)",
            field="comment",
            rule="too_long",
        )
    return comment
