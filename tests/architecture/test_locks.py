"""The locks are whole, current, and say nothing about the machine that wrote them.

A lock that names an index or a folder works for one person only, and tells others where
that person works. A pin without a hash is no pin. A lock older than pyproject.toml is
found here, not by the first user.
"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import tree

RUNTIME = "requirements/runtime.txt"
DEV = "requirements/dev.txt"
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==([\w.!+]+)"  # name and version
    r"(?: ; [\w .'<>=!()]+)?"  # the Pythons it is for
    r"((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$",
    re.MULTILINE,
)
PLACE = re.compile(r"\w+://\S+|(?:^|[\s=@(])[/~]\S+", re.MULTILINE)
# Options that say where to fetch packages from; in brackets, so that this file is clean.
INDEX = re.compile(r"--(?:extra-)?index[-]url|--find[-]links|--trusted[-]host")
HOME = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/")
NO_HASH = "apsw==3.54.1.0\n"
HASHED = "apsw==3.54.1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via stonechat\n"


def pins(lock: str) -> dict[str, list[str]]:
    """The versions that a lock pins, by name: more than one where Pythons differ."""
    found: dict[str, list[str]] = {}
    for name, version, _ in PIN.findall(lock):
        found.setdefault(name, []).append(version)
    return found


def lock_faults(lock: str) -> list[str]:
    """Pins without a hash, lines that are no pin, and words that name a place."""
    unhashed = [f"{name} has no hash" for name, _, hashes in PIN.findall(lock) if not hashes]
    strangers = [
        f"no pin: {line}"
        for line in PIN.sub("", lock).splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return unhashed + strangers + [f"a place: {place}" for place in PLACE.findall(lock)]


def place_faults(text: str, root: Path) -> list[str]:
    """Where a text names an index, a person's home or the folder of this checkout."""
    return INDEX.findall(text) + HOME.findall(text) + re.findall(re.escape(f"{root}/"), text)


def unmet(requirements: list[str], locked: dict[str, list[str]]) -> list[str]:
    """The requirements that a lock does not meet."""
    faults: list[str] = []
    for text in requirements:
        wanted = Requirement(text)
        versions = locked.get(canonicalize_name(wanted.name), [])
        if not versions or not all(wanted.specifier.contains(version) for version in versions):
            faults.append(text)
    return faults


@pytest.mark.parametrize("name", [RUNTIME, DEV])
def test_a_lock_holds_hashed_pins_and_names_no_place(name: str) -> None:
    lock = tree.texts()[name]
    assert len(pins(lock)) > 10
    assert lock_faults(lock) == []


@pytest.mark.parametrize(
    ("lock", "count"),
    [
        (HASHED, 0),
        (NO_HASH, 1),
        (HASHED + NO_HASH, 1),
        ("--index" + "-url packages\n" + HASHED, 1),
        ("# from https://packages.example/simple\n" + HASHED, 1),
        ("#    pip-compile -o /srv/requirements.txt\n" + HASHED, 1),
        ("apsw>=3.54\n", 1),
        ("apsw @ file:///srv/apsw.whl\n", 2),
    ],
)
def test_a_loose_pin_and_a_place_are_caught(lock: str, count: int) -> None:
    assert len(lock_faults(lock)) == count


def test_the_locks_meet_what_pyproject_asks() -> None:
    settings = tomllib.loads(tree.texts()["pyproject.toml"])
    project, build = settings["project"], settings["dependency-groups"]["build"]
    runtime, dev = pins(tree.texts()[RUNTIME]), pins(tree.texts()[DEV])
    assert unmet(project["dependencies"] + build, runtime) == []
    assert unmet(project["optional-dependencies"]["dev"], dev) == []
    assert build == settings["build-system"]["requires"]


def test_what_is_tested_is_what_is_served() -> None:
    dev = pins(tree.texts()[DEV])
    assert {
        name: dev.get(name)
        for name, versions in pins(tree.texts()[RUNTIME]).items()
        if versions != dev.get(name)
    } == {}


def test_a_requirement_that_the_lock_does_not_meet_is_caught() -> None:
    locked = {"apsw": ["3.54.1.0"], "soupsieve": ["2.10", "4.1"]}
    assert unmet(["apsw>=3.54", "Soup.Sieve>=2"], {**locked, "soup-sieve": ["4"]}) == []
    assert unmet(["apsw>=4", "falcon", "soupsieve>=3"], locked) == [
        "apsw>=4",
        "falcon",
        "soupsieve>=3",
    ]


def test_no_text_names_an_index_a_home_or_this_checkout() -> None:
    faults = {name: place_faults(text, tree.ROOT) for name, text in tree.texts().items()}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install --extra-index" + "-url x",
        "--find" + "-links wheels",
        "see /ho" + "me/ada/notes",
        "see /srv/checkout/notes",
    ],
)
def test_a_place_in_a_text_is_caught(text: str) -> None:
    assert len(place_faults(text, Path("/srv/checkout"))) == 1
    assert place_faults("GET /api/v1/timelines/home and /srv/other", Path("/srv/checkout")) == []
