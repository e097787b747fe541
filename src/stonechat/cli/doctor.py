"""`stonechat doctor`: what is wrong, and what to do about it."""

import asyncio
import sys
from typing import Final

from stonechat.cli.progress import shown
from stonechat.config import WrongSetting, find_file, read_settings
from stonechat.domain.findings import FAULT, HINT, OK, Finding
from stonechat.http.logs import configure_logging
from stonechat.kernel.clock import SystemClock
from stonechat.services import doctor

_MARKS: Final = {OK: "ok   ", HINT: "hint ", FAULT: "FAULT"}


def examine(*, fix: bool = False) -> None:
    """Check settings, files, disk, database and counters, beside a running server.

    The exit code is 1 where something is wrong. `--fix` mends counters and nothing else.
    """
    try:
        settings = read_settings()
    except WrongSetting as refusal:
        _print(Finding(FAULT, "settings", str(refusal)))
        raise SystemExit(1) from None
    configure_logging(settings)
    secrets = (find_file(),)

    async def look() -> int:
        faults = 0
        with shown() as progress:
            findings = doctor.examine(
                settings, SystemClock(), secrets=secrets, mends=fix, progress=progress
            )
            async for finding in findings:
                _print(finding)
                faults += finding.level == FAULT
        return faults

    if asyncio.run(look()):
        raise SystemExit(1)


def _print(finding: Finding) -> None:
    sys.stdout.write(f"{_MARKS[finding.level]} {finding.about}: {finding.sentence}\n")
    sys.stdout.flush()
