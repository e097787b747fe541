"""`stonechat serve` between its start and the moment at which uvicorn listens for signals."""

import multiprocessing
import os
import signal
import time
from typing import Final

from stonechat.cli.serving import _config
from stonechat.config import read_settings

MISSED: Final = 9
START_S_MAX: Final = 60.0


def _be_told_to_stop_too_early() -> None:
    _config(read_settings({})).configure_logging()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(1)
    os._exit(MISSED)


def test_a_worker_that_is_told_to_stop_before_it_serves_ends() -> None:
    worker = multiprocessing.get_context("spawn").Process(target=_be_told_to_stop_too_early)
    worker.start()
    worker.join(START_S_MAX)
    assert worker.exitcode == 0
