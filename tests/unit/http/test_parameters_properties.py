"""Laws of reading parameters: arbitrary bytes never break it, and what was sent is what is read."""

import contextlib
import json
import sys
from collections.abc import Callable
from types import FrameType
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.http.parameters import Json, Parameters, parse_body, parse_id, parse_query
from stonechat.http.parameters.fields import ITEMS_MAX, NESTING_DEPTH_MAX
from stonechat.kernel.errors import StonechatError
from stonechat.kernel.ids import ID_MAX

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=X"

names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=9
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | texts
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
form_bytes = st.lists(
    st.sampled_from(
        [b"a", b"[", b"]", b"[]", b"=", b"&", b"%", b"+", b"%5B", b"\xff", b"\\", b"1"]
    ),
    max_size=40,
).map(b"".join)
json_bytes = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b":",
            b",",
            b"\\",
            b"\\u",
            b"d800",
            b"1",
            b"e9",
            b"\xff",
            b'"a"',
        ]
    )
).map(b"".join)
multipart_bytes = st.lists(
    st.sampled_from(
        [
            b"--X",
            b"--",
            b"\r\n",
            b"\n",
            b"Content-Disposition: form-data",
            b"Content-Type: text/plain",
            b"Content-Length: 3",
            b'; name="a"',
            b'; filename="',
            b"; charset=x",
            b"\\",
            b'"',
            b"\xff",
            b"x",
            b": ",
        ]
    )
).map(b"".join)


def read_everything(parameters: Parameters) -> None:
    for name in [*parameters, "absent"]:
        readers: list[Callable[[], object]] = [
            lambda name=name: parameters.text(name, characters_max=20),
            lambda name=name: parameters.required_text(name, characters_max=20),
            lambda name=name: parameters.flag(name),
            lambda name=name: parameters.integer(name),
            lambda name=name: Parameters({"limit": parameters.get(name)}).limit(),
            lambda name=name: parameters.identifier(name),
            lambda name=name: parameters.texts(name, items_max=3),
            lambda name=name: parameters.identifiers(name),
            lambda name=name: parameters.nested(name),
            lambda name=name: parameters.records(name),
            lambda name=name: parameters.choice(name, ("a", "b")),
            lambda name=name: parameters.upload(name),
        ]
        for read in readers:
            with contextlib.suppress(StonechatError):
                read()


def read_body(content_type: str | None, raw: bytes) -> None:
    with contextlib.suppress(StonechatError):
        body = parse_body(content_type, raw)
        read_everything(Parameters(body.fields, body.files))


@given(st.none() | texts | st.sampled_from([JSON, FORM, MULTIPART]), st.binary())
def test_s090_arbitrary_bytes_end_in_an_answer(content_type: str | None, raw: bytes) -> None:
    read_body(content_type, raw)


@given(form_bytes)
def test_s090_arbitrary_forms_end_in_an_answer(raw: bytes) -> None:
    read_body(FORM, raw)
    with contextlib.suppress(StonechatError):
        parse_query(raw)


@given(json_bytes)
def test_s092_arbitrary_json_ends_in_an_answer(raw: bytes) -> None:
    read_body(JSON, raw)


@given(multipart_bytes, texts)
def test_s095_arbitrary_multipart_bodies_end_in_an_answer(raw: bytes, boundary: str) -> None:
    read_body(MULTIPART, raw)
    read_body(f"multipart/form-data; boundary={boundary}", raw)


def depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(st.dictionaries(names, values, max_size=6))
def test_json_is_read_as_it_was_written_or_refused_for_its_depth(document: dict[str, Json]) -> None:
    raw = json.dumps(document).encode()
    if depth(document) > NESTING_DEPTH_MAX:
        with pytest.raises(StonechatError):
            parse_body(JSON, raw)
    else:
        assert parse_body(JSON, raw).fields == document
        read_everything(Parameters(document))


@given(st.dictionaries(names, texts, max_size=9))
def test_a_form_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    assert parse_query(urlencode(fields).encode()) == fields


@given(st.dictionaries(names, st.lists(texts, min_size=1, max_size=4), max_size=4))
def test_lists_in_a_form_are_read_as_they_were_written(fields: dict[str, list[str]]) -> None:
    pairs = [(f"{name}[]", text) for name, items in fields.items() for text in items]
    assert parse_query(urlencode(pairs).encode()) == fields


@given(st.lists(st.dictionaries(names, texts, min_size=1, max_size=3), max_size=4))
def test_records_in_a_form_are_read_as_they_were_written(records: list[dict[str, str]]) -> None:
    numbered = [
        (f"a[{index}][{name}]", text)
        for index, record in enumerate(records)
        for name, text in record.items()
    ]
    read = Parameters(parse_query(urlencode(numbered).encode())).records("a")
    assert [dict(record) for record in read] == records


@given(st.integers(0, ID_MAX))
def test_an_id_is_read_as_it_was_written(identifier: int) -> None:
    assert parse_id(str(identifier)) == identifier


@given(st.text())
def test_s081_an_id_is_in_range_or_none_at_all(text: str) -> None:
    assert -1 <= parse_id(text) <= ID_MAX


def calls(work: Callable[[], object]) -> int:
    """How many calls of functions, ours and the interpreter's, a piece of work takes."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with contextlib.suppress(StonechatError):
            work()
    finally:
        sys.setprofile(before)
    return count


def part(name: bytes) -> bytes:
    return b'--X\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("content_type", "make"),
    [
        (FORM, lambda count: b"&".join(b"a%d=1" % index for index in range(count))),
        (FORM, lambda count: b"a[]=1&" * count),
        (FORM, lambda count: b"a[][b]=1&" * count),
        (FORM, lambda count: b"a[][b][c][d]=1&a[][b][c][e]=1&" * count),
        (FORM, lambda count: b"&".join(b"a[%d][b]=1" % index for index in range(count))),
        (FORM, lambda count: b"a%41=%41&" * count),
        (JSON, lambda count: json.dumps({"a": [[{"b": 1}]] * count}).encode()),
        (JSON, lambda count: json.dumps({f"a{index}": {} for index in range(count)}).encode()),
        (MULTIPART, lambda count: part(b"a[]") * count + b"--X--"),
        (MULTIPART, lambda count: part(b"a[][b]") * count + b"--X--"),
    ],
)
def test_s095_twice_as_much_takes_twice_the_calls(
    content_type: str, make: Callable[[int], bytes]
) -> None:
    half, whole = make(ITEMS_MAX // 4), make(ITEMS_MAX // 2)
    assert calls(lambda: parse_body(content_type, whole)) <= 2 * calls(
        lambda: parse_body(content_type, half)
    )
