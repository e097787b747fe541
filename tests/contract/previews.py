"""What tests of link cards share: a page, its site, and a look at what a status shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.contract.api import Api, Person
from tests.contract.people import run_jobs
from tests.outside import Site, answer
from tests.pictures import plain

URL = "http://site.example/page"
PAGE = """<html lang="en"><head><title>Stones</title>
<meta property="og:description" content="All about them">
<meta property="og:site_name" content="The Site">
<meta property="og:image" content="/stone.png">
<meta property="og:image:alt" content="A stone">
<meta property="article:published_time" content="2026-03-04T05:06:07Z">
<meta name="author" content="Ada">
</head></html>"""


@asynccontextmanager
async def stones(api: Api) -> AsyncIterator[Site]:
    """The site that URL and its picture are on."""
    async with api.outside.site("site.example") as site:
        site.pages["/page"] = answer(PAGE)
        site.pages["/stone.png"] = answer(plain(size=(60, 40)), kind="image/png")
        yield site


async def work(api: Api) -> None:
    """Run what is due, to the end."""
    while await run_jobs(api):
        pass


async def card_of(api: Api, status: dict[str, Any], who: Person | None = None) -> Any:
    """The card of a status as it is shown now, in the status and by itself."""
    seen = await api.get(f"/api/v1/statuses/{status['id']}", who)
    alone = await api.get(f"/api/v1/statuses/{status['id']}/card", who)
    assert (seen.status, alone.status) == (200, 200)
    assert alone.json == (seen.json["card"] or {})
    return seen.json["card"]
