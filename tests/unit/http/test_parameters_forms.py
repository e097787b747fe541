"""Query strings and urlencoded bodies: pairs, escapes, and the names that nest."""

import pytest

from stonechat.http.parameters import Fields, parse_body, parse_query
from stonechat.http.parameters.fields import (
    FIELDS_MAX,
    ITEMS_MAX,
    NAME_CHARACTERS_MAX,
    PAIRS_MAX,
    TEXT_BYTES_MAX,
)
from stonechat.kernel.errors import InvalidInput, MalformedRequest, TooLarge

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b"", {}),
        (b"&", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1&b=2&", {"a": "1", "b": "2"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=1", {"": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a+b=c+d", {"a b": "c d"}),
        (b"a=%2B%20%26%3D%25", {"a": "+ &=%"}),
        (b"a=caf%C3%A9", {"a": "café"}),
        ("a=café".encode(), {"a": "café"}),
        ("a=日%E6%9C%AC".encode(), {"a": "日本"}),
        (b"a=%f0%9F%98%80", {"a": "\U0001f600"}),
        (rb"a=\x41%5Cn\\%41", {"a": r"\x41\n\\A"}),
        (b"a=%00", {"a": "\0"}),
        (b"a=1&a=2&a=3", {"a": "3"}),
        (b"id[]=1&id[]=2", {"id": ["1", "2"]}),
        (b"id%5B%5D=1&id%5b%5d=2", {"id": ["1", "2"]}),
        (b"id[]=", {"id": [""]}),
        (b"poll[options][]=x&poll[options][]=y", {"poll": {"options": ["x", "y"]}}),
        (b"poll[options][]=x&poll[multiple]=1", {"poll": {"options": ["x"], "multiple": "1"}}),
        (b"source[privacy]=private", {"source": {"privacy": "private"}}),
        (b"source[privacy]=private&source[privacy]=public", {"source": {"privacy": "public"}}),
        (b"data[alerts][mention]=true", {"data": {"alerts": {"mention": "true"}}}),
        (b"subscription[keys][p256dh]=k", {"subscription": {"keys": {"p256dh": "k"}}}),
        (b"home[last_read_id]=1", {"home": {"last_read_id": "1"}}),
        (
            b"fields[0][name]=a&fields[0][value]=b&fields[1][name]=c",
            {"fields": {"0": {"name": "a", "value": "b"}, "1": {"name": "c"}}},
        ),
        (
            b"fields[][name]=a&fields[][value]=b&fields[][name]=c&fields[][value]=d",
            {"fields": [{"name": "a", "value": "b"}, {"name": "c", "value": "d"}]},
        ),
        (b"a[][b][]=1&a[][b][]=2&a[][c]=3", {"a": [{"b": ["1", "2"], "c": "3"}]}),
        (
            b"a[][b][c]=1&a[][b][d]=2&a[][b][c]=3",
            {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]},
        ),
        (b"a[]=1&a[][b]=2", {"a": ["1", {"b": "2"}]}),
        # What is no path is a name, and no route knows it.
        (b"[]=1", {"[]": "1"}),
        (b"[a]=1", {"[a]": "1"}),
        (b"a[b=1", {"a[b": "1"}),
        (b"a]b=1", {"a]b": "1"}),
        (b"a[b]c=1", {"a[b]c": "1"}),
        (b"a[b]c[d]=1", {"a[b]c[d]": "1"}),
        (b"a[b[c]]=1", {"a[b[c]]": "1"}),
        (b"a[[b]]=1", {"a[[b]]": "1"}),
        (b"a[][]=1", {"a[][]": "1"}),
    ],
)
def test_a_form_and_a_query_are_read_alike(raw: bytes, fields: Fields) -> None:
    assert parse_query(raw) == fields
    assert parse_body(FORM, raw).fields == fields


@pytest.mark.parametrize(
    "raw",
    [
        b"a=\xff",
        b"\xff=1",
        b"a=%FF",
        b"%FF=1",
        b"a=%C3",
        b"a=%C3&b=%A9",
        b"a=%C3x%A9",
        b"a=%C0%AF",
        b"a=%ED%A0%80",
        b"a[%FF]=1",
        "a=é".encode("latin-1"),
    ],
)
def test_s090_a_form_that_is_not_utf8_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_query(raw)


@pytest.mark.parametrize("raw", [b"a=100%", b"a=%", b"a=%4", b"a=%zz", b"a=%%41", b"%u0041=1"])
def test_s090_a_percent_sign_that_escapes_nothing_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_query(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"a=1&a[]=2",
        b"a[]=1&a=2",
        b"a=1&a[b]=2",
        b"a[b]=1&a=2",
        b"a[]=1&a[b]=2",
        b"a[b]=1&a[]=2",
        b"x[a]=1&x[a][]=2",
        b"x[a][]=1&x[a]=2",
    ],
)
def test_s085_a_name_in_two_shapes_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_query(raw)
    assert caught.value.field == "a"


@pytest.mark.parametrize(
    "raw",
    [
        b"&".join([b"a[]=1"] * 10_000),
        b"&".join([b"a[][x]=1"] * 10_000),
        b"&".join(b"a[%d]=1" % index for index in range(10_000)),
        b"&".join(b"a[%d][b]=1" % index for index in range(10_000)),
        b"&".join([b"a[]=1"] * (ITEMS_MAX + 1)),
    ],
)
def test_s085_ten_thousand_items_name_their_field(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_body(FORM, raw)
    assert caught.value.field == "a"
    assert caught.value.rule == "too_long"


def test_s085_a_huge_index_is_only_a_name() -> None:
    assert parse_query(b"a[999999999]=x") == {"a": {"999999999": "x"}}
    assert parse_query(b"a[-1]=x&a[1e9]=y") == {"a": {"-1": "x", "1e9": "y"}}


def test_s085_repeats_of_one_name_keep_the_last() -> None:
    assert parse_query(b"&".join(b"id=%d" % index for index in range(10_000))) == {"id": "9999"}


def test_s085_nesting_is_bounded() -> None:
    assert parse_query(b"a[b][c][d][e]=1") == {"a": {"b": {"c": {"d": {"e": "1"}}}}}
    for raw in (b"a[b][c][d][e][f]=1", b"a[b][c][d][e][]=1", b"a" + b"[b]" * 60 + b"=1"):
        with pytest.raises(MalformedRequest):
            parse_query(raw)


def test_s085_bounds_let_the_largest_allowed_form_through() -> None:
    assert (
        len(parse_query(b"&".join(b"a%d=1" % index for index in range(FIELDS_MAX)))) == FIELDS_MAX
    )
    assert parse_query(b"&".join([b"a[]=1"] * ITEMS_MAX)) == {"a": ["1"] * ITEMS_MAX}
    name = "n" * NAME_CHARACTERS_MAX
    assert parse_query(f"{name}=1".encode()) == {name: "1"}


@pytest.mark.parametrize(
    "raw",
    [
        b"&".join(b"a%d=1" % index for index in range(FIELDS_MAX + 1)),
        b"n" * (NAME_CHARACTERS_MAX + 1) + b"=1",
        b"a[" + b"n" * (NAME_CHARACTERS_MAX + 1) + b"]=1",
        b"a" + b"[" * 100_000,
        b"a" + b"[]" * 100_000,
        b"a;" * 500_000,
    ],
)
def test_s095_too_many_and_too_long_names_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_body(FORM, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"a=1&" * 1_000_000,
        b"&" * PAIRS_MAX,
        b"a=" + b"x" * TEXT_BYTES_MAX,
    ],
)
def test_s095_a_form_over_its_bounds_is_too_large(raw: bytes) -> None:
    with pytest.raises(TooLarge):
        parse_body(FORM, raw)


@pytest.mark.parametrize("text", ["x", "%41", "%41x", "%C3%A9", "+", "%5C"])
def test_s084_a_megabyte_of_text_is_read_and_left_to_the_field_to_refuse(text: str) -> None:
    times = 1_000_000 // len(text)
    one = {"+": " ", "%5C": "\\", "%41": "A", "%41x": "Ax", "%C3%A9": "é"}.get(text, text)
    assert parse_body(FORM, b"a=" + text.encode() * times).fields == {"a": one * times}
