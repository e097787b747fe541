"""The parameters of polls: of asking, which come with a status, and of voting.

Options are one line each. What cannot be an index, such as a word, becomes one that no poll has,
so that the answer is the same as for a number that is too high.
"""

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.polls import CastVote, PollDraft
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput, MissingParameter


def read_poll(parameters: Parameters) -> PollDraft | None:
    """The order to ask something, or None where nothing is asked."""
    fields = parameters.nested("poll")
    if not fields:
        return None
    return PollDraft(
        options=_options(fields),
        seconds=fields.integer("expires_in"),
        is_multiple=fields.flag("multiple") or False,
        hides_totals=fields.flag("hide_totals") or False,
    )


def _options(fields: Parameters) -> tuple[str, ...]:
    try:
        given = fields.texts("options", characters_max=limits.POLL_OPTION_BYTES_MAX)
    except InvalidInput as refusal:
        if refusal.rule == "too_long":
            maximum = limits.POLL_OPTION_CHARACTERS_MAX
            raise InvalidInput(
                f"Validation failed: Choices cannot be longer than {maximum} characters each",
                field="poll",
                rule="too_long",
            ) from None
        raise
    return tuple(clean_name(option, field="choices") for option in given)


def read_vote(parameters: Parameters, status_id: StatusId, idempotency_key: str | None) -> CastVote:
    """The order to vote."""
    choices = parameters.identifiers("choices", items_max=limits.COMMUNITY_POLL_OPTIONS_MAX)
    if not choices:
        raise MissingParameter("choices")
    return CastVote(status_id, tuple(choices), idempotency_key)
