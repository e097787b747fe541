"""Mastodon.py against the running server: signs in, posts, reads, answers, edits, deletes."""

import mastodon
import pytest

from bench.servers import Server
from tests.e2e.clients import sign_in


def test_a_conversation(server: Server) -> None:
    server.site.person("anna")
    server.site.person("bert")
    anna, bert = sign_in(server, "anna"), sign_in(server, "bert")
    assert anna.me().acct == "anna"
    assert anna.instance().domain == f"127.0.0.1:{server.site.port}"

    bert.account_follow(anna.me())
    assert anna.notifications()[0].type == "follow"
    posted = anna.status_post("Back at 12:30, @bert #lunch", language="en")
    assert bert.timeline_home()[0].id == posted.id
    assert bert.timeline_hashtag("lunch")[0].id == posted.id
    assert bert.timeline_local()[0].id == posted.id
    told = bert.notifications(types=["mention"])[0].status
    assert told is not None
    assert told.id == posted.id

    answer = bert.status_reply(posted, "See you then")
    context = anna.status_context(posted)
    assert [status.id for status in context.descendants] == [answer.id]
    assert anna.status(posted).replies_count == 1

    edited = anna.status_update(posted, "Back at 12:45, @bert #lunch")
    assert edited.edited_at is not None
    assert "12:45" in bert.status(posted).content
    assert len(bert.status_history(posted)) == 2
    assert anna.status_source(posted).text == "Back at 12:45, @bert #lunch"

    assert bert.status_favourite(posted).favourites_count == 1
    boosted = bert.status_reblog(posted).reblog
    assert boosted is not None
    assert boosted.id == posted.id
    assert anna.status_pin(posted).pinned
    assert bert.status_bookmark(posted).bookmarked
    assert [status.id for status in bert.bookmarks()] == [posted.id]
    assert [status.id for status in bert.favourites()] == [posted.id]
    assert [account.acct for account in anna.status_favourited_by(posted)] == ["bert"]
    assert [account.acct for account in anna.status_reblogged_by(posted)] == ["bert"]
    assert not bert.status_unfavourite(posted).favourited
    bert.status_unreblog(posted)
    assert anna.status(posted).reblogs_count == 0

    anna.status_delete(posted)
    with pytest.raises(mastodon.MastodonNotFoundError):
        bert.status(posted)
    assert bert.status(answer).in_reply_to_id is None


def test_pages_to_both_ends(server: Server) -> None:
    server.site.person("anna")
    anna = sign_in(server, "anna")
    posted = [anna.status_post(f"Number {number}").id for number in range(25)]
    first = anna.timeline_home(limit=10)
    second = anna.fetch_next(first) or []
    third = anna.fetch_next(second) or []
    assert [status.id for status in (*first, *second, *third)] == posted[::-1]
    assert not anna.fetch_next(third)
    newer = anna.status_post("One more")
    assert [status.id for status in anna.fetch_previous(first) or []] == [newer.id]


def test_the_same_key_posts_once(server: Server) -> None:
    server.site.person("anna")
    anna = sign_in(server, "anna")
    one = anna.status_post("Once", idempotency_key="a key")
    other = anna.status_post("Once", idempotency_key="a key")
    assert one.id == other.id
    assert len(anna.timeline_home()) == 1
