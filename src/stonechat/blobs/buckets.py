"""Buckets: where files lie that do not lie on our own disk, read from one line of the settings.

Only the line is read here; nothing is asked of anybody (blobs/s3.py does that). The key and its
secret are settings of their own, so that this line may be shown.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from stonechat.kernel.errors import InvalidInput

REGION: Final = "us-east-1"
"""What servers that are not Amazon's expect where nobody says otherwise."""
PREFIX_CHARACTERS_MAX: Final = 200
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_REGION: Final = re.compile(r"[a-z0-9-]{1,40}")
_OURS: Final = [
    ipaddress.ip_network(each)
    for each in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, the part of it that is ours, and the server that has it."""

    name: str
    prefix: str
    endpoint: str
    region: str

    @property
    def is_plain_http(self) -> bool:
        """Whether files travel unencrypted."""
        return self.endpoint.startswith("http:")


def read_bucket(url: str) -> Bucket:
    """The bucket that `s3://BUCKET/PREFIX?endpoint=…&region=…` stands for.

    What is refused is not repeated: somebody may have written a secret into it.
    """
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _refuse("it is no address") from None
    options = dict(pairs)
    if parts.scheme != "s3" or parts.fragment or not url.isascii() or not url.isprintable():
        raise _refuse("it is no address of a bucket")
    if "@" in parts.netloc:
        raise _refuse("keys are settings of their own")
    if len(options) < len(pairs) or options.keys() - {"endpoint", "region"}:
        raise _refuse("behind the question mark stand `endpoint` and `region` alone, once each")
    if not _BUCKET.fullmatch(parts.netloc):
        raise _refuse("a bucket's name has 3 to 63 small letters, digits, dots and hyphens")
    prefix = parts.path.strip("/")
    if prefix and (len(prefix) > PREFIX_CHARACTERS_MAX or not _PREFIX.fullmatch(prefix)):
        raise _refuse("a prefix is made of letters, digits, `.`, `_` and `-`, with `/` between")
    return Bucket(parts.netloc, prefix, *_server(options))


def _server(options: dict[str, str]) -> tuple[str, str]:
    region = options.get("region", REGION)
    if not _REGION.fullmatch(region):
        raise _refuse("a region is a word such as eu-central-1")
    if "endpoint" in options:
        return _endpoint(options["endpoint"]), region
    if "region" not in options:
        raise _refuse("it says neither an endpoint nor a region of Amazon's")
    return f"https://s3.{region}.amazonaws.com", region


def _endpoint(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.port != 0
    except ValueError:
        raise _refuse("its endpoint is no address") from None
    host = parts.hostname or ""
    if not is_good or not host or parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        raise _refuse("its endpoint is the address of a server, without a path")
    # Requests are signed, but what they carry is not hidden: beyond our own network it must be.
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
        raise _refuse("its endpoint must be https, unless it is on this machine or a private net")
    return f"{parts.scheme}://{parts.netloc}"


def _is_near(host: str) -> bool:
    """This machine, an address of a private network, or a name that only such a one knows."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return any(address in network for network in _OURS)


def _refuse(reason: str) -> InvalidInput:
    return InvalidInput(
        f"{reason}. Write s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, or nothing for"
        " the data folder."
    )
