"""Links, mentions and hashtags: the one reader of them all.

One pass from left to right, no overlaps, time in proportion to the text. It looks for the
three marks that can begin an entity and only then reads around them. Reading never goes back
over what was read, and ends after so many entities of a kind, or so many characters that began
like one and were none: what comes later stays plain text. Whether a mention means anybody is
not known here.
"""

import re
from string import ascii_letters, digits
from typing import Final, NamedTuple, TypeAlias

import regex

from stonechat.domain.limits import (
    MENTIONS_PER_STATUS_MAX,
    TAG_CHARACTERS_MAX,
    TAGS_PER_STATUS_MAX,
)
from stonechat.domain.text.hosts import (
    HOST_CHARACTERS_MAX,
    HOST_LETTERS,
    canonical_host,
    host_without_glue,
    is_web_host,
)
from stonechat.domain.text.tags import TAG_JOINERS, normalise_tag

# Many times what a status may hold: whoever comes to this end wrote no status.
READ_IN_VAIN_CHARACTERS_MAX: Final = 5000
LINKS_MAX: Final = 50
URL_CHARACTERS_MAX: Final = 4096
MENTION_NAME_CHARACTERS_MAX: Final = 64
# How far a reader looks: one more than it would accept, so that too long is seen to be so.
_MENTION_CHARACTERS_READ: Final = len("@@") + MENTION_NAME_CHARACTERS_MAX + HOST_CHARACTERS_MAX + 1
_TAG_CHARACTERS_READ: Final = len("#") + TAG_CHARACTERS_MAX + 1

_MARK: Final = re.compile("@|#|\uff03|://")
_CLOSING: Final = "「」『』【】〈〉《》（）［］"  # noqa: RUF001 - brackets of East Asia
_NOT_IN_LINKS: Final = rf"\s\p{{C}}<>\"`\\{_CLOSING}"
_TRAILING: Final = ".,:;!?'*~&|@…。、！？：；“”‘’«»‹›"  # noqa: RUF001 - as people type them
_AUTHORITY: Final = (
    rf"(?:[^{_NOT_IN_LINKS}/?#@]*+@)?+"
    rf"(?P<host>[{HOST_LETTERS}-]++(?:\.[{HOST_LETTERS}-]++)++)"
    r"(?::[0-9]{1,5}+(?![0-9]))?+"
)
_TAIL: Final = rf"[/?#][^{_NOT_IN_LINKS}]*+"
_NAME: Final = (
    r"([A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+)"
    rf"(?:@([{HOST_LETTERS}]++(?:[.-]++[{HOST_LETTERS}]++)*+))?+"
)
_TAG: Final = rf"[\p{{L}}\p{{Nd}}_][\p{{L}}\p{{M}}\p{{Nd}}_{TAG_JOINERS}]*+"
# A name that goes on like this is another name, or wants to be taken for one. Letters of other
# scripts may follow: in Japanese or Thai the sentence goes on without a space.
_CONTINUES: Final = regex.compile(
    r"[@\uFF20_\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Cherokee}\p{M}\p{DI}"
    r"\U0001D400-\U0001D7FF]|://"
)
_NEVER_BEFORE_MENTIONS: Final = regex.compile(f"[{HOST_LETTERS}=/]")
_NEVER_BEFORE_LINKS: Final = frozenset(
    f"{ascii_letters}{digits}_@#$\uff20\uff03"
    # Whatever turns round the direction of reading.
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class _Grammar(NamedTuple):
    """What stands behind a mark, compiled for one kind of text."""

    authority: regex.Pattern[str] | re.Pattern[str]
    tail: regex.Pattern[str] | re.Pattern[str]
    name: regex.Pattern[str] | re.Pattern[str]
    tag: regex.Pattern[str] | re.Pattern[str]


def _in_ascii(pattern: str) -> re.Pattern[str]:
    """The same pattern for a text that has ASCII characters only."""
    for every, plain in (("L", "A-Za-z"), ("M", ""), ("Nd", "0-9"), ("C", r"\x00-\x1f\x7f")):
        pattern = pattern.replace(rf"\p{{{every}}}", plain)
    return re.compile(pattern)


# Most texts are ASCII, and for them the standard library's engine takes a third of the time.
_PATTERNS: Final = (_AUTHORITY, _TAIL, _NAME, _TAG)
_EVERY_TEXT: Final = _Grammar(*map(regex.compile, _PATTERNS))
_ASCII_TEXT: Final = _Grammar(*map(_in_ascii, _PATTERNS))


class Link(NamedTuple):
    """A web address with its scheme; `host_at` is where the host begins inside `url`."""

    start: int
    end: int
    url: str
    host: str
    host_at: int


class Mention(NamedTuple):
    """A name behind an @; `username` and `domain` in their canonical forms."""

    start: int
    end: int
    username: str
    domain: str | None


class Hashtag(NamedTuple):
    """A tag: its name, and its spelling without the #."""

    start: int
    end: int
    name: str
    spelling: str


Entity: TypeAlias = Link | Mention | Hashtag
_Reading: TypeAlias = tuple[Entity | None, int]


def extract(text: str) -> tuple[Entity, ...]:
    """All entities of a text in their order, without overlaps."""
    found: list[Entity] = []
    left = {Link: LINKS_MAX, Mention: MENTIONS_PER_STATUS_MAX, Hashtag: TAGS_PER_STATUS_MAX}
    grammar = _ASCII_TEXT if text.isascii() else _EVERY_TEXT
    position = in_vain = 0
    while in_vain < READ_IN_VAIN_CHARACTERS_MAX and (mark := _MARK.search(text, position)):
        at = mark.start()
        match text[at]:
            case "@":
                entity, position = _read_mention(grammar, text, at)
            case ":":
                entity, position = _read_link(grammar, text, at, position)
            case _:
                entity, position = _read_hashtag(grammar, text, at)
        if entity is None:
            in_vain += position - at
        elif left[type(entity)]:
            left[type(entity)] -= 1
            found.append(entity)
        else:
            break
    return tuple(found)


def _read_mention(grammar: _Grammar, text: str, at: int) -> _Reading:
    before = text[at - 1] if at else " "
    if before != " " and _NEVER_BEFORE_MENTIONS.match(before):
        return None, at + 1
    name = grammar.name.match(text, at + 1, at + _MENTION_CHARACTERS_READ)
    if name is None:
        return None, at + 1
    username, domain = name.group(1), name.group(2)
    end, canonical = name.end(), None
    if domain is not None:
        typed = host_without_glue(domain)
        end -= len(domain) - len(typed)
        canonical = canonical_host(typed)
        if canonical is None:
            return None, name.end()
    if len(username) > MENTION_NAME_CHARACTERS_MAX or _continues(text, end):
        return None, name.end()
    return Mention(at, end, username.lower(), canonical), end


def _read_hashtag(grammar: _Grammar, text: str, at: int) -> _Reading:
    if at and not text[at - 1].isspace():
        return None, at + 1
    run = grammar.tag.match(text, at + 1, at + _TAG_CHARACTERS_READ)
    if run is None:
        return None, at + 1
    spelling = run.group().rstrip(TAG_JOINERS)
    name = None if run.end() == at + _TAG_CHARACTERS_READ else normalise_tag(spelling)
    if name is None:
        return None, run.end()
    end = at + 1 + len(spelling)
    return Hashtag(at, end, name, spelling), end


def _read_link(grammar: _Grammar, text: str, at: int, floor: int) -> _Reading:
    behind = at + len("://")
    start = _scheme_start(text, at, floor)
    authority = (
        None if start is None else grammar.authority.match(text, behind, at + URL_CHARACTERS_MAX)
    )
    if start is None or authority is None:
        return None, behind
    typed = authority.group("host")
    host = host_without_glue(typed)
    if not is_web_host(host):
        return None, authority.end("host")
    host_start = authority.start("host")
    tail = None
    if host == typed:
        end = authority.end()
        tail = grammar.tail.match(text, end)
    else:
        end = host_start + len(host)
    if tail is not None:
        # An over-long address is no link, and must not be read again from its middle.
        if tail.end() - start > URL_CHARACTERS_MAX:
            return None, tail.end()
        end = tail.start() + len(_trim(tail.group()))
    elif _continues(text, end) or end - start > URL_CHARACTERS_MAX:
        return None, end
    return Link(start, end, text[start:end], host, host_start - start), end


def _scheme_start(text: str, at: int, floor: int) -> int | None:
    """Where `http` or `https` before this place begins, if it stands there on its own."""
    for scheme in ("https", "http"):
        start = at - len(scheme)
        if start >= floor and text[start:at].lower() == scheme:
            return None if start and text[start - 1] in _NEVER_BEFORE_LINKS else start
    return None


def _continues(text: str, end: int) -> bool:
    # Nearly always a space: asking for it first saves asking for all the rest.
    return text[end : end + 1] != " " and _CONTINUES.match(text, end) is not None


def _trim(tail: str) -> str:
    """The tail of an address without what belongs to the sentence around it."""
    for opening, closing in ("()", "[]"):
        if opening in tail or closing in tail:
            tail = tail[: _first_unpaired(tail, opening, closing)]
    return tail.rstrip(_TRAILING)


def _first_unpaired(tail: str, opening: str, closing: str) -> int:
    """Where the first bracket without a partner stands, or the end."""
    outermost, depth = 0, 0
    for at, character in enumerate(tail):
        if character == opening:
            outermost = outermost if depth else at
            depth += 1
        elif character == closing:
            if not depth:
                return at
            depth -= 1
    return outermost if depth else len(tail)
