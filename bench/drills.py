"""The kill drill: what was acknowledged is there once, whenever the server dies.

Clients post with an Idempotency-Key and retry until they hear a 200, while the server is
killed with -9 at random moments and started again. Afterwards everything is counted: each
acknowledged status exists, with the id that was told; no key made two; the counters of the
author, of the answered status and of homes say what the tables hold.
"""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field

from bench.servers import Server, Site

CLIENTS = 8
ALIVE_S = (0.2, 1.2)
RETRY_S = 0.02
PAGE = 40


@dataclass
class Notes:
    """What the clients were told."""

    acknowledged: dict[str, str] = field(default_factory=dict[str, str])
    retries: int = 0
    is_over: bool = False
    changed: list[str] = field(default_factory=list[str])


def kill_drill(site: Site, rounds: int) -> str:
    """Run the drill and give its counts as one line; AssertionError when a promise broke."""
    server = Server(site)
    author_id, token = site.account("anna")
    _, follower = site.account("bert")
    site.call("POST", f"/api/v1/accounts/{author_id}/follow", follower)
    root = site.call("POST", "/api/v1/statuses", token, status="the root")["id"]
    notes = Notes()
    clients = [
        threading.Thread(target=_post, args=(site, token, root, notes, number))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for _ in range(rounds):
        time.sleep(random.uniform(*ALIVE_S))  # noqa: S311 - no secret
        server.kill()
        server = Server(site)
    notes.is_over = True
    for client in clients:
        client.join()
    try:
        return _count(site, notes, rounds, root=root, author=(author_id, token), follower=follower)
    finally:
        server.stop()


def _post(site: Site, token: str, root: str, notes: Notes, client: int) -> None:
    number = 0
    while not notes.is_over:
        number += 1
        key = f"client {client} says {number}"
        body = json.dumps({"status": key, "in_reply_to_id": root})
        while (told := _try(site, token, key, body)) is None:
            notes.retries += 1
            time.sleep(RETRY_S)
        notes.acknowledged[key] = told
        # A retry long after the answer still finds the same status.
        again = _try(site, token, key, body) if number % 10 == 0 else None
        if again is not None and again != told:
            notes.changed.append(key)


def _try(site: Site, token: str, key: str, body: str) -> str | None:
    """One attempt: the id that was told, or None when the server was not there."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request(
            "POST",
            "/api/v1/statuses",
            body,
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    if answer.status == 200:  # noqa: PLR2004
        told: str = json.loads(content)["id"]
        return told
    assert answer.status == 503, (answer.status, content)  # noqa: PLR2004
    return None


def _walk(site: Site, path: str, token: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    below = ""
    while True:
        page = site.call("GET", f"{path}?limit={PAGE}{below}", token)
        if not page:
            return found
        found += page
        below = f"&max_id={page[-1]['id']}"


def _count(
    site: Site,
    notes: Notes,
    rounds: int,
    *,
    root: str,
    author: tuple[str, str],
    follower: str,
) -> str:
    author_id, token = author
    there = _walk(site, f"/api/v1/accounts/{author_id}/statuses", token)
    ids = {status["id"] for status in there}
    texts = [status["content"] for status in there]
    missing = sum(told not in ids for told in notes.acknowledged.values())
    doubled = len(texts) - len(set(texts))
    told_statuses = site.call("GET", f"/api/v1/accounts/{author_id}", token)["statuses_count"]
    told_replies = site.call("GET", f"/api/v1/statuses/{root}", token)["replies_count"]
    homes = {status["id"] for status in _walk(site, "/api/v1/timelines/home", follower)}
    wrong = [
        told_statuses != len(there),
        told_replies != len(there) - 1,
        not homes <= ids,
    ]
    counts = (
        f"{rounds} kills, {len(notes.acknowledged)} acknowledged, {notes.retries} retries:"
        f" missing {missing}, doubled {doubled}, other id on retry {len(notes.changed)},"
        f" counters wrong {sum(wrong)}"
    )
    if missing or doubled or notes.changed or any(wrong):
        raise AssertionError(counts)
    return counts
