"""A server that speaks S3, on loopback, for as long as the tests run; and servers that fail.

The first is moto's, in a thread. The others answer whatever they are asked with one and the same
thing and remember what they were asked.
"""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex

from obstore.store import S3Store

from stonechat.blobs.buckets import Bucket, read_bucket

KEY = "our-key"
SECRET = "our-secret"
PREFIX = "site/files"


@dataclass(frozen=True)
class BucketServer:
    """Where the server is."""

    endpoint: str

    def create(self) -> str:
        """A new bucket; the line of the settings that names it."""
        name = f"town-{token_hex(4)}"
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        return self.line(name)

    def line(self, name: str) -> str:
        """The line of the settings that names a bucket, which may not be there."""
        return f"s3://{name}/{PREFIX}?endpoint={self.endpoint}"


def look_into(line: str) -> S3Store:
    """The whole of a bucket of ours, as anybody with a key finds it."""
    bucket = read_bucket(line)
    return S3Store(
        bucket.name,
        config={"endpoint": bucket.endpoint, "region": bucket.region},
        credential_provider=lambda: {
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            "expires_at": None,
        },
        client_options={"allow_http": True},
    )


@contextmanager
def running_bucket_server() -> Iterator[BucketServer]:
    """Moto's server on a free port, ended with the block."""
    # It takes a second to import, which most tests need not wait for.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield BucketServer(f"http://{host}:{port}")
    finally:
        server.stop()


@dataclass
class FailingServer:
    """A server with one answer, and the heads of the requests that it got."""

    status: int
    body: bytes
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def line(self) -> str:
        """The line of the settings that names it."""
        return f"s3://town?endpoint=http://127.0.0.1:{self.port}"

    @property
    def bucket(self) -> Bucket:
        return read_bucket(self.line)


@contextmanager
def failing_server(status: int, body: bytes = b"") -> Iterator[FailingServer]:
    """A server on a free port that answers everything alike."""
    told = FailingServer(status, body)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            told.asked.append({name.lower(): value for name, value in self.headers.items()})
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(told.status)
            self.send_header("content-length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Say nothing."""

    for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.answer)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
