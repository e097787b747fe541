"""The shape of the settings: what an operator may decide, with the defaults.

`config.py` fills this once from the environment and a TOML file; nothing else reads either.
Each field is described in docs/operate/settings.md, and a test compares the two both ways.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Sizes and times are in the unit that the name ends with."""

    data_dir: Path
    database_url: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    jobs: bool = True
    registrations: str = "closed"
    rate_limits: bool = True
    title: str = "Stonechat"
    description: str = "A Stonechat server: say what is so now."
    extended_description: str = ""
    contact_email: str = ""
    contact_account: str = ""
    rules: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    default_language: str = "en"
    link_cards: bool = True
    approval_message: str = ""
    metrics_token: str = field(default="", repr=False)
    trusted_proxies: tuple[str, ...] = ()
    fragment_cache_mb: int = 16
    database_pool_size: int = 8
    log_level: str = "info"
    media_store: str = ""
    media_store_key: str = field(default="", repr=False)
    media_store_secret: str = field(default="", repr=False)
    scheduled_statuses_max: int = 300
    scheduled_statuses_per_day_max: int = 50
    community_is_open: bool = True
    community_category_required: bool = False
    community_addressing: str = "ids"
    community_jwt_secret: str = field(default="", repr=False)
    community_password_grant: bool = False
    community_implicit_grant: bool = False
    beacons_max: int = 0
    beacon_api: bool = True
    beacon_links: bool = True
    beacon_lists: bool = True
    beacon_requests_per_hour: int = 0
    beacon_link_days_max: int = 0
    beacon_changes_max: int = 10_000
    beacon_change_days: int = 0

    @property
    def domain(self) -> str:
        """The host, and the port where it is not the usual one, of `base_url`."""
        return self.base_url.partition("://")[2]

    @property
    def is_https(self) -> bool:
        """Whether people reach the server over TLS."""
        return self.base_url.startswith("https://")
