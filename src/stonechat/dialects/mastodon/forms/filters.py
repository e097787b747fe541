"""The parameters of filters, of both APIs.

`expires_in` blank, null or 0 means never; left out it means no change. Clients send all three
for never (Phanpy null, others an empty field), so null is told from left out here alone.
"""

from stonechat.domain import limits
from stonechat.domain.filters import CONTEXTS, Expiry, FilterChange, KeywordChange
from stonechat.domain.phrases import PhraseChange
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.parameters import Parameters

_CHOICE_CHARACTERS_MAX = 20


def read_filter(parameters: Parameters) -> FilterChange:
    """What is to become of a filter, with its keywords."""
    keywords = parameters.records("keywords_attributes", items_max=limits.FILTER_KEYWORDS_MAX)
    return FilterChange(
        title=_name(parameters, "title", limits.FILTER_TITLE_CHARACTERS_MAX),
        contexts=_read_contexts(parameters),
        action=parameters.text("filter_action", characters_max=_CHOICE_CHARACTERS_MAX) or None,
        expiry=_read_expiry(parameters),
        keywords=tuple(read_keyword(each) for each in keywords),
    )


def read_keyword(parameters: Parameters) -> KeywordChange:
    """What is to become of one keyword."""
    return KeywordChange(
        id=parameters.identifier("id"),
        keyword=_name(parameters, "keyword", limits.FILTER_KEYWORD_CHARACTERS_MAX),
        is_whole_word=parameters.flag("whole_word"),
        is_removed=bool(parameters.flag("_destroy")),
    )


def read_phrase(parameters: Parameters) -> PhraseChange:
    """What is to become of a filter of the first API."""
    return PhraseChange(
        phrase=_name(parameters, "phrase", limits.FILTER_KEYWORD_CHARACTERS_MAX),
        is_whole_word=parameters.flag("whole_word"),
        contexts=_read_contexts(parameters),
        is_hiding=parameters.flag("irreversible"),
        expiry=_read_expiry(parameters),
    )


def _name(parameters: Parameters, name: str, characters_max: int) -> str | None:
    given = parameters.text(name, characters_max=characters_max)
    return None if given is None else clean_name(given, field=name)


def _read_contexts(parameters: Parameters) -> tuple[str, ...] | None:
    if "context" not in parameters:
        return None
    found = parameters.texts(
        "context", items_max=2 * len(CONTEXTS), characters_max=_CHOICE_CHARACTERS_MAX
    )
    return tuple(found)


def _read_expiry(parameters: Parameters) -> Expiry | None:
    if not parameters.says("expires_in"):
        return None
    return Expiry(parameters.integer("expires_in") or None)
