"""The composition root: the one file that knows every room.

`create` makes the ASGI application around the rooms that services run in (services/rooms.py). The
command line opens those without the doors, which are slow to import.
"""

import gc
from contextlib import AsyncExitStack
from typing import Any, Final

import falcon
import falcon.asgi

from stonechat.config import read_settings
from stonechat.dialects.mastodon.dialect import OPERATIONS as MASTODON
from stonechat.dialects.mastodon.dialect import make_dialect as make_mastodon
from stonechat.dialects.oauth.dialect import (
    RENEWAL_OPERATIONS,
    make_community_oauth,
    make_oauth,
    make_oauth_pages,
)
from stonechat.dialects.selfcommunity.dialect import make_selfcommunity
from stonechat.dialects.selfcommunity.strays import answer_community_strays
from stonechat.dialects.stativate.dialect import make_stativate
from stonechat.http.edge import Edge
from stonechat.http.files import make_files
from stonechat.http.forks import Fork, nouns_of
from stonechat.http.live import Live
from stonechat.http.logs import Sink, configure_logging
from stonechat.http.mounting import App, mount
from stonechat.http.observing import Observer
from stonechat.http.rates import RateLimits
from stonechat.http.shortcuts import Shortcuts
from stonechat.http.statics import make_statics
from stonechat.http.strays import answer_strays
from stonechat.jobs.shift import working
from stonechat.kernel.settings import Settings
from stonechat.realtime.hub import Hub
from stonechat.services.env import Env
from stonechat.services.live import make_sources
from stonechat.services.rooms import open_rooms
from stonechat.web.desk.door import make_desk
from stonechat.web.door import make_shares, make_web
from stonechat.web.routes.share_formats import (
    make_share_formats,
    make_share_frames,
    make_shortcut,
)

JOB_DRAIN_S: Final = 2.0
"""A server that stops waits so long for jobs in hand, which somebody else takes up again."""
GC_FIRST_THRESHOLD: Final = 20_000


def make_app(env: Env, sink: Sink, hub: Hub | None = None) -> Shortcuts:
    """The ASGI application over an environment, which logs into `sink`.

    Without a hub it has one of its own, which nobody hints at what is new.
    """
    hub = hub or make_hub(env)
    app = falcon.asgi.App(media_type=falcon.MEDIA_JSON)
    app.req_options.strip_url_path_trailing_slash = True
    answer_strays(app, env.settings)
    rates = RateLimits(env.clock, env.settings)
    observer = Observer(env.clock, env.settings, sink)
    observer.metrics.register("gauge", "listeners", "Open pages.", lambda: hub.size)
    mount(app, env, make_mastodon(env), rates, observer)
    mount(app, env, make_stativate(env), rates, observer)
    mount(app, env, make_oauth(), rates, observer)
    mount(app, env, make_oauth_pages(env, rates), rates, observer)
    mount(app, env, make_statics(env), rates, observer)
    mount(app, env, make_files(env), rates, observer)
    live = Live(hub, env.settings)
    mount(app, env, make_desk(env, live), rates, observer)
    mount(app, env, make_web(env, observer, live), rates, observer)
    mount(app, env, make_shares(env, observer, live), rates, observer)
    formats = make_share_formats(env)
    mount(app, env, formats, rates, observer)
    mount(app, env, make_share_frames(formats), rates, observer)
    fork = _make_fork(app, env, rates, observer)
    return Shortcuts(fork, make_shortcut(formats), rates=rates, observer=observer)


def _make_fork(app: App, env: Env, rates: RateLimits, observer: Observer) -> Fork:
    """The doors with the community's dialect beside them, which shares a path with Mastodon's."""
    community: App = falcon.asgi.App(media_type=falcon.MEDIA_JSON)
    dialect = make_selfcommunity(env, rates)
    answer_community_strays(community, dialect)
    mount(community, env, dialect, rates, observer)
    nouns = nouns_of(dialect.operations)
    mount(community, env, make_community_oauth(rates), rates, observer)
    paths = [each.path for each in RENEWAL_OPERATIONS]
    return Fork(app, community, nouns, nouns & nouns_of(MASTODON), paths)


def make_hub(env: Env) -> Hub:
    """What tells the open pages of this process what is new."""
    return Hub(make_sources(env), env.clock)


def create() -> Any:
    """The whole server as one ASGI application, from the settings of this process."""
    settings = read_settings()
    return Edge(_Server(settings, configure_logging(settings)))


class _Server:
    """Opens the rooms when the server starts, and closes them when it stops."""

    def __init__(self, settings: Settings, sink: Sink) -> None:
        self._settings = settings
        self._sink = sink
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            rooms = await stack.enter_async_context(open_rooms(self._settings))
            if self._settings.jobs:
                await stack.enter_async_context(working(rooms, drain_s=JOB_DRAIN_S))
            hub = rooms.live.hub = make_hub(rooms.env)
            stack.push_async_callback(hub.close)
            self._app = make_app(rooms.env, self._sink, hub)
            # What was made so far lives as long as the process: the collector need not look at
            # it again, and looks at the rest less often than Python does by itself.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GC_FIRST_THRESHOLD, 20, 20)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        self._sink.flush()
        await send({"type": "lifespan.shutdown.complete"})
