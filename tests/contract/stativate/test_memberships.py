"""Who gets a role, by which way, and what ends with it: the verbs below every door."""

import asyncio
from typing import LiteralString

import pytest

from stonechat.domain import limits
from stonechat.domain.beacon_roles import BeaconFilter
from stonechat.domain.beacons import Address, BeaconForm
from stonechat.domain.ids import AccountId
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services import beacon_links, beacon_roles, beacons, blocks
from stonechat.services.beacon_roles import follow, give_role, leave, set_settings, take_role
from stonechat.services.beacons import hold
from stonechat.services.desks import find_desk_versions
from stonechat.storage import beacon_roles as roles
from stonechat.storage.database import Transaction
from tests.contract.api import Api
from tests.contract.watchers import crew, light, look, turn, viewer

NOTICES: LiteralString = "SELECT kind, value FROM beacon_notices WHERE account_id = $1 ORDER BY id"
FILTERS: LiteralString = (
    "SELECT COUNT(*) FROM beacon_filters WHERE beacon_id = $1 AND account_id = $2"
)


async def heard(api: Api, who_id: str) -> list[tuple[str, str]]:
    """Kind and value of what somebody was told, the oldest first."""
    return [(row[0], row[1]) for row in await api.env.db.all(NOTICES, int(who_id))]


async def test_following_twice_is_once_and_leaving_ends_it(api: Api) -> None:
    """[D2] A public beacon is just followed; the count is of every role but the owner's."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna, access="public")
    before = (await look(api, anna, name)).beacon.version
    for _ in range(2):
        seen = await follow(api.env, viewer(bert), Address(name.id))
        assert (seen.role, seen.beacon.subscribers, seen.beacon.version) == (
            "subscriber",
            1,
            before + 1,
        )
    assert await crew(api, anna, name) == {
        "anna": ("owner", "made"),
        "bert": ("subscriber", "followed"),
    }
    for _ in range(2):
        await leave(api.env, viewer(bert), name.id)
    assert (await look(api, anna, name)).beacon.subscribers == 0
    assert (await follow(api.env, viewer(anna), Address(name.id))).role == "owner"
    with pytest.raises(NotAllowed):
        await leave(api.env, viewer(anna), name.id)


async def test_s067_a_role_that_came_by_a_link_outlives_it_and_the_owner_ends_it(api: Api) -> None:
    """S067, [D3]: whatever becomes of the link, the role stays; the owner sees how it came."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    name = await light(api, anna)
    link = await beacon_links.create_link(api.env, viewer(anna), name)
    door = Address(name.id, link.secret)
    assert (await follow(api.env, viewer(bert), door)).role == "subscriber"
    await beacon_links.end_link(api.env, viewer(anna), name, link.secret)
    assert (await crew(api, anna, name))["bert"] == ("subscriber", "link")
    assert (await beacons.see_shared(api.env, viewer(bert).account_id, Address(name.id))).role
    assert (await follow(api.env, viewer(bert), door)).role == "subscriber"
    with pytest.raises(NotFound):
        await follow(api.env, viewer(carl), door)
    gone = await take_role(api.env, viewer(anna), name, "bert")
    assert (gone.username, gone.via) == ("bert", "link")
    assert list(await crew(api, anna, name)) == ["anna"]
    for address in (door, Address(name.id)):
        with pytest.raises(NotFound):
            await beacons.see_shared(api.env, viewer(bert).account_id, address)
        with pytest.raises(NotFound):
            await follow(api.env, viewer(bert), address)


async def test_s066_links_that_are_good_for_nothing_answer_alike(api: Api) -> None:
    """S066: over, rotated, ended, of another beacon, made up: none of them shows or lets in."""
    anna, bert = await api.person("anna"), await api.person("bert")
    me = viewer(anna)
    name, other = await light(api, anna), await light(api, anna)
    over = await beacon_links.create_link(api.env, me, name, days=1)
    api.clock.move(days=1)
    rotated = await beacon_links.create_link(api.env, me, name, label=" the  lab ")
    good = await beacon_links.rotate_link(api.env, me, name, rotated.secret)
    assert (good.label, good.expires_ms, good.created_ms) == ("the lab", None, rotated.created_ms)
    ended = await beacon_links.create_link(api.env, me, name)
    await beacon_links.end_link(api.env, me, name, ended.secret)
    foreign = await beacon_links.create_link(api.env, me, other)
    assert await beacon_links.list_links(api.env, me, name) == [good]
    answers: set[str] = set()
    for secret in (over.secret, rotated.secret, ended.secret, foreign.secret, "2" * 22):
        for verb in (
            beacons.see_shared(api.env, viewer(bert).account_id, Address(name.id, secret)),
            follow(api.env, viewer(bert), Address(name.id, secret)),
            beacon_links.rotate_link(api.env, me, name, secret),
        ):
            with pytest.raises(NotFound) as refused:
                await verb
            answers.add(str(refused.value))
    assert len(answers) == 1
    assert (await follow(api.env, viewer(bert), Address(name.id, good.secret))).role


async def test_nobody_has_more_roles_than_can_be_listed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by following nor by being given some; own ones do not count, and come first."""
    monkeypatch.setattr(limits, "BEACON_ROLES_PER_ACCOUNT_MAX", 2)
    anna, bert = await api.person("anna"), await api.person("bert")
    mine = [await light(api, bert) for _ in range(3)]
    names: list[beacons.Name] = []
    for _ in range(4):
        api.clock.move(milliseconds=1)
        names.append(await light(api, anna, access="public"))
    await follow(api.env, viewer(bert), Address(names[0].id))
    await give_role(api.env, viewer(anna), names[1], "bert", "updater")
    refusals: list[str] = []
    for verb in (
        follow(api.env, viewer(bert), Address(names[2].id)),
        give_role(api.env, viewer(anna), names[2], "bert", "updater"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await verb
        assert refused.value.rule == "too_many"
        refusals.append(str(refused.value))
    assert refusals == ["Nobody can follow more than 2 beacons"] * 2
    # What is there goes on: twice is once, and a role becomes another one.
    await follow(api.env, viewer(bert), Address(names[0].id))
    await give_role(api.env, viewer(anna), names[1], "bert", "subscriber")
    watched = await beacons.list_watched(api.env, viewer(bert))
    assert {each.beacon.id for each in watched[:3]} == {each.id for each in mine}
    assert {each.beacon.id for each in watched[3:]} == {each.id for each in names[:2]}
    await leave(api.env, viewer(bert), names[0].id)
    both = await asyncio.gather(
        *(follow(api.env, viewer(bert), Address(each.id)) for each in names[2:]),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, InvalidInput) for each in both) == [False, True]


async def test_a_role_that_is_swapped_for_another_is_another_desk(api: Api) -> None:
    """Their versions may add up to the same."""
    anna, bert = await api.person("anna"), await api.person("bert")
    one, other = await light(api, anna, access="public"), await light(api, anna, access="public")
    me = AccountId(int(bert.id))
    await follow(api.env, viewer(bert), Address(one.id))
    before = (await find_desk_versions(api.env, [me]))[me]
    api.clock.move(milliseconds=1)
    await leave(api.env, viewer(bert), one.id)
    await follow(api.env, viewer(bert), Address(other.id))
    after = (await find_desk_versions(api.env, [me]))[me]
    assert (after.beacons, after.versions) == (before.beacons, before.versions)
    assert after != before


async def test_an_owner_invites_and_changes_and_the_invited_hear_of_it(api: Api) -> None:
    """[D2] Owners give roles for each beacon; updaters and subscribers give none (S069)."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna)
    for role in ("subscriber", "subscriber", "updater"):
        given = await give_role(api.env, viewer(anna), name, "@Bert", role)
        assert (given.username, given.role, given.via) == ("bert", role, "invited")
    assert [kind for kind, _ in await heard(api, bert.id)] == ["role", "role"]
    assert (await turn(api, bert, name, "shut")).beacon.value == "SHUT"
    assert (await crew(api, anna, name))["bert"] == ("updater", "invited")
    for verb in (
        give_role(api.env, viewer(bert), name, "bert", "updater"),
        take_role(api.env, viewer(bert), name, "anna"),
        beacon_links.create_link(api.env, viewer(bert), name),
        give_role(api.env, viewer(anna), name, "anna", "updater"),
        take_role(api.env, viewer(anna), name, "anna"),
    ):
        with pytest.raises(NotAllowed):
            await verb
    with pytest.raises(InvalidInput):
        await give_role(api.env, viewer(anna), name, "bert", "owner")
    with pytest.raises(NotFound):
        await take_role(api.env, viewer(anna), name, "nobody")


async def test_nobody_gets_a_role_across_a_block(api: Api) -> None:
    """A name behind a block is answered like one that nobody has, and a stranger learns nothing."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    name = await light(api, anna, access="public")
    await blocks.block_account(api.env, viewer(bert), viewer(anna).account_id)
    await blocks.block_account(api.env, viewer(anna), viewer(carl).account_id)
    answers: set[str] = set()
    for username in ("bert", "carl", "nobody", "no such\0name", "x" * 5000):
        with pytest.raises(InvalidInput) as refused:
            await give_role(api.env, viewer(anna), name, username, "updater")
        answers.add(f"{refused.value} {refused.value.field}")
    assert len(answers) == 1
    for who in (bert, carl):
        with pytest.raises(NotAllowed):
            await follow(api.env, viewer(who), Address(name.id))
    hidden = await light(api, anna)
    for username in ("anna", "nobody"):
        with pytest.raises(NotFound):
            await give_role(api.env, viewer(carl), hidden, username, "updater")


async def test_s068_whose_role_was_taken_gets_nothing_newer(api: Api) -> None:
    """S068: value, history, users, notices and settings of before are gone with the role."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna)
    await give_role(api.env, viewer(anna), name, "bert", "updater")
    await set_settings(api.env, viewer(bert), name, filters=[("to", "shut")])
    await turn(api, anna, name, "shut")
    assert await heard(api, bert.id) == [("role", ""), ("value", "SHUT")]
    version = (await look(api, anna, name)).beacon.version
    await take_role(api.env, viewer(anna), name, "bert")
    await turn(api, anna, name, "secret")
    assert (await look(api, anna, name)).beacon.version > version + 1
    assert await heard(api, bert.id) == []
    assert await api.env.db.one(FILTERS, name.id, int(bert.id)) == (0,)
    for verb in (
        beacons.see_own(api.env, viewer(bert), name),
        beacons.see_shared(api.env, viewer(bert).account_id, Address(name.id)),
        beacon_roles.see_settings(api.env, viewer(bert), name),
        set_settings(api.env, viewer(bert), name, notifies=True),
        leave(api.env, viewer(bert), name.id),
        turn(api, bert, name, "mine"),
    ):
        with pytest.raises(NotFound):
            await verb


async def test_everybody_with_a_role_chooses_what_they_hear(api: Api) -> None:
    """[D4] All changes on or off, and filters; only the one who is told decides."""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna, access="public")
    await follow(api.env, viewer(bert), Address(name.id))
    assert await beacon_roles.see_settings(api.env, viewer(bert), name) == (
        True,
        (),
    )
    filters = [("to", "shut "), ("from", "straße"), ("to", "SHUT")]
    chosen = await set_settings(api.env, viewer(bert), name, notifies=False, filters=filters)
    wanted = (BeaconFilter("to", "SHUT"), BeaconFilter("from", "STRASSE"))
    assert chosen == (False, wanted)
    for value in ("busy", "shut", "shut", "straße", "straße", "open"):
        await turn(api, anna, name, value)
    assert [value for _, value in await heard(api, bert.id)] == ["SHUT", "SHUT", "OPEN"]
    kept = await set_settings(api.env, viewer(bert), name, notifies=True)
    assert kept == (True, wanted)
    # The owner has settings too; somebody without a role has none.
    assert (await set_settings(api.env, viewer(anna), name, filters=[])).filters == ()
    with pytest.raises(NotAllowed):
        await set_settings(api.env, viewer(await api.person("carl")), name, notifies=True)


@pytest.mark.parametrize(
    "filters",
    [[("to", "")], [("to", "x" * 11)], [("to", "a\nb")], [("", "x")], [("to", "x")] * 21],
)
async def test_s094_filters_are_bounded(sqlite_api: Api, filters: list[tuple[str, str]]) -> None:
    anna = await sqlite_api.person("anna")
    name = await light(sqlite_api, anna)
    with pytest.raises(InvalidInput) as refused:
        await set_settings(sqlite_api.env, viewer(anna), name, filters=filters)
    assert refused.value.field == "filters"


async def test_the_list_of_users_is_for_whom_its_access_names(api: Api) -> None:
    """[R 3.6] `public`: whoever sees it; `private`: whoever has a role; `owner`: the owner."""
    people = [await api.person(name) for name in ("anna", "bert", "carl")]
    anna, bert = people[:2]
    name = await light(api, anna, access="public")
    await follow(api.env, viewer(bert), Address(name.id))
    for access, allowed in (("owner", [anna]), ("private", [anna, bert]), ("public", people)):
        form = BeaconForm(users_access=access)
        await beacons.change_beacon(api.env, viewer(anna), name, form)
        for who in people:
            seen = await beacons.see_shared(api.env, viewer(who).account_id, Address(name.id))
            if who in allowed:
                found = await beacon_roles.list_users(api.env, seen)
                assert [each.username for each in found] == ["anna", "bert"]
                (last,) = await beacon_roles.list_users(
                    api.env, seen, above=AccountId(int(anna.id)), limit=1
                )
                assert last.username == "bert"
            else:
                with pytest.raises(NotAllowed):
                    await beacon_roles.list_users(api.env, seen)


async def test_a_beacon_has_room_for_so_many(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BEACON_ROLES_MAX", 1)
    anna, bert, carl = [await sqlite_api.person(name) for name in ("anna", "bert", "carl")]
    name = await light(sqlite_api, anna, access="public")
    await follow(sqlite_api.env, viewer(bert), Address(name.id))
    with pytest.raises(InvalidInput, match="No more than 1 people"):
        await follow(sqlite_api.env, viewer(carl), Address(name.id))
    with pytest.raises(InvalidInput, match="No more than 1 people"):
        await give_role(sqlite_api.env, viewer(anna), name, "carl", "updater")
    # Whoever is there already can be promoted all the same.
    assert (await give_role(sqlite_api.env, viewer(anna), name, "bert", "updater")).role


async def test_s068_a_change_that_waits_while_the_role_is_taken_is_refused(
    postgres_api: Api,
) -> None:
    """S068: on PostgreSQL it waits for the beacon, and was read when there was a role still."""
    api = postgres_api
    anna, bert = await api.person("anna"), await api.person("bert")
    name = await light(api, anna)
    await give_role(api.env, viewer(anna), name, "bert", "updater")
    is_taken = asyncio.Event()

    async def take(tx: Transaction) -> None:
        await hold(api.env, tx, viewer(anna), name, "owner")
        await roles.remove(tx, name.id, viewer(bert).account_id)
        is_taken.set()
        await asyncio.sleep(0.2)

    taking = asyncio.create_task(api.env.db.write(take))
    await is_taken.wait()
    with pytest.raises(NotFound):
        await turn(api, bert, name, "mine")
    assert taking.done()
    await taking
    assert (await look(api, anna, name)).beacon.changes == 1


async def test_sixteen_who_come_and_go_at_once_are_counted_exactly(api: Api) -> None:
    """Each follows twice at the same time, half of them leave, while the value is being set."""
    anna = await api.person("anna")
    people = [await api.person(f"p{number}") for number in range(16)]
    name = await light(api, anna, access="public")
    address = Address(name.id)
    await asyncio.gather(
        *(follow(api.env, viewer(who), address) for who in people * 2),
        *(turn(api, anna, name, str(number)) for number in range(8)),
    )
    assert (await look(api, anna, name)).beacon.subscribers == 16
    await asyncio.gather(
        *(leave(api.env, viewer(who), name.id) for who in people[:8] * 2),
        *(take_role(api.env, viewer(anna), name, who.name) for who in people[8:12]),
        *(give_role(api.env, viewer(anna), name, who.name, "updater") for who in people[12:]),
        *(turn(api, anna, name, str(number)) for number in range(8)),
    )
    assert set(await crew(api, anna, name)) == {"anna", "p12", "p13", "p14", "p15"}
    view = await look(api, anna, name)
    history = await beacons.list_changes(api.env, view, limit=200)
    assert [each.number for each in history] == list(range(17, 0, -1))
