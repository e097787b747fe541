"""Suggestions: whom to follow, in the present and in the first form of the answer."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.suggestions import present_suggestion
from stonechat.dialects.mastodon.forms.offsets import read_span
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.http.operations import Answer
from stonechat.services import suggestions


async def index(call: MastodonCall) -> Answer:
    """Whom the viewer might follow, with the reason."""
    span = read_span(call.parameters, limits.ACCOUNTS_PAGE)
    found = await suggestions.list_suggestions(call.env, call.viewer, *span)
    accounts = await call.room.accounts(each.account_id for each in found)
    return Answer(
        [
            present_suggestion(accounts[each.account_id], is_of_friends=each.is_of_friends)
            for each in found
            if each.account_id in accounts
        ]
    )


async def old_index(call: MastodonCall) -> Answer:
    """Whom the viewer might follow, as plain accounts."""
    span = read_span(call.parameters, limits.ACCOUNTS_PAGE)
    found = await suggestions.list_suggestions(call.env, call.viewer, *span)
    return Answer(await call.room.account_list([each.account_id for each in found]))


async def dismiss(call: MastodonCall) -> Answer:
    """Suggest an account no more; the same answer whether or not there is such an account."""
    target_id = AccountId(call.path_id())
    await suggestions.dismiss_suggestion(call.env, call.viewer, target_id)
    return Answer({})


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v2/suggestions", index, "[Suggestion]", scope="read:accounts"),
    MastodonOperation("GET", "/api/v1/suggestions", old_index, "[Account]", scope="read:accounts"),
    MastodonOperation("DELETE", "/api/v1/suggestions/{id}", dismiss, "{}", scope="write:accounts"),
)
