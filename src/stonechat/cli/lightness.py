"""Lightness: what is kept out of the program, so that it starts quickly and stays small.

structlog imports rich, where that is installed, for tracebacks in colour. Our logs are JSON and
never hold a traceback, and rich takes longer to import than all of our own code; it is here for
tables and progress bars alone. So structlog is imported once while rich cannot be found.
"""

import gc
import sys
from typing import Any, Final, cast

IMPORTING_THRESHOLD: Final = 50_000
"""What is imported stays, so there is next to nothing to collect while that goes on."""


def import_structlog() -> None:
    """Import structlog, and rich not yet."""
    modules = cast("dict[str, Any]", sys.modules)
    if "structlog" in modules or "rich" in modules:
        return
    modules["rich"] = None
    try:
        import structlog  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport]
    finally:
        del modules["rich"]


def collect_seldom() -> None:
    """Let the collector look less often than Python does by itself."""
    gc.set_threshold(IMPORTING_THRESHOLD, 20, 20)
