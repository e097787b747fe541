"""Typed readers: what each gives for each shape, and which field it names when it refuses."""

from collections.abc import Callable

import pytest

from stonechat.http.parameters import (
    NO_ID,
    Json,
    Parameters,
    Upload,
    parse_body,
    parse_id,
    parse_query,
)
from stonechat.http.parameters.readers import INTEGER_MAX, ITEM_CHARACTERS_MAX
from stonechat.kernel.errors import InvalidInput, MissingParameter
from stonechat.kernel.ids import ID_MAX

SHAPES: list[Json] = [[], ["x"], {}, {"0": "x"}, {"a": "x"}]


def given(value: Json) -> Parameters:
    return Parameters({"x": value})


def refused(read: Callable[[], object]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read()
    return caught.value


def test_as_a_mapping_it_holds_what_was_given() -> None:
    parameters = Parameters({"a": "1", "b": None, "c": [], "d": ""})
    assert dict(parameters) == {"a": "1", "c": [], "d": ""}
    assert len(parameters) == 3
    assert "a" in parameters
    assert "d" in parameters
    assert "b" not in parameters
    assert "z" not in parameters
    assert 1 not in parameters
    assert parameters.get("b") is None
    with pytest.raises(KeyError):
        parameters["b"]
    with pytest.raises(KeyError):
        parameters["z"]


@pytest.mark.parametrize("parameters", [Parameters({}), given(None), Parameters({"y": "1"})])
def test_s086_null_is_not_given_and_the_unknown_is_ignored(parameters: Parameters) -> None:
    assert parameters.text("x", characters_max=9) is None
    assert parameters.text("x", characters_max=9, default="d") == "d"
    assert parameters.flag("x") is None
    assert parameters.integer("x") is None
    assert parameters.identifier("x") is None
    assert parameters.texts("x") == []
    assert parameters.identifiers("x") == []
    assert dict(parameters.nested("x")) == {}
    assert parameters.records("x") == []
    assert parameters.choice("x", ("a",)) is None
    assert parameters.upload("x") is None
    assert parameters.limit() == 20


@pytest.mark.parametrize("value", SHAPES)
def test_s087_a_list_where_one_value_belongs_names_its_field(value: Json) -> None:
    readers: list[Callable[[Parameters], object]] = [
        lambda parameters: parameters.text("x", characters_max=9),
        lambda parameters: parameters.required_text("x", characters_max=9),
        lambda parameters: parameters.flag("x"),
        lambda parameters: parameters.integer("x"),
        lambda parameters: parameters.identifier("x"),
        lambda parameters: parameters.choice("x", ("x",)),
        lambda parameters: parameters.upload("x"),
    ]
    for read in readers:
        assert refused(lambda read=read: read(given(value))).field == "x"
    assert refused(Parameters({"limit": value}).limit).field == "limit"


def test_s087_mine_and_theirs_in_one_list_is_neither() -> None:
    parameters = Parameters(parse_query(b"post_id[]=1&post_id[]=2"))
    assert refused(lambda: parameters.identifier("post_id")).field == "post_id"


@pytest.mark.parametrize("value", [1, 1.5, "", "A", "no", "yes", True, {}, []])
def test_s086_an_unknown_choice_never_widens(value: Json) -> None:
    if value == "":
        assert given(value).choice("x", ("a", "b")) is None
        return
    fault = refused(lambda: given(value).choice("x", ("a", "b")))
    assert (fault.field, fault.rule) == ("x", "inclusion")


def test_a_choice_says_what_mastodon_says() -> None:
    parameters = Parameters({"visibility": "secret"})
    fault = refused(lambda: parameters.choice("visibility", ("public", "private")))
    assert fault.message == "Validation failed: Visibility is not included in the list"
    assert fault.details["description"] == "is not included in the list"
    assert Parameters({"x": "b"}).choice("x", ("a", "b")) == "b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (" a ", " a "),
        ("é\n\t日", "é\n\t日"),
        (3600, "3600"),
        (-1, "-1"),
        (1.5, "1.5"),
        (0, "0"),
    ],
)
def test_text_takes_numbers_as_their_digits(value: Json, text: str) -> None:
    assert given(value).text("x", characters_max=9) == text


@pytest.mark.parametrize("value", [True, False])
def test_s086_true_is_no_text(value: Json) -> None:
    assert refused(lambda: given(value).text("x", characters_max=9)).field == "x"


def test_s084_text_is_kept_at_its_maximum_and_refused_above() -> None:
    for character in ("a", "é", "日", "\U0001f600"):
        assert given(character * 10).text("x", characters_max=10) == character * 10
        fault = refused(lambda one=character: given(one * 11).text("x", characters_max=10))
        assert (fault.field, fault.rule) == ("x", "too_long")
    assert refused(lambda: given("a" * 1_000_000).text("x", characters_max=10)).field == "x"
    assert refused(lambda: given(10**400).text("x", characters_max=10)).field == "x"
    assert refused(lambda: given(["a" * (ITEM_CHARACTERS_MAX + 1)]).texts("x")).field == "x"
    assert given(["a" * 5]).texts("x", characters_max=5) == ["a" * 5]
    assert refused(lambda: given(["a" * 6]).texts("x", characters_max=5)).field == "x"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x01b\x07c\x0bd\x0ce\x1ff", "abcdef"),
        ("a\x7fb\x80c\x85d\x9fe", "abcde"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\ufffeb\uffffc\ufdd0d\ufdefe", "abcde"),
        ("a\U0001fffeb\U0010ffffc", "abc"),
        ("a\U000e0001\U000e0068\U000e0069b\U000e007f", "ab"),
        ("\U0001f3f4\U000e0067b", "\U0001f3f4b"),
        ("\ufeffa", "\ufeffa"),
        ("a\r\nb\tc\nd", "a\r\nb\tc\nd"),
        (
            "\u2028</script>\u2029\u200b\u202e\xa0\u3000",
            "\u2028</script>\u2029\u200b\u202e\xa0\u3000",
        ),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
        ),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!\x01",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!",
        ),
        ("\U00020000\U0002a6d6\U000e0100\U000f0000", "\U00020000\U0002a6d6\U000e0100\U000f0000"),
    ],
)
def test_s091_characters_that_no_text_needs_are_taken_out(sent: str, kept: str) -> None:
    assert given(sent).text("x", characters_max=99) == kept
    assert given([sent]).texts("x") == [kept]


@pytest.mark.parametrize("value", ["\0", "a\0b", "\0\x01"])
def test_s091_nul_is_refused(value: str) -> None:
    assert refused(lambda: given(value).text("x", characters_max=9)).field == "x"
    assert refused(lambda: given([value]).texts("x")).field == "x"


@pytest.mark.parametrize("raw", [b"x=%00", b"x=a%00b"])
def test_s091_nul_in_a_form_is_refused_by_the_field(raw: bytes) -> None:
    assert refused(lambda: Parameters(parse_query(raw)).text("x", characters_max=9)).field == "x"


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        '"a" NEAR(b) *',
        "%_\\",
        "{{7*7}} ${7*7}",
        "*)(uid=*",
        "a\nlevel=error",
        "=1+1",
        "</script><script>\u2028",
        "BEGIN:VEVENT",
    ],
)
def test_s083_s127_text_that_means_something_elsewhere_is_kept_as_it_is(text: str) -> None:
    assert given(text).text("x", characters_max=99) == text


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_required_text_that_is_blank_is_missing(value: Json) -> None:
    with pytest.raises(MissingParameter) as caught:
        Parameters({"q": value}).required_text("q", characters_max=9)
    assert caught.value.message == "param is missing or the value is empty or invalid: q"
    assert Parameters({"q": " a"}).required_text("q", characters_max=9) == " a"


@pytest.mark.parametrize("value", [False, 0, 0.0, "0", "f", "F", "false", "FALSE", "off", "OFF"])
def test_known_spellings_of_false_are_false(value: Json) -> None:
    assert given(value).flag("x") is False


@pytest.mark.parametrize(
    "value",
    [True, 1, 2, -1, "1", "true", "True", "on", "t", "yes", "no", "False", "Off", " ", "00"],
)
def test_everything_else_is_true(value: Json) -> None:
    assert given(value).flag("x") is True


def test_a_blank_flag_is_not_given() -> None:
    assert given("").flag("x") is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3600, 3600),
        ("3600", 3600),
        (3600.0, 3600),
        ("-5", -5),
        ("007", 7),
        ("", None),
        (INTEGER_MAX, INTEGER_MAX),
        (str(-INTEGER_MAX), -INTEGER_MAX),
    ],
)
def test_integers_may_come_as_text(value: Json, number: int | None) -> None:
    assert given(value).integer("x") == number


@pytest.mark.parametrize(
    "value",
    [
        *("a", "1e3", "1.5", " 1", "1 ", "+1", "\uff11", "0x1", "1_000", "--1", "NaN"),
        *("9" * 16, "9" * 400, 1.5, 1e300, True, INTEGER_MAX + 1, -INTEGER_MAX - 1, 10**400),
    ],
)
def test_what_is_no_integer_names_its_field(value: Json) -> None:
    assert refused(lambda: given(value).integer("x")).field == "x"


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        (None, 20),
        ("5", 5),
        (5, 5),
        ("40", 40),
        ("41", 40),
        (10**9, 40),
        ("1000000000", 40),
        ("9" * 400, 40),
        ("-" + "9" * 5_000, 40),
        (10**400, 40),
        ("-5", 5),
        (-5, 5),
        ("0", 0),
        (0, 0),
        (5.7, 5),
        (1e300, 40),
        ("", 0),
        ("NaN", 0),
        ("abc", 0),
        ("5 ", 0),
        ("\uff11", 0),
        ("1e9", 0),
        ("-", 0),
        (True, 0),
    ],
)
def test_s082_a_limit_is_cut_and_rubbish_is_none(value: Json, limit: int) -> None:
    assert Parameters({"limit": value}).limit(default=20, maximum=40) == limit


RUBBISH = [
    *(
        "-1",
        "1e3",
        " 1",
        "1 ",
        "\uff11",
        "0x1",
        "+1",
        "1.0",
        "1_0",
        "abc",
        " ",
        "\0",
        "\xb2",
        "\u096f",
    ),
    *(str(2**53), str(2**63), str(2**64), "9" * 17, "9" * 400, "9" * 5_000, "1" * 1_000_000),
]


@pytest.mark.parametrize("text", RUBBISH)
def test_s081_what_cannot_be_an_id_matches_nothing(text: str) -> None:
    assert parse_id(text) == NO_ID
    assert given(text).identifier("x") == NO_ID
    assert given([text, "7"]).identifiers("x") == [NO_ID, 7]


@pytest.mark.parametrize("value", [-1, -7, 2**53, 2**64, 10**400, 1.0, True, False])
def test_s081_what_cannot_be_an_id_in_json_matches_nothing(value: Json) -> None:
    assert given(value).identifier("x") == NO_ID


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        ("0", 0),
        ("1", 1),
        (str(2**31), 2**31),
        (str(ID_MAX), ID_MAX),
        (7, 7),
        (0, 0),
        (ID_MAX, ID_MAX),
    ],
)
def test_s081_ids_come_as_text_or_number(value: Json, identifier: int) -> None:
    assert given(value).identifier("x") == identifier
    assert parse_id(str(value)) == identifier


def test_a_blank_id_is_not_given_and_a_blank_path_is_no_id() -> None:
    assert given("").identifier("x") is None
    assert parse_id("") == NO_ID


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([], []),
        ("a", ["a"]),
        (1, ["1"]),
        (["a", 2, 1.5], ["a", "2", "1.5"]),
        (["a", None, "", "b"], ["a", "b"]),
        ("", []),
        ([""], []),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        ({"10": "c", "9": "b", "007": "a"}, ["a", "b", "c"]),
        ({"999999999999999999999": "b", "0": "a"}, ["a", "b"]),
    ],
)
def test_texts_come_as_list_numbered_or_alone(value: Json, items: list[str]) -> None:
    assert given(value).texts("x") == items


@pytest.mark.parametrize(
    "value",
    [
        {"a": "x"},
        {"": "x"},
        {"-1": "x"},
        {"\uff11": "x"},
        {"1.0": "x"},
        [["a"]],
        [{"a": 1}],
        [True],
        True,
    ],
)
def test_s086_what_is_no_list_of_texts_names_its_field(value: Json) -> None:
    assert refused(lambda: given(value).texts("x")).field == "x"


@pytest.mark.parametrize("value", [{"a": "1"}, [["1"]], [{"a": 1}], [[]]])
def test_s086_what_is_no_list_of_ids_names_its_field(value: Json) -> None:
    assert refused(lambda: given(value).identifiers("x")).field == "x"


def test_s085_more_items_than_the_caller_wants_name_their_field() -> None:
    assert given(["1", "2"]).identifiers("x", items_max=2) == [1, 2]
    assert refused(lambda: given(["1", "2", "3"]).identifiers("x", items_max=2)).field == "x"
    assert refused(lambda: given(["1", "2", "3"]).texts("x", items_max=2)).rule == "too_long"
    assert refused(lambda: given([{}, {}, {}]).records("x", items_max=2)).field == "x"
    assert given(["1", "", None, "2"]).texts("x", items_max=2) == ["1", "2"]


def test_nested_fields_name_their_whole_path() -> None:
    poll = given({"options": ["a"], "expires_in": "soon", "keys": {"auth": []}}).nested("x")
    assert poll.texts("options") == ["a"]
    fault = refused(lambda: poll.integer("expires_in"))
    assert fault.field == "x[expires_in]"
    assert fault.message == "Validation failed: Expires in is not a whole number"
    assert (
        refused(lambda: poll.nested("keys").text("auth", characters_max=9)).field == "x[keys][auth]"
    )
    with pytest.raises(MissingParameter, match=r"x\[key\]"):
        poll.required_text("key", characters_max=9)


@pytest.mark.parametrize("value", ["a", 1, True, [], [{}]])
def test_s086_what_has_no_names_is_not_nested(value: Json) -> None:
    assert refused(lambda: given(value).nested("x")).field == "x"


def test_blank_is_no_nested_field() -> None:
    assert dict(given("").nested("x")) == {}


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/json", b'{"f":[{"name":"a","value":1},{"name":"b","value":2}]}'),
        ("application/json", b'{"f":{"1":{"name":"b","value":2},"0":{"name":"a","value":1}}}'),
        (
            "application/x-www-form-urlencoded",
            b"f[][name]=a&f[][value]=1&f[][name]=b&f[][value]=2",
        ),
        (
            "application/x-www-form-urlencoded",
            b"f[10][name]=b&f[10][value]=2&f[9][name]=a&f[9][value]=1",
        ),
        (
            "multipart/form-data; boundary=X",
            b"".join(
                b'--X\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
                for pair in [
                    (b"f[0][name]", b"a"),
                    (b"f[0][value]", b"1"),
                    (b"f[1][name]", b"b"),
                    (b"f[1][value]", b"2"),
                ]
            )
            + b"--X--",
        ),
    ],
)
def test_records_read_alike_however_they_were_sent(content_type: str, raw: bytes) -> None:
    records = Parameters(parse_body(content_type, raw).fields).records("f")
    assert [(each.text("name", characters_max=9), each.integer("value")) for each in records] == [
        ("a", 1),
        ("b", 2),
    ]
    assert refused(lambda: records[1].integer("name")).field == "f[1][name]"


@pytest.mark.parametrize("value", ["a", ["a"], [[]], {"0": "a"}, {"a": {}}, 1])
def test_s086_what_is_no_list_of_records_names_its_field(value: Json) -> None:
    assert refused(lambda: given(value).records("x")).field == "x"


def test_an_upload_is_a_file_or_not_given() -> None:
    upload = Upload(b"x", "a.png", "image/png")
    assert Parameters({}, {"x": upload}).upload("x") is upload
    assert Parameters({"x": "text"}, {"x": upload}).upload("x") is upload
    assert given("").upload("x") is None
    assert refused(lambda: given("text").upload("x")).field == "x"
    assert Parameters({"x": {}}, {"y": upload}).nested("x").upload("y") is None
