"""What stands around a status: its thread, its history, its source."""

from tests.contract.api import Api


async def test_sr18_sr20_order(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(anna, "root")
    first = await api.say(bert, "first", in_reply_to_id=root["id"])
    own = await api.say(anna, "own", in_reply_to_id=root["id"])
    deep = await api.say(bert, "deep", in_reply_to_id=own["id"])
    under_first = await api.say(anna, "under first", in_reply_to_id=first["id"])
    context = (await api.get(f"/api/v1/statuses/{root['id']}/context")).json
    assert context["ancestors"] == []
    assert [s["id"] for s in context["descendants"]] == [
        own["id"],
        first["id"],
        under_first["id"],
        deep["id"],
    ]
    middle = (await api.get(f"/api/v1/statuses/{deep['id']}/context", anna)).json
    assert [s["id"] for s in middle["ancestors"]] == [root["id"], own["id"]]
    assert middle["descendants"] == []


async def test_sr18_anonymous_limits(api: Api) -> None:
    anna = await api.person("anna")
    last = await api.say(anna, "0")
    root = last
    for number in range(1, 65):
        last = await api.say(anna, str(number), in_reply_to_id=last["id"])
    anonymous = (await api.get(f"/api/v1/statuses/{root['id']}/context")).json
    signed_in = (await api.get(f"/api/v1/statuses/{root['id']}/context", anna)).json
    assert (len(anonymous["descendants"]), len(signed_in["descendants"])) == (20, 64)
    above = (await api.get(f"/api/v1/statuses/{last['id']}/context")).json
    assert len(above["ancestors"]) == 40
    assert above["ancestors"][-1]["id"] == last["in_reply_to_id"]
    for number in range(65):
        await api.say(anna, f"wide {number}", in_reply_to_id=root["id"])
    wide = (await api.get(f"/api/v1/statuses/{root['id']}/context")).json
    assert len(wide["descendants"]) == 60


async def test_sr19_s048_what_a_thread_leaves_out(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    root = await api.say(anna, "root")
    hidden = await api.say(bert, "hidden @anna", in_reply_to_id=root["id"], visibility="private")
    below = await api.say(anna, "below", in_reply_to_id=hidden["id"])
    loud = await api.say(bert, "loud", in_reply_to_id=root["id"])
    path = f"/api/v1/statuses/{root['id']}/context"

    async def ids(who: object) -> list[str]:
        return [s["id"] for s in (await api.get(path, who)).json["descendants"]]  # pyright: ignore[reportArgumentType]

    assert await ids(anna) == [hidden["id"], below["id"], loud["id"]]
    assert await ids(cleo) == [below["id"], loud["id"]]
    assert await ids(None) == [below["id"], loud["id"]]
    await api.post(f"/api/v1/accounts/{bert.id}/mute", cleo)
    assert await ids(cleo) == [below["id"]]
    await api.post(f"/api/v1/accounts/{bert.id}/unmute", cleo)
    await api.post(f"/api/v1/accounts/{cleo.id}/block", bert)
    assert await ids(cleo) == [below["id"]]


async def test_sr8_sr9_sr14_sr15_sr16_edits(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "first @bert #one")
    path = f"/api/v1/statuses/{said['id']}"
    await api.post(f"{path}/reblog", cleo)
    unchanged = await api.call("PUT", path, anna, json={"status": "first @bert #one"})
    assert unchanged.json["edited_at"] is None
    assert len((await api.get(f"{path}/history")).json) == 1
    api.clock.move(seconds=5)
    edited = (await api.call("PUT", path, anna, json={"status": "second @cleo #two"})).json
    assert edited["edited_at"] is not None
    assert [tag["name"] for tag in edited["tags"]] == ["two"]
    assert [mention["acct"] for mention in edited["mentions"]] == ["cleo"]
    history = (await api.get(f"{path}/history", bert)).json
    assert ["first" in entry["content"] for entry in history] == [True, False]
    assert history[0]["account"]["acct"] == "anna"
    told = (await api.get("/api/v1/notifications", cleo)).json
    assert {notice["type"] for notice in told} == {"mention", "update"}
    assert (await api.get("/api/v1/timelines/tag/one")).json == []
    assert len((await api.get("/api/v1/timelines/tag/two")).json) == 1
    assert (await api.call("PUT", path, anna, json={"status": ""})).status == 422
    boost = (await api.post(f"{path}/reblog", anna)).json
    assert (await api.call("PUT", f"/api/v1/statuses/{boost['id']}", anna)).status == 404


async def test_two_edits_in_one_moment_keep_both_wordings(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "one")
    path = f"/api/v1/statuses/{said['id']}"
    for words in ("two", "three", "four"):
        await api.call("PUT", path, anna, json={"status": words})
    history = (await api.get(f"{path}/history")).json
    assert [entry["content"] for entry in history] == [
        f"<p>{words}</p>" for words in ("one", "two", "three", "four")
    ]


async def test_sr17_source(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "plain <text>", spoiler_text="careful", visibility="private")
    path = f"/api/v1/statuses/{said['id']}/source"
    assert (await api.get(path, anna)).json == {
        "id": said["id"],
        "text": "plain <text>",
        "spoiler_text": "careful",
    }
    assert (await api.get(path)).status == 401
    assert (await api.get(path, bert)).status == 404
    await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
    assert (await api.get(path, bert)).status == 200
