"""Mastodon.py against the running server: media, polls, schedules, quotes, edits with history.

Mastodon.py asks the server's version before it sends what is newer; quotes came with 4.5, and this
server says 4.2, so that client is told not to look.
"""

import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import mastodon
import pytest
import requests
from PIL import Image

from bench.servers import Server
from tests.e2e.clients import sign_in
from tests.films import film
from tests.pictures import opened

READY_S_MAX = 60.0


def _visit(server: Server, *names: str, **options: Any) -> list[Any]:
    """Clients for new accounts. What they give is looked at here, not by a type checker."""
    for name in names:
        server.site.person(name)
    return [sign_in(server, name, **options) for name in names]


def _picture(colour: str, size: tuple[int, int] = (640, 480)) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    file.seek(0)
    return file


def test_pictures(server: Server) -> None:
    anna, bert = _visit(server, "anna", "bert")
    red = anna.media_post(
        _picture("red"), "image/jpeg", description="A red wall", focus=(0.5, -0.25)
    )
    blue = anna.media_post(_picture("blue"), "image/jpeg")
    assert (red.type, red.description) == ("image", "A red wall")
    assert red.blurhash
    blue = anna.media_update(blue, description="The sea")
    posted = anna.status_post("Two walls", media_ids=[blue, red], sensitive=True)
    assert [each.description for each in posted.media_attachments] == ["The sea", "A red wall"]
    seen = bert.status(posted).media_attachments[1]
    assert seen.meta.original.width == 640
    assert (seen.meta.focus.x, seen.meta.focus.y) == (0.5, -0.25)
    for url in (seen.url, seen.preview_url):
        fetched = requests.get(url, timeout=10)
        assert fetched.headers["content-type"] == "image/jpeg"
        assert opened(fetched.content).convert("RGB").tobytes()[0] > 200

    # Mastodon.py 2.3 adds two sets where it would send `media_attributes`, and fails.
    answer = requests.put(
        f"{anna.api_base_url}/api/v1/statuses/{posted.id}",
        headers={"Authorization": f"Bearer {anna.access_token}"},
        json={
            "status": "One wall",
            "media_ids": [red.id],
            "media_attributes": [{"id": red.id, "description": "A wall, painted red"}],
        },
        timeout=10,
    )
    edited = answer.json()
    assert [each["description"] for each in edited["media_attachments"]] == ["A wall, painted red"]
    history = bert.status_history(posted)
    assert [len(each.media_attachments) for each in history] == [2, 1]
    assert anna.account_statuses(anna.me(), only_media=True)[0].id == posted.id

    deleted = anna.status_delete(posted)
    assert requests.get(seen.url, timeout=10).status_code == 404
    redrafted = deleted.media_attachments[0]
    assert requests.get(redrafted.preview_url, timeout=10).status_code == 200
    again = anna.status_post(deleted.text, media_ids=deleted.media_attachments)
    assert len(again.media_attachments) == 1


def test_private_pictures_are_for_whom_they_are(server: Server) -> None:
    anna, bert = _visit(server, "anna", "bert")
    bert.account_follow(anna.me())
    media = anna.media_post(_picture("green"), "image/jpeg")
    posted = anna.status_post("For followers", media_ids=[media], visibility="private")
    mine = anna.status(posted).media_attachments[0].url
    theirs = bert.status(posted).media_attachments[0].url
    assert mine != theirs
    assert requests.get(theirs, timeout=10).status_code == 200
    assert requests.get(theirs.partition("?")[0], timeout=10).status_code == 404
    bert.account_unfollow(anna.me())
    assert requests.get(theirs, timeout=10).status_code == 404
    assert requests.get(mine, timeout=10).status_code == 200


def test_films(server: Server) -> None:
    (anna,) = _visit(server, "anna")
    media = anna.media_post(io.BytesIO(film()), "video/mp4", description="Half a second")
    end = time.monotonic() + READY_S_MAX
    while media.url is None and time.monotonic() < end:
        time.sleep(0.1)
        media = anna.media(media)
    assert media.type in ("video", "gifv")
    posted = anna.status_post("A film", media_ids=[media])
    shown = posted.media_attachments[0]
    part = requests.get(shown.url, headers={"Range": "bytes=0-99"}, timeout=10)
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["content-type"] == "video/mp4"
    assert requests.get(shown.preview_url, timeout=10).status_code == 200


def test_polls(server: Server) -> None:
    anna, bert = _visit(server, "anna", "bert")
    asked = anna.make_poll(["Soup", "Bread"], expires_in=3600, hide_totals=False)
    posted = anna.status_post("Lunch?", poll=asked)
    assert posted.poll is not None
    assert posted.poll.own_votes == []
    voted = bert.poll_vote(posted.poll, 1)
    assert (voted.voted, list(voted.own_votes), voted.votes_count) == (True, [1], 1)
    assert [each.votes_count for each in anna.poll(posted.poll).options] == [0, 1]
    with pytest.raises(mastodon.MastodonAPIError, match="already voted"):
        bert.poll_vote(posted.poll, 0)
    other = anna.make_poll(["Soup", "Cake"], expires_in=3600)
    edited = anna.status_update(posted, "Lunch?", poll=other)
    assert edited.poll is not None
    assert edited.poll.votes_count == 0
    assert not bert.poll(posted.poll).voted


def test_schedules(server: Server) -> None:
    (anna,) = _visit(server, "anna")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    media = anna.media_post(_picture("red"), "image/jpeg")
    planned = anna.status_post(
        "Later", scheduled_at=due, media_ids=[media], idempotency_key="later"
    )
    again = anna.status_post("Later", scheduled_at=due, idempotency_key="later")
    assert planned.id == again.id
    assert planned.params.text == "Later"
    assert [each["id"] for each in planned.media_attachments] == [media.id]
    assert [each.id for each in anna.scheduled_statuses()] == [planned.id]
    moved = anna.scheduled_status_update(planned, due + timedelta(hours=1))
    assert moved.scheduled_at - due == timedelta(hours=1)
    anna.scheduled_status_delete(planned)
    assert anna.scheduled_statuses() == []
    assert anna.timeline_home() == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        anna.scheduled_status(planned)
    assert anna.status_post("Now", media_ids=[media]).media_attachments[0].id == media.id


def test_quotes(server: Server) -> None:
    anna, bert = _visit(server, "anna", "bert", version_check_mode="none")
    said = anna.status_post("Quote me", quote_approval_policy="public")
    quoting = bert.status_post("Well said", quoted_status_id=said)
    assert quoting.quote is not None
    assert quoting.quote.state == "accepted"
    assert quoting.quote.quoted_status.id == said.id
    assert anna.status(said).quotes_count == 1
    assert [each.id for each in anna.status_quotes(said)] == [quoting.id]
    assert anna.notifications(types=["quote"])[0].status.id == quoting.id
    revoked = anna.status_quote_revoke(said, quoting)
    assert revoked.quote.state == "revoked"
    assert bert.status(quoting).quote.quoted_status is None
    closed = anna.status_update_quote_approval_policy(said, "nobody")
    assert closed.quote_approval.automatic == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        bert.status_post("Again", quoted_status_id=said)


def test_cards_translations_and_old_paths(server: Server) -> None:
    (anna,) = _visit(server, "anna", version_check_mode="none")
    posted = anna.status_post("Nothing to preview here")
    assert anna.status(posted).card is None
    url = f"http://127.0.0.1:{server.site.port}/api/v1/statuses/{posted.id}/card"
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {})
    with pytest.raises(mastodon.MastodonNotFoundError):
        anna.status_translate(posted)
    assert [each.id for each in anna.statuses([posted])] == [posted.id]
