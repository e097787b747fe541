"""S141: secrets and what people say in private leave no trace outside the database.

A real server is taken through signing in, posting, mistakes of all kinds, faults of its own and a
kill. Then every place where it might have dropped a word is searched for words that were only
ever sent as a password, an address, a token or a private text: its log, its numbers, the argument
list of its processes, its temporary files, and the names of all its files. S143: none of those
files is for anybody but its owner.
"""

import asyncio
import base64
import http.client
import io
import json
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest
from PIL import Image

from bench.servers import Server, Site, serving
from tests.e2e.visitors import Visitor

OOB = "urn:ietf:wg:oauth:2.0:oob"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
LOGGED_S_MAX = 10.0
DATABASE_FILES = ("stonechat.db", "stonechat.db-wal", "stonechat.db-shm")


@dataclass
class Canaries:
    """Words that stand nowhere else, by what they were sent as."""

    password: str = "canary-password-7391"
    wrong_password: str = "canary-guess-7391"
    email: str = "canary-mail-7391@example.org"
    text: str = "canarytext7391"
    warning: str = "canarywarning7391"
    profile: str = "canaryname7391"
    searched: str = "canarysearch7391"
    typed: str = "canarytyped7391"
    given: dict[str, str] = field(default_factory=dict[str, str])
    """What the server gave out in its turn: tokens, codes, secrets."""

    @property
    def every(self) -> dict[str, str]:
        own = {name: value for name, value in vars(self).items() if isinstance(value, str)}
        return own | self.given


@dataclass
class Caller:
    """Sends requests to one server, and keeps nothing."""

    port: int

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def call(self, method: str, path: str, token: str, **body: Any) -> Any:
        """A request that succeeds."""
        headers = {**JSON, "Authorization": f"Bearer {token}"}
        status, content = self.send(method, path, headers, json.dumps(body).encode())
        assert status == 200, content
        return json.loads(content)

    def throw(self, data: bytes) -> None:
        """Bytes as they are, whatever comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            connection.recv(65536)


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Site:
    """A talkative server with a folder of its own for temporary files."""
    site.data_dir = tmp_path / "data"
    site.data_dir.mkdir(mode=0o700)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    site.more = {
        "STONECHAT_LOG_LEVEL": "debug",
        "STONECHAT_REGISTRATIONS": "open",
        "TMPDIR": str(temporary),
    }
    return site


def sign_in(site: Site, caller: Caller, canaries: Canaries) -> str:
    """By the pages, with a wrong password first; the token that comes of it."""
    form = {"client_name": "Test", "redirect_uris": OOB, "scopes": "read write follow"}
    _, content = caller.send("POST", "/api/v1/apps", FORM, urlencode(form).encode())
    app = json.loads(content)
    query = urlencode(
        {
            "client_id": app["client_id"],
            "redirect_uri": OOB,
            "response_type": "code",
            "scope": form["scopes"],
            "state": canaries.typed,
        }
    )
    url = f"http://127.0.0.1:{site.port}/oauth/authorize?{query}"
    with pytest.raises((AssertionError, OSError)):
        Visitor().authorize(url, "anna", canaries.wrong_password)
    code = Visitor().authorize(url, "anna", canaries.password)
    exchange = {
        "grant_type": "authorization_code",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": OOB,
        "code": code,
    }
    _, content = caller.send("POST", "/oauth/token", FORM, urlencode(exchange).encode())
    token = json.loads(content)["access_token"]
    of_app = {**exchange, "grant_type": "client_credentials", "scope": form["scopes"]}
    _, content = caller.send("POST", "/oauth/token", FORM, urlencode(of_app).encode())
    app_token = json.loads(content)["access_token"]
    canaries.given |= {"code": code, "token": token, "app token": app_token}
    canaries.given["client secret"] = app["client_secret"]
    return token


def live(caller: Caller, canaries: Canaries, token: str) -> str:
    """What somebody does who has something to hide; the id of what they said."""
    said = caller.call(
        "POST",
        "/api/v1/statuses",
        token,
        status=canaries.text,
        spoiler_text=canaries.warning,
        visibility="direct",
    )
    caller.call("PUT", f"/api/v1/statuses/{said['id']}", token, status=f"{canaries.text} again")
    caller.call(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        token,
        display_name=canaries.profile,
        note=canaries.profile,
    )
    for query in (canaries.searched, canaries.email, token):
        caller.call("GET", f"/api/v2/search?q={query}", token)
    old_way = f"/api/v1/timelines/home?access_token={token}"
    assert caller.send("GET", old_way, {})[0] == 200
    return said["id"]


def upload(caller: Caller, canaries: Canaries, token: str) -> None:
    """A picture that says more than it shows, and something that is none."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "JPEG", comment=canaries.text.encode())
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "multipart/form-data; boundary=x",
    }
    head = f'Content-Disposition: form-data; name="avatar"; filename="{canaries.typed}.jpg"'
    for content, status in ((picture.getvalue(), 200), (canaries.text.encode(), 422)):
        body = f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n--x--\r\n"
        path = "/api/v1/accounts/update_credentials"
        assert caller.send("PATCH", path, headers, body)[0] == status


def err(caller: Caller, canaries: Canaries, token: str) -> None:
    """Every way of asking for the wrong thing, with the right words in it."""
    bearer = {"Authorization": f"Bearer {token}"}
    typed, private = canaries.typed, canaries.text
    in_query = f"?password={canaries.password}"
    for path in (f"/{typed}", f"/@{typed}", f"/api/v1/{typed}", f"/api/v1/statuses/{typed}"):
        assert caller.send("GET", path + in_query, bearer)[0] == 404
    broken = f'{{"status": "{private}", "password": "{canaries.password}"'.encode()
    long = json.dumps({"status": private * 1000}).encode()
    odd = {"Content-Type": f"text/{typed}", "Cookie": f"session={typed}", "User-Agent": typed}
    for headers, body, status in ((JSON, broken, 400), (JSON, long, 422), (odd, b"x", 415)):
        assert caller.send("POST", "/api/v1/statuses", bearer | headers, body)[0] == status
    basic = base64.b64encode(f"{canaries.email}:{canaries.password}".encode()).decode()
    for authorization in (f"Bearer {typed}", f"Basic {basic}", token):
        wrong = {"Authorization": authorization}
        assert caller.send("GET", "/api/v1/timelines/home", wrong)[0] == 401
    account = {"username": "anna", "email": canaries.email, "password": canaries.password}
    sign_up = json.dumps({**account, "agreement": True}).encode()
    app = {**JSON, "Authorization": f"Bearer {canaries.given['app token']}"}
    assert caller.send("POST", "/api/v1/accounts", app, sign_up)[0] == 422
    used = urlencode({"grant_type": "authorization_code", "code": canaries.given["code"]})
    assert caller.send("POST", "/oauth/token", FORM, used.encode())[0] in (400, 401)
    for junk in (
        f"GET /{typed} HTTP/9.9\r\nHost: {typed}\r\n\r\n",
        f"{typed} / HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\n{typed} : {private}\r\nAuthorization: {token}\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {typed}\r\n\r\n{private}",
    ):
        caller.throw(junk.encode())


def fail(site: Site, caller: Caller, canaries: Canaries, token: str) -> None:
    """Faults of the server's own, in the midst of the work: a table is gone."""
    _rename(site, "home_entries", "gone")
    headers = {**JSON, "Authorization": f"Bearer {token}"}
    body = json.dumps({"status": f"{canaries.text} lost"}).encode()
    assert caller.send("POST", "/api/v1/statuses", headers, body)[0] == 500
    path = f"/api/v1/timelines/home?access_token={token}"
    assert caller.send("GET", path, {})[0] == 500
    _rename(site, "gone", "home_entries")
    assert caller.send("GET", path, {})[0] == 200


def _rename(site: Site, table: str, name: str) -> None:
    sql = f"ALTER TABLE {table} RENAME TO {name}"
    if site.database_url is None:
        with closing(sqlite3.connect(site.data_dir / "stonechat.db", timeout=30)) as connection:
            connection.execute(sql)
            connection.commit()
        return

    async def run(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run(site.database_url))


def arguments(server: Server) -> bytes:
    """What everybody on the machine may read of the running processes."""
    return b"\n".join(
        Path(f"/proc/{pid}/{name}").read_bytes()
        for pid in server.tree()
        for name in ("cmdline", "comm")
    )


def left_behind(site: Site) -> dict[str, bytes]:
    """Every file outside the database, under its path, which counts as well."""
    found: dict[str, bytes] = {}
    for folder in (site.data_dir, site.data_dir.parent / "temporary"):
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder.parent))
            is_elsewhere = path.is_dir() or path.name in DATABASE_FILES
            found[name] = name.encode() + (b"" if is_elsewhere else path.read_bytes())
    return found


def wait_for_log(site: Site) -> None:
    """Lines are written a moment after the answer; a kill must not take the worst one away."""
    deadline = time.monotonic() + LOGGED_S_MAX
    while b"request.failed" not in (site.data_dir / "bench.log").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assert_free_of(canaries: Canaries, places: dict[str, bytes]) -> None:
    hits = [
        f"{name} in {place}"
        for place, content in places.items()
        for name, value in canaries.every.items()
        if value.encode() in content
    ]
    assert hits == []


def test_s141_s143_no_secret_is_left_outside_the_database(site: Site) -> None:
    canaries, caller = Canaries(), Caller(site.port)
    places: dict[str, bytes] = {}
    with serving(site) as server:
        created = ("account", "create", "anna", "--email", canaries.email)
        site.command(*created, "--password", canaries.password)
        canaries.given["second token"] = site.command("token", "create", "anna")
        canaries.given["key"] = site.command("key", "create", "anna")
        token = sign_in(site, caller, canaries)
        said = live(caller, canaries, token)
        upload(caller, canaries, token)
        err(caller, canaries, token)
        fail(site, caller, canaries, token)
        status, numbers = caller.send("GET", "/metrics", {})
        assert status == 200
        places |= {"/metrics": numbers, "the process list": arguments(server)}
        wait_for_log(site)
        server.kill()
    with serving(site) as server:
        # It did go through the database: that is where it still stands.
        again = caller.call("GET", f"/api/v1/statuses/{said}", token)
        assert canaries.text in again["content"]
        places["the process list, later"] = arguments(server)
    files = left_behind(site)
    assert files["data/bench.log"].count(b"request.finished") > 30
    assert_free_of(canaries, places | files)
    assert any("pictures/" in name for name in files)
    assert_private(site)
    if site.database_url is None:
        content = b"".join((site.data_dir / name).read_bytes() for name in DATABASE_FILES[:1])
        assert canaries.text.encode() in content
        in_clear = [name for name, value in canaries.given.items() if value.encode() in content]
        assert in_clear == []
        assert canaries.password.encode() not in content


def assert_private(site: Site) -> None:
    """S143: nobody but the server's user may read a file of its data folder."""
    for path in site.data_dir.rglob("*"):
        # The log is where the operator sends it: here the test does.
        if path.name != "bench.log":
            assert path.stat().st_mode & 0o077 == 0, path
