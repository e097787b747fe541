"""The commands: `stonechat serve`, `worker`, `account`, `token`, `key`, `migrate`, `backup`, …

Each is imported when it is asked for. What scripts read goes to standard output, everything else
to standard error. A refusal is one sentence and exit code 1, whatever went wrong.
"""

import os
import sys
from types import TracebackType
from typing import Final

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from stonechat import __version__
from stonechat.config import WrongSetting
from stonechat.kernel.errors import InvalidInput, StonechatError

INTERRUPTED: Final = 130
"""What a shell expects of a program that Ctrl-C has ended."""

app: Final = App(
    name="stonechat",
    help="A self-hosted status server.",
    version=__version__,
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
)
_COMMANDS: Final = (
    ("serve", "serving:serve", "Serve until told to stop."),
    ("worker", "working:work", "Run jobs, and nothing else, until told to stop."),
    ("account", "accounts:app", "Make and manage accounts."),
    ("token", "tokens:app", "Make, list and revoke access tokens."),
    ("key", "tokens:key_app", "Make keys for the live-value API."),
    ("jobs", "jobs:app", "See jobs that were given up, and try them again."),
    ("migrate", "databases:migrate", "Bring the database's schema up to date."),
    ("backup", "databases:backup", "Write everything into one file."),
    ("restore", "databases:restore", "Put a backup in place of everything."),
    ("doctor", "doctor:examine", "Look for what is wrong, and say what to do."),
)
for _name, _place, _help in _COMMANDS:
    app.command(f"stonechat.cli.{_place}", name=_name, help=_help)


def main() -> None:
    """Run the command line."""
    if not sys.flags.dev_mode:
        sys.excepthook = _tell_fault
    try:
        app(sys.argv[1:])
        sys.stdout.flush()
    except (StonechatError, WrongSetting, CycloptsError, OSError) as refusal:
        if isinstance(refusal, BrokenPipeError):
            # Whoever read our output, such as `head`, has had enough. What is still to be
            # written when Python ends goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            sys.stderr.write(f"stonechat: {_sentence(refusal)}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _sentence(refusal: Exception) -> str:
    match refusal:
        case InvalidInput():
            return refusal.message.removeprefix("Validation failed: ")
        case StonechatError():
            reason = refusal.details.get("reason")
            about = refusal.details.get("about", "The database does not answer")
            return refusal.message if reason is None else f"{about}: {reason}"
        case OSError() if refusal.strerror:
            place = "" if refusal.filename is None else f"{refusal.filename}: "
            return f"{place}{refusal.strerror}"
        case _:
            return " ".join(str(refusal).split())


def _tell_fault(
    kind: type[BaseException], _fault: BaseException, traceback: TracebackType | None
) -> None:
    """What nobody foresaw: its kind and its place are told, its text may be anybody's.

    `python -X dev -m stonechat.cli.commands` does not hide the rest.
    """
    place = "an unknown place"
    while traceback is not None:
        frame = traceback.tb_frame
        if str(frame.f_globals.get("__name__", "")).startswith("stonechat"):
            place = f"{frame.f_globals['__name__']}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    sys.stderr.write(f"stonechat: This is a fault of Stonechat's: {kind.__name__} in {place}.\n")


if __name__ == "__main__":
    main()
