"""Authorization: an app asks, the person who is signed in agrees or not.

Every parameter of the request stands in the form's address, not in hidden fields: browsers
rewrite the line breaks of a field, and the state must come back as it was.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

from stonechat.dialects.oauth.calls import PageCall, PageOperation
from stonechat.dialects.oauth.entities import present_fragment
from stonechat.dialects.oauth.forms import (
    SECRET_CHARACTERS_MAX,
    WORD_CHARACTERS_MAX,
    read_authorization,
)
from stonechat.dialects.oauth.targets import authorization_url, describe_target, sign_in_url
from stonechat.dialects.oauth.wording import describe_scopes
from stonechat.domain.apps import OUT_OF_BAND
from stonechat.domain.oauth import AuthorizationRequest, answer_url, told_scopes
from stonechat.domain.sessions import Visitor, make_form_token
from stonechat.domain.viewers import Caller
from stonechat.http.cookies import SESSION, ensure_own_form, read_cookie
from stonechat.http.operations import Answer
from stonechat.http.pages import redirect
from stonechat.kernel.errors import NotFound
from stonechat.services import oauth, sessions
from stonechat.services.oauth import ConsentView

NATIVE: Final = "/oauth/authorize/native"
_DENIED: Final = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the request.",
}
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


async def ask(call: PageCall) -> Answer:
    """The page on which a person agrees; skipped where they have agreed to the same before."""
    request = _read(call)
    secret = read_cookie(call, SESSION)
    visitor = await sessions.find_visitor(call.env, secret)
    consent = await oauth.see_request(call.env, request, visitor)
    if visitor is None or secret is None:
        return redirect(sign_in_url(request))
    if consent.is_granted and not request.force_login:
        return await _grant(call, request, visitor)
    return _consent_page(call, request, visitor, consent, make_form_token(secret))


def _read(call: PageCall) -> AuthorizationRequest:
    # Programs of communities write a slash at the end (routes/refresh_tokens).
    is_of_community = call.request.scope["path"].endswith("/")
    return read_authorization(call.parameters, is_of_community=is_of_community)


def _consent_page(
    call: PageCall,
    request: AuthorizationRequest,
    visitor: Visitor,
    consent: ConsentView,
    form_token: str,
) -> Answer:
    values = {
        "app": consent.app,
        "target": describe_target(request.redirect_uri),
        "lines": describe_scopes(consent.scopes),
        "scopes": told_scopes(consent.scopes),
        "visitor": visitor,
        "action": authorization_url(request),
        "next": sign_in_url(request),
        "form_token": form_token,
    }
    return call.room.pages.answer("consent.html", values, form_targets=_targets(request))


def _targets(request: AuthorizationRequest) -> tuple[str, ...]:
    return () if request.redirect_uri == OUT_OF_BAND else (request.redirect_uri,)


async def decide(call: PageCall) -> Answer:
    """What the person decided on that page; whatever is not plainly a yes is a no."""
    request = _read(call)
    secret = read_cookie(call, SESSION)
    visitor = await sessions.find_visitor(call.env, secret)
    if visitor is None:
        await oauth.see_request(call.env, request, None)
        return redirect(sign_in_url(request))
    ensure_own_form(call, secret)
    decision = call.parameters.exact("decision", WORD_CHARACTERS_MAX)
    if decision == "allow" and call.operation.method == "POST":
        return await _grant(call, request, visitor)
    await oauth.see_request(call.env, request, None)
    return _answer(request, _DENIED)


async def _grant(call: PageCall, request: AuthorizationRequest, visitor: Visitor) -> Answer:
    if request.wants_token:
        grant = await oauth.grant_token(call.env, request, visitor)
        fragment = urlencode(present_fragment(grant, request.state), quote_via=quote, safe="")
        return redirect(f"{request.redirect_uri}#{fragment}")
    code = await oauth.grant_code(call.env, request, visitor)
    return _answer(request, {"code": code})


def _answer(request: AuthorizationRequest, answer: dict[str, str]) -> Answer:
    target = NATIVE if request.redirect_uri == OUT_OF_BAND else request.redirect_uri
    return redirect(answer_url(target, answer, request.state))


async def show_code(call: PageCall) -> Answer:
    """The page for those who carry the code over by hand."""
    pages = call.room.pages
    if call.parameters.exact("error", WORD_CHARACTERS_MAX) == _DENIED["error"]:
        return pages.answer("code.html", {"code": None})
    code = call.parameters.exact("code", SECRET_CHARACTERS_MAX) or ""
    if not _CODE.fullmatch(code):
        raise NotFound("There is no code on this page. Please start again in the app.")
    return pages.answer("code.html", {"code": code})


OPERATIONS: Final = (
    PageOperation("GET", "/oauth/authorize", ask, "page", Caller.ANYONE, rides=True),
    PageOperation("POST", "/oauth/authorize", decide, "redirect", Caller.ANYONE, rides=True),
    PageOperation("DELETE", "/oauth/authorize", decide, "redirect", Caller.ANYONE, rides=True),
    PageOperation("GET", NATIVE, show_code, "page", Caller.ANYONE, rides=True),
)
