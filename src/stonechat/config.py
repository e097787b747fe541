"""Settings, read once: environment over TOML over defaults.

The TOML file is the one that STONECHAT_CONFIG names, else `stonechat.toml` in the data folder.
A setting that is wrong is refused here, with a sentence that says what to write instead;
nothing behind this module looks at the environment.
"""

import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from stonechat.domain.text.languages import normalise_language
from stonechat.kernel.settings import Settings

PREFIX: Final = "STONECHAT_"
FILE_NAME: Final = "stonechat.toml"
DATABASE_NAME: Final = "stonechat.db"
_YES: Final = frozenset({"on", "true", "yes", "1"})
_NO: Final = frozenset({"off", "false", "no", "0"})


class WrongSetting(Exception):
    """A setting cannot be used; the text says which, and what to write."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process."""
    given = dict(os.environ if environment is None else environment)
    data_dir = Path(given.get(f"{PREFIX}DATA_DIR") or _default_data_dir(given)).expanduser()
    if not data_dir.is_absolute():
        data_dir = Path.cwd() / data_dir
    values: dict[str, Any] = {
        "data_dir": data_dir,
        "database_url": f"sqlite:///{data_dir / DATABASE_NAME}",
    }
    for name, raw in _raw_values(given, data_dir).items():
        values[name] = _READERS[name](f"{PREFIX}{name.upper()}", raw)
    return Settings(**values)


def _default_data_dir(environment: Mapping[str, str]) -> str:
    home = environment.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return f"{home}/stonechat"


def _raw_values(environment: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    """What the file and the environment say, by field name; unknown names are refused."""
    path = Path(environment.get(f"{PREFIX}CONFIG") or data_dir / FILE_NAME)
    raw: dict[str, Any] = {}
    if path.is_file():
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WrongSetting(f"{path.name} is not valid TOML: {error}.") from None
    elif f"{PREFIX}CONFIG" in environment:
        raise WrongSetting(f"{PREFIX}CONFIG names a file that is not there: write a path to one.")
    for key, value in environment.items():
        name = key.removeprefix(PREFIX).lower()
        if key.startswith(PREFIX) and name not in ("data_dir", "config") and value:
            raw[name] = value
    for name in raw:
        if name not in _READERS:
            known = ", ".join(sorted(_READERS))
            raise WrongSetting(f"There is no setting {name!r}. The settings are: {known}.")
    return raw


def _text(name: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise WrongSetting(f"{name} must be text: write it in quotes.")
    return raw.strip()


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
        if raw not in words:
            raise WrongSetting(f"{name} is {raw!r}: write one of {', '.join(words)}.")
        return str(raw)

    return read


def _texts(name: str, raw: Any) -> tuple[str, ...]:
    """A TOML list, or text with one item a line or between commas."""
    if isinstance(raw, str):
        items = raw.split("\n") if "\n" in raw else raw.split(",")
    elif isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        items = raw
    else:
        raise WrongSetting(f"{name} must be a list of texts.")
    return tuple(item.strip() for item in items if item.strip())


def _database_url(name: str, raw: Any) -> str:
    url = _text(name, raw)
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return url
    if scheme in ("postgresql", "postgres") and urlsplit(url).path.strip("/"):
        return url
    raise WrongSetting(
        f"{name} cannot be used: write sqlite:///ABSOLUTE.db or"
        " postgresql://USER:PASSWORD@HOST/DATABASE."
    )


def _base_url(name: str, raw: Any) -> str:
    url = _text(name, raw).rstrip("/")
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good, parts = False, urlsplit("")
    if not is_good or parts.path or parts.query or parts.fragment or parts.username:
        raise WrongSetting(
            f"{name} is {raw!r}: write the address that people type, such as"
            " https://status.example.org, without a path."
        )
    return url.lower()


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
            ipaddress.ip_network(network)
        except ValueError:
            raise WrongSetting(
                f"{name} has {network!r}: write addresses or networks such as 127.0.0.1 or"
                " 10.0.0.0/8, with commas between them."
            ) from None
    return networks


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "database_url": _database_url,
    "base_url": _base_url,
    "host": _text,
    "port": _whole(0, 65535),
    "workers": _whole(1, 64),
    "registrations": _choice("open", "approval", "closed"),
    "rate_limits": _flag,
    "title": _text,
    "description": _text,
    "extended_description": _text,
    "contact_email": _text,
    "contact_account": _text,
    "rules": _texts,
    "languages": _languages,
    "default_language": _language,
    "approval_message": _text,
    "metrics_token": _text,
    "trusted_proxies": _networks,
    "fragment_cache_mb": _whole(0, 4096),
    "database_pool_size": _whole(1, 100),
    "log_level": _choice("debug", "info", "warning", "error"),
}
assert {each.name for each in fields(Settings)} == {*_READERS, "data_dir"}
