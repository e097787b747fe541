"""One server behind the edge for each module of tests."""

from collections.abc import Iterator

import pytest

from tests.contract.http.wire import serving


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from serving()
