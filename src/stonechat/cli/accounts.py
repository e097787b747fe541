"""`stonechat account`: make accounts, look at them, and decide what they may.

A password on the command line can be seen by everybody on the machine for a moment: `-` reads it
from standard input instead.
"""

import json
import sys
from typing import Annotated, Final

from cyclopts import App, Parameter

from stonechat.cli.progress import shown
from stonechat.cli.running import ensure_wanted, run, say
from stonechat.domain.administration import AccountSummary, check_role
from stonechat.kernel.clock import from_ms
from stonechat.services import accounts, administration, departures
from stonechat.services.env import Env

app: Final = App(name="account", help="Make and manage accounts.")
_STDIN: Final = "-"

Password = Annotated[
    str | None,
    Parameter(help="The password; `-` reads it from standard input.", allow_leading_hyphen=True),
]


def _read_password(given: str | None) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if given == _STDIN else given


@app.command(name="create")
def create_account(name: str, *, email: str, password: Password = None, role: str = "user") -> None:
    """Make an account and print its id and name as JSON.

    Without a password one is made up and printed as well.
    """
    check_role(role)
    given = _read_password(password)
    chosen = administration.new_password() if given is None else given
    made = run(
        lambda env: accounts.create_account(
            env, username=name, email=email, password=chosen, role=role
        )
    )
    answer = {"id": str(made.id), "username": made.username}
    if given is None:
        answer["password"] = chosen
    _write(answer)


@app.command(name="list")
def list_accounts() -> None:
    """List accounts: a table at a terminal, a line of JSON for each elsewhere."""

    async def collect(env: Env) -> None:
        if sys.stdout.isatty():
            _print_table(
                [each async for page in administration.list_accounts(env) for each in page]
            )
            return
        async for page in administration.list_accounts(env):
            for each in page:
                _write(_row(each))

    run(collect)


def _row(account: AccountSummary) -> dict[str, object]:
    return {
        "id": str(account.id),
        "username": account.username,
        "role": account.role,
        "state": account.state,
        "email": account.email,
        "statuses": account.statuses,
        "followers": account.followers,
        "created_at": from_ms(account.created_ms).isoformat(),
    }


def _print_table(found: list[AccountSummary]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only needed here
    from rich.table import Table  # noqa: PLC0415

    table = Table("id", "name", "role", "state", "e-mail", "statuses", "followers", "made")
    for each in found:
        values = (str(value) for value in _row(each).values())
        table.add_row(*(value.partition("T")[0] for value in values))
    Console().print(table)


def _write(answer: dict[str, object] | dict[str, str]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


@app.command(name="role")
def change_role(name: str, role: str) -> None:
    """Give an account a role: owner, admin, moderator or user."""
    run(lambda env: administration.change_role(env, name, role))
    say(f"{name} is {role} now.")


@app.command(name="password")
def change_password(name: str, *, password: Password = None) -> None:
    """Give an account another password, and end all its sessions and tokens.

    Without a password one is made up and printed.
    """
    given = _read_password(password)
    chosen = administration.new_password() if given is None else given
    run(lambda env: administration.change_password(env, name, chosen))
    if given is None:
        sys.stdout.write(chosen + "\n")
    say(f"{name} has a new password, and is signed out everywhere.")


@app.command(name="approve")
def approve(name: str) -> None:
    """Let somebody in who signed up and waits for approval."""
    _change_state(name, "approve")


@app.command(name="disable")
def disable(name: str) -> None:
    """Shut somebody out; what they said stays."""
    _change_state(name, "disable")


@app.command(name="suspend")
def suspend(name: str) -> None:
    """Shut somebody out, and hide what they said."""
    _change_state(name, "suspend")


@app.command(name="enable")
def enable(name: str) -> None:
    """Let a disabled or suspended account back in."""
    _change_state(name, "enable")


def _change_state(name: str, action: str) -> None:
    state = run(lambda env: administration.change_state(env, name, action))
    say(f"{name} is {state} now.")


@app.command(name="delete")
def delete(name: str, *, yes: bool = False) -> None:
    """Delete an account for good, with all that it said. Its name stays taken."""
    ensure_wanted(f"Delete {name} and everything that they said, for good?", is_sure=yes)
    with shown() as progress:
        run(lambda env: departures.delete_account(env, name, progress))
    say(f"{name} is deleted.")
