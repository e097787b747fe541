"""The command line: thin verbs over services."""

from stonechat.cli.commands import main

__all__ = ["main"]
