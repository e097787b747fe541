"""Forms: query strings and urlencoded bodies, which are one and the same format.

Text is UTF-8, escaped or not; anything else is refused rather than guessed, and so is a percent
sign that escapes nothing, as Rails has it. Only `&` separates: `a;b` is one name.
"""

from stonechat.http.parameters.fields import PAIRS_MAX, TEXT_BYTES_MAX, Fields
from stonechat.http.parameters.nesting import nest
from stonechat.kernel.errors import MalformedRequest, TooLarge


def parse_query(raw: bytes) -> Fields:
    """The fields of a query string, without its question mark."""
    return parse_form(raw) if raw else {}


def parse_form(raw: bytes) -> Fields:
    """The fields of an `application/x-www-form-urlencoded` body."""
    if len(raw) > TEXT_BYTES_MAX or raw.count(b"&") >= PAIRS_MAX:
        raise TooLarge("The form is too large")
    try:
        return nest(_pairs(raw.decode()))
    except UnicodeDecodeError as error:
        raise MalformedRequest(
            "The parameters are not valid UTF-8, or not escaped as such"
        ) from error


def _pairs(text: str) -> list[tuple[str, str]]:
    # A plus that is meant as one comes as %2B, so all that are seen here are spaces.
    parts = [pair.partition("=") for pair in text.replace("+", " ").split("&") if pair]
    if "%" in text:
        return [(_unescape(name), _unescape(value)) for name, _, value in parts]
    return [(name, value) for name, _, value in parts]


def _unescape(text: str) -> str:
    """Undo percent escapes with a codec of C, which stays linear where a regex piles up."""
    if "%" not in text:
        return text
    raw = text.encode().replace(b"\\", rb"\x5c").replace(b"%", rb"\x")
    return raw.decode("unicode_escape").encode("latin-1").decode()
