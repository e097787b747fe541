"""The command line: thin verbs over services.

Importing this must stay cheap: every command waits for it, and every worker of the server.
"""

from stonechat.cli.lightness import import_structlog

import_structlog()


def main() -> None:
    """Run a command of the command line."""
    from stonechat.cli.commands import main as run  # noqa: PLC0415 - no worker needs it

    run()


__all__ = ["main"]
