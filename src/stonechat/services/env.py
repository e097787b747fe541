"""Env: what a service may lean on besides its arguments. Filled once, in app.py."""

from collections.abc import Callable
from dataclasses import dataclass

from stonechat.kernel.clock import Clock
from stonechat.kernel.ids import IdSource
from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database


@dataclass(frozen=True, slots=True)
class Env:
    """The rooms that services reach: database, clock, ids, settings, and a hint."""

    db: Database
    clock: Clock
    ids: IdSource
    settings: Settings
    wake_jobs: Callable[[], None]
    """Says that a commit left work behind. Only a hint: the work is in the database."""
