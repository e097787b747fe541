"""Writes the generated pages of docs/: `make docs`. A test fails while they are not current.

From the dialects' tables of operations come one page with every endpoint, and an OpenAPI 3.1
document of them.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stonechat import __version__
from stonechat.dialects.mastodon.dialect import OPERATIONS as MASTODON
from stonechat.dialects.oauth.dialect import OPERATIONS as TOKENS
from stonechat.dialects.oauth.dialect import RENEWAL_OPERATIONS as RENEWALS
from stonechat.dialects.selfcommunity.dialect import OPERATIONS as SELFCOMMUNITY
from stonechat.dialects.stativate.calls import KEY_HEADER
from stonechat.dialects.stativate.dialect import OPERATIONS as STATIVATE
from stonechat.domain.viewers import SCOPES, Caller
from stonechat.http.operations import Operation
from stonechat.web.desk.door import OPERATIONS as DESK
from stonechat.web.door import OPERATIONS as WEB
from stonechat.web.door import SHARE_OPERATIONS
from stonechat.web.routes.share_formats import FRAME_OPERATIONS as SHARE_FRAMES
from stonechat.web.routes.share_formats import OPERATIONS as SHARE_FORMATS

OAUTH = (*TOKENS, *RENEWALS)
HERE = Path(__file__).parent
WEB_PAGES = (*WEB, *DESK, *SHARE_OPERATIONS, *SHARE_FORMATS, *SHARE_FRAMES)
CALLERS = {
    Caller.ANYONE: "anyone",
    Caller.PERSON: "a person",
    Caller.APP: "an app",
    Caller.TOKEN: "any token",
}


def _rows(operations: Iterable[Operation[Any]]) -> list[str]:
    rows = [
        f"| {each.method} | `{each.path}` | {CALLERS[each.caller]} |"
        f" {(each.scope or '-').replace('|', ' or ')} | {each.entity} |"
        for each in sorted(operations, key=lambda each: (each.path, each.method))
    ]
    return ["| method | path | for | scope | answers |", "|---|---|---|---|---|", *rows]


def endpoints() -> str:
    """The page of every endpoint."""
    return "\n".join(
        [
            "# Endpoints",
            "",
            "Made by `make docs` from the tables of operations; do not edit.",
            "",
            f"## Mastodon's client API: {len(MASTODON)} operations",
            "",
            *_rows(MASTODON),
            "",
            f"## SelfCommunity's API: {len(SELFCOMMUNITY)} operations",
            "",
            *_rows(SELFCOMMUNITY),
            "",
            f"## Stativate's live-value API: {len(STATIVATE)} operations",
            "",
            *_rows(STATIVATE),
            "",
            f"## OAuth: {len(OAUTH)} operations",
            "",
            *_rows(OAUTH),
            "",
            f"## Pages and feeds: {len(WEB_PAGES)} operations",
            "",
            *_rows(WEB_PAGES),
            "",
        ]
    )


def openapi() -> str:
    """The OpenAPI 3.1 document of every operation."""
    paths: dict[str, dict[str, Any]] = {}
    for each in (*MASTODON, *SELFCOMMUNITY, *STATIVATE, *OAUTH):
        operation: dict[str, Any] = {
            "summary": (each.handler.__doc__ or each.entity).strip().split("\n")[0],
            "responses": {"200": {"description": each.entity}},
        }
        names: list[str] = re.findall(r"\{(\w+)\}", each.path)
        if names:
            operation["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in names
            ]
        if each.caller is not Caller.ANYONE:
            scopes = [] if each.scope is None else each.scope.split("|")
            operation["security"] = [{"oauth": [scope]} for scope in scopes] or [{"oauth": []}]
        if each.key_header is not None:
            operation["security"] = [{"key": []}, *operation.get("security", ())]
        paths.setdefault(each.path, {})[each.method.lower()] = operation
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Stonechat", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
                "oauth": {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": "/oauth/authorize",
                            "tokenUrl": "/oauth/token",
                            "scopes": dict.fromkeys(SCOPES, ""),
                        }
                    },
                },
            }
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


PAGES = {"dialects/endpoints.md": endpoints, "dialects/openapi.json": openapi}


def main() -> None:
    """Write every page that is not current."""
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path.relative_to(HERE.parent)} written\n")


if __name__ == "__main__":
    main()
