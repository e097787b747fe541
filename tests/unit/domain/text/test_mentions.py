"""Whom and what a text names."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

from stonechat.domain import limits
from stonechat.domain.text.mentions import (
    Handle,
    hashtags,
    mentioned_handles,
    without_local_domain,
)


def test_the_same_person_is_named_once_however_they_are_typed() -> None:
    text = "@alice @ALICE @Alice@h.example @bob@Other.example @bob@other.EXAMPLE @alice@h.Example"
    assert mentioned_handles(text, "h.example") == (
        Handle("alice", None),
        Handle("bob", "other.example"),
    )


def test_a_local_domain_in_other_letters_is_ours_in_every_spelling() -> None:
    text = "@alice@bücher.example @alice@xn--bcher-kva.example @alice@BÜCHER.example"
    assert mentioned_handles(text, "bücher.example") == (Handle("alice", None),)
    assert mentioned_handles(text, "xn--bcher-kva.example") == (Handle("alice", None),)


def test_a_local_domain_with_a_port_leaves_mentions_alone() -> None:
    assert mentioned_handles("@alice", "127.0.0.1:8000") == (Handle("alice", None),)
    assert mentioned_handles("nobody here", "127.0.0.1:8000") == ()


def test_mail_addresses_name_nobody() -> None:
    assert mentioned_handles("write to alice@h.example", "h.example") == ()


def test_500_mentions_are_bounded() -> None:
    text = " ".join(f"@user{number}" for number in range(500))
    assert len(mentioned_handles(text, "h.example")) == limits.MENTIONS_PER_STATUS_MAX


def test_our_domain_is_not_kept_in_a_text() -> None:
    assert without_local_domain("nobody", "h.example") == "nobody"
    assert without_local_domain("Hi @Alice@H.example, and @bob@o.example!", "h.example") == (
        "Hi @Alice, and @bob@o.example!"
    )
    assert without_local_domain("a@h.example", "h.example") == "a@h.example"


def test_tags_are_listed_once_in_order() -> None:
    assert hashtags("#Stone #chat #STONE #café #cafe #12") == ("stone", "chat", "cafe")
    assert hashtags("no tags") == ()
    assert hashtags("＃日本") == ("日本",)  # full width
