"""The server under load: a process of its own on a fresh database, and what it uses.

`Program` is what a server has in common with a worker (bench/workers).

CPU time is that of the whole process tree, read from /proc; PostgreSQL is not in it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTUP_S_MAX = 30.0
STOP_S_MAX = 15.0
TAIL_CHARACTERS = 4_000
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Site:
    """Where a server's data is and how to run its commands."""

    data_dir: Path
    port: int
    database_url: str | None = None
    more: dict[str, str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings, on top of what this process was started with."""
        settings = {
            "STONECHAT_DATA_DIR": str(self.data_dir),
            "STONECHAT_BASE_URL": f"http://127.0.0.1:{self.port}",
            "STONECHAT_RATE_LIMITS": "off",
            **(self.more or {}),
        }
        if self.database_url is not None:
            settings["STONECHAT_DATABASE_URL"] = self.database_url
        kept = {name: value for name, value in os.environ.items() if "STONECHAT" not in name}
        return kept | settings

    def command(self, *words: str) -> str:
        """Run a command of the command line; its standard output."""
        run = subprocess.run(
            [str(_executable()), *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return run.stdout.strip()

    def account(self, name: str) -> tuple[str, str]:
        """A new account: its id and a token."""
        return self.person(name), self.command("token", "create", name)

    def person(self, name: str) -> str:
        """A new account without a token: each command takes its time."""
        words = ("--email", f"{name}@example.org", "--password", "long enough")
        made = json.loads(self.command("account", "create", name, *words))
        return made["id"]

    def call(self, method: str, path: str, token: str | None = None, **body: Any) -> Any:
        """One request; the JSON of the answer, None where it is empty."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"} if body else {},
        )
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read()
            return json.loads(text) if text else None


def _executable() -> Path:
    return Path(sys.executable).with_name("stonechat")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Program:
    """One of our commands, in a process of its own."""

    def __init__(self, site: Site, log: str, *words: str) -> None:
        """What it says goes to the file `log` in the data folder."""
        self.site = site
        self._log = (site.data_dir / log).open("ab")
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [str(_executable()), *words],
            env=site.environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def tree(self) -> list[int]:
        """The process and all that it started."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def cpu_s(self) -> float:
        """CPU time that the tree has used, user and system."""
        ticks = 0
        for pid in self.tree():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / _TICKS_PER_S

    def memory_mb(self) -> float:
        """Resident memory of the tree."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.tree())
        return pages * _PAGE_BYTES / 1024 / 1024

    def tail(self) -> str:
        """The last of what it said."""
        return Path(self._log.name).read_text()[-TAIL_CHARACTERS:]

    def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()

    def stop(self) -> None:
        """End it politely."""
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()


class Server(Program):
    """A running server."""

    def __init__(self, site: Site, *words: str) -> None:
        super().__init__(site, "bench.log", "serve", "--port", str(site.port), *words)
        self._wait(self._started + STARTUP_S_MAX)
        self.start_s = time.monotonic() - self._started

    def _wait(self, deadline: float) -> None:
        while True:
            try:
                self.site.call("GET", "/health")
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return


@contextmanager
def serving(site: Site, *words: str) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server(site, *words)
    try:
        yield server
    finally:
        server.stop()
