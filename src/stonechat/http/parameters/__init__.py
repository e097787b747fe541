"""Request parameters: from bytes to typed values, the same way for every dialect.

`parse_query` and `parse_body` make plain dictionaries, `merge` joins the two, and `Parameters`
gives them out by type. No framework is known here: bytes and text come in, Python goes out.
Everything may come in every form (query, JSON, urlencoded, multipart), so a route never asks
how a value was sent; whoever reads a raw value past the typed readers gets that wrong.
"""

from stonechat.http.parameters.bodies import Body, find_boundary, parse_body
from stonechat.http.parameters.fields import Fields, Json, merge
from stonechat.http.parameters.forms import parse_query
from stonechat.http.parameters.multiparts import SpooledUpload, Upload
from stonechat.http.parameters.readers import NO_ID, Parameters, parse_id

__all__ = [
    "NO_ID",
    "Body",
    "Fields",
    "Json",
    "Parameters",
    "SpooledUpload",
    "Upload",
    "find_boundary",
    "merge",
    "parse_body",
    "parse_id",
    "parse_query",
]
