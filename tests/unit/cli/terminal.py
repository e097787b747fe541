"""The command line within the test's own process: quick, and with everything that it prints."""

import io
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stonechat.cli.commands import main
from tests.unit.http.written_logs import kept_logging


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output, where it is a line of JSON for each row."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def refusal(self) -> str:
        """The one sentence with which the command was refused."""
        assert (self.code, self.out) == (1, "")
        (line,) = [line for line in self.err.splitlines() if not line.startswith("{")]
        assert line.startswith("stonechat: ")
        return line.removeprefix("stonechat: ")


class Keyboard(io.StringIO):
    """Standard input of somebody who sits there."""

    def isatty(self) -> bool:
        return True


class Terminal:
    """Somebody who types commands, with a data folder of their own."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], data_dir: Path
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        self.data_dir = data_dir
        self.set("STONECHAT_DATA_DIR", str(data_dir))

    def set(self, name: str, value: str) -> None:
        """Set a variable of the environment."""
        self._monkeypatch.setenv(name, value)

    def run(self, *words: str, stdin: str | io.StringIO = "") -> Done:
        """Run one command."""
        self._monkeypatch.setattr(sys, "argv", ["stonechat", *words])
        self._monkeypatch.setattr(
            sys, "stdin", io.StringIO(stdin) if isinstance(stdin, str) else stdin
        )
        self._monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        self._capfd.readouterr()
        code = 0
        with kept_logging():
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
            for handler in logging.getLogger().handlers:
                sink = getattr(handler, "_sink", None)
                if sink is not None:
                    sink.flush()
        out, err = self._capfd.readouterr()
        return Done(code, out, err)

    def account(self, name: str, *more: str) -> str:
        """A new account; its id."""
        words = ("--email", f"{name}@example.org", "--password", "long enough")
        (made,) = self.run("account", "create", name, *words, *more).rows
        return made["id"]
