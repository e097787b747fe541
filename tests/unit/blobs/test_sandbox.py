"""What a confined process can no longer do, and what it still can."""

import signal
import struct
import subprocess
import sys

import pytest

from stonechat.blobs import syscalls

IMPORTS = (
    "import ctypes, encodings.idna, mmap, os, resource, signal, socket, subprocess, threading, time"
)
ENTERING = f"""{IMPORTS}
from stonechat.blobs import sandbox, syscalls
file = os.open('/dev/null', os.O_RDWR)
pair = socket.socketpair()
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
"""
BOUNDS = "sandbox.enter(sandbox.Bounds(1 << 30, 2, 10, 1 << 20))"
WITHOUT_FILTER = "syscalls.find_machine = lambda: None"
LIBC = "ctypes.CDLL(None, use_errno=True)"

ATTEMPTS = {
    "open a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "make a file": "os.open('/tmp/stonechat-made', os.O_CREAT | os.O_WRONLY)",
    "list a folder": "os.listdir('/')",
    "look at a file": "os.stat('/etc/passwd')",
    "make a socket": "socket.socket()",
    "make a local socket": "socket.socketpair()",
    "look a name up": "socket.getaddrinfo('localhost', 80)",
    "write to a socket": "pair[0].send(b'x')",
    "send to a socket": "wire.sendto(b'x', ('127.0.0.1', 9))",
    "connect": "wire.connect(('127.0.0.1', 9))",
    "listen": "wire.bind(('127.0.0.1', 0))",
    "run a program": "subprocess.run(['/bin/true'])",
    "become a program": "os.execv('/bin/true', ['true'])",
    "split": "os.fork()",
    "reach another": "os.kill(os.getppid(), 0)",
    "delete": "os.unlink('/tmp/stonechat-made')",
    "rename": "os.rename('/tmp/a', '/tmp/b')",
    "link": "os.symlink('/etc/passwd', '/tmp/b')",
    "make a folder": "os.mkdir('/tmp/b')",
    "go elsewhere": "os.chdir('/')",
    "change rights": "os.chmod('/tmp', 0o777)",
    "mount": f"fail({LIBC}.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    "be traced": f"fail({LIBC}.ptrace(0, 0, 0, 0))",
    "become another": "os.setuid(65534)",
    "make a pipe": "os.pipe()",
    "copy a descriptor": "os.dup(file)",
    "a file in memory": "os.memfd_create('x')",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))",
    "memory that is run": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "io_uring": f"fail({LIBC}.syscall(425, 8, 0))",
    "a filter for the kernel": f"fail({LIBC}.syscall(321, 0, 0, 0))",
    "load a module": f"fail({LIBC}.syscall(175, 0, 0, 0))",
    "import something": "__import__('wave')",
}
FAIL = "def fail(result):\n    if result == -1: raise OSError(ctypes.get_errno(), 'no')\n"


def run(statement: str, *, before: str = "") -> subprocess.CompletedProcess[str]:
    """A program that does something after it gave everything up."""
    program = f"{ENTERING}{FAIL}{before}\nprint({BOUNDS}, flush=True)\n"
    ending = "\n".join(f"    {line}" for line in statement.splitlines())
    program += f"try:\n{ending}\n    print('done', flush=True)\n"
    program += "except (OSError, ImportError) as error:\n    print('refused', error, flush=True)\n"
    program += "os._exit(0)"
    return subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=30
    )


needs_filter = pytest.mark.skipif(
    syscalls.find_machine() is None, reason="this system has no filter of system calls"
)


@needs_filter
def test_s104_a_confined_process_reaches_nothing() -> None:
    """S104: files, network, programs, other processes: all refused, one after the other."""
    attempts = "\n".join(
        f"try:\n    {statement}\n    print('did: {name}', flush=True)\n"
        f"except (OSError, ImportError, ValueError): print('refused', flush=True)"
        for name, statement in ATTEMPTS.items()
    )
    done = run(attempts)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("did")] == []
    assert lines == ["True", *["refused"] * len(ATTEMPTS), "done"], done.stderr


@needs_filter
@pytest.mark.parametrize(
    "statement",
    [
        "os.write(file, b'x')",
        "os.lseek(file, 0, os.SEEK_END)",
        "thread = threading.Thread(target=time.sleep, args=(0.01,)); thread.start(); thread.join()",
        "bytearray(100 << 20)",
        "mmap.mmap(-1, 1 << 20)",
        "time.time(); time.sleep(0.01); os.getpid(); os.urandom(8)",
    ],
)
def test_what_work_needs_goes_on(statement: str) -> None:
    assert run(statement).stdout.split() == ["True", "done"]


def test_memory_ends_somewhere() -> None:
    statement = "try: bytearray(2 << 30)\nexcept MemoryError: print('too much', flush=True)"
    assert "too much" in run(statement).stdout


def test_time_ends_somewhere() -> None:
    assert run("while True: pass").returncode == -signal.SIGXCPU


def test_s104_waiting_ends_somewhere() -> None:
    """S104: a process that does nothing at all is ended too, even when nobody is there to do it."""
    program = f"{IMPORTS}\nfrom stonechat.blobs import sandbox\n"
    program += "sandbox.enter(sandbox.Bounds(1 << 30, 2, 1, 1 << 20))\ntime.sleep(20)"
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=10)
    assert done.returncode == -signal.SIGALRM


def test_files_get_no_larger() -> None:
    opening = "import tempfile; large = tempfile.TemporaryFile()"
    assert "done" in run("large.write(bytes(1000)); large.flush()", before=opening).stdout
    assert "refused" in run("large.write(bytes(2 << 20)); large.flush()", before=opening).stdout


def test_where_the_system_has_no_filter_limits_alone_hold() -> None:
    statement = "os.open('/etc/passwd', os.O_RDONLY)"
    done = run(statement, before=WITHOUT_FILTER)
    assert done.stdout.splitlines()[0] == "False"
    assert "Too many open files" in done.stdout
    for statement in ("socket.socket()", "os.pipe()", "os.dup(file)"):
        assert "refused" in run(statement, before=WITHOUT_FILTER).stdout


def decide(program: bytes, machine: int, number: int, *arguments: int) -> int:
    """What a filter says to a system call: a small machine that runs it."""
    words = (*arguments, *[0] * 6)[:6]
    facts = struct.pack("=IIQ6Q", number, machine, 0, *words)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at = value = 0
    while True:
        code, then, otherwise, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", facts, operand)
        elif code == 0x06:
            return operand
        else:
            holds = value == operand if code == 0x15 else bool(value & operand)
            assert code in (0x15, 0x45)
            at += then if holds else otherwise


ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
MACHINES = {
    # The numbers of the kernel's own headers: clone, mmap, mprotect, tgkill, prctl, read, openat.
    "x86_64": (0xC000003E, 56, 9, 10, 234, 157, 0, 257, 59),
    "aarch64": (0xC00000B7, 220, 222, 226, 131, 167, 63, 56, 221),
}


@pytest.mark.parametrize("name", MACHINES)
def test_the_filter_of_each_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls.platform, "machine", lambda: name)
    monkeypatch.setattr(sys, "platform", "linux")
    machine = syscalls.find_machine()
    assert machine is not None
    audit, clone, mmap, mprotect, tgkill, prctl, read, openat, execve = MACHINES[name]
    program = syscalls.compile_filter(machine, 4711)

    def asked(number: int, *arguments: int) -> int:
        return decide(program, audit, number, *arguments)

    assert asked(read) == ALLOWED
    assert asked(openat) == asked(execve) == asked(10_000) == REFUSED
    assert asked(mmap, 0, 4096, 3) == asked(mprotect, 0, 4096, 1) == ALLOWED
    assert asked(mmap, 0, 4096, 5) == asked(mprotect, 0, 4096, 7) == REFUSED
    assert asked(clone, 0x3D0F00) == ALLOWED
    assert asked(clone, 17) == REFUSED
    assert asked(435) == 0x00050000 | 38
    assert (asked(tgkill, 4711, 1, 6), asked(tgkill, 4712, 1, 6)) == (ALLOWED, REFUSED)
    assert (asked(prctl, 15), asked(prctl, 22), asked(prctl, 4)) == (ALLOWED, REFUSED, REFUSED)
    # Calls of another machine's kind have other numbers: whoever tries one is ended.
    assert decide(program, 0x40000003, read) == KILLED


def test_other_systems_have_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "riscv64")
    assert syscalls.find_machine() is None
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert syscalls.find_machine() is None
