"""What nobody gets by a token, a password, or an address that is not theirs to use.

Where something happens between two steps of one request, the database of the test holds that
request back; nothing of the server is replaced.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from stonechat.dialects.selfcommunity.dialect import OPERATIONS
from stonechat.domain.viewers import SCOPES, Caller
from stonechat.kernel.settings import Settings
from stonechat.services import administration
from stonechat.storage.database import Database
from tests.contract.api import Api, Person, Reply
from tests.contract.oauth.browser import (
    CALLBACK,
    PASSWORD,
    Browser,
    Flow,
    register,
    signed_in,
)
from tests.contract.selfcommunity.community import ask
from tests.contract.selfcommunity.tokens import SECRET, claims_of, grant, sign

NEW = "Aa3-long enough"
PLAIN = "read write follow push profile"
"""What the app of an ordinary dialect may ask for at most, without an administrator's scopes."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, community_jwt_secret=SECRET, community_password_grant=True)


async def search(api: Api, token: str) -> int:
    return (await api.get("/api/v2/account/search/?username=owner", token)).status


async def test_s029_no_plain_scope_runs_the_server(api: Api) -> None:
    """S029: an app that may write for the owner neither makes administrators nor ends accounts."""
    anna, owner = await api.person("anna"), await api.person("owner", role="owner")
    reads, writes = await api.token("owner", "read"), await api.token("owner", PLAIN)
    evil = {"username": "evil", "role": "admin", "password": NEW}
    user, email = f"/api/v2/user/{anna.id}", {"new_email": "evil@example.org"}
    kept = f"{user}/preference/"
    for method, path, body in (
        ("POST", "/api/v2/sso/signup/", evil),
        ("POST", "/api/v2/account/create/", {**evil, "email": "evil@example.org"}),
        ("DELETE", f"{user}/", {"hard": 1}),
        ("DELETE", f"/api/v2/user/{owner.id}/", {"hard": 1}),
        ("PATCH", f"/api/v2/user/{owner.id}/change_email/", email),
        ("PATCH", f"/api/v2/user/{owner.id}/change_email/", {**email, "confirm": True}),
        ("POST", kept, {"key": "a", "value": 1}),
    ):
        reply = await api.call(method, path, writes, json=body)
        assert reply.status == 403, path
        assert reply.json["errors"][0]["code"] == "permission_denied"
    assert (await search(api, reads), await search(api, owner.token)) == (403, 200)
    # A member's app does not end their account either, nor move it to another address.
    hers = await api.token("anna", PLAIN)
    assert (await api.call("DELETE", f"{user}/", hers)).status == 403
    assert (await api.call("PATCH", f"{user}/change_email/", hers, json=email)).status == 403
    assert (await api.call("DELETE", f"{user}/", owner, json={"hard": 1})).status == 204


async def test_s029_what_moderators_may_not_do_needs_more_than_a_role(sqlite_api: Api) -> None:
    """Every operation: what is refused to a moderator is refused to an owner's plain token."""
    api = sqlite_api
    moderator = await api.person("mod", role="moderator", scopes=f"{' '.join(SCOPES)} community")
    await api.person("owner", role="owner")
    plain = await api.token("owner", PLAIN)

    async def status(method: str, path: str, token: str) -> int:
        return (await api.call(method, re.sub(r"\{[^}]+\}", "1", path), token, json={})).status

    reached: set[str] = set()
    refused: set[str] = set()
    for each in OPERATIONS:
        if each.caller is Caller.PERSON:
            line = f"{each.method} {each.path}"
            if await status(each.method, each.path, moderator.token) == 403:
                refused.add(line)
                if await status(each.method, each.path, plain) != 403:
                    reached.add(line)
    assert not reached
    assert {"POST /api/v2/category/", "POST /api/v2/tag/", "GET /api/v2/account/search/"} <= refused


async def test_the_communitys_ways_to_sign_in_make_tokens_that_may_more(api: Api) -> None:
    """They answer "read write" to whoever asked for that; what an administrator is goes with it."""
    owner, browser = await signed_in(api, "owner", role="owner")
    flow = await register(api)
    code = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **flow.client}

    async def through_the_page(slash: str) -> Reply:
        page = await browser.get(
            flow.url(force_login="1").replace("authorize?", f"authorize{slash}?")
        )
        assert ("Run this server in your name" in page.text) == bool(slash)
        assert "<code>read write</code>" in page.text
        answer = (await browser.send(page.form("allow"))).answer
        return await api.post("/oauth/token/", form={**code, "code": answer["code"]})

    pair = await through_the_page("/")
    sent = {"refresh_token": pair.json["refresh_token"], **flow.client}
    login = {"username": "owner", "password": PASSWORD}
    replies = [
        pair,
        await grant(api, "refresh_token", **sent),
        await grant(api, "password", client_id=flow.client["client_id"], **login),
    ]
    assert {reply.json["scope"] for reply in replies} == {"read write"}
    made = [reply.json["access_token"] for reply in replies]
    made.append((await api.post("/api/v2/jwt/token/", form=login)).json["access"])
    made.append(sign(claims_of(api, owner)))
    # Whoever comes to Mastodon's page is asked for less, and gets less, wherever the code goes.
    plain = [(await through_the_page("")).json["access_token"], await flow.token(browser)]
    assert [await search(api, token) for token in (*made, *plain)] == [200] * 5 + [403] * 2
    reader = await grant(api, "password", client_id=flow.client["client_id"], scope="read", **login)
    assert reader.json["scope"] == "read"
    token = reader.json["access_token"]
    assert await search(api, token) == 200
    assert (await api.post("/api/v1/admin/accounts/1/enable", token)).status in (403, 404)
    assert (await api.post("/api/v2/account/create/", token, json={})).status == 403
    await api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET role = 'user' WHERE id = $1", int(owner.id))
    )
    assert [await search(api, token) for token in made] == [403] * 5
    email = {"new_email": "next@example.org", "confirm": True}
    for token in made:
        path = f"/api/v2/user/{owner.id}/change_email/"
        assert (await api.call("PATCH", path, token, json=email)).status == 200


async def test_the_sign_in_page_comes_back_to_the_path_with_the_slash(sqlite_api: Api) -> None:
    """Otherwise whoever has to sign in first would be asked for something else afterwards."""
    await sqlite_api.person("owner", role="owner")
    flow, browser = await register(sqlite_api), Browser(sqlite_api)
    asked = flow.url().replace("authorize?", "authorize/?")
    there = await browser.get(asked)
    page = await browser.get(there.location)
    back = await browser.send(page.form(), name="owner", password=PASSWORD)
    assert back.location.startswith("/oauth/authorize/?")
    assert "Run this server in your name" in (await browser.get(back.location)).text


async def test_no_app_can_ask_for_the_communitys_own_scope(sqlite_api: Api) -> None:
    """Neither when it registers, nor at the page, nor for itself."""
    fields = {"client_name": "App", "redirect_uris": CALLBACK, "scopes": "read write community"}
    assert (await sqlite_api.post("/api/v1/apps", json=fields)).status == 422
    _, browser = await signed_in(sqlite_api)
    flow = await register(sqlite_api)
    for path in ("authorize?", "authorize/?"):
        asked = flow.url(scope="read community").replace("authorize?", path)
        assert (await browser.get(asked)).status == 400
    form = {"username": "anna", "password": PASSWORD, "scope": "read community", **flow.client}
    for kind in ("client_credentials", "password"):
        assert (await grant(sqlite_api, kind, **form)).json["error"] == "invalid_scope"


async def by_page(api: Api, flow: Flow) -> int:
    del flow
    return (await Browser(api).sign_in("anna")).status


async def by_grant(api: Api, flow: Flow) -> int:
    form = {"username": "anna", "password": PASSWORD, "client_id": flow.client["client_id"]}
    return (await grant(api, "password", **form)).status


async def by_jwt(api: Api, flow: Flow) -> int:
    del flow
    form = {"username": "anna", "password": PASSWORD}
    return (await api.post("/api/v2/jwt/token/", form=form)).status


Door = Callable[[Api, Flow], Awaitable[int]]


@pytest.mark.parametrize("end", ["password", "suspend"])
@pytest.mark.parametrize(("door", "refusal"), [(by_page, 422), (by_grant, 400), (by_jwt, 401)])
async def test_s018_a_former_password_buys_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, door: Door, refusal: int, end: str
) -> None:
    """S018: a password that was right when it was looked at, and is not when a token is made."""
    flow = await register(api)
    await api.person("anna")
    proven, changed = asyncio.Event(), asyncio.Event()
    write = api.recorder.write

    async def held_back(work: Any) -> Any:
        if not proven.is_set():
            proven.set()
            await changed.wait()
        return await write(work)

    monkeypatch.setattr(api.recorder, "write", held_back)
    buying = asyncio.ensure_future(door(api, flow))
    await proven.wait()
    if end == "password":
        await administration.change_password(api.env, "anna", NEW)
    else:
        await administration.change_state(api.env, "anna", "suspend")
    changed.set()
    assert await buying == refusal


NAMES = ("anna", " Anna", "@anna", "@anna@stonechat.test", "Anna@example.org")


def begin_an_hour(api: Api) -> None:
    """An account's window is an hour of the clock: what is tried must not reach into the next."""
    api.clock.moment = api.clock.moment.replace(minute=0, second=0, microsecond=0)
    api.clock.move(hours=1)


async def test_one_account_has_one_counter_of_wrong_passwords(
    sqlite: Database, settings: Settings
) -> None:
    """At all doors, by whatever name, and where a found token tries the password."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    begin_an_hour(api)
    anna = await api.person("anna")
    client_id = (await register(api)).client["client_id"]

    async def at_the_page(name: str, password: str) -> int:
        return (await Browser(api).sign_in(name, password)).status

    async def by_password(name: str, password: str) -> int:
        form = {"username": name, "password": password, "client_id": client_id}
        return (await grant(api, "password", **form)).status

    async def for_a_pair(name: str, password: str) -> int:
        form = {"username": name, "password": password}
        return (await api.post("/api/v2/jwt/token/", form=form)).status

    for turn, (door, wrong) in enumerate(
        ((at_the_page, 422), (by_password, 400), (for_a_pair, 401))
    ):
        api.clock.move(hours=2)
        for _ in range(25):
            assert await door(NAMES[-turn], "wrong") == wrong
        # The network's window is over by then, the account's is not.
        api.clock.move(seconds=301)
        for each in (at_the_page, by_password, for_a_pair):
            assert [await each(name, PASSWORD) for name in NAMES] == [429] * 5
        path = f"/user/{anna.id}/change_password/"
        body = {"password": PASSWORD, "new_password": NEW}
        assert (await ask(api, "PATCH", path, anna, **body)).status == 429
    api.clock.move(hours=2)
    assert await for_a_pair("@anna", PASSWORD) == 200


@pytest.mark.parametrize("end", ["password", "suspend", None])
async def test_an_email_code_ends_with_the_password_and_the_account(
    api: Api, end: str | None
) -> None:
    """Whoever found a token once does not take the account with it later."""
    anna = await api.person("anna")
    new = {"new_email": "evil@example.org"}
    path = f"/user/{anna.id}/change_email/"
    made = await ask(api, "PATCH", path, anna, **new, confirm=True)
    assert made.status == 200
    if end == "password":
        await administration.change_password(api.env, "anna", NEW)
    elif end is not None:
        await administration.change_state(api.env, "anna", end)
    reply = await ask(api, "POST", f"/user/{anna.id}/confirm_email/", None, **new, **made.json)
    assert reply.status == (400 if end else 204)


async def test_stand_in_addresses_are_nobodys_to_see_or_to_take(api: Api) -> None:
    """They are never shown, and no name is lost because somebody had its address first."""
    admin, anna = await api.person("admin", role="admin"), await api.person("anna")
    made = await ask(api, "POST", "/sso/signup/", admin, username="dora")
    assert (made.status, made.json["email"]) == (201, None)
    assert (await api.get("/api/v2/user/me/", await api.token("dora"))).json["email"] == ""
    for email in ("carl@members.invalid", "carl@MEMBERS.INVALID", "carl@x.invalid"):
        for confirm in (True, False):
            path = f"/user/{anna.id}/change_email/"
            reply = await ask(api, "PATCH", path, anna, new_email=email, confirm=confirm)
            assert reply.json["errors"][0]["messages"][0]["code"] == "invalid"
        form = {"username": "other", "email": email, "password": NEW}
        assert (await ask(api, "POST", "/account/create/", admin, **form)).status == 400
        assert (await ask(api, "POST", "/sso/signup/", admin, **form)).status == 400
    assert (await ask(api, "POST", "/sso/signup/", admin, username="carl")).status == 201


async def test_nobody_finds_out_which_addresses_have_an_account(
    sqlite: Database, settings: Settings
) -> None:
    """A code is given for any address; being told that one is taken is counted, however asked."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    begin_an_hour(api)
    await api.person("ben")
    anna, carl = await api.person("anna"), await api.person("carl")
    taken, free = "ben@example.org", "free@example.org"

    async def change(who: Person, email: str, **more: object) -> Reply:
        path = f"/user/{who.id}/change_email/"
        return await ask(api, "PATCH", path, who, new_email=email, **more)

    codes = {email: await change(anna, email, confirm=True) for email in (taken, free)}
    assert {reply.status for reply in codes.values()} == {200}
    assert len({len(reply.body) for reply in codes.values()}) == 1

    async def confirm(email: str) -> Reply:
        body = {"new_email": email, **codes[email].json}
        return await ask(api, "POST", f"/user/{anna.id}/confirm_email/", None, **body)

    for number in range(25):
        reply = await (confirm(taken) if number % 2 else change(anna, taken))
        assert reply.json["errors"][0]["messages"][0]["code"] == "unique"
    for reply in (await confirm(taken), await confirm(free), await change(anna, taken)):
        assert reply.status == 429
    assert (await change(carl, taken)).status == 429
    # The network's window is over by then, the account's is not.
    api.clock.move(seconds=301)
    assert (await change(anna, free)).status == 429
    assert (await change(carl, free)).status == 204
