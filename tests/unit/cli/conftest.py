"""A terminal with a data folder in which nothing is yet."""

from pathlib import Path

import pytest

from tests.unit.cli.terminal import Terminal


@pytest.fixture
def terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Terminal:
    return Terminal(monkeypatch, capfd, tmp_path / "data")
