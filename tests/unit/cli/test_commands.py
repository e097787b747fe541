"""What commands print where, and how they refuse. Real processes are in tests/e2e."""

import re
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from stonechat import __version__
from stonechat.cli import commands
from stonechat.kernel.errors import Unavailable
from tests import bucket_server as buckets
from tests.unit.cli.terminal import Keyboard, Terminal

PAGE = Path(__file__).parents[3] / "docs" / "operate" / "command-line.md"
NOUNS = ("account", "token", "key", "jobs")
SECRET = re.compile(r"[\w-]{43}\n")


def test_an_account_is_made_and_told_as_one_object(terminal: Terminal) -> None:
    words = ("--email", "anna@example.org", "--password", "long enough")
    done = terminal.run("account", "create", "Anna", *words, "--role", "owner")
    assert done.code == 0
    (answer,) = done.rows
    assert answer == {"id": answer["id"], "username": "Anna"}
    assert answer["id"].isdecimal()
    assert done.err == ""


def test_a_password_that_nobody_chose_is_told_once(terminal: Terminal) -> None:
    (answer,) = terminal.run("account", "create", "anna", "--email", "a@example.org").rows
    assert answer.keys() == {"id", "username", "password"}
    assert re.fullmatch(r"[\w-]{20}", answer["password"])


def test_a_password_is_read_from_standard_input_where_nobody_else_sees_it(
    terminal: Terminal,
) -> None:
    words = ("account", "create", "anna", "--email", "a@example.org", "--password", "-")
    assert terminal.run(*words, stdin="a password typed in\n").code == 0
    refused = terminal.run("account", "password", "anna", "--password", "-", stdin="short\n")
    assert refused.refusal == "Password is too short (minimum is 8 characters)"
    for password in ("-begins so", "none", "null"):
        words = ("account", "password", "anna", "--password", password * 2)
        assert (terminal.run(*words).code, terminal.run(*words).out) == (0, "")


def test_what_is_done_to_accounts_is_logged_without_names_and_secrets(terminal: Terminal) -> None:
    """[S141]"""
    account_id = int(terminal.account("anna"))
    done = [
        terminal.run("account", "role", "anna", "admin"),
        terminal.run("account", "password", "anna"),
        terminal.run("account", "suspend", "anna"),
        terminal.run("account", "enable", "@anna"),
        terminal.run("account", "delete", "anna", "--yes"),
    ]
    lines = [line for each in done for line in each.log]
    assert [line["event"] for line in lines] == [
        "account.role_changed",
        "account.password_changed",
        "account.state_changed",
        "account.state_changed",
        "account.deleted",
    ]
    assert {line["account_id"] for line in lines} == {account_id}
    password = done[1].out.strip()
    assert len(password) == 20
    assert not any(secret in each.err for each in done for secret in ("anna", password))


def test_accounts_are_listed_as_lines_of_json(terminal: Terminal) -> None:
    terminal.account("anna", "--role", "owner")
    terminal.account("bert")
    anna, bert = terminal.run("account", "list").rows
    assert anna.keys() == {
        "id",
        "username",
        "role",
        "state",
        "email",
        "statuses",
        "followers",
        "created_at",
    }
    assert (anna["role"], bert["role"]) == ("owner", "user")
    assert bert["email"] == "bert@example.org"


def test_accounts_are_listed_as_a_table_at_a_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.account("anna")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    table = terminal.run("account", "list").out
    assert "anna" in table
    assert "e-mail" in table
    assert "{" not in table


def test_a_token_and_a_key_stand_alone_on_standard_output(terminal: Terminal) -> None:
    terminal.account("anna")
    words = ("key", "create", "anna", "--label", "door sensor", "--days", "7")
    for begin, each in (("", ("token", "create", "anna", "--scopes", "read")), ("sck_", words)):
        done = terminal.run(*each)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(begin)
        assert SECRET.fullmatch(done.out.removeprefix(begin))


def test_keys_are_listed_with_what_their_owner_knows_them_by(terminal: Terminal) -> None:
    terminal.account("anna")
    words = ("key", "create", "anna", "--label", "door sensor", "--days", "7")
    first, second = terminal.run(*words).out.strip(), terminal.run("key", "create", "anna").out
    terminal.run("token", "create", "anna")
    labelled, plain = terminal.run("key", "list", "anna").rows
    assert (labelled["label"], labelled["hint"]) == ("door sensor", first[:8])
    assert (plain["label"], plain["hint"], plain["expires_at"]) == ("", second[:8], None)
    lasts = datetime.fromisoformat(labelled["expires_at"]) - datetime.fromisoformat(
        labelled["created_at"]
    )
    assert lasts == timedelta(days=7)
    assert labelled["used_at"] is None
    in_all = terminal.run("token", "list", "anna").rows
    assert [(row["kind"], row["label"]) for row in in_all] == [
        ("key", "door sensor"),
        ("key", ""),
        ("person", ""),
    ]
    assert terminal.run("key", "revoke", labelled["id"]).code == 0
    assert terminal.run("key", "revoke", second.strip()).code == 0
    assert terminal.run("key", "list", "anna").rows == []
    refused = terminal.run("key", "create", "anna", "--days", "3661")
    assert refused.refusal == "The days have to be from 1 to 3660"


def test_tokens_are_listed_and_revoked_by_id_and_by_themselves(terminal: Terminal) -> None:
    terminal.account("anna")
    first, second = (terminal.run("token", "create", "anna").out.strip() for _ in range(2))
    terminal.run("key", "create", "anna")
    listed = terminal.run("token", "list", "anna")
    assert [row["scopes"] for row in listed.rows] == ["read write follow push"] * 2 + [""]
    assert [row["kind"] for row in listed.rows] == ["person", "person", "key"]
    assert first not in listed.out
    assert terminal.run("token", "revoke", listed.rows[0]["id"]).code == 0
    assert terminal.run("token", "revoke", second).code == 0
    assert [row["kind"] for row in terminal.run("token", "list", "anna").rows] == ["key"]
    sentence = "There is no such token, or it was revoked before."
    assert terminal.run("token", "revoke", second).refusal == sentence
    assert terminal.run("token", "revoke", "-begins-so").refusal == sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nonsense"], "Unknown command"),
        (["account", "create", "anna"], "--email"),
        (["account", "create", "a b", "--email", "a@b.org", "--password", "12345678"], "letters"),
        (["account", "create", "anna", "--email", "a", "--password", "12345678"], "E-mail"),
        (["account", "create", "anna", "--email", "a@b.org", "--password", "1"], "Password"),
        (["account", "role", "anna", "king"], "write one of user, moderator, admin, owner"),
        (["account", "disable", "nobody"], "There is no account named nobody."),
        (["account", "delete", "nobody"], "This cannot be undone: say --yes."),
        (["account", "delete", "nobody", "--yes"], "There is no account named nobody."),
        (["token", "create", "nobody"], "There is no account named nobody."),
        (["token", "create", "nobody", "--scopes", "all"], "There is no scope 'all'"),
        (["token", "list", "nobody"], "There is no account named nobody."),
        (["restore", "nothing.stonechat"], "nothing.stonechat: No such file or directory"),
        (["restore", "/dev/null"], "/dev/null is no backup of Stonechat's"),
        (["backup", "/proc/nowhere/file"], "No such file or directory"),
        (["serve", "--port", "99999"], "STONECHAT_PORT is '99999': write a whole number"),
        (["serve", "--port", "x"], "--port"),
        (["serve", "--workers", "0"], "STONECHAT_WORKERS"),
        (["serve", "--host", "no.such.host.invalid", "--port", "0"], "the name of no machine"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_1(
    words: list[str], sentence: str, terminal: Terminal
) -> None:
    terminal.set("STONECHAT_PORT", "8000")  # which `serve` overrides
    terminal.set("STONECHAT_WORKERS", "1")
    terminal.set("STONECHAT_HOST", "127.0.0.1")
    assert sentence in terminal.run(*words).refusal


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STONECHAT_REGISTRATIONS", "maybe", "write one of open, approval, closed."),
        ("STONECHAT_REGISTRATION", "open", "did you mean registrations?"),
        ("STONECHAT_DATABASE_URL", "postgresql://me:hush@127.0.0.1:1/no", "PostgreSQL cannot be"),
        ("STONECHAT_DATABASE_URL", "sqlite:///proc/none.db", "/proc/none.db cannot be opened"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_to_write(
    name: str, value: str, sentence: str, terminal: Terminal
) -> None:
    terminal.set("STONECHAT_PORT", "0")
    terminal.set(name, value)
    for words in (["serve"], ["account", "list"], ["backup", "file"]):
        told = terminal.run(*words).refusal
        assert sentence in told
        assert "hush" not in told


def test_an_account_with_a_name_that_is_taken(terminal: Terminal) -> None:
    terminal.account("anna")
    words = ("--email", "x@example.org", "--password", "long enough")
    assert "already been taken" in terminal.run("account", "create", "ANNA", *words).refusal


@pytest.mark.parametrize("answer", ["n", "", "yes", "Y"])
def test_at_a_terminal_a_deletion_is_asked_about(answer: str, terminal: Terminal) -> None:
    terminal.account("anna")
    done = terminal.run("account", "delete", "anna", stdin=Keyboard(answer + "\n"))
    assert done.err.startswith("Delete anna and everything that they said, for good? [y/N] ")
    assert done.code == (0 if answer in ("yes", "Y") else 1)
    (row,) = terminal.run("account", "list").rows
    assert row["state"] == ("deleted" if done.code == 0 else "active")


def test_help_and_version(terminal: Terminal) -> None:
    assert terminal.run("--version").out == f"{__version__}\n"
    told = terminal.run("--help").out
    for name in ("serve", "account", "token", "key", "migrate", "backup", "restore", "doctor"):
        assert name in told
    assert "approve" in terminal.run("account", "--help").out


def test_the_page_tells_every_command_and_no_other(terminal: Terminal) -> None:
    page = PAGE.read_text(encoding="utf-8")
    nouns = {noun: re.findall(rf"^\| `{noun} (\w+)", page, re.MULTILINE) for noun in NOUNS}
    for noun, verbs in nouns.items():
        told = terminal.run(noun, "--help").out
        assert sorted(verbs) == sorted(re.findall(r"^│ (\w+) ", told, re.MULTILINE))
    alone = set(re.findall(r"^\| `(\w+)[ `]", page, re.MULTILINE)) - set(NOUNS)
    told = terminal.run("--help").out
    assert alone | {*NOUNS, "serve", "worker"} == set(re.findall(r"^│ (\w+) ", told, re.MULTILINE))


def test_the_doctor_finds_and_mends_and_says_so_by_its_exit_code(terminal: Terminal) -> None:
    untouched = terminal.run("doctor")
    assert untouched.code == 0
    assert not terminal.data_dir.exists()
    terminal.account("anna")
    assert terminal.run("doctor").code == 0
    database = sqlite3.connect(terminal.data_dir / "stonechat.db")
    database.execute("UPDATE account_counters SET statuses = 7")
    database.commit()
    database.close()
    found = terminal.run("doctor")
    assert found.code == 1
    assert "FAULT counters: 1 accounts have wrong counters: run `stonechat doctor --fix`." in (
        found.out.splitlines()
    )
    assert terminal.run("doctor", "--fix").code == 0
    assert terminal.run("doctor").code == 0
    terminal.set("STONECHAT_PORT", "none")
    wrong = terminal.run("doctor")
    assert (wrong.code, wrong.out.splitlines()) == (
        1,
        ["FAULT settings: STONECHAT_PORT is 'none': write a whole number from 0 to 65535."],
    )


def test_backup_and_restore_say_what_they_did(terminal: Terminal, tmp_path: Path) -> None:
    terminal.account("anna")
    archive = str(tmp_path / "site.stonechat")
    assert re.fullmatch(
        rf"\d+ rows and 0 files are in {archive}\.\n", terminal.run("backup", archive).err
    )
    terminal.account("bert")
    assert "came out of" in terminal.run("restore", archive).err
    assert [row["username"] for row in terminal.run("account", "list").rows] == ["anna"]


def test_a_bucket_that_is_not_there_is_told_in_a_sentence(
    terminal: Terminal, tmp_path: Path, bucket_server: buckets.BucketServer
) -> None:
    """[S141]"""
    terminal.set("STONECHAT_MEDIA_STORE", bucket_server.line("nobodys-bucket"))
    terminal.set("STONECHAT_MEDIA_STORE_KEY", buckets.KEY)
    terminal.set("STONECHAT_MEDIA_STORE_SECRET", buckets.SECRET)
    backup = terminal.run("backup", str(tmp_path / "site"))
    assert backup.refusal == "Files cannot be reached: there is no such bucket"
    told = [line["reason"] for line in backup.log if line["event"] == "store.failed"]
    assert told == ["there is no such bucket"]
    doctor = terminal.run("doctor")
    assert doctor.code == 1
    assert (
        "FAULT store: Files cannot be kept: there is no such bucket. Look at STONECHAT_MEDIA_STORE,"
        " its key and its secret."
    ) in doctor.out.splitlines()
    assert buckets.SECRET not in backup.err + doctor.out + doctor.err
    terminal.set("STONECHAT_MEDIA_STORE", bucket_server.create())
    assert terminal.run("doctor").code == 0
    assert terminal.run("backup", str(tmp_path / "site")).code == 0


def test_a_backup_before_the_first_start_is_a_backup_of_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    archive = str(tmp_path / "empty")
    assert terminal.run("backup", archive).code == 0
    assert terminal.run("restore", archive).code == 0
    assert terminal.run("account", "list").out == ""


def test_migrate_says_what_it_does_and_then_that_nothing_is_left(terminal: Terminal) -> None:
    first, second = terminal.run("migrate"), terminal.run("migrate")
    assert first.err.startswith("0001_foundation.pre (1 of ")
    assert (second.code, second.out, second.err) == (0, "", "The schema is up to date.\n")


def test_a_server_without_a_number_for_its_ids_does_not_start(terminal: Terminal) -> None:
    terminal.run("migrate")
    terminal.set("STONECHAT_PORT", "0")
    database = sqlite3.connect(terminal.data_dir / "stonechat.db")
    taken = [(number,) for number in range(256)]
    database.executemany("INSERT INTO processes VALUES (?, 'somebody', 9999999999999)", taken)
    database.commit()
    database.close()
    assert "Every process number is taken" in terminal.run("serve").refusal


def _raise(error: BaseException) -> Callable[[list[str]], None]:
    def fail(words: list[str]) -> None:
        del words
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Unavailable(reason="busy"), 1, "stonechat: The database does not answer: busy\n"),
        (Unavailable("A sentence."), 1, "stonechat: A sentence.\n"),
        (
            OSError(28, "No space left on device", "/x"),
            1,
            "stonechat: /x: No space left on device\n",
        ),
        (OSError("odd"), 1, "stonechat: odd\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_whatever_a_command_meets_is_told_in_a_sentence(
    error: BaseException,
    code: int,
    told: str,
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "app", _raise(error))
    done = terminal.run()
    assert (done.code, done.out, done.err) == (code, "", told)


def test_what_nobody_foresaw_is_told_by_its_place_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(commands, "app", _raise(ValueError("a secret")))
    with pytest.raises(ValueError, match="a secret") as raised:
        commands.main()
    sys.excepthook(raised.type, raised.value, raised.tb)
    assert re.fullmatch(
        r"stonechat: This is a fault of Stonechat's: ValueError in stonechat\.cli\.commands, line"
        r" \d+\.\n",
        capsys.readouterr().err,
    )
