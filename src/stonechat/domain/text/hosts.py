"""Names of hosts inside texts: where they end, how they are written, how they are shown.

A host has one canonical form (lower-case ASCII, labels in punycode), so that two spellings of
one host are equal and two hosts never are. Showing is another matter: people read letters, and
`apple.com` with one Cyrillic letter reads like another host, so a name is shown as typed only
where the letters of each label belong together and are not all mistaken for Latin ones.
"""

import re
import unicodedata
from typing import Final

import regex

HOST_CHARACTERS_MAX: Final = 253
LABEL_CHARACTERS_MAX: Final = 63
_TOP_LABEL_CHARACTERS_MIN: Final = 2

# More are hardly in use, and the time that punycode takes grows with their square.
FOREIGN_LETTERS_MAX: Final = 32

HOST_LETTERS: Final = r"\p{L}\p{M}\p{Nd}_"

_FOREIGN_HOST: Final = regex.compile(rf"[{HOST_LETTERS}.-]+")
_ASCII_HOST: Final = re.compile(
    r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_LATIN_START: Final = re.compile("[A-Za-z][A-Za-z0-9-]*")
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ADDRESS: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")

_SCRIPTS: Final = (
    "Arabic",
    "Armenian",
    "Bengali",
    "Cyrillic",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
)
# Latin without its phonetic letters, many of which are drawn like plain ones.
_LATIN: Final = r"a-z\u00DF-\u00F6\u00F8-\u024F\u1E00-\u1EFF"
_SHARED: Final = r"0-9\-_\p{Inherited}"
# Languages of East Asia write these together, and Latin letters among them.
_EAST_ASIAN: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\u30FC\p{Bopomofo}\p{Hangul}"
_READABLE: Final = regex.compile(
    "|".join(
        f"[{_SHARED}{letters}]+"
        for letters in (
            _LATIN,
            f"a-z{_EAST_ASIAN}",
            *(rf"\p{{{script}}}" for script in _SCRIPTS),
        )
    )
)
# Cyrillic, Greek and Armenian letters that are drawn like Latin ones.
_LATIN_LOOKALIKES: Final = re.compile("[0-9_асԁеһіјкӏмнорԛѕтԝхуѵѡьҽүгпοαινρτυγκχωϲϳսօոզհց-]+")


def host_without_glue(host: str) -> str:
    """The host, without a sentence that goes on directly behind it, as Japanese ones do.

    No top-level name mixes ASCII with other letters, so that is where the host ends.
    """
    dot = host.rfind(".") + 1
    if host.isascii() or host[dot:].isascii():
        return host
    start = _LATIN_START.match(host, dot)
    return host if start is None else host[: start.end()]


def is_web_host(host: str) -> bool:
    """Whether this is a full name of a host, or an IPv4 address as everybody writes it."""
    top = host[host.rfind(".") + 1 :]
    if top.isdigit():
        return _ADDRESS.fullmatch(host) is not None
    if len(top) < _TOP_LABEL_CHARACTERS_MIN or not top[0].isalpha():
        return False
    return canonical_host(host) is not None


def canonical_host(host: str) -> str | None:
    """The one spelling of a host, or None where there can be no such host."""
    if not host.isascii():
        return _foreign_host(host)
    host = host.lower()
    is_host = len(host) <= HOST_CHARACTERS_MAX and _ASCII_HOST.fullmatch(host)
    return host if is_host else None


def canonical_domain(domain: str) -> str | None:
    """The one spelling of what stands behind the last @ of a handle: a host, perhaps a port."""
    host, colon, port = domain.partition(":")
    canonical = canonical_host(host.removesuffix("."))
    return None if canonical is None else f"{canonical}{colon}{port}"


def shown_host(host: str) -> str:
    """The host as a reader should see it: as typed, or canonical where that would mislead."""
    if host.isascii():
        return host
    folded = host.lower()
    if unicodedata.is_normalized("NFKC", folded) and not _misleads(folded.split(".")):
        return host
    return canonical_host(host) or host


def _misleads(labels: list[str]) -> bool:
    foreign = [label for label in labels if not label.isascii()]
    if not all(map(_READABLE.fullmatch, foreign)):
        return True
    # Under a top-level name of their own script, look-alikes deceive nobody.
    return labels[-1].isascii() and any(map(_LATIN_LOOKALIKES.fullmatch, foreign))


def _foreign_host(host: str) -> str | None:
    host = unicodedata.normalize("NFKC", host).lower()
    foreign = len(host) - len(host.encode("ascii", "ignore"))
    if foreign > FOREIGN_LETTERS_MAX or not _FOREIGN_HOST.fullmatch(host):
        return None
    return canonical_host(".".join(map(_ascii_label, host.split("."))))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
