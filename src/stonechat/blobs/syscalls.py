"""What a confined process may still ask of the kernel, as a program for seccomp.

Everything that is not named here is refused, so a call that a later kernel invents is refused too.
What is named serves memory, threads, clocks and the descriptors that are open already. A newcomer
gets wrong that a filter sees numbers, never what a pointer points to: so `clone3`, whose flags lie
behind one, does not exist here, and libraries fall back on `clone`, whose flags can be looked at.
"""

import platform
import struct
import sys
from typing import Final, NamedTuple

CLONE_THREAD: Final = 0x10000
PROT_EXEC: Final = 0x4
PR_SET_NAME: Final = 15
EPERM: Final = 1
ENOSYS: Final = 38

_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_JUMP_IF_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF_0000
_REFUSE: Final = 0x0005_0000
_KILL: Final = 0x8000_0000

# Where the kernel puts what a filter may look at. Arguments have 64 bits, and both of our
# machines put the lower half of one first.
_NUMBER_AT: Final = 0
_MACHINE_AT: Final = 4
_ARGUMENTS_AT: Final = 16


class Machine(NamedTuple):
    """A kind of processor: how the kernel calls it, its name for `seccomp`, its column below."""

    audit: int
    seccomp: int
    column: int


_MACHINES: Final = {
    "x86_64": Machine(0xC000_003E, 317, 0),
    "aarch64": Machine(0xC000_00B7, 277, 1),
}

# The most frequent first: a filter is read from its top for every call.
_FREE: Final = {
    "futex": (202, 98),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "read": (0, 63),
    "write": (1, 64),
    "munmap": (11, 215),
    "madvise": (28, 233),
    "brk": (12, 214),
    "mremap": (25, 216),
    "lseek": (8, 62),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "rt_sigprocmask": (14, 135),
    "rt_sigaction": (13, 134),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "getcpu": (309, 168),
    "gettid": (186, 178),
    "getpid": (39, 172),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "fstat": (5, 80),
    "close": (3, 57),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_MMAP: Final = (9, 222)
_MPROTECT: Final = (10, 226)
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)
_TGKILL: Final = (234, 131)
_PRCTL: Final = (157, 167)


def find_machine() -> Machine | None:
    """This machine, or None where there is no filter for it."""
    is_whole = sys.maxsize > 1 << 32
    return _MACHINES.get(platform.machine()) if sys.platform == "linux" and is_whole else None


def compile_filter(machine: Machine, process_id: int) -> bytes:
    """The program, for one process: it may send signals to its own threads and no others."""
    at = machine.column
    program = [
        _step(_LOAD, _MACHINE_AT),
        _step(_JUMP_IF_EQUAL, machine.audit, then=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
    ]
    for numbers in _FREE.values():
        program += [_step(_JUMP_IF_EQUAL, numbers[at], otherwise=1), _step(_RETURN, _ALLOW)]
    # Memory is for data: what a stranger's bytes put there is never run.
    program += _unless_bit(_MMAP[at], argument=2, bit=PROT_EXEC)
    program += _unless_bit(_MPROTECT[at], argument=2, bit=PROT_EXEC)
    program += _if_bit(_CLONE[at], argument=0, bit=CLONE_THREAD)
    program += _if_equal(_TGKILL[at], argument=0, value=process_id)
    program += _if_equal(_PRCTL[at], argument=0, value=PR_SET_NAME)
    program += [
        _step(_JUMP_IF_EQUAL, _CLONE3[at], otherwise=1),
        _step(_RETURN, _REFUSE | ENOSYS),
        _step(_RETURN, _REFUSE | EPERM),
    ]
    return b"".join(program)


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` say how many are jumped over."""
    return struct.pack("=HBBI", code, then, otherwise, value)


def _guarded(number: int, argument: int, test: bytes, *, allows: bool) -> list[bytes]:
    """Let a call through only if a test of one argument comes out as it must."""
    first, second = (_ALLOW, _REFUSE | EPERM) if allows else (_REFUSE | EPERM, _ALLOW)
    return [
        _step(_JUMP_IF_EQUAL, number, otherwise=4),
        _step(_LOAD, _ARGUMENTS_AT + 8 * argument),
        test,
        _step(_RETURN, first),
        _step(_RETURN, second),
    ]


def _if_bit(number: int, *, argument: int, bit: int) -> list[bytes]:
    return _guarded(number, argument, _step(_JUMP_IF_ANY_BIT, bit, otherwise=1), allows=True)


def _unless_bit(number: int, *, argument: int, bit: int) -> list[bytes]:
    return _guarded(number, argument, _step(_JUMP_IF_ANY_BIT, bit, otherwise=1), allows=False)


def _if_equal(number: int, *, argument: int, value: int) -> list[bytes]:
    return _guarded(number, argument, _step(_JUMP_IF_EQUAL, value, otherwise=1), allows=True)
