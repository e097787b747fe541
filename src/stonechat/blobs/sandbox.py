"""The sandbox: a process gives up everything but its memory and the files that it holds.

Whoever calls `enter` has imported every module and opened every file that it will ever need.
After that nothing is opened, connected, started or looked up any more, and there is no way back.
Two walls stand behind one another: limits of the kernel's on memory, time, and the size and the
number of files, and a filter of system calls (blobs/syscalls). The limits hold on every system
that has them; the filter needs Linux on x86-64 or on aarch64. Whether it holds is said.

A newcomer gets wrong that a module which is imported late, inside a function of a library, is not
found any more: it must be named among the imports before.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Final, NamedTuple

from stonechat.blobs import syscalls

NICENESS: Final = 10
"""Decoding is never in a hurry: a request that is being answered goes first."""
_ARENAS_MAX: Final = 2

_M_ARENA_MAX: Final = -8
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_SET_MODE_FILTER: Final = 1
_SECCOMP_FILTER_FLAG_TSYNC: Final = 1
_SECCOMP_MODE_FILTER: Final = 2


class Bounds(NamedTuple):
    """What a process may use until it is ended."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int
    file_bytes: int


class _Program(ctypes.Structure):
    """`struct sock_fprog`: how many instructions, and where they are."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def enter(bounds: Bounds) -> bool:
    """Give everything up, for good; whether the filter of system calls holds."""
    # Nobody may be there any more to end what hangs: then this process does it to itself.
    signal.alarm(bounds.wall_seconds)
    os.nice(NICENESS)
    is_linux = sys.platform == "linux"
    if is_linux:
        _settle()
    _limit(bounds)
    return is_linux and _filter()


def _settle() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # Every thread would reserve 64 MiB of addresses, which count as memory.
    with suppress(AttributeError):
        libc.mallopt(_M_ARENA_MAX, _ARENAS_MAX)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(bounds: Bounds) -> None:
    seconds = bounds.cpu_seconds
    limits = [
        # The end comes by the signal that says why; one second later it comes by any means.
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, bounds.file_bytes, bounds.file_bytes),
        (resource.RLIMIT_AS, bounds.memory_bytes, bounds.memory_bytes),
        # What is open stays open, and nothing is opened any more.
        (resource.RLIMIT_NOFILE, 0, 0),
    ]
    for kind, soft, hard in limits:
        # Some systems lack one of them; there the other bounds have to do.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))


def _filter() -> bool:
    machine = syscalls.find_machine()
    if machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = syscalls.compile_filter(machine, os.getpid())
    program = _Program(len(code) // 8, code)
    # With every thread that a library may have started already; old kernels know this one only.
    refused = libc.syscall(
        ctypes.c_long(machine.seccomp),
        ctypes.c_ulong(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(program),
    )
    if refused:
        refused = libc.prctl(
            _PR_SET_SECCOMP,
            ctypes.c_ulong(_SECCOMP_MODE_FILTER),
            ctypes.byref(program),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        )
    return refused == 0
