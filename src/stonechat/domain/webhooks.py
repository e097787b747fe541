"""Webhooks: addresses that are told what happens to a beacon, and the words that they get.

A webhook belongs to one beacon, whose owner made it, or to the notices of one account. What is sent
is signed as the Standard Webhooks specification says (https://www.standardwebhooks.com), over the
very bytes that are sent: a body is made once, kept, and never made anew for another try.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Final

from stonechat.domain import limits
from stonechat.domain.addresses import find_ip, host_of_domain, is_public, read_address
from stonechat.domain.beacon_notices import DELETED, ROLE, STALE, VALUE, News
from stonechat.domain.beacons import Beacon
from stonechat.domain.ids import AccountId, BeaconId, WebhookId
from stonechat.kernel.clock import from_ms
from stonechat.kernel.errors import InvalidInput

DELIVER_JOB: Final = "deliver_webhook"
"""Sends what waits for a webhook: `{"webhook_id": …}`."""
FORGET_JOB: Final = "forget_deliveries"
"""Takes away what was, or was to be, sent to a webhook that is no more."""

CHANGED_EVENT: Final = "value.changed"
STALE_EVENT: Final = "value.stale"
DELETED_EVENT: Final = "beacon.deleted"
ROLE_EVENT: Final = "role.given"
TEST_EVENT: Final = "webhook.test"
EVENTS: Final = {
    VALUE: CHANGED_EVENT,
    STALE: STALE_EVENT,
    DELETED: DELETED_EVENT,
    ROLE: ROLE_EVENT,
}
"""What the kinds of news are called on the wire."""

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
RETRY_FIRST_MS: Final = 5_000
RETRY_MAX_MS: Final = 3_600_000
RETRY_SPREAD: Final = 0.2
"""By how much of itself a wait may be shorter, so that not all come back in one moment."""
TRYING_MS: Final = limits.WEBHOOK_TRYING_HOURS * 3_600_000
GONE: Final = 410
"""A receiver that answers so wants no more, ever."""
TOO_MANY: Final = "too many deliveries wait"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as whoever made it sees it. Its secret is shown once, when it is made."""

    id: WebhookId
    account_id: AccountId
    beacon_id: BeaconId | None
    """None where it gets the notices of the account."""
    url: str = field(repr=False)
    created_ms: int
    disabled_ms: int | None = None
    """Since when nothing is sent any more, until it is enabled again."""
    failing_ms: int | None = None
    """Since when every try has failed."""
    try_ms: int = 0
    """When the next try is made, where the last one failed."""
    last_ms: int | None = None
    """When it was last tried."""
    last_status: int | None = None
    last_error: str | None = None
    """Why the last try failed, in a few words."""

    @property
    def is_disabled(self) -> bool:
        """Whether it was given up."""
        return self.disabled_ms is not None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook that was made just now, and the secret that signs what it gets."""

    webhook: Webhook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a webhook: sent, or waiting for its turn."""

    id: int
    event: str
    body: str
    made_ms: int
    delivered_ms: int | None = None

    @property
    def message_id(self) -> str:
        """What the receiver knows it by: it is the same however often it is tried."""
        return message_id(self.id)


def message_id(delivery_id: int) -> str:
    """What a receiver knows a message by."""
    return f"msg_{delivery_id}"


def read_url(url: str, own_domain: str) -> str:
    """An address to post to, as it is kept; or InvalidInput.

    What a name leads to is not looked up here: that is asked at each single try.
    """
    if len(url) > limits.WEBHOOK_URL_CHARACTERS_MAX:
        most = limits.WEBHOOK_URL_CHARACTERS_MAX
        raise InvalidInput(f"The url has to be at most {most} characters long", field="url")
    address = read_address(url)
    if address is None or len(address.url) > limits.WEBHOOK_URL_CHARACTERS_MAX:
        raise InvalidInput(
            "The url has to be one of http or https on its usual port, with a full name",
            field="url",
        )
    ip = find_ip(address.host)
    if address.host == host_of_domain(own_domain) or (ip is not None and not is_public(ip)):
        raise InvalidInput("The url has to lead to another server", field="url")
    return address.url


def new_signing_secret() -> str:
    """A fresh secret to sign with."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message: str, timestamp_s: int, body: bytes) -> str:
    """The signature of a message: of its id, the second of the try, and its bytes."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def wait_ms(tries: int, share: float) -> int:
    """How long to wait after so many failed tries in a row; `share` is from 0 to 1, by chance."""
    # Doubled more often than this it would be longer than the longest anyway.
    longest = min(RETRY_FIRST_MS * 2 ** min(tries - 1, 16), RETRY_MAX_MS)
    return round(longest * (1 - RETRY_SPREAD * share))


def write_body(news: News, delivery_id: int, base_url: str, owned: Beacon | None = None) -> str:
    """What a webhook gets of an event; `owned` is the beacon for those who get its owner's view."""
    beacon: dict[str, object] = {
        "shareId": news.beacon_id,
        "name": news.name,
        "accessType": news.access,
        "url": f"{base_url}/s/{news.beacon_id}",
    }
    if owned is not None:
        beacon |= {"id": owned.status_id, "statusKey": owned.key}
    return _write(
        {
            "type": EVENTS[news.kind],
            "id": message_id(delivery_id),
            "createdAt": _instant(news.made_ms),
            "beacon": beacon,
            "oldValue": news.old_value,
            "value": news.value,
            "colorNo": news.color_no,
            "number": news.number,
            "changedAt": _instant(news.changed_ms),
            "source": news.source or None,
        }
    )


def write_test(delivery_id: int, now_ms: int) -> str:
    """What a webhook gets for a try."""
    return _write(
        {"type": TEST_EVENT, "id": message_id(delivery_id), "createdAt": _instant(now_ms)}
    )


def _write(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _instant(milliseconds: int) -> str:
    return from_ms(milliseconds).isoformat(timespec="milliseconds")[:-6] + "Z"
