"""The parameters of notifications: which part of the list, and what was read."""

from typing import Final, NamedTuple

from stonechat.domain.custom_notices import (
    DESCRIPTION_CHARACTERS_MAX,
    TITLE_CHARACTERS_MAX,
    TYPE_CHARACTERS_MAX,
    GiveNotice,
)
from stonechat.domain.ids import AccountId, EmbedId
from stonechat.http.parameters import NO_ID, Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.paging import NO_UPPER, Cursor

LIMIT_DEFAULT: Final = 20
LIMIT_MAX: Final = 50
OFFSET_MAX: Final = 1_000
SIDS_MAX: Final = 500
TO_CONNECTIONS: Final = "connections"
TO_USER: Final = "user"


class Part(NamedTuple):
    """Which groups are asked for: `skip` of them are passed over."""

    cursor: Cursor
    skip: int
    read_id: int | None
    """How far the reader had read before the first page, as the page's address says."""


def read_part(parameters: Parameters) -> Part:
    """Which part of the list; of two cursors the one upwards counts, as the vendor says."""
    offset = parameters.integer("offset") or 0
    if offset < 0 or offset > OFFSET_MAX:
        raise wrong("offset", f"must lie between 0 and {OFFSET_MAX}")
    limit = max(1, parameters.limit(default=LIMIT_DEFAULT, maximum=LIMIT_MAX))
    above, below = parameters.identifier("previous_id"), parameters.identifier("next_id")
    read_id = parameters.identifier("read_id")
    if above is not None:
        return Part(Cursor(limit, above=max(above, 0), upwards=True), offset, read_id)
    if below is None:
        below = NO_UPPER
    return Part(Cursor(limit, below=0 if below == NO_ID else below), offset, read_id)


def read_sids(parameters: Parameters) -> list[int]:
    """What was read; names that cannot be of a notification are nobody's."""
    return [each for each in parameters.identifiers("sids", items_max=SIDS_MAX) if each != NO_ID]


def read_notice(parameters: Parameters) -> GiveNotice:
    """What to tell whom; connections, who are meant where nobody is named, are followers here."""
    to = parameters.choice("recipients_type", (TO_CONNECTIONS, TO_USER)) or TO_CONNECTIONS
    to_id = parameters.identifier("user") if to == TO_USER else None
    if to == TO_USER and to_id is None:
        raise wrong("user", "must be given", rule="required")
    title = parameters.text("title", characters_max=TITLE_CHARACTERS_MAX) or ""
    if not title.strip():
        is_there = parameters.says("title")
        raise wrong("title", "can't be blank", rule="blank" if is_there else "required")
    embed_id = parameters.identifier("embed")
    return GiveNotice(
        title=title,
        description=parameters.text("description", characters_max=DESCRIPTION_CHARACTERS_MAX) or "",
        type=parameters.text("type", characters_max=TYPE_CHARACTERS_MAX) or "",
        embed_id=None if embed_id is None else EmbedId(embed_id),
        to_id=None if to_id is None else AccountId(to_id),
    )
