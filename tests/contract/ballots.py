"""What tests say that people ask each other in polls, and how they vote, over the wire."""

from typing import Any

from tests.contract.api import Api, Person, Reply

DAY_S = 86_400
REFUSED = "Validation failed: "


async def ask(api: Api, who: Person, *options: str, **more: Any) -> dict[str, Any]:
    """A status with a poll, of tea or coffee for a day unless the test says otherwise."""
    fields = {key: more.pop(key) for key in ("multiple", "hide_totals") if key in more}
    seconds = more.pop("expires_in", DAY_S)
    poll = {"options": options or ("tea", "coffee"), "expires_in": seconds, **fields}
    return await api.say(who, more.pop("text", "what shall it be?"), poll=poll, **more)


async def vote(api: Api, who: Person | str | None, asked: dict[str, Any], *choices: Any) -> Reply:
    """A vote, sent as JSON."""
    path = f"/api/v1/polls/{asked['poll']['id']}/votes"
    return await api.post(path, who, json={"choices": list(choices)})


async def poll_of(api: Api, who: Person | None, asked: dict[str, Any]) -> dict[str, Any]:
    """The poll as somebody sees it, which is the same beside its status and alone."""
    alone = await api.get(f"/api/v1/polls/{asked['poll']['id']}", who)
    assert alone.status == 200, alone.body
    within = await api.get(f"/api/v1/statuses/{asked['id']}", who)
    assert within.json["poll"] == alone.json
    return alone.json


def counts_of(poll: dict[str, Any]) -> tuple[list[int | None], int, int]:
    """Votes by option, votes and voters."""
    options = [option["votes_count"] for option in poll["options"]]
    return options, poll["votes_count"], poll["voters_count"]
