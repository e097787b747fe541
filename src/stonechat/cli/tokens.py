"""`stonechat token` and `stonechat key`: what programs sign in with.

A secret is printed once, alone on standard output, and can never be shown again.
"""

import json
import sys
from typing import Annotated, Final

from cyclopts import App, Parameter

from stonechat.cli.running import run, say
from stonechat.domain.viewers import SCOPES
from stonechat.kernel.clock import from_ms
from stonechat.kernel.errors import InvalidInput
from stonechat.services import administration, tokens
from stonechat.services.env import Env

app: Final = App(name="token", help="Make, list and revoke access tokens.")
key_app: Final = App(name="key", help="Make keys for the live-value API.")


@app.command(name="create")
def create_token(name: str, *, scopes: str = "read write follow push") -> None:
    """Make an access token for an account and print it."""
    for scope in scopes.split():
        if scope not in SCOPES:
            raise InvalidInput(
                f"There is no scope {scope!r}: write some of read, write, follow, push and profile,"
                " or parts of them such as read:statuses."
            )
    _print_secret(name, "person", tokens.check_scopes(scopes))


@key_app.command(name="create")
def create_key(name: str) -> None:
    """Make a key of the live-value API for an account and print it."""
    _print_secret(name, "key", "")


def _print_secret(name: str, kind: str, scopes: str) -> None:
    async def create(env: Env) -> str:
        account = await administration.get_open_account(env.db, name)
        return await tokens.create_for_name(env, account.username, kind=kind, scopes=scopes)

    sys.stdout.write(run(create) + "\n")


@app.command(name="list")
def list_tokens(name: str) -> None:
    """List the good tokens and keys of an account, one line of JSON each."""
    for each in run(lambda env: administration.list_tokens(env, name)):
        line = {
            "id": str(each.id),
            "kind": each.kind,
            "scopes": each.scopes,
            "app": each.app,
            "created_at": from_ms(each.created_ms).isoformat(),
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


@app.command(name="revoke")
def revoke_token(token: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Revoke a token or a key, given by its id or by itself."""
    run(lambda env: administration.revoke_token(env, token))
    say("It is revoked.")
