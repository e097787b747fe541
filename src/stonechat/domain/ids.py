"""A type for the id of each noun, so that a checker sees when two are mixed up."""

from typing import Final, NewType

AccountId = NewType("AccountId", int)
AppId = NewType("AppId", int)
BeaconId = NewType("BeaconId", str)
BoardId = NewType("BoardId", str)
CategoryId = NewType("CategoryId", int)
CustomNoticeId = NewType("CustomNoticeId", int)
EmbedId = NewType("EmbedId", int)
LabelId = NewType("LabelId", int)
MediaId = NewType("MediaId", int)
ScheduledId = NewType("ScheduledId", int)
StatusId = NewType("StatusId", int)
TokenId = NewType("TokenId", int)
UploadId = NewType("UploadId", int)
WebhookId = NewType("WebhookId", int)

NOBODY: Final = AccountId(0)
"""Who asks when nobody signed in. No account has this id, so every join on it is empty."""
