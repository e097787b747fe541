"""Settings, read once: command line over environment over TOML over defaults.

The TOML file is the one that STONECHAT_CONFIG names, else `stonechat.toml` in the data folder.
A setting that is wrong is refused here, with a sentence that says what to write instead;
nothing behind this module looks at the environment. A value is never repeated in a refusal where
it may hold a password.
"""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from stonechat.blobs.buckets import read_bucket
from stonechat.domain import limits
from stonechat.domain.accounts import check_email, check_username
from stonechat.domain.text.hosts import canonical_domain
from stonechat.domain.text.languages import normalise_language
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.settings import Settings

PREFIX: Final = "STONECHAT_"
FILE_NAME: Final = "stonechat.toml"
DATABASE_NAME: Final = "stonechat.db"
FILE_BYTES_MAX: Final = 1 << 20
TEXT_CHARACTERS_MAX: Final = 10_000
TITLE_CHARACTERS_MAX: Final = 200
_TESTS: Final = f"{PREFIX}TEST_"
"""Variables by which our own tests are told what to do."""
_YES: Final = frozenset({"on", "true", "yes", "1"})
_NO: Final = frozenset({"off", "false", "no", "0"})


class WrongSetting(Exception):
    """A setting cannot be used; the text says which, and what to write."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process."""
    given = dict(os.environ if environment is None else environment)
    raw = _read_file(given)
    data_dir = _data_dir(given, raw)
    values: dict[str, Any] = {
        "data_dir": data_dir,
        "database_url": f"sqlite://{data_dir / DATABASE_NAME}",
    }
    raw |= _read_environment(given)
    raw.pop("data_dir", None)
    for name, value in raw.items():
        if name not in _READERS:
            raise WrongSetting(_unknown(name))
        values[name] = _READERS[name](f"{PREFIX}{name.upper()}", value)
    if values.get("port") and "base_url" not in values:
        values["base_url"] = f"http://127.0.0.1:{values['port']}"
    settings = Settings(**values)
    if settings.media_store and not (settings.media_store_key and settings.media_store_secret):
        raise WrongSetting(
            f"{PREFIX}MEDIA_STORE names a bucket: write {PREFIX}MEDIA_STORE_KEY and"
            f" {PREFIX}MEDIA_STORE_SECRET as well."
        )
    return settings


def override(**settings: object) -> None:
    """Let settings of the command line hold for this process and those that it starts."""
    for name, value in settings.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)


def find_file(environment: Mapping[str, str] | None = None) -> Path:
    """Where the TOML file is, or would be."""
    given = dict(os.environ if environment is None else environment)
    named = given.get(f"{PREFIX}CONFIG")
    return Path(named).expanduser() if named else _data_dir(given, {}) / FILE_NAME


def _data_dir(environment: Mapping[str, str], raw: Mapping[str, Any]) -> Path:
    home = environment.get("XDG_DATA_HOME") or "~/.local/share"
    named = environment.get(f"{PREFIX}DATA_DIR") or raw.get("data_dir") or f"{home}/stonechat"
    try:
        # Only here is a relative path taken: whoever types it is standing in that folder.
        return Path.cwd() / Path(_text(f"{PREFIX}DATA_DIR", named)).expanduser()
    except RuntimeError:
        raise WrongSetting(f"{PREFIX}DATA_DIR names a home that nobody has.") from None


def _read_file(environment: Mapping[str, str]) -> dict[str, Any]:
    path = find_file(environment)
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        if environment.get(f"{PREFIX}CONFIG"):
            raise WrongSetting(
                f"{PREFIX}CONFIG names a file that is not there: write a path to one."
            ) from None
        return {}
    except OSError as error:
        raise WrongSetting(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > FILE_BYTES_MAX:
        raise WrongSetting(f"{path} is too large for settings.")
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path} is not valid TOML: {error}.") from None


def _read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says, by field name. An empty variable says nothing."""
    return {
        name: value
        for key, value in environment.items()
        if key.startswith(PREFIX) and not key.startswith(_TESTS) and value
        # These two say where to look for the others.
        if (name := key.removeprefix(PREFIX).lower()) not in ("data_dir", "config")
    }


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, _READERS, 1)
    if close:
        return f"There is no setting {name!r}: did you mean {close[0]}?"
    return f"There is no setting {name!r}. The settings are: {', '.join(sorted(_READERS))}."


def _text(name: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise WrongSetting(f"{name} must be text: write it in quotes.")
    if len(raw) > TEXT_CHARACTERS_MAX or "\0" in raw:
        raise WrongSetting(f"{name} must be at most {TEXT_CHARACTERS_MAX} characters of text.")
    return raw.strip()


def _word(name: str, raw: Any) -> str:
    """A text of one line."""
    word = _text(name, raw)
    if not word or not word.isprintable() or len(word) > TITLE_CHARACTERS_MAX:
        raise WrongSetting(
            f"{name} must be one line of 1 to {TITLE_CHARACTERS_MAX} characters: write it anew."
        )
    return word


def _flag(name: str, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise WrongSetting(f"{name} is {raw!r}: write `on` or `off`.")


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    def read(name: str, raw: Any) -> int:
        try:
            number = int(str(raw))
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise WrongSetting(f"{name} is {raw!r}: write a whole number from {low} to {high}.")
        return number

    return read


def _choice(*words: str) -> Callable[[str, Any], str]:
    def read(name: str, raw: Any) -> str:
        word = str(raw).strip().lower()
        if word not in words:
            raise WrongSetting(f"{name} is {raw!r}: write one of {', '.join(words)}.")
        return word

    return read


def _texts(name: str, raw: Any) -> tuple[str, ...]:
    """A TOML list, or text with one item a line or between commas."""
    if isinstance(raw, str):
        items: list[Any] = raw.split("\n") if "\n" in raw else raw.split(",")
    elif isinstance(raw, list):
        items = cast("list[Any]", raw)
    else:
        raise WrongSetting(f"{name} must be a list of texts.")
    texts = (_text(name, item) for item in items)
    return tuple(text for text in texts if text)


def _split(url: str) -> SplitResult | None:
    """The parts of an address, or None where it is none."""
    try:
        parts = urlsplit(url)
        is_good = parts.port != 0
    except ValueError:
        return None
    return parts if is_good else None


def _database_url(name: str, raw: Any) -> str:
    url = _text(name, raw)
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and not rest.endswith("/"):
        return f"sqlite:///{rest.lstrip('/')}"
    # Not more than that: with several hosts it is a URL to PostgreSQL's own programs alone.
    if scheme in ("postgresql", "postgres") and rest.partition("?")[0].partition("/")[2]:
        return url
    raise WrongSetting(
        f"{name} cannot be used: write sqlite:///ABSOLUTE.db or"
        " postgresql://USER:PASSWORD@HOST/DATABASE."
    )


def _base_url(name: str, raw: Any) -> str:
    url = _text(name, raw).rstrip("/").lower()
    parts = _split(url)
    # Our address goes out in headers, where a host is spelled in ASCII.
    domain = url.partition("://")[2] if url.isascii() else canonical_domain(url.partition("://")[2])
    if (
        parts is None
        or domain is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or not url.isprintable()
        or any((parts.path, parts.query, parts.fragment, parts.username, " " in url))
    ):
        raise WrongSetting(
            f"{name} cannot be used: write the address that people type, such as"
            " https://status.example.org, without a path."
        )
    return f"{parts.scheme}://{domain}"


def _email(name: str, raw: Any) -> str:
    try:
        return check_email(_text(name, raw)) if raw != "" else ""
    except InvalidInput:
        raise WrongSetting(f"{name} is {raw!r}: write an e-mail address.") from None


def _account(name: str, raw: Any) -> str:
    username = _text(name, raw).removeprefix("@")
    try:
        return check_username(username) if username else ""
    except InvalidInput:
        raise WrongSetting(f"{name} is {raw!r}: write the name of an account here.") from None


def _language(name: str, raw: Any) -> str:
    language = normalise_language(_text(name, raw))
    if language is None:
        raise WrongSetting(f"{name} is {raw!r}: write a language code such as en or de.")
    return language


def _languages(name: str, raw: Any) -> tuple[str, ...]:
    return tuple(_language(name, each) for each in _texts(name, raw))


def _networks(name: str, raw: Any) -> tuple[str, ...]:
    networks = _texts(name, raw)
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=True)
        except ValueError:
            raise WrongSetting(
                f"{name} has {network!r}: write addresses or networks such as 127.0.0.1 or"
                " 10.0.0.0/8, with commas between them."
            ) from None
    return networks


def _media_store(name: str, raw: Any) -> str:
    url = _text(name, raw)
    try:
        if url:
            read_bucket(url)
    except InvalidInput as refusal:
        raise WrongSetting(f"{name} cannot be used: {refusal.message}") from None
    return url


def _shared_secret(name: str, raw: Any) -> str:
    secret = _text(name, raw)
    minimum = limits.COMMUNITY_JWT_SECRET_CHARACTERS_MIN
    if secret and len(secret) < minimum:
        raise WrongSetting(f"{name} is too short: write at least {minimum} random characters.")
    return secret


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "database_url": _database_url,
    "base_url": _base_url,
    "host": _word,
    "port": _whole(0, 65535),
    "workers": _whole(1, 64),
    "jobs": _flag,
    "registrations": _choice("open", "approval", "closed"),
    "rate_limits": _flag,
    "title": _word,
    "description": _text,
    "extended_description": _text,
    "contact_email": _email,
    "contact_account": _account,
    "rules": _texts,
    "languages": _languages,
    "default_language": _language,
    "link_cards": _flag,
    "approval_message": _text,
    "metrics_token": _text,
    "trusted_proxies": _networks,
    "fragment_cache_mb": _whole(0, 4096),
    "database_pool_size": _whole(1, 100),
    "log_level": _choice("debug", "info", "warning", "error"),
    "media_store": _media_store,
    "media_store_key": _word,
    "media_store_secret": _word,
    "scheduled_statuses_max": _whole(0, 100_000),
    "scheduled_statuses_per_day_max": _whole(0, 100_000),
    "community_is_open": _flag,
    "community_category_required": _flag,
    "community_addressing": _choice("ids", "tags"),
    "community_jwt_secret": _shared_secret,
    "community_password_grant": _flag,
    "community_implicit_grant": _flag,
    "beacons_max": _whole(0, 1_000_000),
    "beacon_api": _flag,
    "beacon_links": _flag,
    "beacon_lists": _flag,
    "beacon_requests_per_hour": _whole(0, 10_000_000),
    "beacon_link_days_max": _whole(0, 36_500),
    "beacon_changes_max": _whole(0, 10_000_000),
    "beacon_change_days": _whole(0, 36_500),
}
assert {each.name for each in fields(Settings)} == {*_READERS, "data_dir"}
