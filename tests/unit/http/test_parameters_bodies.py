"""Bodies by content type, and JSON documents under their bounds."""

import gzip
import json
import tracemalloc

import pytest

from stonechat.http.parameters import Body, Fields, merge, parse_body
from stonechat.http.parameters.bodies import CONTENT_TYPE_CHARACTERS_MAX
from stonechat.http.parameters.fields import (
    FIELDS_MAX,
    ITEMS_MAX,
    NAME_CHARACTERS_MAX,
    TEXT_BYTES_MAX,
    VALUES_MAX,
)
from stonechat.kernel.errors import InvalidInput, MalformedRequest, TooLarge, UnsupportedMedia

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MEGABYTE = 1_000_000


def read(raw: bytes) -> object:
    return parse_body(JSON, raw).fields


@pytest.mark.parametrize("content_type", [None, "", JSON, FORM, "multipart/form-data", "text/html"])
def test_an_empty_body_has_no_fields_whatever_its_type(content_type: str | None) -> None:
    assert parse_body(content_type, b"") == Body({}, {})


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        (JSON, b'{"status":"hello","media_ids":["1",2]}'),
        ("application/json; charset=utf-8", b' {"status":"hello","media_ids":["1",2]}\r\n'),
        ("Application/JSON;charset=UTF-8", b'{"media_ids":["1",2],"status":"hello"}'),
        ('application/json; charset="utf-8"', b'{"status":"h\\u0065llo","media_ids":["1",2]}'),
    ],
)
def test_json_comes_with_its_native_types(content_type: str, raw: bytes) -> None:
    assert parse_body(content_type, raw).fields == {"status": "hello", "media_ids": ["1", 2]}


def test_json_may_hold_every_shape_that_clients_send() -> None:
    raw = b'{"poll":{"options":["a","b"],"multiple":true,"expires_in":3600},"x":null,"y":[[1.5]]}'
    assert read(raw) == {
        "poll": {"options": ["a", "b"], "multiple": True, "expires_in": 3600},
        "x": None,
        "y": [[1.5]],
    }


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/html",
        "application/xml",
        "application/octet-stream",
        "multipart/mixed; boundary=x",
        "json",
        "application/jsonp",
        "; charset=utf-8",
    ],
)
def test_s095_json_under_another_type_or_none_is_not_read(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMedia):
        parse_body(content_type, b'{"status":"hello"}')


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", '"windows-1252"', "utf-7", "nonsense"])
@pytest.mark.parametrize("kind", [JSON, FORM, "multipart/form-data; boundary=x"])
def test_s095_a_character_set_other_than_utf8_is_refused(kind: str, charset: str) -> None:
    with pytest.raises(UnsupportedMedia):
        parse_body(f"{kind}; charset={charset}", b"{}")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip"])
@pytest.mark.parametrize("content_type", [JSON, FORM, None])
def test_s095_a_compressed_body_is_refused_unread(content_type: str | None, coding: str) -> None:
    bomb = gzip.compress(b'{"status":"' + b"x" * MEGABYTE + b'"}')
    with pytest.raises(UnsupportedMedia):
        parse_body(content_type, bomb, content_encoding=coding)


@pytest.mark.parametrize("coding", [None, "", "identity", " Identity "])
def test_an_identity_coding_is_none(coding: str | None) -> None:
    assert parse_body(JSON, b'{"a":1}', content_encoding=coding).fields == {"a": 1}


def test_s095_an_endless_content_type_is_refused() -> None:
    for content_type in (
        "a;" * (MEGABYTE // 2),
        JSON + ";a=" + "b" * CONTENT_TYPE_CHARACTERS_MAX,
        JSON + "; " * MEGABYTE,
    ):
        with pytest.raises(UnsupportedMedia):
            parse_body(content_type, b"{}")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"\xff"}',
        b'{"\xff":1}',
        b'{"a":"\xc3"}',
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xf5\x80\x80\x80"}',
        '{"a":"é"}'.encode("latin-1"),
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32"),
    ],
)
def test_s090_json_that_is_not_utf8_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read(raw)


@pytest.mark.parametrize(
    "raw", [rb'{"a":"\ud800"}', rb'{"a":"\udc00x"}', rb'{"\ud83d":1}', rb'{"a":"\ud83d\ud83d"}']
)
def test_s091_lone_surrogates_in_json_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read(raw)


def test_surrogate_pairs_in_json_are_one_character() -> None:
    assert read(rb'{"a":"\ud83d\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"[" * 100_000, id="100k arrays deep"),
        pytest.param(b'{"a":' * 100_000, id="100k objects deep"),
        pytest.param(b'{"a":' * 9_000 + b"1" + b"}" * 9_000, id="9k deep, below the value count"),
        pytest.param(b'{"a":' * 6 + b"1" + b"}" * 6, id="six deep"),
        pytest.param(b'{"a":[[[[["x"]]]]]}', id="six deep in lists"),
        pytest.param(
            json.dumps({f"k{i}": i for i in range(1_000_000)}).encode(), id="a million names"
        ),
        pytest.param(b'{"a":1' + b',"a":1' * 1_000_000 + b"}", id="a million times one name"),
        pytest.param(b'{"a":[1' + b",1" * 1_000_000 + b"]}", id="a million items"),
        pytest.param(b'{"a":[' + b"{}," * 50_000 + b"{}]}", id="fifty thousand objects"),
        pytest.param(b'"' * 1_000_000, id="a million quotes"),
        pytest.param(
            json.dumps({f"k{i}": i for i in range(FIELDS_MAX + 1)}).encode(), id="names over bound"
        ),
        pytest.param(b'{"a":1,"a":1}', id="a name twice"),
        pytest.param(b'{"a":1,"\\u0061":2}', id="a name twice, once escaped"),
        pytest.param(b'{"x":{"a":{},"a":{}}}', id="a name twice, below"),
        pytest.param(b'{"x":[{"a":1},{"a":1,"a":[]}]}', id="a name twice, in a list"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="5,000 digits"),
        pytest.param(b'{"a":-' + b"9" * 5_000 + b"}", id="5,000 digits below zero"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":-Infinity}', id="-Infinity"),
        pytest.param(b'{"a":1e999}', id="1e999"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":1} x', id="trailing word"),
        pytest.param(b'{"a":1}{"a":2}', id="two documents"),
        pytest.param(b'{"a":1,}', id="trailing comma"),
        pytest.param(b'{"a":1}\x00', id="trailing NUL"),
        pytest.param(b'{/* */"a":1}', id="comment"),
        pytest.param(b'{"a":1} // x', id="line comment"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b"{a:1}", id="bare name"),
        pytest.param(b'{"a":01}', id="leading zero"),
        pytest.param(b'{"a":"\n"}', id="raw line break"),
        pytest.param(b'{"a":"x', id="cut off"),
        pytest.param(b'{"a":"\\', id="cut off after a backslash"),
        pytest.param(b'{"' + b"a" * (NAME_CHARACTERS_MAX + 1) + b'":1}', id="long name"),
        pytest.param(
            b'{"x":{"' + b"a" * (NAME_CHARACTERS_MAX + 1) + b'":1}}', id="long name below"
        ),
        pytest.param(b" ", id="blank"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="array"),
        pytest.param(b'"a"', id="string"),
        pytest.param(b"1", id="number"),
    ],
)
def test_s092_json_that_nobody_means_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest) as caught:
        read(raw)
    assert type(caught.value) is MalformedRequest


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"\\"","b":"\\\\","c":"\\\\\\"","d":":,{[\\":"}',
        b'{"a":"{\\"b\\":1,\\"b\\":2}"}',
        b'{"a":{"a":{"a":{"a":{"a":1}}}}}',
        b'{"a":[{"b":1},{"b":2}],"b":[]}',
        b'{"a" : 1 , "b":\t2\n}',
        b'{"":""}',
        b"{}",
    ],
)
def test_s092_json_that_only_looks_odd_is_read_as_it_stands(raw: bytes) -> None:
    assert read(raw) == json.loads(raw)


def test_s092_bounds_let_the_largest_allowed_document_through() -> None:
    full = {f"k{i}": i for i in range(FIELDS_MAX)}
    assert read(json.dumps(full).encode()) == full
    wide = {f"k{i}": [0] * ITEMS_MAX for i in range(VALUES_MAX // ITEMS_MAX - 1)}
    assert read(json.dumps(wide).encode()) == wide


def test_s084_a_megabyte_of_text_is_read_and_left_to_the_field_to_refuse() -> None:
    for text in ("x" * MEGABYTE, '":,[{' * (MEGABYTE // 5), "\\" * (MEGABYTE // 2)):
        assert read(json.dumps({"status": text}).encode()) == {"status": text}


def test_s095_a_document_over_the_bound_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read(b'{"a":"' + b"x" * TEXT_BYTES_MAX + b'"}')


@pytest.mark.parametrize("items", [ITEMS_MAX + 1, 10_000])
@pytest.mark.parametrize("item", [1, "x", {"a": 1}, [], None])
def test_s085_too_many_items_name_their_field(items: int, item: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(json.dumps({"status": "x", "media_ids": [item] * items}).encode())
    assert caught.value.field == "media_ids"
    assert caught.value.rule == "too_long"


def test_s085_too_many_numbered_items_name_their_field() -> None:
    numbered = {str(i): {"b": 1} for i in range(ITEMS_MAX + 1)}
    with pytest.raises(InvalidInput) as caught:
        read(json.dumps({"a": numbered}).encode())
    assert caught.value.field == "a"


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        pytest.param(JSON, b"{" + b'"a":1,' * 1_000_000 + b'"a":1}', id="a million names"),
        pytest.param(JSON, b"[" * 1_000_000, id="a million arrays"),
        pytest.param(JSON, b'""' * 1_000_000, id="a million strings"),
        pytest.param(FORM, b"a=1&" * 1_000_000, id="a million pairs"),
        pytest.param(FORM, b"&" * 1_000_000, id="a million separators"),
        pytest.param(FORM, b"a;" * 500_000, id="half a million semicolons"),
        pytest.param(FORM, b"a" + b"[b]" * 500_000 + b"=1", id="half a million levels"),
        pytest.param(
            FORM,
            b"&".join(b"a%d" % index + b"[b]" * 60 for index in range(9_000)),
            id="nine thousand times sixty levels",
        ),
        pytest.param(
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 100_000 + b"--x--",
            id="a hundred thousand parts",
        ),
    ],
)
def test_s095_floods_are_refused_before_much_is_allocated(content_type: str, raw: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(MalformedRequest):
            parse_body(content_type, raw)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes <= 10 * MEGABYTE


def test_the_body_wins_over_the_query_except_with_null() -> None:
    query: Fields = {"a": "1", "b": "2", "c": "3"}
    assert merge(query, {"a": 9, "b": None, "d": None}) == {"a": 9, "b": "2", "c": "3"}
    assert merge({}, {"a": 1}) == {"a": 1}
    assert merge({"a": "1"}, {}) == {"a": "1"}
    assert query == {"a": "1", "b": "2", "c": "3"}
