"""Workers under load and under fire: processes that are started, killed, frozen and woken.

`freeze` is what a virtual machine that is moved does to a process: it stands still, with its
leases, its connections and its opinion of the time, and then goes on as if nothing had been.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from bench.servers import STARTUP_S_MAX, Program, Site

_NUMBERS = count(1)


class Worker(Program):
    """A running `stonechat worker`."""

    def __init__(self, site: Site) -> None:
        log = f"worker-{next(_NUMBERS)}.log"
        super().__init__(site, log, "worker")
        self._said = site.data_dir / log
        self._is_frozen = False
        deadline = self._started + STARTUP_S_MAX
        while not self.has_said("worker.started"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._said.read_text())
            time.sleep(0.01)

    def has_said(self, event: str) -> bool:
        """Whether something stands in its log."""
        return f'"event":"{event}"' in self._said.read_text()

    def freeze(self) -> None:
        """Let it stand still, in the midst of whatever it does."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        self._is_frozen = True
        stat = Path(f"/proc/{self.process.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)

    def wake(self) -> None:
        """Let it go on."""
        os.killpg(self.process.pid, signal.SIGCONT)
        self._is_frozen = False

    def end(self) -> None:
        """End it, whatever state it is in."""
        if self._is_frozen and self.process.poll() is None:
            self.kill()
        else:
            self.stop()


@contextmanager
def working(site: Site, number: int) -> Iterator[list[Worker]]:
    """So many workers for the length of a block; what is appended is ended as well."""
    workers: list[Worker] = []
    with ExitStack() as stack:
        stack.callback(lambda: [each.end() for each in workers])
        workers += [Worker(site) for _ in range(number)]
        yield workers
