"""Seals: addresses of files that are good for one viewer each.

The file of a private status has an address that ends in a seal: who it was given to, and a MAC
over that and the name of the file. A seal proves only that we gave it out; whether its viewer may
still see the file is asked each time. Rendered statuses are shared by all viewers, so a renderer
writes MARK behind the name of a file, and `apply` puts the viewer's seal in its place. MARK is
random, and new in every process: nobody can type it.
"""

import base64
import hashlib
import hmac
import re
from typing import Final

from stonechat.kernel.secrets import new_secret

MARK: Final = f"?for={new_secret()}"
PARAMETER: Final = "for"
"""The name of the query parameter that a seal is."""
SEAL_CHARACTERS_MAX: Final = 40
_MAC_BYTES: Final = 16
_MARK: Final = MARK.encode()
_MARKED: Final = re.compile(rb"([A-Za-z0-9_.-]+)" + re.escape(_MARK))
_SEAL: Final = re.compile(r"([0-9]{1,16})\.([A-Za-z0-9_-]{22})")


class Seals:
    """Makes seals and opens them, with a key that all processes of a server share."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        assert len(key) >= _MAC_BYTES
        self._key = key

    def seal(self, viewer_id: int, file: str) -> str:
        """The seal of a viewer on a file."""
        mac = hmac.digest(self._key, f"{viewer_id}/{file}".encode(), hashlib.sha256)
        return f"{viewer_id}.{base64.urlsafe_b64encode(mac[:_MAC_BYTES]).decode()[:22]}"

    def open(self, seal: str, file: str) -> int | None:
        """Whose seal it is; None where it is not one of ours on this file."""
        parts = _SEAL.fullmatch(seal)
        if parts is None:
            return None
        viewer_id = int(parts[1])
        is_ours = hmac.compare_digest(self.seal(viewer_id, file).encode(), seal.encode())
        return viewer_id if is_ours else None

    def derive(self, purpose: str, secret: str) -> str:
        """What only this server makes of a secret, always the same: 43 characters."""
        # No seal's text begins with a letter, so none of them is one of these.
        mac = hmac.digest(self._key, f"{purpose}/{secret}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def apply(self, text: bytes, viewer_id: int) -> bytes:
        """The text with the viewer's seal in place of every mark."""
        if _MARK not in text:
            return text

        def sealed(found: re.Match[bytes]) -> bytes:
            file = found[1]
            return file + f"?{PARAMETER}={self.seal(viewer_id, file.decode())}".encode()

        return _MARKED.sub(sealed, text)
