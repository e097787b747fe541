"""Forms of media and embeds: what is to become of an address, a file in pieces, an object.

The vendor's client declares `share_object` where its interface sends `shared_object`, and calls a
document `document` or `doc`; each is taken for the other. A chunk stands in the field `image` or
`document`, and the client's interface uses the first one for every kind of file.
"""

import json
from collections.abc import Mapping
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall
from stonechat.domain import limits
from stonechat.domain.addresses import WebAddress, read_address
from stonechat.domain.chunks import CompleteUpload, SendChunk, check_md5, read_stretch
from stonechat.domain.ids import EmbedId, StatusId, UploadId
from stonechat.domain.media import DOCUMENT, EMBED, IMAGE, INLINE, SHARE, URL
from stonechat.domain.media_links import RESERVED_PREFIX, EmbedChange, EmbedDraft
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput

TYPES: Final = (IMAGE, URL, SHARE, EMBED)
UPLOAD_FIELDS: Final = (IMAGE, "document")
MD5_CHARACTERS_MAX: Final = 64
IP_CHARACTERS_MAX: Final = 64
URL_CHARACTERS_MAX: Final = limits.CARD_URL_CHARACTERS_MAX
_UPLOAD_TYPES: Final[Mapping[str, str]] = {
    IMAGE: IMAGE,
    INLINE: INLINE,
    DOCUMENT: DOCUMENT,
    "document": DOCUMENT,
}


def read_type(parameters: Parameters) -> str:
    """Of which type a medium is to be."""
    given = parameters.choice("type", TYPES)
    if given is None:
        raise required("type")
    return given


def required(field: str) -> InvalidInput:
    """The complaint about a field that is not there."""
    return wrong(field, "is required", rule="required")


def read_web_address(parameters: Parameters, field: str) -> WebAddress:
    """An address of the web that must be there."""
    text = parameters.text(field, characters_max=URL_CHARACTERS_MAX)
    if text is None or not text.strip():
        raise required(field)
    address = read_address(text.strip())
    if address is None or len(address.url) > URL_CHARACTERS_MAX:
        raise wrong(field, "is not an address of the web")
    return address


def read_shared(parameters: Parameters) -> StatusId:
    """Which contribution is to be shared. Events are not to be had here."""
    if parameters.get("event_object") is not None:
        raise wrong("event_object", "cannot be shared: there are no events here")
    for field in ("shared_object", "share_object"):
        shared_id = parameters.identifier(field)
        if shared_id is not None:
            return StatusId(shared_id)
    raise required("shared_object")


def read_embed(parameters: Parameters, *, is_trusted: bool) -> EmbedDraft:
    """An object of somewhere else. What a member says of it loses its HTML: clients show it raw."""
    embed_type = _name(parameters, "embed_type", limits.EMBED_TYPE_CHARACTERS_MAX)
    if embed_type.lower().startswith(RESERVED_PREFIX):
        raise wrong("embed_type", "is reserved")
    return EmbedDraft(
        embed_type=embed_type,
        embed_id=_name(parameters, "embed_id", limits.EMBED_ID_CHARACTERS_MAX),
        url=_optional_url(parameters),
        metadata=_metadata(parameters, is_trusted=is_trusted),
    )


def read_embed_change(parameters: Parameters, embed_id: EmbedId, *, replaces: bool) -> EmbedChange:
    """What is said anew of an embed; where it `replaces`, what is not said is no longer so."""
    says_metadata = replaces or "metadata" in parameters
    return EmbedChange(
        embed_id=embed_id,
        sets_url=replaces or parameters.says("url"),
        url=_optional_url(parameters),
        metadata=_metadata(parameters, is_trusted=True) if says_metadata else None,
    )


def read_search(parameters: Parameters) -> tuple[str | None, str | None]:
    """Type and name of the embeds that are looked for."""
    embed_type = parameters.text("embed_type", characters_max=limits.EMBED_TYPE_CHARACTERS_MAX)
    name = parameters.text("embed_id", characters_max=limits.EMBED_ID_CHARACTERS_MAX)
    return embed_type or None, name or None


def _name(parameters: Parameters, field: str, characters_max: int) -> str:
    text = parameters.text(field, characters_max=characters_max)
    name = "" if text is None else clean_name(text, field=field)
    if not name:
        raise required(field)
    return name


def _optional_url(parameters: Parameters) -> str | None:
    if not parameters.get("url"):
        return None
    return read_web_address(parameters, "url").url


def _metadata(parameters: Parameters, *, is_trusted: bool) -> Mapping[str, object]:
    fields = parameters.nested("metadata").fields
    metadata = {name: value for name, value in fields.items() if is_trusted or name != "html"}
    try:
        # Characters that no database keeps and no text has fail here.
        written = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
        size_bytes = len(written.encode())
    except ValueError:
        raise wrong("metadata", "cannot be kept") from None
    if "\\u0000" in written:
        raise wrong("metadata", "contains a NUL character")
    if size_bytes > limits.EMBED_METADATA_BYTES_MAX:
        most = limits.EMBED_METADATA_BYTES_MAX
        raise wrong("metadata", f"is too long (maximum is {most} bytes)", rule="too_long")
    url = metadata.get("url")
    if url not in (None, "") and (not isinstance(url, str) or read_address(url) is None):
        # Clients make a link of it.
        raise wrong("metadata[url]", "is not an address of the web")
    return metadata


def read_chunk(call: CommunityCall) -> SendChunk:
    """A piece of a file."""
    stretch = read_stretch(call.header("content-range"))
    for field in UPLOAD_FIELDS:
        upload = call.parameters.upload(field)
        if upload is not None:
            name = clean_name(upload.filename.replace("\0", ""), field=field)
            return SendChunk(
                upload_id=_upload_id(call.parameters),
                stretch=stretch,
                content=upload.content,
                field=field,
                name=name[: limits.UPLOAD_NAME_CHARACTERS_MAX],
            )
    raise required(IMAGE)


def read_complete(parameters: Parameters) -> CompleteUpload:
    """The order to make a medium of all pieces."""
    upload_id = _upload_id(parameters)
    if upload_id is None:
        raise required("upload_id")
    md5 = parameters.text("md5", characters_max=MD5_CHARACTERS_MAX)
    if not md5:
        raise required("md5")
    given = parameters.choice("type", tuple(_UPLOAD_TYPES))
    return CompleteUpload(
        upload_id, check_md5(md5), None if given is None else _UPLOAD_TYPES[given]
    )


def _upload_id(parameters: Parameters) -> UploadId | None:
    given = parameters.identifier("upload_id")
    return None if given is None else UploadId(given)


def ensure_click(parameters: Parameters) -> None:
    """The address of a click is read so that nonsense is refused, and is not kept."""
    parameters.text("ip", characters_max=IP_CHARACTERS_MAX)
