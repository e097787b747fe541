"""The dialect's own names for the furniture that all doors share."""

from typing import TypeAlias

from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.http.operations import Call, Operation

MastodonCall: TypeAlias = Call[Renderer]
MastodonOperation: TypeAlias = Operation[Renderer]
