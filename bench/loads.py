"""Loads: the requests of one case, and the two ways to send them from a second process.

wrk is used where it is installed; elsewhere a driver in Python, which takes more of the machine
for itself but asks the same. A line of a load is a method, a path and a body; `{n}` in a body
stands for a number that never repeats, and such a line has one for its Idempotency-Key as well.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16
SECONDS = 5

# What needs no number is written out once, so that wrk leaves the machine to the server.
_LUA = """
local lines, ready, at, made = {}, {}, 0, 0
local name, token = os.getenv("BENCH_NAME"), os.getenv("BENCH_TOKEN")
local known = os.getenv("BENCH_KNOWN")
for line in io.lines(os.getenv("BENCH_LINES")) do
  local method, path, body = line:match("^(%S+)\\t(%S+)\\t(.*)$")
  lines[#lines + 1] = {method, path, body}
end
local function headers(body)
  local made = {}
  if token ~= "" then made["Authorization"] = "Bearer " .. token end
  if known ~= "" then made["If-None-Match"] = known end
  if body ~= "" then made["Content-Type"] = "application/json" end
  return made
end
function init(args)
  for i, line in ipairs(lines) do
    if not line[3]:find("{n}", 1, true) then
      local body = line[3]
      ready[i] = wrk.format(line[1], line[2], headers(body), body ~= "" and body or nil)
    end
  end
end
function request()
  at = at % #lines + 1
  if ready[at] then return ready[at] end
  made = made + 1
  local line = lines[at]
  local own = headers(line[3])
  own["Idempotency-Key"] = name .. made
  return wrk.format(line[1], line[2], own, (line[3]:gsub("{n}", name .. made)))
end
"""


@dataclass(frozen=True)
class Load:
    """One case: what is asked, by how many connections at once.

    Nobody asks where the token is empty; `known` is the ETag of what they have already.
    """

    name: str
    token: str
    lines: list[tuple[str, str, str]]
    connections: int = CONNECTIONS
    seconds: int = SECONDS
    known: str = ""


@dataclass
class Outcome:
    """What a load met."""

    requests: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    errors: int = 0
    latencies_ms: list[float] = field(default_factory=list)


_WRK = shutil.which("wrk")


def has_wrk() -> bool:
    """Whether wrk is installed."""
    return _WRK is not None


def send(load: Load, base_url: str) -> Outcome:
    """Send a load and wait for its end."""
    if _WRK is None:
        return _send_by_python(load, base_url)
    return _send_by_wrk(_WRK, load, base_url)


def _send_by_wrk(wrk: str, load: Load, base_url: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder, "lines"), Path(folder, "load.lua")
        lines.write_text("".join("\t".join(line) + "\n" for line in load.lines))
        script.write_text(_LUA)
        run = subprocess.run(
            [
                wrk,
                "-t1",
                f"-c{load.connections}",
                f"-d{load.seconds}s",
                "--latency",
                "-s",
                str(script),
                base_url,
            ],
            env={
                "PATH": "/usr/bin:/bin:/usr/local/bin",
                "BENCH_LINES": str(lines),
                "BENCH_TOKEN": load.token,
                "BENCH_KNOWN": load.known,
                "BENCH_NAME": load.name.replace(" ", "-"),
            },
            capture_output=True,
            text=True,
            check=True,
            timeout=load.seconds + 60,
        )
    return _read_wrk(run.stdout)


def _read_wrk(text: str) -> Outcome:
    total = re.search(r"(\d+) requests in ([\d.]+)(\w+)", text)
    assert total is not None, text
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Outcome(
        requests=int(total[1]),
        seconds=float(total[2]) * (60 if total[3] == "m" else 1),
        p50_ms=_latency(text, "50%"),
        p99_ms=_latency(text, "99%"),
        errors=(int(errors[1]) if errors else 0)
        + (sum(int(each) for each in broken.groups()) if broken else 0),
    )


def _latency(text: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", text)
    assert found is not None, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _send_by_python(load: Load, base_url: str) -> Outcome:
    given = json.dumps(vars(load))
    run = subprocess.run(
        [sys.executable, "-m", "bench.driver", base_url],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        timeout=load.seconds + 60,
    )
    return Outcome(**json.loads(run.stdout))
