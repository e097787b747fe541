"""Nobody but outgoing/ can speak to another server, with whatever library it may be.

import-linter holds the packages that we depend on; here are those that come with Python, and the
methods of a loop that open a connection without any import.
"""

import ast

import pytest

from tests.architecture import tree

OUTGOING = "src/stonechat/outgoing/"
EXCUSED = {
    # It finds and opens what the server listens on.
    "src/stonechat/cli/serving.py": {"getaddrinfo", "socket"},
    # It sets an option of connections that others have opened to us.
    "src/stonechat/http/connections.py": {"socket"},
}
LIBRARIES = frozenset(
    {
        *("aiohttp", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests", "smtplib"),
        *("socket", "ssl", "telnetlib", "urllib.request", "urllib3", "xmlrpc", "yarl"),
    }
)
METHODS = frozenset(
    {
        *("create_connection", "create_datagram_endpoint", "getaddrinfo", "open_connection"),
        *("sock_connect", "start_tls", "urlopen"),
    }
)


def ways_out(source: str) -> set[str]:
    """The libraries and methods in a source that lead to other servers."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [node.attr] if node.attr in METHODS else []
            found |= set(names)
            continue
        else:
            continue
        found |= {
            library
            for library in LIBRARIES
            for name in names
            if name == library or name.startswith(f"{library}.")
        }
    return found


def test_s108_there_is_one_way_out() -> None:
    """S108. Cards today, and whatever fetches or posts tomorrow: the same guard."""
    modules = {
        path: ways_out(text)
        for path, text in tree.modules().items()
        if path.startswith("src/") and not path.startswith(OUTGOING)
    }
    assert {path: ways for path, ways in modules.items() if ways - EXCUSED.get(path, set())} == {}
    inside = [text for path, text in tree.modules().items() if path.startswith(OUTGOING)]
    assert set.union(*map(ways_out, inside)) >= {"aiohttp", "getaddrinfo", "yarl"}


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("import urllib.request", {"urllib.request"}),
        ("from urllib import request", {"urllib.request"}),
        ("from urllib.request import build_opener", {"urllib.request"}),
        ("import urllib.parse", set()),
        ("from http import HTTPStatus", set()),
        ("from http import client", {"http.client"}),
        ("import stonechat.http.client", set()),
        ("import aiohttp.client", {"aiohttp"}),
        ("await asyncio.open_connection(host, 80)", {"open_connection"}),
        ("loop.create_connection(make, host, 80)", {"create_connection"}),
    ],
)
def test_s108_each_way_out_is_seen(source: str, ways: set[str]) -> None:
    assert ways_out(source) == ways
