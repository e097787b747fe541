"""Lines to copy: into a shell, a page of somebody else's, a file of notes.

What people called their beacon stands in them, so each is escaped for where it will be read, which
is not the page that it stands on.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Final

from stonechat.domain.beacons import Beacon
from stonechat.web.entities.beacons import write_frame

KEY_PLACE: Final = "YOUR-KEY"
_MARKDOWN_SIGNS: Final = "\\`*_[]<>()!|#"


@dataclass(frozen=True, slots=True)
class Lines:
    """All of one beacon."""

    patch: str
    badge: str
    frame: str
    put_url: str
    value: str

    def put(self, secret: str) -> str:
        """Set the value with a write token."""
        header = shlex.quote(f"Authorization: Bearer {secret}")
        return (
            f"curl -X PUT {self.put_url} -H {header} -H 'Content-Type: text/plain'"
            f" --data-raw {shlex.quote(self.value)}"
        )


def present_lines(beacon: Beacon, base_url: str) -> Lines:
    """The lines of a beacon, with its present value for an example."""
    page = f"{base_url}/s/{beacon.id}"
    name = "".join(f"\\{each}" if each in _MARKDOWN_SIGNS else each for each in beacon.name)
    return Lines(
        patch=patch_line(base_url, beacon.status_id, beacon.value, KEY_PLACE),
        badge=f"[![{name}]({page}.svg)]({page})",
        frame=write_frame(page, beacon.name),
        put_url=f"{page}/value",
        value=beacon.value,
    )


def patch_line(base_url: str, status_id: str, value: str, key: str) -> str:
    """Set the value with a key."""
    body = json.dumps({"value": value}, ensure_ascii=False)
    return (
        f"curl -X PATCH {base_url}/v1/status/{status_id} -H {_key_header(key)}"
        f" -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    )


def check_line(base_url: str, key: str) -> str:
    """Ask whether a key is good: for who has no beacon yet."""
    return f"curl {base_url}/v1/checkAuth -H {_key_header(key)}"


def _key_header(key: str) -> str:
    return shlex.quote(f"stativate-api-key: {key}")
