"""Keys, write tokens and the ends of links: what is told once, bounded, and over in the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from stonechat.domain import limits
from stonechat.domain.beacons import Address
from stonechat.domain.ids import TokenId
from stonechat.domain.viewers import Bearer, Caller
from stonechat.kernel.clock import to_ms
from stonechat.kernel.errors import (
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotInPlan,
)
from stonechat.kernel.secrets import hash_secret
from stonechat.kernel.settings import Settings
from stonechat.services import beacon_links, beacon_tokens, beacons, keys
from stonechat.services.beacon_roles import follow, give_role
from stonechat.services.beacons import Name
from stonechat.services.viewers import admit_bearer, admit_write_token
from tests.contract.api import Api, Person
from tests.contract.watchers import light, look, viewer

DAY_MS = 86_400_000


def bearer(api: Api, secret: str) -> Bearer:
    """A key that was sent now to an operation that keys are made for."""
    now_ms = api.clock.now_ms()
    return Bearer(hash_secret(secret), Caller.PERSON, opens_beacons=True, now_ms=now_ms)


async def test_a_key_is_told_once_and_known_by_its_beginning(api: Api) -> None:
    """[D11] Keys have labels, end only if asked to, and are revoked at once; used is noted."""
    anna, bert = await api.person("anna"), await api.person("bert")
    made = await keys.create_key(api.env, viewer(anna), " door  sensor ", days=7)
    assert made.secret.startswith("sck_")
    assert len(made.secret) == 47
    now_ms = api.clock.now_ms()
    assert made.key[1:] == ("door sensor", made.secret[:8], now_ms, now_ms + 7 * DAY_MS, None)
    assert await keys.list_keys(api.env, viewer(anna)) == [made.key]
    assert (await admit_bearer(api.env, bearer(api, made.secret))).account_id == int(anna.id)
    (used,) = await keys.list_keys(api.env, viewer(anna))
    assert used.used_ms == now_ms
    with pytest.raises(NotFound):
        await keys.revoke_key(api.env, viewer(bert), made.key.id)
    await keys.revoke_key(api.env, viewer(anna), made.key.id)
    with pytest.raises(NotFound):
        await keys.revoke_key(api.env, viewer(anna), made.key.id)
    with pytest.raises(NotAuthenticated):
        await admit_bearer(api.env, bearer(api, made.secret))
    assert await keys.list_keys(api.env, viewer(anna)) == []


async def test_a_key_ends_when_it_was_asked_to_and_makes_room(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_MOST", 2)
    anna = await api.person("anna")
    me, now_ms = viewer(anna), api.clock.now_ms()
    ending = await keys.create_key(api.env, me, "ending", expires_ms=now_ms + 1000)
    lasting = await keys.create_key(api.env, me, "lasting")
    with pytest.raises(InvalidInput, match="There may be 2 at most"):
        await keys.create_key(api.env, me)
    api.clock.move(seconds=1)
    with pytest.raises(NotAuthenticated):
        await admit_bearer(api.env, bearer(api, ending.secret))
    assert [each.is_over(now_ms + 1000) for each in await keys.list_keys(api.env, me)] == [
        True,
        False,
    ]
    # Both at once: there is room for one more.
    made = await asyncio.gather(
        *(keys.create_key(api.env, me) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(each, InvalidInput) for each in made) == [False, True]
    kept = [each.id for each in await keys.list_keys(api.env, me)]
    assert len(kept) == 2
    assert lasting.key.id in kept
    assert ending.key.id not in kept


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("days", {"days": 0}),
        ("days", {"days": limits.KEY_DAYS_MAX + 1}),
        ("expiresAt", {"expires_ms": 1}),
        ("expiresAt", {"expires_ms": 2**53}),
        ("label", {"label": "x" * (limits.BEACON_LABEL_CHARACTERS_MAX + 1)}),
        ("label", {"label": "a\0b"}),
    ],
)
async def test_s094_what_is_asked_of_keys_and_links_is_bounded(
    sqlite_api: Api, field: str, arguments: dict[str, Any]
) -> None:
    anna = await sqlite_api.person("anna")
    name = await light(sqlite_api, anna)
    for verb in (
        keys.create_key(sqlite_api.env, viewer(anna), **arguments),
        beacon_links.create_link(sqlite_api.env, viewer(anna), name, **arguments),
    ):
        with pytest.raises(InvalidInput) as refused:
            await verb
        assert refused.value.field == field


async def test_there_are_so_many_links_and_write_tokens_of_a_beacon(api: Api) -> None:
    anna = await api.person("anna")
    me, name = viewer(anna), await light(api, anna)
    made = await asyncio.gather(
        *(
            beacon_links.create_link(api.env, me, name, days=1)
            for _ in range(limits.BEACON_LINKS_MAX + 2)
        ),
        *(
            beacon_tokens.create_token(api.env, me, name, "door")
            for _ in range(limits.BEACON_TOKENS_MAX + 2)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, InvalidInput) for each in made) == 4
    assert len(await beacon_links.list_links(api.env, me, name)) == limits.BEACON_LINKS_MAX
    assert len(await beacon_tokens.list_tokens(api.env, me, name)) == limits.BEACON_TOKENS_MAX
    # Links that are over take no room.
    api.clock.move(days=1)
    assert await beacon_links.list_links(api.env, me, name) == []
    link = await beacon_links.create_link(api.env, me, name)
    assert await beacon_links.list_links(api.env, me, name) == [link]


async def test_s028_a_write_token_sets_its_beacon_and_nothing_else(api: Api) -> None:
    """S028: of another beacon it is absent, elsewhere it opens nothing, revoked it is over."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name, other = await light(api, anna), await light(api, anna)
    await give_role(api.env, viewer(anna), name, "bert", "updater")
    with pytest.raises(NotAllowed):
        await beacon_tokens.create_token(api.env, viewer(bert), name)
    made = await beacon_tokens.create_token(api.env, viewer(anna), name, "sensor")
    assert made.secret.startswith("scw_")
    assert await beacon_tokens.list_tokens(api.env, viewer(anna), name) == [made.key]
    assert await keys.list_keys(api.env, viewer(anna)) == []
    hashed = hash_secret(made.secret)
    setter = await admit_write_token(api.env, hashed, name.id)
    assert setter is not None
    await beacons.set_by_token(api.env, setter, name.id, "21 °c")
    view = await look(api, anna, name)
    assert view.beacon.value == "21 °C"
    (change, _) = await beacons.list_changes(api.env, view, limit=2)
    assert (change.source, change.account_id) == ("token", int(anna.id))
    with pytest.raises(NotFound):
        await admit_write_token(api.env, hashed, other.id)
    with pytest.raises((NotAllowed, NotFound)):
        await admit_bearer(api.env, bearer(api, made.secret))
    with pytest.raises(NotFound):
        await keys.revoke_key(api.env, viewer(anna), made.key.id)
    with pytest.raises(NotFound):
        await beacon_tokens.revoke_token(api.env, viewer(anna), other, made.key.id)
    await beacon_tokens.revoke_token(api.env, viewer(anna), name, made.key.id)
    with pytest.raises(NotAuthenticated):
        await admit_write_token(api.env, hashed, name.id)
    assert await beacon_tokens.list_tokens(api.env, viewer(anna), name) == []


async def test_nobody_but_the_owner_knows_of_links_and_write_tokens(api: Api) -> None:
    """S069, S065: updaters and subscribers may not; to others a private beacon is not there."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    name = await light(api, anna)
    link = await beacon_links.create_link(api.env, viewer(anna), name)
    token = await beacon_tokens.create_token(api.env, viewer(anna), name)
    await follow(api.env, viewer(bert), Address(name.id, link.secret))
    for who, refusal in ((bert, NotAllowed), (carl, NotFound)):
        for verb in verbs_of_owners(api, who, name, link.secret, token.key.id):
            with pytest.raises(refusal):
                await verb
    # A status id with another tail names nothing, for the owner either.
    for verb in verbs_of_owners(api, anna, Name(name.id, "x" * 15), link.secret, token.key.id):
        with pytest.raises(NotFound):
            await verb
    assert await beacon_links.list_links(api.env, viewer(anna), name) == [link]
    assert await beacon_tokens.list_tokens(api.env, viewer(anna), name) == [token.key]


def verbs_of_owners(
    api: Api, who: Person, name: Name, secret: str, token_id: TokenId
) -> list[Coroutine[Any, Any, object]]:
    """What somebody tries who may not."""
    env, me = api.env, viewer(who)
    return [
        beacon_links.list_links(env, me, name),
        beacon_links.create_link(env, me, name),
        beacon_links.rotate_link(env, me, name, secret),
        beacon_links.end_link(env, me, name, secret),
        beacon_tokens.list_tokens(env, me, name),
        beacon_tokens.create_token(env, me, name),
        beacon_tokens.revoke_token(env, me, name, token_id),
    ]


class TestPlan:
    """What an operator may bound."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(
            settings.data_dir, "", rate_limits=False, beacon_link_days_max=7, beacon_api=False
        )

    async def test_a_plan_ends_links_and_leaves_out_keys(self, sqlite_api: Api) -> None:
        """[D3], [D11]: how long a private link lasts is the plan's, and so are keys."""
        anna = await sqlite_api.person("anna")
        me, name = viewer(anna), await light(sqlite_api, anna)
        week_ms = to_ms(sqlite_api.clock.now()) + 7 * DAY_MS
        env = sqlite_api.env
        ways: list[dict[str, Any]] = [{}, {"days": 7}, {"expires_ms": week_ms}]
        for asked in ways:
            link = await beacon_links.create_link(env, me, name, **asked)
            assert link.expires_ms == week_ms
        for verb in (
            beacon_links.create_link(env, me, name, days=8),
            beacon_links.create_link(env, me, name, expires_ms=week_ms + 1),
            keys.create_key(env, me),
            beacon_tokens.create_token(env, me, name),
        ):
            with pytest.raises(NotInPlan):
                await verb
