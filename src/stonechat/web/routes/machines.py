"""What programs ask of a site at fixed paths: numbers for Prometheus, crawlers' rules, an icon."""

from typing import Final

from stonechat.domain.viewers import Caller
from stonechat.http.metrics import METRICS_TYPE, may_read_metrics
from stonechat.http.operations import Answer
from stonechat.http.pages import STATIC
from stonechat.http.rates import UNCOUNTED
from stonechat.http.statics import KEPT
from stonechat.kernel.errors import NotFound
from stonechat.web.calls import WebCall, WebOperation
from stonechat.web.reading import reading

_ICON: Final = (STATIC / "favicon.ico").read_bytes()
_ROBOTS: Final = b"""User-agent: *
Disallow: /api/
Disallow: /auth/
Disallow: /oauth/
"""


async def metrics(call: WebCall) -> Answer:
    """The numbers of this process; for everybody else there is nothing here."""
    request = call.request
    if not may_read_metrics(request.scope, call.header("authorization"), call.env.settings):
        raise NotFound
    return Answer(call.room.observer.render_metrics(), content_type=METRICS_TYPE)


async def robots(call: WebCall) -> Answer:
    """Where crawlers should not go. Who does not want to be found says so on the page itself."""
    del call
    return Answer(_ROBOTS, content_type="text/plain; charset=utf-8")


async def icon(call: WebCall) -> Answer:
    """The icon that browsers ask for where no page named one."""
    del call
    return Answer(_ICON, content_type="image/x-icon")


OPERATIONS: Final = (
    WebOperation(
        "GET",
        "/metrics",
        metrics,
        "metrics",
        Caller.ANYONE,
        rides=True,
        limit=UNCOUNTED,
        cache="no-store",
    ),
    reading("/robots.txt", robots, cache=KEPT),
    reading("/favicon.ico", icon, cache=KEPT),
)
