"""The parameters of searching, and the refusals that clients tell from one another."""

from stonechat.domain import limits
from stonechat.domain.search import KINDS, SearchQuery
from stonechat.domain.viewers import Viewer
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import MalformedRequest, NotAuthenticated

_ANONYMOUS_RESOLVE = (
    "Search queries that resolve remote resources are not supported without authentication"
)
_ANONYMOUS_OFFSET = "Search queries pagination is not supported without authentication"
_NEGATIVE = "Pagination values for `offset` and `limit` must be positive"


def _ensure_positive(parameters: Parameters, name: str) -> None:
    value = parameters.get(name)
    is_number = isinstance(value, (int, float, str))
    if is_number and str(value).strip().startswith("-"):
        raise MalformedRequest(_NEGATIVE)


def _read_kinds(parameters: Parameters) -> frozenset[str]:
    kind = parameters.text("type", characters_max=20)
    if not kind:
        return KINDS
    if kind not in KINDS:
        raise MalformedRequest("The type must be accounts, statuses or hashtags")
    return frozenset({kind})


def read_search(parameters: Parameters, viewer: Viewer) -> SearchQuery:
    """What is looked for. Only somebody who signed in may page, or paste an address."""
    text = parameters.required_text("q", characters_max=limits.SEARCH_CHARACTERS_MAX).strip()
    _ensure_positive(parameters, "offset")
    _ensure_positive(parameters, "limit")
    resolves = bool(parameters.flag("resolve"))
    if not viewer.is_person:
        if resolves:
            raise NotAuthenticated(_ANONYMOUS_RESOLVE)
        if parameters.get("offset", "") != "":
            raise NotAuthenticated(_ANONYMOUS_OFFSET)
    kinds = _read_kinds(parameters)
    default, maximum = limits.STATUSES_PAGE
    return SearchQuery(
        text=text,
        kinds=kinds,
        limit=parameters.limit(default=default, maximum=maximum),
        # Without a type every kind would be paged at once, so the offset is left aside.
        offset=(parameters.integer("offset") or 0) if len(kinds) == 1 else 0,
        resolves=resolves,
        only_followed=bool(parameters.flag("following")) and viewer.is_person,
    )
