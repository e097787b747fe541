"""Webhooks: how fast deliveries go out to receivers that answer at once.

The receivers stand in this very process, so what is measured is sender and receiver together. What
came is looked at afterwards: each webhook got every change, once and in order.
"""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import replace
from typing import Final

from bench.servers import Site
from stonechat.config import read_settings
from stonechat.domain.beacons import BeaconForm
from stonechat.domain.viewers import Viewer
from stonechat.jobs.runner import Runner
from stonechat.services import accounts, beacons, webhooks
from stonechat.services.beacons import Name
from stonechat.services.consequences import HANDLERS, LANES
from stonechat.services.rooms import open_rooms
from tests.outside import Outside, answer

WEBHOOKS: Final = 10
CHANGES: Final = 100
HOST: Final = "receiver.example"
_DONE: Final = answer(status="204 No Content")


def webhook_figure(site: Site) -> str:
    """Leave so many deliveries and send them; the figure as one line, or AssertionError."""
    return asyncio.run(_measure(site))


async def _measure(site: Site) -> str:
    outside = Outside()
    settings = read_settings(site.environment)
    async with open_rooms(settings) as rooms, outside.site(HOST) as receiver:
        env = replace(rooms.env, web=outside.web(settings.base_url))
        made = await accounts.create_account(
            env, username="anna", email="anna@example.org", password="long enough"
        )
        me = Viewer(made.id)
        form = BeaconForm(name="The oven", value="cold")
        name = Name((await beacons.create_beacon(env, me, form)).beacon.id)
        for number in range(WEBHOOKS):
            receiver.pages[f"/{number}"] = _DONE
            await webhooks.create_webhook(env, me, name, f"http://{HOST}/{number}")
        for number in range(CHANGES):
            await beacons.change_beacon(env, me, name, BeaconForm(value=f"N{number}"))
        began, cpu_began_s = time.monotonic(), time.process_time()
        await Runner(env, HANDLERS, LANES).run_due()
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_began_s
    sent = len(receiver.requests)
    line = (
        f"{CHANGES} changes to {WEBHOOKS} webhooks, {sent / took_s:,.0f} deliveries/s,"
        f" {cpu_s / sent * 1e6:.0f} CPU µs/delivery with its receiver"
    )
    if not _is_whole(receiver.requests):
        raise AssertionError(f"{line}: not each change once and in order")
    return line


def _is_whole(requests: list[bytes]) -> bool:
    came: defaultdict[str, list[str]] = defaultdict(list)
    for request in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        came[head.split(b" ")[1].decode()].append(json.loads(body)["value"])
    expected = [f"N{number}" for number in range(CHANGES)]
    return len(came) == WEBHOOKS and all(values == expected for values in came.values())
