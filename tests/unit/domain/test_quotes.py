"""Quotes: who may make one, what a reader is shown of one, and the line that stands for it."""

from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import product

import pytest

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.policies import Visibility
from stonechat.domain.quotes import (
    ACCEPTED,
    QUOTE_POLICIES,
    REVOKED,
    QuoteFacts,
    QuotePolicy,
    QuoteSight,
    effective_policy,
    ensure_mentioned,
    may_quote,
    shown_state,
    with_quote_line,
)
from stonechat.domain.text.markup import render_status
from stonechat.domain.views import MentionView
from stonechat.kernel.errors import InvalidInput

ANNA, BERT = AccountId(1), AccountId(2)
URL = "https://stonechat.test/@anna/1234567890123456"


def facts(policy: QuotePolicy, visibility: Visibility, **more: object) -> QuoteFacts:
    return QuoteFacts(policy, visibility, ANNA, BERT)._replace(**more)


def test_policies_go_by_their_names() -> None:
    assert list(QUOTE_POLICIES) == ["public", "followers", "nobody"]
    assert all(policy.label == label for label, policy in QUOTE_POLICIES.items())


@pytest.mark.parametrize("policy", QuotePolicy)
def test_what_is_not_for_everybody_is_nobodys_to_quote(policy: QuotePolicy) -> None:
    """mastodon.md 1.12: private and direct posts are forced to nobody."""
    assert effective_policy(policy, Visibility.PUBLIC) is policy
    assert effective_policy(policy, Visibility.UNLISTED) is policy
    assert effective_policy(policy, Visibility.PRIVATE) is QuotePolicy.NOBODY
    assert effective_policy(policy, Visibility.DIRECT) is QuotePolicy.NOBODY


@pytest.mark.parametrize("policy", QuotePolicy)
@pytest.mark.parametrize("relation", ["stranger", "follower"])
def test_who_may_quote(policy: QuotePolicy, relation: str) -> None:
    """ST29: everybody, those who follow, or nobody. A block ends it either way."""
    is_follower = relation == "follower"
    expected = policy is QuotePolicy.PUBLIC or (policy is QuotePolicy.FOLLOWERS and is_follower)
    for visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
        known = facts(policy, visibility, is_following=is_follower)
        assert may_quote(known) is expected
        assert not may_quote(known._replace(is_blocked=True))
        assert not may_quote(known._replace(viewer_id=NOBODY))
    for visibility in (Visibility.PRIVATE, Visibility.DIRECT):
        assert not may_quote(facts(policy, visibility, is_following=is_follower))


def test_authors_quote_themselves_whatever_their_policy() -> None:
    """mastodon.md 1.12: the author may always quote self. Not what is for a few."""
    for policy, visibility in product(QuotePolicy, Visibility):
        known = facts(policy, visibility, viewer_id=ANNA)
        assert may_quote(known) is (visibility <= Visibility.PRIVATE)


def test_nobody_is_never_an_author() -> None:
    assert not may_quote(QuoteFacts(QuotePolicy.PUBLIC, Visibility.PUBLIC, NOBODY, NOBODY))


@dataclass(frozen=True)
class Said:
    account_id: AccountId
    visibility: Visibility
    mentions: tuple[MentionView, ...] = ()


def test_st28_a_direct_quote_names_whom_it_quotes() -> None:
    quoted = Said(ANNA, Visibility.PUBLIC)
    names = (MentionView(ANNA, "anna", None),)
    others = (MentionView(AccountId(3), "cleo", None),)
    for mentions in ((), others):
        with pytest.raises(InvalidInput) as refused:
            ensure_mentioned(quoted, Said(BERT, Visibility.DIRECT, mentions))
        assert refused.value.message == (
            "Validation failed: Cannot quote a non-mentioned user in a Private Mention post."
        )
    ensure_mentioned(quoted, Said(BERT, Visibility.DIRECT, others + names))
    ensure_mentioned(quoted, Said(ANNA, Visibility.DIRECT))
    for visibility in (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE):
        ensure_mentioned(quoted, Said(BERT, visibility))


GONE = QuoteSight(ACCEPTED, is_there=False)
HIDDEN = QuoteSight(ACCEPTED, is_there=True)
SEEN = QuoteSight(ACCEPTED, is_there=True, is_visible=True)


@pytest.mark.parametrize(
    ("sight", "state"),
    [
        (SEEN, "accepted"),
        (GONE, "deleted"),
        (HIDDEN, "unauthorized"),
        (SEEN._replace(is_blocking=True), "blocked_account"),
        (SEEN._replace(is_muting=True), "muted_account"),
        (SEEN._replace(is_blocking=True, is_muting=True), "blocked_account"),
        (HIDDEN._replace(is_blocking=True, is_muting=True), "unauthorized"),
        (GONE._replace(is_blocking=True, is_muting=True), "deleted"),
    ],
)
def test_what_a_reader_is_told(sight: QuoteSight, state: str) -> None:
    """mastodon.md 1.12: the states of a quote. A revoked one says nothing of its reader."""
    assert shown_state(sight) == state
    assert shown_state(sight._replace(stored_state=REVOKED)) == "revoked"


class Reader(HTMLParser):
    """What a browser makes of some HTML: the tags in their order, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_line_looks_as_every_link_does() -> None:
    """mastodon.md 1.12 and 1.15: `<p class="quote-inline">RE: <a …></a></p>` in front."""
    content = render_status("look at this", {}, "https://stonechat.test")
    lined = with_quote_line(content, "look at this", URL)
    link = render_status(URL, {}, "https://stonechat.test").removeprefix("<p>")
    assert lined == f'<p class="quote-inline">RE: {link}<p>look at this</p>'
    tags = Reader(lined).tags
    assert [tag for tag, _ in tags] == ["p", "a", "span", "span", "span", "p"]
    assert tags[0][1] == {"class": "quote-inline"}
    assert tags[1][1]["href"] == URL
    assert tags[1][1]["translate"] == "no"
    assert with_quote_line("", "", URL).startswith('<p class="quote-inline">')


@pytest.mark.parametrize("text", [URL, f"see {URL}", f"{URL}.", f"({URL}), yes", f"{URL}\nso"])
def test_an_address_that_is_there_is_not_said_twice(text: str) -> None:
    assert with_quote_line("<p>as it was</p>", text, URL) == "<p>as it was</p>"


@pytest.mark.parametrize("text", ["", f"{URL}7", URL[:-1], "https://stonechat.test/@anna", "RE:"])
def test_another_address_is_not_that_address(text: str) -> None:
    assert with_quote_line("<p>as it was</p>", text, URL).startswith('<p class="quote-inline">')


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:3000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://www.stonechat.example",
        "https://bücher.example",
        "https://xn--bcher-kva.example",
    ],
)
def test_every_address_of_a_server_makes_a_line(base_url: str) -> None:
    url = f"{base_url}/@anna/17"
    reader = Reader(with_quote_line("", "", url))
    assert reader.tags[1][1]["href"] == url
    assert reader.text.startswith("RE: http")
    assert reader.text.endswith("/@anna/17")
