"""Places: `location` of a contribution, and the localities that are offered out of them."""

import asyncio
from typing import Any

import pytest

from stonechat.dialects.selfcommunity.forms.places import read_place
from stonechat.domain.places import Place
from stonechat.http.parameters import Parameters, parse_body
from stonechat.kernel.errors import InvalidInput, MalformedRequest
from tests.contract.api import Api, Person
from tests.contract.selfcommunity.community import ask, contribute, label

TURIN = {"location": "Torino, Piemonte", "lat": 45.070312345, "lng": 7.686856}


def _at(name: str, lat: float = 1.0, lng: float = 2.0) -> dict[str, Any]:
    return {"location": name, "lat": lat, "lng": lng}


async def _found(api: Api, search: str, who: Person | None = None) -> list[str]:
    reply = await api.get(f"/api/v2/locality/search/?search={search}", who)
    assert reply.status == 200, reply.body
    return [each["full_address"] for each in reply.json["results"]]


def _read(raw: bytes) -> Place | None:
    return read_place(Parameters(parse_body("application/json", raw).fields))


async def test_localities_are_places_that_were_named_in_public(api: Api) -> None:
    """2.6, 3.6: a page of Locality for anybody; most named first.

    S080: spots are rounded on the way in.
    """
    anna = await api.person("anna")
    said = await contribute(api, anna, "here", location=TURIN)
    assert said["location"] == {**TURIN, "lat": 45.07031, "lng": 7.68686}
    await contribute(api, anna, "and there", "post", location=_at("Via Torino 5, Röma"))
    await contribute(api, anna, "here again", "discussion", title="x", location=TURIN)
    reply = await api.get("/api/v2/locality/?limit=1&search=tor")
    assert reply.json["results"] == [
        {
            "full_address": "Torino, Piemonte",
            "postal_code": "",
            "town": "",
            "province": "",
            "province_short": "",
            "region": "",
            "country": "",
            "lat": 45.07031,
            "lng": 7.68686,
        }
    ]
    assert reply.json["count"] == 2
    assert reply.json["next"] == (
        "http://stonechat.test/api/v2/locality/?limit=1&offset=1&search=tor"
    )
    second = await api.get("/api/v2/locality/?limit=1&offset=1&search=tor")
    assert [each["full_address"] for each in second.json["results"]] == ["Via Torino 5, Röma"]
    assert second.json["next"] is None
    assert await _found(api, "roma+TORI") == ["Via Torino 5, Röma"]
    assert await _found(api, "") == ["Torino, Piemonte", "Via Torino 5, Röma"]
    for nothing in ("orino", "torino+berlin", "%25", "_", '"', "t*x", "%27--"):
        assert await _found(api, nothing) == [], nothing  # S083


async def test_s080_only_what_everybody_may_see_is_offered(api: Api) -> None:
    """S080: others' places are not told; what is edited, deleted, brought back counts anew."""
    root = await api.person("root", role="admin")
    anna = await api.person("anna")
    crew = await label(api, root, "Crew", anna)
    await contribute(api, anna, "secret", addressing=[crew], location=_at("Hideaway"))
    said = await contribute(api, anna, "open", location=_at("Market"))
    assert await _found(api, "hideaway", anna) == []
    assert await _found(api, "") == ["Market"]
    path = f"/status/{said['id']}/"
    moved = {"text": "open", "categories": [], "location": _at("Harbour")}
    assert (await ask(api, "PUT", path, anna, **moved)).status == 200
    assert await _found(api, "") == ["Harbour"]
    assert (await ask(api, "PUT", path, anna, **moved, addressing=[crew])).status == 200
    assert await _found(api, "") == []
    assert (await ask(api, "PUT", path, anna, **moved)).status == 200
    assert await _found(api, "") == ["Harbour"]
    assert (await ask(api, "DELETE", path, anna)).status == 204
    assert await _found(api, "") == []
    assert (await ask(api, "POST", f"{path}restore/", anna)).status == 204
    assert await _found(api, "harb") == ["Harbour"]
    assert (await ask(api, "DELETE", path, anna)).status == 204
    # What was the last to name a place leaves nothing of it behind.
    for sql in (
        "SELECT name FROM places WHERE name_key = $1",
        "SELECT word FROM place_words WHERE name_key = $1",
        "SELECT status_id FROM status_places WHERE name_key = $1",
    ):
        assert await api.env.db.all(sql, "harbour") == []


async def test_a_place_that_many_name_at_once(api: Api) -> None:
    """Every contribution counts once, whatever comes beside it; and so does taking it away."""
    people = [await api.person(f"p{number}") for number in range(12)]
    said = await asyncio.gather(
        *(
            contribute(api, who, "here", location=_at(f"Spot {at % 2}"))
            for at, who in enumerate(people)
        )
    )
    uses = "SELECT COUNT(*) FROM status_places WHERE name_key = $1"
    assert [await api.env.db.all(uses, f"spot {at}") for at in (0, 1)] == [[(6,)], [(6,)]]

    async def swap(at: int, who: Person) -> None:
        place, path = _at(f"Spot {1 - at % 2}"), f"/status/{said[at]['id']}/"
        reply = await ask(api, "PUT", path, who, text="there", categories=[], location=place)
        assert reply.status == 200, reply.body

    await asyncio.gather(*(swap(at, who) for at, who in enumerate(people[:11])))
    assert [await api.env.db.all(uses, f"spot {at}") for at in (0, 1)] == [[(5,)], [(7,)]]


@pytest.mark.parametrize(
    ("location", "field", "code"),
    [
        ('{"location": "x", "lat": 1e308, "lng": 0}', "lat", "invalid"),
        ('{"location": "x", "lat": 90.0000001, "lng": 0}', "lat", "invalid"),
        ('{"location": "x", "lat": 0, "lng": -180.5}', "lng", "invalid"),
        ('{"location": "x", "lat": "45", "lng": 0}', "lat", "invalid"),
        ('{"location": "x", "lat": 0, "lng": true}', "lng", "invalid"),
        ('{"location": "x", "lat": [1], "lng": 0}', "lat", "invalid"),
        ('{"location": "x", "lat": ' + "9" * 300 + ', "lng": 0}', "lat", "invalid"),
        ('{"location": "x", "lat": 0}', "lng", "required"),
        ('{"lat": 0, "lng": 0}', "location", "required"),
        ("{}", "location", "required"),
        ('{"location": ["x"], "lat": 0, "lng": 0}', "location", "invalid"),
        ('{"location": "' + "x" * 256 + '", "lat": 0, "lng": 0}', "location", "max_length"),
    ],
)
async def test_s080_s086_a_location_that_is_none(
    sqlite_api: Api, location: str, field: str, code: str
) -> None:
    """S080, 1.2: the fault is told of the field within the field."""
    anna = await sqlite_api.person("anna")
    reply = await sqlite_api.post(
        "/api/v2/status/",
        anna,
        body=b'{"text": "x", "categories": [], "location": %b}' % location.encode(),
        headers={"content-type": "application/json"},
    )
    assert reply.status == 400, reply.body
    fault = reply.json["errors"][0]
    assert fault["field"] == "location"
    assert fault["messages"][0]["field"] == field
    assert fault["messages"][0]["messages"][0]["code"] == code


def test_s080_a_location_that_is_one() -> None:
    """2.1.1: null, or three keys each of which may be null; rounded on the way in."""
    assert _read(b"{}") is _read(b'{"location": null}') is None
    assert _read(b'{"location": {"location": null, "lat": null, "lng": null}}') is None
    assert _read(b'{"location": {"location": " ", "lat": null, "lng": null}}') is None
    longest = "é" * 255
    assert _read(
        b'{"location": {"location": "%b", "lat": -90, "lng": 180}}' % longest.encode()
    ) == (Place(longest, -90.0, 180.0))
    read = _read(b'{"location": {"location": "a\\u202eb\\n c", "lat": -0.000001, "lng": 1e-9}}')
    assert read == Place("ab c", 0.0, 0.0)
    assert read is not None
    assert str(read.lat) == "0.0"
    with pytest.raises(MalformedRequest):
        _read(b'{"location": {"location": "x", "lat": NaN, "lng": 0}}')
    with pytest.raises(InvalidInput):
        _read(b'{"location": [1]}')


async def test_a_place_by_letters_that_grow_in_folding(api: Api) -> None:
    """A name of many words, of no words, and of letters that stand for eighteen others."""
    anna = await api.person("anna")
    for name in ("\ufdfa" * 255, "★ ★", "a b c d e f g h i j", "Straße"):
        await contribute(api, anna, "x", location=_at(name))
    assert await _found(api, "strasse") == ["Straße"]
    assert await _found(api, "a+b+h") == ["a b c d e f g h i j"]
    assert len(await _found(api, "")) == 4
