"""Guessing the addresses of beacons: what there is to find, and how often one may try."""

import math
from dataclasses import replace

from stonechat.domain.beacons import (
    LINK_CHARACTERS,
    SECRET_ALPHABET,
    SHARE_ALPHABET,
    TAIL_CHARACTERS,
)
from stonechat.http.rates import MISSES_PER_NETWORK
from stonechat.kernel.settings import Settings
from stonechat.storage.engines.sqlite import SqliteDatabase
from tests.contract.api import Api
from tests.contract.stativate.programs import program


def test_s064_secrets_are_too_many_to_be_guessed() -> None:
    """S064: what opens something private has 60 bits and more."""
    for characters in (LINK_CHARACTERS, TAIL_CHARACTERS):
        assert characters * math.log2(len(SECRET_ALPHABET)) > 80
    assert not set("01loIOi") & set(SHARE_ALPHABET)


async def test_s064_short_ids_show_what_is_public_and_guesses_are_counted(
    sqlite: SqliteDatabase, settings: Settings
) -> None:
    """S064: a hit on something private is a miss; who has missed too often finds nothing more."""
    api = Api(sqlite, replace(settings, rate_limits=True))
    anna = await program(api, "anna")
    hidden, shown = await anna.make(), await anna.make(accessType="public")
    guesses = [
        await api.get(f"/s/{hidden['shareId']}{ending}")
        for ending in ("", ".json", ".txt", ".svg", "/qr.svg", "/embed", "/badge.json")
    ]
    assert {each.status for each in guesses} == {404}
    assert (await api.get(f"/s/{shown['shareId']}.txt")).body == b"PACKED\n"
    for number in range(MISSES_PER_NETWORK.maximum - len(guesses)):
        name = SHARE_ALPHABET[number % 31] + SHARE_ALPHABET[number // 31] + "2222"
        # The short way and the usual one count alike.
        assert (await api.get(f"/s/{name}.json{'?a=b' * (number % 2)}")).status == 404
    for name in (hidden["shareId"], shown["shareId"], "222222"):
        for ending in ("", ".json", ".json?a=b", "/events", "/embed"):
            assert (await api.get(f"/s/{name}{ending}")).status == 429
    assert (await api.get("/b/222222222222")).status == 429
    # Whoever shares the network with them still finds the rest of the house.
    assert (await api.get("/about")).status == 200
    assert (await api.get("/beacons")).status == 303
