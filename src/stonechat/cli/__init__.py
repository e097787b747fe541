"""The command line: thin verbs over services.

Importing this must stay cheap: every command waits for it, and every worker of the server.
"""

from stonechat.cli.lightness import collect_seldom, import_structlog

import_structlog()


def main() -> None:
    """Run a command of the command line."""
    collect_seldom()
    from stonechat.cli.commands import main as run  # noqa: PLC0415 - no worker needs it

    run()


__all__ = ["main"]
