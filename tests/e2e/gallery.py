"""Somebody with much to show: pictures, a film, a song, polls, a link's preview, quotes.

No page of the outside world is fetched for it: the preview of a link is written into the database
beside the running server, which is how a job of another process would have left it.
"""

import asyncio
import io
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.request import Request, urlopen

from PIL import Image, ImageDraw

from bench.servers import Server, Site
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import new_name
from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.views import CardView
from stonechat.storage import cards
from stonechat.storage.engines.sqlite import open_sqlite
from tests.contract.uploads import multipart
from tests.films import film, song

PROCESSED_S_MAX = 60.0
URL = "https://birds.example.org/2026/heron"
DESCRIPTION = "A heron stands in shallow water. Behind it the sun goes down over the far bank."
CARD = CardView(
    url=URL,
    title="A heron in the harbour, and what it was doing there",
    description="Nobody had seen one so close to the boats before. It stayed for an hour, "
    "caught two fish, and left when the ferry came.",
    language="en",
    author_name="Ada",
    author_url="",
    provider_name="Birds of the coast",
    provider_url="https://birds.example.org/",
    image=None,
    image_description="A heron among boats",
    width=0,
    height=0,
    blurhash=None,
    published_ms=None,
)


def scene(size: tuple[int, int], sky: str = "#f2b56b") -> bytes:
    """A picture with something to see in it: a sun over water."""
    image = Image.new("RGB", size, sky)
    draw, (width, height) = ImageDraw.Draw(image), size
    radius = min(size) // 5
    draw.ellipse(
        (width // 2 - radius, height // 2 - radius, width // 2 + radius, height // 2 + radius),
        fill="#fff1c9",
    )
    draw.rectangle((0, height * 3 // 5, width, height), fill="#27506b")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def upload(site: Site, token: str, content: bytes, **fields: str) -> str:
    """Upload something and wait until it is processed; its id."""
    form = multipart(fields, {"file": content})
    headers = {**form["headers"], "Authorization": f"Bearer {token}"}
    url = f"http://127.0.0.1:{site.port}/api/v2/media"
    with urlopen(Request(url, form["body"], headers), timeout=60) as answer:
        made = json.load(answer)
    deadline = time.monotonic() + PROCESSED_S_MAX
    while made["url"] is None:
        assert time.monotonic() < deadline, "a film is never done"
        time.sleep(0.05)
        made = site.call("GET", f"/api/v1/media/{made['id']}", token)
    return made["id"]


def show_card(site: Site, status_id: str, text: str, card: CardView, picture: bytes) -> None:
    """Give a status the preview of its link."""

    async def show() -> None:
        database = await open_sqlite(site.data_dir / "stonechat.db")
        source, name = site.data_dir / "picture.part", new_name("png")
        source.write_bytes(picture)
        await DiskStore(site.data_dir).insert("cards", name, source)
        shown = replace(card, image=name, width=640, height=360)
        try:
            assert await database.write(
                lambda tx: cards.show(tx, StatusId(int(status_id)), text, shown)
            )
        finally:
            await database.close()

    asyncio.run(show())


def _say(site: Site, token: str, text: str, **more: Any) -> str:
    return site.call("POST", "/api/v1/statuses", token, status=text, **more)["id"]


def _fill_pictures(site: Site, token: str) -> dict[str, str]:
    one = upload(site, token, scene((1600, 900)), description=DESCRIPTION)
    several = [
        upload(site, token, scene((900, 600)), description="Sunset"),
        upload(site, token, scene((600, 1200), "#b7d3c6"), description=DESCRIPTION),
        upload(site, token, scene((90, 60), "#d9c5e8")),
    ]
    hidden = upload(site, token, scene((800, 600), "#c96f5a"), description="A wound")
    return {
        "picture": _say(site, token, "The harbour tonight.", media_ids=[one], language="en"),
        "pictures": _say(site, token, "", media_ids=several),
        "sensitive": _say(site, token, "At the vet.", media_ids=[hidden], sensitive=True),
    }


def _fill_films(site: Site, token: str) -> dict[str, str]:
    moving = film(size=(640, 360), frames=48)
    watched = upload(site, token, moving, description="Red, with a blue corner")
    heard = upload(site, token, song("mp3", "libmp3lame", frames=72), description="A humming")
    return {
        "video": _say(site, token, "Half a film.", media_ids=[watched]),
        "audio": _say(site, token, "A song.", media_ids=[heard]),
    }


def fill(server: Server) -> dict[str, str]:
    """Say it all; the paths of the pages, by what is on them."""
    site = server.site
    (_, cleo), *voters = (site.account(name) for name in ("cleo", "dora", "ella", "finn"))
    said = _fill_pictures(site, cleo) | _fill_films(site, cleo)
    asked = {"options": ["tea", "coffee, black", "neither of them"], "expires_in": 86_400}
    said["poll"] = _say(site, cleo, "What shall it be?", poll=asked)
    secret = {"options": ["yes", "no"], "expires_in": 86_400, "multiple": True, "hide_totals": True}
    said["secret poll"] = _say(site, cleo, "And otherwise?", poll=secret)
    for (_, token), choice in zip(voters, (0, 0, 1), strict=True):
        site.call("POST", f"/api/v1/polls/{said['poll']}/votes", token, choices=[choice])
    said["card"] = _say(site, cleo, f"Look: {URL}")
    show_card(site, said["card"], f"Look: {URL}", CARD, scene((640, 360)))
    said["quote"] = _say(site, cleo, "I was there.", quoted_status_id=said["picture"])
    return {name: f"/@cleo/{status_id}" for name, status_id in said.items()} | {"all": "/@cleo"}


def describe(site: Site, token: str, texts: Sequence[str]) -> list[str]:
    """Posts with pictures that are described by these texts; their ids."""
    picture = scene((60, 40))
    media = [upload(site, token, picture, description=each) for each in _packed(texts)]
    return [
        _say(site, token, "", media_ids=media[start : start + 4], sensitive=bool(start % 8))
        for start in range(0, len(media), 4)
    ]


def ask(site: Site, token: str, texts: Sequence[str]) -> list[str]:
    """Posts with polls that have these texts as options, as far as they are short; their ids."""
    options = [text for text in texts if len(text) <= limits.POLL_OPTION_CHARACTERS_MAX]
    return [
        _say(site, token, "which?", poll={"options": [*four, "none of it"], "expires_in": 600})
        for four in zip(options[::3], options[1::3], options[2::3], strict=False)
    ]


def preview(site: Site, token: str, texts: Sequence[str]) -> list[str]:
    """Posts whose links lead to pages that say nothing but these texts; their ids."""
    said: list[str] = []
    for number, pack in enumerate(_packed(texts)):
        said.append(_say(site, token, f"look {number}"))
        card = replace(
            CARD,
            url=f"https://evil.example/{texts[number]}".replace("\\", ""),
            title=pack,
            description=pack,
            provider_name=texts[number],
            image_description=pack,
            language=texts[number],
        )
        show_card(site, said[-1], f"look {number}", card, scene((60, 40)))
    return said


def _packed(texts: Sequence[str]) -> list[str]:
    """Texts one after the other, as many as fit into a description at a time."""
    packs = [""]
    for text in texts:
        if len(packs[-1]) + len(text) >= limits.MEDIA_DESCRIPTION_CHARACTERS_MAX:
            packs.append("")
        packs[-1] += f" {text}" if packs[-1] else text
    return packs
