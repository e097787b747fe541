"""The kill drill in short; `make bench` runs it with twenty rounds and prints its counts."""

from bench.drills import kill_drill
from bench.servers import Site

ROUNDS = 4


def test_what_was_acknowledged_is_there_once(site: Site) -> None:
    assert "missing 0, doubled 0" in kill_drill(site, ROUNDS)
