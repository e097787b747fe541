"""Signing in and out in the browser.

A session never outlives the change of who is signed in: signing in makes a new secret and ends
the former session, so a cookie that somebody planted beforehand is worth nothing afterwards.
"""

from typing import Final

from stonechat.dialects.oauth.calls import PageCall, PageOperation
from stonechat.dialects.oauth.targets import (
    PATH_CHARACTERS_MAX,
    SIGN_IN,
    form_targets,
    own_path,
)
from stonechat.domain import limits
from stonechat.domain.sessions import make_form_token
from stonechat.domain.viewers import Caller
from stonechat.http.cookies import (
    SESSION,
    SIGN_IN_FORM,
    ensure_own_form,
    form_cookie,
    no_cookie,
    read_cookie,
    session_cookie,
)
from stonechat.http.operations import BODY_BYTES_MAX, Answer
from stonechat.http.pages import redirect
from stonechat.http.rates import Tried
from stonechat.kernel.errors import NotAllowed, NotAuthenticated, StonechatError
from stonechat.kernel.secrets import new_secret
from stonechat.services import sessions

_REFUSED: Final = 422


async def show(call: PageCall) -> Answer:
    """The form; somebody who is signed in already is sent on."""
    path = _next(call)
    visitor = await sessions.find_visitor(call.env, read_cookie(call, SESSION))
    if visitor is not None:
        return redirect(path)
    return await _form(call, path)


async def _form(
    call: PageCall, path: str, *, name: str = "", refusal: StonechatError | None = None
) -> Answer:
    secret = read_cookie(call, SIGN_IN_FORM)
    cookies: tuple[str, ...] = ()
    if secret is None:
        secret = new_secret()
        cookies = (form_cookie(call, secret),)
    values = {
        "next": path,
        "name": name,
        "problem": None if refusal is None else refusal.message,
        "form_token": make_form_token(secret),
        "name_max": limits.EMAIL_CHARACTERS_MAX,
        "password_max": limits.PASSWORD_CHARACTERS_MAX,
    }
    return call.room.pages.answer(
        "sign_in.html",
        values,
        status=200 if refusal is None else _REFUSED,
        form_targets=await form_targets(call.env, path),
        cookies=cookies,
    )


async def create(call: PageCall) -> Answer:
    """Sign in, and go on to where the person was going."""
    ensure_own_form(call, read_cookie(call, SIGN_IN_FORM))
    path = _next(call)
    name = (call.parameters.exact("name", BODY_BYTES_MAX) or "")[: limits.EMAIL_CHARACTERS_MAX]
    password = call.parameters.exact("password", BODY_BYTES_MAX) or ""
    rates, scope = call.room.rates, call.request.scope
    tried = Tried(name, await sessions.find_account_id(call.env, name))
    rates.check_sign_in(tried, scope)
    former = read_cookie(call, SESSION)
    try:
        secret = await sessions.sign_in(call.env, name, password, former=former)
    except NotAuthenticated as refusal:
        rates.fail_sign_in(tried, scope)
        return await _form(call, path, name=name, refusal=refusal)
    except NotAllowed as refusal:
        return await _form(call, path, name=name, refusal=refusal)
    return redirect(path, cookies=(session_cookie(call, secret), no_cookie(call, SIGN_IN_FORM)))


async def delete(call: PageCall) -> Answer:
    """Sign out, and go on: to the sign-in page, or back to the front page."""
    secret = read_cookie(call, SESSION)
    if secret is not None:
        ensure_own_form(call, secret)
        await sessions.sign_out(call.env, secret)
    return redirect(_next(call), cookies=(no_cookie(call, SESSION),))


def _next(call: PageCall) -> str:
    return own_path(call.parameters.exact("next", PATH_CHARACTERS_MAX))


OPERATIONS: Final = (
    PageOperation("GET", SIGN_IN, show, "page", Caller.ANYONE, rides=True),
    PageOperation("POST", SIGN_IN, create, "redirect", Caller.ANYONE, rides=True),
    PageOperation("POST", "/auth/sign_out", delete, "redirect", Caller.ANYONE, rides=True),
)
