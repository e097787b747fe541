"""`stonechat jobs`: what was given up is shown without what stands in it, and tried again."""

import sqlite3
from datetime import datetime

from tests.unit.cli.terminal import Terminal


def give_up(terminal: Terminal, *kinds: str) -> None:
    database = sqlite3.connect(terminal.data_dir / "stonechat.db")
    for number, kind in enumerate(kinds, 1):
        database.execute(
            "INSERT INTO jobs (id, kind, payload, run_ms, attempts, failed_ms, last_error)"
            " VALUES (?, ?, '{\"secret\": 1}', 0, 20, ?, 'LookupError')",
            (number, kind, number * 1000),
        )
    database.commit()
    database.close()


def test_what_was_given_up_is_listed_and_tried_again(terminal: Terminal) -> None:
    assert terminal.run("jobs", "list").out == ""
    give_up(terminal, "fan_out", "end_mute")
    listed = terminal.run("jobs", "list")
    assert "secret" not in listed.out
    assert [(row["id"], row["kind"]) for row in listed.rows] == [
        ("2", "end_mute"),
        ("1", "fan_out"),
    ]
    (row,) = [row for row in listed.rows if row["id"] == "1"]
    assert (row["attempts"], row["error"]) == (20, "LookupError")
    assert datetime.fromisoformat(row["given_up_at"]).timestamp() == 1

    doctor = terminal.run("doctor").out
    assert "2 were given up after many attempts" in doctor
    assert terminal.run("jobs", "retry").code == 0
    assert terminal.run("jobs", "list").out == ""
    database = sqlite3.connect(terminal.data_dir / "stonechat.db")
    rows = database.execute("SELECT attempts, failed_ms, run_ms > 1000 FROM jobs").fetchall()
    database.close()
    assert rows == [(0, None, 1)] * 2
