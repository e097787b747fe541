"""Names: the words by which an account is found, and how a search for one is read.

An account is found by the beginning of its user name or of any word of its display name. Both
sides of a comparison go through `fold`, so capitals and accents make no difference. What is
folded is for comparing only and is never shown.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from stonechat.domain.text.hosts import canonical_domain

WORDS_PER_SEARCH_MAX: Final = 5
WORD_CHARACTERS_MAX: Final = 64

_WORD: Final = re.compile(r"\w+")
# What Unicode calls default ignorable: joiners, selectors of shapes, fillers, tags, and the like.
_IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


@dataclass(frozen=True, slots=True)
class NameQuery:
    """What a search for accounts looks for.

    With a `handle` exactly one account is meant; otherwise every word must begin a word of
    the name. Neither means that nobody can be found.
    """

    words: tuple[str, ...] = ()
    handle: str | None = None


def fold(text: str) -> str:
    """A text without capitals and without the marks over its letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", bare).casefold()


def fold_seen(text: str) -> str:
    """The same without what cannot be seen: two names that look alike are one."""
    folded = fold(text)
    return folded if folded.isascii() else _IGNORABLE.sub("", folded)


def words_of(username: str, display_name: str) -> frozenset[str]:
    """Every word by whose beginning an account is found."""
    words = _WORD.findall(fold(display_name))
    return frozenset((username.lower(), *(word[:WORD_CHARACTERS_MAX] for word in words)))


def end_of_prefix(word: str) -> str:
    """A text that sorts behind everything that begins with a word, by its bytes in UTF-8."""
    return word + "\U0010ffff"


def read_query(text: str, local_domain: str) -> NameQuery:
    """What somebody who typed this is looking for. `@name@here` means one account of ours."""
    name, at, domain = text.strip().removeprefix("@").partition("@")
    if at and domain:
        is_ours = _begins(local_domain, domain) or _is_ours(local_domain, domain)
        return NameQuery(handle=name) if is_ours else NameQuery()
    words = [word[:WORD_CHARACTERS_MAX] for word in _WORD.findall(fold(name))]
    return NameQuery(tuple(dict.fromkeys(words))[:WORDS_PER_SEARCH_MAX])


def _begins(local_domain: str, typed: str) -> bool:
    # People search while they type, so the domain may end anywhere.
    return local_domain.lower().startswith(typed.lower())


def _is_ours(local_domain: str, typed: str) -> bool:
    canonical = canonical_domain(typed) or typed.lower()
    return canonical == (canonical_domain(local_domain) or local_domain.lower())


def read_handle(acct: str, local_domain: str) -> tuple[str, str | None]:
    """The name and the domain of `name`, `@name` or `name@domain`; None stands for ours."""
    name, _, domain = acct.strip().removeprefix("@").partition("@")
    if not domain or _is_ours(local_domain, domain):
        return name, None
    return name, canonical_domain(domain) or domain.lower()
