"""Every operation with every wrong caller: the tests are made from the table of operations.

S023: a token without the scope gets 403. GEN2, GEN3: no token, a made-up one and a revoked one
get 401. S030: an app's own token does not speak for a person. S034: a closed account gets 403.
"""

import re

import pytest

from stonechat.dialects.mastodon.dialect import OPERATIONS
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.domain.viewers import SCOPES, Caller, expand
from stonechat.http.operations import Operation
from stonechat.kernel.secrets import new_secret
from stonechat.services import tokens
from tests.contract.api import Api

Each = Operation[Renderer]

SCOPED = [each for each in OPERATIONS if each.scope is not None]
FOR_PEOPLE = [each for each in OPERATIONS if each.caller is Caller.PERSON]


def _name(operation: Each) -> str:
    return f"{operation.method} {operation.path}"


def _path(operation: Each) -> str:
    return re.sub(r"\{[^}]+\}", "1", operation.path)


def _scopes_without(operation: Each) -> str:
    """Every scope that neither is nor covers what the operation asks for."""
    wanted = set((operation.scope or "").split("|"))
    return " ".join(scope for scope in SCOPES if not expand(scope) & wanted)


async def _app_token(api: Api, scopes: str) -> str:
    secret = new_secret()
    await api.env.db.write(
        lambda tx: tokens.add(api.env, tx, secret, kind="app", scopes=scopes, app_id=None)
    )
    return secret


Answer = tuple[int, object]


async def _answer(api: Api, operation: Each, token: str | None = None) -> Answer:
    reply = await api.call(operation.method, _path(operation), token)
    return reply.status, reply.json


async def test_s023_a_token_without_the_scope(sqlite_api: Api) -> None:
    await sqlite_api.person("anna")
    refused = (403, {"error": "This action is outside the authorized scopes"})
    wrong: dict[str, Answer] = {}
    for operation in SCOPED:
        token = await sqlite_api.token("anna", _scopes_without(operation))
        answer = await _answer(sqlite_api, operation, token)
        if answer != refused:
            wrong[_name(operation)] = answer
    assert not wrong


async def test_gen2_s030_operations_for_people_without_a_person(sqlite_api: Api) -> None:
    invalid = (401, {"error": "The access token is invalid"})
    needs_person = (422, {"error": "This method requires an authenticated user"})
    app = await _app_token(sqlite_api, " ".join(SCOPES))
    wrong: dict[str, list[Answer]] = {}
    for operation in FOR_PEOPLE:
        answers = [await _answer(sqlite_api, operation, token) for token in (None, "made-up", app)]
        if answers != [invalid, invalid, needs_person]:
            wrong[_name(operation)] = answers
    assert not wrong


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("disabled", "Your login is currently disabled"),
        ("suspended", "Your login is currently disabled"),
        ("pending", "Your login is currently pending approval"),
        ("unconfirmed", "Your login is missing a confirmed e-mail address"),
    ],
)
async def test_s034_a_closed_account(sqlite_api: Api, state: str, words: str) -> None:
    anna = await sqlite_api.person("anna", scopes=" ".join(SCOPES))
    await sqlite_api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = $2 WHERE id = $1", int(anna.id), state)
    )
    wrong: dict[str, Answer] = {}
    for operation in SCOPED:
        answer = await _answer(sqlite_api, operation, anna.token)
        if operation.caller is not Caller.APP and answer != (403, {"error": words}):
            wrong[_name(operation)] = answer
    assert not wrong


async def test_gen3_a_revoked_token(api: Api) -> None:
    anna = await api.person("anna")
    await api.env.db.write(
        lambda tx: tx.run("UPDATE tokens SET revoked_ms = 1 WHERE account_id = $1", int(anna.id))
    )
    reply = await api.get("/api/v1/timelines/home", anna)
    assert (reply.status, reply.json) == (401, {"error": "The access token was revoked"})


async def test_s024_read_covers_its_children_and_no_more(api: Api) -> None:
    reader = await api.person("anna", scopes="read")
    assert (await api.get("/api/v1/timelines/home", reader)).status == 200
    assert (await api.post("/api/v1/statuses", reader, json={"status": "x"})).status == 403
    writer = await api.token("anna", "write:statuses")
    bert = await api.person("bert")
    assert (await api.post("/api/v1/statuses", writer, json={"status": "x"})).status == 200
    assert (await api.post(f"/api/v1/accounts/{bert.id}/follow", writer)).status == 403
    old = await api.token("anna", "follow")
    assert (await api.post(f"/api/v1/accounts/{bert.id}/follow", old)).status == 200
    assert (await api.get("/api/v1/timelines/home", old)).status == 403


def test_s023_every_operation_for_people_names_a_scope() -> None:
    # Announcements ask for a person and no scope, as the vendor's table says.
    bare = {each.path for each in FOR_PEOPLE if each.scope is None}
    assert {path for path in bare if "announcements" not in path} == set()
