"""Forms of comments: what a comment is to say and where, and which ones are asked for.

The contribution is named by its kind: exactly one of `status`, `post` and `discussion`, and in
lists `user` besides. A list within a comment names both the contribution and the comment.
"""

from collections.abc import Sequence
from typing import Final

from stonechat.dialects.selfcommunity.forms.contributions import read_text
from stonechat.domain import limits
from stonechat.domain.comments import Branch, PostComment, Sorting
from stonechat.domain.contributions import KINDS
from stonechat.domain.ids import StatusId
from stonechat.domain.inline_media import without_seals
from stonechat.domain.text.counting import count_characters
from stonechat.domain.text.rich import Rich
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong

USER: Final = "user"
ORDERING_CHARACTERS_MAX: Final = 100
ADDED: Final = "added_at"
CONNECTION: Final = "connection"


def read_post(parameters: Parameters, domain: str, *, idempotency_key: str | None) -> PostComment:
    """The order to comment."""
    kind = _read_only(parameters, KINDS)
    text, html = read_words(parameters, domain)
    return PostComment(
        kind,
        StatusId(parameters.identifier(kind) or 0),
        text,
        html,
        parent_id=_read_id(parameters, "parent"),
        in_reply_to_id=_read_id(parameters, "in_reply_to"),
        idempotency_key=idempotency_key,
    )


def read_words(parameters: Parameters, domain: str) -> tuple[str, str | None]:
    """What a comment says, and its HTML where it came as such; it has to say something."""
    if "text" not in parameters:
        raise wrong("text", "is required", rule="null" if parameters.says("text") else "required")
    rich = read_text(parameters, domain)
    if _is_blank(rich):
        raise wrong("text", "can't be blank", rule="blank")
    most = limits.CONTRIBUTION_CHARACTERS_MAX
    # The domain says this of a field `status`, which is another one here.
    is_large = len(rich.text.encode()) > limits.STATUS_TEXT_BYTES_MAX
    if is_large or count_characters(rich.text, "") > most:
        raise wrong("text", f"is too long (maximum is {most} characters)", rule="too_long")
    return rich.text, None if rich.is_plain else without_seals(rich.html)


def _is_blank(rich: Rich) -> bool:
    """Nothing to read and nothing to look at."""
    return not rich.text.strip() and "<img" not in rich.html


def _read_id(parameters: Parameters, name: str) -> StatusId | None:
    found = parameters.identifier(name)
    return None if found is None else StatusId(found)


def _read_only(parameters: Parameters, names: Sequence[str]) -> str:
    """The one of these names that was sent."""
    given = [name for name in names if parameters.identifier(name) is not None]
    if not given:
        raise wrong(names[0], f"is required, or one of {', '.join(names[1:])}", rule="required")
    if len(given) > 1:
        raise wrong(given[1], f"cannot be given together with {given[0]}")
    return given[0]


def read_branch(parameters: Parameters) -> Branch | int:
    """Which comments are asked for: those on something, or those of an account."""
    name = _read_only(parameters, (*KINDS, USER))
    key, parent_id = parameters.identifier(name) or 0, _read_id(parameters, "parent")
    if name != USER:
        return Branch(name, StatusId(key), parent_id)
    if parent_id is not None:
        raise wrong("parent", "cannot be given together with user")
    return key


def read_sorting(parameters: Parameters) -> Sorting:
    """`ordering`: a list of names with commas, the first weighs most; `-` turns one around."""
    text = parameters.text("ordering", characters_max=ORDERING_CHARACTERS_MAX) or ADDED
    connection = 0
    for each in text.split(","):
        name = each.strip()
        bare = name.removeprefix("-")
        if bare == ADDED:
            # No two comments have one moment: what comes after it decides nothing.
            return Sorting(name != bare, connection)
        if bare != CONNECTION:
            raise wrong("ordering", "is not included in the list", rule="inclusion")
        connection = connection or (1 if name == bare else -1)
    return Sorting(connection=connection)
