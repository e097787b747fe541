"""Every operation of the community with every wrong caller: made from the table of operations.

S023, S029: a token reaches what its scopes reach and no more, whichever dialect it was made for.
401 without a person, 403 without the scope, for the app alone and for a closed account; always in
this dialect's error body, and what stands behind the path makes no difference.
"""

import re

from stonechat.dialects.selfcommunity.calls import CommunityOperation
from stonechat.dialects.selfcommunity.dialect import OPERATIONS
from stonechat.domain.viewers import SCOPES, Caller, expand
from stonechat.kernel.secrets import new_secret
from stonechat.services import tokens
from tests.contract.api import Api, Reply

SCOPED = [each for each in OPERATIONS if each.scope is not None]
FOR_PEOPLE = [each for each in OPERATIONS if each.caller is Caller.PERSON]
ALSO_WITHOUT = {"/api/v2/jwt/", "/api/v2/account/"}
"""Where somebody proves who they are by other means, and a token is not asked for."""

Refusal = tuple[int, str | None]


def _needs_token(operation: CommunityOperation) -> bool:
    return operation.caller is Caller.PERSON or (
        not operation.rides and not operation.path.startswith(tuple(ALSO_WITHOUT))
    )


async def _ask(api: Api, operation: CommunityOperation, token: str | None) -> Refusal:
    path = re.sub(r"\{[^}]+\}", "1", operation.path)
    reply: Reply = await api.call(operation.method, path, token)
    told = reply.json["errors"][0] if reply.status >= 400 else {}
    return reply.status, told.get("code")


async def test_s023_s029_a_token_without_the_scope(sqlite_api: Api) -> None:
    """Neither a token for reading that writes, nor one for another dialect's nouns."""
    await sqlite_api.person("anna")
    wrong: dict[str, Refusal] = {}
    for operation in filter(_needs_token, SCOPED):
        wanted = operation.scope or ""
        others = " ".join(each for each in SCOPES if wanted not in expand(each))
        token = await sqlite_api.token("anna", others)
        answer = await _ask(sqlite_api, operation, token)
        if answer != (403, "permission_denied"):
            wrong[f"{operation.method} {operation.path}"] = answer
    assert not wrong


async def test_s030_nobody_and_nobodys_app(sqlite_api: Api) -> None:
    """No token, a made-up one, one of an app that speaks for nobody."""
    secret = new_secret()
    every = " ".join(SCOPES)
    await sqlite_api.env.db.write(
        lambda tx: tokens.add(sqlite_api.env, tx, secret, kind="app", scopes=every, app_id=None)
    )
    wrong: dict[str, list[Refusal]] = {}
    for operation in FOR_PEOPLE:
        answers = [await _ask(sqlite_api, operation, each) for each in (None, "made-up", secret)]
        refused = [answer for answer in answers if answer[0] in (400, 401, 403) and answer[1]]
        if len(refused) < len(answers) or [each[0] for each in answers[:2]] != [401, 401]:
            wrong[f"{operation.method} {operation.path}"] = answers
    assert not wrong


async def test_s034_a_closed_account(sqlite_api: Api) -> None:
    """Suspended by a moderator: nothing is done in its name any more."""
    anna = await sqlite_api.person("anna", scopes=" ".join(SCOPES))
    await sqlite_api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'suspended' WHERE id = $1", int(anna.id))
    )
    wrong: dict[str, Refusal] = {}
    for operation in FOR_PEOPLE:
        answer = await _ask(sqlite_api, operation, anna.token)
        if answer[0] not in (401, 403):
            wrong[f"{operation.method} {operation.path}"] = answer
    assert not wrong
