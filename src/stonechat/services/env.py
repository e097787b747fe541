"""Env: what a service may lean on besides its arguments. Filled once, in app.py."""

from collections.abc import Callable
from dataclasses import dataclass

from stonechat.blobs.store import Store
from stonechat.kernel.clock import Clock
from stonechat.kernel.ids import IdSource
from stonechat.kernel.seals import Seals
from stonechat.kernel.settings import Settings
from stonechat.outgoing.client import Web
from stonechat.storage.database import Database


@dataclass(frozen=True, slots=True)
class Env:
    """The rooms that services reach: database, clock, ids, settings, files, and a hint."""

    db: Database
    clock: Clock
    ids: IdSource
    settings: Settings
    wake_jobs: Callable[[], None]
    """Says that a commit left work behind. Only a hint: the work is in the database."""
    wake_live: Callable[[str, str], None]
    """Says that a commit changed what open pages show: a kind, such as `beacon`, and its id. Only a
    hint: they find it out by themselves a little later, in every process."""
    blobs: Store
    """Files of people: avatars, attachments, pictures of cards."""
    seals: Seals
    """For addresses of files that are good for one viewer each."""
    web: Web
    """Other servers, as far as the guard lets us go."""
