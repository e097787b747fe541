"""[ST12] One Idempotency-Key over several processes, and over a restart between two tries."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bench.servers import Server, Site, free_port, serving

AT_ONCE = 64


def ask(site: Site, path: str, token: str, key: str, **body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content


def ask_often(sites: list[Site], path: str, token: str, key: str, **body: Any) -> set[str]:
    """The ids that all of them were told, half by one process and half by the other."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(
            threads.map(
                lambda number: ask(sites[number % len(sites)], path, token, key, **body),
                range(AT_ONCE),
            )
        )
    assert {status for status, _ in answers} == {200}
    return {content["id"] for _, content in answers}


@pytest.mark.slow
def test_two_servers_make_one_thing_of_sixty_four_requests(site: Site) -> None:
    other = replace(site, port=free_port())
    with serving(site), serving(other):
        token, berts = _people(site)
        sites = [site, other]
        (said,) = ask_often(sites, "/api/v1/statuses", token, "key", status="once")
        (liked,) = ask_often(sites, f"/api/v1/statuses/{said}/favourite", berts, "key")
        (boost,) = ask_often(sites, f"/api/v1/statuses/{said}/reblog", berts, "key")
        assert liked == said
        _judge(site, token, berts, said, boost)
        site.call("POST", f"/api/v1/statuses/{said}/unfavourite", berts)
    # Killed or ended, they know what they did; and so does everybody else.
    killed = Server(site)
    killed.kill()
    with serving(site), serving(other):
        assert ask_often(sites, "/api/v1/statuses", token, "key", status="once") == {said}
        assert ask_often(sites, f"/api/v1/statuses/{said}/reblog", berts, "key") == {boost}
        status, seen = ask(other, f"/api/v1/statuses/{said}/favourite", berts, "key")
        assert (status, seen["favourited"], seen["favourites_count"]) == (200, False, 0)
        site.call("POST", f"/api/v1/statuses/{said}/favourite", berts)
        _judge(other, token, berts, said, boost)


def _people(site: Site) -> tuple[str, str]:
    return site.account("anna")[1], site.account("bert")[1]


def _judge(site: Site, token: str, berts: str, said: str, boost: str) -> None:
    seen = site.call("GET", f"/api/v1/statuses/{said}", token)
    assert (seen["favourites_count"], seen["reblogs_count"]) == (1, 1)
    for who, made in ((token, said), (berts, boost)):
        own = site.call("GET", "/api/v1/accounts/verify_credentials", who)
        assert own["statuses_count"] == 1
        (only,) = site.call("GET", f"/api/v1/accounts/{own['id']}/statuses", token)
        assert only["id"] == made
