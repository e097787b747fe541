"""Settings: where they are read from, what is refused, and what the page says of them."""

import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from stonechat.config import WrongSetting, find_file, override, read_settings
from stonechat.kernel.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "operate" / "settings.md"
ROW = re.compile(r"^\| `STONECHAT_(\w+)` \| `(\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
COMPUTED = {"data_dir", "database_url", "base_url"}
"""Settings whose default depends on the machine or on another setting."""


def given(tmp_path: Path, **environment: str) -> Settings:
    return read_settings({"STONECHAT_DATA_DIR": str(tmp_path), **environment})


def refused(tmp_path: Path, **environment: str) -> str:
    with pytest.raises(WrongSetting) as refusal:
        given(tmp_path, **environment)
    return str(refusal.value)


def write(tmp_path: Path, text: str, name: str = "stonechat.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# Where they come from -----------------------------------------------------------------------


def test_without_a_word_they_are_the_defaults(tmp_path: Path) -> None:
    assert given(tmp_path) == Settings(tmp_path, f"sqlite://{tmp_path}/stonechat.db")


def test_the_data_folder_is_where_data_folders_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/anna")
    assert read_settings({}).data_dir == Path("/srv/anna/.local/share/stonechat")
    assert read_settings({"XDG_DATA_HOME": "/x"}).data_dir == Path("/x/stonechat")
    assert read_settings({"STONECHAT_DATA_DIR": "~/here"}).data_dir == Path("/srv/anna/here")
    relative = read_settings({"STONECHAT_DATA_DIR": "here"})
    assert relative.data_dir == Path.cwd() / "here"
    assert relative.database_url == f"sqlite://{Path.cwd()}/here/stonechat.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'title = "File"\nport = 9000\nrate_limits = false\nrules = ["a, b", "c"]')
    settings = given(tmp_path, STONECHAT_TITLE="Environment", STONECHAT_PORT="")
    assert settings.title == "Environment"
    assert (settings.port, settings.rate_limits, settings.rules) == (9000, False, ("a, b", "c"))


def test_another_file_may_be_named_and_may_name_the_data_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "data"
    path = write(tmp_path, f'data_dir = "{elsewhere}"\ntitle = "Named"', "other.toml")
    settings = read_settings({"STONECHAT_CONFIG": str(path)})
    assert (settings.data_dir, settings.title) == (elsewhere, "Named")
    assert find_file({"STONECHAT_CONFIG": str(path)}) == path
    assert find_file({"STONECHAT_DATA_DIR": str(tmp_path)}) == tmp_path / "stonechat.toml"


def test_the_process_is_asked_where_nothing_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONECHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("STONECHAT_PORT", "1")
    monkeypatch.setenv("STONECHAT_HOST", "127.0.0.1")
    override(port=7000, host=None)
    assert (read_settings().port, read_settings().host) == (7000, "127.0.0.1")
    assert find_file() == tmp_path / "stonechat.toml"


def test_what_tests_are_told_is_no_setting(tmp_path: Path) -> None:
    assert given(tmp_path, STONECHAT_TEST_POSTGRES_URL="x", OTHER="y") == given(tmp_path)


# What they become ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("base_url", "HTTPS://Status.Example.org/", "https://status.example.org"),
        ("base_url", "http://[::1]:8080", "http://[::1]:8080"),
        ("database_url", "sqlite:////srv/x.db", "sqlite:///srv/x.db"),
        ("database_url", "postgresql://a:b@h1:1,h2:2/db", "postgresql://a:b@h1:1,h2:2/db"),
        ("database_url", "postgres:///db?host=/run", "postgres:///db?host=/run"),
        ("registrations", " Open ", "open"),
        ("rate_limits", "OFF", False),
        ("rate_limits", "1", True),
        ("rules", "be kind, always\nno ads\n\n", ("be kind, always", "no ads")),
        ("rules", "one,two", ("one", "two")),
        ("languages", "de, en-GB", ("de", "en")),
        ("default_language", "DE", "de"),
        ("trusted_proxies", "127.0.0.1, 10.0.0.0/8", ("127.0.0.1", "10.0.0.0/8")),
        ("contact_account", "@anna", "anna"),
        ("contact_email", "anna@example.org", "anna@example.org"),
        ("fragment_cache_mb", "0", 0),
        ("media_store_key", " our-key ", "our-key"),
    ],
)
def test_a_value_is_read_as_it_is_meant(
    name: str, value: str, expected: object, tmp_path: Path
) -> None:
    settings = given(tmp_path, **{f"STONECHAT_{name.upper()}": value})
    assert getattr(settings, name) == expected


def test_a_bucket_is_named_with_its_key_and_secret(tmp_path: Path) -> None:
    settings = given(
        tmp_path,
        STONECHAT_MEDIA_STORE=" s3://town/files?endpoint=https://s3.example.org ",
        STONECHAT_MEDIA_STORE_KEY="key",
        STONECHAT_MEDIA_STORE_SECRET="secret",
    )
    assert settings.media_store == "s3://town/files?endpoint=https://s3.example.org"
    assert (settings.media_store_key, settings.media_store_secret) == ("key", "secret")


@pytest.mark.parametrize("lacking", ["KEY", "SECRET"])
def test_a_bucket_without_a_key_or_its_secret_is_refused(lacking: str, tmp_path: Path) -> None:
    environment = {
        "STONECHAT_MEDIA_STORE": "s3://town?region=eu-west-1",
        "STONECHAT_MEDIA_STORE_KEY": "hush",
        "STONECHAT_MEDIA_STORE_SECRET": "hush",
    }
    del environment[f"STONECHAT_MEDIA_STORE_{lacking}"]
    told = refused(tmp_path, **environment)
    assert told.startswith("STONECHAT_MEDIA_STORE names a bucket: write STONECHAT_MEDIA_STORE_KEY")
    assert "hush" not in told


def test_an_empty_line_for_the_bucket_is_the_data_folder(tmp_path: Path) -> None:
    write(tmp_path, 'media_store = ""')
    assert given(tmp_path).media_store == ""


def test_a_secret_that_is_shared_is_long_and_never_repeated(tmp_path: Path) -> None:
    told = refused(tmp_path, STONECHAT_COMMUNITY_JWT_SECRET="x" * 31)
    assert told.startswith("STONECHAT_COMMUNITY_JWT_SECRET is too short: write at least 32")
    assert "xxx" not in told
    secret = "hush" * 8
    settings = given(tmp_path, STONECHAT_COMMUNITY_JWT_SECRET=f" {secret} ")
    assert settings.community_jwt_secret == secret
    assert "hush" not in repr(settings)
    write(tmp_path, 'community_jwt_secret = ""')
    assert given(tmp_path).community_jwt_secret == ""


def test_the_base_url_follows_the_port(tmp_path: Path) -> None:
    assert given(tmp_path, STONECHAT_PORT="9000").base_url == "http://127.0.0.1:9000"
    both = {"STONECHAT_PORT": "9000", "STONECHAT_BASE_URL": "https://status.example.org"}
    assert given(tmp_path, **both).base_url == "https://status.example.org"


def test_settings_never_show_a_password(tmp_path: Path) -> None:
    """[S141]"""
    settings = given(
        tmp_path,
        STONECHAT_DATABASE_URL="postgresql://me:hush@h/db",
        STONECHAT_METRICS_TOKEN="hush",
        STONECHAT_MEDIA_STORE_KEY="hush",
        STONECHAT_MEDIA_STORE_SECRET="hush",
    )
    assert "hush" not in repr(settings)


# What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "STONECHAT_PORT is 'eighty': write a whole number from 0 to 65535."),
        ("PORT", "65536", "write a whole number from 0 to 65535."),
        ("WORKERS", "0", "write a whole number from 1 to 64."),
        ("RATE_LIMITS", "maybe", "STONECHAT_RATE_LIMITS is 'maybe': write `on` or `off`."),
        ("REGISTRATIONS", "yes", "write one of open, approval, closed."),
        ("LOG_LEVEL", "loud", "write one of debug, info, warning, error."),
        ("BASE_URL", "status.example.org", "write the address that people type"),
        ("BASE_URL", "https://example.org/path", "without a path."),
        ("BASE_URL", "https://me@example.org", "write the address"),
        ("BASE_URL", "https://example.org:0", "write the address"),
        ("BASE_URL", "https://exa mple.org", "write the address"),
        ("BASE_URL", "https://[::1", "write the address"),
        ("BASE_URL", "ftp://example.org", "write the address"),
        ("DATABASE_URL", "sqlite://relative.db", "write sqlite:///ABSOLUTE.db or"),
        ("DATABASE_URL", "sqlite:///", "write sqlite:///ABSOLUTE.db or"),
        ("DATABASE_URL", "sqlite:///srv/", "write sqlite:///ABSOLUTE.db or"),
        ("DATABASE_URL", "postgresql://me:hush@host", "postgresql://USER:PASSWORD@HOST/DATABASE."),
        ("DATABASE_URL", "postgresql://me:hush@host/?a=/b", "write sqlite:///ABSOLUTE.db or"),
        ("HOST", "two\nlines", "must be one line of 1 to 200 characters"),
        ("TITLE", "x" * 201, "must be one line"),
        ("DESCRIPTION", "x" * 10_001, "must be at most 10000 characters"),
        ("CONTACT_EMAIL", "anna", "write an e-mail address."),
        ("CONTACT_ACCOUNT", "anna@example.org", "write the name of an account here."),
        ("DEFAULT_LANGUAGE", "klingon!", "write a language code such as en or de."),
        ("LANGUAGES", "en, ???", "write a language code"),
        ("TRUSTED_PROXIES", "proxy.example.org", "write addresses or networks such as"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "write addresses or networks such as"),
        ("MEDIA_STORE", "town", "STONECHAT_MEDIA_STORE cannot be used: it is no address of a"),
        ("MEDIA_STORE", "s3://me:hush@town", "keys are settings of their own."),
        ("MEDIA_STORE", "s3://town", "Write s3://BUCKET/PREFIX?endpoint=https://HOST&region="),
        ("MEDIA_STORE", "s3://town?endpoint=http://example.org", "its endpoint must be https,"),
        ("MEDIA_STORE_KEY", "hush\nhush", "must be one line of 1 to 200 characters"),
        ("MEDIA_STORE_SECRET", "hush" * 51, "must be one line of 1 to 200 characters"),
        ("TITEL", "x", "There is no setting 'titel': did you mean title?"),
        ("QQQ", "x", "The settings are: approval_message, base_url,"),
        ("DATA_DIR", "~nobody-has-this-name/x", "names a home that nobody has."),
        ("CONFIG", "/nowhere/x.toml", "names a file that is not there: write a path to one."),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_write(
    name: str, value: str, sentence: str, tmp_path: Path
) -> None:
    told = refused(tmp_path, **{f"STONECHAT_{name}": value})
    assert sentence in told
    assert "hush" not in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "is not valid TOML"),
        ("title = 5", "STONECHAT_TITLE must be text: write it in quotes."),
        ("port = true", "write a whole number"),
        ("rules = 5", "STONECHAT_RULES must be a list of texts."),
        ("rules = [5]", "STONECHAT_RULES must be text"),
        ("contact_email = 0", "STONECHAT_CONTACT_EMAIL must be text"),
        ("[server]\nport = 1", "There is no setting 'server'."),
        ("x = '" + "y" * (1 << 20) + "'", "is too large for settings."),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_write(
    text: str, sentence: str, tmp_path: Path
) -> None:
    write(tmp_path, text)
    assert sentence in refused(tmp_path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stonechat.toml").mkdir()
    assert "stonechat.toml cannot be read: Is a directory." in refused(tmp_path)
    (tmp_path / "stonechat.toml").rmdir()
    (tmp_path / "stonechat.toml").write_bytes(b"title = '\xff'")
    assert "is not valid TOML" in refused(tmp_path)


# What the page says -------------------------------------------------------------------------


def described() -> dict[str, tuple[str, str]]:
    """Default and meaning of each setting, as the page has them."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert all(environment.lower() == toml for environment, toml, _, _ in found)
    return {toml: (default, meaning) for _, toml, default, meaning in found}


def as_written(value: Any) -> str:
    match value:
        case bool():
            return "`on`" if value else "`off`"
        case "" | ():
            return "empty"
        case tuple():
            return f"`{', '.join(value)}`"
        case _:
            return f"`{value}`"


def test_the_page_describes_every_setting_and_no_other() -> None:
    assert described().keys() == {field.name for field in fields(Settings)}
    assert all(meaning.endswith(".") for _, meaning in described().values())


def test_the_page_tells_the_defaults() -> None:
    told = {name: default for name, (default, _) in described().items() if name not in COMPUTED}
    real = {
        field.name: as_written(field.default)
        for field in fields(Settings)
        if field.name not in COMPUTED and field.default is not MISSING
    }
    assert told == real


def test_a_page_that_lacks_a_setting_is_caught(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    shorter = tmp_path / "settings.md"
    shorter.write_text("\n".join(line for line in lines if "STONECHAT_TITLE`" not in line))
    monkeypatch.setitem(globals(), "PAGE", shorter)
    assert "title" not in described()


def test_the_example_of_the_page_is_taken(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    write(tmp_path, example[1])
    settings = given(tmp_path)
    assert (settings.title, len(settings.rules)) == ("Our town", 2)
