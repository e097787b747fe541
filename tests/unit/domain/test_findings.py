"""What the doctor says of settings that fit badly together, and of modes of files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stonechat.domain.findings import FAULT, HINT, OK, Finding, judge_mode, judge_settings
from stonechat.kernel.settings import Settings

HOME = Settings(Path("/data"), "sqlite:///data/x.db")
PUBLIC = replace(
    HOME,
    base_url="https://status.example.org",
    trusted_proxies=("127.0.0.1",),
    contact_email="anna@example.org",
)


@pytest.mark.parametrize("settings", [HOME, PUBLIC])
def test_settings_that_fit_together(settings: Settings) -> None:
    assert judge_settings(settings) == [Finding(OK, "settings", "They fit together.")]


@pytest.mark.parametrize(
    ("settings", "change", "sentence"),
    [
        (PUBLIC, {"base_url": "http://status.example.org"}, "STONECHAT_BASE_URL begins with http"),
        (PUBLIC, {"trusted_proxies": ()}, "STONECHAT_TRUSTED_PROXIES is empty"),
        (PUBLIC, {"contact_email": ""}, "STONECHAT_CONTACT_EMAIL is empty"),
        (HOME, {"host": "0.0.0.0"}, "STONECHAT_HOST lets other machines in"),
        (HOME, {"registrations": "open", "rate_limits": False}, "Write STONECHAT_RATE_LIMITS=on."),
    ],
)
def test_settings_that_do_not(settings: Settings, change: dict[str, Any], sentence: str) -> None:
    (hint,) = judge_settings(replace(settings, **change))
    assert (hint.level, hint.about) == (HINT, "settings")
    assert sentence in hint.sentence


def test_a_file_is_for_its_owner_alone() -> None:
    assert judge_mode("/data/x.db", 0o100600) is None
    fault = judge_mode("/data/x.db", 0o100644)
    assert fault == Finding(
        FAULT, "files", "Others may read /data/x.db (mode 644): chmod go= /data/x.db"
    )
