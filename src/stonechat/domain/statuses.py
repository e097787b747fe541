"""Statuses: what somebody says, and the rules of saying it.

`compose` turns a command and the facts around it into a status; `reword` does the same for an
edit. Both are pure: whom a mention means and which status is answered was looked up before.
A boost is a status too (it has an id, a place in time and an author), with nothing of its own
in it but `boost_of_id`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, AppId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.text.counting import count_characters
from stonechat.domain.text.markup import MentionTarget, render_status
from stonechat.domain.text.mentions import Handle, hashtags
from stonechat.domain.views import Byline, MentionView, StatusView
from stonechat.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PostStatus:
    """The order to say something. Absent choices (None) fall back to the author's defaults."""

    text: str
    spoiler: str = ""
    in_reply_to_id: StatusId | None = None
    visibility: Visibility | None = None
    is_sensitive: bool | None = None
    language: str | None = None
    allowed_mentions: tuple[AccountId, ...] | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class EditStatus:
    """The order to put a status in other words. None leaves a part as it is."""

    status_id: StatusId
    text: str | None
    spoiler: str | None
    is_sensitive: bool | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """A status as it is kept."""

    id: StatusId
    account_id: AccountId
    thread_id: int
    visibility: int
    kind: str = "status"
    in_reply_to_id: StatusId | None = None
    in_reply_to_account_id: AccountId | None = None
    is_parent_gone: bool = False
    boost_of_id: StatusId | None = None
    is_sensitive: bool = False
    spoiler: str = ""
    text: str = ""
    content: str = ""
    language: str | None = None
    app_id: AppId | None = None
    mentions: tuple[MentionView, ...] = ()
    tags: tuple[str, ...] = ()
    edited_ms: int | None = None
    deleted_ms: int | None = None
    pinned_ms: int | None = None
    replies: int = 0
    boosts: int = 0
    favourites: int = 0
    version: int = 1

    def reworded(self, draft: "Draft") -> "Status":
        """The same status in the words of a draft."""
        return replace(
            self,
            text=draft.text,
            spoiler=draft.spoiler,
            content=draft.content,
            is_sensitive=draft.is_sensitive,
            language=draft.language,
            mentions=draft.mentions,
            tags=draft.tags,
        )

    @property
    def counts_as_reply(self) -> bool:
        """Whether others may know of this answer by the counter of what it answers.

        A private or direct answer is not counted: the number would tell of it.
        """
        return self.in_reply_to_id is not None and self.visibility <= Visibility.UNLISTED


def view_status(status: Status, byline: Byline) -> StatusView:
    """A status as everybody sees it. What it answered is not shown when that is gone."""
    is_orphan = status.is_parent_gone
    return StatusView(
        id=status.id,
        account_id=status.account_id,
        username=byline.username,
        kind=status.kind,
        in_reply_to_id=None if is_orphan else status.in_reply_to_id,
        in_reply_to_account_id=None if is_orphan else status.in_reply_to_account_id,
        boost_of_id=status.boost_of_id,
        visibility=status.visibility,
        is_sensitive=status.is_sensitive,
        spoiler=status.spoiler,
        text=status.text,
        content=status.content,
        language=status.language,
        app_name=byline.app_name,
        app_website=byline.app_website,
        mentions=status.mentions,
        tags=status.tags,
        edited_ms=status.edited_ms,
        replies=status.replies,
        boosts=status.boosts,
        favourites=status.favourites,
        version=status.version,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Words that were checked and rendered."""

    text: str
    spoiler: str
    content: str
    is_sensitive: bool
    language: str | None
    mentions: tuple[MentionView, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """What composing needs to know of the author."""

    id: AccountId
    is_locked: bool
    default_visibility: Visibility | None
    default_sensitive: bool
    default_language: str


def check_words(text: str, spoiler: str) -> tuple[str, str]:
    """Text and warning as they will be kept, or InvalidInput.

    A warning without a text becomes the text: there would be nothing behind the warning.
    """
    if not text and spoiler:
        text, spoiler = spoiler, ""
    if not text:
        raise InvalidInput("Validation failed: Text can't be blank", field="status", rule="blank")
    if (
        # One grapheme may be as long as one likes: the warning is bounded in bytes, too.
        len(text.encode()) + len(spoiler.encode()) > limits.STATUS_TEXT_BYTES_MAX
        or count_characters(text, spoiler) > limits.STATUS_CHARACTERS_MAX
    ):
        maximum = limits.STATUS_CHARACTERS_MAX
        raise InvalidInput(
            f"Validation failed: Text character limit of {maximum} exceeded",
            field="status",
            rule="too_long",
        )
    return text, spoiler


def draft_words(
    *,
    text: str,
    spoiler: str,
    is_sensitive: bool,
    language: str | None,
    mentioned: Mapping[Handle, MentionView],
    base_url: str,
) -> Draft:
    """The words with their mentions and tags found and the HTML made."""
    targets = {
        handle: MentionTarget(mention.username, mention.domain, profile_url(base_url, mention))
        for handle, mention in mentioned.items()
    }
    people = {mention.id: mention for mention in mentioned.values()}
    return Draft(
        text=text,
        spoiler=spoiler,
        content=render_status(text, targets, base_url),
        is_sensitive=is_sensitive or bool(spoiler),
        language=language,
        mentions=tuple(people[key] for key in sorted(people)),
        tags=tuple(hashtags(text)),
    )


def profile_url(base_url: str, mention: MentionView) -> str:
    """Where the profile of a mentioned account is seen."""
    name = mention.username if mention.domain is None else f"{mention.username}@{mention.domain}"
    return f"{base_url}/@{name}"


def choose_visibility(command: PostStatus, author: Author) -> Visibility:
    """The visibility asked for, else the author's default, else what a locked account means."""
    if command.visibility is not None:
        return command.visibility
    if author.default_visibility is not None:
        return author.default_visibility
    return Visibility.PRIVATE if author.is_locked else Visibility.PUBLIC


def compose(
    *,
    status_id: StatusId,
    command: PostStatus,
    author: Author,
    draft: Draft,
    parent: Status | None,
    app_id: AppId | None,
) -> Status:
    """The new status."""
    return Status(
        id=status_id,
        account_id=author.id,
        thread_id=status_id if parent is None else parent.thread_id,
        visibility=choose_visibility(command, author),
        in_reply_to_id=None if parent is None else parent.id,
        in_reply_to_account_id=_answered_account(author, parent),
        is_sensitive=draft.is_sensitive,
        spoiler=draft.spoiler,
        text=draft.text,
        content=draft.content,
        language=draft.language,
        app_id=app_id,
        mentions=draft.mentions,
        tags=draft.tags,
    )


def _answered_account(author: Author, parent: Status | None) -> AccountId | None:
    # A chain of answers to oneself goes on pointing at the person whom its first link answered:
    # otherwise the second part of an answer would look like a new topic in everybody's home.
    if parent is None:
        return None
    if parent.account_id == author.id and parent.in_reply_to_account_id is not None:
        return parent.in_reply_to_account_id
    return parent.account_id


def boost(
    *, boost_id: StatusId, original: Status, booster_id: AccountId, visibility: Visibility
) -> Status:
    """The status that passes `original` on."""
    if original.visibility == Visibility.PRIVATE:
        visibility = Visibility.PRIVATE
    return Status(
        id=boost_id,
        account_id=booster_id,
        thread_id=boost_id,
        visibility=visibility,
        boost_of_id=original.id,
    )


def unexpected_mentions(
    mentions: Sequence[MentionView], allowed: tuple[AccountId, ...] | None
) -> list[AccountId]:
    """Who is mentioned although the client's list of allowed mentions leaves them out."""
    if allowed is None:
        return []
    return [mention.id for mention in mentions if mention.id not in allowed]
