"""Imports go down: the contracts of pyproject.toml hold, and each of them can break.

The contracts are run by their own program, as `make lint` does. The house of cards below
has one fault for each contract, so a contract that stops looking is found out.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import rules, tree

SETTINGS = tree.ROOT / "pyproject.toml"
PURE_FOLDERS = ("src/stonechat/domain/", "src/stonechat/kernel/")
PURE_ROOMS = ("/forms", "/entities")

SOUND_HOUSE = {
    "__init__.py": "",
    "app.py": "import stonechat.config, stonechat.dialects.alpha, stonechat.dialects.beta",
    "blobs/__init__.py": "",
    "cli/__init__.py": "import stonechat.app",
    "config.py": "import os",
    "dialects/__init__.py": "",
    "dialects/alpha/__init__.py": "import stonechat.dialects.alpha.entities",
    "dialects/alpha/entities.py": "import stonechat.domain",
    "web/entities.py": "import stonechat.domain",
    "web/desk/entities.py": "import stonechat.domain",
    "dialects/beta/__init__.py": "import stonechat.http, stonechat.services",
    "domain/__init__.py": "import stonechat.kernel",
    "http/__init__.py": "import stonechat.services",
    "jobs/__init__.py": "import stonechat.services",
    "kernel/__init__.py": "",
    "outgoing/__init__.py": "import aiohttp, lxml, yarl",
    "realtime/__init__.py": "import stonechat.services",
    "services/__init__.py": "import stonechat.storage",
    "storage/__init__.py": "import stonechat.domain",
    "storage/engines/__init__.py": "import apsw, asyncpg",
    "web/__init__.py": "",
    "web/desk/__init__.py": "",
}
FAULTS = {
    "Floors: imports go down, never up": ("storage/lists.py", "import stonechat.services"),
    "Dialects do not know each other": ("dialects/alpha/a.py", "import stonechat.dialects.beta"),
    "No circles inside a floor": ("http/paging.py", "import stonechat.http.links"),
    "Domain and kernel touch no wire, no disk, no framework": ("domain/a.py", "import asyncio"),
    "Presenters are pure": ("dialects/beta/entities.py", "import stonechat.services"),
    "Doors do not speak SQL": ("web/pages.py", "from stonechat import storage"),
    "Only the engines speak to a database driver": ("services/a.py", "import asyncpg"),
    "Only outgoing speaks to other servers": ("services/b.py", "import aiohttp"),
}
OTHER_HALF = {"http/links.py": "import stonechat.http.paging"}


def lint(folder: Path, source: Path) -> tuple[int, str]:
    """The exit code and the report of lint-imports on the package under `source`."""
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-logo", "--no-cache", "--config", SETTINGS],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(source)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.returncode, run.stdout + run.stderr


def build(root: Path, files: dict[str, str]) -> None:
    for name, line in files.items():
        path = root / "stonechat" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line + "\n")


def is_pure(name: str) -> bool:
    return name.startswith(PURE_FOLDERS) or (
        name.startswith("src/stonechat/dialects/") and any(room in name for room in PURE_ROOMS)
    )


def test_the_contracts_hold() -> None:
    code, report = lint(tree.ROOT, tree.ROOT / "src")
    assert code == 0, report


def test_a_sound_house_keeps_the_contracts(tmp_path: Path) -> None:
    build(tmp_path, SOUND_HOUSE)
    code, report = lint(tmp_path, tmp_path)
    assert code == 0, report


def test_each_contract_is_seen_to_break(tmp_path: Path) -> None:
    build(tmp_path, SOUND_HOUSE | dict(FAULTS.values()) | OTHER_HALF)
    code, report = lint(tmp_path, tmp_path)
    assert code == 1
    assert [name for name in FAULTS if f"{name} BROKEN" not in report] == [], report


def test_every_contract_has_its_planted_fault() -> None:
    contracts = tomllib.loads(SETTINGS.read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == FAULTS.keys()


def test_a_folder_without_a_floor_breaks_the_floors(tmp_path: Path) -> None:
    build(tmp_path, SOUND_HOUSE | {"attic/__init__.py": ""})
    code, report = lint(tmp_path, tmp_path)
    assert code == 1
    assert "attic" in report


def test_rules_and_presenters_wait_for_nothing_and_need_nothing_from_outside() -> None:
    pure = {name: text for name, text in tree.modules().items() if is_pure(name)}
    assert any("domain" in name for name in pure)
    assert any("kernel" in name for name in pure)
    # Wire shapes are msgspec structs; the floors below know no package at all.
    faults = [fault for name in pure.items() for fault in rules.purity_faults(*name)]
    assert [fault for fault in faults if not is_wire_shape(fault)] == []


def is_wire_shape(fault: str) -> bool:
    return fault.startswith("src/stonechat/dialects/") and fault.endswith("needs msgspec")


@pytest.mark.parametrize(
    ("name", "source", "count"),
    [
        ("src/stonechat/domain/statuses.py", "import regex", 1),
        ("src/stonechat/domain/text/links.py", "import regex", 0),
        ("src/stonechat/domain/text/links.py", "import nh3.more", 1),
        ("src/stonechat/domain/statuses.py", "from msgspec.json import encode", 1),
        ("src/stonechat/domain/statuses.py", "from . import ids", 0),
        ("src/stonechat/domain/statuses.py", "from stonechat.kernel import ids\nimport re", 0),
        ("src/stonechat/kernel/mail.py", "async def send(): ...", 1),
    ],
)
def test_waiting_and_foreign_packages_are_caught(name: str, source: str, count: int) -> None:
    assert len(rules.purity_faults(name, source)) == count
