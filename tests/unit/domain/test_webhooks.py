"""Webhooks: where they may lead, what signs them, and how long a failure waits."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain import limits
from stonechat.domain.webhooks import (
    RETRY_FIRST_MS,
    RETRY_MAX_MS,
    RETRY_SPREAD,
    SECRET_BYTES,
    new_signing_secret,
    read_url,
    sign,
    wait_ms,
)
from stonechat.kernel.errors import InvalidInput

DOMAIN = "stonechat.test:8080"


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, made by others."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_is_another_one_and_long_enough() -> None:
    made = {new_signing_secret() for _ in range(100)}
    assert len(made) == 100
    for each in made:
        key = base64.b64decode(each.removeprefix("whsec_"), validate=True)
        assert len(key) == SECRET_BYTES


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://hooks.example/a?b=c#d", "https://hooks.example/a?b=c"),
        ("HTTP://Hooks.Example", "http://hooks.example/"),
        ("https://8.8.8.8/hook", "https://8.8.8.8/hook"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(url: str, kept: str) -> None:
    assert read_url(url, DOMAIN) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://hooks.example/",
        "hooks.example/hook",
        "https://user:secret@hooks.example/",
        "https://hooks.example:8443/",
        "http://localhost/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.1.2.3/",
        "http://printer/",
        "http://service.internal/",
        "http://stonechat.test/",
        "https://STONECHAT.test./",
        "https://hooks.example/\n",
        "https://hooks.example/" + "a" * limits.WEBHOOK_URL_CHARACTERS_MAX,
        "https://hooks.example/" + "ä" * (limits.WEBHOOK_URL_CHARACTERS_MAX // 6),
    ],
)
def test_nothing_leads_inside_or_nowhere(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_url(url, DOMAIN)
    assert refused.value.field == "url"


@given(tries=st.integers(1, 10_000), share=st.floats(0, 1))
def test_waits_double_up_to_an_hour(tries: int, share: float) -> None:
    longest = min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_MAX_MS)
    assert longest * (1 - RETRY_SPREAD) - 1 <= wait_ms(tries, share) <= longest
