"""What PostgreSQL's errors mean: for the floors above, for the connection, for another try.

Timeouts and lost connections arrive as OSError too (TimeoutError is one), so the order in
which these questions are asked matters.
"""

from typing import Final, NoReturn

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from stonechat.kernel.errors import Conflict, Unavailable

DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""Whatever a statement can fail with."""

_CONFLICTS: Final = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError)
_SAFE_TO_REPEAT: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # A migration changed a table under a prepared statement; asyncpg has forgotten it by now.
    asyncpg.InvalidCachedStatementError,
)
_CONNECTION_LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the server became a replica: another one leads now
)
_PASSING: Final = (
    *_CONNECTION_LOST,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidCachedStatementError,
    OSError,
)


def is_safe_to_repeat(error: BaseException) -> bool:
    """Whether the server itself undid the transaction and asks us to try again."""
    return isinstance(error, _SAFE_TO_REPEAT)


def is_lost(error: BaseException, *, is_closed: bool) -> bool:
    """Whether the connection is gone, rather than the statement wrong or slow."""
    if isinstance(error, TimeoutError):
        return False
    return is_closed or isinstance(error, (*_CONNECTION_LOST, OSError))


def is_usable_after(error: BaseException, *, is_closed: bool) -> bool:
    """Whether the connection can serve somebody else.

    After a cancellation or a timeout the answer of the old statement is still under way.
    """
    if is_closed or isinstance(error, (OSError, asyncpg.InternalClientError)):
        return False
    return isinstance(error, Exception) and not isinstance(error, _CONNECTION_LOST)


def raise_ours(error: BaseException, *, is_closed: bool = False) -> NoReturn:
    """Raise what the floors above know; a fault in our SQL stays as it is."""
    if isinstance(error, _CONFLICTS):
        # The server's own sentence quotes the values, such as somebody's address: no log and
        # no traceback may hold it.
        raise Conflict(reason=str(getattr(error, "constraint_name", None))) from None
    if is_closed or isinstance(error, _PASSING):
        raise Unavailable(reason=str(error) or type(error).__name__) from error
    raise error
