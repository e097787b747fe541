"""The command line as scripts use it: real processes, on both engines.

What is printed where, which exit code it is, and what a server does while all that goes on.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bench.servers import Server, Site, free_port, serving

STONECHAT = Path(sys.executable).with_name("stonechat")
DRAIN_S_MAX = 10.0
IDLE_MB_MAX = 80
OWNERS_PASSWORD = re.compile(r"Sign in as owner with the password (\S+)")
NEVER = "Traceback"


def run(site: Site, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """One command, whatever comes of it."""
    done = subprocess.run(
        [STONECHAT, *words],
        env=site.environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert NEVER not in done.stdout + done.stderr
    return done


def refusal(site: Site, *words: str) -> str:
    """The one sentence with which a command is refused."""
    done = run(site, *words)
    assert (done.returncode, done.stdout) == (1, "")
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert lines[0].startswith("stonechat: ")
    return lines[0].removeprefix("stonechat: ")


def account(site: Site, name: str, *more: str) -> subprocess.CompletedProcess[str]:
    words = ("--email", f"{name}@example.org", "--password", "long enough")
    return run(site, "account", "create", name, *words, *more)


def rows(site: Site, *words: str) -> list[dict[str, object]]:
    done = run(site, *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def log_of(site: Site) -> str:
    return (site.data_dir / "bench.log").read_text()


def workers_of(server: Server) -> list[int]:
    """The processes that serve: not the supervisor, and not Python's own resource tracker."""
    found: list[int] = []
    for pid in server.tree()[1:]:
        # One that was killed may be gone by now.
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def eventually(is_so: object, within_s: float = 20.0) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


# Accounts, tokens, keys ---------------------------------------------------------------------


def test_commands_work_before_the_first_start_and_print_what_scripts_read(site: Site) -> None:
    made = account(site, "Anna", "--role", "owner")
    assert made.returncode == 0
    answer = json.loads(made.stdout)
    assert (answer.keys(), answer["username"]) == ({"id", "username"}, "Anna")
    assert answer["id"].isdecimal()
    token = run(site, "token", "create", "anna", "--scopes", "read write").stdout
    assert re.fullmatch(r"[\w-]{43}\n", token)
    assert re.fullmatch(r"sck_[\w-]{43}\n", run(site, "key", "create", "anna").stdout)
    with serving(site) as server:
        seen = site.call("GET", "/api/v1/accounts/verify_credentials", token.strip())
        assert seen["username"] == "Anna"
        # Somebody was here already, so no owner was made.
        assert OWNERS_PASSWORD.search(log_of(site)) is None
        assert server.process.poll() is None
    assert [row["username"] for row in rows(site, "account", "list")] == ["Anna"]


def test_accounts_are_managed_beside_a_running_server(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port())
    with serving(site):
        account(site, "anna")
        token = site.command("token", "create", "anna")
        assert site.call("GET", "/api/v1/accounts/verify_credentials", token)["role"]["name"] == ""
        run(site, "account", "role", "anna", "admin")
        (row,) = [row for row in rows(site, "account", "list") if row["username"] == "anna"]
        assert (row["role"], row["state"], row["email"]) == ("admin", "active", "anna@example.org")

        run(site, "account", "disable", "anna")
        assert _status(site, token) == 403
        run(site, "account", "enable", "anna")
        assert _status(site, token) == 200

        changed = run(site, "account", "password", "anna")
        assert re.fullmatch(r"\S{20}\n", changed.stdout)
        assert _status(site, token) == 401
        # [S141] What is logged of it names neither the person nor the password.
        line = json.loads(changed.stderr)
        assert (line["event"], "anna" in changed.stderr) == ("account.password_changed", False)
        assert changed.stdout.strip() not in changed.stderr

        token = site.command("token", "create", "anna")
        run(site, "account", "delete", "anna", "--yes")
        assert _status(site, token) == 401
        assert refusal(site, "token", "create", "anna").startswith("anna is deleted")
        taken = account(site, "anna")
        assert (taken.returncode, "already been taken" in taken.stderr) == (1, True)


def _status(site: Site, token: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/api/v1/accounts/verify_credentials",
        headers={"Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


# The server ---------------------------------------------------------------------------------


def test_the_very_first_start_makes_an_owner_and_prints_the_password_once(site: Site) -> None:
    with serving(site) as server:
        assert server.memory_mb() <= IDLE_MB_MAX
    found = OWNERS_PASSWORD.findall(log_of(site))
    assert len(found) == 1
    with serving(site):
        (row,) = rows(site, "account", "list")
    assert (row["username"], row["role"]) == ("owner", "owner")
    assert OWNERS_PASSWORD.findall(log_of(site)) == found


def test_two_servers_that_start_at_once_make_one_owner(site: Site, tmp_path: Path) -> None:
    other = replace(site, port=free_port())
    with ThreadPoolExecutor(2) as threads:
        servers = list(threads.map(Server, (site, other)))
    for server in servers:
        server.stop()
    assert [server.process.returncode for server in servers] == [0, 0]
    assert [row["role"] for row in rows(site, "account", "list")] == ["owner"]
    assert len(OWNERS_PASSWORD.findall(log_of(site))) == 1


def test_the_port_is_taken(tmp_path: Path) -> None:
    site = Site(tmp_path / "data", free_port())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refusal(site, "serve", "--port", str(port))
    assert told == (
        f"The server cannot listen on 127.0.0.1 port {port}: Address already in use."
        " Choose others with --host and --port, or stop what is there."
    )
    # Nothing was made: the next start is still the very first one.
    assert not site.data_dir.exists()


def test_the_base_url_follows_the_port(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port(), more={"STONECHAT_BASE_URL": ""})
    with serving(site):
        assert site.call("GET", "/api/v2/instance")["domain"] == f"127.0.0.1:{site.port}"


def test_what_the_server_makes_is_for_itself_alone(tmp_path: Path) -> None:
    """[S143]"""
    site = Site(tmp_path / "data", free_port())
    before = os.umask(0)
    try:
        account(site, "anna")
        run(site, "backup", str(tmp_path / "b"))
    finally:
        os.umask(before)
    made = [site.data_dir, *site.data_dir.iterdir(), tmp_path / "b"]
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


@contextmanager
def connection(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.site.port), timeout=15) as line:
        yield line


def test_a_stop_lets_the_request_in_hand_end(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port())
    with serving(site) as server:
        account(site, "anna")
        token = site.command("token", "create", "anna")
        body = b'{"status": "said while the server stops"}'
        with connection(server) as line:
            head = (
                "POST /api/v1/statuses HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            line.sendall(head.encode() + body[:10])
            time.sleep(0.3)
            server.process.terminate()
            time.sleep(1)
            assert server.process.poll() is None
            line.sendall(body[10:])
            answer = b""
            while chunk := line.recv(65536):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.process.wait(DRAIN_S_MAX) == 0
    with serving(replace(site, port=free_port())) as again:
        account_id = rows(again.site, "account", "list")[-1]["id"]
        said = again.site.call("GET", f"/api/v1/accounts/{account_id}/statuses", token)
        assert "said while the server stops" in said[0]["content"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--workers", "2")])
def test_a_stop_takes_ten_seconds_at_most(tmp_path: Path, words: tuple[str, ...]) -> None:
    with serving(Site(tmp_path, free_port()), *words) as server, connection(server) as line:
        line.sendall(b"POST /api/v1/statuses HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{")
        time.sleep(0.3)
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(DRAIN_S_MAX + 5) == 0
        assert time.monotonic() - began <= DRAIN_S_MAX


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_does_not_wait_for_an_idle_connection(tmp_path: Path, how: signal.Signals) -> None:
    with serving(Site(tmp_path, free_port())) as server, connection(server) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += line.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        server.process.send_signal(how)
        assert server.process.wait(DRAIN_S_MAX) == 0
        assert time.monotonic() - began < 3
        assert line.recv(1) == b""


def test_workers_share_the_port_and_a_dead_one_is_replaced(site: Site) -> None:
    with serving(site, "--workers", "2") as server:
        account(site, "anna")
        token = site.command("token", "create", "anna")
        eventually(lambda: len(workers_of(server)) == 2)
        before = workers_of(server)
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: len(set(workers_of(server)) - set(before)) == 1)
        with ThreadPoolExecutor(8) as threads:
            made = list(
                threads.map(
                    lambda number: site.call(
                        "POST", "/api/v1/statuses", token, status=f"number {number}"
                    )["id"],
                    range(64),
                )
            )
        assert len(set(made)) == 64
        assert (
            site.call("GET", "/api/v1/accounts/verify_credentials", token)["statuses_count"] == 64
        )
    assert server.process.returncode == 0, server.tail()


def test_workers_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port())
    server = Server(site, "--workers", "2")
    try:
        eventually(lambda: len(workers_of(server)) == 2)
        workers = workers_of(server)
        server.process.kill()
        server.process.wait()
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), DRAIN_S_MAX)
    finally:
        server.stop()
    with serving(site):
        pass


def test_a_worker_that_cannot_start_ends_the_server(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port())
    assert run(site, "migrate").returncode == 0
    database = sqlite3.connect(tmp_path / "stonechat.db")
    # One number is left, for one process that makes ids.
    taken = [(number,) for number in range(255)]
    database.executemany("INSERT INTO processes VALUES (?, 'somebody', 9999999999999)", taken)
    database.commit()
    database.close()
    done = run(site, "serve", "--port", "0", "--workers", "2")
    assert done.returncode == 1
    assert "\nstonechat: The server did not start: the last lines of the log say why.\n" in (
        done.stderr
    )


# The database as a whole ---------------------------------------------------------------------


def test_a_backup_is_restored_beside_a_running_server(site: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.stonechat"
    with serving(site):
        account(site, "anna")
        token = site.command("token", "create", "anna")
        kept = site.call("POST", "/api/v1/statuses", token, status="before the backup")
        path = f"/api/v1/statuses/{kept['id']}"
        before = site.call("GET", path, token)
        done = run(site, "backup", str(archive))
        assert (done.returncode, done.stdout) == (0, "")
        assert archive.stat().st_mode & 0o777 == 0o600

        gone = site.call("POST", "/api/v1/statuses", token, status="after the backup")
        site.call("PUT", path, token, status="edited after the backup")
        assert "edited" in site.call("GET", path, token)["content"]
        account(site, "bert")

        assert run(site, "restore", str(archive)).returncode == 0
        # The server rendered the edited status before, and must not show that again.
        assert site.call("GET", path, token) == before
        with pytest.raises(urllib.error.HTTPError, match="404"):
            site.call("GET", f"/api/v1/statuses/{gone['id']}", token)
        site.call("POST", "/api/v1/statuses", token, status="life goes on")
        names = [row["username"] for row in rows(site, "account", "list")]
        assert names == ["owner", "anna"]
        assert run(site, "doctor").returncode == 0


def test_head_may_close_the_pipe(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port())
    account(site, "anna")
    line = f"{STONECHAT} account list | true"
    done = subprocess.run(
        ["bash", "-c", line],
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert NEVER not in done.stderr
    assert "Exception" not in done.stderr
