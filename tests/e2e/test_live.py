"""Live pages against a real server: between processes, when somebody goes, and when it stops."""

import asyncio
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from bench.servers import Server, Site, serving
from stonechat.config import read_settings
from stonechat.domain.beacons import BeaconForm
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.services import beacons
from stonechat.services.rooms import open_rooms

HEARD_WITHIN_S = 1.5
STOPPED_WITHIN_S = 3.0
LISTENERS = 12
END = "\r\n0\r\n\r\n"


class Stream:
    """One open page."""

    def __init__(self, site: Site, share_id: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=10)
        head = f"GET /s/{share_id}/events HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n"
        self.socket.sendall(head.encode())
        self.heard = b""

    def close(self) -> None:
        self.socket.close()

    def hear(self, text: str) -> float:
        """Read on until this was sent; the moment at which it was."""
        while text.encode() not in self.heard:
            piece = self.socket.recv(4096)
            assert piece, f"it ended before {text}: {self.heard!r}"
            self.heard += piece
        return time.monotonic()


@contextmanager
def listening(site: Site, share_id: str, total: int) -> Iterator[list[Stream]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Stream(site, share_id))) for _ in range(total)]


def make_beacon(site: Site) -> tuple[str, str, str]:
    """An account's id, its token, and the status id of its beacon."""
    account_id, token = site.account("anna")
    fields = {"name": "The bakery", "value": "FIRST", "accessType": "public"}
    return account_id, token, site.call("POST", "/v1/status", token, **fields)["id"]


async def change_elsewhere(site: Site, account_id: str, share_id: str, value: str) -> float:
    """A change by another process, which has no open pages; the moment of its commit."""
    async with open_rooms(read_settings(site.environment)) as rooms:
        viewer, name = Viewer(AccountId(int(account_id))), beacons.Name(BeaconId(share_id))
        await beacons.change_beacon(rooms.env, viewer, name, BeaconForm(value=value))
        return time.monotonic()


def test_a_change_in_any_process_reaches_every_open_page_and_a_stop_waits_for_none(
    site: Site,
) -> None:
    with serving(site, "--workers", "2") as server:
        account_id, token, status_id = make_beacon(site)
        with listening(site, status_id[:6], LISTENERS) as streams:
            for stream in streams:
                stream.hear('"FIRST"')
            changed_s = asyncio.run(change_elsewhere(site, account_id, status_id[:6], "SECOND"))
            heard_s = [stream.hear('"SECOND"') for stream in streams]
            assert max(heard_s) - changed_s < HEARD_WITHIN_S
            changed_s = time.monotonic()
            site.call("PATCH", f"/v1/status/{status_id}", token, value="THIRD")
            heard_s = [stream.hear('"THIRD"') for stream in streams]
            assert max(heard_s) - changed_s < HEARD_WITHIN_S
            # The server stops while they are all there.
            stopping_s = time.monotonic()
            server.stop()
            assert time.monotonic() - stopping_s < STOPPED_WITHIN_S
            for stream in streams:
                stream.hear(END)
                assert stream.socket.recv(1) == b""


def _listeners(site: Site) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return int(float(next(each for each in lines if each.startswith("stonechat_listeners "))[20:]))


def _await_listeners(site: Site, count: int) -> None:
    ends = time.monotonic() + 5
    while _listeners(site) != count:
        assert time.monotonic() < ends, _listeners(site)
        time.sleep(0.02)


def test_s068_who_goes_is_forgotten_and_who_may_not_stay_is_told_nothing_newer(
    site: Site, server: Server
) -> None:
    """S068: the stream ends, with nothing of what is so by then; nobody may open it again."""
    assert server.process.poll() is None
    _, token, status_id = make_beacon(site)
    with listening(site, status_id[:6], 3) as (first, second, third):
        for stream in (first, second, third):
            stream.hear('"FIRST"')
        _await_listeners(site, 3)
        first.close()
        second.socket.shutdown(socket.SHUT_WR)
        _await_listeners(site, 1)
        change = {"accessType": "private", "value": "SECRET"}
        site.call("PATCH", f"/v1/status/{status_id}", token, **change)
        third.hear("event: gone")
        third.hear(END)
        assert b"SECRET" not in third.heard
    _await_listeners(site, 0)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"http://127.0.0.1:{site.port}/s/{status_id[:6]}/events")
    assert refusal.value.code == 404
    refusal.value.close()
