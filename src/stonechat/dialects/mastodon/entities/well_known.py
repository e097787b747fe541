"""What machines read before they know the dialect: NodeInfo, host-meta, WebFinger.

NodeInfo's schema wants at least one protocol and knows none for a server that talks to clients
alone, so it names the one that our addresses are made for; `metadata.federation`, as other
servers write it, says that it is not switched on. http://nodeinfo.diaspora.software/schema.html
"""

from typing import Final

from stonechat import __version__
from stonechat.dialects.mastodon.entities.accounts import Site, picture_url, profile_url
from stonechat.domain.instance import InstanceView
from stonechat.domain.text.markup import escape
from stonechat.domain.views import AccountView

NODEINFO_VERSIONS: Final = ("2.0", "2.1")
SOFTWARE: Final = "stonechat"

JsonObject = dict[str, object]


def nodeinfo_schema(version: str) -> str:
    """The name of a version of the schema."""
    return f"http://nodeinfo.diaspora.software/ns/schema/{version}"


def present_nodeinfo_links(site: Site) -> JsonObject:
    """Where NodeInfo is found, one link for each version."""
    return {
        "links": [
            {"rel": nodeinfo_schema(version), "href": f"{site.base_url}/nodeinfo/{version}"}
            for version in NODEINFO_VERSIONS
        ]
    }


def present_nodeinfo(view: InstanceView, version: str) -> JsonObject:
    """The server, as NodeInfo has it."""
    settings, statistics = view.settings, view.statistics
    return {
        "version": version,
        "software": {"name": SOFTWARE, "version": __version__},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": settings.registrations != "closed",
        "usage": {
            "users": {
                "total": statistics.accounts,
                "activeMonth": statistics.active_month,
                "activeHalfyear": statistics.active_half_year,
            },
            "localPosts": statistics.statuses,
        },
        "metadata": {
            "nodeName": settings.title,
            "nodeDescription": settings.description,
            "federation": {"enabled": False},
        },
    }


def _lookup_template(site: Site) -> str:
    return f"{site.base_url}/.well-known/webfinger?resource={{uri}}"


def present_host_meta(site: Site) -> JsonObject:
    """Where to ask about accounts."""
    return {"links": [{"rel": "lrdd", "template": _lookup_template(site)}]}


def present_host_meta_xml(site: Site) -> bytes:
    """The same as XRD, which is what host-meta was before it was JSON."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" template="{escape(_lookup_template(site))}"/>\n'
        "</XRD>\n"
    ).encode()


def present_webfinger(account: AccountView, site: Site) -> JsonObject:
    """An account as WebFinger has it."""
    page = profile_url(site, account)
    return {
        "subject": f"acct:{account.username}@{site.domain}",
        "aliases": [page, f"{site.base_url}/users/{account.username}"],
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
            {
                "rel": "http://webfinger.net/rel/avatar",
                "href": picture_url(site, account.avatar, "avatar.png"),
            },
        ],
    }
