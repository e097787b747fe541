"""What the guard lets pass, and that what passes is what is connected to."""

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from stonechat.outgoing.client import Web
from stonechat.outgoing.errors import Overdue, Refused, Unreachable
from stonechat.outgoing.guard import ENDPOINTS_MAX, Guard
from stonechat.outgoing.lookups import LOOKUPS_AT_ONCE_MAX, Endpoint, look_up
from stonechat.outgoing.messages import Bounds
from tests.outside import Outside, answer

BASE_URL = "https://stonechat.test"


class Register:
    """Names whose answers change from one look-up to the next."""

    def __init__(self, *answers: Sequence[Endpoint]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def look_up(self, host: str, port: int) -> list[Endpoint]:
        self.asked.append((host, port))
        return list(self.answers.pop(0))


def client(register: Register) -> Web:
    """The real client with the real rule of what is inner, and these answers."""
    return Web(Guard("stonechat.test", look_up=register.look_up), BASE_URL)


CORPUS = [
    "127.1",
    "0",
    "2130706433",
    "0177.1",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00::]",
    "[fe80::1%lo]",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.254",
    "192.0.0.8",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "metadata",
    "metadata.google.internal",
    "instance-data",
    "stonechat.test",
    "STONECHAT.test.",
    "localhost",
    "localhost.",
    "①②⑦.0.0.1",
]


@pytest.mark.parametrize("host", CORPUS)
async def test_s107_the_corpus_is_refused_before_a_name_is_looked_up(host: str) -> None:
    """S107. There is not even a look-up, so there can be no connection."""
    register = Register()
    for scheme in ("http", "https"):
        with pytest.raises(Refused):
            await client(register).get(f"{scheme}://{host}/")
        with pytest.raises(Refused):
            await client(register).post(f"{scheme}://{host}/", b"x", headers={})
    assert register.asked == []


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["93.184.216.34", "::1"],
        ["2606:4700::1111", "10.0.0.1"],
        ["2606:4700::1111", "fe80::1%eth0"],
        ["93.184.216.34", "rubbish"],
        ["93.184.216.34"] * (ENDPOINTS_MAX + 1),
    ],
)
async def test_s111_one_inner_answer_refuses_the_name(found: list[str]) -> None:
    """S111. A and AAAA mixed, an alias that leads inside: the name is refused as a whole."""
    register = Register([Endpoint(address, 80) for address in found])
    with pytest.raises(Refused):
        await client(register).get("http://site.example/")
    assert register.asked == [("site.example", 80)]


async def test_s111_a_name_is_looked_up_once_and_connected_to_what_was_checked() -> None:
    """S111. Rebinding: the first answer is good, the next one would be an inner address."""
    outside = Outside()
    async with outside.site("site.example") as site, outside.site("inner.example") as inner:
        site.pages["/"] = inner.pages["/"] = answer("here")
        register = Register(outside.names["site.example"], outside.names["inner.example"])
        web = Web(
            Guard("stonechat.test", look_up=register.look_up, is_allowed=lambda _: True), BASE_URL
        )
        assert (await web.get("http://site.example/")).body == b"here"
        assert len(register.asked) == len(site.requests) == 1
        assert inner.requests == []
        # The next request is a new look-up, and is judged anew.
        await web.get("http://site.example/")
        assert len(register.asked) == 2
        assert len(inner.requests) == 1


async def test_s111_a_slow_look_up_counts() -> None:
    """S111. Ten seconds for a name are ten seconds of the deadline."""

    async def never(host: str, port: int) -> list[Endpoint]:
        await asyncio.sleep(60)
        raise AssertionError((host, port))

    web = Web(Guard("stonechat.test", look_up=never), BASE_URL)
    with pytest.raises(Overdue):
        await web.get("http://site.example/", bounds=Bounds(seconds_max=0.05))


async def test_a_name_without_addresses_is_not_there() -> None:
    with pytest.raises(Unreachable):
        await client(Register([])).get("http://site.example/")


def system(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let the system's resolver know these addresses for every name; the names it was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *, type: int) -> list[tuple[object, ...]]:  # noqa: A002
        asked.append(host)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


async def test_s111_the_systems_resolver_is_asked_once_for_the_full_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S111. With its dot, so that no name of our own network is tried in its place."""
    asked = system(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(Refused):
        await Web(Guard("stonechat.test"), BASE_URL).get("http://site.example/")
    assert asked == ["site.example."]


async def test_a_name_that_the_system_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch)
    with pytest.raises(Unreachable):
        await look_up("site.example", 80)


async def test_s111_look_ups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """S111. Slow names hold up a few threads of their own, and no other look-up for ever."""
    held = threading.Event()

    def getaddrinfo(host: str, port: int, *, type: int) -> list[tuple[object, ...]]:  # noqa: A002
        held.wait(10)
        return [(socket.AF_INET, type, 6, host, ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    slow = [
        asyncio.create_task(look_up(f"{number}.example", 80))
        for number in range(LOOKUPS_AT_ONCE_MAX)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Unreachable):
        await look_up("site.example", 80)
    # Whoever gives up does not free the thread: only its end does.
    slow[0].cancel()
    held.set()
    found = await asyncio.gather(*slow, return_exceptions=True)
    assert [type(each) for each in found] == [asyncio.CancelledError] + [list] * (len(slow) - 1)
    assert await look_up("site.example", 80) == [Endpoint("93.184.216.34", 80)]
