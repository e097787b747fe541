"""The drills on changes of beacons in short; `make bench` runs them at length."""

from bench.beacons import change_drill, updater_drill
from bench.servers import Site

KEPT = "missing 0, doubled 0, told another number 0, gaps 0"


def test_changes_that_were_acknowledged_outlive_a_server_that_is_killed(site: Site) -> None:
    assert KEPT in change_drill(site, rounds=2)


def test_a_hundred_updaters_at_once_leave_a_history_without_a_gap(site: Site) -> None:
    """And the value that the last one of them set."""
    assert "100 updaters at once, 100 acknowledged" in updater_drill(site, each=1)
