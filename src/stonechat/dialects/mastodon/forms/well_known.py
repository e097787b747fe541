"""WebFinger's `resource`: `acct:name@domain`, or the address of a profile."""

from typing import Final

from stonechat.domain.accounts import check_username
from stonechat.domain.text.hosts import canonical_domain
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput, MalformedRequest, NotFound
from stonechat.kernel.settings import Settings

RESOURCE_CHARACTERS_MAX: Final = 2000


def read_resource(parameters: Parameters, settings: Settings) -> str:
    """The name of the account that is asked for; NotFound when it is of another server."""
    try:
        resource = parameters.required_text("resource", characters_max=RESOURCE_CHARACTERS_MAX)
        username, domain = _parts(resource.strip(), settings)
        check_username(username)
    except InvalidInput:
        raise MalformedRequest("The resource is not the address of an account") from None
    if domain != canonical_domain(settings.domain):
        raise NotFound
    return username


def _parts(resource: str, settings: Settings) -> tuple[str, str | None]:
    for prefix in (f"{settings.base_url}/@", f"{settings.base_url}/users/"):
        if resource.startswith(prefix):
            return resource.removeprefix(prefix), canonical_domain(settings.domain)
    if resource.startswith(("http://", "https://")):
        raise NotFound
    handle = resource.removeprefix("acct:").removeprefix("@")
    username, _, address = handle.partition("@")
    domain = canonical_domain(address)
    if domain is None:
        raise InvalidInput
    return username, domain
