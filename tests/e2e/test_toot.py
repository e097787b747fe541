"""toot against the running server, as somebody at a terminal uses it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.servers import Server
from tests.e2e.visitors import Visitor

TOOT = Path(sys.executable).with_name("toot")


class Terminal:
    """A person with toot and a folder for its configuration."""

    def __init__(self, server: Server, home: Path) -> None:
        self.base_url = f"http://127.0.0.1:{server.site.port}"
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *words: str) -> str:
        """Run one command; what it printed."""
        run = subprocess.run(
            [TOOT, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, (words, run.stdout, run.stderr)
        return run.stdout

    def sign_in(self, name: str) -> None:
        """`toot login`, with the page opened elsewhere and the code pasted."""
        process = subprocess.Popen(
            [TOOT, "login", "--instance", self.base_url],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        url = ""
        while not url:
            line = process.stdout.readline()
            assert line, "toot ended before it told the address"
            url = line.strip() if line.startswith("http") else ""
        code = Visitor().authorize(url, name)
        out, _ = process.communicate(f"n\n{code}\n", timeout=60)
        assert "Successfully logged in" in out, out


@pytest.fixture
def terminal(server: Server, tmp_path: Path) -> Terminal:
    return Terminal(server, tmp_path)


def _id(text: str) -> str:
    found = re.search(r"/@\w+/(\d+)", text)
    assert found is not None, text
    return found[1]


def test_toot_signs_in_posts_reads_answers_edits_deletes(
    server: Server, terminal: Terminal
) -> None:
    server.site.person("anna")
    terminal.sign_in("anna")
    assert "anna" in terminal.run("whoami")
    assert "Stonechat" in terminal.run("instance")

    status_id = _id(terminal.run("post", "Back at 12:30"))
    assert "Back at 12:30" in terminal.run("timelines", "home", "--no-pager")
    assert "Back at 12:30" in terminal.run("timelines", "public", "--no-pager")
    answer_id = _id(terminal.run("post", "No, at 12:45", "--reply-to", status_id))
    thread = json.loads(terminal.run("thread", status_id, "--json"))
    assert [status["id"] for status in thread["descendants"]] == [answer_id]

    for verb in ("favourite", "bookmark", "pin", "reblog"):
        terminal.run(verb, status_id)
    status = json.loads(terminal.run("status", status_id, "--json"))
    assert (status["favourites_count"], status["reblogs_count"]) == (1, 1)
    for verb in ("unfavourite", "unbookmark", "unpin", "unreblog"):
        terminal.run(verb, status_id)

    _edit(terminal, status_id, "Back at 12:50")
    assert "12:50" in json.loads(terminal.run("status", status_id, "--json"))["content"]
    terminal.run("delete", status_id)
    remaining = json.loads(terminal.run("status", answer_id, "--json"))
    assert remaining["in_reply_to_id"] is None


def _edit(terminal: Terminal, status_id: str, text: str) -> None:
    """toot edits only in its full-screen interface; this is the call that it makes there."""
    code = (
        "from toot import api, config; user, app = config.get_active_user_app();"
        f"api.edit_status(app, user, {status_id!r}, {text!r})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=terminal.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
