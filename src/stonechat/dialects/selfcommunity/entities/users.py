"""Users: an account as the vendor's User, and the shorter forms of it.

The order of the fields is that of the vendor's documents: first those of the author of a status,
then the newer ones. `ext_id` is our own id as text, for there is no other system behind it; there
is no score of people here, so `reputation` is 0. What a client keeps under names of its own comes
last, at the same level, which is why a whole User is made by `user_bytes`.
"""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.enrolments import visible_email
from stonechat.domain.members import NO_DETAILS, MemberView, Spot
from stonechat.domain.viewers import STAFF
from stonechat.domain.views import CredentialView

_GONE: Final = frozenset({"suspended", "deleted"})
_encode: Final = msgspec.json.Encoder().encode


class UserTag(msgspec.Struct, frozen=True):
    """A label, as everybody may see it."""

    id: int
    type: str
    name: str
    description: str
    color: str


class User(msgspec.Struct, frozen=True, kw_only=True):
    """The vendor's User."""

    id: int
    username: str
    real_name: str
    date_joined: str
    bio: str
    location: str | None
    location_lat_lng: str | None
    position_lat_lng: str | None
    date_of_birth: str | None
    description: str | None
    gender: str
    website: str | None
    avatar: str
    cover: str | None
    ext_id: str
    tags: list[UserTag]
    reputation: int = 0
    followings_counter: int
    followers_counter: int
    posts_counter: int
    discussions_counter: int
    statuses_counter: int
    polls_counter: int
    community_badge: bool
    reg_approved: bool
    deleted: bool
    company_name: str | None
    company_role: str | None


class AutocompleteUser(msgspec.Struct, frozen=True):
    """What a field needs that completes names."""

    id: int
    username: str
    real_name: str
    ext_id: str
    avatar: str


RESERVED: Final = frozenset(
    (
        *User.__struct_fields__,
        "email",
        "email_isvalid",
        "permission",
        "role",
        "unseen_interactions_counter",
        "status",
        "language",
        "deleted_at",
        "unseen_notification_banners_counter",
        "can_send_pm_to",
        "connection_status",
        "connections_counter",
        "categories_counter",
        "connection_requests_sent_counter",
        "connection_requests_received_counter",
        "avatar_base64",
        "cover_base64",
        "blocked_at",
        "days_blocked",
        "expire_at",
        "last_seen",
        "flags_given",
        "flags_received",
        "last_score_variation",
        "metadata",
        "password",
        "new_password",
        "new_email",
        "is_staff",
        "access_token",
        "limit",
        "offset",
        "user",
        "hard",
        "format",
    )
)
"""Names that mean something else than what a client keeps under names of its own."""


def user_bytes(member: MemberView, base_url: str) -> bytes:
    """A whole User, with what clients keep on it."""
    return with_metadata(_encode(present_user(member, base_url)), member)


def with_metadata(user: bytes, member: MemberView) -> bytes:
    """An encoded user with the member's own fields behind the vendor's."""
    metadata = member.details.metadata
    if not metadata or member.account.state in _GONE:
        return user
    return b"%b,%b" % (user[:-1], _encode(dict(metadata))[1:])


def present_user(member: MemberView, base_url: str) -> User:
    """An account on the wire. One that was suspended is an empty shell."""
    account = member.account
    is_gone = account.state in _GONE
    details = NO_DETAILS if is_gone else member.details
    return User(
        id=account.id,
        username=account.username,
        real_name=_real_name(member),
        date_joined=instant(account.created_ms),
        bio="" if is_gone else account.note,
        location=details.location or None,
        location_lat_lng=_spot(details.home),
        position_lat_lng=_spot(details.position),
        date_of_birth=details.born_on.isoformat() if details.born_on else None,
        description=details.description or None,
        gender=details.gender,
        website=details.website or None,
        avatar=avatar_url(member, base_url),
        cover=f"{base_url}/pictures/{account.header}" if account.header and not is_gone else None,
        ext_id=str(account.id),
        tags=[] if is_gone else [UserTag(*label) for label in member.labels],
        followings_counter=account.followings,
        followers_counter=account.followers,
        posts_counter=member.posts,
        discussions_counter=member.discussions,
        statuses_counter=member.said,
        polls_counter=member.polls,
        community_badge=account.role in STAFF,
        reg_approved=account.state not in ("pending", "unconfirmed"),
        deleted=account.state == "deleted",
        company_name=details.company_name or None,
        company_role=details.company_role or None,
    )


def present_autocomplete(member: MemberView, base_url: str) -> AutocompleteUser:
    """An account in a field that completes names."""
    return AutocompleteUser(
        member.id,
        member.account.username,
        _real_name(member),
        str(member.id),
        avatar_url(member, base_url),
    )


def avatar_url(member: MemberView, base_url: str) -> str:
    """Where somebody's picture is; a plain one stands in, for clients crash without any."""
    account = member.account
    if account.avatar is None or account.state in _GONE:
        return f"{base_url}/static/avatar.png"
    return f"{base_url}/pictures/{account.avatar}"


def _real_name(member: MemberView) -> str:
    return "" if member.account.state in _GONE else member.account.display_name


def _spot(spot: Spot | None) -> str | None:
    return None if spot is None else f"{spot.lat},{spot.lng}"


class SingleUser(User, frozen=True, kw_only=True):
    """A User that is looked at alone."""

    can_send_pm_to: bool


class Permission(msgspec.Struct, frozen=True):
    """What somebody may do in the community."""

    create_contribute: bool = True
    create_poll: bool = True
    locate_post: bool = True
    create_post: bool = True
    create_group: bool = False
    create_event: bool = False
    create_course: bool = False
    create_live_stream: bool = False
    follow_user: bool = True
    request_connection: bool = False
    accept_connection: bool = False
    create_post_with_category: bool = True


PERMISSION: Final = Permission()
"""Whoever is let in may say something. Friendships, groups, events and courses are not here."""


class Me(User, frozen=True, kw_only=True):
    """One's own User."""

    email: str
    email_isvalid: bool
    permission: Permission
    role: str | None
    unseen_interactions_counter: int
    unseen_notification_banners_counter: int
    status: str
    language: str


ROLES: Final = {"owner": "admin", "admin": "admin", "moderator": "moderator"}
_STATES: Final = {"active": "a", "disabled": "b", "suspended": "d", "deleted": "u"}


def single_user_bytes(member: MemberView, base_url: str, *, can_send_pm_to: bool) -> bytes:
    """A User that is looked at alone, as somebody sees it."""
    user = msgspec.structs.asdict(present_user(member, base_url))
    return with_metadata(_encode(SingleUser(**user, can_send_pm_to=can_send_pm_to)), member)


def me_bytes(
    member: MemberView, own: CredentialView, base_url: str, *, unseen: int, language: str
) -> bytes:
    """One's own User."""
    me = Me(
        **msgspec.structs.asdict(present_user(member, base_url)),
        email=visible_email(own.email) or "",
        email_isvalid=member.account.state != "unconfirmed",
        permission=PERMISSION,
        role=ROLES.get(member.account.role),
        unseen_interactions_counter=unseen,
        unseen_notification_banners_counter=0,
        status=_STATES.get(member.account.state, "a"),
        language=language,
    )
    return with_metadata(_encode(me), member)


class Counters(msgspec.Struct, frozen=True):
    """How much somebody said, and how many are around them."""

    discussions: int
    posts: int
    statuses: int
    polls: int
    followings: int
    followers: int
    categories: int


def present_counters(member: MemberView, categories: int) -> Counters:
    """Counters on the wire."""
    account = member.account
    return Counters(
        member.discussions,
        member.posts,
        member.said,
        member.polls,
        account.followings,
        account.followers,
        categories,
    )
