"""What can go wrong with another server. None of it is our callers' fault, nor a fault of ours.

    OutgoingError
    ├── Refused        our own guard would not go there
    ├── Unreachable    no such name, no connection, no trust in its certificate, no HTTP
    ├── Overdue        it took longer than it may
    ├── Oversized      it sent more than it may
    └── Garbled        its body is coded in a way that we did not ask for, or broken

These never reach a client of ours: a service decides what it means that another server failed.
The reason is a few words for a log, without any address: those are other people's secrets.
"""


class OutgoingError(Exception):
    """Another server did not give us what we asked for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(OutgoingError):
    """Our guard does not let us go there."""


class Unreachable(OutgoingError):
    """Nobody is there, or nobody who speaks HTTP as we do."""


class Overdue(OutgoingError):
    """The time for the whole of it is over."""


class Oversized(OutgoingError):
    """More than we take."""


class Garbled(OutgoingError):
    """What came cannot be decoded."""
