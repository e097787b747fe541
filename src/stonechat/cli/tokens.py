"""`stonechat token` and `stonechat key`: what programs sign in with.

A secret is printed once, alone on standard output, and can never be shown again.
"""

import json
import sys
from typing import Annotated, Final

from cyclopts import App, Parameter

from stonechat.cli.running import run, say
from stonechat.domain.keys import Key
from stonechat.domain.viewers import SCOPES, Viewer
from stonechat.kernel.clock import from_ms
from stonechat.kernel.errors import InvalidInput
from stonechat.services import administration, keys, tokens
from stonechat.services.env import Env

app: Final = App(name="token", help="Make, list and revoke access tokens.")
key_app: Final = App(name="key", help="Make, list and revoke keys of the live-value API.")


@app.command(name="create")
def create_token(name: str, *, scopes: str = "read write follow push") -> None:
    """Make an access token for an account and print it."""
    for scope in scopes.split():
        if scope not in SCOPES:
            raise InvalidInput(
                f"There is no scope {scope!r}: write some of read, write, follow, push and profile,"
                " or parts of them such as read:statuses."
            )
    checked = tokens.check_scopes(scopes)

    async def create(env: Env) -> str:
        account = await administration.get_open_account(env.db, name)
        return await tokens.create_for_name(env, account.username, scopes=checked)

    sys.stdout.write(run(create) + "\n")


@key_app.command(name="create")
def create_key(name: str, *, label: str = "", days: int | None = None) -> None:
    """Make a key of the live-value API for an account and print it; with an end in some days."""

    async def create(env: Env) -> str:
        account = await administration.get_open_account(env.db, name)
        made = await keys.create_key(env, Viewer(account.id), label, days=days)
        return made.secret

    sys.stdout.write(run(create) + "\n")


@app.command(name="list")
def list_tokens(name: str) -> None:
    """List the tokens, keys and write tokens of an account, one line of JSON each."""
    for each in run(lambda env: administration.list_tokens(env, name)):
        line = {
            "id": str(each.id),
            "kind": each.kind,
            "scopes": each.scopes,
            "app": each.app,
            "beacon": each.beacon_id,
            "label": each.label,
            "hint": each.hint,
            "created_at": _moment(each.created_ms),
            "expires_at": _moment(each.expires_ms),
            "used_at": _moment(each.used_ms),
        }
        _print_line(line)


@key_app.command(name="list")
def list_keys(name: str) -> None:
    """List the keys of an account, one line of JSON each; one whose end has come among them."""

    async def find(env: Env) -> list[Key]:
        account = await administration.get_account(env.db, name)
        return await keys.list_keys(env, Viewer(account.id))

    for each in run(find):
        line = {
            "id": str(each.id),
            "label": each.label,
            "hint": each.hint,
            "created_at": _moment(each.created_ms),
            "expires_at": _moment(each.expires_ms),
            "used_at": _moment(each.used_ms),
        }
        _print_line(line)


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else from_ms(milliseconds).isoformat()


def _print_line(line: dict[str, str | None]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


@app.command(name="revoke")
def revoke_token(token: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Revoke a token or a key, given by its id or by itself."""
    _revoke(token)


@key_app.command(name="revoke")
def revoke_key(key: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Revoke a key, given by its id or by itself."""
    _revoke(key)


def _revoke(token: str) -> None:
    run(lambda env: administration.revoke_token(env, token))
    say("It is revoked.")
