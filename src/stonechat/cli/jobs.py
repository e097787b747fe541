"""`stonechat jobs`: what was given up, and another try for it."""

import json
import sys
from typing import Final

from cyclopts import App

from stonechat.cli.running import run, say
from stonechat.kernel.clock import from_ms
from stonechat.services import jobs

app: Final = App(name="jobs", help="See jobs that were given up, and try them again.")


@app.command(name="list")
def list_given_up() -> None:
    """List the jobs that were given up, one line of JSON each, the last one first."""
    for each in run(jobs.list_given_up):
        line = {
            "id": str(each.id),
            "kind": each.kind,
            "attempts": each.attempts,
            "error": each.error,
            "given_up_at": from_ms(each.failed_ms).isoformat(),
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


@app.command(name="retry")
def retry_given_up() -> None:
    """Let every job that was given up be tried again, by a server or a worker that runs."""
    say(f"{run(jobs.retry_given_up)} jobs will be tried again.")
