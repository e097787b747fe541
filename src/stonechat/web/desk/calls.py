"""The door's room, who sits at the desk, and how its forms come and go.

A form that was sent ends in a redirect, so that loading a page anew sends nothing again. One that
is refused comes back as it was typed, with the reason beside it. Every page carries a word of its
own (`once`): what makes something new is told by it whether the same form came before.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, TypeAlias, cast
from urllib.parse import quote

from stonechat.domain.sessions import Visitor, make_form_token
from stonechat.domain.viewers import Caller, Viewer
from stonechat.http.cookies import FORM_TOKEN, SESSION, ensure_own_form, read_cookie
from stonechat.http.live import Live
from stonechat.http.operations import BODY_BYTES_MAX, Answer, Call, Operation
from stonechat.http.pages import Pages, content_policy, redirect
from stonechat.http.rates import DESK
from stonechat.kernel.errors import Conflict, InvalidInput, NotFound, NotInPlan, StonechatError
from stonechat.kernel.secrets import new_secret
from stonechat.services import forms, sessions
from stonechat.services.env import Env
from stonechat.web.calls import TEMPLATES
from stonechat.web.entities.addresses import Site

ONCE: Final = "once"
ACTION: Final = "action"
SEE_OTHER: Final = 303
_REFUSED: Final = 422
_SIGN_IN: Final = "/auth/sign_in"
_WORD_CHARACTERS_MAX: Final = 64
REFUSALS: Final = (InvalidInput, Conflict, NotInPlan)
"""What a person can mend: it is shown beside the form. Everything else gets a page of its own."""


class DeskRoom:
    """What every handler finds at `call.room`."""

    def __init__(self, env: Env, live: Live) -> None:
        settings = env.settings
        self.pages = Pages(settings, TEMPLATES)
        self.live = live
        self.site = Site(settings.base_url, settings.title, settings.domain, settings.is_https)


DeskCall: TypeAlias = Call[DeskRoom]
DeskOperation: TypeAlias = Operation[DeskRoom]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and the secret of the session that their forms are made for."""

    visitor: Visitor
    secret: str

    @property
    def viewer(self) -> Viewer:
        """The same as services know them."""
        return Viewer(self.visitor.account_id, role=self.visitor.role)


Handler: TypeAlias = Callable[[DeskCall, Person], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: which one, why, and what was typed into it."""

    action: str = ""
    message: str = ""
    at: str = ""
    """The field that is wrong; empty where it is none alone."""
    typed: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: Mapping[str, Sequence[Mapping[str, str]]] = field(
        default_factory=dict[str, Sequence[Mapping[str, str]]]
    )
    """What was typed into lists of rows, by the name of the list."""

    def of(self, action: str) -> Mapping[str, str]:
        """What was typed into the form of this action, as far as it was refused."""
        return self.typed if self.action == action else {}

    def says(self, action: str) -> str:
        """Why the form of this action was refused; empty where it was not."""
        return self.message if self.action == action else ""


NOTHING_REFUSED: Final = Refused()


def at_desk(handler: Handler) -> Callable[[DeskCall], Awaitable[Answer]]:
    """A handler for whoever is signed in; others go by the sign-in page, and come back."""

    async def handle(call: DeskCall) -> Answer:
        secret = read_cookie(call, SESSION)
        visitor = await sessions.find_visitor(call.env, secret)
        if visitor is None or secret is None:
            path = call.request.path.removesuffix("/value")
            return redirect(f"{_SIGN_IN}?next={quote(path, safe='')}", status=SEE_OTHER)
        # A form of a session that is over is nobody's: its sender signs in, and nothing is done.
        if call.operation.method == "POST":
            ensure_own_form(call, secret)
        person = Person(visitor, secret)
        call.viewer = person.viewer
        return await handler(call, person)

    return handle


def desk(method: str, path: str, handler: Handler) -> DeskOperation:
    """An operation of the desk."""
    return DeskOperation(
        method, path, at_desk(handler), "page", Caller.ANYONE, rides=True, limit=DESK
    )


def show(
    call: DeskCall,
    person: Person,
    template: str,
    values: Mapping[str, object],
    refused: Refused = NOTHING_REFUSED,
) -> Answer:
    """A page of the desk; with what was refused, where something was."""
    shown = {
        "here": call.room.site,
        "visitor": person.visitor,
        "form_token": make_form_token(person.secret),
        "once": new_secret(),
        "refused": refused,
        **values,
    }
    status = _REFUSED if refused.action else 200
    answer = call.room.pages.answer(f"desk_{template}", shown, status=status)
    answer.headers = {"content-security-policy": content_policy(is_live=True)}
    return answer


def see(path: str) -> Answer:
    """Go on to a page, after a form was taken."""
    return redirect(path, status=SEE_OTHER)


# Forms ---------------------------------------------------------------------------------------

Act: TypeAlias = Callable[[DeskCall, Person], Awaitable[Answer]]
Again: TypeAlias = Callable[[DeskCall, Person, Refused], Awaitable[Answer]]


async def act(call: DeskCall, person: Person, acts: Mapping[str, Act], again: Again) -> Answer:
    """Do what the form says; where it is refused, show the page again with the reason."""
    action = read(call, ACTION, _WORD_CHARACTERS_MAX)
    chosen = acts.get(action)
    if chosen is None:
        raise NotFound
    try:
        return await chosen(call, person)
    except REFUSALS as refusal:
        return await again(call, person, _refused(call, action, refusal))


def _refused(call: DeskCall, action: str, refusal: StonechatError) -> Refused:
    where = refusal.field if isinstance(refusal, InvalidInput) else None
    fields = {name: each for name, each in call.parameters.fields.items() if name != FORM_TOKEN}
    rows = {name: _rows(each) for name, each in fields.items() if isinstance(each, list)}
    return Refused(action, refusal.message, where or "", _texts(fields), rows)


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _rows(items: Sequence[object]) -> list[Mapping[str, str]]:
    return [_texts(cast("Mapping[str, object]", each)) for each in items if isinstance(each, dict)]


def read(call: DeskCall, name: str, characters_max: int = BODY_BYTES_MAX) -> str:
    """A text of a form as it was typed, empty where it is not there."""
    return call.parameters.exact(name, characters_max) or ""


def ensure_sure(call: DeskCall) -> None:
    """Refuse a form that takes something away for good, until its box is checked."""
    if not call.parameters.flag("is_sure"):
        raise InvalidInput("Say that you are sure", field="is_sure")


def once_key(call: DeskCall) -> str:
    """What tells a form that is sent twice from another one: its word, and all that it says."""
    said = repr(sorted(call.parameters.fields.items(), key=lambda pair: pair[0]))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


async def is_first(call: DeskCall, person: Person) -> bool:
    """Whether this very form has not been taken before."""
    return await forms.take(call.env, person.viewer, once_key(call))
