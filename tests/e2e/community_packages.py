"""The community's own JavaScript: where npm puts it, and the page that is built of it.

`make test` installs the packages; tests that need them are left out where npm is missing, and
fail where nothing may be left out. The page is bundled once for what it is made of, in `build/`.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import pytest

FOLDER = Path(__file__).with_name("selfcommunity")
_INSTALLED = FOLDER / "node_modules" / ".stamp"
_BUILT = Path(__file__).parents[2] / "build" / "selfcommunity"
_FONTS = ("eot", "svg", "ttf", "woff", "woff2")
_BUNDLE_S_MAX = 60

NEEDS_PACKAGES = pytest.mark.skipif(
    not _INSTALLED.exists() and not os.environ.get("STONECHAT_TEST_REQUIRE_BROWSER"),
    reason="the packages of tests/e2e/selfcommunity are not installed: run make test",
)


def page_folder() -> Path:
    """The folder with the page and its bundle, made if it is not there."""
    made_of = [FOLDER / "package-lock.json", *sorted((FOLDER / "page").iterdir()), Path(__file__)]
    digest = sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    folder = _BUILT / digest[:16]
    if not folder.exists():
        _build(folder)
    return folder


def _build(folder: Path) -> None:
    # As published: in its development mode React says as errors what is wrong in the
    # vendor's own code, which is not under test.
    words = [
        "--bundle",
        "--minify",
        "--format=esm",
        "--jsx=automatic",
        "--log-level=warning",
        '--define:process.env.NODE_ENV="production"',
        *(f"--loader:.{each}=file" for each in _FONTS),
    ]
    _BUILT.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(dir=_BUILT))
    subprocess.run(
        [FOLDER / "node_modules/.bin/esbuild", "page/entry.jsx", *words, f"--outdir={made}"],
        cwd=FOLDER,
        check=True,
        timeout=_BUNDLE_S_MAX,
    )
    copy(FOLDER / "page" / "index.html", made)
    # Whole or not at all: another worker may be building the same.
    try:
        made.rename(folder)
    except OSError:
        assert folder.exists()


class _Files(SimpleHTTPRequestHandler):
    """Files of a folder, without a word to the terminal."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """The folder on a port of its own: where its files are."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
