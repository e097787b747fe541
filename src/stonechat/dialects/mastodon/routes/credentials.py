"""Credentials: the viewer's own account, read and changed; and the pictures of all accounts."""

from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.credentials import present_credentials
from stonechat.dialects.mastodon.forms.credentials import read_pictures, read_profile
from stonechat.domain.viewers import Caller
from stonechat.http.operations import UPLOAD_BYTES_MAX, Answer
from stonechat.http.rates import UNCOUNTED
from stonechat.services import credentials

FOR_EVER: Final = "public, max-age=31536000, immutable"
# A picture is data and nothing else, whatever a browser may see in it.
PICTURE_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "content-disposition": "inline",
    "cross-origin-resource-policy": "cross-origin",
}


async def verify(call: MastodonCall) -> Answer:
    """The viewer's own account."""
    view = await credentials.see_credentials(call.env, call.viewer)
    return Answer(present_credentials(view, call.room.site))


async def update(call: MastodonCall) -> Answer:
    """Change the viewer's profile; what is not sent stays."""
    view = await credentials.change_profile(
        call.env, call.viewer, read_profile(call.parameters), read_pictures(call.parameters)
    )
    return Answer(present_credentials(view, call.room.site))


async def remove_picture(call: MastodonCall, kind: str) -> Answer:
    """Go without a picture."""
    view = await credentials.remove_picture(call.env, call.viewer, kind)
    return Answer(present_credentials(view, call.room.site))


async def show_picture(call: MastodonCall) -> Answer:
    """The file of a picture."""
    picture = await credentials.see_picture(call.env, call.path["name"])
    return Answer(picture.content, headers=PICTURE_HEADERS, content_type=picture.content_type)


def _removal(kind: str) -> MastodonOperation:
    return MastodonOperation(
        "DELETE",
        f"/api/v1/profile/{kind}",
        partial(remove_picture, kind=kind),
        "CredentialAccount",
        scope="write:accounts",
    )


OPERATIONS: Final = (
    MastodonOperation(
        "GET",
        "/api/v1/accounts/verify_credentials",
        verify,
        "CredentialAccount",
        scope="profile|read:accounts",
    ),
    MastodonOperation(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        update,
        "CredentialAccount",
        scope="write:accounts",
        body_bytes_max=UPLOAD_BYTES_MAX,
    ),
    _removal("avatar"),
    _removal("header"),
    MastodonOperation(
        "GET",
        "/pictures/{name}",
        show_picture,
        "image",
        Caller.ANYONE,
        rides=True,
        # A page of people is forty pictures: they must not use up what the page itself needs.
        limit=UNCOUNTED,
        cache=FOR_EVER,
    ),
)
