"""Accounts as those see them who make them: a User with its address, and what a sign-on is told."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.users import ROLES, avatar_url, user_bytes
from stonechat.domain.enrolments import visible_email
from stonechat.domain.members import MemberView

_encode: Final = msgspec.json.Encoder().encode


class SignIn(msgspec.Struct, frozen=True):
    """Who stands behind a token."""

    id: int
    ext_id: str
    username: str
    role: str | None
    tags: list[int]


class SignUp(msgspec.Struct, frozen=True):
    """An account that another system made."""

    id: int
    ext_id: str
    username: str
    email: str | None
    role: str | None
    tags: list[int]
    avatar: str


def addressed_user_bytes(member: MemberView, email: str, base_url: str) -> bytes:
    """A whole User with its address, for administrators."""
    user = user_bytes(member, base_url)
    return b'%b,"email":%b}' % (user[:-1], _encode(visible_email(email)))


def present_sign_in(member: MemberView) -> SignIn:
    """Who stands behind a token on the wire."""
    account = member.account
    return SignIn(
        account.id, str(account.id), account.username, ROLES.get(account.role), _tags(member)
    )


def present_sign_up(member: MemberView, email: str, base_url: str) -> SignUp:
    """An account that another system made on the wire."""
    account = member.account
    return SignUp(
        account.id,
        str(account.id),
        account.username,
        visible_email(email),
        ROLES.get(account.role),
        _tags(member),
        avatar_url(member, base_url),
    )


def _tags(member: MemberView) -> list[int]:
    return [label.id for label in member.labels]
