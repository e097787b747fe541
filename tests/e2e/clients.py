"""Mastodon.py signed in to a running server, the way a person does it."""

from typing import Any

import mastodon

from bench.servers import Server
from tests.e2e.visitors import Visitor

OOB = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ["read", "write", "follow", "push"]


def sign_in(server: Server, name: str, **options: Any) -> mastodon.Mastodon:
    """A client for an account that is there; options go to Mastodon.py."""
    base_url = f"http://127.0.0.1:{server.site.port}"
    client_id, secret = mastodon.Mastodon.create_app(
        "Test client", scopes=SCOPES, redirect_uris=OOB, api_base_url=base_url
    )
    client = mastodon.Mastodon(
        client_id=client_id,
        client_secret=secret,
        api_base_url=base_url,
        ratelimit_method="throw",
        **options,
    )
    url = client.auth_request_url(redirect_uris=OOB, scopes=SCOPES, allow_http=True)
    code = Visitor().authorize(url, name)
    client.log_in(code=code, redirect_uri=OOB, scopes=SCOPES, allow_http=True)
    return client
