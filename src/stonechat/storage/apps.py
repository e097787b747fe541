"""Apps in SQL. A registration is for good: an old client may come back after years."""

import hmac
from typing import Final

from stonechat.domain.apps import App
from stonechat.domain.ids import AppId
from stonechat.storage.database import Reader, Row, Transaction

_INSERT: Final = (
    "INSERT INTO apps (id, client_id, secret_hash, name, website, redirect_uris, scopes,"
    " created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
_COLUMNS: Final = "id, client_id, name, website, redirect_uris, scopes, created_ms"
_FIND: Final = "SELECT " + _COLUMNS + " FROM apps WHERE id = $1"
_FIND_BY_CLIENT_ID: Final = "SELECT " + _COLUMNS + ", secret_hash FROM apps WHERE client_id = $1"


def _app(row: Row) -> App:
    return App(row[0], row[1], row[2], row[3], tuple(row[4].split("\n")), row[5], row[6])


async def insert(tx: Transaction, app: App, secret_hash: bytes) -> None:
    """Keep a new app; of its secret only the hash."""
    await tx.run(
        _INSERT,
        app.id,
        app.client_id,
        secret_hash,
        app.name,
        app.website,
        "\n".join(app.redirect_uris),
        app.scopes,
        app.created_ms,
    )


async def find(tx: Reader, app_id: AppId) -> App | None:
    """The app with this id."""
    row = await tx.one(_FIND, app_id)
    return None if row is None else _app(row)


async def find_by_client_id(tx: Reader, client_id: str) -> App | None:
    """The app that calls itself so. Proves nothing: a client id is no secret."""
    row = await tx.one(_FIND_BY_CLIENT_ID, client_id)
    return None if row is None else _app(row)


async def find_proven(tx: Reader, client_id: str, secret_hash: bytes) -> App | None:
    """The app with this client id, if the secret is its own."""
    row = await tx.one(_FIND_BY_CLIENT_ID, client_id)
    if row is None or not hmac.compare_digest(bytes(row[7]), secret_hash):
        return None
    return _app(row)
