"""The hub: asks what is new, and tells the open pages of this process.

It goes by levels, not by messages. Every POLL_S it reads the versions of all that is shown, and
renders what has another one than before; so nothing can be lost, two processes need not know each
other, and who comes back needs nothing repeated. A hint (`wake`) only makes it look at once. While
nobody listens it does not even run. Who takes it for a bus sends events through it, and finds that
of two changes in a row only the second one was seen: what must be told is a notice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from typing import Final

import structlog

from stonechat.domain.limits import LISTENERS_MAX, LISTENERS_PER_NETWORK_MAX
from stonechat.kernel.clock import Clock, from_ms
from stonechat.kernel.errors import NotAllowed, NotFound, RateLimited, StonechatError, Unavailable
from stonechat.realtime.listeners import GONE, Group, Listener, Place, Render

POLL_S: Final = 0.5
HEARTBEAT_S: Final = 15.0
"""Proxies cut a connection on which nothing came for 60 s, some for 30."""
GATHER_S: Final = 0.02
"""After a look, hints wait for so long, or for as long as that look took: pages get half of the
loop at most, however often something changes."""
GATHER_S_MAX: Final = 2.0
KEYS_AT_ONCE: Final = 500
TOPICS_AT_ONCE: Final = 8
RENDERS_AT_ONCE: Final = 16
"""Of one thing; each of them is a statement or two."""
PUSHES_AT_ONCE: Final = 128
"""Other requests have their turn after so many."""
FULL_AGAIN_S: Final = 60
_GREETINGS: Final = tuple(b"retry: %d\n\n" % ms for ms in range(2000, 5000, 125))
"""Browsers come back after so many milliseconds: not all at once when a server starts anew."""
_BEATS: Final = round(HEARTBEAT_S / POLL_S)

FindVersions = Callable[[Sequence[str]], Awaitable[Mapping[str, object]]]
"""The versions of those of at most KEYS_AT_ONCE things that are there; never None."""

_log: Final = structlog.stdlib.get_logger()


class _Topic:
    """One thing that is shown, and those who listen to it by their grants."""

    __slots__ = ("groups", "version")

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.version: object = None
        """What every group has been told."""


class Hub:
    """The listeners of one process. Its sources say of each kind which versions there are."""

    def __init__(self, sources: Mapping[str, FindVersions], clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._topics: dict[Place, _Topic] = {}
        self._hinted: set[Place] = set()
        self._networks: dict[str, int] = {}
        self._beats: tuple[set[Listener], ...] = tuple(set() for _ in range(_BEATS))
        self._beat = 0
        self._made = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_blind = False
        self.size = 0
        """How many listeners there are."""

    # Whoever listens -------------------------------------------------------------------------

    def listen(
        self,
        kind: str,
        key: str,
        grant: str,
        render: Render,
        *,
        known: str | None = None,
        network: str | None = None,
    ) -> Listener:
        """A new listener, which is first sent the present state, unless its id is `known`.

        `render` gives what listeners with this grant see by now, or None (or NotFound, or
        NotAllowed) where that is nothing any more. Where `network` is given it counts there.
        """
        self._ensure_room(network)
        place = Place(kind, key)
        topic = self._topics.setdefault(place, _Topic())
        group = topic.groups.get(grant)
        if group is None:
            group = topic.groups[grant] = Group(place, grant, render)
        listener = self._make(group, network)
        listener.known = known
        self.wake(kind, key)
        if self._task is None:
            # Nothing of the request that happens to come first belongs to it.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return listener

    def _ensure_room(self, network: str | None) -> None:
        if self.size >= LISTENERS_MAX:
            raise Unavailable("So many pages are open that there is no room for one more")
        if network is not None and self._networks.get(network, 0) >= LISTENERS_PER_NETWORK_MAX:
            resets_at = from_ms(self._clock.now_ms()) + timedelta(seconds=FULL_AGAIN_S)
            raise RateLimited(limit=LISTENERS_PER_NETWORK_MAX, resets_at=resets_at)

    def _make(self, group: Group, network: str | None) -> Listener:
        self._made += 1
        greeting = _GREETINGS[self._made % len(_GREETINGS)]
        slot = self._made % _BEATS
        listener = Listener(group, self._forget, greeting, slot=slot, network=network)
        group.size += 1
        group.fresh.append(listener)
        self._beats[slot].add(listener)
        if network is not None:
            self._networks[network] = self._networks.get(network, 0) + 1
        self.size += 1
        return listener

    def _forget(self, listener: Listener) -> None:
        group, network = listener.group, listener.network
        self.size -= 1
        self._beats[listener.slot].discard(listener)
        if network is not None:
            self._networks[network] -= 1
            if not self._networks[network]:
                del self._networks[network]
        group.listeners.discard(listener)
        group.size -= 1
        if not self.size:
            self._news.set()
        if group.size:
            return
        topic = self._topics[group.place]
        del topic.groups[group.grant]
        if not topic.groups:
            del self._topics[group.place]

    # Whoever knows something -----------------------------------------------------------------

    def wake(self, kind: str, key: str) -> None:
        """Look at this now: it may have changed."""
        place = Place(kind, key)
        if place in self._topics:
            self._hinted.add(place)
            self._news.set()

    async def close(self) -> None:
        """Let everybody go."""
        for slot in self._beats:
            for listener in tuple(slot):
                listener.leave()
        task = self._task
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # Looking ---------------------------------------------------------------------------------

    async def _run(self) -> None:
        now_s = asyncio.get_running_loop().time
        poll_at_s = now_s() + POLL_S
        try:
            while self.size:
                await self._await_news(poll_at_s)
                if not self.size:
                    break
                began_s = now_s()
                hinted, self._hinted = self._hinted, set[Place]()
                self._news.clear()
                if began_s < poll_at_s:
                    await self._look(hinted, hinted)
                else:
                    poll_at_s = began_s + POLL_S
                    await self._look(tuple(self._topics), hinted)
                    await self._send_heartbeats()
                await asyncio.sleep(min(max(GATHER_S, now_s() - began_s), GATHER_S_MAX))
        finally:
            self._task = None

    async def _await_news(self, until_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until_s):
                await self._news.wait()

    async def _look(self, places: Collection[Place], hinted: Collection[Place]) -> None:
        kinds: dict[str, list[Place]] = {}
        for place in places:
            if place in self._topics:
                kinds.setdefault(place.kind, []).append(place)
        for kind, found in kinds.items():
            for start in range(0, len(found), KEYS_AT_ONCE):
                await self._look_at(kind, found[start : start + KEYS_AT_ONCE], hinted)

    async def _look_at(self, kind: str, places: list[Place], hinted: Collection[Place]) -> None:
        # Who comes while we look may know something newer than what we are about to read.
        waiting = {
            group: len(group.fresh)
            for place in places
            if place in hinted and place in self._topics
            for group in self._topics[place].groups.values()
        }
        versions = await self._find_versions(kind, [place.key for place in places])
        if versions is None:
            self._hinted.update(each for each in places if each in hinted)
            return
        news: list[tuple[_Topic, object]] = []
        for place in places:
            topic, version = self._topics.get(place), versions.get(place.key)
            if topic is not None and (version != topic.version or place in hinted):
                news.append((topic, version))
        for start in range(0, len(news), TOPICS_AT_ONCE):
            some = news[start : start + TOPICS_AT_ONCE]
            await asyncio.gather(*(self._tell(*each, waiting) for each in some))

    async def _find_versions(self, kind: str, keys: list[str]) -> Mapping[str, object] | None:
        """The versions, or None where they cannot be known just now."""
        try:
            versions = await self._sources[kind](keys)
        except Exception as error:  # noqa: BLE001 - the last wall: pages stay open meanwhile
            if not self._is_blind:
                _log.exception("live.blind", kind=kind, error=type(error).__name__)
            self._is_blind = True
            return None
        self._is_blind = False
        return versions

    # Telling ---------------------------------------------------------------------------------

    async def _tell(self, topic: _Topic, version: object, waiting: Mapping[Group, int]) -> None:
        if version is None:
            await self._end(topic, waiting)
            return
        outdated: list[Group] = []
        for group in tuple(topic.groups.values()):
            count = waiting.get(group, 0)
            if group.version == version:
                await _deliver(_unaware(group, group.admit(count)), group.piece)
            elif count or group.listeners:
                outdated.append(group)
        for start in range(0, len(outdated), RENDERS_AT_ONCE):
            some = outdated[start : start + RENDERS_AT_ONCE]
            await asyncio.gather(*(self._renew(group, version, waiting) for group in some))
        if all(group.version == version for group in outdated if group.size):
            topic.version = version

    async def _renew(self, group: Group, version: object, waiting: Mapping[Group, int]) -> None:
        try:
            payload = await group.render()
        except (NotFound, NotAllowed):
            payload = None
        except StonechatError:
            # It is tried again with the next look, for those who wait as well.
            self._hinted.add(group.place)
            return
        except Exception as error:  # noqa: BLE001 - the last wall: other pages are told theirs
            _log.exception("live.render_failed", kind=group.place.kind, error=type(error).__name__)
            for listener in (*group.listeners, *group.fresh):
                listener.leave()
            return
        admitted = group.admit(waiting.get(group, 0))
        if payload is None:
            await _deliver(tuple(group.listeners), GONE, is_last=True)
            return
        told = group.listeners.difference(admitted) if group.show(version, payload) else ()
        await _deliver([*told, *_unaware(group, admitted)], group.piece)

    async def _end(self, topic: _Topic, waiting: Mapping[Group, int]) -> None:
        for group in tuple(topic.groups.values()):
            group.admit(waiting.get(group, 0))
            await _deliver(tuple(group.listeners), GONE, is_last=True)

    async def _send_heartbeats(self) -> None:
        self._beat = (self._beat + 1) % _BEATS
        for listener in tuple(self._beats[self._beat]):
            if not listener.beat():
                # Nothing was taken for two heartbeats: nobody is there, or nobody reads.
                listener.leave()
                if listener.break_off is not None:
                    listener.break_off()


def _unaware(group: Group, listeners: Collection[Listener]) -> list[Listener]:
    """Those who have not seen what is shown before they came."""
    return [each for each in listeners if each.known != group.mark]


async def _deliver(listeners: Collection[Listener], piece: bytes, *, is_last: bool = False) -> None:
    for number, listener in enumerate(listeners, start=1):
        if is_last:
            listener.end(piece)
        else:
            listener.push(piece)
        if number % PUSHES_AT_ONCE == 0:
            await asyncio.sleep(0)
