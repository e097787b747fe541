"""Markers: kept, only moving on, and nobody else's."""

from tests.contract.api import Api

MARKERS = "/api/v1/markers"
BOTH = f"{MARKERS}?timeline[]=home&timeline[]=notifications"


async def test_a_marker_is_kept_and_moves_on(api: Api) -> None:
    """[MA1] [MA2]"""
    anna = await api.person("anna")
    assert (await api.get(BOTH, anna)).json == {}
    first = await api.post(MARKERS, anna, form={"home[last_read_id]": "100"})
    assert first.status == 200
    home = first.json["home"]
    assert list(first.json) == ["home"]
    assert home["last_read_id"] == "100"
    assert home["updated_at"].endswith("Z")

    api.clock.move(seconds=5)
    both = {"home": {"last_read_id": "200"}, "notifications": {"last_read_id": 7}}
    second = (await api.post(MARKERS, anna, json=both)).json
    assert second["home"]["last_read_id"] == "200"
    assert second["home"]["version"] == home["version"] + 1
    assert second["home"]["updated_at"] > home["updated_at"]
    assert second["notifications"]["last_read_id"] == "7"
    assert (await api.get(BOTH, anna)).json == second


async def test_only_the_timelines_that_are_asked_for_are_given(api: Api) -> None:
    """[MA1]"""
    anna = await api.person("anna")
    both = {"home": {"last_read_id": "2"}, "notifications": {"last_read_id": "3"}}
    await api.post(MARKERS, anna, json=both)
    for query, names in (
        ("?timeline[]=home", {"home"}),
        ("?timeline=notifications", {"notifications"}),
        ("?timeline[]=home&timeline[]=public", {"home"}),
        ("?timeline[]=public", set()),
        ("", set()),
    ):
        reply = await api.get(f"{MARKERS}{query}", anna)
        assert reply.status == 200
        assert set(reply.json) == names, query
    assert (await api.post(MARKERS, anna, json={})).json == {}
    assert (await api.post(MARKERS, anna, json={"public": {"last_read_id": "1"}})).json == {}


async def test_a_marker_does_not_go_back(api: Api) -> None:
    anna = await api.person("anna")
    await api.post(MARKERS, anna, json={"home": {"last_read_id": "200"}})
    here = (await api.get(BOTH, anna)).json
    behind = await api.post(MARKERS, anna, json={"home": {"last_read_id": "100"}})
    assert behind.status == 200
    assert behind.json == here
    again = await api.post(MARKERS, anna, json={"home": {"last_read_id": "200"}})
    assert again.json["home"]["last_read_id"] == "200"


async def test_a_lost_race_is_told_and_moves_nothing(api: Api) -> None:
    """[MA2]: of two devices that saw the same version, the second one hears of it."""
    anna = await api.person("anna")
    seen = (await api.post(MARKERS, anna, json={"home": {"last_read_id": "100"}})).json["home"]
    moved = {"last_read_id": "200", "version": seen["version"]}
    assert (await api.post(MARKERS, anna, json={"home": moved})).status == 200

    late = {"last_read_id": "300", "version": seen["version"]}
    both = {"home": late, "notifications": {"last_read_id": "5"}}
    reply = await api.post(MARKERS, anna, json=both)
    assert reply.status == 409
    assert reply.json == {"error": "Conflict during update, please try again"}
    now = (await api.get(BOTH, anna)).json
    assert list(now) == ["home"]
    assert now["home"]["last_read_id"] == "200"


async def test_what_is_no_id_is_refused(api: Api) -> None:
    """S081 S086 S087"""
    anna = await api.person("anna")
    for wrong in (
        {"last_read_id": "nonsense"},
        {"last_read_id": -1},
        {"last_read_id": "9" * 400},
        {"last_read_id": ["1", "2"]},
        {"last_read_id": None},
        {"last_read_id": "1", "version": "x"},
        {},
        ["1"],
        "1",
    ):
        reply = await api.post(MARKERS, anna, json={"home": wrong})
        assert reply.status == 422, wrong
    assert (await api.get(BOTH, anna)).json == {}
    many = "&".join("timeline[]=home" for _ in range(100))
    assert (await api.get(f"{MARKERS}?{many}", anna)).status == 422


async def test_markers_belong_to_their_owner_and_to_their_scopes(api: Api) -> None:
    """S038"""
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.post(MARKERS, anna, json={"home": {"last_read_id": "100"}})
    assert (await api.get(BOTH, bert)).json == {}
    await api.post(MARKERS, bert, json={"home": {"last_read_id": "900"}})
    assert (await api.get(BOTH, anna)).json["home"]["last_read_id"] == "100"

    reads = await api.token("anna", "read:statuses")
    writes = await api.token("anna", "write:statuses")
    assert (await api.get(BOTH, reads)).status == 200
    assert (await api.get(BOTH, writes)).status == 403
    sent = {"home": {"last_read_id": "101"}}
    assert (await api.post(MARKERS, reads, json=sent)).status == 403
    assert (await api.post(MARKERS, writes, json=sent)).status == 200
    assert (await api.get(BOTH)).status == 401
    assert (await api.post(MARKERS, json=sent)).status == 401
