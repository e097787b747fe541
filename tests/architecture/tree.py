"""The files of this checkout, as git sees them: what is committed and what could be.

What git ignores (environments, caches, a server's data) is no part of the project and is
never read here.
"""

import functools
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "stonechat"
CODE_SUFFIXES = frozenset({".py", ".sql", ".html", ".css", ".js", ".toml", ".sh", ".xml"})


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be if someone added everything."""
    # Run from a hook, git would hand us its own idea of where the repository is.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@functools.cache
def texts() -> dict[str, str]:
    """The text of every file that is text, by its path from the root."""
    found: dict[str, str] = {}
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            found[path.relative_to(ROOT).as_posix()] = content.decode(errors="replace")
    return found


def modules() -> dict[str, str]:
    """The source of every Python module, by its path from the root."""
    return {name: text for name, text in texts().items() if name.endswith(".py")}


def code() -> dict[str, str]:
    """Whatever a machine reads: sources, SQL, templates, settings, the Makefile, scripts."""
    return {
        name: text
        for name, text in texts().items()
        if Path(name).suffix in CODE_SUFFIXES or name in {"Makefile", ".ci/run"}
    }
