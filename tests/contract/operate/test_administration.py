"""What the operator decides about accounts holds from the next request on, in every door."""

import asyncio

import pytest

from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services import accounts, administration, sessions
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api
from tests.contract.operate.towns import Town, count
from tests.contract.people import change

ME = "/api/v1/accounts/verify_credentials"


async def test_a_new_server_gets_one_owner_whoever_starts_it(api: Api) -> None:
    made = await asyncio.gather(*(administration.found_server(api.env) for _ in range(5)))
    (password,) = [each for each in made if each is not None]
    assert await administration.found_server(api.env) is None
    assert await sessions.sign_in(api.env, "owner", password)
    (page,) = [page async for page in administration.list_accounts(api.env)]
    assert [(each.username, each.role) for each in page] == [("owner", "owner")]


async def test_a_server_with_an_account_gets_no_owner(api: Api) -> None:
    await api.person("anna")
    assert await administration.found_server(api.env) is None


async def test_every_account_is_listed_once_in_the_order_of_making(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administration, "ACCOUNTS_AT_ONCE", 2)
    names = ["dora", "anna", "cleo", "bert", "emil"]
    for name in names:
        api.clock.move(milliseconds=1)
        await api.person(name)
    pages = [page async for page in administration.list_accounts(api.env)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each.username for page in pages for each in page] == names


async def test_a_role_holds_at_once_and_others_see_it(api: Api) -> None:
    anna = await api.person("anna")
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["roles"] == []
    await administration.change_role(api.env, "ANNA", "admin")
    assert (await api.get(ME, anna)).json["role"]["name"] == "Admin"
    (role,) = (await api.get(f"/api/v1/accounts/{anna.id}")).json["roles"]
    assert role["name"] == "Admin"
    with pytest.raises(InvalidInput, match="write one of user, moderator"):
        await administration.change_role(api.env, "anna", "king")


async def test_a_new_password_ends_every_session_token_and_key(api: Api) -> None:
    """[S018]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    session = await sessions.sign_in(api.env, "anna", "long enough")
    await administration.change_password(api.env, "@anna", "another one")
    reply = await api.get(ME, anna)
    assert (reply.status, reply.json["error"]) == (401, "The access token was revoked")
    assert await sessions.find_visitor(api.env, session) is None
    assert (await api.get(ME, bert)).status == 200
    assert await sessions.sign_in(api.env, "anna", "another one")
    assert await administration.list_tokens(api.env, "anna") == []


async def test_a_new_password_spends_the_codes_that_were_granted(
    api: Api, whole: WholeDatabase
) -> None:
    """[S018]"""
    anna = await api.person("anna")
    insert = (
        "INSERT INTO codes (hash, app_id, account_id, redirect_uri, scopes, created_ms)"
        " VALUES ($1, 1, $2, 'urn:x', 'read', 1)"
    )
    await whole.write(lambda tx: tx.run(insert, b"code", int(anna.id)))
    await administration.change_password(api.env, "anna", "another one")
    assert await count(whole, "SELECT COUNT(*) FROM codes WHERE used_ms IS NULL") == 0


async def test_a_disabled_account_is_shut_out_and_what_it_said_stays(api: Api, town: Town) -> None:
    session = await sessions.sign_in(api.env, "anna", "long enough")
    assert await administration.change_state(api.env, "anna", "disable") == "disabled"
    assert (await api.get(ME, town.anna)).status == 403
    assert await sessions.find_visitor(api.env, session) is None
    assert (await api.get(f"/api/v1/statuses/{town.annas}")).status == 200
    assert await administration.change_state(api.env, "anna", "enable") == "active"
    assert (await api.get(ME, town.anna)).status == 200


async def test_a_suspended_account_is_hidden_until_it_is_let_back_in(api: Api, town: Town) -> None:
    await administration.change_state(api.env, "anna", "suspend")
    assert (await api.get(f"/api/v1/statuses/{town.annas}", town.bert)).status == 404
    assert (await api.get(f"/api/v1/accounts/{town.anna.id}")).json["suspended"] is True
    await administration.change_state(api.env, "anna", "enable")
    assert (await api.get(f"/api/v1/statuses/{town.annas}", town.bert)).status == 200
    assert "suspended" not in (await api.get(f"/api/v1/accounts/{town.anna.id}")).json


async def test_somebody_who_waits_for_approval_is_let_in(api: Api) -> None:
    await accounts.create_account(
        api.env,
        username="dora",
        email="dora@example.org",
        password="long enough",
        state="pending",
    )
    token = await api.token("dora")
    assert (await api.get(ME, token)).status == 403
    await administration.change_state(api.env, "dora", "approve")
    assert (await api.get(ME, token)).status == 200


@pytest.mark.parametrize(
    ("first", "action"), [("suspend", "disable"), ("suspend", "approve"), ("disable", "approve")]
)
async def test_not_every_state_leads_to_every_other(api: Api, first: str, action: str) -> None:
    await api.person("anna")
    state = await administration.change_state(api.env, "anna", first)
    # Said twice it is as when said once.
    assert await administration.change_state(api.env, "anna", first) == state
    with pytest.raises(InvalidInput, match=f"anna is {state}: {action} is not for such"):
        await administration.change_state(api.env, "anna", action)


async def test_a_token_is_revoked_by_its_id_and_by_itself(api: Api) -> None:
    anna = await api.person("anna")
    other = await api.token("anna", "read")
    first, second = await administration.list_tokens(api.env, "anna")
    assert (first.kind, second.scopes, second.app) == ("person", "read", None)
    await administration.revoke_token(api.env, str(first.id))
    assert (await api.get(ME, anna)).status == 401
    assert (await api.get(ME, other)).status == 200
    await administration.revoke_token(api.env, other)
    assert (await api.get(ME, other)).status == 401
    for gone in (str(first.id), other, "9" * 30, "nonsense"):
        with pytest.raises(NotFound, match="no such token"):
            await administration.revoke_token(api.env, gone)


async def test_nobody_is_found_by_a_name_that_nobody_has(api: Api) -> None:
    with pytest.raises(NotFound, match="There is no account named nobody"):
        await administration.change_role(api.env, "nobody", "user")
    assert await change(api, await api.person("anna"), display_name="still works")
