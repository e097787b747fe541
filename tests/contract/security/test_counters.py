"""S048: a thread shows each reader what they may see of it, and counters tell of nothing else.

Everybody reads the same number, so it can only count what everybody may see: whoever could
subtract what they see from what is counted would know of the rest.
"""

from typing import Any

from tests.contract.api import Api, Person


async def _answers(api: Api, root: dict[str, Any], who: Person) -> dict[str, str]:
    """One answer of each visibility; their ids."""
    found: dict[str, str] = {}
    for visibility in ("public", "unlisted", "private", "direct"):
        said = await api.say(who, visibility, visibility=visibility, in_reply_to_id=root["id"])
        found[visibility] = said["id"]
    return found


async def _seen(api: Api, path: str, who: Person | None) -> set[str]:
    context = (await api.get(f"{path}/context", who)).json
    return {each["id"] for each in (*context["ancestors"], *context["descendants"])}


async def test_s048_a_thread_per_reader(api: Api) -> None:
    anna, bert, cleo, dora = [await api.person(name) for name in ("anna", "bert", "cleo", "dora")]
    await api.post(f"/api/v1/accounts/{bert.id}/follow", cleo)
    root = await api.say(anna, "root")
    path = f"/api/v1/statuses/{root['id']}"
    said = await _answers(api, root, bert)
    for_all = {said["public"], said["unlisted"]}
    for_followers = for_all | {said["private"]}
    seen = {who: await _seen(api, path, who) for who in (None, anna, cleo, bert)}
    assert seen == {
        None: for_all,
        anna: for_all,
        cleo: for_followers,
        bert: for_followers | {said["direct"]},
    }
    for who in (None, anna, bert, cleo, dora):
        status = (await api.get(path, who)).json
        assert status["replies_count"] == len(for_all)
    # From below, too: what hangs on a hidden answer leads past it.
    below = await api.say(bert, "below", in_reply_to_id=said["direct"])
    under = f"/api/v1/statuses/{below['id']}"
    assert await _seen(api, under, dora) == {root["id"]}
    assert (await api.get(path)).json["replies_count"] == len(for_all)
    for visibility in ("direct", "private", "public"):
        await api.call("DELETE", f"/api/v1/statuses/{said[visibility]}", bert)
    assert (await api.get(path)).json["replies_count"] == 1


async def test_s048_who_passed_something_on_in_private_is_named_to_nobody(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "pass me on")
    path = f"/api/v1/statuses/{said['id']}"
    quietly = await api.post(f"{path}/reblog", bert, json={"visibility": "private"})
    assert quietly.json["visibility"] == "private"
    await api.post(f"{path}/reblog", cleo)
    for who in (None, anna, cleo):
        names = [each["acct"] for each in (await api.get(f"{path}/reblogged_by", who)).json]
        assert names == ["cleo"]
        assert (await api.get(f"/api/v1/statuses/{quietly.json['id']}", who)).status == 404


async def test_s048_an_account_tells_when_it_spoke_in_public_alone(api: Api) -> None:
    """[AC6] The number of statuses counts private ones, as Mastodon's does; never direct ones."""
    anna = await api.person("anna")
    await api.say(anna, "@anna note", visibility="direct")
    profile = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert profile["statuses_count"] == 0
