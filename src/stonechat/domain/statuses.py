"""Statuses: what somebody says, and the rules of saying it.

`compose` turns a command and the facts around it into a status; `reword` does the same for an
edit. Both are pure: whom a mention means and which status is answered was looked up before.
A boost is a status too (it has an id, a place in time and an author), with nothing of its own
in it but `boost_of_id`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, AppId, MediaId, StatusId
from stonechat.domain.media import MediaChange
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import PollDraft, check_poll
from stonechat.domain.quotes import ACCEPTED, QuotePolicy, effective_policy, with_quote_line
from stonechat.domain.text.counting import count_characters
from stonechat.domain.text.markup import MentionTarget, render_status
from stonechat.domain.text.mentions import Handle, hashtags
from stonechat.domain.views import Byline, CardView, MediaView, MentionView, PollView, StatusView
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
    media_ids: tuple[MediaId, ...] = ()
    poll: PollDraft | None = None
    quoted_id: StatusId | None = None
    quote_policy: QuotePolicy | None = None


@dataclass(frozen=True, slots=True)
class EditStatus:
    """The order to put a status in other words. None leaves a part as it is.

    Media and poll are the exception: what an edit does not name is taken away, as with Mastodon.
    """

    status_id: StatusId
    text: str | None
    spoiler: str | None
    is_sensitive: bool | None
    language: str | None
    media_ids: tuple[MediaId, ...] = ()
    media_changes: tuple[MediaChange, ...] = ()
    poll: PollDraft | None = None
    quote_policy: QuotePolicy | None = None


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
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None
    card: CardView | None = None
    quote_of_id: StatusId | None = None
    quote_state: str | None = None
    quote_policy: int = QuotePolicy.PUBLIC
    quotes: int = 0

    def reworded(self, draft: "Draft") -> "Status":
        """The same status with the words, media and poll of a draft."""
        return replace(
            self,
            media=draft.media,
            poll=draft.poll,
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

    @property
    def counts_as_quote(self) -> bool:
        """Whether others may know of this quote by the counter of what it quotes."""
        return self.quote_state == ACCEPTED and self.visibility <= Visibility.UNLISTED


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
        media=status.media,
        poll=status.poll,
        card=status.card,
        quote_of_id=status.quote_of_id,
        quote_state=status.quote_state,
        quote_policy=status.quote_policy,
        quotes=status.quotes,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Words that were checked and rendered, and what goes with them."""

    text: str
    spoiler: str
    content: str
    is_sensitive: bool
    language: str | None
    mentions: tuple[MentionView, ...]
    tags: tuple[str, ...]
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """What composing needs to know of the author."""

    id: AccountId
    is_locked: bool
    default_visibility: Visibility | None
    default_sensitive: bool
    default_language: str
    default_quote_policy: QuotePolicy = QuotePolicy.PUBLIC


def check_post(command: PostStatus) -> PostStatus:
    """The order with its words and its poll as they will be kept, or InvalidInput."""
    _check_parts(command.media_ids, command.poll)
    is_quoting = command.quoted_id is not None
    text, spoiler = check_words(
        command.text,
        command.spoiler,
        may_be_blank=command.poll is None and (bool(command.media_ids) or is_quoting),
        is_quoting=is_quoting,
    )
    poll = None if command.poll is None else check_poll(command.poll)
    return replace(command, text=text, spoiler=spoiler, poll=poll)


def check_edit(command: EditStatus, before: Status) -> EditStatus:
    """The order with every word of the status after the edit, or InvalidInput."""
    _check_parts(command.media_ids, command.poll)
    is_quoting = before.quote_of_id is not None
    text, spoiler = check_words(
        before.text if command.text is None else command.text,
        before.spoiler if command.spoiler is None else command.spoiler,
        may_be_blank=command.poll is None and (bool(command.media_ids) or is_quoting),
        is_quoting=is_quoting,
    )
    return replace(command, text=text, spoiler=spoiler)


def _check_parts(media_ids: Sequence[MediaId], poll: PollDraft | None) -> None:
    """A poll is a question in words: media do not go with it."""
    if len(media_ids) > limits.STATUS_MEDIA_MAX:
        raise InvalidInput(f"Cannot attach more than {limits.STATUS_MEDIA_MAX} files")
    if poll is not None and media_ids:
        raise InvalidInput("Validation failed: Polls cannot be combined with media", field="poll")


def check_words(
    text: str, spoiler: str, *, may_be_blank: bool = False, is_quoting: bool = False
) -> tuple[str, str]:
    """Text and warning as they will be kept, or InvalidInput.

    A warning without a text becomes the text: there would be nothing behind the warning, unless
    that is a quote. A text `may_be_blank` where media or a quote say it all.
    """
    if not text and spoiler and not is_quoting:
        text, spoiler = spoiler, ""
    if not text and not may_be_blank:
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
    media: tuple[MediaView, ...] = (),
    poll: PollView | None = None,
    quoted_url: str | None = None,
) -> Draft:
    """The words with their mentions and tags found and the HTML made."""
    targets = {
        handle: MentionTarget(mention.username, mention.domain, profile_url(base_url, mention))
        for handle, mention in mentioned.items()
    }
    people = {mention.id: mention for mention in mentioned.values()}
    content = render_status(text, targets, base_url)
    return Draft(
        text=text,
        spoiler=spoiler,
        content=content if quoted_url is None else with_quote_line(content, text, quoted_url),
        is_sensitive=is_sensitive or bool(spoiler),
        language=language,
        mentions=tuple(people[key] for key in sorted(people)),
        tags=tuple(hashtags(text)),
        media=media,
        poll=poll,
    )


def profile_url(base_url: str, mention: MentionView) -> str:
    """Where the profile of a mentioned account is seen."""
    name = mention.username if mention.domain is None else f"{mention.username}@{mention.domain}"
    return f"{base_url}/@{name}"


def choose_visibility(
    command: PostStatus, author: Author, quoted: Status | None = None
) -> Visibility:
    """The visibility asked for, else the author's default, else what a locked account means.

    Who quotes something private says it to their followers at most.
    """
    chosen = _chosen_visibility(command, author)
    if quoted is not None and quoted.visibility == Visibility.PRIVATE:
        return max(chosen, Visibility.PRIVATE)
    return chosen


def _chosen_visibility(command: PostStatus, author: Author) -> Visibility:
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
    quoted: Status | None,
    app_id: AppId | None,
) -> Status:
    """The new status."""
    visibility = choose_visibility(command, author, quoted)
    policy = author.default_quote_policy if command.quote_policy is None else command.quote_policy
    return Status(
        id=status_id,
        account_id=author.id,
        thread_id=status_id if parent is None else parent.thread_id,
        visibility=visibility,
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
        media=draft.media,
        poll=draft.poll,
        quote_of_id=None if quoted is None else quoted.id,
        quote_state=None if quoted is None else ACCEPTED,
        quote_policy=effective_policy(policy, visibility),
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
