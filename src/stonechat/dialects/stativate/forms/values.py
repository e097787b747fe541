"""Values: a body that is one value, as a shell sends it, or that names it as JSON or a form does.

`curl -d OPEN` says that it sends a form. A form without any `=` is none: it is the value.
"""

from typing import Final

from stonechat.dialects.stativate.forms.properties import ensure_known, read_text
from stonechat.http.parameters import Fields, parse_body
from stonechat.kernel.errors import InvalidInput, MalformedRequest, UnsupportedMedia

_NAMING: Final = frozenset({"application/json", "multipart/form-data"})
_FORM: Final = "application/x-www-form-urlencoded"
_PLAIN: Final = frozenset({"", "text/plain", "application/octet-stream", _FORM})
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def read_value(raw: bytes, content_type: str | None, content_encoding: str | None) -> str:
    """The value that a body is, or names, by what its headers say."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in _NAMING or (media_type == _FORM and b"=" in raw):
        body = parse_body(content_type, raw, content_encoding=content_encoding)
        return _named(body.fields)
    if media_type not in _PLAIN:
        raise UnsupportedMedia
    _ensure_plain((content_type or "").lower(), content_encoding)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest("The value is not valid UTF-8") from error


def _named(fields: Fields) -> str:
    ensure_known(fields, "value")
    if "value" not in fields:
        raise InvalidInput("The value is required", field="value", rule="missing")
    return read_text(fields["value"], "value")


def _ensure_plain(content_type: str, content_encoding: str | None) -> None:
    coding = (content_encoding or "identity").strip().lower()
    charset = content_type.partition("charset=")[2].partition(";")[0].strip(' "') or "utf-8"
    if coding != "identity" or charset not in _UTF_8:
        raise UnsupportedMedia("The value has to be sent as UTF-8, and not compressed")
