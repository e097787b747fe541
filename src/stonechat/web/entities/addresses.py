"""Addresses of pages: paths for links within the site, whole ones for what leaves it.

A link on a page is a path, so that a page read by another name of the server (loopback, a host
behind a tunnel) leads on under that name. Feeds, previews and `canonical` name the configured one.
"""

from typing import NamedTuple


class Site(NamedTuple):
    """What presenters need to know of the server."""

    base_url: str
    title: str
    domain: str
    is_https: bool

    @property
    def address(self) -> str:
        """What is typed into an app that asks for the server."""
        return self.domain if self.is_https else self.base_url


def profile_path(acct: str) -> str:
    """The page of an account."""
    return f"/@{acct}"


def status_path(acct: str, status_id: int) -> str:
    """The page of a status."""
    return f"/@{acct}/{status_id}"


def status_uri(site: Site, username: str, status_id: int) -> str:
    """The name of a status that never changes, whatever becomes of its page."""
    return f"{site.base_url}/users/{username}/statuses/{status_id}"


def picture_path(name: str | None, default: str) -> str:
    """Where a picture is; a plain one stands in."""
    return f"/pictures/{name}" if name else f"/static/{default}"
