"""Every fact about statuses, schedules, polls and media is a test, or the page says why not.

Facts are numbered by area: ST posting, SCH scheduling, SR reading and changing, PO polls, ME media.
A test cites one in its name (`test_po6_…`) or in its docstring (`PO6: …`); what is no test stands
in docs/dialects/mastodon.md under its number, with the reason.
"""

import re

import pytest

from tests.architecture.tree import ROOT

FACTS = {"ST": 32, "SCH": 20, "SR": 37, "PO": 14, "ME": 14}
PAGE = ROOT / "docs" / "dialects" / "mastodon.md"
_CITED = re.compile(r"(?<![A-Za-z0-9])(st|sch|sr|po|me)([1-9][0-9]?)(?![A-Za-z0-9])", re.IGNORECASE)


def cited(text: str) -> set[str]:
    """The facts that a text names; `ST15-ST17` is two of them, so ranges are written out."""
    parts = text.replace("_", " ")
    return {f"{area.upper()}{number}" for area, number in _CITED.findall(parts)}


def _in_tests() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").glob("*/**/test_*.py"):
        if "architecture" not in path.parts:
            found |= cited(path.read_text(encoding="utf-8"))
    return found


def test_the_names_of_facts_are_found() -> None:
    assert cited("def test_st12_sr3_both(): 'PO6: …'") == {"ST12", "SR3", "PO6"}
    assert cited("MEST1, ST123, post1, ME2x") == set()


@pytest.mark.parametrize("area", FACTS)
def test_every_fact_is_a_test_or_a_line_that_says_why_not(area: str) -> None:
    wanted = {f"{area}{number}" for number in range(1, FACTS[area] + 1)}
    missing = wanted - _in_tests() - cited(PAGE.read_text(encoding="utf-8"))
    assert sorted(missing, key=lambda fact: int(fact.removeprefix(area))) == []
