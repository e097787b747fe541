"""Signing up: a stranger makes an account through an app, if the operator lets strangers in.

All that is wrong with a form is said at once, field by field. Where the operator wants to
look at newcomers first, the account and its token exist but may do nothing yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits
from stonechat.domain.accounts import (
    Account,
    Login,
    check_email,
    check_not_reserved,
    check_password,
    check_username,
)
from stonechat.domain.ids import AccountId, TokenId
from stonechat.domain.oauth import Grant, grantable_scopes
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, InvalidInput, NotAllowed
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services import passwords
from stonechat.services.apps import see_own_app
from stonechat.services.env import Env
from stonechat.storage import accounts, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.tokens import Token

NEWCOMERS_ROLE: Final = "user"


@dataclass(frozen=True, slots=True)
class SignUp:
    """The order to make an account for a stranger."""

    username: str
    email: str
    password: str
    has_agreed: bool
    locale: str
    reason: str = ""


async def sign_up(env: Env, viewer: Viewer, command: SignUp) -> Grant:
    """A new account, and a token for it with the scopes of the app that made it."""
    if env.settings.registrations == "closed":
        raise NotAllowed
    app = await see_own_app(env, viewer)
    scopes = grantable_scopes(app.scopes, NEWCOMERS_ROLE)
    _raise_all(_faults(command))
    hashed = await passwords.hash_password(command.password)
    login = Login(command.email, hashed, command.locale, command.reason, app.id)
    state = "pending" if env.settings.registrations == "approval" else "active"

    async def work(tx: Transaction) -> Grant:
        _raise_all(await _taken(tx, command))
        now_ms, secret = env.clock.now_ms(), new_secret()
        account = Account(AccountId(env.ids.next_id()), command.username, now_ms, state=state)
        token = Token(
            TokenId(env.ids.next_id()),
            hash_secret(secret),
            "person",
            scopes,
            now_ms,
            account.id,
            app.id,
        )
        await accounts.insert(tx, account, login)
        await tokens.insert(tx, token)
        return Grant(secret, scopes, now_ms)

    try:
        return await env.db.write(work)
    except Conflict:
        # Somebody took the name or the address between the look and the insert.
        raise _taken_fault("username", "Username") from None


def _faults(command: SignUp) -> list[InvalidInput]:
    return [
        fault
        for check in (
            lambda: check_not_reserved(check_username(command.username)),
            lambda: check_email(command.email),
            lambda: _check_new_password(command.password),
            lambda: _check_agreement(command),
            lambda: _check_reason(command.reason),
        )
        if (fault := _fault_of(check)) is not None
    ]


def _fault_of(check: Callable[[], object]) -> InvalidInput | None:
    try:
        check()
    except InvalidInput as fault:
        return fault
    return None


def _check_new_password(password: str) -> None:
    if not password:
        raise _fault("password", "Password", "can't be blank", rule="blank")
    check_password(password)


def _check_agreement(command: SignUp) -> None:
    if not command.has_agreed:
        raise _fault("agreement", "Service agreement", "must be accepted", rule="accepted")


def _check_reason(reason: str) -> None:
    maximum = limits.REASON_CHARACTERS_MAX
    if len(reason) > maximum:
        words = f"is too long (maximum is {maximum} characters)"
        raise _fault("reason", "Reason", words, rule="too_long")


async def _taken(tx: Transaction, command: SignUp) -> list[InvalidInput]:
    faults: list[InvalidInput] = []
    if await accounts.find_by_handle(tx, command.username) is not None:
        faults.append(_taken_fault("username", "Username"))
    if await accounts.has_email(tx, command.email):
        faults.append(_taken_fault("email", "E-mail"))
    return faults


def _taken_fault(field: str, label: str) -> InvalidInput:
    return _fault(field, label, "has already been taken", rule="taken")


def _fault(field: str, label: str, words: str, *, rule: str) -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {label} {words}", field=field, rule=rule, description=words
    )


def _raise_all(faults: list[InvalidInput]) -> None:
    """One error for all of them, whose `faults` the dialect shows beside their fields."""
    if not faults:
        return
    sentences = [fault.message.removeprefix("Validation failed: ") for fault in faults]
    raise InvalidInput(f"Validation failed: {', '.join(sentences)}", faults=tuple(faults))
