"""The bounds of every property: what is within them is kept, what is beyond them is refused whole.

The engine has no part in this, so it is tried on one.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.contract.api import Api
from tests.contract.stativate.programs import DETAILS, Program, is_bad, program

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
WORDS = {
    "type": {"text"},
    "accessType": {"public", "private"},
    "accessTypeUserList": {"public", "private", "owner", "owners"},
    "accessTypeHistory": {"public", "private", "owner", "owners"},
    "announce": {"off", "public", "unlisted", "private"},
}
TEXTS = ("name", "value", "description", *WORDS)
_BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Letters that neither grow in upper case nor join with what stands beside them.
letters = st.sampled_from(["a", "Z", "7", "é", "ж", "水", "\U0001f534", FAMILY, "<", "=", '"'])
Json = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5).filter(str.isprintable),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["a", "value"]), st.integers(0, 3), max_size=2),
)


class Subject:
    """A beacon that is changed again and again, and what it was before."""

    def __init__(self, anna: Program, status: dict[str, Any]) -> None:
        self.anna = anna
        self.path = f"/v1/status/{status['id']}"
        self.before = status

    async def try_one(self, properties: Mapping[str, Any], field: str, *, is_fine: bool) -> Any:
        """Send it: either it is kept, or refused by the name of the field and nothing changes."""
        reply = await self.anna.patch(self.path + DETAILS, json=dict(properties))
        if is_fine:
            assert reply.status == 200, reply.body
            self.before = reply.json
        else:
            assert is_bad(reply, field), reply.body
            assert (await self.anna.get(self.path + DETAILS)).json == self.before
        return reply.json


@pytest.fixture
async def subject(sqlite_api: Api) -> Subject:
    anna = await program(sqlite_api, "anna")
    return Subject(anna, await anna.make())


@_BOUNDED
@given(length=st.integers(0, 50), letter=letters)
@example(length=3, letter=FAMILY)
@example(length=42, letter="é")
@example(length=43, letter="a")
async def test_s084_names_have_3_to_42_signs(subject: Subject, length: int, letter: str) -> None:
    name = letter * length
    is_fine = 3 <= length <= 42 and len(name) <= 210
    told = await subject.try_one({"name": name}, "name", is_fine=is_fine)
    assert not is_fine or told["name"] == name


@_BOUNDED
@given(length=st.integers(0, 14), letter=letters)
@example(length=10, letter="\U0001f534")
@example(length=11, letter="\U0001f534")
@example(length=6, letter="ß")
async def test_s071_values_have_1_to_10_signs_in_upper_case(
    subject: Subject, length: int, letter: str
) -> None:
    """They are counted after they were made upper case: five `ß` are ten."""
    value = (letter * length).upper()
    signs = length * (2 if letter == "ß" else 1)
    is_fine = 1 <= signs <= 10 and len(value) <= 64
    sent = {"value": f"  {letter * length} "}
    told = await subject.try_one(sent, "value", is_fine=is_fine)
    assert not is_fine or told["value"] == value


@_BOUNDED
@given(length=st.integers(380, 420), letter=letters)
@example(length=0, letter="a")
@example(length=400, letter="水")
@example(length=401, letter="水")
async def test_s084_descriptions_have_at_most_400_signs(
    subject: Subject, length: int, letter: str
) -> None:
    description = letter * length
    is_fine = length <= 400 and len(description) <= 2000
    sent = {"description": description}
    told = await subject.try_one(sent, "description", is_fine=is_fine)
    assert not is_fine or told["description"] == description


@_BOUNDED
@given(color=st.one_of(st.integers(-2, 15), Json))
@example(color="3")
@example(color=3.5)
@example(color=3.0)
@example(color=True)
async def test_s086_colours_are_whole_numbers_from_1_to_12(subject: Subject, color: Any) -> None:
    is_fine = type(color) is int and 1 <= color <= 12
    told = await subject.try_one({"colorNo": color}, "colorNo", is_fine=is_fine)
    assert not is_fine or told["colorNo"] == color


@_BOUNDED
@given(
    name=st.sampled_from(sorted(WORDS)),
    word=st.one_of(st.sampled_from(sorted({*WORDS["announce"], "owner", "text", "Public"})), Json),
)
@example(name="accessTypeUserList", word="owners")
@example(name="accessType", word="owners")
async def test_s086_words_are_those_of_the_list(subject: Subject, name: str, word: Any) -> None:
    """And none is taken for another one, in whichever case: never a wider default."""
    is_fine = isinstance(word, str) and word in WORDS[name]
    told = await subject.try_one({name: word}, name, is_fine=is_fine)
    assert not is_fine or told[name] == ("owner" if word == "owners" else word)


@_BOUNDED
@given(name=st.sampled_from([*TEXTS, "presets", "staleAfter", "hearsAnswers"]), value=Json)
@example(name="presets", value=["x"] * 13)
async def test_s086_s087_types_are_never_bent(subject: Subject, name: str, value: Any) -> None:
    fits = {"presets": list, "staleAfter": int, "hearsAnswers": bool}.get(name, str)
    if type(value) is fits and name != "presets":
        return
    if name == "presets" and value == []:
        return
    other = {"name": "Not kept"} if name == "value" else {"value": "not kept"}
    await subject.try_one({**other, name: value}, name, is_fine=False)


@_BOUNDED
@given(name=st.text(min_size=1, max_size=30).filter(str.isprintable))
@example(name="id")
@example(name="shareId")
@example(name="shareID")
@example(name="statusKey")
@example(name="Value")
@example(name="colour")
async def test_d12_unknown_properties_are_refused(subject: Subject, name: str) -> None:
    """D12: wrong properties are 400; those that can only be read are none that can be set."""
    if name not in subject.before or name in ("id", "shareId", "statusKey"):
        await subject.try_one({name: "x", "value": "not kept"}, name, is_fine=False)


async def test_s085_s092_names_in_the_query_are_no_properties(subject: Subject) -> None:
    anna, path = subject.anna, subject.path
    empty = await anna.patch(f"{path}?value=x&name=Other")
    assert is_bad(empty, "body")
    both = await anna.patch(f"{path}?value=x&nonsense=1", json={"colorNo": 2})
    assert (both.status, both.json["value"], both.json["colorNo"]) == (200, "PACKED", 2)
    twice = b'{"value": "x", "value": "y"}'
    headers = {"Content-Type": "application/json"}
    assert is_bad(await anna.patch(path, body=twice, headers=headers), "body")


async def test_what_is_ours_is_kept_as_it_is_sent(subject: Subject) -> None:
    """Presets with and without a colour, an end of what a value is worth, and the bridge."""
    sent = {
        "presets": ["open", {"value": "shut", "colorNo": 2}, {"value": FAMILY}],
        "staleAfter": 60,
        "announce": "unlisted",
        "hearsAnswers": True,
    }
    told = await subject.try_one(sent, "", is_fine=True)
    assert told["presets"] == [
        {"value": "OPEN"},
        {"value": "SHUT", "colorNo": 2},
        {"value": FAMILY},
    ]
    assert {name: told[name] for name in sent if name != "presets"} == {
        name: sent[name] for name in sent if name != "presets"
    }
    subject.anna.api.clock.move(seconds=61)
    stale = (await subject.anna.get(subject.path + DETAILS)).json
    assert (stale["value"], stale["isStale"]) == ("PACKED", True)
    undone = {"presets": [], "staleAfter": 0, "announce": "off", "hearsAnswers": False}
    told = await subject.try_one(undone, "", is_fine=True)
    assert {name: told[name] for name in undone} == undone
    for wrong in (
        [{"value": "x", "colorNo": 13}],
        [{"value": "x", "colorNo": "1"}],
        [{"value": "x", "colorNo": None}],
        [{"colorNo": 1}],
        [{"value": "x", "name": "y"}],
        ["x" * 11],
        [["x"]],
        "OPEN",
    ):
        await subject.try_one({"presets": wrong}, "presets", is_fine=False)
    for seconds in (1, 59, 366 * 86_400 + 1, -1, 2**63):
        await subject.try_one({"staleAfter": seconds}, "staleAfter", is_fine=False)


@pytest.mark.parametrize("path", ["/v1/status", "/v1/status-keys/new"])
async def test_3_creating_needs_a_name_and_a_value(sqlite_api: Api, path: str) -> None:
    anna = await program(sqlite_api, "anna")
    for sent, field in (
        ({}, "body"),
        ({"name": "Front door"}, "value"),
        ({"value": "open"}, "name"),
        ({"name": "Front door", "value": "open", "id": "x"}, "id"),
    ):
        assert is_bad(await anna.post(path, json=sent), field)
    assert (await anna.get("/v1/user/status")).json == []


async def test_keys_have_1_to_128_plain_signs(sqlite_api: Api) -> None:
    anna = await program(sqlite_api, "anna")
    sent = {"name": "Front door", "value": "open"}
    for key in ("a", "a:b", "a%3Ab~c", "A", "x" * 128, "1", "-_.:~"):
        assert (await anna.post(f"/v1/status-keys/{key}", json=sent)).status in (200, 201), key
    keys = {each["statusKey"] for each in (await anna.get("/v1/user/status")).json}
    assert keys == {"a", "a:b", "a:b~c", "A", "x" * 128, "1", "-_.:~"}
    for key in ("x" * 129, "a%20b", "%C3%A9", "a+b", "a%253Ab", "*", "%EF%BC%91"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            how = {"json": sent} if method in ("POST", "PUT") else {}
            reply = await anna.call(method, f"/v1/status-keys/{key}", **how)
            assert is_bad(reply, "statusKey"), (method, key)
