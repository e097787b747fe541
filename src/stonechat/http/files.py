"""Files: attachments and pictures of statuses, sent in pieces, whole or in part.

Whether somebody may have a file is asked each time (services/media); what may not be had and what
is not there are one answer. A file never changes, so its name is its ETag. A range is one range:
who asks for several gets the whole, which is never more than that.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from stonechat.blobs.formats import CONTENT_TYPES, DOCUMENT_TYPES
from stonechat.domain.ids import AccountId, MediaId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import PRIVATE, Answer, Call, Dialect, Operation, Stream
from stonechat.http.pages import Pages
from stonechat.http.parameters import Parameters
from stonechat.http.rates import UNCOUNTED
from stonechat.kernel.errors import InvalidInput, StonechatError
from stonechat.kernel.seals import PARAMETER, SEAL_CHARACTERS_MAX
from stonechat.services import media
from stonechat.services.env import Env

KEPT_S: Final = 43_200
"""So long caches may keep the file of a public status: it is gone everywhere within a day after
the status is."""
KEPT: Final = f"public, max-age={KEPT_S}"
RANGE_CHARACTERS_MAX: Final = 100
ETAGS_CHARACTERS_MAX: Final = 4_000
UNKNOWN_TYPE: Final = "application/octet-stream"
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")

_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Range, ETag",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
# A file is data and nothing else, whatever a browser may see in it.
_POLICY: Final = "sandbox; default-src 'none'"


class Range(NamedTuple):
    """The part of a file that is asked for: from `start` up to but without `end`."""

    start: int
    end: int


def read_range(header: str | None, size_bytes: int) -> Range | None:
    """The range that a header names; None for none, or for one that is to be ignored.

    A range that begins behind the end is empty, with its start there.
    """
    if header is None or len(header) > RANGE_CHARACTERS_MAX:
        return None
    parts = _RANGE.fullmatch(header.strip())
    if parts is None:
        return None
    first, last = parts.groups()
    if not first:
        length = min(int(last), size_bytes) if last else None
        return None if length is None else Range(size_bytes - length, size_bytes)
    start, end = int(first), int(last) + 1 if last else size_bytes
    if last and end <= start:
        return None
    return Range(start, min(end, size_bytes)) if start < size_bytes else Range(size_bytes, 0)


async def show(call: Call[Pages]) -> Answer:
    """One file, or a part of it."""
    name = call.path["file"]
    is_public = await media.check_file(
        call.env,
        AccountId(call.path_id("account_id")),
        MediaId(call.path_id("media_id")),
        name,
        _seal(call.parameters),
    )
    suffix = name.rpartition(".")[2]
    content_type = CONTENT_TYPES.get(suffix) or DOCUMENT_TYPES.get(suffix, UNKNOWN_TYPE)
    etag = f'"{name.partition(".")[0]}"'
    headers = {
        "accept-ranges": "bytes",
        "cache-control": KEPT if is_public else PRIVATE,
        "content-disposition": "inline" if suffix in CONTENT_TYPES else "attachment",
        "content-security-policy": _POLICY,
        "etag": etag,
    }
    if _has(call.header("if-none-match"), etag):
        return Answer(b"", 304, headers, content_type)
    return await _send(call, name, headers, content_type)


async def _send(
    call: Call[Pages], name: str, headers: Mapping[str, str], content_type: str
) -> Answer:
    blob = await media.open_file(call.env, name)
    size = blob.size_bytes
    wanted = None
    if call.request.method == "GET" and call.header("if-range") in (None, headers["etag"]):
        wanted = read_range(call.header("range"), size)
    if wanted is None:
        return Answer(Stream(blob.read(), size), 200, headers, content_type)
    start, end = wanted
    if start >= end:
        told = {**headers, "content-range": f"bytes */{size}"}
        return Answer(b"", 416, told, content_type)
    told = {**headers, "content-range": f"bytes {start}-{end - 1}/{size}"}
    return Answer(Stream(blob.read(start, end), end - start), 206, told, content_type)


def _seal(parameters: Parameters) -> str:
    try:
        return parameters.text(PARAMETER, characters_max=SEAL_CHARACTERS_MAX) or ""
    except InvalidInput:
        # What cannot be a seal is none.
        return ""


def _has(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match names this file."""
    if header is None or len(header) > ETAGS_CHARACTERS_MAX:
        return False
    given = {each.strip().removeprefix("W/") for each in header.split(",")}
    return etag in given or "*" in given


async def _present_error(error: StonechatError, room: Pages) -> Answer:
    return room.problem(error)


OPERATIONS: Final = (
    Operation(
        "GET",
        "/media/{account_id}/{media_id}/{file}",
        show,
        "file",
        Caller.ANYONE,
        # The address alone says who may have it: no token is looked at.
        rides=True,
        # A page of statuses may be a hundred files: they must not use up what the page needs.
        limit=UNCOUNTED,
    ),
)


def make_files(env: Env) -> Dialect[Pages]:
    """The files as a door of their own."""
    return Dialect("files", OPERATIONS, Pages(env.settings), _present_error, _HEADERS)
