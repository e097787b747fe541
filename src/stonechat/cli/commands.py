"""The commands: `stonechat serve`, `account`, `token`, `key`, …

What scripts read goes to standard output, everything else to standard error.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from cyclopts import App, Parameter

from stonechat.app import open_rooms
from stonechat.config import WrongSetting, read_settings
from stonechat.domain.viewers import ROLES
from stonechat.kernel.errors import StonechatError
from stonechat.services import accounts, tokens
from stonechat.services.env import Env

T = TypeVar("T")
app: Final = App(name="stonechat", help="A self-hosted status server.")
account: Final = App(name="account", help="Make and manage accounts.")
token: Final = App(name="token", help="Make access tokens.")
key: Final = App(name="key", help="Make keys for the live-value API.")
for each in (account, token, key):
    app.command(each)


def _run(verb: Callable[[Env], Awaitable[T]]) -> T:
    async def work() -> T:
        async with open_rooms(read_settings()) as rooms:
            return await verb(rooms.env)

    return asyncio.run(work())


@account.command(name="create")
def create_account(name: str, *, email: str, password: str, role: str = "user") -> None:
    """Make an account and print its id and name as JSON."""
    if role not in ROLES:
        raise SystemExit(f"The role is {role!r}: write one of {', '.join(ROLES)}.")
    made = _run(
        lambda env: accounts.create_account(
            env, username=name, email=email, password=password, role=role
        )
    )
    sys.stdout.write(json.dumps({"id": str(made.id), "username": made.username}) + "\n")


@token.command(name="create")
def create_token(name: str, *, scopes: str = "read write follow push") -> None:
    """Make an access token for an account and print it."""
    checked = tokens.check_scopes(scopes)
    secret = _run(lambda env: tokens.create_for_name(env, name, scopes=checked))
    sys.stdout.write(secret + "\n")


@key.command(name="create")
def create_key(name: str) -> None:
    """Make a key of the live-value API for an account and print it."""
    secret = _run(lambda env: tokens.create_for_name(env, name, kind="key"))
    sys.stdout.write(secret + "\n")


@app.command
def serve(
    *,
    host: Annotated[str | None, Parameter()] = None,
    port: Annotated[int | None, Parameter()] = None,
    workers: Annotated[int | None, Parameter()] = None,
) -> None:
    """Serve until told to stop."""
    from stonechat.cli.serving import serve as run_server  # noqa: PLC0415 - slow to import

    run_server(host=host, port=port, workers=workers)


def main() -> None:
    """Run the command line; a refusal is one sentence and exit code 1."""
    try:
        app()
    except (StonechatError, WrongSetting) as refusal:
        sys.stderr.write(f"stonechat: {refusal}\n")
        raise SystemExit(1) from None
