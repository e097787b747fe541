"""Every security case that is held so far is tried by a test that says its number.

The page docs/security-cases.md tells where. Neither a test that went away nor a row that names
the wrong file stays unseen; a case without a test needs a reason on the page.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.architecture import tree

PAGE = "docs/security-cases.md"
# Both ends belong to a range.
HELD = (
    "S001-S017 S022-S026 S028 S030-S034 S038-S040 S042 S043 S045 S047-S050 S053-S055"
    " S062 S064-S072 S077 S078 S081-S124 S127 S129-S132 S134 S136 S138-S143"
)
CASE = re.compile(r"(?<![A-Z0-9])S[01]\d\d(?!\d)")
ROW = re.compile(r"^\| (S\d{3}) \|[^|]+\|([^|]+)\|$", re.MULTILINE)
LINK = re.compile(r"\]\(\.\./([^)]+)\)")
NOT_TESTED = re.compile(r"^## Not tested$\n(.*)", re.MULTILINE | re.DOTALL)
REASON = re.compile(r"^- \*\*(S\d{3})\*\*: \S+ \S+", re.MULTILINE)


def cases_of(ranges: str) -> set[str]:
    """The numbers that `S001-S003 S007` stands for."""
    found: set[str] = set()
    for word in ranges.split():
        first, _, last = word.partition("-")
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        found |= {f"S{number:03}" for number in numbers}
    return found


def tried(modules: Mapping[str, str]) -> dict[str, set[str]]:
    """For each case the modules with a test that says it in its name or docstring."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path, source in modules.items():
        for node in ast.walk(ast.parse(source)):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and node.name.startswith("test_"):
                words = node.name.upper().replace("_", " ") + " " + (ast.get_docstring(node) or "")
                for case in CASE.findall(words):
                    found[case].add(path)
    return found


def faults(held: Iterable[str], page: str, where: Mapping[str, set[str]]) -> list[str]:
    """What the page and the tests do not agree on."""
    rows = {case: set(LINK.findall(cell)) for case, cell in ROW.findall(page)}
    section = NOT_TESTED.search(page)
    excused = set(REASON.findall(section[1])) if section else set()
    found: list[str] = []
    for case in sorted(held):
        if case in excused:
            found += [f"{case} is tested, and said not to be"] if where.get(case) else []
        elif not where.get(case):
            found.append(f"{case} is in no test, and the page gives no reason")
        elif not rows.get(case):
            found.append(f"{case} has no row that says where it is tested")
    for case, files in rows.items():
        wrong = sorted(files - where.get(case, set()))
        found += [f"{case} is not in {path}, whatever the page says" for path in wrong]
    return found


def test_every_case_is_tried_and_the_page_says_where() -> None:
    modules = {path: text for path, text in tree.modules().items() if path.startswith("tests/")}
    assert faults(cases_of(HELD), tree.texts()[PAGE], tried(modules)) == []


def test_the_cases_that_are_held_are_counted() -> None:
    assert cases_of("S001-S003 S007") == {"S001", "S002", "S003", "S007"}
    assert len(cases_of(HELD)) == 110


SOURCE = '''
"""S009: what a module says of itself is not a test."""
def test_s001_and_s002(): ...
async def test_three():
    """S003, and by S256 nothing is meant."""
def helper_s004(): ...
'''


def test_cases_are_found_in_names_and_docstrings_of_tests_alone() -> None:
    assert tried({"tests/test_a.py": SOURCE}) == {
        "S001": {"tests/test_a.py"},
        "S002": {"tests/test_a.py"},
        "S003": {"tests/test_a.py"},
    }


def test_what_does_not_agree_is_found() -> None:
    where = {"S001": {"tests/a.py"}, "S002": {"tests/a.py"}, "S005": {"tests/a.py"}}
    page = (
        "| S001 | a thing | [a](../tests/a.py) |\n"
        "| S002 | a thing | [b](../tests/b.py) |\n"
        "## Not tested\n\n- **S004**: comes later\n- **S005**: comes later\n- **S006**:\n"
    )
    assert faults(["S001", "S002", "S003", "S004", "S005", "S006", "S007"], page, where) == [
        "S003 is in no test, and the page gives no reason",
        "S005 is tested, and said not to be",
        "S006 is in no test, and the page gives no reason",
        "S007 is in no test, and the page gives no reason",
        "S002 is not in tests/b.py, whatever the page says",
    ]
    assert faults(["S001"], "", where) == ["S001 has no row that says where it is tested"]
