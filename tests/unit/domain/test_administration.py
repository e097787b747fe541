"""Which states an account may be put into, and from where."""

import pytest

from stonechat.domain.administration import PASSAGES, check_role, next_state
from stonechat.domain.viewers import CLOSED, ROLES
from stonechat.kernel.errors import InvalidInput

STATES = {"active", *CLOSED}


@pytest.mark.parametrize("action", PASSAGES)
@pytest.mark.parametrize("state", sorted(STATES))
def test_an_action_leads_to_its_state_or_is_refused(action: str, state: str) -> None:
    passage = PASSAGES[action]
    if state in (*passage.origins, passage.target):
        assert next_state(action, "anna", state) == passage.target
    else:
        with pytest.raises(InvalidInput, match=f"anna is {state}: {action} is not for such"):
            next_state(action, "anna", state)


def test_nothing_leads_out_of_deletion_and_every_state_is_known() -> None:
    assert not any("deleted" in (*each.origins, each.target) for each in PASSAGES.values())
    assert {state for each in PASSAGES.values() for state in (*each.origins, each.target)} <= STATES


def test_roles() -> None:
    assert [check_role(role) for role in ROLES] == list(ROLES)
    with pytest.raises(InvalidInput, match="write one of user, moderator, admin, owner"):
        check_role("king")
