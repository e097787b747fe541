"""Forms of contributions: what a status, a post or a discussion is to say.

A body replaces the whole: what it does not name is taken away. The vendor's own interface sends
more names than its document has, and leaves `action` out; unknown names are ignored. `categories`
has to be there, be it empty.
"""

from typing import Final, NamedTuple

from stonechat.dialects.selfcommunity.forms.places import read_place
from stonechat.dialects.selfcommunity.forms.polls import read_poll
from stonechat.domain import limits
from stonechat.domain.contributions import STATUS, Particulars
from stonechat.domain.ids import CategoryId, LabelId, MediaId, StatusId
from stonechat.domain.inline_media import without_seals
from stonechat.domain.polls import PollDraft
from stonechat.domain.statuses import EditStatus, PostStatus
from stonechat.domain.text.rich import RICH_BYTES_MAX, Rich, read_rich
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong

NAMED_MAX: Final = 200
"""So many ids are read of one list; how many may stand there is the domain's to say."""


class _Parts(NamedTuple):
    """What a body says, in the words of the domain."""

    rich: Rich
    about: Particulars
    media_ids: tuple[MediaId, ...]
    poll: PollDraft | None


def read_post(
    parameters: Parameters, kind: str, domain: str, *, idempotency_key: str | None
) -> PostStatus:
    """The order to say something."""
    rich, about, media_ids, poll = _read_parts(parameters, kind, domain)
    return PostStatus(
        rich.text, media_ids=media_ids, poll=poll, about=about, idempotency_key=idempotency_key
    )


def read_edit(parameters: Parameters, kind: str, domain: str, *, status_id: StatusId) -> EditStatus:
    """The order to put something in other words."""
    rich, about, media_ids, poll = _read_parts(parameters, kind, domain)
    return EditStatus(
        status_id, rich.text, None, None, None, media_ids=media_ids, poll=poll, about=about
    )


def _read_parts(parameters: Parameters, kind: str, domain: str) -> _Parts:
    rich = read_text(parameters, domain)
    draft = read_poll(parameters) if kind != STATUS else None
    _refuse_foreign(parameters)
    about = Particulars(
        kind=kind,
        title=parameters.text("title", characters_max=limits.TITLE_CHARACTERS_MAX) or "",
        action=parameters.text("action", characters_max=limits.ACTION_CHARACTERS_MAX),
        html=None if rich.is_plain else without_seals(rich.html),
        category_ids=_read_categories(parameters),
        place=read_place(parameters),
        addressing=tuple(LabelId(each) for each in _read_ids(parameters, "addressing")),
        poll_title="" if draft is None else draft.title,
    )
    media_ids = tuple(MediaId(each) for each in _read_ids(parameters, "medias"))
    return _Parts(rich, about, media_ids, None if draft is None else draft.poll)


def read_text(parameters: Parameters, domain: str) -> Rich:
    """The words: HTML, or a plain text."""
    return read_rich(parameters.text("text", characters_max=RICH_BYTES_MAX) or "", domain)


def _read_categories(parameters: Parameters) -> tuple[CategoryId, ...]:
    if "categories" not in parameters:
        raise wrong("categories", "is required", rule="required")
    return tuple(CategoryId(each) for each in _read_ids(parameters, "categories"))


def _read_ids(parameters: Parameters, name: str) -> list[int]:
    """Ids of things; null among them is none, and must not be passed over.

    An interface that looks for objects where ids are sends nulls: read as an empty list, they would
    open to everybody what was addressed to some.
    """
    given = parameters.get(name)
    if isinstance(given, list) and None in given:
        raise wrong(name, "names something that does not exist", rule="does_not_exist")
    return parameters.identifiers(name, items_max=NAMED_MAX)


def _refuse_foreign(parameters: Parameters) -> None:
    """What would narrow who sees it is not passed over where we do not know it."""
    if parameters.texts("recipients", items_max=NAMED_MAX):
        raise wrong("recipients", "are not supported: address tags", rule="does_not_exist")
    for name in ("group", "event"):
        if name in parameters:
            raise wrong(name, "does not exist", rule="does_not_exist")
