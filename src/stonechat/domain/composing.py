"""Composing: from an order and the facts around it to a status, or why it may not be.

All of it is pure: whom a mention means, which status is answered and in which categories it is
filed was looked up before. What a status is stands in statuses.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stonechat.domain import limits
from stonechat.domain.categories import CategoryFacts
from stonechat.domain.contributions import (
    NO_FACETS,
    STATUS,
    Facets,
    Particulars,
    check_particulars,
    top_of,
)
from stonechat.domain.ids import AccountId, AppId, MediaId, StatusId
from stonechat.domain.media import shown_attachments
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import PollDraft, check_poll
from stonechat.domain.quotes import ACCEPTED, effective_policy, with_quote_line
from stonechat.domain.statuses import Author, Draft, EditStatus, PostStatus, Status
from stonechat.domain.text.counting import count_characters
from stonechat.domain.text.markup import MentionTarget, escape, render_status
from stonechat.domain.text.mentions import Handle
from stonechat.domain.text.rich import Rich
from stonechat.domain.text.rich_markup import render_mastodon, render_plain
from stonechat.domain.text.tags import normalise_tag
from stonechat.domain.views import MediaView, MentionView, PollView
from stonechat.kernel.errors import InvalidInput


def check_post(command: PostStatus) -> PostStatus:
    """The order with its words and its poll as they will be kept, or InvalidInput."""
    about = None if command.about is None else check_particulars(command.about)
    _check_parts(command.media_ids, command.poll, about)
    is_quoting = command.quoted_id is not None
    text, spoiler = check_words(
        command.text,
        command.spoiler,
        may_be_blank=_may_be_blank(command, about, is_quoting=is_quoting),
        keeps_warning=is_quoting or about is not None,
        characters_max=_characters_max(about),
    )
    poll = None if command.poll is None else check_poll(command.poll)
    return replace(command, text=text, spoiler=spoiler, poll=poll, about=about)


def check_edit(command: EditStatus, before: Status) -> EditStatus:
    """The order with every word of the status after the edit, or InvalidInput."""
    about = None if command.about is None else check_particulars(command.about)
    _check_parts(command.media_ids, command.poll, about)
    is_quoting = before.quote_of_id is not None
    is_wordless = _is_wordless(before)
    text, spoiler = check_words(
        before.text if command.text is None else command.text,
        before.spoiler if command.spoiler is None else command.spoiler,
        may_be_blank=is_wordless or _may_be_blank(command, about, is_quoting=is_quoting),
        keeps_warning=is_wordless or is_quoting or about is not None,
        characters_max=max(_characters_max(about), count_characters(before.text, "")),
    )
    return replace(command, text=text, spoiler=spoiler, about=about)


def _is_wordless(before: Status) -> bool:
    """Whether something says all it says by what only a community's order can name.

    That stays with an edit of another dialect: the words may stay away, too.
    """
    is_linking = len(shown_attachments(before.media)) < len(before.media)
    return not before.text and (before.facets != NO_FACETS or bool(before.categories) or is_linking)


def _may_be_blank(
    command: PostStatus | EditStatus, about: Particulars | None, *, is_quoting: bool
) -> bool:
    """In a community all words are optional: a category, a title, a place may say enough."""
    if about is not None:
        return True
    return command.poll is None and (bool(command.media_ids) or is_quoting)


def _characters_max(about: Particulars | None) -> int:
    return limits.STATUS_CHARACTERS_MAX if about is None else limits.CONTRIBUTION_CHARACTERS_MAX


def _check_parts(
    media_ids: Sequence[MediaId], poll: PollDraft | None, about: Particulars | None
) -> None:
    """A poll is a question in words: media do not go with it, but in a community."""
    if about is not None:
        if len(media_ids) > limits.CONTRIBUTION_MEDIA_MAX:
            raise InvalidInput(
                f"Cannot attach more than {limits.CONTRIBUTION_MEDIA_MAX} files", field="medias"
            )
        return
    if len(media_ids) > limits.STATUS_MEDIA_MAX:
        raise InvalidInput(f"Cannot attach more than {limits.STATUS_MEDIA_MAX} files")
    if poll is not None and media_ids:
        raise InvalidInput("Validation failed: Polls cannot be combined with media", field="poll")


def check_words(
    text: str,
    spoiler: str,
    *,
    may_be_blank: bool = False,
    keeps_warning: bool = False,
    characters_max: int = limits.STATUS_CHARACTERS_MAX,
) -> tuple[str, str]:
    """Text and warning as they will be kept, or InvalidInput.

    A warning without a text becomes the text: there would be nothing behind the warning. It
    `keeps_warning` where something is, as with a quote, or where nobody gave it. A text
    `may_be_blank` where media or a quote say it all.
    """
    if not text and spoiler and not keeps_warning:
        text, spoiler = spoiler, ""
    if not text and not may_be_blank:
        raise InvalidInput("Validation failed: Text can't be blank", field="status", rule="blank")
    if (
        # One grapheme may be as long as one likes: the warning is bounded in bytes, too.
        len(text.encode()) + len(spoiler.encode()) > limits.STATUS_TEXT_BYTES_MAX
        or count_characters(text, spoiler) > characters_max
    ):
        raise InvalidInput(
            f"Validation failed: Text character limit of {characters_max} exceeded",
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
    tags: Sequence[str],
    media: tuple[MediaView, ...] = (),
    poll: PollView | None = None,
    quoted_url: str | None = None,
    facets: Facets = NO_FACETS,
    filed: Sequence[CategoryFacts] = (),
) -> Draft:
    """The words with their mentions found and the HTML made; `tags` were found before.

    The hashtags of the categories in which it is `filed` stand among its own.
    """
    targets = {
        handle: MentionTarget(mention.username, mention.domain, profile_url(base_url, mention))
        for handle, mention in mentioned.items()
    }
    people = {mention.id: mention for mention in mentioned.values()}
    content = _render(text, facets, filed, targets, base_url) + _question(facets.poll_title)
    return Draft(
        text=text,
        spoiler=spoiler,
        content=content if quoted_url is None else with_quote_line(content, text, quoted_url),
        is_sensitive=is_sensitive or bool(spoiler),
        language=language,
        mentions=tuple(people[key] for key in sorted(people)),
        tags=tuple(dict.fromkeys((*tags, *(each.tag for each in filed)))),
        media=media,
        poll=poll,
        facets=facets,
        categories=tuple(each.id for each in filed),
    )


def _render(
    text: str,
    facets: Facets,
    filed: Sequence[CategoryFacts],
    targets: Mapping[Handle, MentionTarget],
    base_url: str,
) -> str:
    """The HTML for readers of statuses: a title in front, the categories as hashtags behind."""
    if facets.html is None and not facets.title and not filed:
        return render_status(text, targets, base_url)
    tags = [(_spelling(each), each.tag) for each in filed]
    if facets.html is None:
        return render_plain(text, targets, base_url, title=facets.title, category_tags=tags)
    source = Rich(facets.html, text)
    return render_mastodon(source, targets, base_url, title=facets.title, category_tags=tags)


def _question(poll_title: str) -> str:
    """What a community's poll asks: elsewhere a poll is its options, and stands behind the text."""
    return f"<p>{escape(poll_title)}</p>" if poll_title else ""


def _spelling(category: CategoryFacts) -> str:
    """A category's hashtag in the letters of its name, where those make the same one."""
    spelling = category.name.replace(" ", "")
    return spelling if normalise_tag(spelling) == category.tag else category.tag


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
    is_thread_addressed: bool = False,
) -> Status:
    """The new status."""
    visibility, open_visibility = _audience(
        command, author, parent, quoted, is_thread_addressed=is_thread_addressed
    )
    policy = author.default_quote_policy if command.quote_policy is None else command.quote_policy
    return Status(
        id=status_id,
        account_id=author.id,
        thread_id=status_id if parent is None else parent.thread_id,
        visibility=visibility,
        kind=STATUS if command.about is None else command.about.kind,
        top_id=None if parent is None else top_of(parent),
        open_visibility=open_visibility,
        facets=draft.facets,
        categories=draft.categories,
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
        # What is addressed nobody quotes; the policy is for when it is open.
        quote_policy=effective_policy(
            policy, visibility if open_visibility is None else open_visibility
        ),
    )


def _audience(
    command: PostStatus,
    author: Author,
    parent: Status | None,
    quoted: Status | None,
    *,
    is_thread_addressed: bool,
) -> tuple[Visibility, int | None]:
    """For whom a status is; and, where it is addressed, for whom it would be otherwise.

    Whoever answers in an addressed thread speaks to the same people, or to some by name. A
    community's comment cannot say for whom it is: it is for no more than what it answers is.
    """
    chosen = choose_visibility(command, author, quoted)
    if parent is not None and command.about is not None:
        chosen = max(chosen, Visibility(parent.audience))
    if parent is not None:
        is_addressed = is_thread_addressed and chosen != Visibility.DIRECT
    else:
        is_addressed = command.about is not None and bool(command.about.addressing)
    if not is_addressed:
        return chosen, None
    # An order that waited says so itself, and no more: it answered in such a thread.
    is_chosen = chosen == Visibility.ADDRESSED
    return Visibility.ADDRESSED, int(Visibility.PRIVATE if is_chosen else chosen)


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
