"""The parameters of the list of notifications."""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.domain.notifications import NoticeChoice, choose
from stonechat.http.parameters import Parameters

KEPT: Final = ("types", "exclude_types", "account_id")
"""What the links of a page repeat."""
TYPES_ITEMS_MAX: Final = 100


def read_choice(parameters: Parameters) -> NoticeChoice:
    """Which notices are asked for; names of types that we do not know match nothing."""
    from_id = parameters.identifier("account_id")
    return choose(
        parameters.texts("types", items_max=TYPES_ITEMS_MAX),
        parameters.texts("exclude_types", items_max=TYPES_ITEMS_MAX),
        None if from_id is None else AccountId(from_id),
    )
