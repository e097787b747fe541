"""Documents: JSON bodies, decoded by msgspec under bounds that hold before it begins.

The decoder refuses what JSON forbids (NaN, comments, a byte order mark, lone surrogates,
trailing data) and numbers that no one can mean. Two things it lets pass are refused here: a
name that stands twice in one object, which two readers would read differently, and a
structure so large that only an attacker sends it. The commas and braces outside of strings
tell that at the speed of `bytes.count`, before the first object is made.
"""

from typing import Final, cast

import msgspec

from stonechat.http.parameters.fields import TEXT_BYTES_MAX, VALUES_MAX, Fields, measure
from stonechat.kernel.errors import MalformedRequest, TooLarge

# Each value may bring a name, and each of the two has two quotation marks.
_QUOTES_MAX: Final = 4 * VALUES_MAX

_decode: Final = msgspec.json.Decoder().decode


def parse_document(raw: bytes) -> Fields:
    """The fields of a JSON object."""
    structure = _structure(raw[:TEXT_BYTES_MAX])
    if structure.count(b",") + structure.count(b"{") + structure.count(b"[") > VALUES_MAX:
        raise MalformedRequest("The JSON document has too many values")
    if len(raw) > TEXT_BYTES_MAX:
        raise TooLarge("The JSON document is too large")
    try:
        document: object = _decode(raw)
    # RecursionError: the decoder's answer to a thousand opening brackets.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRequest("The JSON document could not be read") from error
    if type(document) is not dict:
        raise MalformedRequest("The JSON document is not an object")
    fields = cast("Fields", document)
    if measure(fields) != structure.count(b":"):
        raise MalformedRequest("A name stands twice in the JSON document")
    return fields


def _structure(raw: bytes) -> bytes:
    """What stands outside of strings; exact for every document that the decoder accepts."""
    unescaped = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > _QUOTES_MAX:
        raise MalformedRequest("The JSON document has too many values")
    return b"".join(unescaped.split(b'"')[::2])
