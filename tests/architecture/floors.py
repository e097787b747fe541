"""Reads the tree of folders that ARCHITECTURE.md draws, and compares it with the real one.

The tree is the first code block of the section "Floors": two spaces of indent per storey, a
name that ends in `/` or `.py`, then words. Folders named among those words belong to the
line's own folder, so `storage/  SQL; engines/, migrations/` names three.
"""

import re
from pathlib import Path

_SECTION = re.compile(r"^#+ .*\bFloors\b.*?$\n(.*?)(?=^#+ |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^( *)([\w./-]+/|[\w-]+\.py)(?=\s|$)(.*)$")
_FOLDER_IN_WORDS = re.compile(r"(?<![\w/.<{-])([a-z_]+)/(?![\w<])")


def named(page: str) -> set[str]:
    """Every path that the tree names, from the root of the project."""
    section = _SECTION.search(page)
    block = _BLOCK.search(section[1]) if section else None
    if block is None:
        return set()
    found: set[str] = set()
    above: list[tuple[int, str]] = []
    for line in block[1].splitlines():
        entry = _ENTRY.match(line)
        words = line
        if entry:
            indent, words = len(entry[1]), entry[3]
            above = [(depth, path) for depth, path in above if depth < indent]
            path = (above[-1][1] if above else "") + entry[2]
            above.append((indent, path))
            found.add(path)
        if above:
            here = above[-1][1]
            found |= {here + name + "/" for name in _FOLDER_IN_WORDS.findall(words)}
    return found


def faults(page: str, root: Path, package: str) -> list[str]:
    """What the page names and is not there, and what is there and the page does not name."""
    names = named(page)
    if f"{package}/" not in names:
        return [f"the section Floors has no code block that begins with {package}/"]
    absent = [
        f"{name} is named, but does not exist" for name in sorted(names) if not _is(root, name)
    ]
    folders = {
        f"{folder.relative_to(root).as_posix()}/"
        for folder in (root / package).rglob("*")
        if folder.is_dir() and "__pycache__" not in folder.parts
    }
    return absent + [f"{folder} exists, but is not named" for folder in sorted(folders - names)]


def _is(root: Path, name: str) -> bool:
    return (root / name).is_dir() if name.endswith("/") else (root / name).is_file()
