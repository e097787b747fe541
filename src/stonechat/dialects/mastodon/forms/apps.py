"""The parameters of registering an app."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.apps import RegisterApp
from stonechat.domain.oauth import DEFAULT_SCOPES
from stonechat.http.parameters import Parameters

# How long a name may be is for domain/apps to say; this only bounds what is looked at.
_LOOKED_AT_MAX: Final = limits.REDIRECT_URI_CHARACTERS_MAX * 2


def read_registration(parameters: Parameters) -> RegisterApp:
    """The order to register. Redirect URIs come as a list or as lines, and so may scopes."""
    uris = parameters.texts("redirect_uris", characters_max=_LOOKED_AT_MAX)
    scopes = parameters.texts("scopes", characters_max=limits.SCOPES_CHARACTERS_MAX)
    return RegisterApp(
        name=parameters.text("client_name", characters_max=_LOOKED_AT_MAX) or "",
        redirect_uris=tuple(
            line.strip() for uri in uris for line in uri.split("\n") if line.strip()
        ),
        scopes=" ".join(scopes).strip() or DEFAULT_SCOPES,
        website=(parameters.text("website", characters_max=_LOOKED_AT_MAX) or "").strip() or None,
    )
