"""Bodies: JSON objects and nothing else, read when all but them is settled."""

from typing import Final

from stonechat.dialects.stativate.calls import StativateCall
from stonechat.http.parameters import Fields
from stonechat.kernel.errors import UnsupportedMedia

_JSON: Final = "application/json"


async def read_fields(call: StativateCall) -> Fields:
    """What the body says, which has to be a JSON object; nothing where there is none."""
    body = await call.read_body()
    media_type = (call.header("content-type") or "").partition(";")[0].strip().lower()
    if (body.fields or body.files) and media_type != _JSON:
        raise UnsupportedMedia(f"The body has to be JSON, sent with Content-Type: {_JSON}")
    return body.fields
