"""Multipart bodies: fields, files, and everything that is wrong with some of them."""

import pytest

from stonechat.http.parameters import Body, Upload, parse_body
from stonechat.http.parameters.fields import TEXT_BYTES_MAX
from stonechat.http.parameters.multiparts import (
    BOUNDARY_CHARACTERS_MAX,
    PART_HEADER_BYTES_MAX,
    PART_HEADERS_MAX,
    PARTS_MAX,
)
from stonechat.kernel.errors import MalformedRequest, TooLarge, UnsupportedMedia


def part(
    name: str, content: bytes | str, *, filename: str | None = None, headers: str = ""
) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{headers}\r\n'
    return head.encode() + (content.encode() if isinstance(content, str) else content) + b"\r\n"


def read(*parts: bytes, end: bytes = b"--XX--\r\n") -> Body:
    return parse_body("multipart/form-data; boundary=XX", b"".join(parts) + end)


def test_fields_nest_and_files_stand_apart() -> None:
    body = read(
        part("status", "héllo\r\nwörld"),
        part("poll[options][]", "a"),
        part("poll[options][]", "b"),
        part("file", b"\x89PNG\r\n\xff", filename="x.png", headers="Content-Type: image/png\r\n"),
    )
    assert body.fields == {"status": "héllo\r\nwörld", "poll": {"options": ["a", "b"]}}
    assert body.files == {"file": Upload(b"\x89PNG\r\n\xff", "x.png", "image/png")}


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n",
        "Content-Type: application/octet-stream\r\nContent-Length: 3\r\n",
        "X-Odd: yes\r\n",
    ],
)
def test_a_part_without_a_file_name_is_text(headers: str) -> None:
    assert read(part("a", "é!", headers=headers)).fields == {"a": "é!"}


@pytest.mark.parametrize(
    "content_type",
    ['multipart/form-data; boundary="X X"', 'Multipart/Form-Data;boundary="X X"; x=y'],
)
def test_a_boundary_may_be_quoted(content_type: str) -> None:
    raw = part("a", "1").replace(b"XX", b"X X") + b"--X X--"
    assert parse_body(content_type, raw).fields == {"a": "1"}


def test_a_file_without_name_and_content_is_none() -> None:
    body = read(part("file", b"", filename=""), part("a", b"", filename="empty.txt"))
    assert body == Body({}, {"a": Upload(b"", "empty.txt", "")})
    assert read(part("file", b"x", filename="")).files == {"file": Upload(b"x", "", "")}


@pytest.mark.parametrize(
    "filename", ["../../x", "/etc/x", "con", "-rf", "a;b.png", "日本.png", "a%22b", "C:\\x.png"]
)
def test_s096_odd_file_names_change_nothing_but_the_name(filename: str) -> None:
    body = read(part("file", b"x", filename=filename), part("a", "1"))
    assert body.fields == {"a": "1"}
    assert body.files["file"].content == b"x"


def test_s096_an_extended_file_name_is_not_a_file_name() -> None:
    extended = part("file\"; filename*=\"utf-8''x.php", "text")
    assert read(extended) == Body({"file": "text"}, {})


@pytest.mark.parametrize(
    "raw",
    [
        part("a", b"\xff") + b"--XX--",
        part("a", b"\xed\xa0\x80") + b"--XX--",
        b'--XX\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--XX--',
        b'--XX\r\nContent-Disposition: form-data; name="a"; filename="\xff"\r\n\r\nx\r\n--XX--',
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\nX: \xff\r\n\r\nx\r\n--XX--',
    ],
)
def test_s090_text_names_and_headers_that_are_not_utf8_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_body("multipart/form-data; boundary=XX", raw)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; charset=utf-8",
        "multipart/form-data; boundary=YY",
        "multipart/form-data; boundary=" + "X" * (BOUNDARY_CHARACTERS_MAX + 1),
        'multipart/form-data; boundary="X\n"',
    ],
)
def test_s095_multipart_without_its_boundary_is_malformed(content_type: str) -> None:
    with pytest.raises(MalformedRequest):
        parse_body(content_type, part("a", "1") + b"--XX--")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(part("a", "1"), id="no end"),
        pytest.param(part("a", "1") + b"--X", id="end cut"),
        pytest.param(part("a", "1") + b"--XX-", id="end cut later"),
        pytest.param(part("a", "1") + b"--XXY\r\n", id="another boundary"),
        pytest.param(b"--XX\r\n", id="no headers"),
        pytest.param(b"--XX\r\n\r\n1\r\n--XX--", id="no disposition"),
        pytest.param(b"--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--", id="no name"),
        pytest.param(
            b'--XX\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--XX--', id="attachment"
        ),
        pytest.param(b"--XX\r\nnonsense\r\n\r\n1\r\n--XX--", id="header without colon"),
        pytest.param(part("a", "1").replace(b"\r\n", b"\n") + b"--XX--", id="bare line feeds"),
        pytest.param(part("a", "1", headers=" folded: x\r\n") + b"--XX--", id="folded header"),
        pytest.param(b"x" * 1_000_000, id="endless preamble"),
        pytest.param(b"\r\n--X" * 100_000, id="almost the boundary"),
        pytest.param(b"x--XX\r\n", id="boundary within a line"),
    ],
)
def test_s096_a_broken_multipart_body_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_body("multipart/form-data; boundary=XX", raw)


def test_s096_what_follows_the_end_is_ignored() -> None:
    assert read(part("a", "1"), end=b"--XX--" + b"x" * 1_000_000).fields == {"a": "1"}


def test_s096_nested_multipart_is_only_text() -> None:
    inner = '--YY\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--YY--'
    body = read(part("a", inner, headers="Content-Type: multipart/mixed; boundary=YY\r\n"))
    assert body == Body({"a": inner}, {})


@pytest.mark.parametrize("coding", ["base64", "quoted-printable", "x-odd"])
def test_s096_a_part_in_a_transfer_coding_is_unsupported(coding: str) -> None:
    with pytest.raises(UnsupportedMedia):
        read(part("a", "aGk=", headers=f"Content-Transfer-Encoding: {coding}\r\n"))


@pytest.mark.parametrize("charset", ["utf-16", "latin1", "nonsense"])
def test_s096_text_in_another_character_set_is_unsupported(charset: str) -> None:
    with pytest.raises(UnsupportedMedia):
        read(part("a", "x", headers=f"Content-Type: text/plain; charset={charset}\r\n"))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([part("a", "1")] * (PARTS_MAX + 1), id="parts"),
        pytest.param([part("a", b"", filename="x")] * 100_000, id="many files"),
        pytest.param([part("a", "1", headers="X: y\r\n" * PART_HEADERS_MAX)], id="part headers"),
        pytest.param([part("a", "1", headers="X: y\r\n" * 100_000)], id="many part headers"),
        pytest.param([part("a", "", headers=f"X: {'y' * PART_HEADER_BYTES_MAX}\r\n")], id="header"),
        pytest.param([part("a", "", filename="x" * 10_000)], id="file name"),
        pytest.param([part("a", b"x" * 10_000_000)], id="field"),
        pytest.param(
            [part("a", b"x" * (TEXT_BYTES_MAX // 2)), part("b", b"x" * (TEXT_BYTES_MAX // 2 + 1))],
            id="fields together",
        ),
    ],
)
def test_s096_a_body_over_its_bounds_is_too_large(parts: list[bytes]) -> None:
    with pytest.raises(TooLarge):
        read(*parts)


def test_s096_bounds_let_the_largest_allowed_body_through() -> None:
    assert read(*[part("a[]", "1")] * PARTS_MAX).fields == {"a": ["1"] * PARTS_MAX}
    headers = "X: y\r\n" * (PART_HEADERS_MAX - 1)
    assert read(part("a", "1", headers=headers)).fields == {"a": "1"}
    assert read(part("a", b"x" * TEXT_BYTES_MAX)).fields == {"a": "x" * TEXT_BYTES_MAX}
    large = b"x" * (4 * TEXT_BYTES_MAX)
    assert read(part("file", large, filename="x")).files["file"].content == large


def test_s096_the_same_name_a_hundred_times_keeps_the_last() -> None:
    files = [part("file", str(index), filename=f"{index}") for index in range(100)]
    texts = [part("file", str(index)) for index in range(100)]
    body = read(*files, *texts)
    assert body.fields == {"file": "99"}
    assert body.files == {"file": Upload(b"99", "99", "")}
