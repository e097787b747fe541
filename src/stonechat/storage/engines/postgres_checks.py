"""PostgreSQL's own checks of its indexes. What a table's rows mean is checked in storage/doctor.

An index that was being made when the server fell stays behind as invalid. The rest takes the
extension amcheck, which an operator may install; without it there is nothing more to ask.
"""

from typing import Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from stonechat.storage.engines.postgres_errors import DRIVER_ERRORS, raise_ours
from stonechat.storage.engines.postgres_pool import Connection, Pool

_LIST_INVALID: Final = (
    "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid ORDER BY 1"
)
_FIND_AMCHECK: Final = "SELECT 1 FROM pg_extension WHERE extname = 'amcheck'"
_LIST_TREES: Final = (
    "SELECT c.oid, c.oid::regclass::text FROM pg_class c JOIN pg_am m ON m.oid = c.relam"
    " JOIN pg_index i ON i.indexrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'i'"
    " AND m.amname = 'btree' AND i.indisvalid ORDER BY 2"
)
_CHECK: Final = "SELECT bt_index_check($1::oid::regclass)"
_DAMAGED: Final = (asyncpg.IndexCorruptedError, asyncpg.DataCorruptedError)


async def find_damage(pool: Pool) -> list[str]:
    """What is broken, one sentence each."""
    connection = await pool.take()
    is_usable = False
    try:
        damages = [
            f"The index {row[0]} is not valid: REINDEX INDEX {row[0]} makes it anew"
            for row in await connection.fetch(_LIST_INVALID)
        ]
        if await connection.fetchrow(_FIND_AMCHECK) is not None:
            for oid, name in await connection.fetch(_LIST_TREES):
                damages += await _check(connection, oid, name)
        is_usable = True
    except DRIVER_ERRORS as error:
        raise_ours(error, is_closed=connection.is_closed())
    finally:
        pool.put_away(connection, is_usable=is_usable)
    return damages


async def _check(connection: Connection, oid: int, name: str) -> list[str]:
    try:
        await connection.fetchrow(_CHECK, oid)
    except _DAMAGED as error:
        return [f"The index {name} is damaged: {error}"]
    except asyncpg.InsufficientPrivilegeError:
        # Only who owns the extension, or was granted it, may look.
        return []
    return []
